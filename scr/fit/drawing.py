"""Draws of the coefficients that are made when they are first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from scr.errors import ConvergenceWarning
from scr.fit.checks import Check, warn_of


@dataclass(frozen=True, eq=False)
class Drawn:
    """Draws and how well they stand for what they are drawn from.

    Parameters
    ----------
    coefficients
        Equal weights, shape (n_draws, n_coefficients).
    checks
        Checks of the draws.
    """

    coefficients: NDArray[np.float64]
    checks: tuple[Check, ...] = ()


class WhenNeeded:
    """A field of a record that holds draws, or makes them at first use and keeps them.

    A maximum likelihood fit takes a few dozen evaluations and its draws a thousand, which most
    fits of a simulation study never need.
    """

    @overload
    def __get__(self, record: None, owner: type) -> "WhenNeeded": ...
    @overload
    def __get__(self, record: Any, owner: type) -> NDArray[np.float64]: ...
    def __get__(self, record: Any, owner: type) -> "WhenNeeded | NDArray[np.float64]":
        """The draws."""
        if record is None:
            raise AttributeError  # so that the field has no default
        return drawn_of(record).coefficients

    def __set__(self, record: Any, value: NDArray[np.float64] | Callable[[], Drawn]) -> None:
        """Keep draws, or the function that makes them."""
        vars(record)["drawn"] = value if callable(value) else Drawn(value)


def drawn_of(record: Any) -> Drawn:
    """The draws of a record with their checks, made now if they have not been.

    Parameters
    ----------
    record
        A record with a field ``WhenNeeded``.

    Warns
    -----
    ConvergenceWarning
        If draws made now do not stand for what they are drawn from.
    """
    drawn: Drawn | Callable[[], Drawn] = vars(record)["drawn"]
    if callable(drawn):
        drawn = drawn()
        vars(record)["drawn"] = drawn
        warn_of(drawn.checks, ConvergenceWarning)
    return drawn
