"""What is counted in a survey to see whether a model fits it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.survey.survey import Session

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Statistic:
    """One number counted in a survey.

    Parameters
    ----------
    name
        Short name.
    in_words
        What it is.
    two_sided
        Whether too small tells of misfit as well as too large.
    needs_centres
        Whether it is a discrepancy from counts expected at the animals' centres.
    """

    name: str
    in_words: str
    two_sided: bool
    needs_centres: bool = False


STATISTICS = (
    Statistic(
        "animal x trap",
        "detections of each animal at each trap against those expected (Freeman-Tukey)",
        two_sided=False,
        needs_centres=True,
    ),
    Statistic(
        "animals",
        "detections of each animal against those expected (Freeman-Tukey)",
        two_sided=False,
        needs_centres=True,
    ),
    Statistic(
        "traps",
        "detections at each trap against those expected (Freeman-Tukey)",
        two_sided=False,
        needs_centres=True,
    ),
    Statistic(
        "shape of detection",
        "detections far from the centre beyond those expected: is detection cut off too soon?",
        two_sided=True,
        needs_centres=True,
    ),
    Statistic(
        "learned response",
        "detections after an animal's first, beyond those expected",
        two_sided=True,
        needs_centres=True,
    ),
    Statistic(
        "learned response at the trap",
        "detections after an animal's first at the same trap, beyond those expected",
        two_sided=True,
        needs_centres=True,
    ),
    Statistic(
        "overdispersion",
        "spread of the animals at each trap about those expected (Fletcher's c-hat)",
        two_sided=False,
        needs_centres=True,
    ),
    Statistic("singletons", "animals detected once", two_sided=True),
    Statistic("distance moved", "mean distance between detections that follow each other, m", True),
    Statistic("longest distance moved", "mean over animals of the longest distance moved, m", True),
    Statistic("closure", "animals detected in both halves of the session", two_sided=True),
    Statistic(
        "first half", "share of the detections that fell in the first half of the session", True
    ),
)
"""All of them, in the order of the columns of ``statistics_of``."""


@dataclass(frozen=True, eq=False)
class Counted:
    """One session, as the statistics take it.

    Parameters
    ----------
    session
        The session with its captures, those of a replicate perhaps.
    expected
        Expected detections of each animal at each trap, shape (n_draws, n_animals, n_traps);
        None where they cannot be told.
    p_dot
        Probability that each is detected at all, shape (n_draws, n_animals).
    mean_expected
        Mean of ``expected`` over all places of the centres, shape (n_animals, n_traps).
    far
        Detections weighed by distance from the centre, less those expected.
    animals_at
        Animals expected at each trap, up to a factor, shape (n_traps,).
    """

    session: Session
    expected: Floats | None
    p_dot: Floats
    mean_expected: Floats
    far: float
    animals_at: Floats


def statistics_of(sessions: list[Counted]) -> Floats:
    """All statistics of a survey, NaN where one cannot be told.

    Parameters
    ----------
    sessions
        Its sessions.

    Returns
    -------
    NDArray
        Shape (n_statistics,), in the order of ``STATISTICS``.
    """
    return np.concatenate([_with_centres(sessions), _of_captures(sessions)])


def _with_centres(sessions: list[Counted]) -> Floats:
    total = np.zeros(6)
    spread: list[Floats] = []
    lone = True
    for one in sessions:
        if one.session.captures.n_individuals == 0:
            continue
        if one.expected is None:
            return np.full(7, np.nan)
        total += _discrepancies(one, one.expected)
        lone &= one.session.usage.effort.shape[1] == 1
        spread.append(_spread(one))
    if lone:
        total[4:] = np.nan
    every = np.concatenate(spread, axis=1) if spread else np.full((2, 0), np.nan)
    return np.append(total, fletcher(every[0], every[1]))


def _discrepancies(one: Counted, expected: Floats) -> Floats:
    captures = one.session.captures
    n_draws, n, n_traps = expected.shape
    counts = counts_of(one.session)
    given = expected / np.maximum(one.p_dot, 1e-12)[:, :, None]  # given that it was detected
    freeman_tukey = [
        (np.sqrt(counts) - np.sqrt(given)) ** 2,
        (np.sqrt(counts.sum(axis=1)) - np.sqrt(given.sum(axis=2))) ** 2,
        (np.sqrt(counts.sum(axis=0)) - np.sqrt(given.sum(axis=1))) ** 2,
    ]
    found = [float(part.sum()) / n_draws for part in freeman_tukey]
    found.append(one.far)
    first, first_there = _first_times(one.session, n, n_traps)
    effort = one.session.usage.effort
    past = np.concatenate([np.zeros((n_traps, 1)), effort.cumsum(axis=1)], axis=1)
    total = np.maximum(past[:, -1], 1e-300)
    for since in (np.broadcast_to(first[:, None], (n, n_traps)), first_there):
        met = since < effort.shape[1]
        done = past[np.arange(n_traps), np.minimum(since + 1, effort.shape[1])]
        left = np.where(met, 1.0 - done / total, 0.0)
        own = since[captures.individual, captures.trap]
        after = float(captures.count[captures.occasion > own].sum())
        found.append(after - float((one.mean_expected * left).sum()))
    return np.array(found)


def _first_times(
    session: Session, n: int, n_traps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Occasion of the first detection of each animal, and at each trap; past the last if none."""
    captures, n_occasions = session.captures, session.usage.effort.shape[1]
    there = np.full((n, n_traps), n_occasions)
    np.minimum.at(there, (captures.individual, captures.trap), captures.occasion)
    return there.min(axis=1), there


