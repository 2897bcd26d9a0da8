"""How time and memory of one value and gradient grow with traps, cells and animals.

Writes ``growth.md`` and ``images/growth.png``. Needs a minute or two. Times are CPU seconds of one
thread, the sizes in turn, so that slopes bear a busy machine.
"""

import ctypes
import gc
import json
import math
import os
import resource
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

import scr
from scr.likelihood.kernel.packing import pack
from scr.likelihood.problem import Problem, build_problem, value_and_gradient
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage

HERE = Path(__file__).resolve().parent
SIGMA, LAMBDA0, BUFFER = 2000.0, 0.05, 8000.0
TRAP_SPACING = 3000.0
N_OCCASIONS = 10
ROUNDS = 7
MOST_SLOPE = 1.1
EVALUATORS = {"lattice": "auto", "pairs": "pairs"}
SPEC = scr.ModelSpec(density="~ x")
MEGABYTE = 1024.0**2
NO_HUGE_PAGES = 41
"""What prctl is asked for, so that memory grows by pages of 4 kB and not by steps of 2 MB."""


@dataclass(frozen=True)
class Size:
    """One survey of a sweep: traps on a square, cells by their side, animals by density."""

    traps_by_side: int = 12
    cell: float = 1000.0
    density: float = 0.08


SWEEPS: dict[str, tuple[Size, ...]] = {
    "traps": tuple(Size(traps_by_side=n) for n in (11, 16, 24, 34, 48, 64)),
    "cells": tuple(Size(cell=c) for c in (3000.0, 2000.0, 1333.0, 1000.0, 667.0, 500.0)),
    "animals": tuple(Size(density=d) for d in (0.01, 0.025, 0.05, 0.1, 0.2, 0.4)),
}
"""With traps the area grows, and cells and animals with it. Otherwise one number alone grows."""


@dataclass
class Point:
    """What one size took with one evaluator."""

    sweep: str
    evaluator: str
    n: int
    pairs: int
    seconds: float
    megabytes: float


def problem_of(size: Size) -> Problem:
    """A simulated survey of that size."""
    axis = np.arange(size.traps_by_side) * TRAP_SPACING + 130.0
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    names = np.array([f"S{i}" for i in range(len(x))], dtype=object)
    traps = scr.Traps(names=names, xy=np.stack([x, y], axis=1), crs="local")
    axis = np.arange(-BUFFER + size.cell / 2, axis[-1] + BUFFER, size.cell)
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    mask = scr.HabitatMask(
        xy=np.stack([x, y], axis=1),
        cell_area=np.full(len(x), (size.cell / 1000.0) ** 2),
        crs="local",
        spacing=size.cell,
    )
    truth = dict(zip(SPEC.coefficient_names(_nobody(traps), mask), theta_of(size), strict=True))
    survey, _ = simulate_survey(_nobody(traps), mask, SPEC, coefficients=truth, seed=1)
    return build_problem(survey, mask, SPEC)


def _nobody(traps: scr.Traps) -> scr.Survey:
    return plan_survey(traps, Usage(np.ones((len(traps), N_OCCASIONS))))


def theta_of(size: Size) -> NDArray[np.float64]:
    """Coefficients that the survey is simulated by and evaluated at."""
    return np.array([math.log(size.density), 0.0, math.log(LAMBDA0), math.log(SIGMA)])


def pairs_within(problem: Problem) -> int:
    """Trap-cell pairs within 7 sigma."""
    data = problem.sessions[0]
    return sum(
        int((((data.cell_xy - point) ** 2).sum(axis=1) <= (7 * SIGMA) ** 2).sum())
        for point in data.point_xy
    )


def memory_of(problem: Problem, theta: NDArray[np.float64], warm: Problem) -> float:
    """MB that one evaluation adds to a process that has evaluated a tiny survey alone.

    In a fork: its peak less what it began with, as the parent's pages are shared.
    """
    gc.collect()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    receiving, sending = os.pipe()
    with warnings.catch_warnings(action="ignore"):  # idle threads of libraries do no harm here
        child = os.fork()
    if child == 0:
        if sys.platform == "linux":
            libc.prctl(NO_HUGE_PAGES, 1, 0, 0, 0)
        signal.alarm(60)  # ends the child should it hang on a lock of a thread that it lacks
        evaluate_apart(warm, theta)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        evaluate_apart(problem, theta)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(sending, str(after - before).encode())
        os._exit(0)
    os.waitpid(child, 0)
    grown = int(os.read(receiving, 32)) * (1 if sys.platform == "darwin" else 1024)
    os.close(receiving)
    os.close(sending)
    kept = problem.packed.n_bytes
    return (grown + kept) / MEGABYTE


def evaluate_apart(problem: Problem, theta: NDArray[np.float64]) -> None:
    """One evaluation in a thread, whose memory has no gaps left by what was freed before."""
    thread = threading.Thread(target=value_and_gradient, args=(problem, theta))
    thread.start()
    thread.join()


