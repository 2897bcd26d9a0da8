"""Layouts side by side: criteria with their uncertainty, ranked, and which differences matter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.posterior.log_linear import power_of_trend
from trap_layouts.assumptions import Assumptions
from trap_layouts.caught import N_ANIMALS, catch_animals, simulated_counts
from trap_layouts.change import power_to_detect
from trap_layouts.cost import Prices, cost_of
from trap_layouts.coverage import coverage, reserve_share
from trap_layouts.criteria import Counts, expected_counts
from trap_layouts.criteria_in_words import IN_PER_CENT, shown_value
from trap_layouts.exposure import Exposure, exposure, planned_design
from trap_layouts.flanks import flank_information
from trap_layouts.information import Information, information_of
from trap_layouts.layout import Layout, require_same_crs
from trap_layouts.monitoring import Monitoring
from trap_layouts.sided_plan import plan_sides
from trap_layouts.trend_information import power_from

BETTER_SMALL = (
    "rse", "rule_rse", "rse_pairs_known", "rse_one_flank", "gaps", "cost", "route_km",
)  # fmt: skip
"""Criteria of which less is better; ``se.`` criteria too."""

MATTERS = 0.05
"""Relative differences below this are of no consequence in the field."""

_CLEAR = 0.95

type _Work = tuple[Counts, Exposure, Information | None, dict[str, float]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Layouts side by side.

    Parameters
    ----------
    layouts
        The layouts, in the order given.
    assumptions, reserve
        What they were judged by.
    by
        Criterion of the ranking.
    draws
        Every criterion of every layout and set of coefficients: columns ``layout``, ``draw``, one
        per criterion, and ``rse_error``, the Monte Carlo standard error of ``rse``.
    table
        One row per layout, best first: ``rank``, ``best`` (share of the sets of coefficients in
        which it is the best; the Monte Carlo error counts), the median of each criterion, and its
        ``.lower`` and ``.upper`` 95 % limits where coefficients are uncertain.
    differences
        One row per pair, better layout first: relative difference, probability that it is the
        better, and ``matters``: at least 5 % and at least 95 % sure.
    """

    layouts: tuple[Layout, ...]
    assumptions: Assumptions
    reserve: Region | None
    by: str
    draws: pd.DataFrame
    table: pd.DataFrame
    differences: pd.DataFrame

    def conclusion(self) -> str:
        """One or two sentences on which differences matter."""
        best = self.table.index[0]
        rivals = self.differences[self.differences["better"] == best]
        equal = rivals.loc[~rivals["matters"], "worse"].tolist()
        worse = rivals.loc[rivals["matters"], "worse"].tolist()
        value = self.table[self.by].iloc[0]
        unit = " %" if self.by in IN_PER_CENT else ""
        name = self.by.upper() if self.by == "rse" else self.by
        text = f"{best} ranks first by {name} ({shown_value(self.by, value)}{unit})."
        if equal:
            text += (
                f" It is not clearly better than {', '.join(equal)}: choose among these by cost."
            )
        if worse:
            text += f" {', '.join(worse)} {'is' if len(worse) == 1 else 'are'} clearly worse."
        return text


def criteria_of(
    layout: Layout,
    assumptions: Assumptions,
    *,
    reserve: Region | None = None,
    prices: Prices | None = None,
    change: float | Monitoring | None = None,
    information: bool = True,
    n_animals: int = N_ANIMALS,
    seed: int = 1,
) -> dict[str, float]:
    """Every criterion of one layout, for the first set of coefficients.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        What the survey is planned under.
    reserve
        Where N is estimated and coverage wanted; the whole mask if left out.
    prices
        Adds ``cost``.
    change
        Relative change of N between two such surveys, each fitted by itself: adds ``power``. Or
        surveys in several years that are fitted together, with the change over them: adds
        ``power``, ``change_lower`` and ``change_upper``, the 95 % interval of the change that is
        to be expected.
    information
        Whether to compute ``rse`` by expected information, with ``se.<coefficient>`` of the
        slopes of density; a second or two.
    n_animals, seed
        As in ``expected_information``. Where detection changes within the survey, counts other
        than E[n] are means over these animals too.

    Returns
    -------
    dict
        ``stations``, ``cameras``, ``animals`` E[n], ``detections`` E[C], ``recaptures`` E[r],
        ``moves`` E[m], ``at_two`` E[n2], ``q_p``, ``q_pm``, ``rule_rse``, coverage, and what was
        asked for. Where both flanks are used also ``rse_pairs_known`` (if somebody knew which
        sides are one animal) and ``rse_one_flank`` (of the left flank alone).
    """
    if assumptions.flank is not None and isinstance(change, Monitoring):
        msg = (
            'With flank = "both", power over years is not worked out. Give a change without years: '
            "that of two surveys, each fitted by itself."
        )
        raise LayoutError(msg)
    work = _of_both_flanks if assumptions.flank is not None else _of_animals
    counts, exposed, told, found = work(
        layout, assumptions, reserve, information=information, n_animals=n_animals, seed=seed
    )
    share = reserve_share(assumptions.mask, reserve)
    found = criteria_from(counts, exposed, layout, assumptions, share, prices) | found
    if told is not None:
        found |= {
            f"se.{name.removeprefix('density.')}": se
            for name, se in told.standard_errors.items()
            if name.startswith("density.") and name != "density.Intercept"
        }
    rse = found.get("rse", found["rule_rse"])
    if isinstance(change, Monitoring):
        found |= _over_years(told, rse, assumptions, change)
    elif change is not None:
        found["power"] = power_to_detect(change, rse=rse)
    return found


