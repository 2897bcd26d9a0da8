"""Captures of as many animals as a survey detected, in each session and with sexes as unknown."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.model.arrays import ModelArrays
from scr.model.design import Design
from scr.model.spec import CLASS_COVARIATE
from scr.simulate.captures import Records
from scr.simulate.occasions import simulate_session
from scr.simulate.population import Population, simulate_population
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey

_FIRST_BATCH, _LARGEST_BATCH, _MOST_BATCHES = 3, 20_000, 30


@dataclass(frozen=True, eq=False)
class _Caught:
    """Records of animals detected, numbered from 0, and the class of each."""

    records: Records
    class_: NDArray[np.int64]


def survey_of_as_many(
    design: Design, theta: NDArray[np.float64], rng: np.random.Generator
) -> Survey:
    r"""Captures that a survey brings of as many animals as it detected, if the model is true.

    Animals are drawn one after the other, and those that are never detected passed over, until
    there are n in each session: given n their histories are independent, each with probability
    :math:`L(y) / \Lambda`. Centres lie where the likelihood has them, in the middle of cells.

    Parameters
    ----------
    design
        The model with the survey whose captures are replaced. Its detection may answer to what an
        animal has met, and not to what others have (k, K).
    theta
        Coefficients, shape (n_coefficients,).
    rng
        Source of random numbers.

    Raises
    ------
    FitError
        If so few animals are detected that as many cannot be found.
    """
    arrays = design.arrays(theta)
    effect_sd = 0.0
    if design.spec.has_individual:
        effect_sd = float(theta[design.coefficient_names.index(design.spec.effect_name)])
    sessions = []
    for index, session in enumerate(design.survey.sessions):
        caught = _catch(design, arrays, index, effect_sd, rng)
        sessions.append(replace(session, captures=_history(design, session, caught, rng)))
    return replace(design.survey, sessions=tuple(sessions))


def _catch(
    design: Design,
    arrays: ModelArrays,
    index: int,
    effect_sd: float,
    rng: np.random.Generator,
) -> _Caught:
    """As many animals as a session detected."""
    wanted = design.survey.sessions[index].captures.n_individuals
    size, n_tried, found = _FIRST_BATCH * wanted + 20, 0, 0
    batches: list[_Caught] = []
    for _ in range(_MOST_BATCHES):
        if found >= wanted:
            break
        population = _population(design, arrays, index, effect_sd, size=size, rng=rng)
        records = simulate_session(design, arrays, index, population, rng)
        seen = np.unique(records.animal)[: wanted - found]
        batches.append(_Caught(_of_animals(records, seen, first=found), population.class_[seen]))
        n_tried, found = n_tried + size, found + len(seen)
        rate = max(found, 1) / n_tried
        size = min(int(1.3 * (wanted - found) / rate) + 20, _LARGEST_BATCH)
    if found < wanted:
        msg = (
            f"Of {n_tried:,} animals simulated in session "
            f"{design.survey.sessions[index].name!r} {found} were detected, and {wanted} are "
            "needed: by these coefficients hardly an animal is detected. Look at the warnings of "
            "the fit, and at a buffer that may be far too wide."
        )
        raise FitError(msg)
    return _joined(batches)


def _population(
    design: Design,
    arrays: ModelArrays,
    index: int,
    effect_sd: float,
    *,
    size: int,
    rng: np.random.Generator,
) -> Population:
    """So many animals, each placed by itself as density has it."""
    cells = design.cells[index]
    log_density = design.classes.of_kinds(arrays.log_density[index])
    share = design.classes.share_of_kinds(np.exp(arrays.log_share[index]))
    top = log_density.max()
    living = float(
        (share[:, None] * np.exp(log_density - top)).sum(axis=0) @ design.mask.cell_area[cells]
    )
    population = simulate_population(
        design.mask,
        log_density - top + np.log(size / living),
        share=share,
        rng=rng,
        cells=cells,
        centres="cell_centre",
        is_fixed=True,
    )
    effect = None
    if design.spec.has_individual:
        effect = effect_sd * rng.standard_normal(len(population))
    class_ = design.classes.middle[population.class_]
    return replace(population, class_=class_, effect=effect)


def _of_animals(records: Records, animals: NDArray[np.int64], *, first: int) -> Records:
    """The records of some animals, numbered anew."""
    kept = np.isin(records.animal, animals)
    xy = records.xy[np.repeat(kept, records.count)] if len(records.xy) else records.xy
    return Records(
        first + np.searchsorted(animals, records.animal[kept]),
        records.occasion[kept],
        records.trap[kept],
        records.count[kept],
        xy,
    )


def _joined(batches: list[_Caught]) -> _Caught:
    if not batches:
        none = np.zeros(0, dtype=np.int64)
        return _Caught(Records(none, none, none, none), none)
    animal, occasion, trap, count, xy = (
        np.concatenate([getattr(batch.records, name) for batch in batches])
        for name in ("animal", "occasion", "trap", "count", "xy")
    )
    class_ = np.concatenate([batch.class_ for batch in batches])
    return _Caught(Records(animal, occasion, trap, count, xy), class_)


def _history(
    design: Design, session: Session, caught: _Caught, rng: np.random.Generator
) -> CaptureHistory:
    """Captures with as many sexes unknown, of animals chosen whatever their history."""
    n, records = len(caught.class_), caught.records
    covariates = pd.DataFrame(index=range(n))
    if design.classes.has_sexes:
        names = np.array(design.classes.sexes, dtype=object)
        sex = names[design.classes.sex[caught.class_]]
        known = session.captures.covariates.get(CLASS_COVARIATE)
        n_unknown = n if known is None else int(known.isna().sum())
        sex[rng.permutation(n)[:n_unknown]] = None
        covariates[CLASS_COVARIATE] = pd.Series(sex, dtype=object)
    return CaptureHistory(
        individuals=np.array([f"R{i + 1:04d}" for i in range(n)], dtype=object),
        individual=records.animal,
        occasion=records.occasion,
        trap=records.trap,
        count=records.count,
        covariates=covariates,
        xy=records.xy,
    )
