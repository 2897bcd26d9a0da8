"""Levels: the distinct rows of a design matrix, numbered, and where each is used."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.model.tables import DetectionTable


@dataclass(frozen=True, eq=False)
class Levels:
    """Distinct rows of a design matrix, numbered, and where each is used.

    Parameters
    ----------
    columns
        Distinct rows, shape (n_levels, n_terms).
    of_session
        For each session the level of each class, trap, occasion and state of the animal, shape
        (n_classes, n_traps, n_occasions or 1, n_states or 1), as in ``DetectionTable``.
    within
        For a0, and for g0 of a compound detection function, the level of shape that each level
        goes with; for sigmak its session; shape (n_levels,): rows are distinct within each. None
        for other parameters.
    """

    columns: NDArray[np.float64]
    of_session: tuple[NDArray[np.int64], ...]
    within: NDArray[np.int64] | None = None

    @property
    def of_class(self) -> NDArray[np.int64]:
        """Levels of each class over all that is used, shape (n_classes, n)."""
        flat = [levels.reshape(len(levels), -1) for levels in self.of_session]
        every = np.concatenate(flat, axis=1)
        return every[:, every[0] >= 0]

    def by_trap(self, session: int, *, what: str) -> NDArray[np.int64]:
        """Level of each class and trap, shape (n_classes, n_traps), where nothing else varies.

        Parameters
        ----------
        session
            Index of the session.
        what
            What needs it, for the message.

        Raises
        ------
        FormulaError
            If levels differ between occasions, or by what happened to an animal before.
        """
        levels = self.of_session[session]
        if levels.shape[2:] != (1, 1):
            msg = (
                f"The formulas of detection name occasions or responses to being caught, and "
                f"{what} takes detection that is the same throughout. Leave these names out."
            )
            raise FormulaError(msg)
        return levels[:, :, 0, 0]


def levels_of(
    columns: NDArray[np.float64],
    table: DetectionTable,
    *,
    within: NDArray[np.int64] | None,
    beside: NDArray[np.float64] | None = None,
) -> tuple[Levels, NDArray[np.int64]]:
    """Levels, distinct within and beside others, and the number of that of each row.

    Parameters
    ----------
    columns
        Columns of a formula for the rows of the table, shape (n_rows, n_terms).
    table
        The rows, and where each is used.
    within
        Number of something that a level must not mix, shape (n_rows,), or None.
    beside
        Columns that a level must not mix either, shape (n_rows, n), or None.
    """
    keys = np.column_stack([part for part in (within, beside, columns) if part is not None])
    distinct, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.reshape(-1).astype(np.int64)
    n_keys = keys.shape[1] - columns.shape[1]
    levels = Levels(
        columns=np.asarray(distinct[:, n_keys:], dtype=np.float64),
        of_session=tuple(
            np.where(rows < 0, -1, number[rows]).astype(np.int64) for rows in table.of_session
        ),
        within=None if within is None else distinct[:, 0].astype(np.int64),
    )
    return levels, number


def session_of(table: DetectionTable) -> NDArray[np.int64]:
    """Index of the session of each row, shape (n_rows,).

    Parameters
    ----------
    table
        The rows.
    """
    result = np.zeros(len(table.rows), dtype=np.int64)
    for index, rows in enumerate(table.of_session):
        result[rows[rows >= 0]] = index
    return result
