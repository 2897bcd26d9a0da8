"""Simulation-based calibration: whether posteriors are right over all that the prior allows.

Used by the tests; run as a script (``make calibrate``) it fits what ``validation/calibration.csv``
lacks, as many at once as there are cores, so that it can be stopped at any time, and writes
``calibration.md``.
"""

import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom, chisquare

import scr
from scr.errors import ScrError
from scr.fit.thinned import thinned
from scr.maps.figures.plots import save_figure
from scr.posterior.realised import realised_draws
from scr.simulate.surveys import plan_survey
from scr.survey.survey import Survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "calibration.csv"
PAGE = FOLDER / "calibration.md"
PICTURES = FOLDER / "images"

N_REPLICATES, FIRST_SEED = 200, 52_001
DRAWS, REALISED = 2000, 200
N_BINS = 20
N_REALISED = "realised N"
LEVELS = (0.5, 0.8, 0.95)
OVERALL = 0.01
"""Probability with which a right program fails one of all tests."""

INTERCEPTS = {
    "density.Intercept": scr.Normal(float(np.log(0.15)), 0.4),
    "lambda0.Intercept": scr.Normal(float(np.log(0.05)), 0.4),
    "sigma.Intercept": scr.Normal(float(np.log(1500.0)), 0.25),
}
"""Per km2, per day, metres."""


@dataclass(frozen=True)
class Case:
    """A model with the priors from which truth is drawn.

    Parameters
    ----------
    title
        Of its part of the page.
    spec
        The model, with a prior for every coefficient.
    n_sessions
        How many sessions, 60 km apart.
    unknown_sex
        Probability that the sex of a detected animal is not recorded.
    """

    title: str
    spec: scr.ModelSpec
    n_sessions: int = 1
    unknown_sex: float = 0.0


CASES = {
    "constant": Case("Constant density", scr.ModelSpec(priors=INTERCEPTS)),
    "sexes": Case(
        "A covariate of density, and sexes of which three in ten are unknown",
        scr.ModelSpec(
            density="~ elev",
            lambda0="~ sex",
            sigma="~ sex",
            priors={
                **INTERCEPTS,
                "density.elev": scr.Normal(0.0, 0.5),
                "lambda0.sex[T.M]": scr.Normal(0.0, 0.5),
                "sigma.sex[T.M]": scr.Normal(0.3, 0.2),
                "share.Intercept": scr.Normal(0.0, 0.5),
            },
        ),
        unknown_sex=0.3,
    ),
    "pooled": Case(
        "Two sessions, partially pooled",
        scr.ModelSpec(
            density="~ (1 | session)",
            priors={**INTERCEPTS, "density.session_sd": scr.Normal(0.0, 0.3)},
        ),
        n_sessions=2,
    ),
}


def planned(n_sessions: int) -> tuple[Survey, scr.HabitatMask]:
    """Per session 36 stations 2 km apart, five occasions of six days, and a covariate.

    Parameters
    ----------
    n_sessions
        How many sessions.
    """
    x, y = (grid.ravel() * 2000.0 for grid in np.meshgrid(np.arange(6), np.arange(6)))
    traps = scr.Traps(
        names=[f"T{k + 1}" for k in range(36)] * n_sessions,
        xy=np.concatenate([np.stack([x + 60_000 * k, y], axis=1) for k in range(n_sessions)]),
        crs="local",
        session=np.repeat([f"S{k + 1}" for k in range(n_sessions)], 36),
    )
    mask = scr.build_mask(traps, buffer=6000, spacing=1000)
    elevation = np.sin(mask.xy[:, 0] / 3000) + np.cos(mask.xy[:, 1] / 4000)
    plan = plan_survey(traps, [Usage(np.full((36, 5), 6.0))] * n_sessions)
    return plan, mask.with_covariate("elev", (elevation - elevation.mean()) / elevation.std())


def truth_of(case: Case, rng: np.random.Generator) -> dict[str, float]:
    """Coefficients drawn from the priors; effects of sessions are left to the simulator.

    Parameters
    ----------
    case
        The model.
    rng
        Source of random numbers.
    """
    found = {}
    for name, prior in case.spec.priors.items():
        value = float(rng.normal(prior.mean, prior.sd))
        found[name] = abs(value) if name.endswith("_sd") else value
    return found


