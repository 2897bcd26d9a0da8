"""The one door for rasters: files of this machine, of a few formats, that lead nowhere else."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

from scr.errors import MaskError
from scr.io.local_files import beginning, local_file, what_it_is

FORMATS = "GeoTIFF, Erdas Imagine (.img), netCDF, ESRI ASCII grid, EHdr, SAGA and R raster (.grd)"
"""The formats that are opened, in words."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BY_BEGINNING = MappingProxyType(
    {
        **dict.fromkeys(_TIFF, "GTiff"),
        b"EHFA_HEADER_TAG": "HFA",
        b"CDF\x01": "netCDF",
        b"CDF\x02": "netCDF",
        b"CDF\x05": "netCDF",
        b"\x89HDF\r\n\x1a\n": "netCDF",
    }
)
_BY_ENDING = MappingProxyType(
    {
        **dict.fromkeys((".bil", ".bip", ".bsq", ".flt"), "EHdr"),
        ".sdat": "SAGA",
        ".sgrd": "SAGA",
        ".grd": "RRASTER",
    }
)
_GRID_WORDS = (b"ncols", b"nrows", b"xll", b"yll", b"cellsize", b"dx")
_BESIDE = (".ovr", ".msk")
_MOST_BLOCK_BYTES = 400_000_000
# Were a file to lead elsewhere all the same, it would lead to nothing.
_NO_NETWORK = MappingProxyType(
    {
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
        "GDAL_HTTP_PROXY": "127.0.0.1:1",
        "GDAL_HTTPS_PROXY": "127.0.0.1:1",
        "GDAL_HTTP_MAX_RETRY": "0",
    }
)


@contextmanager
def open_raster(path: str | Path) -> Iterator[rasterio.DatasetReader]:
    """A raster to be read, that no other file or address stands behind.

    Parameters
    ----------
    path
        A file of one of the formats in ``FORMATS``.

    Raises
    ------
    MaskError
        If there is no such file, it cannot be read, it is of another format, its pixels are packed
        in blocks too large to unpack, or it or a file beside it leads to other files or addresses.
    """
    whole = local_file(path, MaskError)
    driver = _driver(whole)
    _check_beside(whole)
    with rasterio.Env(**_NO_NETWORK), _opened(whole, driver) as dataset:
        _check_overviews(dataset, whole)
        _check_blocks(dataset, whole)
        yield dataset


def _driver(path: Path) -> str:
    head = beginning(path)
    for mark, driver in _BY_BEGINNING.items():
        if head.startswith(mark):
            return driver
    if head.lstrip().lower().startswith(_GRID_WORDS):
        return "AAIGrid"
    ending = path.suffix.lower()
    if ending in _BY_ENDING and not what_it_is(head):
        return _BY_ENDING[ending]
    why = what_it_is(head) or "its first bytes are of none of the formats that are read"
    msg = f"{path.name} cannot be read as a raster: {why}. Give a GeoTIFF. Read are {FORMATS}."
    raise MaskError(msg, kind="unreadable raster", source=path.name)


@contextmanager
def _opened(path: Path, driver: str) -> Iterator[rasterio.DatasetReader]:
    try:
        with warnings.catch_warnings():
            # A raster without a place is an error of ours, with a remedy.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path, driver=driver)
    except RasterioIOError as error:
        msg = f"{path.name} cannot be read as a raster ({error}). Give a GeoTIFF."
        raise MaskError(msg, kind="unreadable raster", source=path.name) from error
    with dataset:
        yield dataset


def _check_beside(path: Path) -> None:
    """Files beside a raster that hold its coarser copies and its mask are rasters themselves."""
    for ending in _BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.is_file() and not beginning(beside).startswith(_TIFF):
            msg = (
                f"{beside.name}, beside {path.name}, is no TIFF and may lead to other files. "
                "Delete it, or make it again (gdaladdo makes .ovr files)."
            )
            raise MaskError(msg, kind="file beside a raster", source=beside.name)


def _check_overviews(dataset: rasterio.DatasetReader, path: Path) -> None:
    bands = (0, *dataset.indexes)
    found = [dataset.tags(band, ns="OVERVIEWS").get("OVERVIEW_FILE") for band in bands]
    named = [name for name in found if name]
    if named:
        msg = (
            f"{path.name}, or {path.name}.aux.xml beside it, names {named[0]!r} as the place of "
            "its coarser copies, which is not opened. Delete the .aux.xml file, or save the raster "
            "anew as GeoTIFF."
        )
        raise MaskError(msg, kind="raster that leads elsewhere", source=path.name)


def _check_blocks(dataset: rasterio.DatasetReader, path: Path) -> None:
    """A block is unpacked whole, however few of its pixels are asked for."""
    largest = max(
        (
            rows * columns * np.dtype(kind).itemsize
            for (rows, columns), kind in zip(dataset.block_shapes, dataset.dtypes, strict=True)
        ),
        default=0,
    )
    if largest > _MOST_BLOCK_BYTES:
        msg = (
            f"{path.name} is packed in blocks of {largest / 1e6:,.0f} MB, and blocks of up to "
            f"{_MOST_BLOCK_BYTES / 1e6:,.0f} MB are unpacked. Check that it is the right file, and "
            "save it again in tiles (gdal_translate -co TILED=YES -co COMPRESS=DEFLATE)."
        )
        raise MaskError(msg, kind="file too large", source=path.name)
