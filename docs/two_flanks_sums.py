"""Sums over matchings of both flanks: Bethe and weighted matchings against exact sums.

Run as a script it writes ``validation/two_flanks_sums.csv``; ``two_flanks.py page`` writes the
page. Settings were fixed before the study was run.
"""

import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import two_flanks as study

import scr
from scr.fit.log_posterior import LogPosterior
from scr.fit.result import Fit
from scr.fit.sums_over_matchings import for_draws, widest_at
from scr.likelihood.centres import detectability
from scr.likelihood.kernel.sides import estimate_sum
from scr.likelihood.matching.bethe import bethe
from scr.likelihood.matching.whole import sum_matchings, usable_weights
from scr.likelihood.partners import Pairs, pairs_of
from scr.likelihood.problem import build_problem, with_widest
from scr.survey.sides import n_of_sides
from scr.survey.survey import Survey

TABLE = Path(__file__).parent / "validation" / "two_flanks_sums.csv"
SPEC = scr.ModelSpec(lambda0="~ side")

SEEDS = range(7401, 7600)
SURVEYS_OF_WIDTH = {10: 2, 11: 2, 12: 2, 13: 2, 14: 2, 15: 2, 16: 2, 17: 3, 18: 3}
"""The first so many surveys of each width: open animals at the truth."""

N_DRAWS, MOST_WIDTH = 100, 22
N_MATCHINGS = 40
"""Matchings drawn for each draw of the posterior."""

_STEP = 0.02


def wide_survey(seed: int) -> tuple[Survey, scr.HabitatMask]:
    """A survey of the study, of a share of single cameras that varies.

    Parameters
    ----------
    seed
        Of the survey.
    """
    rng = np.random.default_rng([seed, 5])
    return study.simulated(float(rng.uniform(0.5, 0.95)), seed)


def surveys_of_widths() -> Iterator[tuple[int, Survey, scr.HabitatMask, int]]:
    """The surveys compared."""
    found: Counter[int] = Counter()
    for seed in SEEDS:
        survey, mask = wide_survey(seed)
        problem = build_problem(survey, mask, SPEC)
        width = widest_at(problem, _truth(problem))
        found[width] += 1
        if found[width] <= SURVEYS_OF_WIDTH.get(width, 0):
            yield seed, survey, mask, width


def _truth(problem: object) -> np.ndarray:
    return np.array([study.TRUTH[name] for name in problem.design.coefficient_names])


def compare_sums() -> pd.DataFrame:
    """Bethe and weighted matchings against exact sums: log Z at the truth, and the posterior.

    The posterior by exact sums and that by estimated ones are weights of the same draws, of a fit
    by Bethe sums, so that their difference is not one of draws. Draws whose exact sums are too
    wide are left out of all.
    """
    rows = []
    for seed, survey, mask, width in surveys_of_widths():
        begun = time.monotonic()
        problem = build_problem(survey, mask, SPEC)
        log_weight = pairs_of(problem, _truth(problem))[0].log_weight
        exact = sum_matchings(log_weight, MOST_WIDTH)[0]
        _, left, right = n_of_sides(survey.sessions[0])
        with warnings.catch_warnings(action="ignore"), _only_bethe():
            fit = scr.fit_laplace(survey, mask, SPEC, draws=N_DRAWS, check_mask=False)
        row = {
            "survey": seed,
            "left": left,
            "right": right,
            "width": width,
            "log_z": exact,
            "bethe": bethe(usable_weights(log_weight))[0] - exact,
            "estimate": estimate_sum(log_weight, 4000) - exact,
            **_posteriors(fit),
        }
        rows.append(row)
        pd.DataFrame(rows).round(5).to_csv(TABLE, index=False)
        print(f"{seed} width {width} {time.monotonic() - begun:.0f} s", flush=True)
    return pd.DataFrame(rows)


