"""Whether smooth densities find a known surface, and do no harm where density is the same.

Run as a script it writes ``validation/density_surfaces.csv``, the figures and
``density_surfaces.md``; with ``page`` it makes the page of the table that is there.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import scr
from scr.errors import ScrWarning
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "density_surfaces.csv"
TEMPLATE = FOLDER / "density_surfaces.template.md"
PAGE = FOLDER / "density_surfaces.md"

SEEDS = range(301, 321)
SEEDS_OF_NUTS = range(301, 306)
SURFACES = ("two hills", "optimum of forest", "flat")
MODELS = {
    "two hills": {"~ scale(x) + scale(y)": "log-linear", "~ s(x, y)": "s", "~ gp(x, y)": "gp"},
    "optimum of forest": {"~ forest": "log-linear", "~ s(forest)": "s", "~ gp(forest)": "gp"},
    "flat": {
        "~ scale(x) + scale(y)": "log-linear",
        "~ s(x, y)": "s",
        "~ gp(x, y)": "gp",
    },
}
N_DRAWS, N_DRAWS_OF_NUTS = 1000, 250


def truth_of(surface: str, mask: scr.HabitatMask) -> np.ndarray:
    """True density, animals per km2.

    Parameters
    ----------
    surface
        One of ``SURFACES``.
    mask
        Cells, with a covariate forest.
    """
    if surface == "flat":
        return np.full(len(mask), 0.3)
    if surface == "optimum of forest":
        forest = mask.covariates["forest"].to_numpy()
        return np.asarray(0.9 * np.exp(-(((forest - 0.5) / 0.18) ** 2) / 2) + 0.03)
    hills = [((2500.0, 6500.0), 2000.0, 0.9), ((7000.0, 2500.0), 1500.0, 1.2)]
    density = np.full(len(mask), 0.05)
    for middle, width, height in hills:
        distance2 = ((mask.xy - middle) ** 2).sum(axis=1)
        density += height * np.exp(-distance2 / 2 / width**2)
    return density


def survey_of(surface: str, seed: int) -> tuple[scr.Survey, scr.HabitatMask, np.ndarray]:
    """49 stations 1.5 km apart for 40 days.

    Parameters
    ----------
    surface
        One of ``SURFACES``.
    seed
        Of the animals and their detections.

    Returns
    -------
    tuple
        The survey, its mask, and the true density of the cells, per km2.
    """
    x, y = (axis.ravel() for axis in np.meshgrid(1500.0 * np.arange(7), 1500.0 * np.arange(7)))
    names = [f"T{k:02d}" for k in range(49)]
    traps = scr.Traps(names=names, xy=np.stack([x, y], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=3000, spacing=1000)
    forest = 0.5 + 0.25 * np.sin(mask.xy[:, 0] / 2300.0) + 0.25 * np.cos(mask.xy[:, 1] / 1700.0)
    mask = mask.with_covariate("forest", forest)
    truth = truth_of(surface, mask)
    mask = mask.with_covariate("truth", np.log(truth))
    survey, _ = scr.simulate_survey(
        plan_survey(traps, [Usage(np.full((49, 8), 5.0))]),
        mask,
        scr.ModelSpec(density="~ 0 + truth"),
        coefficients={
            "density.truth": 1.0,
            "lambda0.Intercept": float(np.log(0.05)),
            "sigma.Intercept": float(np.log(800.0)),
        },
        seed=seed,
    )
    return survey, mask, truth


def judge(surface: str, formula: str, seed: int, *, engine: str = "laplace") -> dict[str, object]:
    """How far the estimated surface of one survey is from the true one.

    Parameters
    ----------
    surface, seed
        Of the survey.
    formula
        Of density.
    engine
        ``"laplace"``, or ``"nuts"`` at its defaults but for fewer draws.
    """
    survey, mask, truth = survey_of(surface, seed)
    spec = scr.ModelSpec(density=formula)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)
        if engine == "nuts":
            fit = scr.fit_nuts(
                survey, mask, spec, draws=N_DRAWS_OF_NUTS, cores=1, check_mask=False, progress=False
            )
        else:
            fit = scr.fit_laplace(
                survey, mask, spec, draws=N_DRAWS, check_mask=False, cores=1, seed=seed
            )
    checks = {check.name: check for check in fit.checks}
    draws = np.exp(fit.problem.design.log_density(fit.draws, 0))
    lower, density, upper = np.quantile(draws, [0.025, 0.5, 0.975], axis=0)
    number, true_number = draws @ mask.cell_area, float(truth @ mask.cell_area)
    ends = np.quantile(number, [0.025, 0.975])
    return {
        "surface": surface,
        "model": MODELS[surface][formula],
        "engine": engine,
        "seed": seed,
        "formula": formula,
        "animals": survey.n_individuals,
        "ise": float(((density - truth) ** 2) @ mask.cell_area),
        "cells_held": float(((lower <= truth) & (truth <= upper)).mean()),
        "number": float(np.median(number)),
        "true_number": true_number,
        "number_held": bool(ends[0] <= true_number <= ends[1]),
        "k_hat": fit.k_hat if engine == "laplace" else np.nan,
        "divergences": checks["divergences"].value if engine == "nuts" else np.nan,
        "rhat": checks["rhat"].value if engine == "nuts" else np.nan,
    }


def run(jobs: list[tuple[str, str, int, str]], path: Path = RESULTS) -> pd.DataFrame:
    """Work out what is not in the file yet, row by row.

    Parameters
    ----------
    jobs
        Surface, formula, seed and engine of each row.
    path
        The file.
    """
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    keys = ["surface", "formula", "seed", "engine"]
    done = set(table[keys].itertuples(index=False, name=None)) if len(table) else set()
    for surface, formula, seed, engine in jobs:
        if (surface, formula, seed, engine) not in done:
            row = pd.DataFrame([judge(surface, formula, seed, engine=engine)])
            table = pd.concat([table, row], ignore_index=True)
            table.to_csv(path, index=False, float_format="%.6g")
    return table


def all_jobs() -> list[tuple[str, str, int, str]]:
    """All surveys by importance sampling, then some by NUTS."""
    jobs = [
        (surface, formula, seed, "laplace")
        for seed in SEEDS
        for surface in SURFACES
        for formula in MODELS[surface]
    ]
    smooth = [
        (surface, formula, seed, "nuts")
        for seed in SEEDS_OF_NUTS
        for surface in SURFACES
        for formula, model in MODELS[surface].items()
        if model in {"s", "gp"}
    ]
    return jobs + smooth


def page_of(table: pd.DataFrame) -> str:
    """The page.

    Parameters
    ----------
    table
        From ``run``.
    """
    surveys = table[table["engine"] == "laplace"]
    rows = [
        "| truth | model | mean ISE | median ISE | cells whose interval holds the truth | "
        "surveys whose interval holds N | largest k-hat |",
        "|---|---|---|---|---|---|---|",
    ]
    for surface in SURFACES:
        for formula, model in MODELS[surface].items():
            of = surveys[(surveys["surface"] == surface) & (surveys["model"] == model)]
            rows.append(
                f"| {surface} | `{formula}` | {of['ise'].mean():.2f} | {of['ise'].median():.2f} | "
                f"{100 * of['cells_held'].mean():.0f} % | {of['number_held'].sum()} of {len(of)} | "
                f"{of['k_hat'].max():.2f} |"
            )
    by_survey = surveys.pivot_table(index=["surface", "seed"], columns="model", values="ise")
    wins = [
        f"{int((by_survey.loc[surface, model] < by_survey.loc[surface, 'log-linear']).sum())} of "
        f"{len(by_survey.loc[surface])} surveys of {surface} (`{model}`)"
        for surface in SURFACES[:2]
        for model in ("s", "gp")
    ]
    flat = surveys[surveys["surface"] == "flat"].groupby("model")["ise"].mean()
    _, mask, truth = survey_of("flat", SEEDS[0])
    whole = float(truth**2 @ mask.cell_area)
    nuts = table[table["engine"] == "nuts"]
    per_surface = surveys.groupby("surface")["animals"].median()
    words = {
        "STUDY": (
            f"{surveys['seed'].nunique()} simulated surveys of each of three surfaces (seeds "
            f"{SEEDS[0]} to {SEEDS[-1]}, fixed beforehand): 49 stations 1.5 km apart for 40 days, "
            "sigma 800 m. Animals detected, median: "
            + ", ".join(f"{surface} {per_surface[surface]:.0f}" for surface in SURFACES)
            + f". Default priors, importance sampling, {N_DRAWS:,} draws."
        ),
        "TABLE": "\n".join(rows),
        "WINS": ", ".join(wins),
        "FLAT_GP": f"{flat['gp']:.2f}",
        "FLAT_LOG": f"{flat['log-linear']:.2f}",
        "FLAT_S": f"{flat['s']:.2f}",
        "FLAT_SHARE": f"{100 * flat.max() / whole:.0f} %",
        "FLAT_WHOLE": f"{whole:.1f}",
        "NUTS": ""
        if nuts.empty
        else (
            f"{len(nuts)} of these models were fitted by NUTS too, with the defaults of `fit_nuts` "
            f"but {N_DRAWS_OF_NUTS} draws of each chain ("
            + ", ".join(
                f"`{formula}` of {surface}: {count} survey{'s' if count > 1 else ''}"
                for (surface, formula), count in nuts.groupby(["surface", "formula"]).size().items()
            )
            + f"): {int(nuts['divergences'].sum())} divergences in "
            f"{len(nuts) * 4 * N_DRAWS_OF_NUTS:,} draws, R-hat at most {nuts['rhat'].max():.3f}."
        ),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for word, told in words.items():
        text = text.replace(f"@{word}@", told)
    return text


def draw() -> Figure:
    """True and estimated densities of the first survey, per 100 km2."""
    formulas = ["", *MODELS["two hills"]]
    figure = Figure(figsize=(7.0, 2.3), layout="constrained")
    panels = figure.subplots(1, len(formulas), sharey=True)
    survey, mask, truth = survey_of("two hills", SEEDS[0])
    for formula, axes in zip(formulas, panels, strict=True):
        density = truth
        if formula:
            spec = scr.ModelSpec(density=formula)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ScrWarning)
                fit = scr.fit_laplace(
                    survey, mask, spec, draws=N_DRAWS, check_mask=False, cores=1, seed=SEEDS[0]
                )
            logs = fit.problem.design.log_density(fit.draws, 0)
            density = np.exp(np.median(logs, axis=0))
        xy = mask.xy / 1000
        shown = axes.scatter(
            *xy.T, c=100 * density, s=16, marker="s", vmin=0.0, vmax=100 * truth.max()
        )
        axes.set_title(formula or "truth", fontsize=8)
        axes.set_aspect("equal")
        axes.set_xlabel("km", fontsize=7)
        axes.tick_params(labelsize=6)
    figure.colorbar(shown, ax=panels, label="animals per 100 km²", shrink=0.8)
    return figure


if __name__ == "__main__":
    results = run(all_jobs())
    PAGE.write_text(page_of(results), encoding="utf-8")
    draw().savefig(FOLDER / "images" / "density_surfaces.png", dpi=130)
