"""One density covariate in several units: whether a fit depends on the unit.

Run as a script it writes ``validation/covariate_units.csv`` and ``covariate_units.md``.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import scr
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage

SEEDS = range(101, 121)
"""Seeds of the surveys, one each."""

SEED_OF_FITS = 1
OTHER_SEED = 2
"""Of fits in the first unit again, for the Monte Carlo error."""

SEED_OF_COVARIATE = 8
TRUTH = {
    "density.Intercept": np.log(0.08),
    "density.z": 1.0,
    "lambda0.Intercept": np.log(0.08),
    "sigma.Intercept": np.log(1800.0),
}
FIRST = "scaled"
FORMULAS = {
    FIRST: "~ scale(metres)",
    "metres above the sea, uncentred": "~ metres",
    "kilometres": "~ kilometres",
    "100,000,000 + z": "~ far",
}
FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "covariate_units.csv"
PAGE = FOLDER / "covariate_units.md"


def mask_with_units() -> tuple[scr.Traps, scr.HabitatMask]:
    """36 stations 2.5 km apart, and cells with an elevation of 4,200 m, sd 300 m, in all units."""
    x, y = np.meshgrid(np.arange(6) * 2500.0, np.arange(6) * 2500.0)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    traps = scr.Traps(names=[f"T{k:02d}" for k in range(len(xy))], xy=xy, crs="local")
    mask = scr.build_mask(traps, buffer=7000, spacing=1000)
    east = mask.xy[:, 0]
    noise = np.random.default_rng(SEED_OF_COVARIATE).normal(size=len(mask))
    z = 0.8 * (east - east.mean()) / east.std() + 0.6 * noise
    z = (z - z.mean()) / z.std(ddof=1)
    units = {"z": z, "metres": 4200 + 300 * z, "kilometres": 4.2 + 0.3 * z, "far": 1e8 + z}
    for name, values in units.items():
        mask = mask.with_covariate(name, values)
    return traps, mask


def simulated(seed: int) -> tuple[scr.Survey, scr.HabitatMask]:
    """One survey of 30 days.

    Parameters
    ----------
    seed
        Of the animals and their detections.
    """
    traps, mask = mask_with_units()
    plan = plan_survey(traps, Usage(np.full((len(traps), 1), 30.0)), detector="count")
    spec = scr.ModelSpec(density="~ z")
    survey, _ = simulate_survey(plan, mask, spec, coefficients=TRUTH, seed=seed)
    return survey, mask


def summary_of(fit: scr.Fit) -> tuple[NDArray[np.float64], Mapping[str, float]]:
    """Log of the surface, and numbers: N with its limits, and the slope per standard deviation.

    Parameters
    ----------
    fit
        A fit by one of the formulas.
    """
    surface = np.log(scr.density_surface(fit).summary["median"].to_numpy())
    table = scr.abundance(fit).set_index("estimand")
    numbers = {
        f"{estimand.split()[0]}_{name}": float(row[name])
        for estimand, row in table.iterrows()
        for name in ("median", "lower", "upper")
    }
    column = fit.problem.design.density_columns[:, 1]
    slope = float(fit.coefficients["estimate"].iloc[1] * np.std(column, ddof=1))
    return surface, numbers | {"slope": slope}


def study(seeds: range = SEEDS, *, engine: str = "laplace") -> pd.DataFrame:
    """Each survey fitted in each unit, held against the fit in the first.

    Parameters
    ----------
    seeds
        Of the surveys.
    engine
        ``"laplace"`` or ``"nuts"``.
    """
    rows = []
    for seed in seeds:
        survey, mask = simulated(seed)
        plans = [(unit, formula, SEED_OF_FITS) for unit, formula in FORMULAS.items()]
        plans.append(("scaled, another seed of the fit", FORMULAS[FIRST], OTHER_SEED))
        first = np.zeros(len(mask))
        for unit, formula, fit_seed in plans:
            options = {"progress": False} if engine == "nuts" else {}
            fit = getattr(scr, f"fit_{engine}")(
                survey,
                mask,
                scr.ModelSpec(density=formula),
                seed=fit_seed,
                check_mask=False,
                **options,
            )
            surface, numbers = summary_of(fit)
            first = surface if unit == FIRST else first
            away = float(np.abs(surface - first).max())
            animals = survey.n_individuals
            rows.append(
                {"engine": engine, "survey": seed, "animals": animals, "unit": unit}
                | {"largest_move_of_log_density": away, **numbers}
            )
    return pd.DataFrame(rows)


def page(results: pd.DataFrame) -> str:
    """The page, from the results.

    Parameters
    ----------
    results
        From ``study``.
    """
    lines = [
        "# One covariate in several units",
        "",
        "Made by `docs/covariate_units.py` from `docs/validation/covariate_units.csv`. Surveys of "
        "36 stations were simulated, in which log density rises by 1 per standard deviation of "
        "elevation (4,200 m, sd 300 m), and each was fitted with elevation in several units under "
        "the default priors and one seed. The move is the largest of any cell of the surface, in "
        "log density, from the fit with the scaled covariate; the last row of an engine is that "
        "fit again with another seed, which is the Monte Carlo error.",
        "",
        "| engine | unit | surveys | largest move of log density | largest move of N, animals "
        "| slope per sd, mean (truth 1) |",
        "|---|---|---|---|---|---|",
    ]
    names = [f"{kind}_{name}" for kind in ("expected",) for name in ("median", "lower", "upper")]
    for engine, of_engine in results.groupby("engine", sort=False):
        scaled = of_engine[of_engine["unit"] == FIRST].set_index("survey")
        for unit, rows in of_engine.groupby("unit", sort=False):
            table = rows.set_index("survey")
            move = float((table[names] - scaled[names]).abs().max(axis=None))
            away = float(table["largest_move_of_log_density"].max())
            lines.append(
                f"| {engine} | {unit} | {len(table)} | {away:.1g} | {move:.1g} "
                f"| {table['slope'].mean():.3f} |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    found = [study(), study(SEEDS[:1], engine="nuts")]
    pd.concat(found).to_csv(RESULTS, index=False, float_format="%.9g")
    PAGE.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
