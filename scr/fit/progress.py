"""One line on the terminal that says how far a fit has come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def progress_line(label: str, *, shown: bool) -> Iterator[Callable[[str], None]]:
    """A line with a spinner on standard error, gone at the end.

    Parameters
    ----------
    label
        What is going on.
    shown
        False for silence.

    Yields
    ------
    Callable
        Replaces what stands after the label.
    """
    if not shown:
        yield lambda _: None
        return
    with Console(stderr=True).status(label) as status:
        yield lambda text: status.update(f"{label}: {text}")
