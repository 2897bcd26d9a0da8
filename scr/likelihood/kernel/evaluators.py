"""The two ways to work out records, chosen by type when compiled: only the one needed is."""

from types import FunctionType
from typing import Any

import numpy as np
from numba.extending import overload

from scr.likelihood.kernel.arrays import NOT_GIVEN, Floats, Ints, Levels, Packed, Records
from scr.likelihood.kernel.compiled import INSIDE
from scr.likelihood.kernel.lattice_records import (
    OnLattice,
    add_lattice_records,
    weigh_lattice_records,
)
from scr.likelihood.kernel.pair_records import OverPairs, add_pair_records, weigh_pair_records

ADD: dict[type[Any], Any] = {OnLattice: add_lattice_records, OverPairs: add_pair_records}
WEIGH: dict[type[Any], Any] = {OnLattice: weigh_lattice_records, OverPairs: weigh_pair_records}


def evaluator_of(
    packed: Packed, size: int, to_log_distance: Floats = NOT_GIVEN
) -> OnLattice | OverPairs:
    """The evaluator of a model, with working space of its own.

    Parameters
    ----------
    packed
        Data.
    size
        Most cells in the window of an animal.
    to_log_distance
        Gradient to the log of given distances, added to; of length 0 where it is not wanted.
    """
    if packed.is_lattice:
        n = int(np.diff(packed.sessions.column).max())
        return OnLattice(packed.cells, packed.sessions, np.empty(n), np.empty(n))
    n_records = int(np.diff(packed.animals.record).max(initial=1))
    by_record = [np.empty((n_records, size)) for _ in range(3)]
    by_cell = [np.empty(size) for _ in range(4)]
    cells, distances = packed.cells, packed.distances
    data = (packed.law, cells, packed.sessions, distances)
    return OverPairs(*data, *[*by_cell, *by_record, to_log_distance])


def add_records(
    kind: Any,
    s: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    pieces: Ints,
    value: Floats,
) -> None:
    """Add y log(T h) + y G(T h) + t h of the records of one option to the values of its pieces."""
    ADD[type(kind)](kind, s, span, records, levels, pieces, value)


def weigh_records(
    kind: Any,
    s: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    pieces: Ints,
    share: Floats,
    to: Levels,
) -> None:
    """Gradient through the records of one option, from the probabilities of its cells."""
    WEIGH[type(kind)](kind, s, span, records, levels, pieces, share, to)


def _plain(function: Any) -> Any:
    """The function without its annotations, which ``overload`` would hold to be its signature."""
    return FunctionType(function.__code__, function.__globals__, function.__name__)


@overload(add_records, jit_options=INSIDE)
def _add(kind, s, span, records, levels, pieces, value):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return _plain(ADD[kind.instance_class])


@overload(weigh_records, jit_options=INSIDE)
def _weigh(kind, s, span, records, levels, pieces, share, to):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return _plain(WEIGH[kind.instance_class])
