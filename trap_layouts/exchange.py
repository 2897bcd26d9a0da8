"""Exchange of stations with incremental updates, compiled.

What is known of the stations chosen is kept for each place (a cell and a class): the sum H of their
hazards, exp(-H), detections C, the sum Q of squared hazards and the sum G of exp(h) - 1. Adding a
candidate then costs a few multiplications for each place in its reach, and no exponential.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

MIN_NR, ANIMALS, RECAPTURES, MOVES, AT_TWO, BOTH = range(6)
"""Codes of the criteria; ``BOTH`` is 1 / (1 / E[n] + c / E[m]), c the ``weight`` of moves."""

_LEAST_GAIN = 1e-9
_TIE = 1e-4


class Task(NamedTuple):
    """What is to be chosen from, and under which constraints; arrays as in ``Reach``.

    ``blocks`` numbers the block of each candidate, ``shares`` says which share of the stations
    each block should hold, ``near_first`` and ``near`` list the candidates too close to each.
    """

    criterion: int
    weight: float
    is_multi: bool
    n_occasions: int
    first: NDArray[np.int64]
    place: NDArray[np.int32]
    hazard: NDArray[np.float32]
    seen: NDArray[np.float32]
    seen_once: NDArray[np.float32]
    caught: NDArray[np.float32]
    animals: NDArray[np.float64]
    detections: NDArray[np.float64]
    most: int
    cost: NDArray[np.float64]
    budget: float
    fixed: NDArray[np.bool_]
    near_first: NDArray[np.int64]
    near: NDArray[np.int64]
    blocks: NDArray[np.int64]
    shares: NDArray[np.float64]
    balance: float


class State(NamedTuple):
    """Stations chosen and what follows for places; ``totals`` holds N, C, the third sum, cost."""

    chosen: NDArray[np.bool_]
    hazard: NDArray[np.float64]
    unseen: NDArray[np.float64]
    unseen_once: NDArray[np.float64]
    caught: NDArray[np.float64]
    squares: NDArray[np.float64]
    gain: NDArray[np.float64]
    value: NDArray[np.float64]
    close: NDArray[np.int64]
    in_block: NDArray[np.int64]
    totals: NDArray[np.float64]


def make_state(task: Task, stations: NDArray[np.int64]) -> State:
    """The state in which some stations are chosen.

    Parameters
    ----------
    task
        What is to be chosen from.
    stations
        Indices of candidates.
    """
    n_places, n = len(task.animals), len(task.cost)
    state = State(
        chosen=np.zeros(n, dtype=np.bool_),
        hazard=np.zeros(n_places),
        unseen=np.ones(n_places),
        unseen_once=np.ones(n_places),
        caught=np.zeros(n_places),
        squares=np.zeros(n_places),
        gain=np.zeros(n_places),
        value=np.zeros(n_places),
        close=np.zeros(n, dtype=np.int64),
        in_block=np.zeros(len(task.shares), dtype=np.int64),
        totals=np.zeros(4),
    )
    for station in stations:
        change(task, state, int(station), 1.0)
    return state


@njit(cache=True, nogil=True)
def change(task: Task, state: State, j: int, sign: float) -> None:
    """Add (1) or remove (-1) a candidate."""
    s = task.n_occasions
    state.chosen[j] = sign > 0
    step = 1 if sign > 0 else -1
    state.in_block[task.blocks[j]] += step
    for e in range(task.near_first[j], task.near_first[j + 1]):
        state.close[task.near[e]] += step
    state.totals[3] += sign * task.cost[j]
    if not task.is_multi:
        state.totals[1] += sign * task.detections[j]
    for e in range(task.first[j], task.first[j + 1]):
        m = task.place[e]
        w = task.animals[m]
        h = np.float64(task.hazard[e])
        before, before_once = state.unseen[m], state.unseen_once[m]
        total = max(state.hazard[m] + sign * h, 0.0)
        state.hazard[m] = total
        state.unseen[m] = np.exp(-total)
        state.totals[0] += w * (before - state.unseen[m])
        if task.is_multi:
            state.unseen_once[m] = np.exp(-total / s)
            state.totals[1] += w * s * (before_once - state.unseen_once[m])
        if task.criterion in (MOVES, BOTH):
            state.caught[m] += sign * task.caught[e]
            state.squares[m] += sign * h * h
            found = s * (1 - state.unseen_once[m]) if task.is_multi else state.caught[m]
            extra = found - 1 + state.unseen[m]
            value = w * extra * (1 - state.squares[m] / (total * total)) if total > 1e-12 else 0.0
            state.totals[2] += value - state.value[m]
            state.value[m] = value
        elif task.criterion == AT_TWO:
            state.gain[m] += sign * np.expm1(h)
            value = w * (1 - state.unseen[m] * (1 + state.gain[m]))
            state.totals[2] += value - state.value[m]
            state.value[m] = value


@njit(cache=True, nogil=True)
def totals_with(task: Task, state: State, j: int) -> tuple[float, float, float]:
    """N, C and the third sum if a candidate were added."""
    s = task.n_occasions
    animals, detections, third = 0.0, 0.0, 0.0
    for e in range(task.first[j], task.first[j + 1]):
        m = task.place[e]
        animals += task.animals[m] * state.unseen[m] * task.seen[e]
    if task.is_multi:
        for e in range(task.first[j], task.first[j + 1]):
            m = task.place[e]
            detections += s * task.animals[m] * state.unseen_once[m] * task.seen_once[e]
    else:
        detections = task.detections[j]
    if task.criterion in (MOVES, BOTH):
        for e in range(task.first[j], task.first[j + 1]):
            m = task.place[e]
            h = np.float64(task.hazard[e])
            total = state.hazard[m] + h
            found = state.caught[m] + task.caught[e]
            if task.is_multi:
                found = s * (1 - state.unseen_once[m] * (1 - task.seen_once[e]))
            extra = found - 1 + state.unseen[m] * (1 - task.seen[e])
            spread = 1 - (state.squares[m] + h * h) / (total * total)
            third += task.animals[m] * extra * spread - state.value[m]
    elif task.criterion == AT_TWO:
        for e in range(task.first[j], task.first[j + 1]):
            m = task.place[e]
            q = np.float64(task.seen[e])
            at_one = state.unseen[m] * ((1 - q) * (1 + state.gain[m]) + q)
            third += task.animals[m] * (1 - at_one) - state.value[m]
    return state.totals[0] + animals, state.totals[1] + detections, state.totals[2] + third


@njit(cache=True, nogil=True)
def score(task: Task, state: State, sums: tuple[float, float, float], extra: int) -> float:
    """Criterion of these sums, less the share of stations in the wrong block.

    ``extra`` is the block of a station to be counted besides those chosen, or -1.
    """
    n, r = sums[0], sums[1] - sums[0]
    if task.criterion == MIN_NR:
        found = min(n, r) + _TIE * max(n, r)
    elif task.criterion == ANIMALS:
        found = n
    elif task.criterion == RECAPTURES:
        found = r
    elif task.criterion == BOTH:
        found = _TIE * n  # where no animal moves yet
        if n > 0 and sums[2] > 0:
            found += 1 / (1 / n + task.weight / sums[2])
    else:
        found = sums[2]
    if task.balance <= 0:
        return found
    number = 1 if extra >= 0 else 0
    for b in range(len(task.shares)):
        number += state.in_block[b]
    away = 0.0
    for b in range(len(task.shares)):
        held = state.in_block[b] + (1 if b == extra else 0)
        away += abs(held / max(number, 1) - task.shares[b])
    return found * (1 - task.balance * away / 2)


@njit(cache=True, nogil=True)
def score_now(task: Task, state: State) -> float:
    """Score of the stations chosen."""
    sums = (state.totals[0], state.totals[1], state.totals[2])
    return score(task, state, sums, -1)


@njit(cache=True, nogil=True)
def scores_with(task: Task, state: State) -> NDArray[np.float64]:
    """Score with each candidate added, shape (n_candidates,); -inf where it may not be added."""
    scores = np.full(len(task.cost), -np.inf)
    room = task.budget - state.totals[3] + 1e-9
    for j in range(len(task.cost)):
        if not state.chosen[j] and state.close[j] == 0 and task.cost[j] <= room:
            scores[j] = score(task, state, totals_with(task, state, j), task.blocks[j])
    return scores


@njit(cache=True, nogil=True)
def best_addition(task: Task, state: State, per_cost: bool) -> tuple[int, float]:
    """The candidate that adds most, and the score with it; -1 where none may be added.

    ``per_cost`` takes gain for cost instead of gain.
    """
    scores = scores_with(task, state)
    rank = scores.copy()
    if per_cost:
        rank = (scores - score_now(task, state)) / np.maximum(task.cost, 1e-12)
    best = int(np.argmax(rank))
    return (best, scores[best]) if scores[best] > -np.inf else (-1, -np.inf)


@njit(cache=True, nogil=True)
def fill(task: Task, state: State, per_cost: bool) -> None:
    """Add the best candidates one by one until number or budget is used up."""
    number = 0
    for j in range(len(task.cost)):
        number += state.chosen[j]
    while number < task.most:
        j, value = best_addition(task, state, per_cost)
        if j < 0 or (number > 0 and value < score_now(task, state) - 1e-12 and task.balance <= 0):
            break
        change(task, state, j, 1.0)
        number += 1


@njit(cache=True, nogil=True)
def exchange_pass(task: Task, state: State, order: NDArray[np.int64]) -> int:
    """Offer every chosen station, in an order, for exchange; the number of exchanges made."""
    made = 0
    for i in order:
        if not state.chosen[i] or task.fixed[i]:
            continue
        before = score_now(task, state)
        change(task, state, i, -1.0)
        j, value = best_addition(task, state, False)
        if j >= 0 and j != i and value > before + _LEAST_GAIN:
            change(task, state, j, 1.0)
            made += 1
        else:
            change(task, state, i, 1.0)
    return made
