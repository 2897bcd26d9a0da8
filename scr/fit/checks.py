"""Checks: a number, the limit it must keep, and what to do where it does not."""

import warnings
from dataclasses import dataclass

from scr.errors import ScrWarning


@dataclass(frozen=True)
class Check:
    """One check of a fit.

    Parameters
    ----------
    name
        What was checked, such as ``"k_hat"`` or ``"mask_wider"``.
    value
        The number found; NaN where the check could not be made.
    limit
        The number it is compared with.
    passed
        Whether it kept the limit, or could not be made.
    message
        The number in words, and the remedy where it did not pass.
    is_note
        Whether the reader should be told even where it passed.
    """

    name: str
    value: float
    limit: float
    passed: bool
    message: str
    is_note: bool = False

    @property
    def is_told(self) -> bool:
        """Whether the message belongs beside the results, and not in the table of checks alone."""
        return self.is_note or not self.passed


def warn_of(checks: tuple[Check, ...], category: type[ScrWarning]) -> None:
    """One warning for each check that did not pass.

    Parameters
    ----------
    checks
        Checks of one kind.
    category
        Class of the warnings.
    """
    for check in checks:
        if not check.passed:
            warnings.warn(check.message, category, stacklevel=3)
