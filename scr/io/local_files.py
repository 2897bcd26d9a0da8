"""Files of this machine: an address, a database or a file within an archive is none."""

import re
from pathlib import Path

from scr.errors import ScrError

_ADDRESS = re.compile(r"(?i)^(?:[a-z][a-z0-9+.-]*:/?/|[\\/]vsi|[a-z][a-z0-9_]+:)")


def local_file(path: str | Path, error: type[ScrError]) -> Path:
    """The whole path of a file that is there.

    Parameters
    ----------
    path
        Its name.
    error
        Class of the errors raised.

    Raises
    ------
    ScrError
        If there is no such file, or it is an address.
    """
    if Path(path).exists():
        # A whole path is never taken for the name of a database or a part of another file.
        return Path(path).absolute()
    if _ADDRESS.match(str(path)):
        msg = (
            f"{path} is an address and not a file. Nothing is opened over a network or within an "
            "archive: download or unpack it, and name the file."
        )
        raise error(msg, kind="address", source=str(path))
    msg = f"{path} does not exist. Check the name and the folder it is looked for in."
    raise error(msg)


def beginning(path: Path, length: int = 1024) -> bytes:
    """The first bytes of a file, by which its format is told; none of a folder.

    Parameters
    ----------
    path
        A file that is there.
    length
        How many.
    """
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(length)


def what_it_is(head: bytes) -> str:
    """Words for a file that is refused, where its first bytes tell what it is.

    Parameters
    ----------
    head
        The beginning of the file.
    """
    text = head.decode("latin-1")
    for mark, words in _KINDS.items():
        if mark in text:
            return words
    return ""


_KINDS = {
    "<VRTDataset": "it is a list of other rasters (VRT); make one raster of it with gdal_translate",
    "<GDAL_WMS": "it describes a map service and holds no data; save the area as a GeoTIFF",
    "<WCS_GDAL": "it describes a map service and holds no data; save the area as a GeoTIFF",
    "<GDAL_WMTS": "it describes a map service and holds no data; save the area as a GeoTIFF",
    "<OGRVRTDataSource": "it is a list of other layers (VRT); save the layer itself",
    "<OGRWFSDataSource": "it describes a map service and holds no data; save the layer itself",
    "gdal_streamed_alg": "it is a list of commands (GDALG); save the layer itself",
    "PK\x03\x04": "it is a zip archive; unpack it and name the file in it",
    "<gml:": "GML is not read",
    "<kml": "it is KML by another name; give it the ending .kml",
    "<gpx": "it is GPX; give it the ending .gpx, where stations are read",
}