def measure(sweeps: dict[str, tuple[Size, ...]], *, rounds: int = ROUNDS) -> list[Point]:
    """Shortest times and memory of all sizes, in rounds, so that all share the weather."""
    points, calls = [], []
    tiny = problem_of(Size(traps_by_side=3, cell=4000.0))
    warm = {name: _with(tiny, name) for name in EVALUATORS}
    for problem in warm.values():
        value_and_gradient(problem, theta_of(Size()))
    for sweep, sizes in sweeps.items():
        for size in sizes:
            problem = problem_of(size)
            data = problem.sessions[0]
            counts = {
                "traps": len(data.point_xy),
                "cells": data.n_cells,
                "animals": data.n_animals,
            }
            pairs = pairs_within(problem)
            for name in EVALUATORS:
                of_evaluator, theta = _with(problem, name), theta_of(size)
                megabytes = memory_of(of_evaluator, theta, warm[name])
                points.append(Point(sweep, name, counts[sweep], pairs, math.inf, megabytes))
                calls.append((of_evaluator, theta))
    for _ in range(rounds):
        for point, (problem, theta) in zip(points, calls, strict=True):
            for _ in range(3):
                start = time.process_time()
                value_and_gradient(problem, theta)
                point.seconds = min(point.seconds, time.process_time() - start)
    return points


def _with(problem: Problem, evaluator: str) -> Problem:
    packed = pack(problem.sessions, SPEC.family, evaluator=EVALUATORS[evaluator])
    return replace(problem, packed=packed)


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Slope of a line fitted on log axes."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


@dataclass(frozen=True)
class Curve:
    """One sweep with one evaluator."""

    sweep: str
    evaluator: str
    n: list[int]
    pairs: list[int]
    seconds: list[float]
    megabytes: list[float]

    @property
    def slopes(self) -> tuple[float, float, float]:
        """Of time and memory over all sizes, and of time over the larger half."""
        half = len(self.n) // 2
        return (
            slope(self.n, self.seconds),
            slope(self.n, self.megabytes),
            slope(self.n[half:], self.seconds[half:]),
        )

    @property
    def slope_by_pairs(self) -> float | None:
        """Of time over the larger half against pairs within reach, where these grow."""
        half = len(self.n) // 2
        if self.pairs[0] == self.pairs[-1]:
            return None
        return slope(self.pairs[half:], self.seconds[half:])


def curves(points: Sequence[Point]) -> Iterator[Curve]:
    for sweep in dict.fromkeys(point.sweep for point in points):
        for evaluator in EVALUATORS:
            of = [p for p in points if p.sweep == sweep and p.evaluator == evaluator]
            yield Curve(
                sweep,
                evaluator,
                [p.n for p in of],
                [p.pairs for p in of],
                [p.seconds for p in of],
                [p.megabytes for p in of],
            )


def draw(drawn: Sequence[Curve], path: Path) -> None:
    mpl.use("agg")
    sweeps = list(dict.fromkeys(curve.sweep for curve in drawn))
    figure, axes = plt.subplots(
        2, len(sweeps), figsize=(10, 6.2), sharey="row", layout="constrained", squeeze=False
    )
    colours = {"lattice": "#1b6ca8", "pairs": "#c2571a"}
    for curve in drawn:
        column = sweeps.index(curve.sweep)
        time_slope, memory_slope, _ = curve.slopes
        for row, values, fitted in (
            (0, [1e3 * s for s in curve.seconds], time_slope),
            (1, curve.megabytes, memory_slope),
        ):
            axis = axes[row, column]
            line = np.exp(
                np.polyval(np.polyfit(np.log(curve.n), np.log(values), 1), np.log(curve.n))
            )
            colour = colours[curve.evaluator]
            axis.loglog(curve.n, values, "o", color=colour, ms=5)
            axis.loglog(
                curve.n, line, "-", color=colour, lw=1, label=f"{curve.evaluator}: {fitted:.2f}"
            )
            axis.legend(title="slope", frameon=False, fontsize=9, loc="upper left")
            axis.grid(visible=True, which="major", color="#dddddd", lw=0.6)
    for column, sweep in enumerate(sweeps):
        axes[1, column].set_xlabel(sweep)
        ticks = next(curve.n for curve in drawn if curve.sweep == sweep)
        for axis in axes[:, column]:
            axis.set_xticks(ticks, [f"{n:,}" for n in ticks], fontsize=8)
            axis.minorticks_off()
    axes[0, 0].set_ylabel("value and gradient, ms")
    axes[1, 0].set_ylabel("memory, MB")
    figure.savefig(path, dpi=130)
    plt.close(figure)


