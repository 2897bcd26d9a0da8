"""Read a habitat mask from a table of cells."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.habitat.checks import check_scale
from scr.habitat.covariates import Fill, describe_places, fill_missing
from scr.habitat.marked import only_habitat
from scr.habitat.mask import HabitatMask
from scr.io.bounds import memory_told
from scr.io.columns import FOR_NODATA, check_named, column_fault, without_nodata
from scr.io.crs import planar_crs, reproject_points
from scr.io.places import Places, check_metres
from scr.io.rasters import Nodata
from scr.io.rounded import check_not_rounded
from scr.io.tables import COUNTING, natural, numbers, read_table, row_list, source_name
from scr.io.vectors import LAYERS, read_points
from scr.units import M2_PER_KM2

_COLUMNS = {
    "x": ("x", "easting", "utm_x", "utm_e", "x_coord"),
    "y": ("y", "northing", "utm_y", "utm_n", "y_coord"),
    "session": ("session", "survey", "season"),
    "area_ha": ("area_ha", "hectares", "ha"),
    "area_km2": ("area_km2", "km2", "area_sqkm", "sqkm"),
}
_HA_PER_KM2 = 100.0
_FARTHEST_M = 1e8
_EVERY_SESSION = "all"
_TOLERANCE = 1e-6
_AREA_TOLERANCE = 0.01


@memory_told(MaskError)
def read_mask(
    given: str | Path | pd.DataFrame,
    *,
    crs: str,
    area_km2: float | None = None,
    spacing: float | None = None,
    bounded: bool = False,
    fill: Mapping[str, Fill] | None = None,
    nodata: Mapping[str, Nodata] | None = None,
) -> HabitatMask:
    """Read cells from a table with one row per cell.

    Parameters
    ----------
    given
        CSV file, table, or vector file of points. Columns: x, y (metres); area_ha or area_km2
        where cells differ in area or lie on no lattice along the axes; session (left out, or
        "all" throughout, where sessions share the mask); every other column is a covariate.
    crs
        Planar coordinate system of x and y, or ``"local"``. Points of a vector file are converted
        to it.
    area_km2
        Area of every cell, km2, where the table does not say.
    spacing
        Side of a cell, metres. Left out, found from the coordinates, within a millionth: cells
        on a lattice along the axes need no area. Rotated lattices have no spacing.
    bounded
        True where the edge of the mask is a real limit (an island, a fence), so that no buffer
        is asked for.
    fill
        For covariates with missing cells: a number or ``"nearest"`` by column name.
    nodata
        Values of covariates that mean no data, by column; NaN if all others are data.

    Returns
    -------
    HabitatMask
        Cells in file order. A covariate that misses cells, mixes numbers and text, or holds a
        code for no data is left out, so that models without it can be fitted; a model that names
        it gets an error with the rows. Where a column called habitat (or suitable) is 0 in some
        cells and 1 in all others, the cells of 0 are left out, with a note.

    Raises
    ------
    MaskError
        If x or y is absent, a coordinate or area is missing or not a number, neither area nor
        spacing is known, areas and spacing contradict each other, or the coordinate system is
        not planar, not true to scale there, or not that of x and y (kilometres, degrees).
    """
    source = source_name(given, "mask")
    crs = planar_crs(crs, source=source)
    table = _table(given, crs=crs)
    check_not_rounded(table, ("x", "y"), source=source, error=MaskError)
    xy = np.column_stack(
        [numbers(table, name, source=source, error=MaskError) for name in ("x", "y")]
    )
    _check_finite(xy, table, source)
    places = Places(
        xy, crs, source, what="cells", rows=table.index.to_numpy(np.int64),
        if_degrees="Cells are squares in metres: make the mask from the stations, by buffer and "
        "spacing, or convert the centres of its cells to metres.",
    )  # fmt: skip
    check_metres(places, error=MaskError)
    session = _session(table, source)
    own = np.full(len(xy), "", dtype=object) if session is None else session
    found = lattice_spacing([xy[own == label] for label in dict.fromkeys(own)])
    side = _spacing(found, spacing, source)
    area = _area(table, area_km2, side=side, source=source)
    covariates = table.drop(columns=[name for name in _COLUMNS if name in table.columns])
    mask = HabitatMask(
        xy=xy,
        cell_area=area,
        crs=crs,
        spacing=side,
        session=session,
        bounded=bounded,
        source=source,
    )
    mask = replace(mask, notes=check_scale(mask))
    mask = _with_covariates(mask, covariates, fill=fill or {}, nodata=nodata or {})
    return only_habitat(mask)


def _table(given: str | Path | pd.DataFrame, *, crs: str) -> pd.DataFrame:
    vector = not isinstance(given, pd.DataFrame) and Path(given).suffix.lower() in LAYERS
    if vector and not isinstance(given, pd.DataFrame):
        points, own = read_points(given)
        own = planar_crs(crs, source=Path(given).name) if own is None else own
        xy = reproject_points(points[["x", "y"]].to_numpy(dtype=np.float64), own, crs)
        given = points.assign(x=xy[:, 0], y=xy[:, 1])
    return read_table(
        given,
        columns=_COLUMNS,
        required=("x", "y"),
        text=("session", "x", "y"),
        label="mask",
        error=MaskError,
    )


def _check_finite(xy: NDArray[np.float64], table: pd.DataFrame, source: str) -> None:
    bad = ~np.isfinite(xy).all(axis=1)
    if len(xy) == 0 or bad.any():
        found = f"{int(bad.sum())} of {len(xy)} cells without x or y, in " if len(xy) else "no cell"
        where = row_list(table.index[bad]) if len(xy) else ""
        msg = (
            f"{source} has {found}{where}. Give x and y in metres for each cell, or delete the "
            f"rows. {COUNTING}"
        )
        raise MaskError(msg, kind="blank coordinate", source=source, rows=table.index[bad])
    away = (np.abs(xy) > _FARTHEST_M).any(axis=1)
    if away.any():
        msg = (
            f"{source}: {row_list(table.index[away])} have coordinates beyond {_FARTHEST_M:g}, "
            f"which are no metres on earth. Correct x and y. {COUNTING}"
        )
        raise MaskError(msg, kind="no place on earth", source=source, rows=table.index[away])


def _session(table: pd.DataFrame, source: str) -> NDArray[np.object_] | None:
    if "session" not in table.columns:
        return None
    missing = table["session"].isna()
    if missing.any() and not missing.all():
        msg = (
            f"{source}: {int(missing.sum())} of {len(table)} cells have no session, in "
            f"{row_list(table.index[missing])}. Name the session of each cell, or leave the "
            f"column out to share one mask. {COUNTING}"
        )
        raise MaskError(msg)
    labels = np.array([str(label) for label in table["session"]], dtype=object)
    shared = missing.all() or {label.lower() for label in labels} == {_EVERY_SESSION}
    return None if shared else labels


def lattice_spacing(
    groups: list[NDArray[np.float64]], *, tolerance: float = _TOLERANCE
) -> float | None:
    """Side of the square cells of a lattice along the axes.

    Parameters
    ----------
    groups
        Cell centres of each session, metres, shape (n, 2); lattices of sessions may be shifted
        against each other.
    tolerance
        Largest deviation from the lattice, as a share of the side.

    Returns
    -------
    float or None
        Metres; None if centres lie on no such lattice, or there are too few to tell.

    Examples
    --------
    >>> x, y = np.meshgrid(np.arange(4) * 500.0 + 250, np.arange(3) * 500.0)
    >>> lattice_spacing([np.column_stack([x.ravel(), y.ravel()])])
    500.0
    """
    gaps = []
    for xy in groups:
        for axis in range(2):
            values = np.unique(xy[:, axis])
            steps = np.diff(values)
            # Steps that are only rounding: far below any plausible cell.
            gaps.append(steps[steps > tolerance * max(float(np.ptp(values)), 1.0) * 1e-3])
    steps = np.concatenate(gaps) if gaps else np.array([])
    if len(steps) == 0:
        return None
    rough = float(steps.min())
    whole = np.rint(steps / rough)
    side = float(np.sum(steps * whole) / np.sum(whole**2))
    side = round(side, 9 - int(np.ceil(np.log10(side))))
    for xy in groups:
        index = (xy - xy[0]) / side
        if np.abs(index - np.rint(index)).max() > tolerance * max(1.0, float(np.abs(index).max())):
            return None
    return side


def _spacing(found: float | None, given: float | None, source: str) -> float | None:
    if given is None:
        return found
    if not (np.isfinite(given) and given > 0):
        msg = f"spacing is {given}, but a distance in metres above 0 is needed."
        raise MaskError(msg)
    if found is None or abs(found - given) > _TOLERANCE * given:
        what = f"its cells are {found:g} m apart" if found else "its cells lie on no such lattice"
        msg = (
            f"{source}: spacing is given as {given:g} m, but {what}. Correct spacing, or leave it "
            "out and give the area of the cells."
        )
        raise MaskError(msg)
    return given


def _area(
    table: pd.DataFrame, given: float | None, *, side: float | None, source: str
) -> NDArray[np.float64]:
    """Area of each cell, km2, held against the spacing."""
    square = None if side is None else side**2 / M2_PER_KM2
    columns = [name for name in ("area_km2", "area_ha") if name in table.columns]
    if columns and given is None:
        area = numbers(table, columns[0], source=source, error=MaskError)
        area = area / _HA_PER_KM2 if columns[0] == "area_ha" else area
        label = f"column {columns[0]}"
    elif given is not None:
        area, label = np.full(len(table), float(given)), "area_km2="
    elif square is not None:
        return np.full(len(table), square)
    else:
        msg = (
            f"{source} says nothing of the area of its cells, and they do not lie on a lattice "
            "along the axes from which it would follow. Add a column area_km2 or area_ha, or give "
            "area_km2=."
        )
        raise MaskError(msg)
    bad = ~(np.isfinite(area) & (area > 0))
    if bad.any():
        msg = (
            f"{source}: {int(bad.sum())} of {len(area)} cells have no area above 0 ({label}), in "
            f"{row_list(table.index[bad])}. Give the area of each cell. {COUNTING}"
        )
        raise MaskError(msg, kind="cell without area", source=source, rows=table.index[bad])
    _check_area(area, square, label=label, source=source)
    return area


def _check_area(
    area: NDArray[np.float64], square: float | None, *, label: str, source: str
) -> None:
    """Raise where areas contradict the lattice: mostly hectares taken for km2."""
    if square is None:
        return
    largest = float(area.max()) / square
    uniform = float(np.ptp(area)) <= _AREA_TOLERANCE * float(area.max())
    if largest > 1 + _AREA_TOLERANCE or (uniform and largest < 1 - _AREA_TOLERANCE):
        msg = (
            f"{source}: {label} gives cells of {area.max():.6g} km2, but they stand on a lattice "
            f"of {np.sqrt(square * M2_PER_KM2):g} m, where a cell has {square:.6g} km2 "
            f"({largest:.3g} times). Correct the unit or the area: 1 km2 is 100 ha."
        )
        raise MaskError(msg, kind="area against spacing", source=source)


def _with_covariates(
    mask: HabitatMask,
    covariates: pd.DataFrame,
    *,
    fill: Mapping[str, Fill],
    nodata: Mapping[str, Nodata],
) -> HabitatMask:
    for names, use in ((fill, "to fill"), (nodata, FOR_NODATA)):
        check_named(names, covariates, use, source=mask.source, error=MaskError)
    unusable: dict[str, str] = {}
    notes = [*mask.notes]
    rows = covariates.index
    covariates = covariates.reset_index(drop=True)
    usable = pd.DataFrame(index=covariates.index)
    for name in covariates.columns:
        column = natural(without_nodata(covariates[name], nodata.get(name)))
        gap = column.isna().to_numpy()
        if gap.any() and not gap.all() and fill.get(name) is not None:
            notes.append(f"{name}: {int(gap.sum())} of {len(gap)} cells were filled.")
            column, gap = fill_missing(column, mask.xy, fill=fill[name]), np.zeros(len(gap), bool)
        problem = _problem(mask, name, column, rows=rows) or column_fault(
            column.set_axis(rows), name=name, source=mask.source, nodata=nodata.get(name)
        )
        if problem:
            unusable[name] = problem
            notes.append(f"{name} is left out of the covariates: {problem}")
        else:
            usable[name] = column
    return HabitatMask(
        xy=mask.xy,
        cell_area=mask.cell_area,
        crs=mask.crs,
        spacing=mask.spacing,
        covariates=usable,
        session=mask.session,
        bounded=mask.bounded,
        source=mask.source,
        unusable=unusable,
        notes=tuple(notes),
    )


def _problem(mask: HabitatMask, name: str, column: pd.Series, *, rows: pd.Index) -> str:
    """Why a column cannot be a covariate, or an empty text."""
    gap = column.isna().to_numpy()
    if gap.all():
        return f"{mask.source}: column {name} is empty in all {len(gap)} cells. Fill it in."
    if gap.any():
        share = 100 * float(mask.cell_area[gap].sum()) / mask.area
        return (
            f"{mask.source}: {name} is missing in {int(gap.sum())} of {len(gap)} cells, "
            f"{share:.2f} % of the area, {row_list(rows[gap])}; {describe_places(mask.xy[gap])}. "
            f'Take it from a layer that covers them, read the mask with fill={{"{name}": '
            '"nearest"} or a number, or delete these rows knowingly.'
        )
    return ""
