"""Run benchmarks, each in a process of its own, and write the table of README.md.

All of them, or those named: ``python benchmarks/run.py kernel fit``; ``table`` alone measures
nothing and writes the page from the results that there are.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
ORDER = (
    "kernel",
    "pairs",
    "compile",
    "breadth",
    "each_feature",
    "searches",
    "sessions",
    "fit",
    "flanks",
    "tigers",
    "large",
    "threads",
    "realised",
    "demo",
    "models",
    "start_up",
    "reading",
    "layouts",
    "layout_page",
    "parts",
)
"""In which they run and stand in the table."""

OPENING = """# How fast

Measured by `make bench`, which writes this page; `make bench ONLY="kernel fit"` measures some.
Each benchmark runs in a process of its own. Ratios are to a yardstick timed in the same run, call
by call in turn, in CPU time, so that a slow or busy machine slows both. Seconds are the shortest
of several calls by the clock, with those of CPU time (all threads) beside them: where the CPU time
is less, others were at work on the machine. What holds is judged by the clock.

| what | measured | to reach | holds | command |
|---|---|---|---|---|
"""

CLOSING = """
`first_sketch.py` is the yardstick of the kernel: the sketch this project started from, one
detection function without effort, in one compiled pass. Times of secr, openpopscr and nimbleSCR
are those recorded with their results, on a machine of the same kind, not in the same run. (A
second record of secr for leopard_like, kept in `tests/golden`, has 15.6 s approximate and 138.7 s
exact.) Rows that need the reference surveys beside the checkout say so where these are absent.

How time and memory grow with traps, cells and animals: [growth](../docs/growth.md).
"""


PARTS = """
## Where the time of one value and gradient goes

`python benchmarks/parts.py`, in ms of CPU time, 100 traps x 3,249 cells x 23 animals. *Hazards*
is the total hazard of every cell, by row and column factors or pair by pair; *histories* each
animal's sum over the cells where it can live; *gradient* the way back through both; *around* what
comes before and after, from coefficients to arrays and back.

"""


def parts() -> str:
    """The table of parts, where it was measured."""
    path = RESULTS / "parts.json"
    if not path.is_file():
        return ""
    return PARTS + str(json.loads(path.read_text(encoding="utf-8"))["figures"]["table"])


def table(results: list[dict[str, Any]]) -> str:
    """The rows of all results, in the table's form."""
    lines = []
    for result in results:
        for row in result["rows"]:
            holds = {True: "yes", False: "**no**", None: ""}[row["holds"]]
            cells = (row["what"], row["measured"], row["reach"], holds, f"`{result['benchmark']}`")
            lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


def main() -> None:
    wanted = sys.argv[1:] or ORDER
    for name in wanted:
        if name != "table":
            subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=True)
    paths = [RESULTS / f"{name}.json" for name in ORDER]
    results = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]
    machine = f"\nPython {results[0]['python']}, {results[0]['machine']}.\n"
    page = OPENING + table(results) + machine + CLOSING + parts()
    (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
