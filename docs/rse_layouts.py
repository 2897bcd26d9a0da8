"""Do layouts chosen by the RSE beat the best pattern of equal cost? Five places, simulated.

``python docs/rse_layouts.py --choose FOLDER`` chooses the layouts (with pymoo installed also by its
genetic algorithm, in the same time), ``--study FOLDER`` simulates and fits; both go on where they
were stopped. Without them the page ``rse_layouts.md`` is made from ``layouts/rse_*.csv``. Nothing
else wants pymoo.
"""

import argparse
import json
import time
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

import scr
import trap_layouts as tl
from scr.habitat.build import build_mask
from scr.habitat.region import Region
from trap_layouts.common_animals import CommonAnimals
from trap_layouts.power import Scenario

HERE = Path(__file__).parent
DEMO = HERE.parent / "scr" / "demo" / "data" / "layouts" / "plan.toml"
FIGURES, PAGE = HERE / "layouts", HERE / "rse_layouts.md"

SEED, CHOICE_SEED = 184_001, 1
"""Seeds of the simulated surveys and of the search, fixed before the first was run."""

RESERVE_SEEDS = (1, 2, 3)
N_REPEATS = 100
LEAST = 1500.0
RSE, PATTERN, GENETIC = "rse", "best pattern", "pymoo"


@dataclass(frozen=True, eq=False)
class Place:
    """A reserve, where stations may stand in it, and what is assumed of the animals."""

    name: str
    reserve: Region
    area: Any
    candidates: tl.Layout
    assumptions: tl.Assumptions
    n_stations: int


def places() -> list[Place]:
    """The demo's plan, a long valley, and three random reserves."""
    plan = tl.read_plan(DEMO)
    plan = replace(plan, tables={**plan.tables, "mask": {**plan.tables["mask"], "spacing": 2000}})
    area = tl.allowed_area(plan.reserve, exclude=plan.exclude)
    grid = tl.make_layout("places", tl.square_grid(area, spacing=3000.0), crs=plan.crs)
    demo = Place("demo", plan.reserve, area, grid, plan.assume(plan.mask_round([grid])), 40)
    bend = shapely.LineString([(0, 0), (22_000, 4000), (30_000, 26_000)]).buffer(5500)
    return [made("valley", bend, sigma=2500.0), *(random(seed) for seed in RESERVE_SEEDS), demo]


def random(seed: int) -> Place:
    """A reserve with a ragged outline, in which animals prefer one side."""
    rng = np.random.default_rng([184, seed])
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    radius = 14_000 * rng.uniform(0.6, 1.3, len(angle))
    outline = shapely.Polygon(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1))
    towards = rng.uniform(0, 2 * np.pi)
    return made(f"random {seed}", outline, sigma=rng.uniform(2200, 3500), towards=towards)


def made(name: str, outline: Any, *, sigma: float, towards: float | None = None) -> Place:
    """A place with 30 stations of two cameras that work for 60 days."""
    reserve = Region(name, outline, crs="local")
    grid = tl.make_layout("places", tl.square_grid(outline, spacing=1500.0), crs="local")
    traps = scr.Traps(names=grid.traps.names, xy=grid.xy, crs="local")
    mask = build_mask(traps, buffer=4 * sigma, spacing=1500)
    parameters = {"density": 4.0, "lambda0": 0.02, "sigma": sigma}
    spec = scr.ModelSpec()
    if towards is not None:
        east, north = np.cos(towards), np.sin(towards)
        rich = (mask.xy @ np.array([east, north]) - outline.centroid.x * east) / 10_000
        covariates = mask.covariates.assign(rich=rich)
        mask = scr.HabitatMask(
            xy=mask.xy, cell_area=mask.cell_area, crs="local", spacing=1500.0, covariates=covariates
        )
        spec, parameters["density.rich"] = scr.ModelSpec(density="~ rich"), 0.5
    assumptions = tl.assume(mask, spec, parameters, n_occasions=6, occasion_days=10.0)
    return Place(name, reserve, outline, grid, assumptions, 30)


def best_pattern(place: Place) -> tl.Layout:
    """The pattern of as many stations with the smallest RSE, of thirty or so."""
    sigma = float(np.exp(place.assumptions.coefficients["sigma.Intercept"][0]))
    middle = np.array(place.area.centroid.coords[0])
    found: list[tuple[float, tl.Layout]] = []
    for spacing in sigma * np.arange(0.7, 2.8, 0.3):
        side = {"spacing": float(spacing)}
        made = {
            "square": tl.square_grid(place.area, **side),
            "square, turned": tl.square_grid(place.area, rotation=30.0, **side),
            "hexagonal": tl.hexagonal_grid(place.area, **side),
            "clusters of 4": tl.clustered_grid(place.area, side=2, gap=2.2 * spacing, **side),
            "hollow": tl.hollow_grid(place.area, side=4, gap=4.5 * spacing, **side),
        }
        for name, points in made.items():
            if len(points) < place.n_stations:
                continue
            near = np.argsort(np.hypot(*(points - middle).T), kind="stable")[: place.n_stations]
            layout = tl.make_layout(
                f"{name}, {spacing:,.0f} m", points[near], crs=place.reserve.crs
            )
            told = tl.expected_information(
                layout, place.assumptions, reserve=place.reserve, n_animals=1000, seed=CHOICE_SEED
            )
            found.append((told.rse, layout))
    return min(found, key=lambda one: one[0])[1]


