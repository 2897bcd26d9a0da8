"""Start of the package and of the program, each in fresh processes."""

import subprocess
import sys
import time
from pathlib import Path

from timing import Row, record

MOST_IMPORT = 0.5
MOST_HELP = 2.0
TIMES = 5
IMPORT = "import time; s = time.perf_counter(); import {}; print(time.perf_counter() - s)"


def import_seconds(statement: str, *, times: int = TIMES) -> float:
    """Shortest of the imports, in seconds, without the start of Python."""
    command = [sys.executable, "-c", IMPORT.format(statement)]
    taken = [
        float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(times)
    ]
    return min(taken)


def help_seconds(*, times: int = TIMES) -> float:
    """Shortest whole process of ``scr --help``, seconds."""
    program = Path(sys.executable).with_name("scr")
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([str(program), "--help"], check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    imported, pandas, helped = import_seconds("scr"), import_seconds("pandas"), help_seconds()
    rows = [
        Row(
            what="import scr (its names load when they are used)",
            measured=f"{imported:.3f} s ({imported / pandas:.2f} x import pandas)",
            reach=f"{MOST_IMPORT} s",
            holds=imported <= MOST_IMPORT,
        ),
        Row(
            what="scr --help, whole process",
            measured=f"{helped:.2f} s",
            reach=f"{MOST_HELP:g} s",
            holds=helped <= MOST_HELP,
        ),
    ]
    record("start_up", rows, {"import": imported, "import_pandas": pandas, "help": helped})


if __name__ == "__main__":
    main()
