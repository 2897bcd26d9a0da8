"""Surfaces as netCDF, after the CF conventions."""

from collections.abc import Mapping
from pathlib import Path
from re import sub

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.io.crs import LOCAL
from scr.io.whole_files import write_bytes
from scr.maps.figures.shading import COLUMN_WORDS
from scr.maps.grid import Grid, grid_of
from scr.posterior.surface import ABOVE, Surface
from scr.units import REPORTED_DENSITY

CF_UNITS = {REPORTED_DENSITY: "0.01 km-2"}
"""Units as UDUNITS reads them: one animal per 100 km2 is 0.01 per km2."""

_DIMENSIONLESS = {
    "cv": "coefficient of variation",
    "p_dot": "probability that an animal living there was detected",
    "p_decline": "probability of decline",
    "extrapolated": "1 where a covariate of density is outside the range seen near traps, else 0",
}


def write_netcdf(
    surfaces: Mapping[str, Surface],
    path: str | Path,
    *,
    columns: tuple[str, ...] | None = None,
    title: str | None = None,
    banner: str | None = None,
) -> Path:
    """Surfaces as one netCDF file, written whole or not at all.

    Parameters
    ----------
    surfaces
        Surfaces of one coordinate system by the start of the names of their variables, such as
        ``expected_density``. Their cells may differ; cells that one does not have are NaN.
    path
        File to write.
    columns
        Columns of the surfaces, such as ``median``; summary and support if left out.
    title
        Name of the survey.
    banner
        Text kept as the attribute ``comment``, such as ``"SIMULATED"``.

    Returns
    -------
    Path
        The file: a variable for each surface and column, ``expected_density_q2_5`` say, over
        (y, x) where all cells lie on one lattice along the axes, else over (cell). Each has units,
        long_name, estimand and grid_mapping.
    """
    masks = [surface.mask for surface in surfaces.values()]
    everywhere = _union(masks)
    try:
        grid: Grid | None = grid_of(everywhere)
    except MaskError:
        grid = None
    data = _coordinates(everywhere, grid)
    for name, surface in surfaces.items():
        rows = _rows_of(surface.mask, everywhere)
        for column in surface.table.columns if columns is None else columns:
            values = np.full(len(everywhere), np.nan)
            values[rows] = surface.table[column].to_numpy(dtype=np.float64)
            filled = values if grid is None else grid.filled(values)
            dims = ("cell",) if grid is None else ("y", "x")
            data[variable_name(f"{name}_{column}")] = (dims, filled, _attributes(surface, column))
    attributes = {
        "Conventions": "CF-1.10",
        "title": title or "Spatial capture-recapture surfaces",
        "source": "scr",
    }
    if banner is not None:
        attributes["comment"] = banner
    packed = {
        name: {"zlib": True, "_FillValue": np.nan} for name in data.data_vars if name != "crs"
    }
    stamped = data.assign_attrs(attributes)
    return write_bytes(path, stamped.to_netcdf(engine="h5netcdf", encoding=packed))


def variable_name(text: str) -> str:
    """A name as the CF conventions like it: letters, figures and underscores.

    Parameters
    ----------
    text
        Any text.

    Examples
    --------
    >>> variable_name("expected_density_q2.5")
    'expected_density_q2_5'
    """
    return sub(r"\W", "_", text)


def _attributes(surface: Surface, column: str) -> dict[str, str]:
    of_session = "" if surface.session is None else f", session {surface.session}"
    words = _DIMENSIONLESS.get(column) or COLUMN_WORDS[column]
    plain = column in _DIMENSIONLESS or column.startswith(ABOVE)
    units = "1" if plain else CF_UNITS.get(surface.unit, "1")
    unit = "" if plain else f", {surface.unit}"
    return {
        "long_name": f"{surface.estimand}, {words}{unit}{of_session}",
        "units": units,
        "estimand": surface.estimand,
        "method": surface.method,
        "grid_mapping": "crs",
    }


def _union(masks: list[HabitatMask]) -> HabitatMask:
    """The cells of all masks, each place once."""
    xy = np.unique(np.round(np.concatenate([mask.xy for mask in masks]), 3), axis=0)
    spacings = {mask.spacing for mask in masks}
    return HabitatMask(
        xy=xy,
        cell_area=np.ones(len(xy)),
        crs=masks[0].crs,
        spacing=masks[0].spacing if len(spacings) == 1 else None,
        source="the surfaces",
    )


def _rows_of(mask: HabitatMask, everywhere: HabitatMask) -> NDArray[np.int64]:
    whole, own = (
        pd.MultiIndex.from_arrays(list(np.round(cells.xy, 3).T)) for cells in (everywhere, mask)
    )
    return np.asarray(whole.get_indexer(own))


def _coordinates(mask: HabitatMask, grid: Grid | None) -> xr.Dataset:
    in_metres = {"units": "m"}
    named = {} if mask.crs == LOCAL else {"standard_name": "projection_{}_coordinate"}
    axes = {
        axis: {**in_metres, "axis": axis.upper(), "long_name": f"{axis} coordinate"}
        | {key: value.format(axis) for key, value in named.items()}
        for axis in ("x", "y")
    }
    crs: dict[str, object] = {"comment": "planar metres without a place"}
    if mask.crs != LOCAL:
        crs = dict(CRS.from_user_input(mask.crs).to_cf())
    if grid is None:
        for attributes in axes.values():
            del attributes["axis"]
        coordinates = {a: ("cell", mask.xy[:, i], axes[a]) for i, a in enumerate("xy")}
        return xr.Dataset({"crs": ((), np.int32(0), crs)}, coords=coordinates)
    step, west, north = grid.transform.a, grid.transform.c, grid.transform.f
    x = west + step * (np.arange(grid.shape[1]) + 0.5)
    y = north - step * (np.arange(grid.shape[0]) + 0.5)
    crs["GeoTransform"] = " ".join(f"{v:.12g}" for v in grid.transform.to_gdal())
    return xr.Dataset(
        {"crs": ((), np.int32(0), crs)},
        coords={"y": ("y", y, axes["y"]), "x": ("x", x, axes["x"])},
    )
