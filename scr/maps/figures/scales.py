"""One scale of colours for all that is drawn of one quantity: sessions, estimate and limits."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from scr.posterior.change import CHANGE
from scr.posterior.surface import Surface

ESTIMATES = ("median", "mean", "q2.5", "q25", "q75", "q97.5")
"""Columns that are estimates or limits of one number, and so share a scale."""

_INTERVAL = ("q2.5", "q97.5")
_CLIPPED_SHARE, _MUCH_LESS = 0.02, 0.7
_COLOURS = {"cv": "cividis", "sd": "cividis"}
_DIVERGING = "BrBG"

type Limits = tuple[float, float]
"""Values that the ends of the colours stand for."""


def colours_of(surface: Surface, column: str, given: str | None = None) -> str:
    """Name of the colour map of a column: that given, or one for colour-blind readers.

    Parameters
    ----------
    surface, column
        As in ``quantity_of``.
    given
        The user's choice.
    """
    if given is not None:
        return given
    if _is_change(surface, column):
        return _DIVERGING
    return _COLOURS.get(column, "viridis")


def quantity_of(surface: Surface, column: str) -> str:
    """What a column is a number of: the same for all sessions, and for estimate and limits.

    Parameters
    ----------
    surface
        What is drawn.
    column
        Column of its table.
    """
    estimand = surface.estimand.partition(",")[0]
    return estimand if column in ESTIMATES else f"{estimand}, {column}"


def common_limits(surfaces: Iterable[Surface]) -> dict[str, Limits]:
    """Limits of the colours of each quantity, by ``quantity_of``, over surfaces of all sessions.

    The upper end is the largest of the estimates of all sessions, or where a few cells are far
    above all others, the value below which nearly all are. Cells whose covariates were not sampled
    do not count. Limits of an interval are drawn on the scale of the estimate.

    Parameters
    ----------
    surfaces
        All that are shown together.
    """
    found: dict[str, list[tuple[Surface, str]]] = {}
    for surface in surfaces:
        for column in map(str, surface.table.columns):
            if column not in ESTIMATES or column == surface.headline:
                found.setdefault(quantity_of(surface, column), []).append((surface, column))
    return {quantity: _limits(members) for quantity, members in found.items()}


def wide_limits(surfaces: Iterable[Surface]) -> dict[str, Limits]:
    """Limits of the colours that hold the ends of the interval too, for maps that show all three.

    Parameters
    ----------
    surfaces
        All that are shown together.
    """
    found: dict[str, dict[str, list[tuple[Surface, str]]]] = {}
    for surface in surfaces:
        by_column = found.setdefault(quantity_of(surface, surface.headline), {})
        for column in (surface.headline, *_INTERVAL):
            if column in surface.summary:
                by_column.setdefault(column, []).append((surface, column))
    wide = {quantity: [_limits(of) for of in by.values()] for quantity, by in found.items()}
    return {
        quantity: (min(low for low, _ in ends), max(high for _, high in ends))
        for quantity, ends in wide.items()
    }


def scale_for(
    surface: Surface, column: str, given: Limits | Mapping[str, Limits] | None = None
) -> Normalize:
    """The scale of colours of a column.

    Parameters
    ----------
    surface, column
        As in ``quantity_of``.
    given
        The ends; or those of several quantities, from ``common_limits``; those of this surface
        alone if None.
    """
    if isinstance(given, tuple):
        return Normalize(*given)
    limits = common_limits([surface]) if given is None else given
    quantity = quantity_of(surface, column)
    return Normalize(*(limits[quantity] if quantity in limits else _limits([(surface, column)])))


def scale_of(values: NDArray[np.float64]) -> Normalize:
    """A scale from 0 to the largest value, or nearly so where few are far above all others.

    Parameters
    ----------
    values
        What is drawn, any shape; those that are not finite do not count.
    """
    finite = values[np.isfinite(values)]
    if len(finite) == 0 or finite.max() <= 0:
        return Normalize(0.0, 1.0)
    top, nearly = float(finite.max()), float(np.quantile(finite, 1 - _CLIPPED_SHARE))
    return Normalize(0.0, nearly if 0 < nearly < _MUCH_LESS * top else top)


def _limits(members: Sequence[tuple[Surface, str]]) -> Limits:
    parts = [_ruling(surface, column) for surface, column in members]
    values = np.concatenate(parts)
    if _is_change(*members[0]):
        reach = float(scale_of(np.abs(values)).vmax or 1.0)
        return -reach, reach
    return 0.0, float(scale_of(values).vmax or 1.0)


def _ruling(surface: Surface, column: str) -> NDArray[np.float64]:
    """Values of the cells whose covariates were sampled; of all where none is, or none is known."""
    values = surface.table[column].to_numpy(dtype=np.float64)
    support = surface.support
    if support is None or "extrapolated" not in support or column in support:
        return values
    sampled = support["extrapolated"].to_numpy() == 0
    return values[sampled] if np.isfinite(values[sampled]).any() else values


def _is_change(surface: Surface, column: str) -> bool:
    return surface.estimand.startswith(CHANGE) and column in ESTIMATES
