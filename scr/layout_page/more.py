"""Kept layouts, patterns, improving and what leaves the page, connected to their buttons."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from scr.errors import LayoutError, ScrError
from scr.io.whole_files import check_file_names, file_name
from scr.layout_page.background import Stoppable
from scr.layout_page.board import Board
from scr.layout_page.desk import PRESENT, START
from scr.layout_page.edits import bettered, laid
from scr.layout_page.outputs import (
    commands,
    comparison_picture,
    comparison_table,
    download,
    plan_name,
    plan_with,
)
from scr.layout_page.summary import summary_page
from scr.layout_page.tab import Tab
from trap_layouts.comparison import Comparison, compare
from trap_layouts.editing import named
from trap_layouts.files import layout_as
from trap_layouts.layout import Layout

_LONGEST = 40


def connect_more(tab: Tab) -> Callable[[], None]:
    """Connect what stands below the map.

    Parameters
    ----------
    tab
        The tab, opened.

    Returns
    -------
    callable
        To be called when the tab is gone: it stops what still works for it.
    """
    widgets, pressed = tab.widgets, tab.pressed
    stoppable = Stoppable(tab.doc, partial(_progress, tab))
    widgets["add"].on_change("active", lambda _attr, _old, _new: _adding(tab))
    widgets["keep"].on_click(pressed(lambda: _keep(tab)))
    widgets["go_back"].on_click(pressed(lambda: _go_back(tab)))
    widgets["forget"].on_click(pressed(lambda: _forget(tab)))
    widgets["compare"].on_click(pressed(lambda: _compare(tab, lambda _: None)))
    widgets["lay"].on_click(pressed(lambda: _lay(tab)))
    widgets["improve"].on_click(pressed(lambda: _improve(tab, stoppable)))
    widgets["stop"].on_click(stoppable.stop.set)
    for ending in ("csv", "gpkg", "gpx"):
        widgets[ending].on_click(pressed(partial(_save_layouts, tab, f".{ending}", only=True)))
    widgets["all_csv"].on_click(pressed(lambda: _save_layouts(tab, ".csv", only=False)))
    widgets["plan"].on_click(pressed(lambda: _save_plan(tab)))
    widgets["summary"].on_click(pressed(lambda: _compare(tab, partial(_save_summary, tab))))
    _list_kept(tab)
    return stoppable.stop.set


def _progress(tab: Tab, line: str) -> None:
    tab.widgets["progress"].text = escape(line)


def _adding(tab: Tab) -> None:
    adding = tab.widgets["add"].active
    for tool in tab.view.plot.tools:
        if type(tool).__name__ == "PointDrawTool":
            tool.add = adding
    told = "Tap the map where a station is to stand." if adding else tab.desk.rules.in_words()
    tab.say(told)


def _all_layouts(tab: Tab) -> list[Layout]:
    return [named(tab.board.layout, PRESENT), tab.desk.start, *tab.kept.values()]


def _list_kept(tab: Tab, chosen: str = "") -> None:
    names = list(tab.kept)
    tab.widgets["kept"].options = names
    tab.widgets["kept"].value = chosen if chosen in names else (names[-1] if names else "")
    shell, python = commands(tab.desk, _all_layouts(tab))
    note = ""
    if "fit" in tab.desk.plan.tables.get("parameters", {}):
        note = (
            "<p>The plan has the parameters of a fit: the page takes the median of each, and the "
            "command the spread over them.</p>"
        )
    tab.widgets[
        "commands"
    ].text = f"{note}<pre id='shell'>{escape(shell)}</pre><pre id='python'>{escape(python)}</pre>"


def _keep(tab: Tab) -> None:
    name = tab.widgets["keep_name"].value.strip()
    if not name or len(name) > _LONGEST or not file_name(name).strip("-."):
        msg = (
            f"Type a name of at most {_LONGEST} letters for the present layout, and press Keep it."
        )
        raise LayoutError(msg)
    others = [one for one in tab.kept if one != name]
    check_file_names([PRESENT, START, *others, name], "layouts")
    if name in {PRESENT, START}:
        msg = f"{name} is what the page itself calls a layout. Take another name."
        raise LayoutError(msg)
    tab.kept[name] = named(tab.board.layout, name)
    _list_kept(tab, name)
    tab.refresh()
    tab.say(f"Kept as {name}.")


def _chosen_kept(tab: Tab) -> str:
    name: str = tab.widgets["kept"].value
    if name not in tab.kept:
        msg = "No layout is kept yet. Type a name and press Keep it."
        raise LayoutError(msg)
    return name


def _go_back(tab: Tab) -> None:
    name = _chosen_kept(tab)
    layout = named(tab.kept[name], PRESENT)
    locked = (tab.board.locked | tab.desk.fixed) & frozenset(layout.traps.names)
    tab.change(Board(layout, locked), f"Back to {name}.")


def _forget(tab: Tab) -> None:
    name = _chosen_kept(tab)
    del tab.kept[name]
    _list_kept(tab)
    tab.refresh()
    tab.say(f"{name} is no longer kept.")


def _lay(tab: Tab) -> None:
    widgets = tab.widgets
    spacing, gap = widgets["spacing"].value, widgets["gap"].value
    if spacing is None or gap is None:
        msg = "Type a spacing in metres first."
        raise LayoutError(msg)
    board = laid(tab.desk, tab.board, widgets["pattern"].value, spacing=spacing, gap=gap)
    tab.view.stations.selected.indices = []
    tab.change(board, f"{len(board.layout)} stations laid.")


def _compare(tab: Tab, then: Callable[[Comparison], None]) -> None:
    desk, layouts, assumptions = tab.desk, _all_layouts(tab), tab.ground.assumptions
    stoppable = Stoppable(tab.doc, partial(_progress, tab))
    tab.widgets["compare"].disabled = True
    tab.widgets["summary"].disabled = True
    _progress(tab, "Comparing layouts ...")

    def work() -> tuple[Comparison, str]:
        found = compare(
            layouts,
            assumptions,
            reserve=desk.plan.reserve,
            prices=desk.plan.prices,
            change=desk.plan.change,
            report=stoppable.report,
        )
        return found, comparison_picture(found, "")

    def done(told: Any, error: ScrError | None) -> None:
        tab.widgets["compare"].disabled = False
        tab.widgets["summary"].disabled = False
        _progress(tab, "")
        if error is not None:
            tab.say(str(error), refused=True)
            return
        found, picture = told
        tab.widgets["compared"].text = (
            f"<p>{escape(found.conclusion())}</p>{comparison_table(found)}"
            f'<img alt="Maps of the layouts and their precision" src="{picture}">'
        )
        then(found)

    tab.office.information.start(tab.doc, work, done)


def _improve(tab: Tab, stoppable: Stoppable) -> None:
    widgets, board, desk = tab.widgets, tab.board, tab.desk
    spacing = widgets["places"].value
    if spacing is None:
        msg = "Type the spacing of the grid of places in metres first."
        raise LayoutError(msg)
    stoppable.stop.clear()
    widgets["improve"].disabled, widgets["stop"].disabled = True, False
    _progress(tab, "Looking at the places ...")
    work = partial(
        bettered,
        desk,
        board,
        tab.ground.assumptions,
        criterion=widgets["criterion"].value,
        spacing=spacing,
        report=stoppable.report,
    )

    def done(found: Board | None, error: ScrError | None) -> None:
        widgets["improve"].disabled, widgets["stop"].disabled = False, True
        _progress(tab, "")
        if error is not None:
            tab.say(str(error), refused=True)
            return
        if found is None:
            tab.say("Stopped before anything better was found.")
            return
        new = found.layout.xy.tolist()
        moved = sum(place not in new for place in board.layout.xy.tolist())
        early = "Stopped; the best so far is shown. " if stoppable.stop.is_set() else ""
        tab.view.stations.selected.indices = []
        if moved:
            tab.change(found, f"{early}{moved} of {len(found.layout)} stations were moved.")
        else:
            tab.say(f"{early}Nothing better was found.")

    tab.office.search.start(tab.doc, work, done)


def _save(tab: Tab, name: str, content: bytes) -> None:
    field = tab.widgets["download"]
    count = field.tags[0] + 1 if field.tags else 1
    field.tags = [count]
    field.value = download(name, content, count)


def _save_layouts(tab: Tab, ending: str, *, only: bool) -> None:
    layouts = _all_layouts(tab)[: 1 if only else None]
    for layout in layouts:
        _save(tab, f"{file_name(layout.name)}{ending}", layout_as(layout, ending))


def _save_plan(tab: Tab) -> None:
    _save(tab, plan_name(tab.desk), plan_with(tab.desk, tab.values).encode("utf-8"))
    tab.say(f"Save {plan_name(tab.desk)} beside {tab.desk.path.name}, whose files it names.")


def _save_summary(tab: Tab, found: Comparison) -> None:
    page = summary_page(tab.desk, found, tab.values)
    _save(tab, f"{file_name(tab.desk.path.stem)}_summary.html", page.encode("utf-8"))
