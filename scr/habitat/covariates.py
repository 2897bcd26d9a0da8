"""Covariates of mask cells and traps from rasters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.errors import MaskError
from scr.habitat.cells import cell_squares
from scr.habitat.mask import HabitatMask
from scr.habitat.smoothing import REACH, check_scales, smoothed
from scr.io.bounds import memory_told
from scr.io.crs import LOCAL, reproject_points, same_crs
from scr.io.rasters import Nodata, RasterBand, raster_place, read_band
from scr.survey.traps import Traps

type Fill = float | Literal["nearest"] | None
"""A value for cells without data, the value of the nearest cell that has one, or an error."""

_LEAST_COVER = 0.5
_LISTED = 5


@memory_told(MaskError)
def sample_raster(
    mask: HabitatMask,
    path: str | Path,
    *,
    name: str,
    band: int = 1,
    fill: Fill = None,
    standardise: bool | tuple[float, float] = False,
    categorical: bool | None = None,
    nodata: Nodata = None,
    scales: Sequence[int] = (),
) -> HabitatMask:
    """Add a covariate: the mean of a raster over each cell, weighted by area.

    The raster can be in any coordinate system; cells are converted to it. Pixels that a cell
    cuts count by the part inside. Pixels without data do not count, and a cell of which less than
    half is covered by data has no value.

    Parameters
    ----------
    mask
        The cells; on a rotated lattice squares along the axes stand for them.
    path
        A GeoTIFF, or any raster that GDAL reads.
    name
        Name of the covariate in formulas.
    band
        Number of the band, from 1.
    fill
        What to do with cells without a value: a number, or ``"nearest"`` for the value of the
        nearest cell that has one. Left out, they are an error. What was filled is noted.
    standardise
        True subtracts the mean of the cells and divides by their standard deviation (n - 1), and
        keeps both in ``mask.constants``; a pair (mean, sd) uses these, so that another mask can
        follow the one that a model was fitted to.
    categorical
        True for classes (land cover): the class with the largest area in the cell, as text.
        False for numbers. Left out, a raster that looks like one of classes is an error, for
        classes cannot be averaged: one with a colour table, with names of classes, or with a few
        whole numbers that come back again and again, other than 0 and one more.
    nodata
        The value that means no data where the file does not declare it, or several; NaN if all
        others are data.
    scales
        Metres, whole numbers: in place of the covariate ``name`` the columns ``name_500`` and so
        on, each of the raster smoothed by a Gaussian kernel with that standard deviation, for
        ``scale_of()`` in a formula. Where the kernel reaches beyond the data, its weights on data
        are made to sum to 1 (``scr.habitat.smoothing``).

    Returns
    -------
    HabitatMask
        The mask with the covariate.

    Raises
    ------
    MaskError
        If the raster cannot be read, its coordinate system is missing, it misses cells and
        ``fill`` is left out, no cell has a value, it is constant and ``standardise`` is set, it
        holds an undeclared code for no data, or a scale is finer than its pixels.
    """
    check_scales(scales, name, categorical=bool(categorical))
    reach = REACH * max(scales, default=0)
    raster = _read_round(mask, path, band=band, nodata=nodata, reach=reach)
    _check_not_classes(raster, categorical, "cell")
    if categorical and standardise:
        msg = f"{name} is categorical, so it cannot be standardised. Leave one of the two out."
        raise MaskError(msg)
    layers = {
        f"{name}_{scale:d}": smoothed(raster, scale, crs=mask.crs) for scale in sorted(scales)
    }
    for column, layer in (layers or {name: raster}).items():
        mask = _with_raster(
            mask, layer, column, fill=fill, standardise=standardise, categorical=categorical
        )
    return mask


def _with_raster(
    mask: HabitatMask,
    raster: RasterBand,
    name: str,
    *,
    fill: Fill,
    standardise: bool | tuple[float, float],
    categorical: bool | None,
) -> HabitatMask:
    """The mask with the mean of a raster over each cell, or its largest class."""
    sampled = _over_cells(mask, raster, statistic="mode" if categorical else "mean")
    values, note = _filled(mask, sampled, name=name, source=raster.source, fill=fill)
    notes = mask.notes + ((note,) if note else ())
    if categorical:
        return replace(mask.with_covariate(name, _as_labels(values)), notes=notes)
    if standardise is False:
        return replace(mask.with_covariate(name, values), notes=notes)
    mean, sd = _constants(values, name=name, given=standardise)
    scaled = mask.with_covariate(name, (values - mean) / sd)
    return replace(scaled, constants={**scaled.constants, name: (mean, sd)}, notes=notes)


def sample_at_traps(
    traps: Traps,
    path: str | Path,
    *,
    name: str,
    band: int = 1,
    categorical: bool | None = None,
    nodata: Nodata = None,
) -> Traps:
    """Add a trap covariate: the value of the pixel in which each trap stands.

    Parameters
    ----------
    traps
        The traps.
    path, name, band, nodata
        As in ``sample_raster``.
    categorical
        True for classes (land cover), which become text; False for numbers. Left out, a raster
        that looks like one of classes is an error.

    Returns
    -------
    Traps
        The traps with the covariate.

    Raises
    ------
    MaskError
        If the raster cannot be read, holds classes and ``categorical`` is left out, or some traps
        have no value; the message names them.
    """
    raster = _read_round(traps, path, band=band, nodata=nodata)
    _check_not_classes(raster, categorical, "trap")
    values = _at_points(traps, raster)
    missing = np.flatnonzero(~np.isfinite(values))
    if len(missing):
        listed = ", ".join(f"{traps.names[i]!r} (row {traps.rows[i]})" for i in missing[:10])
        msg = (
            f"{Path(path).name} has no value at {len(missing)} of {len(traps)} traps: {listed}. "
            "Use a raster that covers them, or give the values in the trap table."
        )
        raise MaskError(msg)
    cells = _as_labels(values) if categorical else values
    return replace(traps, covariates=traps.covariates.assign(**{name: cells}))


def fill_missing(values: pd.Series, xy: NDArray[np.float64], *, fill: Fill) -> pd.Series:
    """A column with its gaps filled.

    Parameters
    ----------
    values
        One value per cell, gaps as missing.
    xy
        Cell centres, metres, shape (n_cells, 2).
    fill
        A number, or ``"nearest"`` for the value of the nearest cell that has one.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0]])
    >>> fill_missing(pd.Series([3.0, np.nan, 4.0]), xy, fill="nearest").tolist()
    [3.0, 3.0, 4.0]
    """
    gap = values.isna().to_numpy()
    if fill == "nearest":
        known = np.flatnonzero(~gap)
        _, nearest = cKDTree(xy[known]).query(xy[gap])
        filled = values.copy()
        filled[gap] = values.to_numpy()[known[nearest]]
        return filled
    return values.fillna(fill)


@dataclass(frozen=True, eq=False)
class _Sampled:
    """What a raster says of each cell, and where it says nothing."""

    values: NDArray[np.float64]
    cover: NDArray[np.float64]  # share of the cell with data, 0 to 1


def _read_round(
    mask: HabitatMask | Traps, path: str | Path, *, band: int, nodata: Nodata, reach: float = 0.0
) -> RasterBand:
    """The part of a raster round the mask or traps, and as far beyond as kernels reach."""
    place = raster_place(path)
    file = Path(path).name
    if (place.crs is None) != (mask.crs == LOCAL):
        found = f"is in {place.crs}" if place.crs else "has no coordinate system"
        msg = (
            f"{file} {found}, but {mask.source} is in {mask.crs}, so they cannot be laid over "
            "each other. Save the raster with the coordinate system that its coordinates are in."
        )
        raise MaskError(msg, kind="no coordinate system", source=file)
    outline = _to_raster(_outline(mask), mask.crs, place.crs)
    (west, south), (east, north) = outline.min(axis=0), outline.max(axis=0)
    own = place.bounds
    if west > own[2] or east < own[0] or south > own[3] or north < own[1]:
        what = "cells" if isinstance(mask, HabitatMask) else "traps"
        msg = (
            f"{file} covers none of the {len(mask)} {what} of {mask.source}: it reaches from "
            f"({own[0]:.6g}, {own[1]:.6g}) to ({own[2]:.6g}, {own[3]:.6g}), they from "
            f"({west:.6g}, {south:.6g}) to ({east:.6g}, {north:.6g}) in its coordinates. Use a "
            "raster of the study area, and check that its coordinate system is named rightly."
        )
        raise MaskError(msg, kind="raster elsewhere", source=file)
    if reach:
        low, high = _outline(mask).min(axis=0) - reach, _outline(mask).max(axis=0) + reach
        round_it = shapely.get_coordinates(shapely.segmentize(shapely.box(*low, *high), reach))
        outline = np.concatenate([outline, _to_raster(round_it, mask.crs, place.crs)])
        (west, south), (east, north) = outline.min(axis=0), outline.max(axis=0)
    return read_band(path, band=band, bounds=(west, south, east, north), nodata=nodata)


def _outline(mask: HabitatMask | Traps) -> NDArray[np.float64]:
    if isinstance(mask, Traps):
        return mask.xy
    return np.asarray(shapely.get_coordinates(cell_squares(mask)), dtype=np.float64)


def _to_raster(xy: NDArray[np.float64], from_crs: str, to_crs: str | None) -> NDArray[np.float64]:
    if to_crs is None or same_crs(from_crs, to_crs):
        return xy
    return reproject_points(xy, from_crs, to_crs)


def _over_cells(
    mask: HabitatMask, raster: RasterBand, *, statistic: Literal["mean", "mode"]
) -> _Sampled:
    """Mean or largest class of the pixels in each cell, by area, and the share with data."""
    corners = _to_raster(shapely.get_coordinates(cell_squares(mask)), mask.crs, raster.crs)
    rings = corners.reshape(len(mask), -1, 2)
    west, south, east, north = raster.bounds
    source = NumPyRasterSource(
        raster.values, west, south, east, north, name="values", nodata=float("nan")
    )
    features = JSONFeatureSource(
        [
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}
            for ring in rings.tolist()
        ]
    )
    table = exact_extract(source, features, [statistic, "count"], output="pandas")
    pixel = abs(raster.transform.a * raster.transform.e)
    count = table["count"].to_numpy(dtype=np.float64, na_value=0.0)
    cover = np.nan_to_num(count) * pixel / shapely.area(shapely.polygons(rings))
    values = table[statistic].to_numpy(dtype=np.float64, na_value=np.nan).copy()
    values[cover < _LEAST_COVER * (1 - 1e-6)] = np.nan
    return _Sampled(values=values, cover=cover)


def _check_not_classes(raster: RasterBand, categorical: bool | None, place: str) -> None:
    """Raise where codes of classes would be taken for numbers."""
    if raster.classes and categorical is None:
        taken = "largest class of each cell" if place == "cell" else f"class of each {place}"
        msg = (
            f"{raster.source} {raster.classes}, so its values look like classes, which cannot be "
            f"averaged or compared as numbers. Give categorical=True for the {taken}, or "
            "categorical=False if the values are numbers."
        )
        raise MaskError(
            msg, kind="classes cannot be averaged", source=raster.source.partition(",")[0]
        )


def _as_labels(values: NDArray[np.float64]) -> NDArray[np.object_]:
    """Codes of classes as text, which makes a factor in a formula."""
    return np.array([f"{value:.15g}" for value in values], dtype=object)


def _at_points(traps: Traps, raster: RasterBand) -> NDArray[np.float64]:
    """Value of the pixel round each trap, NaN where there is none, shape (n_traps,)."""
    if traps.parts is not None:
        msg = (
            f"{traps.source} has areas or lines that are searched, over which a raster is not "
            "averaged yet. Give the covariate as a column of their file."
        )
        raise MaskError(msg)
    xy = _to_raster(traps.xy, traps.crs, raster.crs)
    n_rows, n_columns = raster.values.shape
    west, _, _, north = raster.bounds
    column = np.floor((xy[:, 0] - west) / raster.transform.a).astype(np.int64)
    row = np.floor((north - xy[:, 1]) / -raster.transform.e).astype(np.int64)
    inside = (column >= 0) & (column < n_columns) & (row >= 0) & (row < n_rows)
    values = np.full(len(traps), np.nan)
    values[inside] = raster.values[row[inside], column[inside]]
    return values


def _filled(
    mask: HabitatMask, sampled: _Sampled, *, name: str, source: str, fill: Fill
) -> tuple[NDArray[np.float64], str]:
    """Values without gaps and a note on those filled, or an error that counts them."""
    gap = ~np.isfinite(sampled.values)
    n_gap, n = int(gap.sum()), len(mask)
    if n_gap == 0:
        return sampled.values, ""
    if n_gap == n:
        msg = (
            f"{source} has no value in any of the {n} cells of {mask.source}. Use a raster that "
            "covers them, and check what it declares as nodata."
        )
        raise MaskError(msg, kind="cells without a value", source=source.partition(",")[0])
    share = 100 * float(mask.cell_area[gap].sum()) / mask.area
    if fill is None:
        partly = int((gap & (sampled.cover > 0)).sum())
        places = describe_places(mask.xy[gap])
        msg = (
            f"{source} ({name}) has no value in {n_gap} of {n} cells of {mask.source}, "
            f"{share:.1f} % of its area ({partly} of them are covered by less than half); "
            f"{places}. Use a raster that covers them, give fill= a number or "
            'fill="nearest", or cut these cells out with exclude.'
        )
        raise MaskError(msg, kind="cells without a value", source=source.partition(",")[0])
    series = fill_missing(pd.Series(sampled.values), mask.xy, fill=fill)
    how = "by the nearest cell" if fill == "nearest" else f"with {fill:g}"
    note = f"{name}: {n_gap} of {n} cells ({share:.1f} % of the area) had no value; filled {how}."
    return series.to_numpy(dtype=np.float64), note


def describe_places(xy: NDArray[np.float64]) -> str:
    """Where some cells lie: the box round them and the first few centres.

    Parameters
    ----------
    xy
        Centres, metres, shape (n, 2), n more than 0.
    """
    west, south = xy.min(axis=0)
    east, north = xy.max(axis=0)
    first = ", ".join(f"({x:.0f}, {y:.0f})" for x, y in xy[:_LISTED])
    more = f" and {len(xy) - _LISTED} more" if len(xy) > _LISTED else ""
    return (
        f"they lie between x {west:.0f} and {east:.0f}, y {south:.0f} and {north:.0f}: "
        f"{first}{more}"
    )


def _constants(
    values: NDArray[np.float64], *, name: str, given: bool | tuple[float, float]
) -> tuple[float, float]:
    mean, sd = (
        (float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0)
        if isinstance(given, bool)
        else (float(given[0]), float(given[1]))
    )
    if not sd > 0 or not np.isfinite(mean):
        msg = (
            f"{name} cannot be standardised: its mean is {mean:g} and its standard deviation "
            f"{sd:g}. A covariate has to vary over the mask."
        )
        raise MaskError(msg)
    return mean, sd