def page(drawn: Sequence[Curve]) -> str:
    heading = f"| {' | '.join(HEADINGS)} |\n{'|---' * len(HEADINGS)}|\n"
    lines = [PAGE_TOP, heading]
    for c in drawn:
        of_time, of_memory, of_upper = c.slopes
        by_pairs = "-" if c.slope_by_pairs is None else f"{c.slope_by_pairs:.2f}"
        holds = "yes" if max(of_time, of_memory) <= MOST_SLOPE else "no"
        lines.append(
            f"| {c.sweep} | {c.evaluator} | {c.n[0]:,} to {c.n[-1]:,} | "
            f"{c.pairs[0]:,} to {c.pairs[-1]:,} | "
            f"{1e3 * c.seconds[0]:.2f} to {1e3 * c.seconds[-1]:.2f} ms | "
            f"{c.megabytes[0]:.1f} to {c.megabytes[-1]:.1f} MB | "
            f"{of_time:.2f} | {of_upper:.2f} | {by_pairs} | {of_memory:.2f} | {holds} |\n"
        )
    return "".join(lines) + PAGE_END + limits(drawn)


PAGE_TOP = f"""# Growth

How the time and the memory of one log-likelihood with its gradient grow with the survey.
`python docs/make_growth.py` measures it and writes this page. The surveys are simulated: stations
each {TRAP_SPACING / 1000:g} km on a square, {N_OCCASIONS} occasions, sigma {SIGMA / 1000:g} km,
lambda0 {LAMBDA0}, a mask of square cells that reaches {BUFFER / 1000:g} km beyond the stations.
Sigma stays the same, so a station reaches the same number of square kilometres whatever the size
of the survey.

- **traps**: the area grows, and with it cells and animals in the same proportion but for the
  border.
- **cells**: the side of a cell shrinks; stations and animals stay.
- **animals**: density grows; stations and cells stay.

*Lattice* is hazard_half_normal on its grid, by row and column factors. *Pairs* is the same
function over trap-cell pairs within reach, as for all other detection functions.

![Time and memory against traps, cells and animals, on log axes](images/growth.png)

Slopes are those of a line on log axes: 1 is growth in proportion. The wanted slope is at most
{MOST_SLOPE}, for time and for memory over all sizes. "Larger half" is the slope of time over the
three largest surveys, where fixed costs weigh least; "against pairs" is the same against the pairs
within reach, of which stations amid the mask have more than those at its border.

"""

HEADINGS = (
    "what grows",
    "evaluator",
    "from, to",
    "pairs within 7 sigma",
    "time",
    "memory",
    "slope of time",
    "larger half",
    "against pairs",
    "slope of memory",
    f"at most {MOST_SLOPE}",
)

PAGE_END = """
Memory is the packed data and what one evaluation adds to a process that has evaluated a tiny
survey alone. Times are CPU time of one thread, the shortest of 21 calls, all sizes in turn.

## What each pair and each station takes

"""


def limits(drawn: Sequence[Curve]) -> str:
    """Time for each pair within reach, and memory for each station, at both ends."""
    by_name = {c.evaluator: c for c in drawn if c.sweep == "traps"}
    lines = []
    for name, c in by_name.items():
        per_pair = [1e9 * s / n for s, n in zip(c.seconds, c.pairs, strict=True)]
        per_trap = [1024 * m / n for m, n in zip(c.megabytes, c.n, strict=True)]
        lines.append(
            f"- {name.capitalize()}: {per_pair[0]:.1f} ns for each pair within reach and "
            f"{per_trap[0]:.1f} kB for each station at {c.n[0]:,} stations, "
            f"{per_pair[-1]:.1f} ns and {per_trap[-1]:.1f} kB at {c.n[-1]:,}.\n"
        )
    largest = by_name["lattice"]
    dense = largest.n[-1] * largest_mask(largest) * 8 / MEGABYTE
    lines.append(
        f"- A dense table of stations and cells would take {dense:,.0f} MB at the largest.\n"
    )
    return "".join(lines)


def largest_mask(curve: Curve) -> int:
    """Cells of the largest survey of a sweep with traps."""
    side = math.sqrt(curve.n[-1])
    return round(((side - 1) * TRAP_SPACING + 2 * BUFFER) / 1000.0) ** 2


def main() -> None:
    points = measure(SWEEPS)
    drawn = list(curves(points))
    draw(drawn, HERE / "images" / "growth.png")
    (HERE / "growth.md").write_text(page(drawn), encoding="utf-8")
    for curve in drawn:
        print(
            json.dumps(
                {
                    "sweep": curve.sweep,
                    "evaluator": curve.evaluator,
                    "n": curve.n,
                    "ms": [round(1e3 * s, 3) for s in curve.seconds],
                    "mb": [round(m, 2) for m in curve.megabytes],
                    "slopes": [round(s, 2) for s in curve.slopes],
                }
            )
        )


if __name__ == "__main__":
    main()
