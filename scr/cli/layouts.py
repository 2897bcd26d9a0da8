"""``scr layouts``: generate, compare, optimise, trade-off and power."""

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import trap_layouts
from scr.cli.csv_files import write_csv
from scr.cli.kept_inputs import check_not_read
from scr.cli.layout_choice import Choice, lines_of, problem_of, read_layouts, read_places
from scr.cli.layout_options import (
    Balance,
    Cameras,
    Candidates,
    Criterion,
    Exchanges,
    Fixed,
    Kicks,
    LayoutFiles,
    Least,
    Most,
    Network,
    OfGrid,
    Out,
    PlanFile,
    Reach,
    Rivals,
    Seed,
    Starts,
)
from scr.cli.messages import say, show_table
from scr.errors import LayoutError
from scr.fit.progress import progress_line
from trap_layouts.pattern_names import PATTERNS, pattern_points

if TYPE_CHECKING:
    from trap_layouts.assumptions import Assumptions
    from trap_layouts.comparison import Comparison
    from trap_layouts.layout import Layout
    from trap_layouts.plan import Plan
    from trap_layouts.search import Optimised

_HEADINGS = {"rule_rse": "RSE by the rule, %", "rse": "RSE, %"}

app = typer.Typer(
    no_args_is_help=True, help="Layouts of traps: which cameras where, before fieldwork."
)


def _of(module: str) -> Any:
    """A module of trap_layouts, loaded when it is used: help needs none."""
    return import_module(f"trap_layouts.{module}")


@app.command()
def generate(
    plan: PlanFile,
    *,
    out: Out,
    pattern: Annotated[str, typer.Option(help=f"One of {', '.join(PATTERNS)}.")] = "square",
    spacing: Annotated[float, typer.Option(help="Between neighbours, metres.")] = 5000.0,
    stations: Annotated[int | None, typer.Option(help="Number of stations (balanced).")] = None,
    side: Annotated[int, typer.Option(help="Stations along a cluster's edge.")] = 3,
    gap: Annotated[float, typer.Option(help="Between clusters, or lines, metres.")] = 15_000.0,
    apart: Annotated[float, typer.Option(help="Within a pair, metres.")] = 1000.0,
    rotation: Annotated[float, typer.Option(help="Degrees counter-clockwise.")] = 0.0,
    network: Network = None,
    reach: Reach = 500.0,
    least: Least = 0.0,
    fixed: Fixed = None,
    cameras: Cameras = 2,
    seed: Seed = 1,
) -> None:
    """Lay a pattern of stations into the reserve and write it."""
    check_not_read(out, plan, network, fixed)
    told = trap_layouts.read_plan(plan)
    lines = lines_of(network, told)
    _check_pattern(pattern, stations=stations, network=network)
    points = pattern_points(
        pattern,
        trap_layouts.allowed_area(told.reserve, exclude=told.exclude),
        {"spacing": spacing, "side": side, "gap": gap, "apart": apart, "rotation": rotation},
        stations=stations,
        lines=lines,
        seed=seed,
    )
    layout = trap_layouts.place(
        out.stem,
        points,
        reserve=told.reserve,
        exclude=told.exclude,
        network=None if pattern == "lines" else lines,
        reach=reach,
        least=least,
        fixed=None if fixed is None else read_places(fixed, told),
        cameras=cameras,
    )
    trap_layouts.write_layout(layout, out)
    say(f"{out}: {len(layout)} stations, {layout.n_cameras} cameras.")
    if cut := _of("cut_groups").cut_groups(
        pattern, points, spacing=spacing, side=side, apart=apart
    ):
        say(f"{cut} to fit {told.reserve.name}.")
    if _of("criteria_in_words").in_a_line(layout.xy):
        say(
            "The stations stand nearly in a line: density then hangs on home ranges being round. "
            "A second line beside it would tell."
        )


