r"""Animals known from one side alone: weights of pairs, and the gradient through their sum.

With :math:`\pi_i(m, u)` the probabilities of the cells and classes of a left animal that has no
right side and no record of both, :math:`g(m, u) = \psi_u D_m a\, e^{-H_u(m)}` and
:math:`L_{ij}` the likelihood of both histories from one centre,

.. math:: w_{ij} = L_{ij} / (L_{i0} L_{0j}) = \sum_{u,m} \pi_i \pi_j / g

The log-likelihood has log Z of these weights beside log L_i0 and log L_0j. Through the
probabilities of the pairs its gradient is that of animals whose cells count as ``Counted`` says.

Where a pair is joined by other means with probability q, and an animal was known from both sides
before the survey with probability rho, all w_ij are multiplied by (1 - q) / (1 - rho), and
``weigh_known`` has the terms of those that were.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp, xlog1py, xlogy

from scr.likelihood.data import Animals
from scr.likelihood.kernel.arrays import Floats, Ints, Packed, Parameters
from scr.likelihood.kernel.cells import BLOCK
from scr.likelihood.kernel.compiled import routine
from scr.likelihood.matching.sequential import draw_weighted
from scr.likelihood.matching.whole import sum_matchings, usable_weights

LEAST_PROBABILITY = 1e-14
"""Of a pair, below which it adds nothing to a gradient."""

WIDEST = 14
"""Open vertices up to which the sum over matchings is exact, where nothing else is said."""


@dataclass(frozen=True, eq=False)
class Sides:
    """Which animals are known from one side alone.

    Parameters
    ----------
    row
        Number of each animal among those of one side, -1 where it is complete, shape (n_animals,).
    left, right
        Rows of the left and of the right animals of each session.
    confirmed, library, others
        Animals of each session whose sides were joined by other means, that were known from both
        before the survey, and all but these last, shape (n_sessions,).
    widest
        Widest piece of a graph of pairs whose matchings are summed exactly; 0 for none.
    n_samples
        Weighted matchings by which other sums are estimated, without bias, where no gradient is
        wanted; 0 for the Bethe approximation. Their random numbers follow from the weights, so
        that the estimate is a function of the parameters.
    """

    row: Ints
    left: tuple[Ints, ...]
    right: tuple[Ints, ...]
    confirmed: Ints
    library: Ints
    others: Ints
    widest: int = WIDEST
    n_samples: int = 0

    @property
    def n_rows(self) -> int:
        """Animals known from one side."""
        return int(self.row.max(initial=-1)) + 1


class Counted(NamedTuple):
    """What the cells of one session count, once partners are summed over.

    Parameters
    ----------
    left, right
        For the records of each animal, shape (n_left or n_right, n_classes, n_cells).
    cells
        For D a and -H, each centre counted once, shape (n_classes, n_cells).
    """

    left: Floats
    right: Floats
    cells: Floats


def sides_of(animals: Sequence[Animals], widest: int = WIDEST) -> Sides | None:
    """The animals of one side, None where there are none and none is known by other means.

    Parameters
    ----------
    animals
        Of each session.
    widest
        As in ``Sides``.
    """
    side = [of.side for of in animals]
    every = np.concatenate([np.zeros(0, dtype=np.int64), *side])
    known = np.array([np.bincount(of.known, minlength=3) for of in animals])
    if not (every > 0).any() and not known[:, 1:].any():
        return None
    row = np.where(every > 0, np.cumsum(every > 0) - 1, -1)
    of_session = np.split(row, np.cumsum([len(part) for part in side])[:-1])
    left, right = (
        tuple(rows[part == which] for rows, part in zip(of_session, side, strict=True))
        for which in (1, 2)
    )
    _, confirmed, library = known.T
    return Sides(row, left, right, confirmed, library, known.sum(axis=1) - library, widest)


def log_ground(
    packed: Packed, s: int, log_share: Floats, log_weight: Floats, hazard: Floats
) -> Floats:
    """Log of psi D a exp(-H) in the packed cells of one session, shape (n_classes, n_cells)."""
    of_class = packed.fields.of_class[s]
    first, last = packed.sessions.cell[s], packed.sessions.cell[s + 1]
    class_ = np.minimum(np.arange(len(of_class)), len(log_weight) - 1)
    of_cells = log_weight[class_, first:last] - hazard[of_class, : last - first]
    found = log_share[s][:, None] + of_cells
    return np.where(packed.cells.order[first:last] >= 0, found, -np.inf)


@routine
def weigh_pairs(left: Floats, right: Floats, ground: Floats) -> tuple[Floats, Floats, float]:
    """Log weights of all pairs, and what ``count_cells`` needs of them.

    Parameters
    ----------
    left, right
        Probabilities of classes and cells, shape (n_left or n_right, n_classes, n_cells).
    ground
        From ``log_ground``.

    Returns
    -------
    tuple
        Shape (n_left, n_right), -inf where two animals cannot be one; the right probabilities
        over g, scaled, in the shape of ``right``; log of the scale.
    """
    n_left, (n_right, n_classes, n_cells) = len(left), right.shape
    top = -np.inf
    for u in range(n_classes):
        for m in range(n_cells):
            if ground[u, m] > -np.inf:
                top = max(top, -ground[u, m])
    over = np.zeros(right.shape)
    for u in range(n_classes):
        for m in range(n_cells):
            inverse = np.exp(-ground[u, m] - top) if ground[u, m] > -np.inf else 0.0
            for j in range(n_right):
                over[j, u, m] = right[j, u, m] * inverse
    of_left, of_right = used_blocks(left), used_blocks(over)
    log_weight = np.empty((n_left, n_right))
    for i in range(n_left):
        for j in range(n_right):
            total = 0.0
            for u in range(n_classes):
                for b in range(n_cells // BLOCK):
                    if of_left[i, u, b] and of_right[j, u, b]:
                        for m in range(BLOCK * b, BLOCK * b + BLOCK):
                            total += left[i, u, m] * over[j, u, m]
            log_weight[i, j] = top + np.log(total) if total > 0.0 else -np.inf
    return log_weight, over, top


@routine
def used_blocks(values: Floats) -> Ints:
    """Blocks of cells in which there is anything, shape (n_animals, n_classes, n_blocks)."""
    n, n_classes, n_cells = values.shape
    used = np.zeros((n, n_classes, n_cells // BLOCK), dtype=np.int64)
    for a in range(n):
        for u in range(n_classes):
            for m in range(n_cells):
                if values[a, u, m] > 0.0:
                    used[a, u, m // BLOCK] = 1
    return used


@routine
def count_cells(
    left: Floats, right: Floats, over: Floats, log_weight: Floats, probability: Floats, top: float
) -> tuple[Floats, Floats, Floats]:
    """What cells count once partners are summed over, as in ``Counted``.

    Parameters
    ----------
    left, right, over, log_weight, top
        As in ``weigh_pairs``.
    probability
        Of each pair, shape (n_left, n_right).
    """
    alone_left = 1.0 - probability.sum(axis=1)
    alone_right = 1.0 - probability.sum(axis=0)
    to_left, to_right = scaled(left, alone_left), scaled(right, alone_right)
    cells = np.zeros(right.shape[1:])
    for j in range(len(right)):
        cells += to_right[j]
    of_left, of_right = used_blocks(left), used_blocks(over)
    for i in range(len(left)):
        for j in range(len(right)):
            if probability[i, j] > LEAST_PROBABILITY:
                share = probability[i, j] * np.exp(top - log_weight[i, j])
                used = of_left[i] * of_right[j]
                add_both(share, (left[i], over[j]), used, (to_left[i], to_right[j]))
        cells += to_left[i]
    return to_left, to_right, cells


@routine
def scaled(values: Floats, factor: Floats) -> Floats:
    """Numbers of each animal times its factor."""
    result = np.empty(values.shape)
    for a in range(len(values)):
        result[a] = factor[a] * values[a]
    return result


@routine
def add_both(
    share: float, values: tuple[Floats, Floats], used: Ints, to: tuple[Floats, Floats]
) -> None:
    """Add the cells of one centre of two animals to what each of them counts."""
    (left, over), (to_left, to_right) = values, to
    for u in range(used.shape[0]):
        for b in range(used.shape[1]):
            if used[u, b] > 0:
                for m in range(BLOCK * b, BLOCK * b + BLOCK):
                    both = share * left[u, m] * over[u, m]
                    to_left[u, m] += both
                    to_right[u, m] += both


def estimate_sum(log_weight: Floats, n_samples: int) -> float:
    """Log of an unbiased estimate of the sum over matchings.

    Parameters
    ----------
    log_weight
        Of pairs, shape (n_left, n_right).
    n_samples
        Weighted matchings; their random numbers follow from the weights.
    """
    digest = sha256(log_weight.tobytes()).digest()
    rng = np.random.default_rng(np.frombuffer(digest[:16], dtype=np.uint32))
    uniform = rng.random((n_samples, len(log_weight)))
    found = draw_weighted(usable_weights(log_weight), uniform)[0]
    return float(logsumexp(found) - np.log(n_samples))


def match_session(
    left: Floats, right: Floats, ground: Floats, *, sides: Sides, with_gradient: bool
) -> tuple[float, Counted | None]:
    """Log Z of one session, and what its cells count where a gradient is wanted.

    Parameters
    ----------
    left, right, ground
        As in ``weigh_pairs``.
    sides
        How sums are worked out.
    with_gradient
        Whether to work out the second.
    """
    log_weight, over, top = weigh_pairs(left, right, ground)
    log_z, probability, is_exact = sum_matchings(log_weight, sides.widest)
    if not with_gradient:
        if sides.n_samples and not is_exact and np.isfinite(log_z):
            return estimate_sum(log_weight, sides.n_samples), None
        return log_z, None
    return log_z, Counted(*count_cells(left, right, over, log_weight, probability, top))


def room_of_sides(packed: Packed) -> tuple[Ints, Floats]:
    """Row of each animal, and room for the probabilities of the cells of those of one side.

    Both are empty where there are no sides.
    """
    if packed.sides is None:
        return np.empty(0, dtype=np.int64), np.empty((0, 0, 0))
    shape = (packed.sides.n_rows, packed.fields.of_class.shape[1], packed.n_cells)
    return packed.sides.row, np.zeros(shape)


def of_sessions(
    packed: Packed, probability: Floats, parameters: Parameters, log_weight: Floats, hazard: Floats
) -> list[tuple[Floats, Floats, Floats]]:
    """What ``weigh_pairs`` takes: left and right probabilities and ``log_ground``, by session.

    The ground is divided by the factor of all pairs, so that their weights are multiplied by it.
    """
    sides = packed.sides
    if sides is None:
        return []
    with np.errstate(divide="ignore"):
        factor = np.log1p(-parameters.known[0]) - np.log1p(-parameters.known[1])
    n_cells, found = np.diff(packed.sessions.cell), []
    for s, n in enumerate(n_cells):
        ground = log_ground(packed, s, parameters.log_share, log_weight, hazard) - factor
        left, right = (
            np.ascontiguousarray(probability[rows, :, :n])
            for rows in (sides.left[s], sides.right[s])
        )
        found.append((left, right, ground))
    return found


def match_sides(
    packed: Packed,
    sessions: list[tuple[Floats, Floats, Floats]],
    probability: Floats,
    to: tuple[Floats, Floats, Floats],
    *,
    with_gradient: bool,
) -> tuple[Floats, Floats]:
    """Log Z of each session and its expected pairs; also what the cells count.

    All but log Z where a gradient is wanted alone.

    Parameters
    ----------
    packed
        Data.
    sessions
        From ``of_sessions``.
    probability
        Probabilities of the cells of the animals of one side, replaced by what they count.
    to
        Gradient to log psi, log(D a) and H, added to.
    with_gradient
        Whether to work out the gradient.
    """
    sides, log_z = packed.sides, np.zeros(len(packed.fields.of_class))
    n_pairs = np.zeros_like(log_z)
    if sides is None:
        return log_z, n_pairs
    to_log_share, to_log_weight, to_hazard = to
    for s, (left, right, ground) in enumerate(sessions):
        log_z[s], counted = match_session(
            left, right, ground, sides=sides, with_gradient=with_gradient
        )
        if counted is None:
            continue
        first, last = packed.sessions.cell[s], packed.sessions.cell[s + 1]
        probability[sides.left[s], :, : last - first] = counted.left
        probability[sides.right[s], :, : last - first] = counted.right
        to_log_share[s] += counted.cells.sum(axis=1)
        for u, field in enumerate(packed.fields.of_class[s]):
            to_log_weight[min(u, len(to_log_weight) - 1), first:last] += counted.cells[u]
            to_hazard[field, : last - first] -= counted.cells[u]
        n_pairs[s] = len(left) + len(right) - counted.cells.sum()  # a pair has one centre
    return log_z, n_pairs


def weigh_known(sides: Sides | None, known: Floats, n_pairs: Floats, to: Floats) -> Floats:
    r"""Terms of animals whose sides are known by other means, of each session.

    .. math:: n_K \log q + n_B \log \rho + (n - n_B) \log (1 - \rho)

    Parameters
    ----------
    sides
        Of the data.
    known
        q and rho, 0 where the model has none, shape (2,).
    n_pairs
        Expected pairs of each session among those that were not joined.
    to
        Gradient to q and rho, of these terms and of log Z, added to.
    """
    if sides is None:
        return np.zeros(len(n_pairs))
    q, rho = known
    if q > 0:
        to[0] += sides.confirmed.sum() / q - n_pairs.sum() / (1 - q)
    if rho > 0:
        to[1] += sides.library.sum() / rho - (sides.others.sum() - n_pairs.sum()) / (1 - rho)
    of_library = xlogy(sides.library, rho) + xlog1py(sides.others, -rho)
    return np.asarray(xlogy(sides.confirmed, q) + of_library)
