"""A record in a few lines: text for the terminal, a small table for notebooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class Shown:
    """What is shown of a record in place of its arrays.

    Parameters
    ----------
    heading
        What it is, in a line.
    facts
        Values by name.
    remarks
        Lines below.

    Examples
    --------
    >>> print(Shown("Traps: 2", {"crs": "local", "covariates": "none"}))
    Traps: 2
      crs         local
      covariates  none
    """

    heading: str
    facts: Mapping[str, str]
    remarks: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        width = max(map(len, self.facts), default=0)
        lines = [f"  {name:<{width}}  {value}" for name, value in self.facts.items()]
        return "\n".join([self.heading, *lines, *self.remarks])

    def html(self) -> str:
        """The same as HTML, every text escaped."""
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in self.facts.items()
        )
        remarks = "".join(f"<p>{escape(line)}</p>" for line in self.remarks)
        return f"<table><caption>{escape(self.heading)}</caption>{rows}</table>{remarks}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, which agrees with it.

    Parameters
    ----------
    number
        How many.
    noun
        What of, in the singular.

    Examples
    --------
    >>> counted(1, "animal"), counted(1200, "station")
    ('1 animal', '1,200 stations')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
