"""What the user sees: plain lines, faults in red, and warnings without a traceback."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scr.checking.keys_in_words import as_keys
from scr.errors import ScrWarning


def say(message: str, *, style: str = "") -> None:
    """Print a line on standard output.

    Parameters
    ----------
    message
        Text; arguments of functions in it become keys of survey.toml.
    style
        A rich style.
    """
    _console().print(Text(as_keys(message), style=style), soft_wrap=True)


def complain(message: str, *, style: str = "bold red") -> None:
    """Print a line on standard error.

    Parameters
    ----------
    message
        Text; arguments of functions in it become keys of survey.toml.
    style
        A rich style.
    """
    _console(stderr=True).print(Text(as_keys(message), style=style), soft_wrap=True)


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str | None = None,
    words: bool = False,
) -> None:
    """Print a table.

    Parameters
    ----------
    columns
        Headings.
    rows
        Texts, one per column.
    title
        Printed above.
    words
        Whether columns after the first hold words, which stand to the left; numbers to the right.
    """
    table = Table(box=box.SIMPLE, title=title, title_justify="left", title_style="bold")
    for position, heading in enumerate(columns):
        table.add_column(heading, justify="right" if position and not words else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    _console().print(table)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something is being done, where the output is a terminal.

    Parameters
    ----------
    what
        What is being done.
    """
    with _console(stderr=True).status(Text(f"{what} ...")):
        yield


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Print the package's own warnings as lines, each once, and keep those of libraries quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ScrWarning)
        shown: set[str] = set()

        def show(message: Warning | str, *_: Any, **__: Any) -> None:
            if str(message) not in shown:  # the same is found before a fit and after it
                shown.add(str(message))
                complain(f"Warning: {message}", style="yellow")

        warnings.showwarning = show
        yield


def _console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False)
