"""How far a station is from an animal: round a barrier, or along least-cost paths.

Run as a script it draws ``images/distance_round.png`` and writes ``validation/barrier.csv``,
``validation/least_cost.csv`` and ``distance.md``.
"""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely

import scr
from scr.habitat.barrier import path_lengths
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "barrier.csv"
OF_RESISTANCE = FOLDER / "validation" / "least_cost.csv"
PAGE, TEMPLATE = FOLDER / "distance.md", FOLDER / "distance.template.md"

N_SURVEYS, N_OF_RESISTANCE = 40, 50
FIRST_SEED, FIRST_OF_RESISTANCE = 910_001, 920_001
LAKE = shapely.Polygon([(2500, -7000), (4200, -7000), (4200, 7600), (3600, 8200), (2500, 7600)])
"""A narrow lake between stations; animals walk round its northern end."""

TRUTH = {"density.Intercept": 0.0, "lambda0.Intercept": -2.5, "sigma.Intercept": 7.3}


RESISTANCE = scr.ModelSpec(distance="~ slope")
OVER_SLOPES = {
    "density.Intercept": 0.0,
    "lambda0.Intercept": -1.5,
    "sigma.Intercept": 7.2,
    "distance.slope": 0.7,
}
"""exp(0.7) = 2: a unit of slope makes ground twice as hard to cross."""


def planned() -> tuple[scr.Survey, scr.HabitatMask]:
    """Stations 1.5 km apart on both shores of the lake, and a mask without a barrier."""
    x, y = np.meshgrid(np.arange(6) * 1500.0, np.arange(6) * 1500.0)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    xy = xy[~shapely.intersects_xy(LAKE, *xy.T)]
    traps = scr.Traps(names=[f"T{k:02d}" for k in range(len(xy))], xy=xy, crs="local")
    survey = plan_survey(traps, Usage(np.ones((len(xy), 20))))
    return survey, scr.build_mask(traps, buffer=6000, spacing=500, exclude=LAKE)


def study(n_surveys: int = N_SURVEYS, *, first_seed: int = FIRST_SEED) -> pd.DataFrame:
    """Fit surveys of animals that walk round the lake, with and without it as a barrier.

    Parameters
    ----------
    n_surveys
        Surveys.
    first_seed
        Seed of the first.

    Returns
    -------
    DataFrame
        One row per survey and model: survey (seed), distances, then estimate, lower and upper of
        each coefficient, and log_likelihood.
    """
    plan, straight = planned()
    masks = {"round the lake": straight.with_barrier(LAKE), "straight": straight}
    rows = []
    for seed in range(first_seed, first_seed + n_surveys):
        survey, _ = scr.simulate_survey(
            plan, masks["round the lake"], scr.ModelSpec(), coefficients=TRUTH, seed=seed
        )
        for name, mask in masks.items():
            rows.append(_fitted(survey, mask, scr.ModelSpec(), seed, name))
    return pd.DataFrame(rows).round(4)


def over_slopes() -> tuple[scr.Survey, scr.HabitatMask]:
    """Stations 1.5 km apart, and a mask whose ground is hard to cross in some places."""
    x, y = np.meshgrid(np.arange(5) * 1500.0, np.arange(5) * 1500.0)
    xy = np.stack([x.ravel() + 40, y.ravel() + 70], axis=1)
    traps = scr.Traps(names=[f"T{k:02d}" for k in range(len(xy))], xy=xy, crs="local")
    survey = plan_survey(traps, Usage(np.ones((len(xy), 10))))
    mask = scr.build_mask(traps, buffer=4500, spacing=500)
    rough = 0.3 * np.random.default_rng(0).normal(size=len(mask))
    slope = np.sin(mask.xy[:, 0] / 1300) + np.cos(mask.xy[:, 1] / 900) + rough
    return survey, mask.with_covariate("slope", slope)


def resistance_study(
    n_surveys: int = N_OF_RESISTANCE, *, first_seed: int = FIRST_OF_RESISTANCE
) -> pd.DataFrame:
    """Fit surveys of animals that move along least-cost paths, with these and straight distances.

    Parameters
    ----------
    n_surveys
        Surveys.
    first_seed
        Seed of the first.

    Returns
    -------
    DataFrame
        As of ``study``.
    """
    plan, mask = over_slopes()
    specs = {"least cost": RESISTANCE, "straight": scr.ModelSpec()}
    rows = []
    for seed in range(first_seed, first_seed + n_surveys):
        survey, _ = scr.simulate_survey(plan, mask, RESISTANCE, coefficients=OVER_SLOPES, seed=seed)
        rows += [_fitted(survey, mask, spec, seed, name) for name, spec in specs.items()]
    return pd.DataFrame(rows).round(4)


