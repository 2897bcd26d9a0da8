"""What features cost beside the plain model, and the largest survey: 10,000 traps."""

import contextlib
import json
import math
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from timing import Row, in_fresh_process, peak_memory_mb, record, side_by_side, taken_by

import scr
from scr.likelihood.problem import Problem, build_problem, value_and_gradient
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage

SPACING, SIGMA, LAMBDA0 = 3000.0, 2200.0, 0.02
TRUTH = {"lambda0.Intercept": math.log(LAMBDA0), "sigma.Intercept": math.log(SIGMA)}
RESPONSE = 0.7
MOST_OF_PLAIN = {"bk": 4.0, "multi": 3.0}
MOST_OF_CLASS = 1.3
"""Most of the time of a model without classes that each class may take."""
MOST_SECONDS, MOST_MEMORY_MB = 15.0, 2048.0


def simulated(
    side: int, n_occasions: int, density: float, *, detector: str = "proximity", off: float = 0.0
) -> tuple[scr.Survey, scr.HabitatMask]:
    """A square array, each trap off on a share of the occasions."""
    x, y = np.meshgrid(np.arange(side) * SPACING, np.arange(side) * SPACING)
    names = np.array([f"T{i}" for i in range(side * side)], dtype=object)
    traps = scr.Traps(names=names, xy=np.column_stack([x.ravel(), y.ravel()]), crs="local")
    mask = scr.build_mask(traps, buffer=8000, spacing=1000)
    works = np.random.default_rng(1).random((side * side, n_occasions)) >= off
    plan = plan_survey(traps, Usage(works.astype(float)), detector=detector)  # type: ignore[arg-type]
    truth = {"density.Intercept": math.log(density), **TRUTH}
    survey, _ = simulate_survey(plan, mask, scr.ModelSpec(), coefficients=truth, seed=1)
    return survey, mask


def called(problem: Problem, density: float) -> Callable[[], object]:
    truth = {"density.Intercept": math.log(density), **TRUTH}
    names = problem.design.coefficient_names
    theta: NDArray[np.float64] = np.array([truth.get(name, RESPONSE) for name in names])
    return lambda: value_and_gradient(problem, theta)


def responses() -> tuple[list[Row], dict[str, float]]:
    """Every learned response beside none, about 400 animals."""
    survey, mask = simulated(10, 90, 0.34)
    names = ["1", "bk", "Bk", "b", "B", "k", "K", "t"]
    functions = {
        name: called(build_problem(survey, mask, scr.ModelSpec(lambda0=f"~ {name}")), 0.34)
        for name in names
    }
    best = side_by_side(functions, seconds=8.0, calls=2)
    rows = []
    for name in names[1:]:
        ratio, most = best[name] / best["1"], MOST_OF_PLAIN.get(name)
        rows.append(
            Row(
                what=f"value and gradient, lambda0 ~ {name}, 100 traps x 90 occasions x "
                f"{survey.n_individuals} animals",
                measured=f"{best[name] * 1e3:.1f} ms: {ratio:.2f} x the model without "
                f"({best['1'] * 1e3:.1f} ms)",
                reach="" if most is None else f"{most:g} x",
                holds=None if most is None else ratio <= most,
            )
        )
    return rows, best


def multi_catch() -> tuple[list[Row], dict[str, float]]:
    """Multi-catch traps whose effort differs by occasion, beside proximity detectors."""
    functions = {}
    for detector in ("proximity", "multi"):
        survey, mask = simulated(10, 90, 0.34, detector=detector, off=0.2)
        functions[detector] = called(build_problem(survey, mask, scr.ModelSpec()), 0.34)
    best = side_by_side(functions, seconds=6.0, calls=2)
    ratio = best["multi"] / best["proximity"]
    row = Row(
        what="value and gradient, multi-catch with usage by occasion, 100 traps x 90 occasions",
        measured=f"{best['multi'] * 1e3:.1f} ms: {ratio:.2f} x proximity collapsed "
        f"({best['proximity'] * 1e3:.1f} ms)",
        reach=f"{MOST_OF_PLAIN['multi']:g} x",
        holds=ratio <= MOST_OF_PLAIN["multi"],
    )
    return [row], best


def latent_classes() -> tuple[list[Row], dict[str, float]]:
    """Latent groups and an effect of each animal beside animals that are alike."""
    survey, mask = simulated(10, 90, 0.34)
    names = ["1", "h2", "h3", "individual"]
    functions = {
        name: called(build_problem(survey, mask, scr.ModelSpec(lambda0=f"~ {name}")), 0.34)
        for name in names
    }
    best = side_by_side(functions, seconds=8.0, calls=2)
    classes = {"h2": 2, "h3": 3, "individual": scr.ModelSpec().nodes}
    rows = [
        Row(
            what=f"value and gradient, lambda0 ~ {name}, 100 traps x 90 occasions x "
            f"{survey.n_individuals} animals",
            measured=f"{best[name] * 1e3:.1f} ms: {best[name] / best['1']:.2f} x the model without "
            f"({best['1'] * 1e3:.1f} ms), {n} classes",
            reach=f"{n * MOST_OF_CLASS:.1f} x",
            holds=best[name] / best["1"] <= n * MOST_OF_CLASS,
        )
        for name, n in classes.items()
    ]
    return rows, best


def keep(path: str) -> dict[str, Any]:
    """Simulate the largest survey into a file."""
    survey, mask = simulated(100, 30, 0.034)
    np.savez(path, survey=np.array(survey, dtype=object), mask=np.array(mask, dtype=object))
    return {}


def largest(path: str) -> dict[str, Any]:
    """Time and memory of fit_mle, the survey read back as a fit keeps it."""
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(sys.stderr):
        survey, mask = simulated(5, 90, 0.34)
        scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)
        content = np.load(path, allow_pickle=True)
        survey, mask = content["survey"].item(), content["mask"].item()
        taken = taken_by(lambda: scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False))
    return {**taken._asdict(), "peak_mb": peak_memory_mb(), "animals": survey.n_individuals,
            "cells": len(mask)}  # fmt: skip


def main() -> None:
    rows, figures = responses()
    more, of_multi = multi_catch()
    latent, of_latent = latent_classes()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "large.npz")
        # Simulated in a process of its own: the peak of a process counts for those it starts.
        in_fresh_process("breadth.py", "simulate", path)
        answer = in_fresh_process("breadth.py", "fit", path)
    large = Row(
        what=f"fit_mle, 10,000 traps x {answer['cells']:,} cells x {answer['animals']:,} animals",
        measured=f"{answer['wall']:.1f} s ({answer['cpu']:.1f} s of CPU), "
        f"{answer['peak_mb']:.0f} MB at the peak",
        reach=f"{MOST_SECONDS:g} s, {MOST_MEMORY_MB:.0f} MB",
        holds=answer["wall"] <= MOST_SECONDS and answer["peak_mb"] <= MOST_MEMORY_MB,
    )
    kept = {**figures, "multi": of_multi, "latent": of_latent, "large": answer}
    record("breadth", [*rows, *more, *latent, large], kept)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(keep(sys.argv[2]) if sys.argv[1] == "simulate" else largest(sys.argv[2])))
    else:
        main()
