"""Log of the sum over matchings of one session: exact where that is narrow, else by Bethe."""

import numpy as np

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.likelihood.kernel.compiled import routine
from scr.likelihood.matching.bethe import bethe
from scr.likelihood.matching.exact import along_order
from scr.likelihood.matching.pruning import prune
from scr.likelihood.matching.vertex_order import find_order, pieces_of

BUDGET = 1e-8
"""By how much log Z may change through pairs that are left out."""

LARGEST_LOG_WEIGHT = 600.0
"""Log weight above which sums would overflow; it takes total hazards of hundreds."""


@routine
def usable_weights(log_weight: Floats) -> Floats:
    """Weights of pairs, those that cannot matter 0; NaN where they are too large."""
    weight = np.empty(log_weight.shape)
    for i in range(log_weight.shape[0]):
        for j in range(log_weight.shape[1]):
            if not log_weight[i, j] < LARGEST_LOG_WEIGHT:
                return np.full(log_weight.shape, np.nan)
            weight[i, j] = np.exp(log_weight[i, j])
    return prune(weight, BUDGET)


@routine
def sum_matchings(log_weight: Floats, widest: int) -> tuple[float, Floats, bool]:
    """Log Z, the probability of each pair, and whether the sum is exact.

    Pieces wider than ``widest`` are approximated. Log Z is -inf where a weight is too large.
    """
    weight = usable_weights(log_weight)
    probability = np.zeros(weight.shape)
    if weight.size == 0:
        return 0.0, probability, True
    if np.isnan(weight[0, 0]):
        return -np.inf, probability, False
    left, right, n_pieces = pieces_of(weight)
    log_z, is_exact = 0.0, True
    for piece in range(n_pieces):
        rows, columns = members(left, piece), members(right, piece)
        if len(columns) == 0:
            continue
        value, of_part, exactly = sum_piece(part_of(weight, rows, columns), widest)
        log_z, is_exact = log_z + value, is_exact and exactly
        for a in range(len(rows)):
            for b in range(len(columns)):
                probability[rows[a], columns[b]] = of_part[a, b]
    return log_z, probability, is_exact


@routine
def members(piece_of: Ints, piece: int) -> Ints:
    """Animals of one piece."""
    return np.flatnonzero(piece_of == piece)


@routine
def part_of(weight: Floats, rows: Ints, columns: Ints) -> Floats:
    """Weights of some left and right animals."""
    part = np.empty((len(rows), len(columns)))
    for a in range(len(rows)):
        for b in range(len(columns)):
            part[a, b] = weight[rows[a], columns[b]]
    return part


@routine
def sum_piece(weight: Floats, widest: int) -> tuple[float, Floats, bool]:
    """The same for one piece."""
    if min(weight.shape) == 1:
        total = 1.0 + weight.sum()
        return np.log(total), weight / total, True
    if widest > 0:
        order, width = find_order(weight)
        if width <= widest:
            value, probability = along_order(weight, order)
            return value, probability, True
    value, probability = bethe(weight)
    return value, probability, False


@routine
def width_needed(log_weight: Floats) -> int:
    """The widest piece of the graph of pairs: its exact sum takes tables of 2^width."""
    weight = usable_weights(log_weight)
    if weight.size == 0:
        return 0
    left, right, n_pieces = pieces_of(weight)
    widest = 0
    for piece in range(n_pieces):
        rows, columns = members(left, piece), members(right, piece)
        if len(columns) > 0:
            widest = max(widest, find_order(part_of(weight, rows, columns))[1])
    return widest
