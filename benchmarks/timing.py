"""Timing of functions beside each other, and the record that a benchmark leaves."""

import json
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numba

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One line of the table: what was timed, how long it took, and what was wanted."""

    what: str
    measured: str
    reach: str
    holds: bool


def side_by_side(
    functions: Mapping[str, Callable[[], object]], *, seconds: float = 6.0
) -> dict[str, float]:
    """Shortest time of each function, in seconds, called in turn so that they share the weather."""
    for function in functions.values():
        function()
    best = dict.fromkeys(functions, float("inf"))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(5):
                function()
            best[name] = min(best[name], (time.perf_counter() - start) / 5)
    return best


def seconds_of(function: Callable[[], object], *, times: int = 3) -> float:
    """Shortest of a few runs, seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return min(taken)


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
        print(f"{row.what}: {row.measured} (reach: {row.reach}; {'holds' if row.holds else 'NOT'})")
