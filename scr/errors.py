"""Everything that ``scr`` raises or warns with."""

import re
from collections.abc import Iterable

_LONGEST_MESSAGE = 5000
_LONGEST_WORD = 500


def _shortened(message: str) -> str:
    """A message without the middle of cells that hold a whole page."""
    if len(message) <= _LONGEST_MESSAGE:
        return message
    words = (w if len(w) <= _LONGEST_WORD else f"{w[:60]}..." for w in re.split(r"(\s)", message))
    short = "".join(words)
    half = _LONGEST_MESSAGE // 2
    return short if len(short) <= _LONGEST_MESSAGE else f"{short[:half]} [...] {short[-half:]}"


class ScrError(ValueError):
    """Input that cannot give a right answer: the message says what was found and what to do.

    Parameters
    ----------
    message
        What was found, what was needed, what to do.
    kind
        A few words for faults of this kind, where it was told.
    source
        Name of the file at fault, where it was told.
    rows
        Rows of the file at fault, as a spreadsheet numbers them.
    """

    def __init__(
        self, message: str, *, kind: str = "", source: str = "", rows: Iterable[int] = ()
    ) -> None:
        super().__init__(_shortened(message))
        self.kind = kind
        self.source = source
        self.rows = tuple(sorted({int(row) for row in rows}))


class SurveyError(ScrError):
    """A fault in traps, usage, detections or individual covariates."""


class MaskError(ScrError):
    """A fault in the habitat mask, a polygon, a raster or a coordinate system."""


class FormulaError(ScrError):
    """A fault in a model specification."""


class FitError(ScrError):
    """A model that cannot be fitted, or a saved fit that cannot be read."""


class LayoutError(ScrError):
    """A fault in a layout of traps, or in what it is planned under."""


class ScrWarning(UserWarning):
    """An answer exists but is doubtful."""


class SurveyWarning(ScrWarning):
    """Data that can be used but look wrong."""


class MaskWarning(ScrWarning):
    """A mask that is too narrow or too coarse for the estimate."""


class PrivacyWarning(ScrWarning):
    """Numbers that were asked for and would give stations or animals away, and are not shared."""


class ConvergenceWarning(ScrWarning):
    """A posterior that was not explored well enough, or that follows from an approximation."""
