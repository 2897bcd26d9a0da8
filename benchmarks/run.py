"""Run all benchmarks, each in a process of its own, and write the table of README.md."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = ("kernel", "fit")

OPENING = """# How fast

Measured by `make bench`, which writes this page. Each benchmark runs in a process of its own;
ratios are to a yardstick timed in the same run, call by call in turn, so that a slow or busy
machine slows both. Seconds are the shortest of several calls.

| what | measured | to reach | holds | command |
|---|---|---|---|---|
"""

CLOSING = """
`first_sketch.py` is the yardstick of the kernel: the sketch this project started from, one
detection function without effort, in one compiled pass. Times of secr are those recorded with its
figures in `tests/golden`, on a machine of the same kind.
"""


def main() -> None:
    lines = []
    machine = ""
    for name in BENCHMARKS:
        subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=True)
        result = json.loads((HERE / "results" / f"{name}.json").read_text(encoding="utf-8"))
        machine = f"\nPython {result['python']}, {result['machine']}.\n"
        for row in result["rows"]:
            holds = "yes" if row["holds"] else "no"
            cells = (row["what"], row["measured"], row["reach"], holds, f"`{result['benchmark']}`")
            lines.append(f"| {' | '.join(cells)} |\n")
    page = OPENING + "".join(lines) + machine + CLOSING
    (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
