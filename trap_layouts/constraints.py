"""What a choice of stations must keep, and the task that follows for the search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import LayoutError
from scr.habitat.region import Region
from trap_layouts import exchange
from trap_layouts.assumptions import Assumptions
from trap_layouts.candidates import Reach
from trap_layouts.cost import Prices
from trap_layouts.layout import Layout, close_pairs
from trap_layouts.spread import balance_blocks

Criterion = Literal["rse", "min_nr", "animals", "recaptures", "moves", "at_two", "coverage"]
"""RSE by expected information (made small), min(E[n], E[r]) (the rule of thumb for it), E[n],
E[r], E[m], E[n2], or the mean probability of detection over the area."""

CODES: dict[str, int] = {
    "rse": exchange.BOTH,
    "min_nr": exchange.MIN_NR,
    "animals": exchange.ANIMALS,
    "recaptures": exchange.RECAPTURES,
    "moves": exchange.MOVES,
    "at_two": exchange.AT_TWO,
    "coverage": exchange.ANIMALS,
}


@dataclass(frozen=True, eq=False)
class Constraints:
    """What a choice of stations must keep.

    Parameters
    ----------
    n_stations
        Most stations, or None where the budget alone decides.
    budget
        Most that the stations may cost together, or None.
    site_cost
        Cost of each candidate, shape (n_candidates,); 1 each if left out.
    fixed
        Indices of candidates that are chosen whatever comes.
    least_spacing
        Least distance between stations, metres.
    balance
        Part of the criterion that is lost where all stations stand in the wrong block of the
        reserve: 0 ignores spatial balance, 0.5 weighs it strongly.
    """

    n_stations: int | None = None
    budget: float | None = None
    site_cost: NDArray[np.float64] | None = None
    fixed: Sequence[int] = ()
    least_spacing: float = 0.0
    balance: float = 0.0


def site_costs(
    candidates: Layout,
    prices: Prices,
    *,
    n_days: float,
    network: BaseGeometry | None = None,
) -> NDArray[np.float64]:
    """Cost of a station at each candidate: setting up, cameras, batteries, and the walk to it.

    Parameters
    ----------
    candidates
        Candidates with their cameras.
    prices
        Prices and rounds.
    n_days
        Length of the survey.
    network
        Roads or trails: each visit walks from the nearest of them and back.

    Returns
    -------
    NDArray
        Shape (n_candidates,). The way along the network depends on the other stations and is not
        in it; ``cost_of`` has the whole round.
    """
    cameras = np.asarray(candidates.cameras, dtype=np.float64)
    sets = np.ceil(n_days / prices.battery_days - 1e-9)
    cost = prices.station + cameras * (prices.camera + sets * prices.battery)
    if network is not None:
        away = shapely.distance(network, shapely.points(candidates.xy)) / 1000.0
        cost = cost + 2 * away * prices.detour * prices.visits * prices.km
    return np.asarray(cost)


def check_constraints(candidates: Layout, given: Constraints, criterion: str) -> None:
    """Refuse a task that cannot be done.

    Parameters
    ----------
    candidates
        Places where stations may stand.
    given
        Constraints.
    criterion
        Name of the criterion.

    Raises
    ------
    LayoutError
        If the criterion is unknown, the budget buys no station, candidates are fewer than the
        stations wanted, or fixed stations break a constraint.
    """
    if criterion not in CODES:
        msg = (
            f"criterion={criterion!r} is not known. "
            f"Use one of {', '.join(map(repr, get_args(Criterion)))}."
        )
        raise LayoutError(msg)
    n = len(candidates)
    if given.n_stations is None and given.budget is None:
        msg = "Neither n_stations nor budget was given. Give one of the two, or both."
        raise LayoutError(msg)
    if given.n_stations is not None and not 1 <= given.n_stations <= n:
        msg = (
            f"{given.n_stations} stations were asked for, and there are {n} candidates. "
            "Ask for 1 or more and at most as many as there are, or give more candidates."
        )
        raise LayoutError(msg)
    cost = costs_of_sites(candidates, given)
    if given.budget is not None and given.budget < cost.min():
        msg = (
            f"A budget of {given.budget:g} buys no station: the cheapest of {n} candidates, "
            f"{candidates.traps.names[int(cost.argmin())]!r}, costs {cost.min():g}. "
            "Raise the budget, or correct the prices."
        )
        raise LayoutError(msg)
    fixed = list(given.fixed)
    too_many = given.n_stations is not None and len(fixed) > given.n_stations
    too_dear = given.budget is not None and cost[fixed].sum() > given.budget
    if too_many or too_dear:
        msg = (
            f"The {len(fixed)} fixed stations alone exceed the constraints: they cost "
            f"{cost[fixed].sum():g}. Raise n_stations or the budget, or fix fewer."
        )
        raise LayoutError(msg)


def costs_of_sites(candidates: Layout, given: Constraints) -> NDArray[np.float64]:
    """Cost of each candidate, shape (n_candidates,).

    Parameters
    ----------
    candidates
        Places where stations may stand.
    given
        Constraints.

    Raises
    ------
    LayoutError
        If there is not one finite cost, 0 or more, for each.
    """
    if given.site_cost is None:
        return np.ones(len(candidates))
    cost = np.asarray(given.site_cost, dtype=np.float64)
    if cost.shape != (len(candidates),) or not (np.isfinite(cost).all() and (cost >= 0).all()):
        msg = (
            f"site_cost has shape {cost.shape} for {len(candidates)} candidates. "
            "Give one finite cost, 0 or more, for each candidate."
        )
        raise LayoutError(msg)
    return cost


def make_task(
    candidates: Layout,
    assumptions: Assumptions,
    reach: Reach,
    *,
    criterion: str,
    given: Constraints,
    reserve: Region | None,
) -> exchange.Task:
    """Everything the compiled search needs.

    Parameters
    ----------
    candidates
        Places where stations may stand.
    assumptions
        What the survey is planned under.
    reach
        Cells in reach of each candidate.
    criterion
        What to make large.
    given
        Constraints.
    reserve
        What balance is over.

    Raises
    ------
    LayoutError
        If the criterion cannot be searched for with this detector.
    """
    if criterion == "at_two" and assumptions.detector == "multi":
        msg = (
            "E[n2] of multi-catch traps is no sum over stations and cannot be searched for. "
            "Use criterion='moves' or 'min_nr'."
        )
        raise LayoutError(msg)
    n = len(candidates)
    near_first, near = np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if given.least_spacing > 0:
        pairs = close_pairs(candidates.xy, given.least_spacing)
        both = np.concatenate([pairs, pairs[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        near_first = np.searchsorted(both[:, 0], np.arange(n + 1)).astype(np.int64)
        near = np.ascontiguousarray(both[:, 1])
    most = n if given.n_stations is None else given.n_stations
    blocks, shares = np.zeros(n, dtype=np.int64), np.ones(1)
    if given.balance > 0:
        blocks, shares = balance_blocks(candidates, assumptions.mask, reserve, n_stations=most)
    fixed = np.zeros(n, dtype=np.bool_)
    fixed[list(given.fixed)] = True
    return exchange.Task(
        criterion=CODES[criterion],
        weight=1.0,
        is_multi=reach.detector == "multi",
        n_occasions=reach.n_occasions,
        first=reach.first,
        place=reach.place,
        hazard=reach.hazard,
        seen=reach.seen,
        seen_once=reach.seen_once,
        caught=reach.caught,
        animals=reach.animals,
        detections=reach.detections,
        most=most,
        cost=costs_of_sites(candidates, given),
        budget=np.inf if given.budget is None else float(given.budget),
        fixed=fixed,
        near_first=near_first,
        near=near,
        blocks=blocks,
        shares=shares,
        balance=float(given.balance),
    )
