"""Patterns of stations by their names, for the command line and the page."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

import trap_layouts
from scr.errors import LayoutError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from trap_layouts.patterns import Points

GRIDS = ("square", "hexagonal", "hollow", "clusters", "pairs", "lacework")
PATTERNS = (*GRIDS, "balanced", "lines")
"""Names of patterns; ``balanced`` needs a number of stations, ``lines`` a network."""


class Sizes(TypedDict, total=False):
    """Sizes of a pattern, metres and degrees; ``side`` is a number of stations."""

    spacing: float
    side: int
    gap: float
    apart: float
    rotation: float


def pattern_points(
    name: str,
    area: "BaseGeometry",
    sizes: Sizes,
    *,
    stations: int | None = None,
    lines: "BaseGeometry | None" = None,
    seed: int = 1,
) -> "Points":
    """Places of a pattern, metres, shape (n, 2).

    Parameters
    ----------
    name
        One of ``PATTERNS``.
    area
        Polygon in which stations may stand.
    sizes
        ``spacing`` at least; ``gap`` is between clusters or lines, ``apart`` within a pair.
    stations
        Number of stations of a balanced sample.
    lines
        Trails or roads of stations along lines.
    seed
        Seed of whatever is drawn.

    Raises
    ------
    LayoutError
        If the name is not known, or what the pattern needs was not given.
    """
    spacing = sizes["spacing"]
    turned: dict[str, Any] = {"rotation": sizes.get("rotation", 0.0), "seed": seed}
    side, gap = sizes.get("side", 3), sizes.get("gap", 15_000.0)
    makers: dict[str, Callable[[], Points]] = {
        "square": lambda: trap_layouts.square_grid(area, spacing=spacing, **turned),
        "hexagonal": lambda: trap_layouts.hexagonal_grid(area, spacing=spacing, **turned),
        "hollow": lambda: trap_layouts.hollow_grid(
            area, spacing=spacing, side=side, gap=gap, **turned
        ),
        "clusters": lambda: trap_layouts.clustered_grid(
            area, spacing=spacing, side=side, gap=gap, **turned
        ),
        "pairs": lambda: trap_layouts.paired_grid(
            area, spacing=spacing, apart=sizes.get("apart", 1000.0), **turned
        ),
        "lacework": lambda: trap_layouts.lacework(area, spacing=spacing, lines=gap, **turned),
    }
    if stations is not None:
        places = trap_layouts.square_grid(area, spacing=spacing, seed=seed)
        makers["balanced"] = lambda: trap_layouts.balanced_sample(places, stations, seed=seed)
    if lines is not None:
        makers["lines"] = lambda: trap_layouts.along_lines(lines, spacing=spacing, area=area)
    if name in makers:
        return makers[name]()
    needs = {"balanced": "stations", "lines": "lines"}.get(name)
    if needs:
        msg = f"The pattern {name!r} needs {needs}. Give it."
    else:
        msg = f"name={name!r} is no pattern. Use one of {', '.join(PATTERNS)}."
    raise LayoutError(msg)
