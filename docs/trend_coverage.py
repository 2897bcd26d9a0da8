"""How often the yearly rate of three surveys holds the truth, and how often they show a decline.

Used by the tests; run as a script it writes ``validation/trend.csv`` and ``trend_coverage.md``.
"""

import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

import scr
from scr.posterior.log_linear import log_rate
from scr.posterior.realised import realised_draws
from scr.posterior.surveyed_years import timeline_of
from scr.posterior.trend import trend_draws
from scr.posterior.trend_power import trend_power
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "trend.csv"
PAGE = FOLDER / "trend_coverage.md"

N_SURVEYS = 100
FIRST_SEED = 920_001
"""Surveys of the first rate are simulated by this seed and those that follow, the next rate after
them."""

RATES = (0.0, -0.1, -0.2, -0.3)
"""Yearly changes, each for as many surveys."""

YEARS = ("2021", "2022", "2023")
FIRST_DENSITY, LAMBDA0, SIGMA = 0.10, 0.03, 1500.0
"""Animals per km2 in the first year, detections per day at the centre, metres."""

SPEC = scr.ModelSpec(density="~ year")


def planned() -> tuple[scr.Survey, scr.HabitatMask]:
    """36 stations 2 km apart that work for 60 days in each of three years, and a mask."""
    axis = 2000.0 * np.arange(6)
    x, y = np.meshgrid(axis, axis)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    n, k = len(xy), len(YEARS)
    traps = scr.Traps(
        names=[f"T{i}" for i in range(n)] * k,
        xy=np.concatenate([xy] * k),
        session=[year for year in YEARS for _ in range(n)],
        crs="local",
    )
    usage = [Usage(np.full((n, 4), 15.0)) for _ in YEARS]
    return plan_survey(traps, usage), scr.build_mask(traps, buffer=6000, spacing=1000)


def truth_of(rate: float) -> dict[str, float]:
    """Coefficients on their link scales.

    Parameters
    ----------
    rate
        Yearly change.
    """
    slope = float(np.log1p(rate))
    return {
        "density.Intercept": float(np.log(FIRST_DENSITY)) - slope * float(YEARS[0]),
        "density.year": slope,
        "lambda0.Intercept": float(np.log(LAMBDA0)),
        "sigma.Intercept": float(np.log(SIGMA)),
    }