@app.command()
def compare(
    plan: PlanFile,
    layouts: LayoutFiles,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")] = Path("compared"),
    by: Annotated[str | None, typer.Option(help="Criterion to rank by; rse if left out.")] = None,
    change: Annotated[
        float | None,
        typer.Option(
            help="Change of N to be detected, such as -0.3; that of the plan if left out."
        ),
    ] = None,
    draws: Annotated[int, typer.Option(help="Sets of uncertain parameters.")] = 20,
    seed: Seed = 1,
) -> None:
    """Judge layouts side by side: a table, a figure, a ranking."""
    check_not_read(out, plan, *layouts)
    told = trap_layouts.read_plan(plan)
    read = read_layouts(layouts, told)
    assumptions = told.assume(told.mask_round(read), n_draws=draws)
    with progress_line("Comparing", shown=sys.stderr.isatty()) as report:
        found = trap_layouts.compare(
            read,
            assumptions,
            reserve=told.reserve,
            prices=told.prices,
            change=told.studying(change=change).change,
            by=by,
            seed=seed,
            report=report,
        )
    write_csv(out / "comparison.csv", found.table, index_label="layout")
    write_csv(out / "differences.csv", found.differences)
    trap_layouts.draw_comparison(
        found,
        out / "comparison.png",
        title=told.title,
        around=_of("surroundings").surroundings_of(told, _extent(assumptions)),
    )
    _show(found)
    say(found.conclusion())
    for sentence in _of("second_camera").second_cameras(found.table):
        say(sentence)
    say(f"Written to {out}: comparison.csv, differences.csv, comparison.png.")


@app.command()
def optimise(
    plan: PlanFile,
    *,
    out: Out,
    candidates: Candidates = None,
    spacing: OfGrid = 1000.0,
    stations: Most = None,
    budget: Annotated[
        float | None, typer.Option(help="Most that stations may cost, by the plan's prices.")
    ] = None,
    criterion: Criterion = "rse",
    network: Network = None,
    reach: Reach = float("inf"),
    least: Least = 0.0,
    balance: Balance = 0.0,
    fixed: Fixed = None,
    cameras: Cameras = 2,
    starts: Starts = 4,
    kicks: Kicks = 20,
    exchanges: Exchanges = 60,
    rival: Rivals = None,
    seconds: Annotated[float | None, typer.Option(help="Time limit.")] = None,
    seed: Seed = 1,
) -> None:
    """Choose the best stations among candidates; Ctrl-C keeps the best so far."""
    check_not_read(out, plan, candidates, network, fixed, *(rival or []))
    told = trap_layouts.read_plan(plan)
    places, assumptions, constraints = problem_of(
        told,
        Choice(
            candidates=candidates,
            spacing=spacing,
            network=network,
            reach=reach,
            fixed=fixed,
            cameras=cameras,
            stations=stations,
            least=least,
            balance=balance,
            budget=budget,
            rivals=tuple(rival or []),
        ),
    )
    with progress_line("Choosing stations", shown=sys.stderr.isatty()) as report:
        found = trap_layouts.optimise(
            places,
            assumptions,
            constraints,
            criterion=criterion,
            reserve=told.reserve,
            n_starts=starts,
            n_kicks=kicks,
            n_exchanges=exchanges,
            rivals=[read_places(file, told) for file in rival or []],
            seconds=seconds,
            seed=seed,
            name=out.stem,
            report=report,
        )
    _write_choice(found, out, told, assumptions=assumptions, places=places)


def _write_choice(
    found: "Optimised",
    out: Path,
    plan: "Plan",
    *,
    assumptions: "Assumptions",
    places: "Layout",
) -> None:
    trap_layouts.write_layout(found.layout, out)
    figure = out.with_suffix(".png")
    trap_layouts.draw_layout(
        found.layout,
        assumptions,
        figure,
        reserve=plan.reserve,
        candidates=places,
        title=out.stem,
        around=_of("surroundings").surroundings_of(plan, _extent(assumptions)),
    )
    if not found.finished:
        say("Stopped early: the best so far is kept.")
    say(
        f"{len(found.layout)} of {len(places)} places, site cost {found.cost:,.0f}: "
        f"{found.counts.animals:.1f} animals expected to be photographed, "
        f"{found.counts.recaptures:.1f} recaptures; {found.in_words()}, "
        f"after {found.seconds:.0f} s."
    )
    counts = {"animals": found.counts.animals, "recaptures": found.counts.recaptures}
    rse = {"rse": found.score} if found.criterion == "rse" else {}
    say(" ".join(_of("criteria_in_words").remarks(found.layout, counts | rse)))
    say(f"Written: {out}, {figure}.")


