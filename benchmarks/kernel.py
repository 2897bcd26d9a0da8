"""Value and gradient at the size of the first sketch: 100 traps x 3,249 cells x 23 animals."""

import math

import first_sketch
import numpy as np
import pandas as pd
from timing import Row, record, side_by_side

from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import Problem, build_problem, value_and_gradient
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

METRES = 1000.0
MOST_RATIO = 0.7


def problem_of(simulated: first_sketch.Simulated) -> Problem:
    """The same survey for the package, in metres."""
    n_traps, n_animals = len(simulated.traps), len(simulated.captures)
    animal, trap = np.nonzero(simulated.captures)
    times = simulated.captures[animal, trap]
    captures = CaptureHistory(
        individuals=np.arange(n_animals).astype(object),
        individual=np.repeat(animal, times),
        occasion=np.concatenate([np.arange(n) for n in times]),
        trap=np.repeat(trap, times),
        count=np.ones(times.sum(), dtype=np.int64),
    )
    traps = Traps(names=np.arange(n_traps).astype(object), xy=simulated.traps * METRES, crs="local")
    usage = Usage(np.ones((n_traps, simulated.n_occasions)))
    mask = HabitatMask(
        xy=simulated.cells * METRES,
        cell_area=np.full(len(simulated.cells), simulated.cell_area),
        crs="local",
        spacing=METRES,
        covariates=pd.DataFrame({"z": simulated.covariate}),
    )
    survey = Survey((Session("1", traps, usage, captures),))
    return build_problem(survey, mask, ModelSpec(density="~ z"))


def main() -> None:
    simulated = first_sketch.simulate()
    data = first_sketch.prepare(simulated)
    problem = problem_of(simulated)
    theta = np.array([math.log(0.015), 0.5, math.log(0.05), math.log(4.0 * METRES)])
    log_density = theta[0] + theta[1] * simulated.covariate

    def sketch() -> tuple[float, ...]:
        return first_sketch.value_and_gradient(log_density, theta[2], math.log(4.0), *data)

    def package() -> tuple[float, np.ndarray]:
        return value_and_gradient(problem, theta)

    value, gradient = package()
    expected, by_cell, by_lambda0, by_sigma = sketch()
    expected -= math.lgamma(len(simulated.captures) + 1)
    wanted = [by_cell.sum(), by_cell @ simulated.covariate, by_lambda0, by_sigma]
    np.testing.assert_allclose(value, expected, rtol=1e-9)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-5)

    best = side_by_side({"sketch": sketch, "package": package})
    ratio = best["package"] / best["sketch"]
    row = Row(
        what="value and gradient, hazard_half_normal, 100 traps x 3,249 cells x 23 animals",
        measured=f"{best['package'] * 1e3:.2f} ms, {ratio:.2f} x the first sketch "
        f"({best['sketch'] * 1e3:.2f} ms)",
        reach=f"{MOST_RATIO} x",
        holds=ratio <= MOST_RATIO,
    )
    record("kernel", [row], {"seconds": best, "ratio": ratio})


if __name__ == "__main__":
    main()
