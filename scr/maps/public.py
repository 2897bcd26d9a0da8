"""What may be shown to the public: cells from whose outline no station can be read."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scr.fit.result import Fit
from scr.habitat.cells import cell_squares
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.posterior.footprint import cells_beyond, share_within, take_cells
from scr.posterior.surface import Surface

PUBLIC_COLUMNS = ("median", "q2.5", "q97.5")
"""Columns of expected density that are shared; sd and cv are not."""

BLOCK_IN_SIGMA = 4.0
"""Side of the blocks of ground that may be shown or counted for the public, in sigma."""


_LEVEL = re.compile(r"\[(?:T\.)?(.*?)\](?=:|$)")


def names_the_hidden(fit: Fit) -> bool:
    """Whether coefficients are named by levels that are names of stations or animals.

    Parameters
    ----------
    fit
        A fitted model.
    """
    hidden: set[str] = set()
    for session in fit.survey.sessions:
        hidden |= {*map(str, session.traps.names), *map(str, session.captures.individuals)}
    return any(hidden & set(_LEVEL.findall(name)) for name in fit.coefficient_names)


def rounded(numbers: "pd.Series[float]", *, digits: int = 3) -> "pd.Series[float]":
    """Numbers to so many significant digits, as they are shared.

    All digits of an estimate would let someone who has guessed the data see whether the guess is
    right; the error of Monte Carlo is larger than what is left out.

    Parameters
    ----------
    numbers
        Estimates.
    digits
        Significant digits.
    """
    form = f"{{:.{digits}g}}"
    return numbers.map(lambda number: float(form.format(number)))


def public_surface(surface: Surface, regions: Sequence[Region], *, sigma: float) -> Surface | None:
    """The part of a surface of expected density that can be shared: some cells, some columns.

    Parameters
    ----------
    surface
        Expected density.
    regions
        Named regions; their cells are shown where the mask reaches all of them.
    sigma
        The largest sigma, or z where that is a distance, metres.

    Returns
    -------
    Surface or None
        Columns ``PUBLIC_COLUMNS``, without support; None where no cell can be shown.
    """
    ground = None
    if regions:
        crs = surface.mask.crs
        ground = shapely.union_all([region.in_crs(crs).geometry for region in regions])
    shown = public_cells(surface.mask, ground, sigma=sigma)
    if len(shown) == 0:
        return None
    return replace(
        surface,
        mask=take_cells(surface.mask, shown),
        summary=surface.summary.iloc[shown][list(PUBLIC_COLUMNS)]
        .reset_index(drop=True)
        .apply(rounded),
        support=None,
    )


def public_cells(
    mask: HabitatMask, ground: shapely.Geometry | None, *, sigma: float
) -> NDArray[np.int64]:
    """Cells that can be shown without showing where the stations stood.

    A mask ends at one buffer from the outermost stations, so that its outline, drawn cell by cell,
    tells where they are. Shown are the cells of the named regions, if the mask reaches all of
    them. Otherwise the ground is cut into blocks as wide as the buffer, and at least four sigma,
    and blocks that the mask does not reach whole are left out. The edge of a bounded mask is a
    real limit and may be shown.

    Cells of named regions tell nothing of the stations. Whole blocks tell which ground was
    surveyed, to about a block: stations stand less often at their rim. Name a region where that is
    too much.

    Parameters
    ----------
    mask
        The cells.
    ground
        The named regions, in the coordinates of the mask; all cells if None.
    sigma
        The largest sigma, metres.

    Returns
    -------
    NDArray
        Rows of the mask; none where no block is whole.
    """
    candidates = np.arange(len(mask), dtype=np.int64)
    if ground is not None:
        share = share_within(cell_squares(mask), ground)
        candidates = candidates[share > 0]
    if mask.bounded or len(candidates) == 0:
        return candidates
    side = BLOCK_IN_SIGMA * sigma
    if mask.extent is not None:
        side = max(side, mask.extent.buffer)
    low, high = (
        np.floor(mask.xy[candidates].min(axis=0) / side),
        np.floor(mask.xy[candidates].max(axis=0) / side) + 1,
    )
    blocks = shapely.box(*(low * side), *(high * side)) if ground is None else ground
    missing = cells_beyond(mask, blocks)
    if missing is None:
        return candidates
    incomplete = set(_block_of(missing.xy, side))
    whole = [block not in incomplete for block in _block_of(mask.xy[candidates], side)]
    return candidates[np.array(whole, dtype=np.bool_)]


def _block_of(xy: NDArray[np.float64], side: float) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in np.floor(xy / side)]
