"""Which cells lie within reach of the stations: from the layout alone, never from detections."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.survey.detection_places import ground_worked
from scr.survey.spacing import layout_spacing

if TYPE_CHECKING:
    from scr.model.design import Design
    from scr.survey.survey import Survey

REACH_IN_SIGMA = 3.0
"""Cells this many prior medians of sigma from a trap that worked are within reach. An animal that
lives 3 sigma from a trap is photographed there about a hundredth as often as one that lives at it:
cells beyond that hardly bear on the detections."""


def trap_spacing(survey: "Survey") -> float | None:
    """Median distance from a trap to its nearest neighbour, metres; pairs and threes count as one.

    Where areas or lines are searched, the median of their size: the side of a square as large, a
    quarter of the length of a line.

    Parameters
    ----------
    survey
        The data; of it the places of the traps, each counted once in a session.

    Returns
    -------
    float
        None where all traps of each session stand in one place.
    """
    return layout_spacing(session.traps for session in survey.sessions)


def prior_sigma(survey: "Survey") -> float | None:
    """The default prior's median of sigma, metres: the trap spacing to one significant digit.

    Priors are printed for all to read, and the exact spacing would give a regular grid away.

    Parameters
    ----------
    survey
        The data.

    Returns
    -------
    float
        None where all traps of each session stand in one place.
    """
    spacing = trap_spacing(survey)
    return None if spacing is None else float(f"{spacing:.0e}")


def reach_of(survey: "Survey") -> float:
    """Distance from a trap up to which cells are within reach, metres; infinite without a spacing.

    Parameters
    ----------
    survey
        The data.
    """
    spacing = prior_sigma(survey)
    return np.inf if spacing is None else REACH_IN_SIGMA * spacing


def within_reach(design: "Design") -> NDArray[np.bool_]:
    """Cells within reach of a trap that worked, and the cell in which each of these stands.

    Parameters
    ----------
    design
        The model and its data.

    Returns
    -------
    NDArray
        One value per cell of each session, one session after the other.
    """
    reach = reach_of(design.survey)
    near = []
    for session, cells in zip(design.survey.sessions, design.cells, strict=True):
        worked = ground_worked(session)
        centres = design.mask.xy[cells]
        is_near = np.ones(len(cells), dtype=np.bool_)
        if len(worked):
            is_near = cKDTree(worked).query(centres)[0] <= reach
            is_near[cKDTree(centres).query(worked)[1]] = True
        near.append(is_near)
    return np.concatenate(near)