def share_below(draws: NDArray[np.float64], truth: float, rng: np.random.Generator) -> float:
    """Share of draws below the truth; where some are equal, a random part of these counts."""
    below, equal = np.mean(draws < truth), np.mean(draws == truth)
    return float(below + rng.random() * equal)


def replicate(name: str, seed: int) -> list[tuple[object, ...]]:
    """Draw from the prior, simulate, fit, and rank the truth among the draws of the posterior.

    Parameters
    ----------
    name
        A key of ``CASES``.
    seed
        Of all random numbers.

    Returns
    -------
    list
        Rows of case, seed, quantity, truth, rank (share of draws below it), k_hat. A survey with
        too few animals, recaptures or sexes to be fitted has one row, without a rank: that
        depends on the data alone, so that the others stay calibrated.
    """
    case, rng = CASES[name], np.random.default_rng(seed)
    plan, mask = planned(case.n_sessions)
    survey, simulated = scr.simulate_survey(
        plan, mask, case.spec, coefficients=truth_of(case, rng), seed=seed,
        unknown_sex=case.unknown_sex, centres="cell_centre",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        try:
            fit = scr.fit_laplace(
                survey, mask, case.spec, draws=DRAWS, seed=seed, check_mask=False, cores=1
            )
        except ScrError as error:
            return [(name, seed, str(error), np.nan, np.nan, np.nan)]
        some = thinned(fit.draws, REALISED)
        realised = realised_draws(fit, some, rng)
    k_hat = next(check.value for check in fit.checks if check.name == "k_hat")
    number = sum(
        missed.sum(axis=1) + centres.shape[1]
        for missed, centres in zip(realised.missed, realised.centres, strict=True)
    )
    known = simulated.coefficients
    rows: list[tuple[object, ...]] = [
        (name, seed, of, known[of], share_below(draws, known[of], rng), k_hat)
        for of, draws in zip(fit.coefficient_names, fit.draws.T, strict=True)
    ]
    n = len(simulated.animals)
    return [*rows, (name, seed, N_REALISED, n, share_below(np.asarray(number), n, rng), k_hat)]


COLUMNS = ["case", "seed", "quantity", "truth", "rank", "k_hat"]


def read() -> pd.DataFrame:
    """What was found, one row per replicate and quantity; empty before the first."""
    return pd.read_csv(RESULTS) if RESULTS.exists() else pd.DataFrame(columns=COLUMNS)


def study(wanted: Iterable[tuple[str, int]], *, workers: int) -> None:
    """Fit the replicates that ``RESULTS`` lacks, and add each as soon as it is there.

    Parameters
    ----------
    wanted
        Case and seed of each.
    workers
        Fits at once.
    """
    done = set(read()[["case", "seed"]].itertuples(index=False, name=None))
    left = [one for one in wanted if one not in done]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(replicate, *one) for one in left]
        for n, job in enumerate(as_completed(jobs), start=1):
            if job.exception():
                pool.shutdown(cancel_futures=True)
            table = pd.DataFrame(job.result(), columns=COLUMNS)
            table.to_csv(
                RESULTS, mode="a", header=not RESULTS.exists(), index=False, float_format="%.5g"
            )
            print(f"\r{n} of {len(left)} replicates", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def calibration(ranks: Mapping[str, NDArray[np.float64]]) -> pd.DataFrame:
    """Whether ranks are uniform, and how often central intervals hold the truth.

    Parameters
    ----------
    ranks
        Of each quantity, from 0 to 1.

    Returns
    -------
    DataFrame
        One row per quantity: n, p_value (chi-square over ``N_BINS`` bins), mean, and the number
        held by the interval of each of ``LEVELS``.
    """
    rows = {}
    for quantity, u in ranks.items():
        counts = np.histogram(u, bins=N_BINS, range=(0, 1))[0]
        held = {f"{level:.0%}": int(np.sum(np.abs(u - 0.5) <= level / 2)) for level in LEVELS}
        rows[quantity] = {
            "n": len(u),
            "p_value": chisquare(counts).pvalue,
            "mean": u.mean(),
            **held,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def ranks_of(results: pd.DataFrame, name: str) -> dict[str, NDArray[np.float64]]:
    """Ranks of each quantity of a case.

    Parameters
    ----------
    results
        From ``read``.
    name
        A key of ``CASES``.
    """
    of_case = results[(results["case"] == name) & results["rank"].notna()]
    return {
        str(q): group["rank"].to_numpy() for q, group in of_case.groupby("quantity", sort=False)
    }


def draw_ranks(ranks: Mapping[str, NDArray[np.float64]], path: Path) -> None:
    """Histograms of ranks, with what 99 in 100 bins of a right program hold.

    Parameters
    ----------
    ranks
        Of each quantity.
    path
        Where the picture goes.
    """
    n_columns = 4
    n_rows = -(-len(ranks) // n_columns)
    figure, axes = plt.subplots(
        n_rows, n_columns, figsize=(9, 1.9 * n_rows), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for axis in axes.ravel()[len(ranks) :]:
        axis.set_visible(False)
    for axis, (quantity, u) in zip(axes.ravel(), ranks.items(), strict=False):
        least, most = binom.ppf([0.005, 0.995], len(u), 1 / N_BINS)
        axis.axhspan(least, most, color="0.88", linewidth=0)
        axis.hist(u, bins=N_BINS, range=(0, 1), color="#2f6f73")
        axis.set_title(quantity, fontsize=8)
        axis.tick_params(labelsize=7)
    figure.supxlabel("rank of the truth among draws", fontsize=8)
    figure.supylabel("surveys", fontsize=8)
    save_figure(figure, path, dpi=100)
    plt.close(figure)


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``read``.
    """
    tables = {name: calibration(ranks_of(results, name)) for name in CASES}
    n_tests = sum(map(len, tables.values()))
    limit = OVERALL / n_tests
    least = min(table["p_value"].min() for table in tables.values())
    verdict = "None is below" if least > limit else "Not all are above"
    lines = [
        "# Calibration",
        "",
        "Made by `make calibrate` (`docs/calibration.py`) from `docs/validation/calibration.csv`. "
        "If coefficients are drawn from the prior, a survey is simulated with them and the "
        "posterior is right, then the truth is as likely to have any rank among the draws as "
        "any other (Talts et al. 2018). Each model was drawn, simulated and fitted by "
        f"`fit_laplace` ({DRAWS:,} draws) {N_REPLICATES} times; its priors stand in the script. "
        f"*p* is that of a chi-square test of {N_BINS} equal bins of the ranks; with {n_tests} "
        f"tests, a right program has one below {limit:.2g} in one study of a hundred. "
        f"{verdict} that; the least is {least:.2g}. Mean is the mean rank, 0.5 if medians are "
        "right. The last columns count how often central intervals hold the truth, of all.",
        "",
    ]
    for name, case in CASES.items():
        of_case = results[results["case"] == name]
        left_out = int(of_case["rank"].isna().sum())
        k_hat = of_case.groupby("seed")["k_hat"].first().dropna()
        lines += [
            f"## {case.title}", "",
            f"{len(k_hat)} surveys fitted, {left_out} with too few animals, recaptures or sexes "
            f"to be fitted. k-hat was {k_hat.median():.2f} in the median, above 0.7 in "
            f"{int((k_hat > 0.7).sum())}.",
            "", f"![Ranks](images/calibration_{name}.png)", "",
            "| quantity | p | mean | " + " | ".join(f"{level:.0%}" for level in LEVELS) + " |",
            "|---" * (3 + len(LEVELS)) + "|",
        ]  # fmt: skip
        for quantity, row in tables[name].iterrows():
            held = [f"{row[f'{level:.0%}'] / row['n']:.1%}" for level in LEVELS]
            lines.append(
                f"| {quantity} | {row['p_value']:.2g} | {row['mean']:.3f} | {' | '.join(held)} |"
            )
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    seeds = range(FIRST_SEED, FIRST_SEED + N_REPLICATES)
    study(
        [(name, seed) for name in CASES for seed in seeds],
        workers=int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count() or 1,
    )
    results = read()
    for name in CASES:
        draw_ranks(ranks_of(results, name), PICTURES / f"calibration_{name}.png")
    PAGE.write_text(page(results), encoding="utf-8")
