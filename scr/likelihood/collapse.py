"""From a survey and a design to ``LikelihoodData``, merging records where that is exact."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from scr.errors import FormulaError
from scr.habitat.mask import HabitatMask
from scr.likelihood.data import Animals, Detections, LikelihoodData
from scr.likelihood.patterns import Patterns, SessionLevels, exposures_of, groups_of, patterns_of
from scr.likelihood.searches import check_searches, parts_of, rows_of
from scr.likelihood.telemetry import fixes_of_detected
from scr.model.design import Design
from scr.model.independence import dependences
from scr.model.parameterisation import OF_CELLS, SHAPES
from scr.model.tables import class_of_individuals
from scr.model.travel import check_fixes, check_reached
from scr.model.type_of_detection import check_sides
from scr.model.within_session import check_responses, responses_in
from scr.survey.detectors import DETECTORS, Detector, Records
from scr.survey.sides import by_type
from scr.survey.survey import Session


def likelihood_data(design: Design) -> tuple[LikelihoodData, ...]:
    """The arrays of each session.

    Non-detection is a sum of effort within one trap and level, whatever the occasion. Binary
    records are merged where trap, effort and level are equal; Poisson counts always, the factors
    that no parameter enters going into a constant; binomial counts always.

    Parameters
    ----------
    design
        The model with its data.

    Raises
    ------
    FormulaError
        If a formula names a response that is 0 for every animal, or whose columns cannot be told
        apart in what animals met.
    """
    responses = responses_in(design.spec.detection_variables)
    check_responses(design.survey, responses)
    check_searches(design)
    check_sides(design)
    check_fixes(design)
    first = 0
    result = []
    for index, session in enumerate(by_type(design.survey).sessions):
        check_reached(design, index)
        result.append(_session(design, index, session, first, responses))
        first += session.captures.n_individuals
    if responses:
        _check_met(design, result)
    return tuple(result)


def _check_met(design: Design, sessions: list[LikelihoodData]) -> None:
    """Raise where columns cannot be told apart in what animals met: b in the first occasion."""
    of_shape = [data.exposures.shape for data in sessions]
    of_intensity = [data.exposures.intensity for data in sessions]
    for parameter in design.blocks:
        if parameter in {*OF_CELLS, "share", "pmix"}:
            continue
        is_shape = parameter in SHAPES
        met = np.unique(np.concatenate(of_shape if is_shape else of_intensity))
        names = design.coefficient_names[design.blocks[parameter]]
        fixed = design.fixed(parameter)
        terms = [name.removeprefix(f"{parameter}.") for name in names[fixed]]
        found = dependences(design.columns(parameter)[met][:, fixed], terms)
        if found:
            listed = "; ".join(dependence.in_words() for dependence in found)
            msg = (
                f"The formula of {parameter}, {design.spec.formulas[parameter]!r}, has columns "
                f"that cannot be told apart in what the animals of this survey met: {listed}. No "
                "animal has been caught before the first occasion, say. Leave out "
                f"{' and '.join(dependence.column for dependence in found)}, or what it follows "
                "from."
            )
            raise FormulaError(msg)


def _session(
    design: Design, index: int, session: Session, first: int, responses: tuple[str, ...]
) -> LikelihoodData:
    detector = DETECTORS[design.survey.detector]
    captures = session.captures
    allowed = class_of_individuals(captures.covariates, design.classes)
    levels = SessionLevels(
        design.intensity.of_session[index], design.shape.of_session[index], session.usage.effort
    )
    patterns = patterns_of(session, responses)
    kinds = session.kinds(design.survey.detector)
    holding = [where for kind, where in kinds.items() if DETECTORS[kind].records == "multi"]
    groups = groups_of(session, levels, patterns) if holding else None
    if groups is not None:
        held = np.any([where & (levels.effort > 0) for where in holding], axis=(0, 1))
        groups = np.where(held, groups, -1)
    cells = design.cells[index]
    n = captures.n_individuals
    return LikelihoodData(
        point_xy=np.concatenate([session.traps.xy, captures.xy]),
        cell_xy=design.mask.xy[cells],
        cell_area=design.mask.cell_area[cells],
        grid=_grid(design.mask, cells),
        spacing=design.mask.spacing,
        exposures=exposures_of(levels, patterns, groups),
        detections=_detections(session, design.survey.detector, allowed, levels, patterns, groups),
        animals=Animals(
            pattern=patterns.of_animal,
            allowed=allowed,
            group=np.zeros(n, dtype=np.int64),
            individual=np.arange(first, first + n, dtype=np.int64),
            constant=_constant(session, design.survey.detector),
            **_side(design.survey.sessions[index]),
        ),
        records=detector.records,
        n_classes=len(design.classes),
        distance=design.distance[index],
        grid_of_paths=design.path_grids[index] if design.path_grids else None,
        parts=parts_of(session, detector),
        fixes=fixes_of_detected(design, index, levels.shape, allowed),
    )


def _side(session: Session) -> dict[str, NDArray[np.int64]]:
    sides = session.sides
    return {} if sides is None else {"side": sides.side, "known": sides.known}


def _grid(mask: HabitatMask, cells: NDArray[np.int64]) -> NDArray[np.int64] | None:
    if mask.spacing is None:
        return None
    offset = (mask.xy[cells] - mask.xy[cells].min(axis=0)) / mask.spacing
    return np.rint(offset).astype(np.int64)[:, ::-1].copy()


def _detections(
    session: Session,
    detector: Detector,
    allowed: NDArray[np.bool_],
    levels: SessionLevels,
    patterns: Patterns,
    groups: NDArray[np.int64] | None,
) -> Detections:
    found = rows_of(session, DETECTORS[detector])
    is_binary, is_count = (_of_records(session, detector, name) for name in ("binary", "poisson"))
    place = (found.trap, found.occasion)
    effort = np.where(is_binary[place], session.usage.effort[place], 1.0)
    group = np.full(len(found.trap), -1) if groups is None else groups[found.occasion]
    state = patterns.at(found.animal, found.trap, found.occasion)
    record, class_ = np.nonzero(allowed[found.animal])
    animal, point = found.animal[record], found.point[record]
    intensity, shape = levels.at(class_, found.trap[record], found.occasion[record], state[record])
    counted = is_count[place][record]
    keys = np.stack(
        [animal, class_, point, effort[record], intensity, shape, group[record], counted]
    )
    distinct, number = np.unique(keys.astype(np.float64), axis=1, return_inverse=True)
    count = np.bincount(
        number.reshape(-1), weights=found.count[record], minlength=distinct.shape[1]
    ).astype(np.float64)
    whole = distinct.astype(np.int64)
    return Detections(
        animal=whole[0],
        class_=whole[1],
        point=whole[2],
        count=count,
        effort=distinct[3],
        intensity=whole[4],
        shape=whole[5],
        occasion_group=whole[6],
        is_count=whole[7] > 0,
    )


def _of_records(session: Session, detector: Detector, records: Records) -> NDArray[np.bool_]:
    """Traps and occasions whose detectors record so, shape (n_traps, n_occasions)."""
    found = np.zeros(session.usage.effort.shape, dtype=np.bool_)
    for kind, where in session.kinds(detector).items():
        if DETECTORS[kind].records == records:
            found |= where
    return found


def _constant(session: Session, detector: Detector) -> NDArray[np.float64]:
    captures = session.captures
    n, place = captures.n_individuals, (captures.trap, captures.occasion)
    has_term = _of_records(session, detector, "poisson") | _of_records(session, detector, "multi")
    effort = session.usage.effort[place]
    terms = captures.count * np.log(effort) - gammaln(captures.count + 1)
    terms = np.where(has_term[place], terms, 0.0)
    return np.bincount(captures.individual, weights=terms, minlength=n).astype(np.float64)
