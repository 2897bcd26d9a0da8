"""Spatial balance: blocks of the reserve, and the share of the stations each should hold."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from trap_layouts.coverage import reserve_share
from trap_layouts.layout import Layout

_STATIONS_PER_BLOCK, _MOST_BLOCKS = 4, 16


def balance_blocks(
    candidates: Layout, mask: HabitatMask, reserve: Region | None, *, n_stations: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Compact blocks of about equal area, by k-means of the cells.

    Parameters
    ----------
    candidates
        Places where stations may stand.
    mask
        Cells.
    reserve
        What is to be covered evenly; without it, the cells nearer to a candidate than twice the
        distance that most cells between candidates have.
    n_stations
        Stations to be chosen: about four to a block, and sixteen blocks at most.

    Returns
    -------
    blocks
        Block of each candidate, shape (n_candidates,).
    shares
        Share of the area in each block, summing to 1, blocks without a candidate left out, shape
        (n_blocks,).
    """
    if reserve is None:
        away, _ = cKDTree(candidates.xy).query(mask.xy)
        inside, _ = cKDTree(candidates.xy).query(candidates.xy, k=min(2, len(candidates)))
        share = (away <= 2 * float(np.max(inside))).astype(np.float64)
    else:
        share = reserve_share(mask, reserve)
    xy, area = mask.xy[share > 0], (share * mask.cell_area)[share > 0]
    n_blocks = int(np.clip(n_stations // _STATIONS_PER_BLOCK, 1, min(_MOST_BLOCKS, len(xy))))
    centres, cell_block = kmeans2(xy, n_blocks, minit="++", rng=np.random.default_rng(1))
    blocks = cKDTree(centres).query(candidates.xy)[1].astype(np.int64)
    shares = np.bincount(cell_block, weights=area, minlength=n_blocks)
    shares[np.bincount(blocks, minlength=n_blocks) == 0] = 0.0
    return blocks, shares / shares.sum()
