"""Tables of the R package SPACECAP: trap deployment, animal captures and state space."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.project import ProjectTables, named_table
from scr.io.tables import COUNTING, numbers, read_table, row_list
from scr.units import M2_PER_KM2

FORM = "SPACECAP"
_PLACES = {"x": ("x coord",), "y": ("y coord",)}
_TRAP = {"trap": ("loc id",)}
_SEEN = _TRAP | {"individual": ("animal id",), "occasion": ("so",)}
_OCCASION = re.compile(r"[Xx]?\.?\d+")
_UNEVEN = 0.01
_FEWEST = 9


@memory_told(SurveyError)
def read_spacecap(
    traps: str | Path, captures: str | Path, cells: str | Path | None = None
) -> ProjectTables:
    """Trap deployment, captures and state space as SPACECAP has them.

    Parameters
    ----------
    traps
        LOC_ID, X_COORD and Y_COORD (metres), then one column per occasion, 1 where the trap was
        used and 0 where not.
    captures
        LOC_ID, ANIMAL_ID, SO (the occasion).
    cells
        X_COORD, Y_COORD, HABITAT: potential activity centres, of which those with 0 are left out.

    Returns
    -------
    ProjectTables
        With a mask where ``cells`` are given: every cell has the area of the square between the
        nearest ones. Crs is not told by these files.

    Raises
    ------
    SurveyError
        If a table cannot be read, lacks a column, has effort or habitat other than 0 and 1, or
        cells lie on no lattice.

    References
    ----------
    Gopalaswamy et al. (2012) Methods Ecol. Evol. 3:1067-1072.
    """
    places, source = Path(traps), Path(traps).name
    table = read_table(places, columns=_TRAP | _PLACES, required=["trap", "x", "y"])
    occasions = [str(c) for c in table.columns if _OCCASION.fullmatch(str(c).strip())]
    if not occasions:
        msg = (
            f"{source} has no column of occasions behind LOC_ID, X_COORD and Y_COORD. Add them, "
            "called 1, 2, ..."
        )
        raise SurveyError(msg, kind="no usage", source=source)
    effort = pd.DataFrame(
        np.column_stack([_zeros_and_ones(table, c, source=source) for c in occasions]),
        columns=[f"u{k + 1}" for k in range(len(occasions))],
        index=table.index,
    )
    effort.insert(0, "trap", table["trap"])
    seen = read_table(captures, columns=_SEEN, required=["trap", "individual", "occasion"])
    others = [c for c in table.columns if c not in ("trap", "x", "y", *occasions)]
    mask, notes = (None, ()) if cells is None else _mask(Path(cells))
    return ProjectTables(
        form=FORM,
        traps=named_table(table[["trap", "x", "y", *others]], source),
        usage=named_table(effort, source),
        detections=named_table(seen, Path(captures).name),
        notes=notes,
        mask=mask,
    )


def _zeros_and_ones(table: pd.DataFrame, column: str, *, source: str) -> NDArray[np.float64]:
    values = numbers(table, column, source=source)
    bad = table.index[~np.isin(values, (0.0, 1.0))]
    if len(bad):
        msg = f"{source}: {column!r} is neither 0 nor 1 in {row_list(bad)}. Correct it. {COUNTING}"
        raise SurveyError(msg, kind="not 0 or 1", source=source, rows=bad)
    return values


def _side(xy: NDArray[np.float64], source: str) -> float:
    """Side of the squares of a lattice, along the axes or not: four neighbours, then diagonals."""
    nearest = cKDTree(xy).query(xy, k=6)[0][:, 1:]
    side, *others = np.median(nearest, axis=0)
    square = np.allclose(others, [side, side, side, side * np.sqrt(2)], rtol=_UNEVEN)
    if not square or nearest[:, 0].min() < (1 - _UNEVEN) * side:
        msg = (
            f"{source}: cells lie on no lattice of squares, so that the area of a cell is not "
            "known. Make the state space again, or build a mask by buffer and spacing."
        )
        raise SurveyError(msg, kind="cells on no lattice", source=source)
    return float(side)


def _mask(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    table = read_table(path, columns=_PLACES | {"habitat": ()}, required=["x", "y", "habitat"])
    xy = np.column_stack([numbers(table, c, source=path.name) for c in ("x", "y")])
    suitable = _zeros_and_ones(table, "habitat", source=path.name) == 1
    if not np.isfinite(xy).all() or len(xy) < _FEWEST:
        msg = (
            f"{path.name} lacks coordinates of cells, or has fewer than {_FEWEST}. Give X_COORD "
            "and Y_COORD of each cell."
        )
        raise SurveyError(msg, kind="blank coordinate", source=path.name)
    side = _side(xy, path.name)
    area = side**2 / M2_PER_KM2
    frame = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "area_km2": area}, index=table.index)
    note = (
        f"{path.name}: {int(suitable.sum()):,} of {len(xy):,} cells are habitat and make the mask; "
        f"each is {area:.4g} km2, from the {side:,.1f} m between cells."
    )
    return named_table(frame[suitable], path.name), (note,)