def _of_animals(
    layout: Layout,
    assumptions: Assumptions,
    reserve: Region | None,
    *,
    information: bool,
    n_animals: int,
    seed: int,
) -> _Work:
    """Counts, hazards, information, and what it says."""
    design = planned_design(layout, assumptions)
    theta = assumptions.thetas(design)[0]
    exposed = exposure(design, theta, n_occasions=assumptions.n_occasions)
    caught = None
    if information or assumptions.changing:
        caught = catch_animals(layout, assumptions, exposed, n_animals=n_animals, seed=seed)
    counts = (
        simulated_counts(caught, exposed, seed=seed)
        if assumptions.changing
        else expected_counts(exposed, assumptions.detector)
    )
    if not information:
        return counts, exposed, None, {}
    fixed = assumptions.spec.number == "binomial"
    told = information_of(
        design, theta, caught, reserve=reserve, share_caught=counts.q_p if fixed else None
    )
    return counts, exposed, told, {"rse": told.rse, "rse_error": told.rse_error}


def _of_both_flanks(
    layout: Layout,
    assumptions: Assumptions,
    reserve: Region | None,
    *,
    information: bool,
    n_animals: int,
    seed: int,
) -> _Work:
    """The same where both flanks are used; counts are of animals, whatever side is seen."""
    exposed = plan_sides(layout, assumptions).exposure()
    counts = expected_counts(exposed, assumptions.detector)
    if not information:
        return counts, exposed, None, {}
    told = flank_information(layout, assumptions, reserve=reserve, n_animals=n_animals, seed=seed)
    bounds = {"rse_pairs_known": told.matched.rse, "rse_one_flank": told.one_flank.rse}
    rse = {"rse": told.rse, "rse_error": told.rse_error}
    return counts, exposed, told.unknown, {**rse, **bounds}


def _over_years(
    told: Information | None, rse: float, assumptions: Assumptions, plan: Monitoring
) -> dict[str, float]:
    """Power over years by information, or by an RSE, as if each survey were fitted by itself."""
    if told is None:
        return {"power": power_of_trend(plan.yearly, plan.since_first, rse=rse)}
    found = power_from([told], assumptions, plan)
    return {"power": found.power, "change_lower": found.lower, "change_upper": found.upper}


def criteria_from(
    counts: Counts,
    exposed: Exposure,
    layout: Layout,
    assumptions: Assumptions,
    share: NDArray[np.float64],
    prices: Prices | None,
) -> dict[str, float]:
    """Criteria that follow from expected counts, cells and stations.

    Parameters
    ----------
    counts
        Expected counts.
    exposed
        Cells and hazards.
    layout, assumptions, prices
        As in ``criteria_of``.
    share
        Share of each cell in the reserve, from ``reserve_share``.
    """
    cost = cost_of(layout, prices or Prices(), n_days=assumptions.n_days)
    found: dict[str, float] = {
        "stations": len(layout),
        "cameras": layout.n_cameras,
        "animals": counts.animals,
        "detections": counts.detections,
        "recaptures": counts.recaptures,
        "moves": counts.moves,
        "at_two": counts.animals_at_two,
        "q_p": counts.q_p,
        "q_pm": counts.q_pm,
        "rule_rse": counts.rule_of_thumb_rse(),
        **coverage(exposed, assumptions, share),
        "route_km": cost.route_km,
    }
    if prices is not None:
        found["cost"] = cost.total
    return found