def one_survey(seed: int, rate: float) -> list[tuple[object, ...]]:
    """Simulate three years, fit them, and hold the yearly rates against the truth.

    Parameters
    ----------
    seed
        Of the survey and of the fit.
    rate
        Yearly change of expected numbers.
    """
    plan, mask = planned()
    survey, truth = scr.simulate_survey(plan, mask, SPEC, coefficients=truth_of(rate), seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        fit = scr.fit_laplace(survey, mask, SPEC, draws=1000, seed=seed, check_mask=False, cores=1)
        draws = realised_draws(fit, fit.draws, np.random.default_rng(seed))
        table = scr.trend(fit, draws=draws)
        power = trend_power(trend_draws(fit, None, timeline_of(survey, mask, SPEC), draws=draws))
    lived = truth.animals["session"].value_counts().reindex(YEARS, fill_value=0)
    of_animals = log_rate(lived.to_numpy(dtype=np.float64), np.array([float(y) for y in YEARS]))
    true = {"expected N": 100 * rate, "realised N": 100 * float(np.expm1(of_animals))}
    as_made = power[power["surveys"] == len(YEARS)].set_index("yearly_change")["power"]
    predicted = float(as_made.get(rate, np.nan))
    told = [
        (row.estimand, true[row.estimand], row.median, row.lower, row.upper, row.p_decline)
        for row in table[table["quantity"] == "yearly rate"].itertuples()
    ]
    return [(seed, rate, survey.n_individuals, *numbers, predicted) for numbers in told]


def study(
    n_surveys: int = N_SURVEYS, *, first_seed: int = FIRST_SEED, n_workers: int = 1
) -> pd.DataFrame:
    """Simulate, fit and tell the trend of many surveys of each rate.

    Parameters
    ----------
    n_surveys
        Of each rate.
    first_seed
        Seed of the first.
    n_workers
        Processes.

    Returns
    -------
    DataFrame
        One row per survey and estimand: survey (seed), rate, detected (animals, of all years),
        estimand, truth, median, lower, upper (% a year), p_decline, and power, that the fit tells
        for a change of this rate.
    """
    rates = np.repeat(RATES, n_surveys)
    seeds = first_seed + np.arange(len(rates))
    if n_workers == 1:
        found = [one_survey(int(seed), rate) for seed, rate in zip(seeds, rates, strict=True)]
    else:
        with ProcessPoolExecutor(n_workers) as pool:
            found = list(pool.map(one_survey, seeds.tolist(), rates.tolist()))
    columns = ["survey", "rate", "detected", "estimand", "truth", "median", "lower", "upper"]
    return pd.DataFrame(chain.from_iterable(found), columns=[*columns, "p_decline", "power"])


def summary(results: pd.DataFrame) -> pd.DataFrame:
    """Coverage, bias and power by estimand and rate, and over all rates.

    Parameters
    ----------
    results
        From ``study``.

    Returns
    -------
    DataFrame
        Index estimand and rate (``"all"`` for all): surveys, covered, least and most (99.9 %
        limits of a binomial with probability 0.95), error (mean of median less truth, % a year),
        shown (surveys whose interval is below 0 or above it) and power (mean of what fits told).
    """
    every = results.assign(rate="all")
    rows = []
    for (estimand, rate), group in pd.concat([results, every]).groupby(["estimand", "rate"]):
        inside = (group["lower"] <= group["truth"]) & (group["truth"] <= group["upper"])
        shown = (group["lower"] > 0) | (group["upper"] < 0)
        n = len(group)
        least, most = binom(n, 0.95).interval(0.999)
        error = float((group["median"] - group["truth"]).mean())
        numbers = (n, int(inside.sum()), least, most, error, int(shown.sum()))
        rows.append((estimand, rate, *numbers, group["power"].mean()))
    names = ["estimand", "rate", "surveys", "covered", "least", "most", "error", "shown", "power"]
    return pd.DataFrame(rows, columns=names).set_index(["estimand", "rate"])


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``study``.
    """
    table = summary(results)
    n_surveys = results["survey"].nunique()
    detected = results[results["estimand"] == "expected N"].groupby("rate")["detected"].mean()
    lines = [
        "# The yearly rate of three surveys: do the intervals hold, and what do they show?",
        "",
        f"Made by `docs/trend_coverage.py` from `docs/validation/trend.csv`: {n_surveys} surveys "
        "of three years were simulated and fitted by Laplace importance sampling with "
        '`density = "~ year"`, and the 95 % interval of the yearly rate from `scr.trend` was held '
        "against the truth: that of the coefficients for expected N, that of the animals simulated "
        "for realised N. 36 stations stand 2 km apart and work for 60 days a year; there are "
        f"{FIRST_DENSITY:g} animals per km2 in the first year, lambda0 is {LAMBDA0:g} a day and "
        f"sigma {SIGMA:,.0f} m. Limits hold 99.9 % of a binomial count with probability 0.95.",
        "",
        "| yearly rate of | true rate | intervals that hold it | limits | median less truth, % |",
        "|---|---|---|---|---|",
    ]
    for (estimand, rate), row in table.iterrows():
        named = "all" if rate == "all" else f"{100 * rate:+.0f} %"
        lines.append(
            f"| {estimand} | {named} | {row.covered:.0f} of {row.surveys:.0f} "
            f"| {row.least:.0f} to {row.most:.0f} | {row.error:+.2f} |"
        )
    lines += [
        "",
        "Power is the share of surveys whose interval of the yearly rate of expected N lies below "
        "0 or above it. Beside it stands the mean of what each fit tells beforehand "
        "(`trend_power.csv`), from its own standard error.",
        "",
        "| true rate | animals detected, all years | surveys that show a change | power told |",
        "|---|---|---|---|",
    ]
    for rate in sorted(RATES, reverse=True):
        row = table.loc[("expected N", rate)]
        told = "" if np.isnan(row.power) else f"{row.power:.2f}"
        lines.append(
            f"| {100 * rate:+.0f} % | {detected[rate]:.0f} | {row.shown:.0f} of "
            f"{row.surveys:.0f} | {told} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    study(n_workers=workers).to_csv(RESULTS, index=False, float_format="%.6g")
    PAGE.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
