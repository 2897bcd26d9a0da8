"""The trade-off of cost against precision: the best layout for each of several budgets."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from scr.errors import LayoutError
from scr.habitat.region import Region
from trap_layouts.assumptions import Assumptions
from trap_layouts.constraints import Constraints, Criterion
from trap_layouts.information import expected_information
from trap_layouts.layout import Layout
from trap_layouts.search import Optimised, optimise


def trade_off(
    candidates: Layout,
    assumptions: Assumptions,
    constraints: Constraints,
    *,
    budgets: Sequence[float],
    criterion: Criterion = "rse",
    reserve: Region | None = None,
    n_kicks: int = 5,
    n_exchanges: int = 20,
    n_starts: int = 2,
    seed: int = 1,
    report: Callable[[str], None] | None = None,
) -> tuple[pd.DataFrame, tuple[Optimised, ...]]:
    """The best layout for each budget, and what it tells of N.

    Parameters
    ----------
    candidates, assumptions, constraints, criterion, reserve
        As in ``optimise``; the budget of the constraints is replaced.
    n_kicks, n_exchanges, n_starts, seed, report
        As in ``optimise``.
    budgets
        Budgets, in the currency of the site costs.

    Returns
    -------
    front
        One row per budget: ``budget``, ``cost``, ``stations``, ``animals``, ``recaptures``,
        ``rule_rse``, ``rse`` and ``rse_error``.
    layouts
        The layouts, in the same order.

    Raises
    ------
    LayoutError
        If no budget was given, or one buys no station.
    """
    if not budgets:
        msg = "No budget was given. Give two or more."
        raise LayoutError(msg)
    rows, found = [], []
    for budget in sorted(budgets):
        best = optimise(
            candidates,
            assumptions,
            replace(constraints, budget=budget),
            criterion=criterion,
            reserve=reserve,
            n_kicks=n_kicks,
            n_exchanges=n_exchanges,
            n_starts=n_starts,
            seed=seed,
            name=f"{budget:g}",
            report=report,
        )
        told = expected_information(best.layout, assumptions.centre(), reserve=reserve)
        row = {
            "budget": budget,
            "cost": best.cost,
            "stations": len(best.layout),
            "animals": best.counts.animals,
            "recaptures": best.counts.recaptures,
            "rule_rse": best.counts.rule_of_thumb_rse(),
            "rse": told.rse,
            "rse_error": told.rse_error,
        }
        rows.append(row)
        found.append(best)
    return pd.DataFrame(rows), tuple(found)
