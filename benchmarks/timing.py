"""Timing of functions beside each other, and the record that a benchmark leaves."""

import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numba

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
REFERENCE = HERE.parents[1] / "shared" / "reference"
"""Surveys with figures of other programs, beside the checkout; not everyone has them."""


@dataclass(frozen=True)
class Row:
    """One line of the table: what was timed, how long it took, and what was wanted."""

    what: str
    measured: str
    reach: str
    holds: bool | None
    """None where nothing could be measured."""


def side_by_side(
    functions: Mapping[str, Callable[[], object]], *, seconds: float = 6.0, calls: int = 5
) -> dict[str, float]:
    """Shortest CPU time of each function, in seconds, called in turn to share the weather.

    CPU time of all threads together: others at work on the machine do not count, and a function
    gains nothing by using more cores.
    """
    for function in functions.values():
        function()
    best = dict.fromkeys(functions, float("inf"))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, function in functions.items():
            start = time.process_time()
            for _ in range(calls):
                function()
            best[name] = min(best[name], (time.process_time() - start) / calls)
    return best


class Taken(NamedTuple):
    """Seconds by the clock, and of CPU of all threads: these bear others at work on the machine."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        digits = 3 if self.wall < 0.5 else 2 if self.wall < 5 else 1
        return f"{self.wall:.{digits}f} s ({self.cpu:.{digits}f} s of CPU)"


def taken_by(function: Callable[[], object], *, times: int = 1) -> Taken:
    """The shortest of a few runs, by the clock and by CPU."""
    runs = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        function()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Taken(min(wall for wall, _ in runs), min(cpu for _, cpu in runs))


def in_fresh_process(script: str, *arguments: str) -> dict[str, Any]:
    """Run a benchmark's part in a process of its own; it prints one line of JSON, its last."""
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def peak_memory_mb() -> float:
    """Largest resident size of this process so far, MB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1024**2 if sys.platform == "darwin" else 1024)


def absent(what: str) -> Row:
    """The row of something whose reference data are not here."""
    return Row(what, "not measured: its data are not beside the checkout", "", None)


def record(name: str, rows: list[Row], figures: Mapping[str, object]) -> None:
    """Write results/<name>.json and print the rows."""
    RESULTS.mkdir(exist_ok=True)
    content = {
        "benchmark": f"python benchmarks/{name}.py",
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {numba.config.NUMBA_DEFAULT_NUM_THREADS} cores",
        "libraries": {library: version(library) for library in ("numpy", "numba", "pymc")},
        "rows": [asdict(row) for row in rows],
        "figures": dict(figures),
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    for row in rows:
        verdict = {True: "holds", False: "NOT", None: "not measured"}[row.holds]
        print(f"{row.what}: {row.measured} (reach: {row.reach}; {verdict})")
