"""Run benchmarks, each in a process of its own, and write the table of README.md.

All of them, or those named: ``python benchmarks/run.py kernel fit``.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
NOT_BENCHMARKS = {"run", "timing", "first_sketch"}

OPENING = """# How fast

Measured by `make bench`, which writes this page; `make bench ONLY="kernel fit"` measures some.
Each benchmark runs in a process of its own; ratios are to a yardstick timed in the same run, call
by call in turn, so that a slow or busy machine slows both. Seconds are the shortest of several
calls.

| what | measured | to reach | holds | command |
|---|---|---|---|---|
"""

CLOSING = """
`first_sketch.py` is the yardstick of the kernel: the sketch this project started from, one
detection function without effort, in one compiled pass. Times of secr are those recorded with its
figures in `tests/golden`, on a machine of the same kind.
"""


def main() -> None:
    known = sorted(p.stem for p in HERE.glob("*.py") if p.stem not in NOT_BENCHMARKS)
    for name in sys.argv[1:] or known:
        subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=True)
    results = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(RESULTS.glob("*.json"))]
    lines = []
    for result in results:
        for row in result["rows"]:
            holds = "yes" if row["holds"] else "no"
            cells = (row["what"], row["measured"], row["reach"], holds, f"`{result['benchmark']}`")
            lines.append(f"| {' | '.join(cells)} |\n")
    machine = f"\nPython {results[0]['python']}, {results[0]['machine']}.\n"
    page = OPENING + "".join(lines) + machine + CLOSING
    (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