def _posteriors(fit: Fit) -> dict[str, float]:
    """Moments of the posterior by exact sums, by Bethe, and by estimated sums."""
    numbers = np.array([_numbers(fit, theta) for theta in fit.draws])
    kept = ~np.isnan(numbers).any(axis=1)
    numbers, draws = numbers[kept], fit.draws[kept]
    target = LogPosterior(with_widest(fit.problem, 0))
    us = target.of(draws)
    by_bethe = target.many(us)[0]
    weights = {
        "exact": numbers[:, 0] - by_bethe_sum(fit, draws),
        "bethe": np.zeros(len(us)),
        "reweighted": for_draws(target).many(us)[0] - by_bethe,
    }
    of = {name: _weighted(draws, weight) for name, weight in weights.items()}
    j = fit.coefficient_names.index("density.Intercept")
    spread = of["exact"][1]
    away = {name: np.abs(mean - of["exact"][0]) / spread for name, (mean, _) in of.items()}
    row = {
        "draws": int(kept.sum()),
        "bethe_away": away["bethe"].max(),
        "reweighted_away": away["reweighted"].max(),
        "sd_ratio": (of["reweighted"][1] / spread)[j],
        "effective": _effective(weights["reweighted"]) / len(us),
    }
    density = 100 * np.exp(draws[:, [j]])
    for k, name in enumerate(("exact", "reweighted")):
        mean, sd = _weighted(density, weights[name])
        middle, spread_n = _weighted(numbers[:, [1 + 2 * k]], weights[name])
        share = _shares(weights[name])
        within = share @ numbers[:, 2 + 2 * k]
        row |= {
            f"density_{name}": mean[0],
            f"density_sd_{name}": sd[0],
            f"n_{name}": middle[0],
            f"n_sd_{name}": np.sqrt(spread_n[0] ** 2 + within),
        }
    return row


def by_bethe_sum(fit: Fit, draws: np.ndarray) -> np.ndarray:
    """Log Z by Bethe at each draw, shape (n_draws,).

    Parameters
    ----------
    fit
        A fit of one session.
    draws
        Of its coefficients.
    """
    return np.array(
        [sum_matchings(pairs_of(fit.problem, theta)[0].log_weight, 0)[0] for theta in draws]
    )


def _numbers(fit: Fit, theta: np.ndarray) -> tuple[float, float, float, float, float]:
    """Log Z, and mean and variance of realised N by exact sums and by matchings drawn as a fit has.

    NaN where the exact sum is too wide. The variance of the number of pairs is the second
    derivative of log Z to the log of a factor of all weights.
    """
    (pairs,) = pairs_of(fit.problem, theta)
    found = [sum_matchings(pairs.log_weight + s, MOST_WIDTH) for s in (0.0, -_STEP, _STEP)]
    if not all(is_exact for _, _, is_exact in found):
        return (np.nan,) * 5
    n_pairs = [probability.sum() for _, probability, _ in found]
    drawn = _drawn_pairs(pairs)
    (p_dot,) = detectability(fit.problem, theta)
    design = fit.problem.design
    area = fit.mask.cell_area
    missed = float(area * np.exp(design.log_density(theta, 0)) @ (1 - p_dot[0]))
    seen = fit.survey.sessions[0].captures.n_individuals
    return (
        found[0][0],
        seen - n_pairs[0] + missed,
        (n_pairs[2] - n_pairs[1]) / (2 * _STEP) + missed,
        seen - drawn.mean() + missed,
        drawn.var() + missed,
    )


def _drawn_pairs(pairs: Pairs) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.array([(pairs.partners(rng) >= 0).sum() for _ in range(N_MATCHINGS)])


@contextmanager
def _only_bethe() -> Iterator[None]:
    """Fits whose draws are those of the Bethe approximation."""
    with (
        patch("scr.fit.sums_over_matchings.EXACT_AT_MODE", -1),
        patch("scr.fit.laplace.for_draws", lambda target: target),
    ):
        yield


def _shares(log_weight: np.ndarray) -> np.ndarray:
    share = np.exp(log_weight - log_weight.max())
    return np.asarray(share / share.sum())


def _effective(log_weight: np.ndarray) -> float:
    return float(1 / (_shares(log_weight) ** 2).sum())


def _weighted(draws: np.ndarray, log_weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of weighted draws."""
    share = _shares(log_weight)
    mean = share @ draws
    return mean, np.sqrt(share @ (draws - mean) ** 2)


if __name__ == "__main__":
    compare_sums()
