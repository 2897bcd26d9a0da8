"""What the tabs of a page share while it is open: workers, and the state that is kept."""

from dataclasses import dataclass, field

from scr.errors import ScrError
from scr.layout_page.background import Background
from scr.layout_page.board import Board
from scr.layout_page.desk import PRESENT, Desk
from scr.layout_page.kept_state import KeptState, read_state, write_state
from trap_layouts.editing import named


@dataclass(eq=False)
class Office:
    """Workers, and the states of tabs.

    Parameters
    ----------
    desk
        The plan.
    information, search
        Threads for standard errors and comparisons, and for searches.
    states
        What each tab showed last, by its name; the newest last.
    trouble
        Why changes cannot be kept, or empty.
    written
        Whether the newest state is kept beside the plan.
    """

    desk: Desk
    information: Background = field(default_factory=Background)
    search: Background = field(default_factory=Background)
    states: dict[str, KeptState] = field(default_factory=dict)
    trouble: str = ""
    written: bool = True

    def state_of(self, name: str) -> KeptState:
        """What a tab is to show: what it showed last, or what was kept, or the start.

        Parameters
        ----------
        name
            Of the tab.
        """
        if name in self.states:
            return self.states[name]
        if self.states:
            return next(reversed(self.states.values()))
        try:
            kept = read_state(self.desk)
        except ScrError as error:
            self.trouble, kept = str(error), None
        return kept or KeptState(Board(named(self.desk.start, PRESENT), self.desk.fixed))

    def keep(self, name: str, state: KeptState) -> None:
        """Keep what a tab shows for when it is loaded again.

        Parameters
        ----------
        name
            Of the tab.
        state
            What it shows.
        """
        self.states.pop(name, None)
        self.states[name] = state
        self.written = False

    def write(self) -> None:
        """Keep what was shown last beside the plan, as far as that can be."""
        if self.trouble or self.written or not self.states:
            return
        self.written = True
        try:
            write_state(self.desk, next(reversed(self.states.values())))
        except ScrError as error:
            self.trouble = (
                f"Changes are not kept when the page is closed; save the layout as a file. {error}"
            )

    def close(self) -> None:
        """Keep the state, and let the workers go."""
        self.write()
        for worker in (self.information, self.search):
            worker.pool.shutdown(wait=False, cancel_futures=True)
