"""Choosing stations among candidates by a criterion, under constraints."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scr.habitat.region import Region
from trap_layouts.assumptions import Assumptions
from trap_layouts.candidates import candidate_reach
from trap_layouts.caught import N_ANIMALS
from trap_layouts.common_animals import CommonAnimals
from trap_layouts.constraints import Constraints, Criterion, check_constraints, make_task
from trap_layouts.contest import Contest, hold_contest, last_word
from trap_layouts.coverage import reserve_share
from trap_layouts.criteria import Counts, expected_counts
from trap_layouts.descent import search, starts_table
from trap_layouts.exposure import exposure, living_animals, planned_design
from trap_layouts.layout import Layout, check_inside
from trap_layouts.rivals import kept_choices, pattern_choices

_ANIMALS = 2000


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
        What was made large, or small in the case of ``"rse"``.
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
    contest
        With ``criterion="rse"`` one row per layout judged, best first: index ``layout``,
        ``stations``, ``cost``, ``search_rse`` by the animals of the search, and of the best also
        ``rse`` and ``rse_error`` by animals that no layout was chosen by. Else empty.
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
    contest: pd.DataFrame = field(default_factory=pd.DataFrame)

    def in_words(self) -> str:
        """What was reached, for a line of text."""
        if self.criterion == "coverage":
            return f"an animal of the reserve is photographed with probability {self.score:.2f}"
        if self.criterion != "rse":
            return f"{self.criterion} of the reserve's animals {self.score:.2f}"
        best = self.contest.iloc[0]
        judged = self.contest.dropna()
        told = f"RSE {100 * self.score:.1f} % (± {100 * best['rse_error']:.1f})"
        if len(judged) > 1:
            told += f", against {100 * judged['rse'].iloc[1]:.1f} % of {judged.index[1]}"
        return told


def optimise(
    candidates: Layout,
    assumptions: Assumptions,
    constraints: Constraints,
    *,
    criterion: Criterion = "rse",
    reserve: Region | None = None,
    n_starts: int = 4,
    n_kicks: int = 20,
    n_exchanges: int = 60,
    rivals: Sequence[Layout] = (),
    seconds: float | None = None,
    seed: int = 1,
    name: str = "optimised",
    report: Callable[[str], None] | None = None,
) -> Optimised:
    """Choose stations for a criterion under constraints.

    Criteria with a formula are searched for directly: stations are taken one by one, then
    exchanged for better ones (``trap_layouts.descent``). For the RSE such a search is the first
    step: grids and clusters over the area, the rivals, and layouts found by sums that stand in
    for the RSE are judged by expected information with the same simulated animals, single stations
    of the best are exchanged as long as that helps, and the last word among the best pattern, the
    best of the search and the improved one is that of new animals (``trap_layouts.contest``).
    Power for a change of N rises as the RSE falls.

    Parameters
    ----------
    candidates
        Every place where a station may stand.
    assumptions
        What the survey is planned under; of several sets of coefficients the median is taken.
    constraints
        Number, budget, fixed stations, spacing and balance.
    criterion
        What to make large, or small in the case of ``"rse"``.
    reserve
        Candidates that are not fixed must lie in it, only the animals that live in it count (else
        stations crowd along its edge, to see those outside), and balance is over it.
    n_starts
        Starts.
    n_kicks
        Kicks of each start.
    n_exchanges
        Exchanges of single stations to be tried for the RSE.
    rivals
        Layouts that take part for the RSE, so that the answer is not worse than they are. Their
        stations must be among the candidates and keep the constraints.
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
    if criterion == "coverage":
        share = _per_area(candidates, middle, share)
    task = make_task(
        candidates,
        middle,
        candidate_reach(candidates, middle, share=share),
        criterion=criterion,
        given=constraints,
        reserve=reserve,
    )
    limit = np.inf if seconds is None else started + seconds
    effort = {"n_starts": n_starts, "n_kicks": n_kicks, "seed": seed}
    contest = None
    if criterion == "rse":
        judge = CommonAnimals(candidates, middle, reserve, n_animals=_ANIMALS, seed=seed)
        contest = Contest(task, judge, limit, report or (lambda _: None))
        area = (
            shapely.MultiPoint(candidates.xy).convex_hull if reserve is None else reserve.geometry
        )
        patterns = pattern_choices(candidates.xy, area, task)
        kept = kept_choices(rivals, candidates, task)
        starts = hold_contest(contest, patterns | kept, n_exchanges=n_exchanges, **effort)
        new = replace(judge, n_animals=N_ANIMALS, seed=seed + 1)
        table = contest.table(last_word(contest, new, {*patterns, *kept}))
        chosen, finished = contest.stations[table.index[0]], contest.finished
    else:
        bests, finished = search(task, limit=limit, report=report, **effort)
        starts, table = starts_table(bests), pd.DataFrame()
        chosen = max(bests, key=lambda one: one.score).stations
    layout = candidates.take(chosen, name=name)
    design = planned_design(layout, middle)
    exposed = exposure(design, middle.thetas(design)[0], n_occasions=middle.n_occasions)
    inside = replace(exposed, animals=exposed.animals * share[design.cells[0]])
    by_formula = expected_counts(inside, middle.detector)
    return Optimised(
        layout=layout,
        stations=chosen,
        criterion=criterion,
        score=table["rse"].iloc[0] if contest else criterion_of(by_formula, criterion),
        counts=expected_counts(exposed, middle.detector),
        cost=float(task.cost[chosen].sum()),
        starts=starts,
        seconds=time.monotonic() - started,
        finished=finished,
        contest=table,
    )


def _per_area(
    candidates: Layout, assumptions: Assumptions, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights of cells by which animals number as the area of the cell, 1 in all, (n_cells,)."""
    design = planned_design(candidates, assumptions)
    cells = design.cells[0]
    living = living_animals(design, assumptions.thetas(design)[0]).sum(axis=0)
    area = (share * design.mask.cell_area)[cells]
    result = np.zeros(len(share))
    result[cells] = np.divide(area, living, out=np.zeros_like(area), where=living > 0)
    return result / area.sum()


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
        "coverage": counts.animals,
    }
    return found[criterion]