def _fitted(
    survey: scr.Survey, mask: scr.HabitatMask, spec: scr.ModelSpec, seed: int, name: str
) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        fit = scr.fit_mle(survey, mask, spec, check_mask=False)
    row: dict[str, object] = {"survey": seed, "distances": name}
    row["log_likelihood"] = fit.log_likelihood
    for j, coefficient in enumerate(fit.coefficient_names):
        se = float(np.sqrt(fit.vcov[j, j]))
        row |= {coefficient: fit.point[j], f"{coefficient} se": se}
    return row


def draw(target: Path) -> None:
    """Straight distance and distance round the lake from one station.

    Parameters
    ----------
    target
        The picture.
    """
    survey, mask = planned()
    traps = survey.sessions[0].traps
    station = traps.xy[[1]]
    figure, panels = plt.subplots(1, 2, figsize=(8.0, 5.2), sharey=True, layout="constrained")
    found = {"straight": None, "round the lake": LAKE}
    for axes, (name, barrier) in zip(panels, found.items(), strict=True):
        away = path_lengths(barrier, station, mask.xy)[0] / 1000
        x, y = (np.sort(np.unique(mask.xy[:, axis])) for axis in (0, 1))
        grid = np.full((len(y), len(x)), np.nan)
        grid[np.searchsorted(y, mask.xy[:, 1]), np.searchsorted(x, mask.xy[:, 0])] = away
        drawn = axes.contourf(x / 1000, y / 1000, grid, levels=np.arange(0, 26, 2), cmap="viridis")
        axes.fill(*_km(LAKE), color="lightsteelblue")
        axes.plot(*(traps.xy / 1000).T, "k+", ms=5)
        axes.plot(*(station[0] / 1000), "o", color="crimson")
        axes.set(title=name, xlabel="km", aspect="equal")
    panels[0].set_ylabel("km")
    figure.colorbar(drawn, ax=panels, label="distance from the station in red, km", shrink=0.8)
    figure.savefig(target, dpi=110)
    plt.close(figure)


def _km(polygon: shapely.Polygon) -> tuple[np.ndarray, np.ndarray]:
    x, y = shapely.get_coordinates(polygon).T / 1000
    return x, y


def table(results: pd.DataFrame, truth: dict[str, float]) -> str:
    """Rows of the page.

    Parameters
    ----------
    results
        From ``study`` or ``resistance_study``.
    truth
        Coefficients that surveys were simulated from.
    """
    lines = [
        "| distances | coefficient | truth | mean | bias, % of the natural value | 95 % intervals "
        "that hold it |",
        "|---|---|---|---|---|---|",
    ]
    for name, rows in results.groupby("distances", sort=False):
        for coefficient, true in truth.items():
            if rows[coefficient].isna().all():
                continue
            away = rows[coefficient] - true
            held = int((away.abs() <= 1.96 * rows[f"{coefficient} se"]).sum())
            bias = 100 * float(np.expm1(away).mean())
            lines.append(
                f"| {name} | {coefficient} | {true:.2f} | {rows[coefficient].mean():.3f} | "
                f"{bias:+.1f} | {held} of {len(rows)} |"
            )
    return "\n".join(lines)


def write_page(results: pd.DataFrame, of_resistance: pd.DataFrame) -> None:
    """The page from its template and the recorded studies.

    Parameters
    ----------
    results, of_resistance
        From ``study`` and ``resistance_study``.
    """
    by = results.pivot_table(index="survey", columns="distances", values="log_likelihood")
    better = int((by["round the lake"] > by["straight"]).sum())
    lower = of_resistance.pivot_table(index="survey", columns="distances", values="log_likelihood")
    gain = float((lower["least cost"] - lower["straight"]).min())
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in {
        "BARRIER_TABLE": table(results, TRUTH),
        "RESISTANCE_TABLE": table(of_resistance, OVER_SLOPES),
        "N_OF_RESISTANCE": str(len(lower)),
        "LEAST_GAIN": f"{gain:.0f}",
        "N_SURVEYS": str(len(by)),
        "N_BETTER": str(better),
    }.items():
        text = text.replace("{" + name + "}", value)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    draw(FOLDER / "images" / "distance_round.png")
    study().to_csv(RESULTS, index=False)
    resistance_study().to_csv(OF_RESISTANCE, index=False)
    write_page(pd.read_csv(RESULTS), pd.read_csv(OF_RESISTANCE))
