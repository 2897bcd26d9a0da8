"""Choosing stations among candidates: greedy, exchange, kicks, several starts."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.region import Region
from trap_layouts import exchange
from trap_layouts.assumptions import Assumptions
from trap_layouts.candidates import candidate_reach
from trap_layouts.constraints import Constraints, Criterion, check_constraints, make_task
from trap_layouts.coverage import reserve_share
from trap_layouts.criteria import Counts, expected_counts
from trap_layouts.exposure import exposure, planned_design
from trap_layouts.layout import Layout, check_inside

_LARGEST_KICK = 0.3


@dataclass(frozen=True, eq=False)
class Optimised:
    """The best layout found.

    Parameters
    ----------
    layout
        The stations chosen.
    stations
        Their indices among the candidates, ascending.
    criterion
        What was made large.
    score
        The criterion of the layout, by the formulas and not by the search's sums, over the
        animals that count.
    counts
        All expected counts of it, wherever the animals live.
    cost
        Sum of the site costs.
    starts
        One row per start: ``start``, ``first`` (after its first descent), ``best``, ``kicks``.
    seconds
        Time taken.
    finished
        False where it was stopped, or time ran out.
    """

    layout: Layout
    stations: NDArray[np.int64]
    criterion: str
    score: float
    counts: Counts
    cost: float
    starts: pd.DataFrame
    seconds: float
    finished: bool


@dataclass(eq=False)
class _Best:
    """The best stations of one start so far."""

    score: float = -np.inf
    stations: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first: float = -np.inf
    kicks: int = 0


def optimise(
    candidates: Layout,
    assumptions: Assumptions,
    constraints: Constraints,
    *,
    criterion: Criterion = "min_nr",
    reserve: Region | None = None,
    n_starts: int = 4,
    n_kicks: int = 20,
    seconds: float | None = None,
    seed: int = 1,
    name: str = "optimised",
    report: Callable[[str], None] | None = None,
) -> Optimised:
    """Choose stations for a criterion under constraints.

    The first start is greedy, the others random; each is improved by exchanging one station for
    the best candidate in its stead until no exchange helps, then some stations are thrown out at
    random and the descent begins anew, the better of the two being kept.

    Parameters
    ----------
    candidates
        Every place where a station may stand.
    assumptions
        What the survey is planned under; of several sets of coefficients the median is taken.
    constraints
        Number, budget, fixed stations, spacing and balance.
    criterion
        What to make large.
    reserve
        Candidates that are not fixed must lie in it, only the animals that live in it count (else
        stations crowd along its edge, to see those outside), and balance is over it.
    n_starts
        Starts.
    n_kicks
        Kicks of each start.
    seconds
        Time limit. The result then depends on the machine; without it the same seed gives the
        same layout.
    seed
        Seed of starts and kicks.
    name
        Name of the layout.
    report
        Called with a line on how far the search has come. An interruption (Ctrl-C) ends the
        search, and the best so far is returned.

    Raises
    ------
    LayoutError
        If the criterion is unknown, the budget buys no station, candidates are fewer than the
        stations wanted or lie outside the reserve, fixed stations break a constraint, or areas
        or lines are searched.
    FormulaError
        If detection changes between occasions, or after a capture.
    """
    started = time.monotonic()
    check_constraints(candidates, constraints, criterion)
    if reserve is not None:
        loose = np.setdiff1d(np.arange(len(candidates)), list(constraints.fixed))
        check_inside(candidates.take(loose), reserve)
    middle = assumptions.centre()
    share = reserve_share(middle.mask, reserve)
    reach = candidate_reach(candidates, middle, share=share)
    task = make_task(
        candidates, middle, reach, criterion=criterion, given=constraints, reserve=reserve
    )
    bests = [_Best() for _ in range(n_starts)]
    limit = np.inf if seconds is None else started + seconds
    finished = _search(task, bests, n_kicks=n_kicks, limit=limit, seed=seed, report=report)
    best = max(bests, key=lambda one: one.score)
    if len(best.stations) == 0:
        msg = "No layout keeps all constraints. Allow a smaller spacing or a larger budget."
        raise LayoutError(msg)
    layout = candidates.take(best.stations, name=name)
    design = planned_design(layout, middle)
    exposed = exposure(design, middle.thetas(design)[0], n_occasions=middle.n_occasions)
    counts = expected_counts(exposed, middle.detector)
    inside = replace(exposed, animals=exposed.animals * share[design.cells[0]])
    rows = [(i, one.first, one.score, one.kicks) for i, one in enumerate(bests)]
    return Optimised(
        layout=layout,
        stations=best.stations,
        criterion=criterion,
        score=criterion_of(expected_counts(inside, middle.detector), criterion),
        counts=counts,
        cost=float(task.cost[best.stations].sum()),
        starts=pd.DataFrame(rows, columns=["start", "first", "best", "kicks"]),
        seconds=time.monotonic() - started,
        finished=finished,
    )


def criterion_of(counts: Counts, criterion: str) -> float:
    """A criterion from expected counts.

    Parameters
    ----------
    counts
        Expected counts.
    criterion
        A name in ``Criterion``.
    """
    found = {
        "min_nr": min(counts.animals, counts.recaptures),
        "animals": counts.animals,
        "recaptures": counts.recaptures,
        "moves": counts.moves,
        "at_two": counts.animals_at_two,
    }
    return found[criterion]


def _search(
    task: exchange.Task,
    bests: list[_Best],
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
    best: _Best,
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
    best: _Best,
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
