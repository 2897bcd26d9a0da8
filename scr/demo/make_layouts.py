"""Write the demo's five candidate layouts. ``python -m scr.demo.make_layouts``.

All have about the same number of cameras: 120, two at each of 60 stations, or one at each of 120.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scr.demo.make_demo import DATA
from trap_layouts import patterns
from trap_layouts.files import write_layout
from trap_layouts.layout import Layout
from trap_layouts.placement import allowed_area, place
from trap_layouts.plan import Plan, read_plan

LAYOUTS = DATA / "layouts"
N_CAMERAS = 120

_SEED = 3
_SIZES = np.geomspace(2500.0, 40_000.0, 400)


def make_layouts(folder: Path = LAYOUTS) -> list[Layout]:
    """Write ``grid``, ``clusters``, ``hollow``, ``balanced`` and ``single`` as CSV.

    Parameters
    ----------
    folder
        Where to write; it holds ``plan.toml``.
    """
    plan = read_plan(folder / "plan.toml")
    area = allowed_area(plan.reserve, exclude=plan.exclude)
    fine = patterns.square_grid(area, spacing=1500.0)
    made = [
        _sized("grid", plan, lambda s: patterns.square_grid(area, spacing=s, seed=_SEED)),
        _sized(
            "clusters",
            plan,
            lambda s: patterns.clustered_grid(area, spacing=4000.0, side=3, gap=s, seed=_SEED),
        ),
        _sized(
            "hollow",
            plan,
            lambda s: patterns.hollow_grid(area, spacing=4000.0, side=4, gap=s, seed=_SEED),
        ),
        place(
            "balanced",
            patterns.balanced_sample(fine, N_CAMERAS // 2, seed=_SEED),
            reserve=plan.reserve,
            exclude=plan.exclude,
        ),
        _sized(
            "single", plan, lambda s: patterns.square_grid(area, spacing=s, seed=_SEED), cameras=1
        ),
    ]
    for layout in made:
        write_layout(layout, folder / f"{layout.name}.csv")
    return made


def _sized(
    name: str, plan: Plan, pattern: Callable[[float], NDArray[np.float64]], *, cameras: int = 2
) -> Layout:
    """The pattern in the smallest size that takes no more than the cameras there are."""
    for size in _SIZES:
        points = pattern(float(size))
        if len(points) * cameras <= N_CAMERAS:
            break
    return place(name, points, reserve=plan.reserve, exclude=plan.exclude, cameras=cameras)


if __name__ == "__main__":
    make_layouts()
