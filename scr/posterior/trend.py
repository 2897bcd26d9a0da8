"""Trend: how the number of animals changed between sessions, and by how much a year."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from scr.errors import ScrWarning
from scr.fit.plug_in import central_differences, plug_in_of
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.posterior.abundance import abundance_draws
from scr.posterior.ground import expected_cells, expected_number, ground_of
from scr.posterior.log_linear import log_rate
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.surveyed_years import Timeline, check_same_area, timeline_of
from scr.posterior.thinning import of_density
from scr.posterior.zones import Regions

YEARLY, CHANGE, DIFFERENCE = "yearly rate", "change", "difference"
"""What a row of the table tells: % a year, % in all, animals."""

_UNITS = {YEARLY: "% a year", CHANGE: "%", DIFFERENCE: "animals"}
_LIMITS = (0.025, 0.5, 0.975)
_LARGE = 1e300


@dataclass(frozen=True, eq=False)
class TrendDraws:
    """Animals in each region and session, draw by draw: the same draws of all sessions.

    Parameters
    ----------
    timeline
        The sessions, in order of time.
    regions
        Names of the regions.
    expected, realised
        Numbers of animals, shape (n_sessions, n_regions, n_draws).
    """

    timeline: Timeline
    regions: tuple[str, ...]
    expected: NDArray[np.float64]
    realised: NDArray[np.float64]


def trend(
    fit: Fit,
    region: Regions | None = None,
    *,
    sessions: Sequence[str] | None = None,
    years: Mapping[str, float] | None = None,
    seed: int = 1,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
) -> pd.DataFrame:
    r"""Change of the number of animals between sessions, and its yearly rate, from joint draws.

    The yearly rate is :math:`e^b - 1`, with b the slope of a log-linear model of the numbers of all
    sessions; with two sessions :math:`(N_2/N_1)^{1/(t_2 - t_1)} - 1`. With ``density="~ year"``
    that of expected N is the model's own. Detection and density have the same draws in all
    sessions, so that what is uncertain in all alike does not blur the change.

    Parameters
    ----------
    fit
        A model whose density differs between sessions: ``density="~ year"``, or ``"~ session"``.
    region
        As for ``abundance``; all sessions need to cover the same ground of it.
    sessions
        Labels of the sessions to compare; all if left out.
    years
        When each session was, as in ``{"first": 2021.3}``. Left out, the session covariate
        ``year``, the middle of the days of effort, or labels that are years.
    seed, max_draws
        As for ``abundance``.
    draws
        Joint draws of all animals made before, to be used instead.

    Returns
    -------
    DataFrame
        Rows: region, estimand (``"expected N"``, ``"realised N"``) and quantity: ``"yearly rate"``
        (% a year), and for any two sessions ``"change"`` (%) and ``"difference"`` (animals).
        Columns: first and last (labels of sessions), years (between them), median, lower and upper
        (95 %), unit, p_decline: the probability of a change below 0. A change from no animal to
        some is infinite.

        After maximum likelihood that of expected N is the plug-in value with the delta method on
        the log scale; that of realised N is from coefficients drawn from the likelihood.

    Raises
    ------
    FitError
        If there is one session, density is the same in all, sessions lie on different ground, or a
        label is not known.
    MaskError
        If sessions cover different parts of a region.

    Warns
    -----
    ScrWarning
        If nothing tells when the sessions were: there is then no yearly rate.
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    timeline = timeline_of(fit.survey, fit.mask, fit.spec, sessions=sessions, years=years)
    if timeline.years is None:
        warnings.warn(timeline.without_years, ScrWarning, stacklevel=2)
    drawn = trend_draws(fit, region, timeline, seed=seed, max_draws=max_draws, draws=draws)
    return summarise_trend(fit, region, drawn)


def summarise_trend(fit: Fit, region: Regions | None, drawn: TrendDraws) -> pd.DataFrame:
    """The table of ``trend`` from joint draws.

    Parameters
    ----------
    fit, region
        As for ``trend``.
    drawn
        From ``trend_draws``.
    """
    timeline = drawn.timeline
    expected = _from_draws(drawn.expected, timeline)
    if fit.point is not None:
        expected = _plug_in(fit, region, timeline)
    realised = _from_draws(drawn.realised, timeline)
    return _table(drawn, {"expected N": expected, "realised N": realised})


