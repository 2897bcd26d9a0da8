"""What became of each row of the detections: used, or left out and why."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class RowAccount:
    """Rows read are rows used and rows left out, each of these with its reason.

    Parameters
    ----------
    source
        Name of the table of detections.
    n_read
        Rows read, wholly blank ones apart.
    dropped
        Reason and row numbers, one entry for each reason.
    n_records
        Records that the rows used make: several of one animal at one station in one occasion may
        be one.
    """

    source: str
    n_read: int
    dropped: tuple[tuple[str, tuple[int, ...]], ...]
    n_records: int

    @property
    def n_used(self) -> int:
        """Rows used."""
        return self.n_read - sum(len(rows) for _, rows in self.dropped)

    def with_dropped(self, entries: "list[tuple[str, tuple[int, ...]]]") -> "RowAccount":
        """The same with rows that were taken out before reading.

        Parameters
        ----------
        entries
            Reason and row numbers.
        """
        n_more = sum(len(rows) for _, rows in entries)
        return RowAccount(
            self.source, self.n_read + n_more, (*entries, *self.dropped), self.n_records
        )


def left_out(before: pd.Index, after: pd.Index, reason: str) -> list[tuple[str, tuple[int, ...]]]:
    """The entry of rows that a step left out, if it left out any.

    Parameters
    ----------
    before, after
        Row numbers before and after the step.
    reason
        Why rows are left out.
    """
    rows = before.difference(after)
    return [(reason, tuple(int(row) for row in rows))] if len(rows) else []
