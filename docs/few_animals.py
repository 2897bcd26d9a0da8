"""How often intervals after maximum likelihood hold the truth where few animals were detected.

Used by the tests; run as a script it writes ``validation/few_animals.csv`` and ``few_animals.md``.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from recovery import coverage

import scr
from scr.errors import FitError
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "few_animals.csv"
PAGE = FOLDER / "few_animals.md"

N_SURVEYS = 300
FIRST_SEED = 810_001
"""Surveys are simulated by this seed and those that follow; kinds take turns."""

LEAST, MOST = 5, 15
"""Animals detected in a survey, each counted in each session, for it to be taken."""

LOWEST, HIGHEST = 0.93, 0.97
"""Coverage of realised N that is asked for, over all surveys."""

MAX_DRAWS = 500
SPEC = scr.ModelSpec()


@dataclass(frozen=True)
class Kind:
    """A layout of stations 2 km apart in a square, and the animals about it.

    Parameters
    ----------
    side
        Stations along a side.
    days
        Days in each of four occasions.
    density
        Animals per km2.
    lambda0
        Per day.
    sigma
        Metres.
    """

    side: int
    days: float
    density: float
    lambda0: float
    sigma: float


KINDS = {
    "9 stations": Kind(3, 10.0, 0.06, 0.03, 1800.0),
    "25 stations": Kind(5, 5.0, 0.05, 0.03, 1500.0),
    "25 stations, nearly all detected": Kind(5, 10.0, 0.03, 0.1, 1800.0),
}


def planned(kind: Kind) -> tuple[scr.Survey, scr.HabitatMask]:
    """Two sessions of the same stations, and a mask 6 km about them.

    Parameters
    ----------
    kind
        Layout and effort.
    """
    axis = 2000.0 * np.arange(kind.side)
    x, y = np.meshgrid(axis, axis)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    n = len(xy)
    traps = scr.Traps(
        names=[f"T{k}" for k in range(n)] * 2,
        xy=np.concatenate([xy, xy]),
        session=["1"] * n + ["2"] * n,
        crs="local",
    )
    usage = [Usage(np.full((n, 4), kind.days)) for _ in range(2)]
    mask = scr.build_mask(traps, buffer=6000, spacing=1000)
    return plan_survey(traps, usage), mask


def truth_of(kind: Kind) -> dict[str, float]:
    """Coefficients on their link scales.

    Parameters
    ----------
    kind
        Density and detection.
    """
    return {
        "density.Intercept": float(np.log(kind.density)),
        "lambda0.Intercept": float(np.log(kind.lambda0)),
        "sigma.Intercept": float(np.log(kind.sigma)),
    }


def study(n_surveys: int = N_SURVEYS, *, first_seed: int = FIRST_SEED) -> pd.DataFrame:
    """Fit simulated surveys by maximum likelihood.

    Parameters
    ----------
    n_surveys
        Surveys with 5 to 15 animals that can be fitted; others are passed over.
    first_seed
        Seed of the first.

    Returns
    -------
    DataFrame
        One row per survey, session and estimand: survey (seed), kind, detected (animals, of both
        sessions), quantity, truth, median, lower, upper, and drawn, whether the check of the draws
        passed.
    """
    plans = {name: planned(kind) for name, kind in KINDS.items()}
    names, rows, taken, seed = list(KINDS), [], 0, first_seed - 1
    while taken < n_surveys:
        seed += 1
        name = names[taken % len(names)]
        plan, mask = plans[name]
        survey, truth = scr.simulate_survey(
            plan, mask, SPEC, coefficients=truth_of(KINDS[name]), seed=seed
        )
        detected = sum(session.captures.n_individuals for session in survey.sessions)
        if not LEAST <= detected <= MOST:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scr.ScrWarning)
            try:
                fit = scr.fit_mle(survey, mask, SPEC, seed=seed, check_mask=False)
            except FitError:  # no animal at two stations
                continue
            table = scr.abundance(fit, seed=seed, max_draws=MAX_DRAWS)
        taken += 1
        drawn = fit.every_check[-1].passed
        for _, row in table.iterrows():
            living = int((truth.animals["session"] == row["session"]).sum())
            expected = KINDS[name].density * float(row["area_km2"])
            true = float(living) if row["estimand"] == "realised N" else expected
            numbers = (true, row["median"], row["lower"], row["upper"], drawn)
            rows.append((seed, name, detected, row["estimand"], *numbers))
    columns = ["survey", "kind", "detected", "quantity", "truth", "median", "lower", "upper"]
    return pd.DataFrame(rows, columns=[*columns, "drawn"])


def covered(results: pd.DataFrame) -> pd.DataFrame:
    """Coverage of each estimand, by kind of survey and over all.

    Parameters
    ----------
    results
        From ``study``.
    """
    by_kind = results.assign(quantity=results["quantity"] + ", " + results["kind"])
    every = results.assign(quantity=results["quantity"] + ", all surveys")
    table = coverage(pd.concat([every, by_kind]))
    return table.assign(share=table["covered"] / table["surveys"])


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``study``.
    """
    n_surveys = results["survey"].nunique()
    rough = int((~results.groupby("survey")["drawn"].first()).sum())
    lines = [
        "# Few animals: do the intervals of maximum likelihood hold?",
        "",
        f"Made by `docs/few_animals.py` from `docs/validation/few_animals.csv`: {n_surveys} "
        f"surveys of two sessions in which {LEAST} to {MOST} animals were detected were simulated "
        "and fitted by `fit_mle`, and the 95 % intervals of each session were held against the "
        "truth. Realised N is that of the animals simulated in the mask, drawn with coefficients "
        "from the likelihood; expected N has the log-normal interval of the delta method. In "
        f"{rough} surveys the check of the draws did not pass, and the fit said so.",
        "",
        "| number | intervals that hold it | share | truth above | truth below |",
        "|---|---|---|---|---|",
    ]
    table = covered(results)
    for quantity, row in table.iterrows():
        estimand, kind = str(quantity).split(", ", 1)
        own = results[results["quantity"] == estimand]
        own = own if kind == "all surveys" else own[own["kind"] == kind]
        above = int((own["truth"] > own["upper"]).sum())
        below = int((own["truth"] < own["lower"]).sum())
        lines.append(
            f"| {quantity} | {row.covered:.0f} of {row.surveys:.0f} | {row.share:.3f} | {above} "
            f"| {below} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    study().to_csv(RESULTS, index=False, float_format="%.6g")
    PAGE.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
