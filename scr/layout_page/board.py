"""What lies on the table: a layout, what of it is locked, and the way back."""

from dataclasses import dataclass, replace

from trap_layouts.layout import Layout

_MOST_STEPS = 200


@dataclass(frozen=True, eq=False)
class Board:
    """A layout as it is being made.

    Parameters
    ----------
    layout
        The stations.
    locked
        Names of those that stay where they are, by choice or because they stand already.
    """

    layout: Layout
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class History:
    """The present board, those before it and those that were undone.

    Parameters
    ----------
    present
        What is shown.
    past
        Boards before, the oldest first.
    future
        Boards that were undone, the last undone first.
    """

    present: Board
    past: tuple[Board, ...] = ()
    future: tuple[Board, ...] = ()

    def changed(self, board: Board) -> "History":
        """The history after a change.

        Parameters
        ----------
        board
            What is shown then.
        """
        return History(board, (*self.past, self.present)[-_MOST_STEPS:])

    def undone(self) -> "History":
        """One step back, or the same where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> "History":
        """One step forward again, or the same where there is none."""
        if not self.future:
            return self
        return replace(
            self,
            present=self.future[0],
            past=(*self.past, self.present),
            future=self.future[1:],
        )
