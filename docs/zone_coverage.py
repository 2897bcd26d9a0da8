"""How often 95 % intervals of numbers of animals in zones hold the truth, over simulated surveys.

Used by the tests; run as a script it writes ``validation/zones.csv`` and ``zone_coverage.md``.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from recovery import SPEC, TRUTH, coverage, planned

import scr

N_SURVEYS = 100
FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "zones.csv"
PAGE = FOLDER / "zone_coverage.md"

OUTLINES = {
    "park": shapely.Polygon(
        [(1100, 900), (9800, 1700), (10_700, 8300), (6200, 11_400), (700, 8800)]
    ),
    "core of the park": shapely.box(3300, 3300, 7100, 6900),
    "district": shapely.box(5000, -9500, 21_500, 21_500),
    "corridor": shapely.LineString([(-6000, 13_000), (18_000, 15_500)]).buffer(150),
    "smaller than a cell": shapely.box(6310, 6350, 6660, 6690),
    "beyond the stations": shapely.box(14_000, 14_000, 20_000, 20_000),
}
"""Zones in metres; stations stand from 0 to 12,000, cells are 600 m wide."""

DIFFERENCE = "park - district"


def zones() -> dict[str, scr.Region]:
    """The zones, all within the mask but for the corners of its square."""
    return {name: scr.Region(name, shape, crs="local") for name, shape in OUTLINES.items()}


def expected_numbers(mask: scr.HabitatMask) -> dict[str, float]:
    """True expected N of each zone, by the true coefficients and shares of cells on a fine grid.

    Parameters
    ----------
    mask
        The mask that animals are simulated on.
    """
    density = np.exp(TRUTH["density.Intercept"] + TRUTH["density.elev"] * mask.covariates["elev"])
    half = mask.spacing / 2
    cells = shapely.box(
        mask.xy[:, 0] - half, mask.xy[:, 1] - half, mask.xy[:, 0] + half, mask.xy[:, 1] + half
    )
    return {
        name: float(density @ shapely.area(shapely.intersection(cells, shape)) / 1e6)
        for name, shape in OUTLINES.items()
    }


def study(n_surveys: int = N_SURVEYS, *, first_seed: int = 1, draws: int = 2000) -> pd.DataFrame:
    """Fit simulated surveys by Laplace importance sampling, and count animals in zones.

    Parameters
    ----------
    n_surveys
        How many.
    first_seed
        Seed of the first; the others follow.
    draws
        Draws of each fit.

    Returns
    -------
    DataFrame
        One row per survey and quantity: survey, quantity, truth, median, lower, upper. The truth
        of realised N counts the animals simulated whose centre lies in the zone, detected or not.
    """
    plan, mask = planned()
    expected = expected_numbers(mask)
    regions = zones()
    rows = []
    for seed in range(first_seed, first_seed + n_surveys):
        survey, truth = scr.simulate_survey(plan, mask, SPEC, coefficients=TRUTH, seed=seed)
        animals = truth.animals[["x", "y"]].to_numpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scr.ScrWarning)
            fit = scr.fit_laplace(survey, mask, SPEC, draws=draws, seed=seed, check_mask=False)
            drawn = scr.abundance_draws(fit, regions, seed=seed)
        realised = {
            name: float(shapely.contains_xy(shape, animals).sum())
            for name, shape in OUTLINES.items()
        }
        for estimand, true, table in (
            ("expected N", expected, drawn.expected),
            ("realised N", realised, drawn.realised),
        ):
            for name, value, numbers in _with_difference(true, table):
                low, median, high = np.quantile(numbers, [0.025, 0.5, 0.975])
                rows.append((seed, f"{estimand}, {name}", value, median, low, high))
    return pd.DataFrame(rows, columns=["survey", "quantity", "truth", "median", "lower", "upper"])


def _with_difference(
    truth: dict[str, float], drawn: pd.DataFrame
) -> list[tuple[str, float, np.ndarray]]:
    """Name, truth and draws of each zone, and of the difference of two."""
    each = [(name, truth[name], drawn[name].to_numpy()) for name in drawn.columns]
    one, two = DIFFERENCE.split(" - ")
    return [*each, (DIFFERENCE, truth[one] - truth[two], (drawn[one] - drawn[two]).to_numpy())]


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``study``.
    """
    table = coverage(results)
    n_surveys = results["survey"].nunique()
    truth = results.groupby("quantity")["truth"].mean()
    lines = [
        "# Numbers of animals in zones: do the intervals hold?",
        "",
        f"Made by `docs/zone_coverage.py` from `docs/validation/zones.csv`: {n_surveys} surveys of "
        "49 stations were simulated, fitted by Laplace importance sampling, and the 95 % interval "
        "of each zone was held against the truth. Expected N is that of the true coefficients; "
        "realised N counts the animals simulated whose centre lies in the zone.",
        "",
        "Stations stand 2 km apart from 0 to 12 km; cells are 600 m wide. The corridor is 300 m "
        "wide and the smallest zone is 350 m by 340 m, so that boundaries cut all their cells. "
        "Limits hold 99.9 % of a binomial count with probability 0.95. Where animals are few, "
        "whole numbers make the intervals of realised N hold more often than 95 %.",
        "",
        "| number | mean truth | intervals that hold it | limits | median less truth |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {quantity} | {truth[quantity]:.3g} | {row.covered:.0f} of {row.surveys:.0f} "
        f"| {row.least:.0f} to {row.most:.0f} | {row.error:+.2g} (se {row.error_se:.2g}) |"
        for quantity, row in table.iterrows()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    study().to_csv(RESULTS, index=False, float_format="%.6g")
    PAGE.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
