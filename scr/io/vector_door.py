"""The one door for layers: files of this machine, of three formats, that lead nowhere else."""

import sqlite3
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio

from scr.io.geojson import read_geojson
from scr.io.local_files import beginning, what_it_is

_SHAPEFILE = b"\0\0\x27\x0a"
_SQLITE = b"SQLite format 3\0"


def open_layers(path: Path) -> tuple[gpd.GeoDataFrame, Sequence[str]]:
    """The first layer of a file, and the names of all that have a geometry.

    What a file is, is told by its first bytes, so that no other format is ever tried.

    Parameters
    ----------
    path
        A whole path of a GeoPackage, GeoJSON or Shapefile.

    Raises
    ------
    ValueError
        Saying why the file is refused.
    """
    head = beginning(path)
    if head.startswith(_SQLITE):
        _check_package(path)
    elif head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return read_geojson(path), [path.stem]
    elif not head.startswith(_SHAPEFILE):
        why = what_it_is(head) or "its first bytes are of none of these formats"
        raise ValueError(why)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's own remarks on files that it reads all the same
        layers = pyogrio.list_layers(path)
        spatial = [str(layer) for layer, kind in layers if kind is not None]
        frame = gpd.read_file(path, engine="pyogrio", layer=spatial[0] if spatial else None)
    return frame, spatial


def _check_package(path: Path) -> None:
    """Raise where a GeoPackage holds tables that are worked out, by whatever code, when read."""
    address = f"{path.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as package:
        found = package.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    views = [name for kind, name, _ in found if kind == "view"]
    virtual = [
        name
        for _, name, sql in found
        if "virtual" in str(sql).lower().split() and "rtree" not in str(sql).lower()
    ]
    if views or virtual:
        listed = ", ".join(map(str, [*views, *virtual][:5]))
        msg = (
            f"it holds views or virtual tables ({listed}), which are worked out when they are "
            "read; save the layer alone to a new GeoPackage"
        )
        raise ValueError(msg)
