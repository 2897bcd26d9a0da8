"""Which left and right animals are one, and how many animals were photographed."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.likelihood.partners import generator_of, pairs_of
from scr.survey.survey import Session

COLUMNS = ("session", "left", "right", "probability", "distance_m")
"""Of the table of pairs."""

LEAST_PROBABILITY = 0.001
"""Of a pair, below which it is left out of the table."""


def flank_pairs(fit: Fit, *, max_draws: int = 200) -> pd.DataFrame:
    r"""Probability that a left and a right animal are one, the likeliest pairs first.

    .. math:: \Pr(i = j) = \mathrm{E}_\theta \sum_{M \ni ij} \prod_{kl \in M} w_{kl} \Big/ Z

    Look at the photographs of these pairs again. The probabilities follow from places, effort and
    sex, not from the coats.

    Parameters
    ----------
    fit
        A fit of a survey read with ``flank="both"``.
    max_draws
        Draws averaged over, evenly spaced among those of the fit; for maximum likelihood the
        estimate alone is used.

    Returns
    -------
    DataFrame
        Columns session, left, right, probability, and distance_m, from the nearest station of the
        one to that of the other; pairs of at least 0.001. Private: it names animals.

    Raises
    ------
    FitError
        If the survey does not use both flanks.
    """
    _require_sides(fit)
    thetas = _thetas(fit, max_draws)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda theta: _probabilities(fit, theta), thetas)
        total = [sum(parts) for parts in zip(*found, strict=True)]
    tables = [
        _table(session, each / len(thetas))
        for session, each in zip(fit.survey.sessions, total, strict=False)
    ]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=list(COLUMNS))
    table = table.sort_values("probability", ascending=False, kind="stable", ignore_index=True)
    return table[table["probability"] >= LEAST_PROBABILITY]


def _probabilities(fit: Fit, theta: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [pairs.probability() for pairs in pairs_of(fit.problem, theta)]


def _table(session: Session, probability: NDArray[np.float64]) -> pd.DataFrame:
    sides, captures = session.sides, session.captures
    if sides is None:
        return pd.DataFrame()
    left, right = np.flatnonzero(sides.side == 1), np.flatnonzero(sides.side == 2)
    xy = [session.traps.xy[captures.trap[captures.individual == i]] for i in range(len(sides.side))]
    i, j = np.indices(probability.shape).reshape(2, -1)
    apart = [
        float(np.sqrt(((xy[left[a]][:, None] - xy[right[b]]) ** 2).sum(axis=-1)).min())
        for a, b in zip(i, j, strict=True)
    ]
    return pd.DataFrame(
        {
            "session": session.name,
            "left": captures.individuals[left[i]],
            "right": captures.individuals[right[j]],
            "probability": probability.ravel(),
            "distance_m": apart,
        }
    )


def animals_photographed(fit: Fit, *, max_draws: int = 1000) -> pd.DataFrame:
    """How many different animals the photographs of each session show.

    Complete animals, left ones and right ones, less the pairs of a matching drawn for each draw.

    Parameters
    ----------
    fit
        A fit of a survey read with ``flank="both"``.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        Columns session, complete, left, right, least, most (animals there can be), median, lower
        and upper (95 %); a row for each session.

    Raises
    ------
    FitError
        If the survey does not use both flanks.
    """
    _require_sides(fit)
    thetas = thinned(fit.draws, max_draws)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        drawn = np.array(list(pool.map(lambda theta: _n_pairs(fit, theta), thetas)))
    rows = []
    for s, session in enumerate(fit.survey.sessions):
        if session.sides is None:
            continue
        seen = session.sides.photographed
        number = seen.most - (drawn[:, s] if drawn.size else np.zeros(1))
        lower, median, upper = np.quantile(number, [0.025, 0.5, 0.975])
        rows.append(
            {
                "session": session.name,
                **seen._asdict(),
                "least": seen.least,
                "most": seen.most,
                "median": median,
                "lower": lower,
                "upper": upper,
            }
        )
    return pd.DataFrame(rows)


def _n_pairs(fit: Fit, theta: NDArray[np.float64]) -> list[int]:
    rng = generator_of(theta)
    return [int((pairs.partners(rng) >= 0).sum()) for pairs in pairs_of(fit.problem, theta)]


def uses_both_flanks(fit: Fit) -> bool:
    """Whether a fit leaves open which left and right animals are one.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return any(session.sides is not None for session in fit.survey.sessions)


def _thetas(fit: Fit, max_draws: int) -> NDArray[np.float64]:
    return thinned(fit.draws, max_draws) if fit.point is None else fit.point[None]


def _require_sides(fit: Fit) -> None:
    if not uses_both_flanks(fit):
        msg = (
            "This survey does not use both flanks, so that no left and right animals can be one. "
            'Read it with flank="both".'
        )
        raise FitError(msg)
