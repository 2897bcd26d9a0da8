"""How far cells are from traps: straight, or along the shortest path where there is a barrier."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError, MaskError, SurveyError
from scr.habitat.barrier import path_lengths
from scr.habitat.mask import HabitatMask
from scr.model.arrays import ModelArrays
from scr.survey.sides import by_type
from scr.survey.survey import Session

if TYPE_CHECKING:
    from scr.model.design import Design

type Floats = NDArray[np.float64]

UNREACHABLE = 1e20
"""Distance of a cell to which no path leads, metres: no detection function reaches as far."""

_LISTED = 10


def bent_distance(mask: HabitatMask, trap_xy: Floats, places: Floats) -> Floats | None:
    """Distance from traps to places where a barrier bends a path; None where all are straight.

    Parameters
    ----------
    mask
        The mask, with or without a barrier.
    trap_xy
        Metres, shape (n_traps, 2).
    places
        Metres, shape (n_places, 2).

    Returns
    -------
    NDArray or None
        Metres, shape (n_traps, n_places); ``UNREACHABLE`` where no path leads.
    """
    if mask.barrier is None:
        return None
    found = path_lengths(mask.barrier, trap_xy, places)
    if np.array_equal(found, path_lengths(None, trap_xy, places)):
        return None
    return np.minimum(found, UNREACHABLE)


def distances_of(
    mask: HabitatMask, sessions: tuple[Session, ...], cells: tuple[NDArray[np.int64], ...]
) -> tuple[Floats | None, ...]:
    """What ``bent_distance`` gives for the traps and cells of each session.

    Parameters
    ----------
    mask
        The mask.
    sessions
        Sessions with the traps of the likelihood.
    cells
        Rows of the mask that each uses.
    """
    if mask.barrier is None:
        return (None,) * len(sessions)
    return tuple(
        _found_before(mask, session.traps.xy.tobytes(), rows.tobytes())
        for session, rows in zip(sessions, cells, strict=True)
    )


@lru_cache(maxsize=16)
def _found_before(mask: HabitatMask, trap_xy: bytes, rows: bytes) -> Floats | None:
    """Distances of the same traps and cells of one mask, looked for once."""
    traps = np.frombuffer(trap_xy, dtype=np.float64).reshape(-1, 2)
    found = bent_distance(mask, traps, mask.xy[np.frombuffer(rows, dtype=np.int64)])
    if found is not None:
        found.setflags(write=False)
    return found


def away_from_traps(
    design: "Design", arrays: ModelArrays, index: int, cells: NDArray[np.int64]
) -> Floats:
    r"""Distance of some cells from each trap of a session, as the likelihood takes it.

    Parameters
    ----------
    design, arrays
        The model with its data, and its parameters.
    index
        The session.
    cells
        Cells among those of the session, any shape.

    Returns
    -------
    NDArray
        Metres, shape (\*cells.shape, n_traps).
    """
    given = design.distance[index]
    if arrays.resistance:
        given = design.path_grids[index].lengths(arrays.resistance[index])
    if given is not None:
        return np.asarray(given.T[cells])
    xy = design.mask.xy[design.cells[index][cells]]
    away = xy[..., None, :] - design.survey.sessions[index].traps.xy
    return np.asarray(np.hypot(away[..., 0], away[..., 1]))


def check_fixes(design: "Design") -> None:
    """Raise where fixes of transmitters are to go with a barrier.

    Parameters
    ----------
    design
        The model with its data.

    Raises
    ------
    FormulaError
        Saying what to leave out.
    """
    with_fixes = any(session.fixes is not None for session in design.survey.sessions)
    if with_fixes and design.mask.barrier is not None:
        msg = (
            "The mask has a barrier, and the survey has fixes of transmitters, whose density about "
            "a centre is not known yet where paths bend. Leave the fixes out, or the barrier."
        )
        raise FormulaError(msg)


def check_reached(design: "Design", index: int) -> None:
    """Raise where no path joins stations at which one animal was detected, or no cell a station.

    Parameters
    ----------
    design
        The model with its data.
    index
        The session.

    Raises
    ------
    MaskError
        Naming stations to which no path leads from any cell.
    SurveyError
        Naming animals, and the stations of the first.
    """
    given = design.distance[index]
    if given is None:
        return
    session, reached = by_type(design.survey).sessions[index], given < UNREACHABLE
    names = session.traps.names
    alone = np.flatnonzero(~reached.any(axis=1))
    if len(alone):
        listed = ", ".join(repr(str(names[i])) for i in alone[:_LISTED])
        msg = (
            f"No path leads from any cell of {design.mask.source} to {len(alone)} of "
            f"{len(names)} stations: {listed}. Correct the barrier that closes round them, "
            "make cells smaller, or leave these stations out."
        )
        raise MaskError(msg, kind="station out of reach")
    captures = session.captures
    apart = []
    for animal in range(captures.n_individuals):
        at = np.unique(captures.trap[captures.individual == animal])
        if not reached[at].all(axis=0).any():
            apart.append((str(captures.individuals[animal]), at))
    if apart:
        who = ", ".join(repr(name) for name, _ in apart[:_LISTED])
        where = ", ".join(repr(str(names[i])) for i in apart[0][1][:_LISTED])
        msg = (
            f"{len(apart)} of {captures.n_individuals} animals were detected at stations between "
            f"which no path leads: {who}; the first at {where}. An animal crossed the barrier or a "
            "gap between cells, or two animals have one name. Leave a gap in the barrier, cut it, "
            "or correct the detections."
        )
        raise SurveyError(msg, kind="animal on both sides of a barrier")
