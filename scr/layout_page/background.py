"""Work that takes seconds, beside the page: one task at a time of each kind, the newest next."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

from scr.errors import ScrError


@dataclass(eq=False)
class Background:
    """A thread that works for all tabs of a page.

    Parameters
    ----------
    pool
        The thread.
    """

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def start(
        self, doc: Any, work: Callable[[], Any], then: Callable[[Any, ScrError | None], None]
    ) -> None:
        """Work, and tell the tab.

        Parameters
        ----------
        doc
            The tab's document.
        work
            What to do; it may touch nothing of the page.
        then
            Called in the page with what came of it, or with the error.
        """
        self.pool.submit(_run, doc, work, then)


@dataclass(eq=False)
class Stoppable:
    """Tells a search that it is to stop.

    Parameters
    ----------
    doc
        The tab's document.
    tell
        Called in the page with a line on how far it has come.
    stop
        Set to stop it.
    """

    doc: Any
    tell: Callable[[str], None]
    stop: Event = field(default_factory=Event)

    def report(self, line: str) -> None:
        """Pass a line on; to be given to the search as its ``report``.

        Parameters
        ----------
        line
            How far it has come.

        Raises
        ------
        KeyboardInterrupt
            If it is to stop, as Ctrl-C does on the command line: the best so far is kept.
        """
        if self.stop.is_set():
            raise KeyboardInterrupt
        in_page(self.doc, partial(self.tell, line))


def in_page(doc: Any, callback: Callable[[], None]) -> None:
    """Call something in the page, from any thread; nothing happens where the tab was closed.

    Parameters
    ----------
    doc
        The tab's document.
    callback
        What to call.
    """
    with suppress(RuntimeError):
        doc.add_next_tick_callback(callback)


def _run(doc: Any, work: Callable[[], Any], then: Callable[[Any, ScrError | None], None]) -> None:
    try:
        found, error = work(), None
    except ScrError as fault:
        found, error = None, fault
    except KeyboardInterrupt:
        found, error = None, None
    except Exception as fault:  # told in the page, where a thread would be silent
        found, error = None, ScrError(f"{type(fault).__name__}: {fault}")
    in_page(doc, partial(then, found, error))
