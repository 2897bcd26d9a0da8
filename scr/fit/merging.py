"""What the estimates would be if the animals that look most like one animal were one."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import ScrError
from scr.fit.influence import estimates_of
from scr.fit.mode_of import mode_of
from scr.fit.result import Fit
from scr.likelihood.problem import animal_terms, build_problem
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Session, Survey

_MOST_TRIED, MOST_TOLD = 40, 3
"""Pairs whose likelihoods are worked out, the nearest first; and pairs that are told."""


@dataclass(frozen=True)
class Merging:
    """Two animals that may be one, and what would follow. Private: it names animals.

    Parameters
    ----------
    session
        Label of the session.
    individuals
        Names of the two; of all pairs together where several are merged at once.
    log_ratio
        Log of the likelihood of their captures as those of one animal over that as those of two,
        by which pairs are ranked. Neighbours have large ones: where the animals looked different
        it says nothing against that. NaN where several pairs are merged at once.
    density_ratio, sigma_ratio
        Estimates with the animals merged over those without.
    """

    session: str
    individuals: tuple[str, ...]
    log_ratio: float
    density_ratio: float
    sigma_ratio: float


def mergings(fit: Fit) -> tuple[Merging, ...]:
    r"""Pairs of animals that could be one animal, and the estimates if they were.

    For each pair that could be one (no two sexes, not caught in two traps at once where traps hold
    animals) the captures are held against each other by :math:`L_{ij} / (L_i L_j)`, with
    :math:`L_{ij}` that of one animal with the captures of both. The three pairs of the largest
    ratio are merged, each by itself and then all at once, and the mode of the posterior (the
    maximum of the likelihood) is found again.

    Parameters
    ----------
    fit
        A fitted model with density.

    Returns
    -------
    tuple
        At most three pairs, the likeliest first, and then all of them at once where there are
        several; none where no pair could be one, the model cannot be fitted to them, detections
        have places of their own, or animals are known from one side.
    """
    with_sides = any(session.sides is not None for session in fit.survey.sessions)
    searched = DETECTORS[fit.survey.detector].searched
    if searched or with_sides or fit.spec.number == "conditional":
        return ()
    found = _likeliest(fit)
    if not found:
        return ()
    try:
        before = _log_estimate(fit, fit.survey)
        result = [
            _told(fit, before, ((index, *pair),), ratio) for ratio, index, pair in found[:MOST_TOLD]
        ]
        together = _apart(found)
        if len(together) > 1:
            result.append(_told(fit, before, together, float("nan")))
    except (ScrError, np.linalg.LinAlgError):
        return ()
    return tuple(result)


type _Pair = tuple[int, int, int]
"""Session, and two animals of it."""


def _apart(found: list[tuple[float, int, tuple[int, int]]]) -> tuple[_Pair, ...]:
    """Pairs of which no animal is in two."""
    used: set[tuple[int, int]] = set()
    chosen = []
    for _, index, pair in found[:MOST_TOLD]:
        both = {(index, animal) for animal in pair}
        if not both & used:
            used |= both
            chosen.append((index, *pair))
    return tuple(chosen)


def _told(
    fit: Fit, before: NDArray[np.float64], pairs: tuple[_Pair, ...], log_ratio: float
) -> Merging:
    survey = fit.survey
    names: list[str] = []
    for index, first, second in pairs:
        own = fit.survey.sessions[index].captures.individuals
        names += [str(own[first]), str(own[second])]
    for index in {index for index, _, _ in pairs}:
        session = survey.sessions[index]
        merged = _merged(session, [(a, b) for k, a, b in pairs if k == index])
        sessions = tuple(merged if k == index else s for k, s in enumerate(survey.sessions))
        survey = replace(survey, sessions=sessions)
    log_sigma, log_density = _log_estimate(fit, survey) - before
    label = survey.sessions[pairs[0][0]].name
    return Merging(
        session=label if len({index for index, _, _ in pairs}) == 1 else "several",
        individuals=tuple(names),
        log_ratio=log_ratio,
        density_ratio=float(np.exp(log_density)),
        sigma_ratio=float(np.exp(log_sigma)),
    )


def _log_estimate(fit: Fit, survey: Survey) -> NDArray[np.float64]:
    """Log sigma and log density at the mode, shape (2,)."""
    target, mode = mode_of(fit, survey)
    estimate = estimates_of(fit.problem.design, target.coefficients(mode.point)[None])
    return np.asarray(estimate[0])


def _likeliest(fit: Fit) -> list[tuple[float, int, tuple[int, int]]]:
    """Log ratio, session and animals of pairs that could be one, the likeliest first."""
    centre = fit.point if fit.point is not None else np.median(fit.draws, axis=0)
    found = []
    for index, session in enumerate(fit.survey.sessions):
        pairs = _nearest_pairs(session, DETECTORS[fit.survey.detector].records == "multi")
        if not pairs:
            continue
        wider = _beside(session, pairs)
        sessions = tuple(wider if k == index else s for k, s in enumerate(fit.survey.sessions))
        problem = build_problem(replace(fit.survey, sessions=sessions), fit.mask, fit.spec)
        first = sum(s.captures.n_individuals for s in sessions[:index])
        log_l = animal_terms(problem, centre)[0][first:]
        own, both = np.split(log_l[: wider.captures.n_individuals], [-len(pairs)])
        for (a, b), together in zip(pairs, both, strict=True):
            found.append((float(together - own[a] - own[b]), index, (a, b)))
    return sorted((one for one in found if np.isfinite(one[0])), reverse=True)


def _nearest_pairs(session: Session, is_multi: bool) -> list[tuple[int, int]]:
    """Pairs of animals that could be one, those whose mean places are nearest first."""
    captures = session.captures
    n = captures.n_individuals
    xy = session.traps.xy[captures.trap]
    each = np.bincount(captures.individual, minlength=n)[:, None]
    mean = np.stack([np.bincount(captures.individual, xy[:, k], n) for k in (0, 1)], 1) / each
    pairs = []
    for a, b in combinations(range(n), 2):
        if not _could_be_one(captures, a, b, is_multi=is_multi):
            continue
        pairs.append((float(np.hypot(*(mean[a] - mean[b]))), (a, b)))
    return [pair for _, pair in sorted(pairs)[:_MOST_TRIED]]


def _could_be_one(captures: CaptureHistory, a: int, b: int, *, is_multi: bool) -> bool:
    for name in captures.covariates.columns:
        first, second = captures.covariates[name].iloc[[a, b]]
        if not pd.isna(first) and not pd.isna(second) and first != second:
            return False
    if captures.removed[[a, b]].any():
        return False
    if not is_multi:
        return True
    when = [set(captures.occasion[captures.individual == animal].tolist()) for animal in (a, b)]
    return not when[0] & when[1]


def _beside(session: Session, pairs: list[tuple[int, int]]) -> Session:
    """The session with one more animal for each pair, which has the captures of both."""
    captures = session.captures
    binary = _is_binary(captures)
    rows = [pd.DataFrame(_columns(captures))]
    covariates = [captures.covariates]
    for number, pair in enumerate(pairs):
        both = rows[0][rows[0]["individual"].isin(pair)].assign(
            individual=captures.n_individuals + number
        )
        rows.append(_summed(both, binary=binary))
        covariates.append(_of_both(captures, pair))
    names = [*captures.individuals, *(f"pair {k}" for k in range(len(pairs)))]
    table = pd.concat(rows, ignore_index=True)
    return replace(session, captures=_history(names, table, pd.concat(covariates)))


def _merged(session: Session, pairs: list[tuple[int, int]]) -> Session:
    """The session with the animals of each pair as one."""
    captures = session.captures
    becomes = np.arange(captures.n_individuals)
    covariates = captures.covariates.copy()
    for a, b in pairs:
        becomes[b] = a
        covariates.iloc[[a]] = _of_both(captures, (a, b)).to_numpy()
    kept, place = np.unique(becomes, return_inverse=True)
    table = pd.DataFrame(_columns(captures))
    table["individual"] = place[table["individual"]]
    table = _summed(table, binary=_is_binary(captures))
    names = [captures.individuals[k] for k in kept]
    return replace(session, captures=_history(names, table, covariates.iloc[kept]))


def _columns(captures: CaptureHistory) -> dict[str, NDArray[np.int64]]:
    return {name: getattr(captures, name) for name in ("individual", "occasion", "trap", "count")}


def _is_binary(captures: CaptureHistory) -> bool:
    return bool((captures.count == 1).all())


def _summed(table: pd.DataFrame, *, binary: bool) -> pd.DataFrame:
    keys = ["individual", "occasion", "trap"]
    count = table.groupby(keys)["count"].sum()
    summed = count.index.to_frame(index=False)
    return summed.assign(count=1 if binary else count.to_numpy())


def _of_both(captures: CaptureHistory, pair: tuple[int, int]) -> pd.DataFrame:
    """What is known of either of two animals, one row."""
    both = captures.covariates.iloc[list(pair)]
    filled: pd.DataFrame = both.bfill() if len(both.columns) else both
    return filled.head(1)


def _history(names: list[str], table: pd.DataFrame, covariates: pd.DataFrame) -> CaptureHistory:
    return CaptureHistory(
        individuals=np.array(names, dtype=object),
        covariates=covariates.reset_index(drop=True),
        **{name: table[name].to_numpy() for name in ("individual", "occasion", "trap", "count")},
    )
