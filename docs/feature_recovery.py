"""Simulate with every feature of the likelihood, fit, and count how often intervals hold the truth.

Used by the slow tests; run as a script it adds what is missing to ``validation/features.csv``, so
that it can be stopped at any time, and writes ``feature_recovery.md``.
"""

import csv
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from features import DETECTORS, FEATURES, NUMBERS, PREDICTORS, SEARCHES, SHAPES, mask_of
from recovery import coverage

import scr

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "features.csv"
PAGE = FOLDER / "feature_recovery.md"
N_SURVEYS = 40
COLUMNS = ("feature", "survey", "quantity", "truth", "median", "lower", "upper")
GROUPS = {
    "Detectors at points": DETECTORS,
    "Searches and transmitters": SEARCHES,
    "Detection functions": SHAPES,
    "What parameters depend on": PREDICTORS,
    "Parameterisations, number of animals, sessions": NUMBERS,
}


def fits_of(name: str, seeds: range) -> pd.DataFrame:
    """Fit simulated surveys of one feature by maximum likelihood.

    Parameters
    ----------
    name
        Of the feature.
    seeds
        One for each survey.

    Returns
    -------
    DataFrame
        One row per survey and coefficient: survey, quantity, truth, median (the estimate), lower,
        upper. A survey whose fit ends in an error has one row, without an estimate, whose
        quantity is the error.
    """
    feature = FEATURES[name]
    plan = feature.plan()
    mask = mask_of(plan)
    rows: list[tuple[object, ...]] = []
    for seed in seeds:
        survey, _ = scr.simulate_survey(
            plan, mask, feature.simulated or feature.spec, seed=seed, unknown_sex=0.2,
            coefficients=_of_simulation(name), centres="cell_centre",
        )  # fmt: skip
        survey = feature.after(survey, np.random.default_rng([seed, 1]))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", scr.ScrWarning)
                fit = scr.fit_mle(survey, mask, feature.spec, seed=seed, check_mask=False)
        except scr.ScrError as error:
            rows.append((seed, str(error), *[np.nan] * 4))
            continue
        rows += [
            (seed, quantity, feature.truth[str(quantity)], *row[["estimate", "lower", "upper"]])
            for quantity, row in fit.coefficients.iterrows()
            if quantity not in feature.left_out
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS[1:]))


def _of_simulation(name: str) -> dict[str, float]:
    """Coefficients of the model that is simulated, which has a density even if the fit has none."""
    feature = FEATURES[name]
    usual = dict(FEATURES["proximity"].truth) if feature.simulated else {}
    return usual | dict(feature.truth)


def study() -> None:
    """Fit what ``RESULTS`` does not have yet, a feature at a time."""
    done = set(read()["feature"]) if RESULTS.exists() else set()
    for name in FEATURES:
        if name in done:
            continue
        start = time.perf_counter()
        found = fits_of(name, range(N_SURVEYS)).assign(feature=name)[list(COLUMNS)]
        with RESULTS.open("a", encoding="utf-8", newline="") as file:
            found.round(6).to_csv(file, header=not done, index=False, quoting=csv.QUOTE_MINIMAL)
        done.add(name)
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)


def read() -> pd.DataFrame:
    """What was found, one row per survey and coefficient."""
    return pd.read_csv(RESULTS)


def of_feature(results: pd.DataFrame) -> pd.Series:
    """Coverage and error of all coefficients of one feature.

    Parameters
    ----------
    results
        Of one feature, as from ``fits_of``.
    """
    fitted = results.dropna(subset="median")
    table = coverage(fitted)
    held, n = table["covered"].sum(), table["surveys"].sum()
    error = (table["error"] / table["error_se"]).abs()
    lowest, furthest = table["covered"].idxmin(), error.idxmax()
    return pd.Series(
        {
            "surveys": int(fitted["survey"].nunique()),
            "failed": int(results["median"].isna().sum()),
            "held": f"{held} of {n} ({held / n:.1%})",
            "least": f"`{lowest}`, {table['covered'].min()} of {table['surveys'].max()}",
            "error": f"{error.max():.1f} (`{furthest}`, {table['error'][furthest]:+.3f})",
        }
    )


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``read``.
    """
    fitted = results.dropna(subset="median")
    held = ((fitted["lower"] <= fitted["truth"]) & (fitted["truth"] <= fitted["upper"])).mean()
    lines = [
        "# Every feature simulated and found again",
        "",
        f"Made by `docs/feature_recovery.py` from `docs/validation/features.csv`: {N_SURVEYS} "
        "surveys were simulated with each feature, from coefficients stated in "
        "`docs/features.py`, and fitted by `fit_mle`; simulator and likelihood share nothing but "
        "the detection functions. Points: 49 traps 1.5 km apart, six occasions of two to four "
        "days. *Held* counts the 95 % intervals of all coefficients (estimate and 1.96 standard "
        "errors) that hold the truth; *least* is the coefficient for which that happened least "
        "often. *Error* is the largest mean error of a coefficient in standard errors of that "
        f"mean, and in brackets the mean error itself. Over all features {held:.1%} of "
        f"{len(fitted):,} intervals hold the truth. About 40 animals were detected in a survey, "
        "and about 160 where the model has a second shape parameter or areas or lines are "
        "searched.",
        "",
        "`k_secr` and `K_secr` are off by construction: their likelihood, that of secr, takes "
        "animals never caught for animals that met no station at which another had been caught, "
        "and a fit says that density is biased. `k` and `K` are the same responses without that "
        "rule. Estimates of a third group of animals (`h3`) and of shapes that "
        "few data tell apart lie at times at a boundary, which a fit says too.",
        "",
    ]
    for title, group in GROUPS.items():
        lines += [
            f"## {title}", "",
            "| feature | surveys | held | least | error |", "|---|---|---|---|---|",
        ]  # fmt: skip
        for name in group:
            of = results[results["feature"] == name]
            if of.empty:
                continue
            row = of_feature(of)
            failed = f", {row['failed']} without a fit" if row["failed"] else ""
            lines.append(
                f"| {name} | {row['surveys']}{failed} | {row['held']} | {row['least']} "
                f"| {row['error']} |"
            )
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    study()
    PAGE.write_text(page(read()), encoding="utf-8")
