"""Searched areas and lines as points of the likelihood, and detections by their places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.likelihood.data import Parts
from scr.model.design import Design
from scr.model.detection import DETECTION_FUNCTIONS, SHAPES
from scr.survey.detectors import DETECTORS, DetectorType
from scr.survey.parts import edges_of
from scr.survey.survey import Session

type Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Records of a session, or where detections have places, these one by one; shape (n_rows,).

    Parameters
    ----------
    animal, trap, occasion
        Of each row.
    point
        The trap, or the point that stands for the place.
    count
        Detections in the row.
    """

    animal: Ints
    trap: Ints
    occasion: Ints
    point: Ints
    count: Ints


def check_searches(design: Design) -> None:
    """Raise where areas or lines are searched by a detection function that cannot be.

    Parameters
    ----------
    design
        The model with its data.

    Raises
    ------
    FormulaError
        Naming those that can.
    """
    detector, family = DETECTORS[design.survey.detector], design.spec.family
    can = [
        name
        for name, other in DETECTION_FUNCTIONS.items()
        if other.form == "hazard" and SHAPES[other.shape].over_plane is not None
    ]
    if detector.searched and family.name not in can:
        msg = (
            f"detection={family.name!r} cannot be used where {detector.searched} are searched: "
            f"detector={design.survey.detector!r} takes {' or '.join(map(repr, can))}, whose "
            "integrals are known."
        )
        raise FormulaError(msg)
    with_fixes = any(session.fixes is not None for session in design.survey.sessions)
    if with_fixes and family.name != "hazard_half_normal":
        msg = (
            f"detection={family.name!r} cannot be used with fixes of transmitters yet, which take "
            "'hazard_half_normal' alone. Use it, or leave the fixes out."
        )
        raise FormulaError(msg)


def parts_of(session: Session, detector: DetectorType) -> Parts | None:
    """Edges of what was searched in a session; None where detectors stand at points.

    Parameters
    ----------
    session
        The session.
    detector
        What it records.
    """
    if not detector.searched or session.traps.parts is None:
        return None
    return Parts(detector.dims, *edges_of(session.traps.parts))


def rows_of(session: Session, detector: DetectorType) -> Rows:
    """Records of a session, by place where there are places.

    Parameters
    ----------
    session
        The session; where detections have places, these points follow those of the traps.
    detector
        What it records.
    """
    captures = session.captures
    columns = (captures.individual, captures.trap, captures.occasion)
    if not detector.searched:
        return Rows(*columns, captures.trap, captures.count)
    animal, trap, occasion = (np.repeat(column, captures.count) for column in columns)
    n = len(captures.xy)
    return Rows(
        animal, trap, occasion, len(session.traps) + np.arange(n), np.ones(n, dtype=np.int64)
    )
