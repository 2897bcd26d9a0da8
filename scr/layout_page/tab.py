"""One tab of the page: what is shown in it, and what happens when something is pressed or moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scr.errors import ScrError
from scr.layout_page.board import Board, History
from scr.layout_page.desk import Desk
from scr.layout_page.edits import check_loose, edited, taken_away
from scr.layout_page.kept_state import KeptState, whole_occasions
from scr.layout_page.map_view import (
    DENSITY,
    SEEN,
    MapView,
    build_map,
    layers_of,
    show_layer,
    station_columns,
)
from scr.layout_page.numbers import table_of
from scr.layout_page.office import Office
from scr.layout_page.widgets import Widgets, build_widgets
from scr.units import KM2_PER_REPORTED_AREA
from trap_layouts.comparison import criteria_of
from trap_layouts.editing import with_cameras, with_moved
from trap_layouts.following import (
    Followed,
    Ground,
    criteria_followed,
    follow,
    ground_of,
    seen_by,
)
from trap_layouts.layout import Layout
from trap_layouts.site_rules import settled

_QUIET_MS = 400


@dataclass(eq=False)
class Tab:
    """What a tab shows. All its work is done in the page's own thread.

    Parameters
    ----------
    desk, office
        What all tabs share.
    doc
        The tab's document.
    name
        Of the tab, in its address.
    history
        The layout that is being made, and the way back.
    kept
        Layouts kept under a name.
    values
        Assumptions other than the plan's.
    """

    desk: Desk
    office: Office
    doc: Any
    name: str
    history: History
    kept: dict[str, Layout]
    values: dict[str, float]
    view: MapView = field(init=False)
    widgets: Widgets = field(init=False)
    ground: Ground = field(init=False)
    now: Followed = field(init=False)
    first: Mapping[str, float] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)
    slow_first: Mapping[str, float] = field(default_factory=dict)
    trouble: str = ""
    version: int = 0
    told: int = -1
    setting: bool = False

    @property
    def board(self) -> Board:
        """The layout that is being made."""
        return self.history.present

    def open(self) -> None:
        """Build what is shown."""
        self.widgets = build_widgets(self.desk, self.values)
        self.view = build_map(self.desk, self.board)
        self.view.plot.name = "map"
        self.new_ground()
        widgets, pressed = self.widgets, self.pressed
        self.view.stations.on_change("data", self._on_stations)
        widgets["undo"].on_click(pressed(self.undo))
        widgets["redo"].on_click(pressed(self.redo))
        widgets["delete"].on_click(pressed(self.delete))
        widgets["lock"].on_click(pressed(self.lock))
        widgets["cameras"].on_change("active", self._on_cameras)
        widgets["layer"].on_change("value", lambda _attr, _old, _new: self._colour())
        widgets["names"].on_change("active", lambda _attr, _old, _new: self._name())
        widgets["command"].on_change("value", self._on_command)
        for slider in widgets.sliders.values():
            slider.on_change("value_throttled", self._on_slider(slider.name))
        widgets["plan_values"].on_click(pressed(self.plan_values))

    def pressed(self, action: Callable[[], None]) -> Callable[[], None]:
        """An action, with what forbids it told in words.

        Parameters
        ----------
        action
            What is to happen.
        """

        def act() -> None:
            try:
                action()
            except ScrError as error:
                self.say(str(error), refused=True)

        return act

    def say(self, text: str, *, refused: bool = False) -> None:
        """Put a line above the map.

        Parameters
        ----------
        text
            What to say.
        refused
            Whether something was not done.
        """
        colour = "#9b2c1f" if refused else "#1a1a1a"
        said = f'<span data-refused="{int(refused)}" style="color:{colour}">{escape(text)}</span>'
        self.widgets["message"].text = said

    def change(self, board: Board, told: str = "") -> None:
        """Show another board; it can be undone.

        Parameters
        ----------
        board
            The layout.
        told
            What to say.
        """
        if board is not self.board:
            self._show(self.history.changed(board))
        self.say(told or self.desk.rules.in_words())

    def undo(self) -> None:
        """One step back."""
        self._step(self.history.undone(), "Undone.", "There is nothing to undo.")

    def redo(self) -> None:
        """One step forward again."""
        self._step(self.history.redone(), "Done again.", "There is nothing to do again.")

    def chosen(self) -> list[str]:
        """Names of the stations chosen on the map."""
        names = self.view.stations.data["name"]
        return [names[i] for i in self.view.stations.selected.indices if i < len(names)]

    def delete(self) -> None:
        """Take the chosen stations away."""
        names = self._some_chosen()
        if names:
            board = taken_away(self.desk, self.board, set(names))
            self.view.stations.selected.indices = []
            self.change(board, f"Taken away: {', '.join(names)}.")

    def lock(self) -> None:
        """Lock the chosen stations, or unlock them where all are."""
        names = self._some_chosen()
        if not names:
            return
        fixed = [name for name in names if name in self.desk.fixed]
        locked = self.board.locked
        now = locked - set(names) if set(names) <= locked else locked | set(names)
        told = f"Stations that stand already stay locked: {', '.join(fixed)}." if fixed else ""
        board = replace(self.board, locked=now | self.desk.fixed & locked)
        self.change(board, told or f"{len(board.locked)} stations are locked.")

    def plan_values(self) -> None:
        """Go back to the plan's assumptions."""
        self.values.clear()
        fresh = build_widgets(self.desk, {}).sliders
        for key, slider in self.widgets.sliders.items():
            slider.value = fresh[key].value
        self.new_ground()

    def new_ground(self) -> None:
        """Work everything out under the present assumptions."""
        desk, layout = self.desk, self.board.layout
        assumptions = desk.assume(whole_occasions(self.values))
        prices, reserve = desk.plan.prices, desk.plan.reserve
        self.ground = ground_of(layout, assumptions, reserve=reserve, prices=prices)
        self.now = follow(self.ground, layout)
        self.first = criteria_followed(self.ground, follow(self.ground, desk.start))
        self.slow_first = {}
        self.refresh()

    def refresh(self) -> None:
        """Show numbers and colours of the present layout, and have the slow ones worked out."""
        self.version += 1
        self._numbers()
        self._colour()
        self.office.keep(self.name, KeptState(self.board, dict(self.kept), dict(self.values)))
        version = self.version
        self.doc.add_timeout_callback(lambda: self._work_out(version), _QUIET_MS)

    def reopen_map(self) -> None:
        """Put the present layout on the map."""
        self.setting = True
        self.view.stations.data = station_columns(self.board, self.desk.fixed)
        self.setting = False

    def _show(self, history: History) -> None:
        self.now = follow(self.ground, history.present.layout, self.now)
        self.history = history
        self.reopen_map()
        self.refresh()

    def _step(self, history: History, told: str, nothing: str) -> None:
        if history is self.history:
            self.say(nothing)
            return
        self.view.stations.selected.indices = []
        self._show(history)
        self.say(told)

    def _some_chosen(self) -> list[str]:
        names = self.chosen()
        if not names:
            self.say("Choose a station first: tap it, or press N for the next one.")
        return names

    def _on_stations(self, _attr: str, _old: Any, columns: Mapping[str, Any]) -> None:
        if self.setting:
            return
        try:
            board = edited(self.desk, self.board, columns)
        except ScrError as error:
            self.reopen_map()
            self.say(str(error), refused=True)
            return
        if board is not self.board:
            self.change(board)
        elif len(columns["x"]) != len(board.layout):
            self.reopen_map()

    def _on_cameras(self, _attr: str, _old: Any, active: int | None) -> None:
        if active is None:
            return
        names = self.chosen()
        layout = with_cameras(self.board.layout, active + 1, names or None)
        self.widgets["cameras"].active = None
        where = ", ".join(names) if names else "all stations"
        self.change(replace(self.board, layout=layout), f"Cameras at {where}: {active + 1}.")

    def _on_slider(self, key: str) -> Callable[[str, Any, float], None]:
        def slid(_attr: str, _old: Any, value: float) -> None:
            before = dict(self.values)
            self.values[key] = value
            try:
                self.new_ground()
            except ScrError as error:
                self.values.clear()
                self.values.update(before)
                self.say(str(error), refused=True)

        return slid

    def _on_command(self, _attr: str, _old: Any, text: str) -> None:
        """Keys, as the page's script passes them on: a word, perhaps numbers, and a count."""
        word, *numbers = text.split()
        keys = {"undo": self.undo, "redo": self.redo, "delete": self.delete, "lock": self.lock}
        if word in keys:
            self.pressed(keys[word])()
        elif word in {"next", "previous"}:
            n, at = len(self.board.layout), self.view.stations.selected.indices
            step = 1 if word == "next" else -1
            self.view.stations.selected.indices = [(at[0] + step) % n if at else 0]
            self.say(f"Station {self.chosen()[0]}: arrows move it 100 m, with Shift 1 km.")
        elif word == "move" and len(numbers) == 3:
            offset = np.array([float(numbers[0]), float(numbers[1])])
            self.pressed(lambda: self._move_by(offset))()

    def _move_by(self, offset: NDArray[np.float64]) -> None:
        layout, names = self.board.layout, self._some_chosen()
        check_loose(self.desk, self.board, names)
        for name in names:
            at = int(np.flatnonzero(layout.traps.names == name)[0])
            rest = np.setdiff1d(np.arange(len(layout)), [at])
            others = layout.take(rest) if len(rest) else None
            xy = settled(self.desk.rules, layout.xy[at] + offset, others)
            layout = with_moved(layout, {name: xy})
        if names:
            self.change(replace(self.board, layout=layout))

    def _name(self) -> None:
        self.view.names.visible = self.widgets["names"].active

    def _numbers(self) -> None:
        quick = criteria_followed(self.ground, self.now)
        self.widgets["numbers"].text = table_of(
            {**self.slow, **quick},
            {**self.slow_first, **self.first},
            stale=self.told != self.version,
            change=self.desk.plan.change,
            trouble=self.trouble,
        )

    def _colour(self) -> None:
        layer = self.widgets["layer"].value
        mask, ground = self.desk.mask, self.ground
        if layer == SEEN:
            exposed = seen_by(ground, self.now)
            weights = np.maximum(ground.animals.sum(axis=1), 1e-300)
            values = np.average(exposed.detectability, axis=0, weights=weights)
            show_layer(self.view, SEEN, values, (0.0, 1.0))
            return
        if layer == DENSITY:
            values = KM2_PER_REPORTED_AREA * ground.animals.sum(axis=0) / mask.cell_area
        else:
            values = layers_of(self.desk)[layer]
        limits = float(np.nanmin(values)), float(np.nanmax(values))
        show_layer(self.view, layer, values, (0.0 if layer == DENSITY else limits[0], limits[1]))

    def _work_out(self, version: int) -> None:
        """Have the slow numbers worked out, unless the layout has changed meanwhile."""
        if version != self.version:
            return
        self.office.write()
        if self.office.trouble:
            self.say(self.office.trouble, refused=True)
        desk, layout, ground = self.desk, self.board.layout, self.ground
        start = None if self.slow_first else desk.start

        def judge(one: Layout) -> Mapping[str, float]:
            return criteria_of(
                one,
                ground.assumptions,
                reserve=ground.reserve,
                prices=ground.prices,
                change=desk.plan.change,
            )

        def work() -> tuple[Mapping[str, float], Mapping[str, float] | None] | None:
            if version != self.version:
                return None
            found = judge(layout)
            return found, None if start is None else judge(start)

        self.office.information.start(self.doc, work, partial(self._worked_out, version))

    def _worked_out(self, version: int, found: Any, error: ScrError | None) -> None:
        if version != self.version or (found is None and error is None):
            return
        self.told = version
        self.trouble = "" if error is None else f"The standard error is not worked out: {error}"
        self.slow = {} if error is not None else found[0]
        if error is None and found[1] is not None:
            self.slow_first = found[1]
        self._numbers()
