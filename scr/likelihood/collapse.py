"""From a survey and a design to ``LikelihoodData``, merging records where that is exact."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from scr.habitat.mask import HabitatMask
from scr.likelihood.data import Animals, Detections, Exposures, LikelihoodData, Records
from scr.model.design import Design
from scr.model.tables import class_of_individuals
from scr.survey.survey import Detector, Session

RECORDS: dict[Detector, Records] = {
    "proximity": "binary",
    "count": "poisson",
    "binomial_count": "binomial",
}
"""What the records of each detector type count."""


def likelihood_data(design: Design) -> tuple[LikelihoodData, ...]:
    """The arrays of each session.

    Non-detection is a sum of effort within one trap and level, whatever the occasion. Binary
    records are merged where trap, effort and level are equal; Poisson counts always, the factors
    that no parameter enters going into a constant; binomial counts always.

    Parameters
    ----------
    design
        The model with its data.
    """
    first = 0
    result = []
    for index, session in enumerate(design.survey.sessions):
        result.append(_session(design, index, session, first))
        first += session.captures.n_individuals
    return tuple(result)


def _session(design: Design, index: int, session: Session, first: int) -> LikelihoodData:
    records = RECORDS[design.survey.detector]
    captures = session.captures
    allowed = class_of_individuals(captures.covariates, design.classes)
    intensity = design.intensity.of_session[index]
    shape = design.shape.of_session[index]
    cells = design.cells[index]
    n = captures.n_individuals
    return LikelihoodData(
        point_xy=session.traps.xy,
        cell_xy=design.mask.xy[cells],
        cell_area=design.mask.cell_area[cells],
        grid=_grid(design.mask, cells),
        spacing=design.mask.spacing,
        exposures=_exposures(session.usage.effort.sum(axis=1), intensity, shape),
        detections=_detections(session, records, allowed, intensity, shape),
        animals=Animals(
            pattern=np.zeros(n, dtype=np.int64),
            allowed=allowed,
            group=np.zeros(n, dtype=np.int64),
            individual=np.arange(first, first + n, dtype=np.int64),
            constant=_constant(session, records),
        ),
        records=records,
        n_classes=len(design.classes),
    )


def _grid(mask: HabitatMask, cells: NDArray[np.int64]) -> NDArray[np.int64] | None:
    if mask.spacing is None:
        return None
    offset = (mask.xy[cells] - mask.xy[cells].min(axis=0)) / mask.spacing
    return np.rint(offset).astype(np.int64)[:, ::-1].copy()


def _exposures(
    effort: NDArray[np.float64], intensity: NDArray[np.int64], shape: NDArray[np.int64]
) -> Exposures:
    points = np.flatnonzero(effort > 0)
    n_classes = len(intensity)
    return Exposures(
        pattern=np.zeros(n_classes * len(points), dtype=np.int64),
        class_=np.repeat(np.arange(n_classes), len(points)),
        point=np.tile(points, n_classes),
        effort=np.tile(effort[points], n_classes),
        intensity=intensity[:, points].reshape(-1),
        shape=shape[:, points].reshape(-1),
        group=np.full(n_classes * len(points), -1),
    )


def _detections(
    session: Session,
    records: Records,
    allowed: NDArray[np.bool_],
    intensity: NDArray[np.int64],
    shape: NDArray[np.int64],
) -> Detections:
    captures = session.captures
    effort = np.ones(len(captures.trap))
    if records == "binary":
        effort = session.usage.effort[captures.trap, captures.occasion]
    record, class_ = np.nonzero(allowed[captures.individual])
    animal, point = captures.individual[record], captures.trap[record]
    keys = np.stack([animal, class_, point, effort[record]], axis=1).astype(np.float64)
    distinct, number = np.unique(keys, axis=0, return_inverse=True)
    count = np.bincount(
        number.reshape(-1), weights=captures.count[record], minlength=len(distinct)
    ).astype(np.float64)
    animal, class_, point = (distinct[:, column].astype(np.int64) for column in range(3))
    return Detections(
        animal=animal,
        class_=class_,
        point=point,
        count=count,
        effort=distinct[:, 3],
        intensity=intensity[class_, point],
        shape=shape[class_, point],
        occasion_group=np.full(len(distinct), -1),
    )


def _constant(session: Session, records: Records) -> NDArray[np.float64]:
    captures = session.captures
    n = captures.n_individuals
    if records != "poisson":
        return np.zeros(n)
    effort = session.usage.effort[captures.trap, captures.occasion]
    terms = captures.count * np.log(effort) - gammaln(captures.count + 1)
    return np.bincount(captures.individual, weights=terms, minlength=n).astype(np.float64)
