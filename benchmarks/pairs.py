"""Value and gradient over trap-cell pairs, each detection function: 100 traps x 3,249 cells.

Two yardsticks in the same run: the first sketch (hazard_half_normal alone, no effort), and the
bare exponential of as many numbers as there are trap-cell pairs within reach.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import first_sketch
import numba as nb
import numpy as np
from kernel import METRES, problem_of
from numpy.typing import NDArray
from timing import Row, record, side_by_side

from scr.likelihood.kernel.packing import pack
from scr.likelihood.problem import Problem, build_problem, value_and_gradient
from scr.model.spec import ModelSpec

FUNCTIONS = (
    "hazard_half_normal",
    "half_normal",
    "hazard_exponential",
    "exponential",
    "hazard_rate",
)
BEFORE = {
    "hazard_half_normal": 0.69,
    "half_normal": 0.90,
    "hazard_exponential": 1.18,
    "exponential": 1.44,
    "hazard_rate": 3.18,
}
"""What the kernel took before it was written anew, times the first sketch."""

MOST_OF_BEFORE = 1.25
BOUND = 1e-9
DENSITY, INTENSITY, SIGMA, Z = 0.015, 0.05, 4.0, 3.0
"""Animals per km2, lambda0 or g0 per day, km."""


@nb.njit(nogil=True, error_model="numpy", fastmath=first_sketch.FAST)
def bare(x: NDArray[np.float64], result: NDArray[np.float64]) -> None:
    for i in range(len(x)):
        result[i] = first_sketch.fast_exp(x[i])


def pairs_within_reach(simulated: first_sketch.Simulated, name: str) -> int:
    """Pairs that matter to the log-likelihood by 1e-9: (n + Lambda) sum T lambda0 k(R) < 1e-9."""
    distance = np.sqrt(((simulated.traps[:, None] - simulated.cells[None]) ** 2).sum(axis=-1))
    n_expected = DENSITY * len(simulated.cells) * simulated.cell_area
    effort = len(simulated.traps) * simulated.n_occasions * INTENSITY
    scales = -math.log(BOUND / ((len(simulated.captures) + n_expected) * effort))
    if name == "hazard_rate":
        return distance.size
    sigmas = scales if name.endswith("exponential") else math.sqrt(2 * scales)
    return int((distance <= sigmas * SIGMA).sum())


def on_pairs(problem: Problem, name: str) -> Problem:
    """The same survey with another detection function, never on a lattice."""
    spec = ModelSpec(density="~ z", detection=name)
    other = build_problem(problem.design.survey, problem.design.mask, spec)
    return replace(other, packed=pack(other.sessions, spec.family, evaluator="pairs"))


def coefficients(name: str) -> NDArray[np.float64]:
    hazard = name.startswith("hazard_") and name != "hazard_rate"
    intensity = math.log(INTENSITY) if hazard else math.log(INTENSITY / (1 - INTENSITY))
    theta = [math.log(DENSITY), 0.5, intensity, math.log(SIGMA * METRES)]
    return np.array(theta + [math.log(Z)] * (name == "hazard_rate"))


def measure(name: str, *, seconds: float = 4.0) -> dict[str, float]:
    """Seconds of the sketch, the bare exponentials and the package, and the pairs."""
    simulated = first_sketch.simulate()
    data = first_sketch.prepare(simulated)
    problem = on_pairs(problem_of(simulated), name)
    theta = coefficients(name)
    log_density = math.log(DENSITY) + 0.5 * simulated.covariate
    n_pairs = pairs_within_reach(simulated, name)
    x = -np.linspace(0.0, 25.0, n_pairs)
    result = np.empty_like(x)
    functions: dict[str, Callable[[], object]] = {
        "sketch": lambda: first_sketch.value_and_gradient(
            log_density, math.log(INTENSITY), math.log(SIGMA), *data
        ),
        "bare": lambda: bare(x, result),
        "package": lambda: value_and_gradient(problem, theta),
    }
    return {**side_by_side(functions, seconds=seconds), "pairs": n_pairs}


def main() -> None:
    figures, rows = {}, []
    for name in FUNCTIONS:
        figures[name] = best = measure(name)
        of_sketch, of_bare = best["package"] / best["sketch"], best["package"] / best["bare"]
        most = MOST_OF_BEFORE * BEFORE[name]
        rows.append(
            Row(
                what=f"value and gradient over pairs, {name}, 100 traps x 3,249 cells x 23 animals",
                measured=f"{best['package'] * 1e3:.2f} ms: {of_sketch:.2f} x the first sketch "
                f"({best['sketch'] * 1e3:.2f} ms), {of_bare:.1f} x the bare exp of "
                f"{best['pairs']:,} pairs ({best['bare'] * 1e3:.2f} ms)",
                reach=f"{most:.2f} x ({MOST_OF_BEFORE} x the kernel before, {BEFORE[name]} x)",
                holds=of_sketch <= most,
            )
        )
    record("pairs", rows, figures)


if __name__ == "__main__":
    main()
