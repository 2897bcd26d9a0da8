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
    "sessions",
    "fit",
    "tigers",
    "large",
    "threads",
    "realised",
    "demo",
    "start_up",
    "reading",
    "layouts",
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


LIMITS = """
## What limits

The rows over pairs do not hold. All others do.

**hazard_half_normal.** The yardstick of 2 x is two exponentials for each
pair within reach. The kernel needs one for each of 259,440 pairs (13 % more than within reach: it
takes whole blocks of 16 cells at the rim), with the distance before and two sums after it; one for
each of 67,296 records and cells of the histories, with the series of log(e^x - 1) and of its slope;
and one for each of 32,448 cells of the animals, to share L_i out. These exponentials alone come to
1.6 of the 2; what stands round them takes as long again: a distance and two sums for each pair,
about 50 ns of call for each of 940 runs of cells, the choice of cells for 23 animals. The first
sketch reads its distances from a table and has one level of parameters and no effort.

**half_normal.** As before, and h = -log(1 - g) with its slope for each pair: by a series where g is
small, else a logarithm and a division. It sums three things in place of two.

**hazard_exponential, exponential.** The tail is long: nearly all cells are within reach of all
traps and count in the history of nearly all animals, 161,000 records and cells. Each pair and each
of these takes a square root, which is two thirds of an exponential.

**hazard_rate.** Nothing is out of reach. A pair takes a logarithm, an exponential and, within about
1.3 sigma of the trap, a second exponential; a record and cell there a second logarithm and three
divisions more; each with two derivatives.

Tried without gain: adding to the sums in the loop that works k out (slower for runs of this
length), bands of 4 or 8 rows in place of 6, runs split by how small g is, keeping k for every pair
(this is what the kernel did before: twice as long, and 65 MB where 6 MB do for 4,096 stations).
Not tried: half_normal by factors of row and column as hazard_half_normal has them on a lattice,
which would serve most masks.
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
    page = OPENING + table(results) + machine + CLOSING + parts() + LIMITS
    (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
