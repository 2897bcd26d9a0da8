"""Where the time of one value and gradient goes: 100 traps x 3,249 cells x 23 animals.

Differences of nested calls in CPU time: total hazards alone, then with the animals' histories,
then with the gradient, then from coefficients. Differences of shortest times can come out as 0.
"""

from dataclasses import dataclass

import first_sketch
import numpy as np
from kernel import problem_of
from pairs import FUNCTIONS, coefficients, on_pairs
from timing import record, side_by_side

from scr.likelihood.kernel.arrays import Packed, Parameters
from scr.likelihood.kernel.evaluate import evaluate, find_centres, sum_hazards
from scr.likelihood.problem import Problem, parameters_of, value_and_gradient

LATTICE = "hazard_half_normal on the lattice"


@dataclass(frozen=True)
class Parts:
    """Milliseconds of each part, and how often the histories look at a record in a cell."""

    hazards: float
    histories: float
    gradient: float
    around: float
    cells: int
    record_cells: int


def measure(problem: Problem, name: str, *, seconds: float = 3.0) -> Parts:
    """The parts of one value and gradient."""
    theta = coefficients(name)
    parameters = parameters_of(problem, theta)
    data = problem.packed
    best = side_by_side(
        {
            "hazards": lambda: sum_hazards(data, parameters),
            "value": lambda: evaluate(data, parameters, with_gradient=False),
            "gradient": lambda: evaluate(data, parameters),
            "all": lambda: value_and_gradient(problem, theta),
        },
        seconds=seconds,
    )
    best = {part: 1e3 * value for part, value in best.items()}
    cells, record_cells = looked_at(data, parameters)
    return Parts(
        hazards=best["hazards"],
        histories=best["value"] - best["hazards"],
        gradient=best["gradient"] - best["value"],
        around=max(0.0, best["all"] - best["gradient"]),
        cells=cells,
        record_cells=record_cells,
    )


def looked_at(data: Packed, parameters: Parameters) -> tuple[int, int]:
    """Cells in the windows of all animals, and records times cells."""
    centres, _ = find_centres(data, parameters)
    cells = np.diff(centres.end, prepend=0)
    records = np.diff(data.animals.record)[data.animals.start[:-1]]
    return int(cells.sum()), int(cells @ records)


def line(name: str, parts: Parts) -> str:
    times = (parts.hazards, parts.histories, parts.gradient, parts.around)
    return (
        f"| {name} | {sum(times):.2f} | {' | '.join(f'{time:.2f}' for time in times)} | "
        f"{parts.cells:,} | {parts.record_cells:,} |\n"
    )


HEADING = (
    "| detection function | ms | hazards | histories | gradient | around | cells of all "
    "animals | records x cells |\n|---|---|---|---|---|---|---|---|\n"
)


def main() -> None:
    lattice = problem_of(first_sketch.simulate())
    parts = {LATTICE: measure(lattice, "hazard_half_normal")}
    for name in FUNCTIONS:
        parts[f"{name} over pairs"] = measure(on_pairs(lattice, name), name)
    table = HEADING + "".join(line(name, of) for name, of in parts.items())
    print(table)
    record("parts", [], {"table": table})


if __name__ == "__main__":
    main()
