"""A layout improved from where it stands, by exchanges of single stations."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scr.habitat.region import Region
from trap_layouts import exchange
from trap_layouts.assumptions import Assumptions
from trap_layouts.candidates import candidate_reach
from trap_layouts.constraints import Constraints, Criterion, check_constraints, make_task
from trap_layouts.coverage import reserve_share
from trap_layouts.editing import joined
from trap_layouts.layout import Layout, make_layout
from trap_layouts.search import optimise

_PASSES = 50


def improved(
    layout: Layout,
    places: NDArray[np.float64],
    assumptions: Assumptions,
    *,
    criterion: Criterion = "rse",
    reserve: Region | None = None,
    locked: frozenset[str] = frozenset(),
    least: float = 0.0,
    seed: int = 1,
    report: Callable[[str], None] | None = None,
) -> Layout:
    """The layout with as many stations, at places that are better by a criterion.

    By the RSE the layout takes part in a contest with patterns and the layouts of a search
    (``trap_layouts.search``), and the answer is not worse than it by animals that no layout was
    chosen by. By the other criteria every station is offered for exchange against the best place,
    again and again until no exchange helps.

    Parameters
    ----------
    layout
        The stations.
    places
        Other places where a station may stand, metres, shape (n_places, 2).
    assumptions
        What the survey is planned under.
    criterion
        What to make large, or small in the case of ``"rse"``.
    reserve
        Only the animals that live in it count.
    locked
        Names of stations that stay.
    least
        Least distance between stations, metres.
    seed
        Seed of the search.
    report
        Called with a line on how far it has come. An interruption (Ctrl-C) ends the search, and the
        best so far is returned.

    Raises
    ------
    LayoutError
        As ``optimise``; or if stations are closer than ``least`` already.
    """
    candidates = _candidates(layout, places)
    here = np.arange(len(layout))
    constraints = Constraints(
        n_stations=len(layout),
        fixed=[i for i, name in enumerate(layout.traps.names) if name in locked],
        least_spacing=least,
    )
    if criterion == "rse":
        found = optimise(
            candidates,
            assumptions,
            constraints,
            reserve=reserve,
            rivals=[layout],
            n_starts=2,
            n_kicks=5,
            seed=seed,
            name=layout.name,
            report=report,
        )
        return found.layout
    check_constraints(candidates, constraints, criterion)
    share = reserve_share(assumptions.mask, reserve)
    task = make_task(
        candidates,
        assumptions,
        candidate_reach(candidates, assumptions, share=share),
        criterion=criterion,
        given=constraints,
        reserve=reserve,
    )
    state = exchange.make_state(task, here)
    rng = np.random.default_rng(seed)
    try:
        for number in range(_PASSES):
            if report is not None:
                report(f"pass {number + 1}: {exchange.score_now(task, state):.2f}")
            if not exchange.exchange_pass(task, state, rng.permutation(len(candidates))):
                break
    except KeyboardInterrupt:
        pass  # the best so far is returned
    return candidates.take(np.flatnonzero(state.chosen), name=layout.name)


def _candidates(layout: Layout, places: NDArray[np.float64]) -> Layout:
    """The layout's stations, then the other places, under names that are free."""
    cameras = int(np.median(np.asarray(layout.cameras)))
    return joined(layout, make_layout("places", places, crs=layout.crs, cameras=cameras))