def by_genetic(place: Place, seconds: float) -> tuple[NDArray[np.int64], int]:
    """Stations that pymoo's genetic algorithm finds on the same objective in a given time."""
    judge = CommonAnimals(
        place.candidates, place.assumptions, place.reserve, n_animals=2000, seed=CHOICE_SEED
    )
    n, xy = len(place.candidates), place.candidates.xy
    close = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) < LEAST - 1e-6
    np.fill_diagonal(close, val=False)

    problem_of = import_module("pymoo.core.problem").ElementwiseProblem
    ways = {name: import_module(f"pymoo.core.{name}") for name in ("sampling", "crossover")}
    mutation = import_module("pymoo.core.mutation").Mutation
    genetic = import_module("pymoo.algorithms.soo.nonconvex.ga").GA
    rng = np.random.default_rng(CHOICE_SEED)

    def subset(first: NDArray[np.int64]) -> NDArray[np.bool_]:
        chosen = np.zeros(n, dtype=np.bool_)
        for one in (*first, *rng.permutation(n)):
            if chosen.sum() < place.n_stations and not chosen[one] and not chosen[close[one]].any():
                chosen[one] = True
        return chosen

    class Stations(problem_of):  # type: ignore[misc,valid-type]
        def __init__(self) -> None:
            super().__init__(n_var=n, n_obj=1, xl=0, xu=1, vtype=bool)

        def _evaluate(self, x: Any, out: Any, *_: Any, **__: Any) -> None:
            out["F"] = min(judge.told_by(np.flatnonzero(x)).rse, 1e3)

    class Draw(ways["sampling"].Sampling):  # type: ignore[misc,name-defined]
        def _do(self, _problem: Any, n_samples: int, **_: Any) -> Any:
            return np.stack([subset(np.array([], dtype=np.int64)) for _ in range(n_samples)])

    class Cross(ways["crossover"].Crossover):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__(2, 1)

        def _do(self, _problem: Any, parents: Any, **_: Any) -> Any:
            children = []
            for one, other in zip(parents[0], parents[1], strict=True):
                both, either = np.flatnonzero(one & other), np.flatnonzero(one ^ other)
                children.append(subset(np.concatenate([both, rng.permutation(either)])))
            return np.stack(children)[None]

    class Exchange(mutation):  # type: ignore[misc,valid-type]
        def _do(self, _problem: Any, chosen: Any, **_: Any) -> Any:
            return np.stack([subset(rng.permutation(np.flatnonzero(x))[:-1]) for x in chosen])

    algorithm = genetic(
        pop_size=20, sampling=Draw(), crossover=Cross(), mutation=Exchange(),
        eliminate_duplicates=True,
    )  # fmt: skip
    algorithm.setup(Stations(), termination=("n_gen", 100_000), seed=CHOICE_SEED, verbose=False)
    end = time.monotonic() + seconds
    while algorithm.has_next() and time.monotonic() < end:
        algorithm.next()
    return np.flatnonzero(algorithm.opt[0].X), int(algorithm.evaluator.n_eval)


def choose(place: Place, folder: Path) -> None:
    """Choose the layouts of a place and keep them with what the search took."""
    path = folder / f"{place.name}.json"
    if path.exists():
        return
    pattern = best_pattern(place)
    constraints = tl.Constraints(n_stations=place.n_stations, least_spacing=LEAST)
    best = tl.optimise(
        place.candidates, place.assumptions, constraints, reserve=place.reserve, seed=CHOICE_SEED
    )
    layouts, row = {PATTERN: pattern, RSE: best.layout}, {"pattern": pattern.name}
    row |= {"places": len(place.candidates), "seconds": best.seconds, "n_eval": 0}
    if find_spec("pymoo") is not None:
        stations, row["n_eval"] = by_genetic(place, best.seconds)
        layouts[GENETIC] = place.candidates.take(stations)
    for name, layout in layouts.items():
        told = tl.expected_information(layout, place.assumptions, reserve=place.reserve, seed=77)
        row |= {f"told.{name}": told.rse, f"error.{name}": told.rse_error}
    kept = {name: layout.xy.tolist() for name, layout in layouts.items()}
    path.write_text(json.dumps({"row": row, "xy": kept}), encoding="utf-8")