@app.command("trade-off")
def trade_off(
    plan: PlanFile,
    *,
    budgets: Annotated[
        list[float], typer.Option("--budget", help="A budget, by the plan's prices; name several.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")] = Path("trade_off"),
    candidates: Candidates = None,
    spacing: OfGrid = 1000.0,
    stations: Most = None,
    criterion: Criterion = "rse",
    network: Network = None,
    reach: Reach = float("inf"),
    least: Least = 0.0,
    balance: Balance = 0.0,
    fixed: Fixed = None,
    cameras: Cameras = 2,
    starts: Starts = 2,
    kicks: Kicks = 5,
    exchanges: Exchanges = 20,
    seed: Seed = 1,
) -> None:
    """Choose the best stations for each of several budgets: cost against precision."""
    check_not_read(out, plan, candidates, network, fixed)
    told = trap_layouts.read_plan(plan)
    if told.prices is None:
        msg = (
            f"{plan} has no [prices], by which stations cost. Add them, or use optimise --stations."
        )
        raise LayoutError(msg)
    places, assumptions, constraints = problem_of(
        told,
        Choice(
            candidates=candidates,
            spacing=spacing,
            network=network,
            reach=reach,
            fixed=fixed,
            cameras=cameras,
            stations=stations,
            least=least,
            balance=balance,
        ),
    )
    with progress_line("Choosing stations", shown=sys.stderr.isatty()) as report:
        front, found = trap_layouts.trade_off(
            places,
            assumptions,
            constraints,
            budgets=budgets,
            criterion=criterion,
            reserve=told.reserve,
            n_kicks=kicks,
            n_exchanges=exchanges,
            n_starts=starts,
            seed=seed,
            report=report,
        )
    write_csv(out / "trade_off.csv", front)
    trap_layouts.draw_trade_off(front, out / "trade_off.png")
    for best in found:
        trap_layouts.write_layout(best.layout, out / f"budget_{best.layout.name}.csv")
    columns = [c for c in ("budget", "cost", "stations", "rule_rse", "rse") if c in front.columns]
    rows = [
        [_of("criteria_in_words").shown_value(c, row[c]) for c in columns]
        for row in front.to_dict("records")
    ]
    show_table([_HEADINGS.get(column, column) for column in columns], rows)
    say(f"Written to {out}: trade_off.csv, trade_off.png, a layout for each budget.")


def _check_pattern(name: str, *, stations: int | None, network: Path | None) -> None:
    needs = {"balanced": ("--stations", stations), "lines": ("--network", network)}
    option, given = needs.get(name, ("", True))
    if given is None:
        msg = f"--pattern {name} needs {option}."
    elif name not in PATTERNS:
        msg = f"--pattern {name} is not known. Use one of {', '.join(PATTERNS)}."
    else:
        return
    raise LayoutError(msg)


def _show(found: "Comparison") -> None:
    """The table in words and per cent, and what to think of each layout."""
    headings = {
        "stations": "stations",
        "animals": "animals",
        "recaptures": "recaptures",
        "rse": "RSE, %",
        "power": "power, %",
        "cost": "cost",
    }
    if found.by not in {*headings, "rse"}:
        headings[found.by] = _of("criteria_in_words").words_of(found.by)
    columns = [column for column in headings if column in found.table.columns]
    rows = [
        [
            str(name),
            *(_of("criteria_in_words").shown_value(column, row[column]) for column in columns),
        ]
        for name, row in zip(found.table.index, found.table.to_dict("records"), strict=True)
    ]
    show_table(
        ["layout", *(headings[c] for c in columns)],
        rows,
        title=f"Best first by {_of('criteria_in_words').words_of(found.by)}",
    )
    say(
        "Animals are those expected to be photographed, recaptures the further detections of them. "
        "RSE is the relative standard error of the number of animals, by expected information. "
        "comparison.csv has more."
    )
    by_name = {layout.name: layout for layout in found.layouts}
    layouts = {str(name): by_name[str(name)] for name in found.table.index}
    for name, layout in layouts.items():
        table = found.table.loc[[name]]
        told = {of: table[of].iloc[0] for of in ("animals", "recaptures", "rse")}
        say(f"{name}. {' '.join(_of('criteria_in_words').remarks(layout, told))}")


def _extent(assumptions: "Assumptions") -> tuple[float, float, float, float]:
    """West, south, east and north of the mask, metres."""
    (west, south), (east, north) = (
        getattr(assumptions.mask.xy, end)(axis=0).tolist() for end in ("min", "max")
    )
    return west, south, east, north
