"""Descents from several starts: greedy, exchange, kicks."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import LayoutError
from trap_layouts import exchange

_LARGEST_KICK = 0.3


@dataclass(eq=False)
class Best:
    """The best stations of one start so far.

    Parameters
    ----------
    score
        Their score.
    stations
        Their indices, ascending.
    first
        Score after the first descent.
    kicks
        Kicks so far.
    """

    score: float = -np.inf
    stations: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first: float = -np.inf
    kicks: int = 0


def search(
    task: exchange.Task,
    *,
    n_starts: int,
    n_kicks: int,
    limit: float = np.inf,
    seed: int,
    report: Callable[[str], None] | None = None,
) -> tuple[list[Best], bool]:
    """Descend from several starts, on all cores.

    The first start is greedy, the others random; each is improved by exchanging one station for
    the best candidate in its stead until no exchange helps, then some stations are thrown out at
    random and the descent begins anew, the better of the two being kept.

    Parameters
    ----------
    task
        What is to be chosen from.
    n_starts, n_kicks, seed, report
        As in ``optimise``.
    limit
        Moment at which to stop, by ``time.monotonic``.

    Returns
    -------
    tuple
        The best of each start, and whether none was stopped early.

    Raises
    ------
    LayoutError
        If no layout keeps the constraints.
    """
    bests = [Best() for _ in range(n_starts)]
    finished = _run(task, bests, n_kicks=n_kicks, limit=limit, seed=seed, report=report)
    if max(len(one.stations) for one in bests) == 0:
        msg = "No layout keeps all constraints. Allow a smaller spacing or a larger budget."
        raise LayoutError(msg)
    return bests, finished


def starts_table(bests: Sequence[Best]) -> pd.DataFrame:
    """One row per start: ``start``, ``first`` (after its first descent), ``best``, ``kicks``.

    Parameters
    ----------
    bests
        The best of each start.
    """
    rows = [(i, one.first, one.score, one.kicks) for i, one in enumerate(bests)]
    return pd.DataFrame(rows, columns=["start", "first", "best", "kicks"])


def _run(
    task: exchange.Task,
    bests: list[Best],
    *,
    n_kicks: int,
    limit: float,
    seed: int,
    report: Callable[[str], None] | None,
) -> bool:
    """Run all starts on all cores; False where stopped early."""
    stop = Event()
    seeds = np.random.SeedSequence(seed).spawn(len(bests))

    def over() -> bool:
        return stop.is_set() or time.monotonic() > limit

    def run(number: int) -> bool:
        rng = np.random.default_rng(seeds[number])
        return _one_start(
            task, bests[number], greedy=number == 0, n_kicks=n_kicks, rng=rng, over=over
        )

    with ThreadPoolExecutor(min(len(bests), os.cpu_count() or 1)) as pool:
        runs = [pool.submit(run, number) for number in range(len(bests))]
        try:
            while not all(one.done() for one in runs):
                time.sleep(0.05)
                if report is not None:
                    leader = max(one.score for one in bests)
                    kicks = sum(one.kicks for one in bests)
                    report(f"best {leader:.4g} after {kicks} of {len(bests) * n_kicks} kicks")
        except KeyboardInterrupt:
            stop.set()
    finished = [one.result() for one in runs]
    return all(finished) and not stop.is_set()


def _one_start(
    task: exchange.Task,
    best: Best,
    *,
    greedy: bool,
    n_kicks: int,
    rng: np.random.Generator,
    over: Callable[[], bool],
) -> bool:
    fixed = np.flatnonzero(task.fixed)
    state = exchange.make_state(task, fixed)
    if not greedy:
        _add_random(task, state, rng)
    _descend(task, state, best, rng=rng, over=over)
    best.first = best.score
    while best.kicks < n_kicks and not over():
        loose = best.stations[~task.fixed[best.stations]]
        if len(loose) == 0:
            break
        most = max(1, min(8, int(_LARGEST_KICK * len(loose))))
        kept = rng.permutation(loose)[rng.integers(1, most + 1) :]
        state = exchange.make_state(task, np.concatenate([fixed, kept]))
        if rng.random() < 0.5:
            _add_random(task, state, rng)
        _descend(task, state, best, rng=rng, over=over)
        best.kicks += 1
    return not over()


def _descend(
    task: exchange.Task,
    state: exchange.State,
    best: Best,
    *,
    rng: np.random.Generator,
    over: Callable[[], bool],
) -> None:
    """Fill up and exchange until nothing helps; remember the best."""
    exchange.fill(task, state, np.isfinite(task.budget))
    made = 1
    while made and not over():
        made = exchange.exchange_pass(task, state, rng.permutation(len(task.cost)))
        exchange.fill(task, state, np.isfinite(task.budget))
    value = exchange.score_now(task, state)
    if value >= best.score and state.chosen.any():
        best.score, best.stations = value, np.flatnonzero(state.chosen)


def _add_random(task: exchange.Task, state: exchange.State, rng: np.random.Generator) -> None:
    """Add candidates at random as far as the constraints allow."""
    number = int(state.chosen.sum())
    for j in rng.permutation(len(task.cost)):
        if number >= task.most:
            break
        if state.chosen[j] or state.close[j] or state.totals[3] + task.cost[j] > task.budget:
            continue
        exchange.change(task, state, int(j), 1.0)
        number += 1
