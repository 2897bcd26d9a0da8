"""Masks whose table marks by 0 and 1 which cells are habitat, as state spaces of SPACECAP do."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.schema import plain

_NAMES = frozenset(
    ("habitat", "ishabitat", "habitatmask", "suitable", "suitablehabitat", "suitability")
)
_MARKS = {"0": False, "1": True, "FALSE": False, "TRUE": True, "NO": False, "YES": True}


def only_habitat(mask: HabitatMask) -> HabitatMask:
    """The cells that a column called habitat marks by 1, where it marks others by 0.

    Parameters
    ----------
    mask
        Cells with the columns of their table.

    Returns
    -------
    HabitatMask
        The same mask where there is no such column. Else without the cells of 0 and without the
        column, with a note.

    Raises
    ------
    MaskError
        If no cell is habitat, or two columns mark different cells.
    """
    names = [name for name in map(str, mask.covariates.columns) if plain(name) in _NAMES]
    marks = {name: _marked(mask, name) for name in names}
    found = {name: mark for name, mark in marks.items() if mark is not None}
    if not found:
        return mask
    name, keep = next(iter(found.items()))
    others = [other for other in found if (found[other] != keep).any()]
    if others or not keep.any():
        fault = f"and {others[0]} mark different cells" if others else "is 0 in all cells"
        msg = f"{mask.source}: {name} {fault}. Write 1 for each cell where animals can live."
        raise MaskError(msg, kind="no habitat", source=mask.source)
    n_out = int((~keep).sum())
    out = f"{n_out} of {len(keep)} cells, which have {name} 0, were left out"
    used = f"{mask.source}: {name} says which cells are habitat: {out}"
    told = f"{used}, so it is 1 everywhere. Give it another name to use it as a covariate."
    return replace(
        mask,
        xy=mask.xy[keep],
        cell_area=mask.cell_area[keep],
        covariates=mask.covariates.loc[keep].drop(columns=list(found)),
        session=None if mask.session is None else mask.session[keep],
        unusable={**mask.unusable, **dict.fromkeys(found, told)},
        notes=(*mask.notes, f"{used}."),
    )


def _marked(mask: HabitatMask, name: str) -> NDArray[np.bool_] | None:
    """Which cells a column marks, or None where it is anything else, or 1 in all cells."""
    cells = [str(cell).upper().removesuffix(".0") for cell in mask.covariates[name]]
    if not set(cells) <= set(_MARKS):
        return None
    keep = np.array([_MARKS[cell] for cell in cells], dtype=np.bool_)
    return None if keep.all() else keep
