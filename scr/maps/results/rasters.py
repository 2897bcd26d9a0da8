"""Surfaces as GeoTIFF."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scr.io.rasters import write_geotiff
from scr.maps.grid import grid_of
from scr.posterior.surface import ABOVE, SUPPORT_COLUMNS, Surface


def write_raster(
    surface: Surface,
    path: str | Path,
    *,
    columns: Sequence[str] | None = None,
    banner: str | None = None,
) -> Path:
    """A surface as a Cloud Optimised GeoTIFF, one band a column, written whole or not at all.

    Parameters
    ----------
    surface
        Cells on a lattice along the axes.
    path
        File to write; its folder must exist.
    columns
        Columns of the surface, in the order of the bands; summary and support if left out.
    banner
        Text kept as a tag, such as ``"SIMULATED"``.

    Returns
    -------
    Path
        The file. Cells outside the mask are NaN, declared as no data. Tags: ESTIMAND, UNITS,
        METHOD, SESSION, DRAWS, SOFTWARE and BANNER.

    Raises
    ------
    MaskError
        If the cells do not lie on one lattice, or the folder does not exist.
    """
    grid = grid_of(surface.mask)
    table = surface.table
    columns = list(table.columns) if columns is None else columns
    tags = {
        "ESTIMAND": surface.estimand,
        "UNITS": surface.unit,
        "METHOD": surface.method,
        "DRAWS": str(surface.n_draws),
        "SOFTWARE": "scr",
    }
    if surface.session is not None:
        tags["SESSION"] = surface.session
    if banner is not None:
        tags["BANNER"] = banner
    return write_geotiff(
        path,
        {name: grid.filled(table[name].to_numpy(dtype=np.float64)) for name in columns},
        transform=grid.transform,
        crs=surface.mask.crs,
        units={name: _unit(surface, name) for name in columns},
        tags=tags,
    )


def _unit(surface: Surface, column: str) -> str:
    plain = column in {"cv", *SUPPORT_COLUMNS} or column.startswith(ABOVE)
    return "1" if plain else surface.unit
