"""Rasters: one band in, one GeoTIFF out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioIOError
from rasterio.io import MemoryFile
from rasterio.windows import Window, from_bounds

from scr.errors import MaskError
from scr.io.classes import seen_as_classes, told_as_classes
from scr.io.crs import LOCAL, crs_text
from scr.io.nodata import averaged_with, code_text, undeclared_code
from scr.io.raster_door import open_raster
from scr.io.whole_files import write_bytes

type Nodata = float | Sequence[float] | None
"""What means no data: a value, several, or what the file declares; NaN: all others are data."""

_MARGIN_PIXELS = 2
_MOST_PIXELS = 150_000_000


@dataclass(frozen=True, eq=False)
class RasterBand:
    """One band of a raster, or the part of it that was asked for.

    Parameters
    ----------
    values
        Values with scale and offset applied, NaN where there is no data, north up,
        shape (n_rows, n_columns).
    transform
        From (column, row) to coordinates; no rotation.
    crs
        Coordinate system, geographic or projected; None if the file names none.
    source
        File name and band, used in messages.
    classes
        Why the values look like codes of classes, as in ``"has a colour table"``; else empty.
    """

    values: NDArray[np.float64]
    transform: Affine
    crs: str | None
    source: str
    classes: str = ""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge in the raster's coordinates."""
        n_rows, n_columns = self.values.shape
        west, north = self.transform.c, self.transform.f
        return west, north + n_rows * self.transform.e, west + n_columns * self.transform.a, north


@dataclass(frozen=True)
class RasterPlace:
    """Where a raster lies.

    Parameters
    ----------
    crs
        Coordinate system, geographic or projected; None if the file names none.
    bounds
        West, south, east and north edge in its coordinates.
    """

    crs: str | None
    bounds: tuple[float, float, float, float]


def raster_place(path: str | Path) -> RasterPlace:
    """Where a raster lies, without reading its values.

    Parameters
    ----------
    path
        A GeoTIFF, or another of ``raster_door.FORMATS``.

    Raises
    ------
    MaskError
        If the file cannot be read, is rotated or has no place on the map.
    """
    with open_raster(path) as dataset:
        _check_grid(dataset, Path(path).name)
        west, east = sorted((dataset.bounds.left, dataset.bounds.right))
        south, north = sorted((dataset.bounds.bottom, dataset.bounds.top))
        return RasterPlace(crs=crs_text(dataset.crs), bounds=(west, south, east, north))


def read_band(
    path: str | Path,
    *,
    band: int = 1,
    bounds: tuple[float, float, float, float] | None = None,
    nodata: Nodata = None,
) -> RasterBand:
    """One band as numbers, with what is not data as NaN.

    Parameters
    ----------
    path
        A GeoTIFF, or another of ``raster_door.FORMATS``.
    band
        Number of the band, from 1.
    bounds
        West, south, east, north in the raster's own coordinates: only this part, with two pixels
        around it, is read. All if left out.
    nodata
        Value that means no data, or several, where the file does not say so; NaN says that every
        other value is data. Left out, the file's own, and a suspect value is an error.

    Raises
    ------
    MaskError
        If the file cannot be read, has no such band, is rotated, does not meet ``bounds``, has
        more than 150 million pixels there, or holds a value such as -9999 that stands apart and
        is not declared as nodata, or that was averaged into others.
    """
    with open_raster(path) as dataset:
        source = f"{Path(path).name}, band {band}"
        if not 1 <= band <= dataset.count:
            msg = (
                f"{Path(path).name} has {dataset.count} bands, but band {band} was asked for. "
                "Bands are counted from 1."
            )
            raise MaskError(msg, kind="no such band", source=Path(path).name)
        _check_grid(dataset, source)
        window = _window(dataset, bounds, source)
        if window.width * window.height > _MOST_PIXELS:
            msg = (
                f"{source}: {window.width * window.height:,} pixels lie round the area asked for, "
                f"more than the {_MOST_PIXELS:,} that are read at once. Make a coarser raster "
                "first (gdalwarp -tr with -r average, or -r mode for classes)."
            )
            raise MaskError(msg)
        raw = _numbers(dataset, band, window=window, source=source)
        scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
        _check_codes(raw, nodata, source)
        classes = told_as_classes(dataset, band)
        if not classes and (scale, offset) == (1.0, 0.0):
            whole = np.issubdtype(np.dtype(dataset.dtypes[band - 1]), np.integer)
            classes = seen_as_classes(raw, whole=whole)
        values = raw if (scale, offset) == (1.0, 0.0) else _scaled(raw, scale, offset, source)
        placed = dataset.window_transform(window)
        crs = crs_text(dataset.crs)
    if placed.e > 0:  # south up
        values = values[::-1]
        placed = Affine(placed.a, 0.0, placed.c, 0.0, -placed.e, placed.f + placed.e * len(values))
    return RasterBand(
        values=np.ascontiguousarray(values),
        transform=placed,
        crs=crs,
        source=source,
        classes=classes,
    )