def compare(
    layouts: Sequence[Layout],
    assumptions: Assumptions,
    *,
    reserve: Region | None = None,
    prices: Prices | None = None,
    change: float | Monitoring | None = None,
    by: str | None = None,
    n_animals: int = N_ANIMALS,
    seed: int = 1,
    report: Callable[[str], None] | None = None,
) -> Comparison:
    """Criteria of any number of layouts, ranked, with what is uncertain about it.

    Parameters
    ----------
    layouts
        With different names.
    assumptions
        What the survey is planned under. With several sets of coefficients each criterion has a
        distribution, and layouts are compared set by set.
    reserve, prices, change, n_animals, seed
        As in ``criteria_of``.
    by
        Criterion to rank by; ``rse`` if left out.
    report
        Called with a line on how far it has come.

    Raises
    ------
    LayoutError
        If names repeat, coordinate systems differ or the criterion is unknown.
    """
    names = [layout.name for layout in layouts]
    if not names or len(set(names)) != len(names):
        msg = f"A comparison needs layouts with different names, and was given: {', '.join(names)}."
        raise LayoutError(msg)
    require_same_crs(layouts, assumptions.mask.crs, of="the mask")
    by = by or "rse"
    rows = []
    for layout in layouts:
        for draw in range(assumptions.n_draws):
            if report is not None:
                report(f"{layout.name}, {draw + 1} of {assumptions.n_draws}")
            one = criteria_of(
                layout,
                assumptions.of_draw(draw),
                reserve=reserve,
                prices=prices,
                change=change,
                n_animals=n_animals,
                seed=seed,
            )
            rows.append({"layout": layout.name, "draw": draw, **one})
    draws = pd.DataFrame(rows)
    if by not in draws.columns or by in {"layout", "draw", "rse_error"}:
        known = [c for c in draws.columns if c not in {"layout", "draw", "rse_error"}]
        msg = f"Criterion {by!r} is not known. Use one of {', '.join(known)}."
        raise LayoutError(msg)
    table = _table(draws, names, by)
    return Comparison(
        layouts=tuple(layouts),
        assumptions=assumptions,
        reserve=reserve,
        by=by,
        draws=draws,
        table=table,
        differences=_differences(draws, table.index.tolist(), by),
    )


def _merit(draws: pd.DataFrame, names: Sequence[str], by: str) -> NDArray[np.float64]:
    """The criterion by layout and draw, larger the better, shape (n_layouts, n_draws)."""
    values = draws.pivot_table(index="layout", columns="draw", values=by, dropna=False)
    sign = -1.0 if by in BETTER_SMALL or by.startswith("se.") else 1.0
    return np.asarray(sign * values.loc[list(names)].to_numpy(), dtype=np.float64)


def _errors(draws: pd.DataFrame, names: Sequence[str], by: str) -> NDArray[np.float64]:
    """Monte Carlo standard errors in the same shape; 0 where the criterion has none."""
    if by != "rse":
        return np.zeros_like(_merit(draws, names, by))
    values = draws.pivot_table(index="layout", columns="draw", values="rse_error", dropna=False)
    return np.asarray(np.nan_to_num(values.loc[list(names)].to_numpy(dtype=np.float64)))


def _table(draws: pd.DataFrame, names: list[str], by: str) -> pd.DataFrame:
    columns = [c for c in draws.columns if c not in {"layout", "draw"}]
    grouped = draws.groupby("layout")[columns]
    table = grouped.median()
    if (draws["draw"] > 0).any():
        for label, q in ((".lower", 0.025), (".upper", 0.975)):
            table = table.join(
                grouped.quantile(q).drop(columns="rse_error", errors="ignore").add_suffix(label)
            )
    merit, error = _merit(draws, names, by), _errors(draws, names, by)
    noise = np.random.default_rng(1).standard_normal((200, *merit.shape))
    winner = np.argmax(merit + error * noise, axis=1)
    best = [float((winner == i).mean()) for i in range(len(names))]
    table.insert(0, "best", pd.Series(best, index=names))
    order = np.argsort(-np.median(merit, axis=1), kind="stable")
    table = pd.DataFrame(table.loc[[names[i] for i in order]])
    table.insert(0, "rank", np.arange(1, len(names) + 1))
    return table


def _differences(draws: pd.DataFrame, ranked: list[str], by: str) -> pd.DataFrame:
    merit, error = _merit(draws, ranked, by), _errors(draws, ranked, by)
    noise = np.random.default_rng(2).standard_normal((200, *merit.shape))
    noisy = merit + error * noise  # (200, n_layouts, n_draws)
    rows = []
    for i in range(len(ranked)):
        for j in range(i + 1, len(ranked)):
            middle = float(np.median(np.abs(merit[j])))
            gap = float(np.median(merit[i] - merit[j]))
            relative = gap / middle if middle > 0 and np.isfinite(gap) else np.inf
            sure = float((noisy[:, i] > noisy[:, j]).mean())
            rows.append(
                {
                    "better": ranked[i],
                    "worse": ranked[j],
                    "difference": relative,
                    "probability": sure,
                    "matters": bool(relative >= MATTERS and sure >= _CLEAR),
                }
            )
    columns = ["better", "worse", "difference", "probability", "matters"]
    return pd.DataFrame(rows, columns=columns)