def counts_of(session: Session) -> Floats:
    """Detections of each animal at each trap, shape (n_animals, n_traps).

    Parameters
    ----------
    session
        A session with its captures.
    """
    captures = session.captures
    counts = np.zeros((captures.n_individuals, len(session.traps)))
    np.add.at(counts, (captures.individual, captures.trap), captures.count)
    return counts


def _spread(one: Counted) -> Floats:
    """Animals at each trap that worked, and those expected, in all as many; shape (2, n_traps)."""
    at = (counts_of(one.session) > 0).sum(axis=0).astype(np.float64)
    used = one.animals_at > 0
    expected = one.animals_at[used] * at[used].sum() / one.animals_at[used].sum()
    return np.stack([at[used], expected])


def fletcher(observed: Floats, expected: Floats) -> float:
    r"""Variance of counts over their mean, by an estimator that bears small means.

    .. math::
        \hat c = \frac{X^2 / K}{1 + \bar s}, \quad X^2 = \sum_k \frac{(O_k - E_k)^2}{E_k}, \quad
        \bar s = \frac{1}{K} \sum_k \frac{O_k - E_k}{E_k}

    Parameters
    ----------
    observed, expected
        Counts and their means, shape (n,).

    References
    ----------
    Fletcher (2012) Biometrika 99:230-237, equation 3, without the number of parameters, which
    replicates account for.

    Examples
    --------
    >>> fletcher(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    0.5
    """
    if not len(observed) or np.isnan(observed).any():
        return float("nan")
    relative = (observed - expected) / expected
    return float((relative * (observed - expected)).mean() / (1.0 + relative.mean()))


def _of_captures(sessions: list[Counted]) -> Floats:
    """Singletons, distances moved, and the two halves of each session."""
    once, both, early, n_detections = 0, 0, 0, 0
    moved: list[Floats] = []
    longest: list[float] = []
    lone = True
    for one in sessions:
        captures, effort = one.session.captures, one.session.usage.effort
        each = np.bincount(captures.individual, captures.count, captures.n_individuals)
        once += int((each == 1).sum())
        n_detections += int(each.sum())
        for steps in steps_of(one.session):
            moved.append(steps)
            longest.append(float(steps.max()))
        if effort.shape[1] < 2:
            continue
        lone = False
        of_day = effort.sum(axis=0)
        middle = (of_day.cumsum() - of_day / 2) / of_day.sum()
        is_early = middle[captures.occasion] <= 0.5
        early += int(captures.count[is_early].sum())
        seen = [set(captures.individual[half].tolist()) for half in (is_early, ~is_early)]
        both += len(seen[0] & seen[1])
    halves = (np.nan, np.nan) if lone else (float(both), early / max(n_detections, 1))
    steps = np.concatenate(moved) if moved else np.zeros(1)
    return np.array([once, steps.mean(), np.mean(longest) if longest else 0.0, *halves])


def steps_of(session: Session) -> list[Floats]:
    """Distances between detections that follow each other, metres, of each animal with several.

    Parameters
    ----------
    session
        A session with its captures. Several detections in one record lie at its trap, or in
        their places.
    """
    captures = session.captures
    record = np.repeat(np.arange(len(captures.count)), captures.count)
    xy = captures.xy if len(captures.xy) else session.traps.xy[captures.trap[record]]
    animal, occasion = captures.individual[record], captures.occasion[record]
    order = np.lexsort((occasion, animal))
    animal, xy = animal[order], xy[order]
    same = animal[1:] == animal[:-1]
    steps = np.hypot(*(xy[1:] - xy[:-1]).T)[same]
    owner = animal[1:][same]
    if not len(steps):
        return []
    return np.split(steps, np.flatnonzero(np.diff(owner)) + 1)