def _numbers(
    dataset: rasterio.DatasetReader, band: int, *, window: Window, source: str
) -> NDArray[np.float64]:
    """Pixels of a band as they stand in the file, NaN where it declares no data."""
    kind = dataset.dtypes[band - 1]
    if kind.startswith("complex"):
        msg = (
            f"{source} holds complex numbers. Save their real part, or another band, and use that."
        )
        raise MaskError(msg, kind="complex raster", source=source.partition(",")[0])
    try:
        masked = dataset.read(band, window=window, masked=True)
    except RasterioIOError as fault:
        msg = (
            f"{source}: some of its pixels cannot be read ({fault.__cause__ or fault}). The file "
            "is damaged or cut short: copy or download it again."
        )
        raise MaskError(msg, kind="damaged raster", source=source.partition(",")[0]) from fault
    with np.errstate(invalid="ignore"):
        raw = np.ma.filled(masked.astype(np.float64), np.nan)
    raw[~np.isfinite(raw)] = np.nan
    return np.asarray(raw, dtype=np.float64)


def _scaled(
    raw: NDArray[np.float64], scale: float, offset: float, source: str
) -> NDArray[np.float64]:
    """Pixels in the unit that the file says, by its scale and offset."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = raw * scale + offset
    if scale == 0 or not np.isfinite(values[np.isfinite(raw)]).all():
        msg = (
            f"{source}: with its scale of {scale:g} and offset of {offset:g} the values make no "
            "sense. Correct them in the file (gdal_edit -scale 1 -offset 0 takes them out)."
        )
        raise MaskError(msg, kind="scale of a raster", source=source.partition(",")[0])
    return values


def _check_grid(dataset: rasterio.DatasetReader, source: str) -> None:
    transform = dataset.transform
    if abs(transform.b) > 1e-9 * abs(transform.a) or abs(transform.d) > 1e-9 * abs(transform.e):
        msg = (
            f"{source}: the raster is rotated against its coordinate axes. "
            "Warp it to a raster along the axes (gdalwarp does) and use that."
        )
        raise MaskError(msg)
    if transform == Affine.identity():
        msg = f"{source} has no place on the map. Save it with its extent and CRS."
        raise MaskError(msg)


def _window(
    dataset: rasterio.DatasetReader,
    bounds: tuple[float, float, float, float] | None,
    source: str,
) -> Window:
    """The part of the raster that covers ``bounds``, in whole pixels, with a margin."""
    whole = Window(0, 0, dataset.width, dataset.height)
    if bounds is None:
        return whole
    west, south, east, north = bounds
    if dataset.transform.e > 0:
        south, north = north, south
    asked = from_bounds(west, south, east, north, transform=dataset.transform)
    first_column = max(int(np.floor(asked.col_off)) - _MARGIN_PIXELS, 0)
    first_row = max(int(np.floor(asked.row_off)) - _MARGIN_PIXELS, 0)
    last_column = min(int(np.ceil(asked.col_off + asked.width)) + _MARGIN_PIXELS, dataset.width)
    last_row = min(int(np.ceil(asked.row_off + asked.height)) + _MARGIN_PIXELS, dataset.height)
    if last_column <= first_column or last_row <= first_row:
        own = ", ".join(f"{edge:.6g}" for edge in dataset.bounds)
        wanted = ", ".join(f"{edge:.6g}" for edge in bounds)
        msg = (
            f"{source} does not overlap the area asked for: it covers {own} "
            f"(west, south, east, north), needed is {wanted}. Use a raster of the study area, "
            "and check that its coordinate system is named rightly in the file."
        )
        raise MaskError(msg)
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)


def _check_codes(raw: NDArray[np.float64], nodata: Nodata, source: str) -> None:
    """Take out what means no data; raise where more seems to."""
    codes = np.atleast_1d(np.array([] if nodata is None else nodata, dtype=np.float64))
    for code in codes[np.isfinite(codes)]:
        raw[np.isclose(raw, code, rtol=1e-6, atol=0.0)] = np.nan
    if np.isnan(codes).any():
        return
    found = undeclared_code(raw)
    for code in (*codes, *([] if found is None else [found])):
        _check_averaged(raw, code, source)
    if found is not None:
        msg = _undeclared(raw, found, [*codes, found], source=source)
        raise MaskError(msg, kind="undeclared nodata", source=source.partition(",")[0])


def _undeclared(raw: NDArray[np.float64], code: float, codes: list[float], *, source: str) -> str:
    """What to say of a value that looks like a code for no data."""
    rest = raw[np.isfinite(raw) & (raw != code)]
    others = f"the rest ({rest.min():.6g} to {rest.max():.6g})" if rest.size else "anything real"
    listed = ", ".join(map(code_text, codes))
    given, true = (
        (f"[{listed}]", f"[{', '.join(map(code_text, codes[:-1]))}, nan]")
        if len(codes) > 1
        else (listed, "nan")
    )
    return (
        f"{source}: the value {code_text(code)} in {int((raw == code).sum())} pixels stands apart "
        f"from {others} and looks like a code for no data that the file does not declare. "
        f"Declare it in the file, or give nodata={given}; nodata={true} if it is a true value."
    )


def _check_averaged(raw: NDArray[np.float64], code: float, source: str) -> None:
    """Raise where a code for no data was averaged into other values."""
    averaged = averaged_with(raw, code)
    if not averaged.any():
        return
    low, high = raw[averaged].min(), raw[averaged].max()
    rest = raw[np.isfinite(raw) & (raw != code) & ~averaged]
    named = code_text(code)
    msg = (
        f"{source}: {int(averaged.sum())} pixels lie between {named}, a code for no data, and the "
        f"rest ({rest.min():.6g} to {rest.max():.6g}): {low:.6g} to {high:.6g}. The code was "
        "averaged into them when the raster was resampled. Resample the original again with its "
        f"code declared (gdalwarp -srcnodata {named}), or give nodata=nan if all values are true."
    )
    raise MaskError(msg, kind="averaged nodata", source=source.partition(",")[0])


def write_geotiff(
    path: str | Path,
    bands: Mapping[str, NDArray[np.float64]],
    *,
    transform: Affine,
    crs: str,
    units: str | Mapping[str, str],
    nodata: float = float("nan"),
    tags: Mapping[str, str] | None = None,
) -> Path:
    """A Cloud Optimised GeoTIFF, written whole or not at all.

    Parameters
    ----------
    path
        File to write; an older one is replaced only once the new one is complete.
    bands
        Band name to values, north up, each of shape (n_rows, n_columns).
    transform
        From (column, row) to coordinates, metres.
    crs
        Coordinate system; with ``"local"`` none is written, and a tag says so.
    units
        Unit of the values: one for all bands, or one by band name.
    nodata
        Value that marks cells outside the mask.
    tags
        Further facts, such as the estimand, kept in the file.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    MaskError
        If there is no band, shapes disagree, or the folder does not exist.
    """
    target = Path(path)
    shapes = {np.shape(values) for values in bands.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        msg = (
            f"{target.name} needs at least one band, all of one shape (n_rows, n_columns); "
            f"found {', '.join(map(str, sorted(shapes))) or 'no band'}."
        )
        raise MaskError(msg)
    if not target.parent.is_dir():
        msg = f"The folder {target.parent} of {target.name} does not exist. Make it first."
        raise MaskError(msg)
    n_rows, n_columns = next(iter(shapes))
    profile = {
        "driver": "COG",
        "width": n_columns,
        "height": n_rows,
        "count": len(bands),
        "dtype": "float64",
        "transform": transform,
        "crs": None if crs == LOCAL else crs,
        "nodata": nodata,
        "compress": "deflate",
        "overview_resampling": "average",
    }
    with MemoryFile() as content:
        with content.open(**profile) as dataset:
            for i, values in enumerate(bands.values(), start=1):
                dataset.write(np.asarray(values, dtype=np.float64), i)
            dataset.descriptions = tuple(bands)
            dataset.units = tuple(units if isinstance(units, str) else units[b] for b in bands)
            facts = {"COORDINATES": "planar metres without a place"} if crs == LOCAL else {}
            dataset.update_tags(**facts, **(tags or {}))
        return write_bytes(target, content.read())