def study(folder: Path) -> None:
    """Simulate and fit the layout by RSE and the best pattern of every place chosen for so far."""
    scenarios, rows = [], []
    chosen = [place for place in places() if (folder / f"{place.name}.json").exists()]
    for place in chosen:
        told = json.loads((folder / f"{place.name}.json").read_text(encoding="utf-8"))
        rows.append({"place": place.name, "stations": place.n_stations, **told["row"]})
        for name in (RSE, PATTERN):
            layout = tl.make_layout(name, np.array(told["xy"][name]), crs=place.reserve.crs)
            label = f"{place.name}: {name}"
            scenarios.append(Scenario(label, layout, place.assumptions, place.reserve))
    results = tl.run_study(
        scenarios, folder / f"study_{len(chosen)}", n_repeats=N_REPEATS, seed=SEED, n_workers=1,
        report=lambda done, total: print(f"{done} of {total}", flush=True),
    )  # fmt: skip
    results.to_csv(FIGURES / "rse_fits.csv", index=False, float_format="%.6g")
    pd.DataFrame(rows).to_csv(FIGURES / "rse_search.csv", index=False, float_format="%.6g")


def page(results: pd.DataFrame, search: pd.DataFrame) -> str:
    """The page, from the fits and from what the searches took."""
    found = tl.summarise(results).set_index("scenario")
    rows, verdicts = [], []
    for told in search.to_dict("records"):
        ours, other = (found.loc[f"{told['place']}: {name}"] for name in (RSE, PATTERN))
        gap = ours["rse"] / other["rse"] - 1
        error = np.hypot(ours["rse_error"], other["rse_error"]) / other["rse"]
        verdicts.append("smaller" if gap < -2 * error else "equal" if gap < 2 * error else "larger")
        by_information = told[f"told.{RSE}"] / told[f"told.{PATTERN}"] - 1
        rows.append(
            f"| {told['place']} | {told['stations']:.0f} of {told['places']:.0f} "
            f"| {told['pattern']} | {100 * ours['rse']:.1f} ± {100 * ours['rse_error']:.1f} "
            f"| {100 * other['rse']:.1f} ± {100 * other['rse_error']:.1f} "
            f"| {100 * gap:+.1f} ± {100 * error:.1f} | {verdicts[-1]} "
            f"| {100 * by_information:+.1f} "
            f"| {100 * ours['rmse']:.0f} and {100 * other['rmse']:.0f} "
            f"| {ours['failures']:.0f} and {other['failures']:.0f} |"
        )
    times = [
        f"| {told['place']} | {told['seconds']:.0f} | {100 * told[f'told.{RSE}']:.1f} "
        f"± {100 * told[f'error.{RSE}']:.1f} | {told['n_eval']:.0f} "
        f"| {100 * told[f'told.{GENETIC}']:.1f} ± {100 * told[f'error.{GENETIC}']:.1f} |"
        for told in search.to_dict("records")
        if f"told.{GENETIC}" in told
    ]
    counted = ", ".join(f"{verdicts.count(word)} {word}" for word in ("smaller", "equal", "larger"))
    return "\n".join([
        "# Layouts by RSE against the best pattern of equal cost",
        "",
        f"Made by `docs/rse_layouts.py`: {len(search)} of five places so far, in the order fixed "
        "beforehand. At each the layout that `scr layouts "
        f"optimise` chooses by default, and the best pattern of as many stations, were simulated "
        f"and fitted {N_REPEATS} times each. The best pattern is that of the smallest RSE by "
        "expected information among square grids (two orientations), hexagonal grids, clusters of "
        "four and hollow grids at seven spacings of 0.7 to 2.5 sigma, each cut to the stations "
        "nearest the middle of the reserve. Patterns are laid freely; the search takes places of a "
        f"grid, at least {LEAST / 1000:g} km apart. The places, the script and the seeds ({SEED} "
        f"for surveys, {CHOICE_SEED} for the search) were committed before the first run.",
        "",
        "The demo's plan has two sexes and a covariate (here with cells of 2 km); the valley is "
        "long and bent, with density alike everywhere; random reserves have ragged outlines, and "
        "density rises to one side.",
        "",
        "| place | stations | best pattern | SE by RSE, % | SE of the pattern, % | difference, % "
        "| the SE is | difference by information, % | RMSE of N, % | failed fits |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "SE is the median standard error of log N in the reserve over the fits that did not fail, "
        "± its Monte Carlo error; *equal* is a difference within two Monte Carlo errors. RMSE is "
        f"the relative root mean squared error of N. In all: {counted}.",
        "",
        "## Time, beside pymoo",
        "",
        "pymoo's genetic algorithm (20 layouts a generation, subsets as children of two parents, "
        "one station exchanged as mutation) was given the same objective, the RSE by expected "
        "information with the same simulated animals, the same places, spacing and seconds on the "
        "same machine, which did other work beside it. Both are judged by new animals.",
        "",
        "| place | seconds | RSE of scr, % | layouts that pymoo judged | RSE of pymoo, % |",
        "|---|---|---|---|---|",
        *times,
    ]) + "\n"  # fmt: skip


def main() -> None:
    """Choose, simulate, or make the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choose", type=Path, metavar="FOLDER")
    parser.add_argument("--study", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    if given.choose is not None:
        given.choose.mkdir(parents=True, exist_ok=True)
        for place in places():
            print(place.name, flush=True)
            choose(place, given.choose)
        return
    if given.study is not None:
        study(given.study)
    results, search = (pd.read_csv(FIGURES / f"rse_{name}.csv") for name in ("fits", "search"))
    PAGE.write_text(page(results, search), encoding="utf-8")


if __name__ == "__main__":
    main()
