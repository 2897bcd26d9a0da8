"""The files of one surface: raster, QGIS style, table of cells."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from scr.errors import MaskError
from scr.maps.figures.scales import Limits
from scr.maps.grid import grid_of
from scr.maps.results.qgis_style import write_surface_style
from scr.maps.results.rasters import write_raster
from scr.maps.results.tables import write_csv
from scr.posterior.surface import Surface


def write_surface(
    surface: Surface,
    path: Path,
    *,
    columns: Sequence[str] | None = None,
    banner: str | None = None,
    limits: Mapping[str, Limits] | None = None,
) -> list[Path]:
    """A surface as GeoTIFF with a QGIS style beside it, and as a table of cells.

    Parameters
    ----------
    surface
        What to write.
    path
        The GeoTIFF; the others have its name with another ending.
    columns
        Columns of the surface, its headline among them; summary and support if left out.
    banner
        Text kept in raster and table, such as ``"SIMULATED"``.
    limits
        Of the colours of each quantity, from ``common_limits``; those of this surface if left out.

    Returns
    -------
    list
        The files. There is no raster where the cells lie on no lattice along the axes.
    """
    columns = list(surface.table.columns if columns is None else columns)
    files = [write_csv(cell_table(surface, columns), path.with_suffix(".csv"), banner=banner)]
    try:
        grid_of(surface.mask)
    except MaskError:
        return files
    raster = write_raster(surface, path, columns=columns, banner=banner)
    band = columns.index(surface.headline) + 1
    return [raster, write_surface_style(surface, raster, band=band, limits=limits), *files]


def cell_table(surface: Surface, columns: Sequence[str]) -> pd.DataFrame:
    """One row per cell: its place, its area, and columns of a surface.

    Parameters
    ----------
    surface
        The surface.
    columns
        Columns of its summary and support.

    Returns
    -------
    DataFrame
        Columns x and y (metres, middle of the cell), area_km2, and those asked for.
    """
    cells = pd.DataFrame(surface.mask.xy, columns=["x", "y"])
    return cells.assign(area_km2=surface.mask.cell_area).join(surface.table[list(columns)])
