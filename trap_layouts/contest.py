r"""Choosing stations by the information they bring.

By the rule of thumb layouts are searched for quickly, and the best by the rule is not the best by
the likelihood. Here the search makes

.. math:: 1 \Big/ \Big(\frac{1}{E[n]} + \frac{c}{E[m]}\Big)

large, the variance of log N being about 1 / E[n] for the number of animals and c / E[m] for what
their moves tell of detection; c follows from the information of the layouts tried so far. The best
of these and of the patterns is then improved by exchanges of single stations that are judged by the
information itself, and the last word is that of new animals.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trap_layouts import exchange
from trap_layouts.common_animals import CommonAnimals
from trap_layouts.descent import Best, search, starts_table
from trap_layouts.information import Information

_ROUNDS = 3
_LEAST_GAIN = 1e-4
_BEST_OF = 6
_WEIGHTS = (0.01, 100.0)


@dataclass(eq=False)
class Contest:
    """Layouts in the contest.

    Parameters
    ----------
    task
        Constraints and sums over the animals that count.
    judge
        Animals by which layouts are judged.
    limit
        Moment at which to stop, by ``time.monotonic``.
    report
        Called with a line on how far the contest has come.
    stations, rse
        Stations of each layout, and its RSE by these animals.
    finished
        Whether nothing was stopped early.
    """

    task: exchange.Task
    judge: CommonAnimals
    limit: float
    report: Callable[[str], None]
    stations: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    rse: dict[str, float] = field(default_factory=dict)
    finished: bool = True

    @property
    def best(self) -> str:
        """Name of the best so far."""
        return min(self.rse, key=lambda name: self.rse[name])

    @property
    def is_over(self) -> bool:
        """Whether to stop."""
        return not self.finished or time.monotonic() > self.limit

    def enter(self, name: str, stations: NDArray[np.int64]) -> float:
        """Judge a layout.

        Parameters
        ----------
        name
            Its name; a layout of the same name gives way.
        stations
            Its stations.
        """
        self.stations[name] = np.sort(stations)
        self.rse[name] = self.judge.told_by(self.stations[name]).rse
        return self.rse[name]

    def weight(self) -> float:
        """What c is by the layouts judged so far: the median over the better half of them."""
        names = sorted(self.rse, key=lambda name: self.rse[name])
        found = []
        for name in names[: max(len(names) // 2, 1)]:
            totals = exchange.make_state(self.task, self.stations[name]).totals
            if np.isfinite(self.rse[name]) and totals[0] > 0 and totals[2] > 0:
                found.append((self.rse[name] ** 2 - 1 / totals[0]) * totals[2])
        return float(np.clip(np.median(found), *_WEIGHTS)) if found else 1.0

    def table(self, judged: Mapping[str, Information]) -> pd.DataFrame:
        """One row per layout, the best first.

        Parameters
        ----------
        judged
            What other animals say of the best of them.

        Returns
        -------
        DataFrame
            Index ``layout``; ``stations``, ``cost``, ``search_rse``, and where it was judged by
            other animals ``rse`` and ``rse_error``.
        """
        names = sorted(self.rse, key=lambda name: self.rse[name])
        names.sort(key=lambda name: judged[name].rse if name in judged else np.inf)
        rows = [
            (
                len(self.stations[name]),
                float(self.task.cost[self.stations[name]].sum()),
                self.rse[name],
                judged[name].rse if name in judged else np.nan,
                judged[name].rse_error if name in judged else np.nan,
            )
            for name in names
        ]
        columns = ["stations", "cost", "search_rse", "rse", "rse_error"]
        return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="layout"))


def hold_contest(
    contest: Contest,
    rivals: Mapping[str, NDArray[np.int64]],
    *,
    n_starts: int,
    n_kicks: int,
    n_exchanges: int,
    seed: int,
) -> pd.DataFrame:
    """Judge rivals, search, exchange.

    Parameters
    ----------
    contest
        Without layouts; it holds them afterwards, the improved one under ``"improved"``.
    rivals
        Stations of patterns and other layouts, by name.
    n_starts, n_kicks, seed
        Of each search.
    n_exchanges
        Exchanges of single stations to be tried.

    Returns
    -------
    DataFrame
        From ``starts_table``.
    """
    starts: list[Best] = []
    state = exchange.make_state(contest.task, np.flatnonzero(contest.task.fixed))
    exchange.fill(contest.task, state, bool(np.isfinite(contest.task.budget)))
    try:
        if state.chosen.any():
            contest.enter("greedy", np.flatnonzero(state.chosen))
        for name, stations in rivals.items():
            if contest.is_over and contest.rse:
                break
            contest.report(f"judging {name}")
            contest.enter(name, stations)
        for number in range(_ROUNDS):
            if contest.is_over and contest.rse:
                break
            task = contest.task._replace(weight=contest.weight())
            bests, contest.finished = search(
                task,
                n_starts=n_starts,
                n_kicks=n_kicks,
                limit=contest.limit,
                seed=seed + number,
                report=contest.report,
            )
            starts += bests
            best = max(bests, key=lambda one: one.score)
            contest.enter(f"search {number + 1}", best.stations)
        _exchange(contest, n_exchanges=n_exchanges, rng=np.random.default_rng(seed))
    except KeyboardInterrupt:
        if not contest.rse:
            raise
        contest.finished = False
    contest.finished = contest.finished and time.monotonic() <= contest.limit
    return starts_table(starts)


def _exchange(contest: Contest, *, n_exchanges: int, rng: np.random.Generator) -> None:
    """Exchange single stations of the best layout for as long as the information grows."""
    task = contest.task._replace(weight=contest.weight())
    now, least = contest.stations[contest.best], contest.rse[contest.best]
    for tried in range(n_exchanges):
        if contest.is_over:
            return
        contest.report(f"RSE {100 * least:.2f} % after {tried} of {n_exchanges} exchanges")
        loose = now[~task.fixed[now]]
        if len(loose) == 0:
            return
        out = int(rng.choice(loose))
        rest = now[now != out]
        scores = exchange.scores_with(task, exchange.make_state(task, rest))
        scores[out] = -np.inf
        best = np.argsort(-scores, kind="stable")[:_BEST_OF]
        best = best[np.isfinite(scores[best])]
        if len(best) == 0:
            continue
        tried_now = np.append(rest, rng.choice(best))
        rse = contest.judge.told_by(np.sort(tried_now)).rse
        if rse < least * (1 - _LEAST_GAIN):
            now, least = np.sort(tried_now), rse
            contest.stations["improved"], contest.rse["improved"] = now, least


def last_word(contest: Contest, judge: CommonAnimals, rivals: set[str]) -> dict[str, Information]:
    """The best rival, the best of the search and the improved one, judged by other animals.

    Parameters
    ----------
    contest
        After ``hold_contest``.
    judge
        Animals that no layout was chosen by.
    rivals
        Names of those that did not come from the search.
    """
    order = sorted(contest.rse, key=lambda name: contest.rse[name])
    groups = (
        [name for name in order if name in rivals],
        [name for name in order if name not in rivals and name != "improved"],
        [name for name in order if name == "improved"],
    )
    finalists = [group[0] for group in groups if group]
    return {name: judge.told_by(contest.stations[name]) for name in finalists}
