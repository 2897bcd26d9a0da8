"""What surveys of layouts will show: power over years, the effort it needs, simulated studies."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import typer

import trap_layouts
from scr.cli.csv_files import write_csv
from scr.cli.kept_inputs import check_not_read
from scr.cli.layout_choice import read_layouts
from scr.cli.messages import say, show_table
from scr.errors import LayoutError
from scr.fit.progress import progress_line
from trap_layouts.editing import joined
from trap_layouts.monitoring import Monitoring
from trap_layouts.needed import Places, needed_effort
from trap_layouts.site_rules import allowed_places, rules_of
from trap_layouts.trend_information import PowerOverYears, power_over_years

if TYPE_CHECKING:
    from trap_layouts.layout import Layout
    from trap_layouts.plan import Plan
    from trap_layouts.power import Scenario

_GRID_BY_SIGMA = 1.0
_UNITS = {"surveys": "surveys", "days": "days a survey", "stations": "stations"}


def study_power(
    plan: Path,
    layouts: list[Path],
    out: Path,
    *,
    monitored: dict[str, Any],
    target: float | None,
    simulated: dict[str, Any],
) -> None:
    """Say the power of plans, simulate and fit their surveys, and write what was found.

    Parameters
    ----------
    plan, layouts
        Files.
    out
        Folder of the study.
    monitored
        What of the monitoring plan is given here: ``Plan.studying``.
    target
        Power to search the effort for, or None.
    simulated
        ``n_repeats`` (0 for none), ``engine``, ``seed``, ``n_workers`` and ``scheduler`` of
        ``run_study``.
    """
    check_not_read(out, plan, *layouts)
    told = trap_layouts.read_plan(plan).studying(**monitored)
    seed, repeats = simulated["seed"], simulated["n_repeats"]
    read = read_layouts(layouts, told)
    scenarios = told.scenarios(read)
    if isinstance(told.change, Monitoring):
        _show_years(scenarios, out, seed=seed)
        if target is not None:
            _search(read, told, out, target=target, seed=seed)
    elif target is not None:
        msg = (
            "--target searches for the surveys, days and stations of a monitoring plan, and there "
            "is none. Give years and a change: --year 2026 --year 2028 --year 2030 --change -0.3."
        )
        raise LayoutError(msg)
    if repeats == 0:
        return
    with typer.progressbar(length=len(scenarios) * repeats, label="Surveys") as bar:

        def report(done: int, _: int) -> None:
            bar.update(done - bar.pos)

        results = trap_layouts.run_study(scenarios, out, report=report, **simulated)
    single = None if isinstance(told.change, Monitoring) else told.change
    table = trap_layouts.summarise(results, change=single)
    write_csv(out / "summary.csv", table)
    _show_study(table, change=told.change)
    say(f"Written to {out}: results.parquet, summary.csv.")


def _show_years(scenarios: "list[Scenario]", out: Path, *, seed: int) -> None:
    """Power over years by expected information, of every scenario."""
    rows = []
    for scenario in scenarios:
        if scenario.monitoring is None:
            continue
        found = power_over_years(
            [scenario.layout, *scenario.others],
            scenario.assumptions,
            scenario.monitoring,
            seed=seed,
        )
        say(f"{scenario.name}, {found.in_words()}.")
        rows.append(_row_of(scenario.name, found))
    write_csv(out / "power.csv", pd.DataFrame(rows))
    say(
        "By expected information, of fits that share detection over years. Each year has animals "
        "of its own in the model: those that live on make a change of the animals there were "
        "easier to see, and places that are good one year and poor the next make it harder."
    )
    say(f"Written to {out}: power.csv.")


def _row_of(name: str, found: PowerOverYears) -> dict[str, float | str | int]:
    plan = found.monitoring
    return {
        "scenario": name,
        "first_year": plan.years[0],
        "last_year": plan.years[-1],
        "surveys": len(plan.years),
        "change": plan.change,
        "yearly_change": plan.yearly,
        "power": found.power,
        "power_error": found.power_error,
        "change_lower": found.lower,
        "change_upper": found.upper,
    }


def _search(layouts: "list[Layout]", plan: "Plan", out: Path, *, target: float, seed: int) -> None:
    """Say how many surveys, days and stations give the power that is wanted."""
    monitoring = plan.change
    if not isinstance(monitoring, Monitoring):
        return
    in_turn = plan.tables.get("study", {}).get("stations", "same") == "other"
    places = _places(plan, layouts)
    assumptions = plan.assume(plan.mask_round([*layouts, places.candidates]), n_draws=1000).centre()
    tables = []
    for together in [layouts] if in_turn else [[layout] for layout in layouts]:
        name = ", then ".join(layout.name for layout in together)
        with progress_line("Searching", shown=sys.stderr.isatty()) as report:
            found = needed_effort(
                together,
                assumptions,
                monitoring,
                target=target,
                places=places,
                seed=seed,
                report=report,
            )
        say(f"{name}: for a power of {100 * target:.0f} %, all else as planned:")
        for row in found.itertuples():
            say(f"  {_needed_in_words(row, monitoring)}")
        tables.append(found.assign(layout=name))
    write_csv(out / "needed.csv", pd.concat(tables, ignore_index=True))
    say(f"Written to {out}: needed.csv. The stations are chosen anew, by the rule of thumb.")


def _needed_in_words(row: Any, plan: Monitoring) -> str:
    power = f"{100 * row.power:.0f} % (± {100 * row.power_error:.1f})"
    unit = _UNITS[row.of]
    if not np.isfinite(row.needed):
        return f"no number of {unit} up to {row.tried:.0f}, which reach {power}"
    also = ""
    if row.of == "surveys":
        longer = plan.going_on(int(row.needed))
        also = f", until {longer.years[-1]}, {100 * longer.change:+.0f} % in all by then"
    if row.of == "days" and row.needed > 2 * row.now:
        also = "; over so long a time animals come and go, which the model does not know"
    return f"{row.needed:.0f} {unit} in place of {row.now:.0f}: {power}{also}"


def _places(plan: "Plan", layouts: "list[Layout]") -> Places:
    """Where stations may stand by the plan: its candidates, or a grid of one sigma."""
    rules = rules_of(plan)
    candidates = rules.candidates
    if candidates is None:
        sigma = plan.values().get("sigma", 2500.0)
        grid = trap_layouts.square_grid(
            rules.area, spacing=max(_GRID_BY_SIGMA * sigma, rules.least)
        )
        cameras = int(np.median(np.concatenate([layout.cameras for layout in layouts])))
        candidates = trap_layouts.make_layout(
            "candidates", allowed_places(rules, grid), crs=plan.crs, cameras=cameras
        )
    n_fixed = 0
    if rules.fixed is not None:
        n_fixed = len(rules.fixed)
        candidates = joined(rules.fixed, candidates)
    constraints = trap_layouts.Constraints(fixed=list(range(n_fixed)), least_spacing=rules.least)
    return Places(candidates, plan.reserve, constraints)


def _show_study(table: pd.DataFrame, *, change: "Monitoring | float | None") -> None:
    """What the simulated surveys showed, with Monte Carlo errors, in per cent."""
    columns = {"bias": "bias", "rse": "RSE", "coverage": "coverage"}
    if "power" in table:
        columns["power"] = "power"
    rows = [
        [
            str(row["scenario"]),
            f"{row['failures']:.0f} of {row['surveys']:.0f}",
            f"{row['animals']:.1f}",
            *(_with_error(row[name], row[f"{name}_error"]) for name in columns),
        ]
        for row in table.to_dict("records")
    ]
    show_table(["scenario", "failed", "animals", *columns.values()], rows)
    told = "All but animals in per cent, ± Monte Carlo error. RSE is the median of the fits."
    if isinstance(change, Monitoring):
        told += (
            f" N is that of {change.years[0]}; power is the share of fits that show the change, "
            "animals are those of all years."
        )
    elif change is not None:
        told += f" Power is that of two such surveys to show a change of {100 * change:+.0f} %."
    say(told)


def _with_error(value: float, error: float) -> str:
    return "-" if not np.isfinite(value) else f"{100 * value:.1f} ± {100 * error:.1f}"