def trend_draws(
    fit: Fit,
    region: Regions | None,
    timeline: Timeline,
    *,
    seed: int = 1,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
) -> TrendDraws:
    """Joint draws of the animals of each session.

    Parameters
    ----------
    fit, region, seed, max_draws, draws
        As for ``trend``.
    timeline
        The sessions, from ``timeline_of``.
    """
    if draws is None:
        draws = realised_draws(fit, thinned(fit.draws, max_draws), np.random.default_rng(seed))
    of_sessions = [
        abundance_draws(fit, region, session=label, seed=seed, draws=draws)
        for label in timeline.sessions
    ]
    check_same_area([one.facts for one in of_sessions])
    return TrendDraws(
        timeline,
        tuple(map(str, of_sessions[0].expected.columns)),
        np.stack([one.expected.to_numpy(dtype=np.float64).T for one in of_sessions]),
        np.stack([one.realised.to_numpy(dtype=np.float64).T for one in of_sessions]),
    )


type _Rows = dict[tuple[str, int, int], NDArray[np.float64]]
"""By quantity and indices of two sessions: median, limits, p_decline; shape (4, n_regions)."""


def _from_draws(numbers: NDArray[np.float64], timeline: Timeline) -> _Rows:
    """Quantiles over draws, and the share of them in which numbers fell."""
    rows: _Rows = {}
    if timeline.years is not None:
        rate = log_rate(numbers, timeline.years)
        ends = (YEARLY, 0, len(numbers) - 1)
        rows[ends] = _summary(100 * np.expm1(rate), fell=rate < 0)
    for one, two in combinations(range(len(numbers)), 2):
        before, after = numbers[one], numbers[two]
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.where(after == before, 0.0, 100 * (after / before - 1))
        rows[CHANGE, one, two] = _summary(change, fell=after < before)
        rows[DIFFERENCE, one, two] = _summary(after - before, fell=after < before)
    return rows


def _summary(values: NDArray[np.float64], *, fell: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Over the last axis, draws; infinite values count as very large ones."""
    limits = np.quantile(np.minimum(values, _LARGE), _LIMITS, axis=-1)
    limits = np.where(limits >= _LARGE / 1e3, np.inf, limits)
    return np.vstack([limits, fell.mean(axis=-1)[None]])


def _plug_in(fit: Fit, region: Regions | None, timeline: Timeline) -> _Rows:
    """Expected N at the maximum likelihood estimate, by the delta method."""
    point, vcov_root = plug_in_of(fit)
    years = timeline.years
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)  # said when the draws were made
        cells = [expected_cells(fit, ground_of(fit, region, name)) for name in timeline.sessions]
    pairs = list(combinations(range(len(cells)), 2))

    def values(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        number = np.stack(
            [expected_number(part, of_density(fit, theta[None]))[0] for part in cells]
        )
        log_number = np.log(number)
        rate = [] if years is None else [log_rate(number, years)]
        changes = [
            of_pair
            for one, two in pairs
            for of_pair in (log_number[two] - log_number[one], number[two] - number[one])
        ]
        return np.concatenate([*rate, *changes])

    middle = values(point).reshape(-1, cells[0].area_km2.shape[0])
    slopes = central_differences(values, point, vcov_root)
    error = np.linalg.norm(slopes, axis=0).reshape(middle.shape)
    keys = [] if years is None else [(YEARLY, 0, len(cells) - 1)]
    keys += [(what, *pair) for pair in pairs for what in (CHANGE, DIFFERENCE)]
    z = norm.ppf(_LIMITS)[:, None]
    rows: _Rows = {}
    for key, value, se in zip(keys, middle, error, strict=True):
        reach = value + z[[1, 0, 2]] * se
        told = reach if key[0] == DIFFERENCE else 100 * np.expm1(reach)
        with np.errstate(divide="ignore", invalid="ignore"):
            fell = np.where(se > 0, norm.cdf(-value / se), (value < 0).astype(np.float64))
        rows[key] = np.vstack([told[[1, 0, 2]], fell])
    return rows


def _table(drawn: TrendDraws, summaries: Mapping[str, _Rows]) -> pd.DataFrame:
    timeline = drawn.timeline
    rows: list[dict[str, Any]] = []
    for index, region in enumerate(drawn.regions):
        for estimand, summary in summaries.items():
            for (quantity, one, two), numbers in summary.items():
                lower, median, upper, fell = numbers[:, index]
                rows.append(
                    {
                        "region": region,
                        "estimand": estimand,
                        "quantity": quantity,
                        "first": timeline.sessions[one],
                        "last": timeline.sessions[two],
                        "years": timeline.between(one, two),
                        "median": median,
                        "lower": lower,
                        "upper": upper,
                        "unit": _UNITS[quantity],
                        "p_decline": fell,
                    }
                )
    return pd.DataFrame(rows)
