"""Evaluation in which a warning is an error, for threads that fit models side by side."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import numpy as np

from scr.errors import ScrWarning

_ONE_AT_A_TIME = Lock()
"""What Python does about warnings is the same in all threads: one changes it at a time."""

_OF_OTHERS = (RuntimeWarning, ScrWarning)
"""Warnings that other threads may give meanwhile; arithmetic is watched by NumPy, in each apart."""


@contextmanager
def strictly() -> Iterator[None]:
    """Raise what is warned of, and arithmetic that has no result.

    Raises
    ------
    FloatingPointError
        At a division by zero, an overflow, or a logarithm of what is not above 0.
    Warning
        The first warning, at the end.

    Examples
    --------
    >>> with strictly():
    ...     np.log(np.zeros(1))
    Traceback (most recent call last):
    FloatingPointError: divide by zero encountered in log
    """
    arithmetic = np.errstate(divide="raise", over="raise", invalid="raise")
    with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with arithmetic:
            yield
    for found in caught:
        if not issubclass(found.category, _OF_OTHERS) and isinstance(found.message, Warning):
            raise found.message
