"""User CPU of a first fit, which has to compile, beyond that of the second, each in a process.

The folder of compiled code is empty before each first process. Beside it stands one evaluation of
the first sketch, by which machines compare.
"""

import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import first_sketch
from timing import Row, record, side_by_side

MOST_FIT, MOST_DEMO = 20.0, 40.0
FIT = """
import sys, time
sys.path.insert(0, {here!r})
import first_sketch, kernel, scr
problem = kernel.problem_of(first_sketch.simulate())
spec = scr.ModelSpec(density="~ z")
mask = problem.design.mask
if {by_pairs}:
    mask = scr.HabitatMask(xy=mask.xy, cell_area=mask.cell_area, crs=mask.crs,
                           covariates=mask.covariates)
scr.fit_laplace(problem.design.survey, mask, spec, seed=1)
"""
DEMO = """
import sys, tempfile
from scr.cli.main import app
sys.argv = ["scr", "demo", tempfile.mkdtemp() + "/demo"]
app()
"""


def user_cpu(code: str, cache: Path) -> float:
    """Seconds of user CPU of a process, and of those that it starts."""
    before = os.times().children_user
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    return os.times().children_user - before


def first_and_second(code: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as cache:
        return user_cpu(code, Path(cache)), user_cpu(code, Path(cache))


def main() -> None:
    here = str(Path(__file__).parent)
    cases = {
        "fit_laplace on the lattice": (FIT.format(here=here, by_pairs=False), MOST_FIT),
        "fit_laplace over pairs": (FIT.format(here=here, by_pairs=True), MOST_FIT),
        "scr demo": (DEMO, MOST_DEMO),
    }
    simulated = first_sketch.simulate()
    data = first_sketch.prepare(simulated)
    log_density = math.log(0.015) + 0.5 * simulated.covariate
    sketch = side_by_side(
        {
            "sketch": lambda: first_sketch.value_and_gradient(
                log_density, math.log(0.05), math.log(4.0), *data
            )
        },
        seconds=2.0,
    )["sketch"]
    rows, figures = [], {"sketch": sketch}
    for name, (code, most) in cases.items():
        first, second = first_and_second(code)
        figures[name] = {"first": first, "second": second}
        rows.append(
            Row(
                what=f"first {name} with nothing compiled, user CPU beyond the second",
                measured=f"{first - second:.1f} s ({first:.1f} s, {second:.1f} s; the first "
                f"sketch {sketch * 1e3:.2f} ms)",
                reach=f"{most:g} s",
                holds=first - second <= most,
            )
        )
    record("compile", rows, figures)


if __name__ == "__main__":
    main()
