"""Sums over matchings against enumeration, and drawn matchings against their probabilities."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from scr.likelihood.matching.bethe import bethe
from scr.likelihood.matching.exact import along_order
from scr.likelihood.matching.gibbs import draw_matching, walk
from scr.likelihood.matching.pruning import bound_pairs, prune
from scr.likelihood.matching.sequential import draw_weighted
from scr.likelihood.matching.vertex_order import find_order, pieces_of, width_of
from scr.likelihood.matching.whole import BUDGET, sum_matchings, width_needed

type Floats = NDArray[np.float64]


def every_matching(n_left: int, n_right: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """All matchings, by what pairs of equal size have no animal in common."""
    for size in range(min(n_left, n_right) + 1):
        for left in itertools.combinations(range(n_left), size):
            for right in itertools.permutations(range(n_right), size):
                yield tuple(zip(left, right, strict=True))


def enumerated(weight: Floats) -> tuple[float, Floats]:
    """Log Z and probabilities of pairs by listing every matching."""
    total, with_pair = 0.0, np.zeros(weight.shape)
    for pairs in every_matching(*weight.shape):
        product = float(np.prod([weight[pair] for pair in pairs]))
        total += product
        for pair in pairs:
            with_pair[pair] += product
    return float(np.log(total)), with_pair / total


def some_weights(seed: int) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [
        np.exp(rng.normal(0, 3, shape)) * (rng.random(shape) < 0.7)
        for shape in [(1, 1), (1, 4), (5, 5), (5, 5), (4, 5), (5, 3), (2, 5), (5, 5)]
    ]


def test_along_order__any_order_gives_what_listing_all_matchings_gives():
    rng = np.random.default_rng(1)
    for weight in some_weights(2):
        log_z, probability = along_order(weight, rng.permutation(sum(weight.shape)))

        expected, pairs = enumerated(weight)
        assert log_z == pytest.approx(expected, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(probability, pairs, atol=1e-13)


def test_along_order__probabilities_are_the_gradient_of_log_z():
    weight, step = some_weights(3)[2], 1e-5
    order = find_order(weight)[0]
    _, probability = along_order(weight, order)
    for i, j in np.argwhere(weight > 0):
        above, below = weight.copy(), weight.copy()
        above[i, j] *= np.exp(step)
        below[i, j] *= np.exp(-step)
        slope = (along_order(above, order)[0] - along_order(below, order)[0]) / (2 * step)
        assert probability[i, j] == pytest.approx(slope, abs=1e-8)


def test_sum_matchings__several_pieces_and_weights_of_any_size():
    weight = np.zeros((6, 6))
    rng = np.random.default_rng(4)
    weight[:3, :2] = np.exp(rng.normal(5, 20, (3, 2)))
    weight[3:5, 3:] = np.exp(rng.normal(-2, 5, (2, 3)))  # the last left, the third right: alone
    with np.errstate(divide="ignore"):
        log_z, probability, is_exact = sum_matchings(np.log(weight), 14)

    expected, pairs = enumerated(weight)
    assert is_exact
    assert log_z == pytest.approx(expected, rel=1e-10, abs=2 * BUDGET)
    np.testing.assert_allclose(probability, pairs, atol=2 * BUDGET)


def test_sum_matchings__no_animals_of_a_side_leave_one_matching():
    assert sum_matchings(np.zeros((0, 3)), 14)[0] == 0.0
    assert sum_matchings(np.zeros((3, 0)), 14)[0] == 0.0


def test_sum_matchings__weights_that_overflow_have_no_likelihood():
    assert sum_matchings(np.full((2, 2), 700.0), 14)[0] == -np.inf


def test_prune__pairs_left_out_change_log_z_by_less_than_the_budget():
    rng = np.random.default_rng(5)
    for _ in range(20):
        weight = np.exp(rng.normal(-3, 4, (5, 5)))
        kept = prune(weight, 1e-2)

        assert (kept == 0).any()
        lost = enumerated(weight)[0] - enumerated(kept)[0]
        assert 0.0 <= lost <= -np.log1p(-1e-2)
        assert (bound_pairs(weight) >= enumerated(weight)[1] * (1 - 1e-12)).all()


def test_pieces_of__chains_hang_together_and_width_of_a_chain_is_one():
    weight = np.zeros((4, 4))
    for i in range(3):
        weight[i, i] = weight[i, i + 1] = 1.0
    left, right, n = pieces_of(weight)

    assert left.tolist() == [0, 0, 0, 1]
    assert right.tolist() == [0, 0, 0, 0]
    assert n == 2
    along = np.array([4, 0, 5, 1, 6, 2, 7, 3])
    assert width_of(weight, along) == 2  # a vertex and the one that follows
    assert find_order(weight)[1] <= 2


def test_bethe__is_exact_on_a_tree_and_below_the_sum_elsewhere():
    tree = np.array([[0.5, 2.0, 0.0], [0.0, 3.0, 0.7]])
    log_z, probability = bethe(tree)
    expected, pairs = enumerated(tree)
    assert log_z == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(probability, pairs, atol=1e-8)
    for weight in some_weights(6):
        assert bethe(weight)[0] <= enumerated(weight)[0] + 1e-9


def test_bethe__probabilities_are_its_gradient():
    weight, step = np.exp(np.random.default_rng(7).normal(0, 2, (5, 5))), 1e-4
    probability = bethe(weight)[1]
    for i, j in itertools.product(range(5), repeat=2):
        above, below = weight.copy(), weight.copy()
        above[i, j] *= np.exp(step)
        below[i, j] *= np.exp(-step)
        slope = (bethe(above)[0] - bethe(below)[0]) / (2 * step)
        assert probability[i, j] == pytest.approx(slope, abs=1e-6)


def test_draw_weighted__mean_of_the_weights_is_the_sum_over_matchings():
    rng = np.random.default_rng(8)
    for weight in some_weights(9)[2:5]:
        log_weight, partner = draw_weighted(weight, rng.random((20_000, weight.shape[0])))
        ratio = np.exp(log_weight - enumerated(weight)[0])

        assert abs(ratio.mean() - 1.0) < 4 * ratio.std() / np.sqrt(len(ratio))
        for drawn in partner[:100]:
            taken = drawn[drawn >= 0]
            assert len(set(taken.tolist())) == len(taken)


def test_walk__visits_pairs_as_often_as_they_are_probable():
    weight = np.exp(np.random.default_rng(10).normal(0, 2, (4, 5)))
    rng, partner, found = np.random.default_rng(11), np.full(4, -1), np.zeros((4, 5))
    n = 40_000
    for uniform in rng.random((n, 1, 3, 4)):
        walk(weight, uniform, partner)
        rows = np.flatnonzero(partner >= 0)
        found[rows, partner[rows]] += 1.0

    np.testing.assert_allclose(found / n, enumerated(weight)[1], atol=0.015)


def test_draw_matching__pairs_are_drawn_with_their_probabilities():
    weight = np.exp(np.random.default_rng(12).normal(0, 2, (4, 4)))
    rng, found, n = np.random.default_rng(13), np.zeros((4, 4)), 10_000
    for _ in range(n):
        partner = draw_matching(weight, rng.random((32, 5)), rng.random((2, 3, 4)))
        rows = np.flatnonzero(partner >= 0)
        found[rows, partner[rows]] += 1.0

    np.testing.assert_allclose(found / n, enumerated(weight)[1], atol=4 * 0.5 / np.sqrt(n))


def test_width_needed__grows_with_what_is_near_everything():
    assert width_needed(np.full((3, 3), -np.inf)) == 0
    assert width_needed(np.log(np.eye(6) + 1e-300)) <= 2
    assert width_needed(np.zeros((6, 6))) == 6


def test_along_order__probabilities_of_all_surveys_of_a_tiny_world_add_up_to_one():
    # Two cells, two stations, one binary occasion, three types; animals are Poisson. A survey is a
    # set of left and a set of right histories of the animals without a record of both sides; the
    # number of complete animals is independent of them. Surveys of more than 8 are left out.
    living = np.array([0.25, 0.2])
    both, single = np.array([[0.3, 0.1], [0.05, 0.4]]), np.array([[0.6, 0.25], [0.15, 0.7]])
    histories = [np.array(h) for h in ((0, 1), (1, 0), (1, 1))]

    def chance(history: NDArray[np.int64]) -> Floats:
        p = -np.expm1(-single)
        return np.prod(np.where(history[:, None] == 1, p, 1 - p), axis=0)

    unseen, no_side = np.exp(-both.sum(axis=0)), np.exp(-single.sum(axis=0))
    alone = np.array([(living * unseen * chance(h) * no_side).sum() for h in histories])
    pair = np.array(
        [[(living * unseen * chance(h) * chance(g)).sum() for g in histories] for h in histories]
    )
    expected = float((living * unseen * (1 - no_side**2)).sum())
    sets = [one for n in range(9) for one in itertools.combinations_with_replacement(range(3), n)]
    total = 0.0
    for left, right in itertools.product(sets, sets):
        if len(left) + len(right) > 8:
            continue
        i, j = list(left), list(right)
        weight = pair[np.ix_(i, j)] / np.outer(alone[i], alone[j])
        log_z = along_order(weight, np.arange(len(i) + len(j)))[0] if i and j else 0.0
        orders = [math.prod(math.factorial(of.count(c)) for c in set(of)) for of in (left, right)]
        # n! orders of the animals, of which those of equal histories are the same survey
        product = np.prod(alone[i]) * np.prod(alone[j]) * np.exp(log_z - expected)
        total += product / (orders[0] * orders[1])

    assert total == pytest.approx(1.0, abs=2e-6)
    assert total < 1.0
