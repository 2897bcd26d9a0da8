"""Surveys with few known sexes: how probable each labelling is, against an exact sampler.

Used by the tests; run as a script it writes ``validation/two_modes.csv`` and ``two_modes.md``.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import scr
from scr.fit.log_posterior import LogPosterior
from scr.likelihood.problem import build_problem
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "two_modes.csv"
PAGE = FOLDER / "two_modes.md"

SPEC = scr.ModelSpec(
    lambda0="~ sex",
    sigma="~ sex",
    priors={
        "density.Intercept": scr.Normal(np.log(0.25 / 4), 2.0),
        "lambda0.Intercept": scr.Normal(-np.log(15.0), 2.0),
        "lambda0.sex[T.M]": scr.Normal(0.0, np.sqrt(2)),
        "sigma.Intercept": scr.Normal(np.log(2000.0), 1.0),
        "sigma.sex[T.M]": scr.Normal(0.0, np.sqrt(2)),
        "share.Intercept": scr.Normal(0.0, 1.5),
    },
)
"""The priors are those by which two of these surveys were first sampled exactly."""

SURVEYS = tuple((seed, 1 + seed % 3) for seed in range(301, 311))
"""Seed of each survey, and for how many animals of either sex the sex is known."""

LARGEST_DIFFERENCE = 0.05

DENSITY, SHARE_OF_MALES = 0.22, 0.45
LAMBDA0 = {"F": 0.25, "M": 0.06}
SIGMA = {"F": 800.0, "M": 2800.0}

_CHAINS, _STEPS, _WARM_UP = 64, 2000, 500
_SWAPS = 0.2


def survey_of(seed: int, known: int) -> tuple[scr.Survey, scr.HabitatMask]:
    """25 stations 2 km apart for 15 days, about 40 animals; females stay near and are seen often.

    Parameters
    ----------
    seed
        Seed of the animals and their detections.
    known
        Animals of either sex whose sex is known: those photographed least.
    """
    axis = 2000.0 * np.arange(5)
    x, y = np.meshgrid(axis, axis)
    traps = np.stack([x.ravel(), y.ravel()], axis=1)
    x, y = np.meshgrid(*[np.arange(-5500.0, 14_000.0, 1000.0)] * 2)
    cells = np.stack([x.ravel(), y.ravel()], axis=1)
    rng = np.random.default_rng(seed)
    records, sexes = [], []
    for cell in np.repeat(np.arange(len(cells)), rng.poisson(np.full(len(cells), DENSITY))):
        sex = "M" if rng.random() < SHARE_OF_MALES else "F"
        away = ((traps - cells[cell]) ** 2).sum(axis=1)
        hazard = LAMBDA0[sex] * np.exp(-away / (2 * SIGMA[sex] ** 2))
        seen = rng.random((25, 15)) < -np.expm1(-hazard[:, None])
        if not seen.any():
            continue
        rng.random()  # a number that the simulator of the first such survey drew here
        records += [(len(sexes), occasion, trap) for trap, occasion in np.argwhere(seen)]
        sexes.append(sex)
    individual, occasion, trap = np.array(records).T
    order = np.argsort(np.bincount(individual) + rng.random(len(sexes)))
    told = [i for sex in "FM" for i in [j for j in order if sexes[j] == sex][:known]]
    captures = CaptureHistory(
        individuals=[f"A{i}" for i in range(len(sexes))],
        individual=individual,
        occasion=occasion,
        trap=trap,
        count=np.ones(len(records), dtype=np.int64),
        covariates=pd.DataFrame(
            {"sex": [sex if i in told else None for i, sex in enumerate(sexes)]}, dtype=object
        ),
    )
    stations = scr.Traps(names=[f"T{k:02d}" for k in range(25)], xy=traps, crs="local")
    session = Session("1", stations, Usage(np.ones((25, 15))), captures)
    mask = scr.HabitatMask(cells, 1.0, "local", spacing=1000.0, bounded=True)
    return scr.Survey((session,), detector="proximity"), mask


def males_range_further(fit: scr.Fit) -> float:
    """Share of the draws in which sigma is larger for males.

    Parameters
    ----------
    fit
        A fit of ``SPEC``.
    """
    return float((fit.draws[:, fit.coefficient_names.index("sigma.sex[T.M]")] > 0).mean())


def exact_probability(
    survey: scr.Survey, mask: scr.HabitatMask, *, seed: int
) -> tuple[float, float]:
    """Probability that sigma is larger for males, by many long chains of Metropolis steps.

    Steps are differences of other chains (ter Braak 2006) and, one in five, the exchange of the
    two sexes, which is its own inverse. Nothing of the engines is used but the log posterior.

    Parameters
    ----------
    survey, mask
        The data.
    seed
        Seed of the chains.

    Returns
    -------
    tuple
        The probability, and its standard error over chains.

    References
    ----------
    ter Braak (2006) Statistics and Computing 16:239-249.
    """
    problem = build_problem(survey, mask, SPEC)
    names = problem.design.coefficient_names
    target = LogPosterior(problem)
    rng = np.random.default_rng(seed)
    truth = {
        "density.Intercept": np.log(DENSITY),
        "lambda0.Intercept": np.log(LAMBDA0["F"]),
        "lambda0.sex[T.M]": np.log(LAMBDA0["M"] / LAMBDA0["F"]),
        "sigma.Intercept": np.log(SIGMA["F"]),
        "sigma.sex[T.M]": np.log(SIGMA["M"] / SIGMA["F"]),
        "share.Intercept": np.log(SHARE_OF_MALES / (1 - SHARE_OF_MALES)),
    }
    places = np.array([truth[name] for name in names]) + 0.2 * rng.standard_normal(
        (_CHAINS, len(names))
    )
    places[::2] = _exchanged(places[::2], names)
    values = target.many(target.of(places))[0]
    halves = np.arange(_CHAINS).reshape(2, -1)
    above = np.zeros(_CHAINS)
    for step in range(_STEPS):
        for own, others in (halves, halves[::-1]):
            ahead = _exchanged(places[own], names)
            if rng.random() >= _SWAPS:
                pairs = np.array([rng.choice(others, 2, replace=False) for _ in own])
                factor = 1.0 if step % 10 == 0 else 2.38 / np.sqrt(2 * len(names))
                difference = places[pairs[:, 0]] - places[pairs[:, 1]]
                noise = 1e-3 * rng.standard_normal(difference.shape)
                ahead = places[own] + factor * difference + noise
            ahead_values = target.many(target.of(ahead))[0]
            accepted = np.log(rng.random(len(own))) < ahead_values - values[own]
            places[own[accepted]] = ahead[accepted]
            values[own[accepted]] = ahead_values[accepted]
        if step >= _WARM_UP:
            above += places[:, names.index("sigma.sex[T.M]")] > 0
    shares = above / (_STEPS - _WARM_UP)
    return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(_CHAINS))


def _exchanged(thetas: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
    result = thetas.copy()
    for parameter in ("lambda0", "sigma"):
        level, slope = (names.index(f"{parameter}.{term}") for term in ("Intercept", "sex[T.M]"))
        result[:, level] = thetas[:, level] + thetas[:, slope]
        result[:, slope] = -thetas[:, slope]
    share = names.index("share.Intercept")
    result[:, share] = -thetas[:, share]
    return result


def study(surveys: tuple[tuple[int, int], ...] = SURVEYS) -> pd.DataFrame:
    """Fit the surveys by both engines and sample them exactly.

    Parameters
    ----------
    surveys
        Seed, and animals of either sex whose sex is known, of each.

    Returns
    -------
    DataFrame
        One row per survey: seed, animals, sexes_known, exact and exact_se, laplace, nuts, modes
        (what ``fit_laplace`` found).
    """
    rows = []
    for seed, known in surveys:
        survey, mask = survey_of(seed, known)
        exact, error = exact_probability(survey, mask, seed=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scr.ScrWarning)
            laplace = scr.fit_laplace(survey, mask, SPEC, seed=seed, check_mask=False)
            nuts = scr.fit_nuts(survey, mask, SPEC, seed=seed, check_mask=False, progress=False)
        rows.append(
            {
                "seed": seed,
                "animals": survey.n_individuals,
                "sexes_known": 2 * known,
                "exact": exact,
                "exact_se": error,
                "laplace": males_range_further(laplace),
                "nuts": males_range_further(nuts),
                "told": any(check.name == "modes" for check in laplace.checks),
            }
        )
    return pd.DataFrame(rows)


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``study``.
    """
    lines = [
        "# Two modes: which sex ranges further?",
        "",
        "Made by `docs/two_modes.py` from `docs/validation/two_modes.csv`. Where few sexes are "
        "known, the same animals can be told apart as females that stay near and males that range "
        "far, or the other way round: the posterior has a mode for each labelling. Males ranged "
        "further in truth (sigma 2,800 m, females 800 m; share of males 0.45). `fit_laplace` and "
        "`fit_nuts` find both modes and weigh them; the exact sampler is a population of "
        f"{_CHAINS} chains of {_STEPS:,} Metropolis steps, one in five of which exchanges the "
        "sexes.",
        "",
        "| seed | animals | sexes known | P(males range further), exact | fit_laplace | fit_nuts "
        "| told as two modes |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.seed} | {row.animals} | {row.sexes_known} | {row.exact:.3f} "
        f"(se {row.exact_se:.3f}) | {row.laplace:.3f} | {row.nuts:.3f} "
        f"| {'yes' if row.told else 'no'} |"
        for row in results.itertuples()
    ]
    worst = (results[["laplace", "nuts"]].sub(results["exact"], axis=0)).abs().max()
    lines += [
        "",
        f"The largest difference from the exact sampler is {worst['laplace']:.3f} for "
        f"`fit_laplace` and {worst['nuts']:.3f} for `fit_nuts`.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    study().to_csv(RESULTS, index=False, float_format="%.6g")
    PAGE.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
