"""The likelihood's data and parameters as flat arrays, in groups that its stages take."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.habitat.least_cost import PathGrid
from scr.model.number import Number

if TYPE_CHECKING:
    from scr.likelihood.kernel.sides import Sides

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
NOT_GIVEN: Floats = np.empty(0)
"""Distances where they do not follow from parameters."""

type Levels = tuple[Floats, Floats, Floats]
"""Intensity, sigma and z, or the gradient to intensity, log sigma and z, by level."""

NOT_KNOWN = np.zeros(2)
NOT_KNOWN.setflags(write=False)


class Parameters(NamedTuple):
    """One set of parameters; also the gradient of the log-likelihood to each of them.

    Parameters
    ----------
    log_density
        log D per km2, cells of all sessions in their own order, shape (1 or n_classes, n_cells).
    intensity, sigma, z
        lambda0 or g0, sigma in metres and z, by level.
    log_share
        log psi, shape (n_sessions, n_classes).
    known
        Probabilities that the two sides of an animal without a record of both are joined by other
        means, and that both were known before the survey, shape (2,).
    distance
        Metres from each point to each cell of its session, point after point, where distances
        follow from parameters; else empty.
    """

    log_density: Floats
    intensity: Floats
    sigma: Floats
    z: Floats
    log_share: Floats
    known: Floats = NOT_KNOWN
    distance: Floats = NOT_GIVEN


class Cells(NamedTuple):
    """Cells of all sessions in packed order: row by row, in blocks of 16.

    A row is a row of a lattice, or a band of a few rows. Holes fill up its last block.

    Parameters
    ----------
    x, y, log_area
        Of each cell: metres, log km2.
    order
        Position of each cell among those of all sessions, -1 for a hole.
    box
        Lowest and highest x, lowest and highest y of each block, shape (4, n_blocks).
    row_block, row_low, row_high
        First block of each row (and one past the last), lowest and highest y.
    column_x
        x of the columns of each session's lattice, one session after the other; else empty.
    """

    x: Floats
    y: Floats
    log_area: Floats
    order: Ints
    box: Floats
    row_block: Ints
    row_low: Floats
    row_high: Floats
    column_x: Floats


class Sessions(NamedTuple):
    """Where the packed cells, rows and columns of each session start (and one past the last).

    Parameters
    ----------
    cell, row, column
        Starts of packed cells, of rows, and of columns of the lattice.
    first
        Start of its cells in their own order, without holes.
    """

    cell: Ints
    row: Ints
    column: Ints
    first: Ints


class Curves(NamedTuple):
    """Each curve is k(d) of one point and shape level over the cells within reach.

    Parameters
    ----------
    x, y, session, shape
        Place, session and shape level.
    given
        Where its distances start in ``Distances``, -1 where they follow from coordinates.
    part, searched
        Where the point is a searched area or line: its number in ``Parts``, and where its values
        start in ``searched.Shares``; else -1.
    start, exposure
        First exposure of each curve (and one past the last), and exposures by curve.
    """

    x: Floats
    y: Floats
    session: Ints
    shape: Ints
    given: Ints
    part: Ints
    searched: Ints
    start: Ints
    exposure: Ints


class Distances(NamedTuple):
    """Squared distances that do not follow from coordinates, point after point.

    Parameters
    ----------
    cell
        To each packed cell of the point's session.
    block
        The least to a cell of each of its blocks.
    source
        Place of each among the distances of all points and cells, -1 for a hole.
    """

    cell: Floats
    block: Floats
    source: Ints


class Parts(NamedTuple):
    """Searched areas or lines of all sessions.

    Parameters
    ----------
    dims
        2 for areas, 1 for lines, 0 where nothing is searched.
    over
        Integral of k over the plane or an endless line through the centre, in sigma^dims.
    least
        Shortest panel of the integrals along edges, in units of sigma.
    start
        First edge of each part (and one past the last).
    x0, y0, x1, y1
        Ends of each edge, metres; those of an area run with its inside to the left.
    """

    dims: int
    over: float
    least: float
    start: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats


class Fields(NamedTuple):
    """Each field is a total hazard H(m) over a session's cells: that of a base, plus exposures.

    Bases come before what is built on them. Exposures lie field by field, those of equal
    parameters (a *sheet*) one after the other.

    Parameters
    ----------
    session, base
        Session, and the field that it adds to (-1 for none).
    start, curve, effort, intensity
        First exposure of each field (and one past the last); curve, effort in days (negative
        where the base has too much) and intensity level of each exposure.
    sheet_start, sheet_intensity, sheet_shape
        First sheet of each field (and one past the last), levels of each sheet.
    exposure_sheet
        Sheet of each exposure.
    of_class
        Field of an animal never caught, shape (n_sessions, n_classes).
    """

    session: Ints
    base: Ints
    start: Ints
    curve: Ints
    effort: Floats
    intensity: Ints
    sheet_start: Ints
    sheet_intensity: Ints
    sheet_shape: Ints
    exposure_sheet: Ints
    of_class: Ints


class Animals(NamedTuple):
    """Animals detected and their options: the classes that each may have.

    Parameters
    ----------
    session, start
        Session and first option of each animal (and one past the last).
    class_, field
        Class and total hazard of each option.
    record, contest
        First record and first contest of each option (and one past the last).
    contest_field, contest_number
        Contests, by option: total hazard of an occasion in which traps compete, and in how many
        such occasions the animal was caught.
    """

    session: Ints
    start: Ints
    class_: Ints
    field: Ints
    record: Ints
    contest: Ints
    contest_field: Ints
    contest_number: Floats


class Law(NamedTuple):
    """The detection function.

    Parameters
    ----------
    shape
        Its shape, as a value of a type.
    is_hazard
        Whether intensity is lambda0, else g0.
    in_sigmas
        Whether z is in metres, and shapes take it in units of sigma.
    """

    shape: Any
    is_hazard: bool
    in_sigmas: bool


class Records(NamedTuple):
    """What an animal's history has beside -H: y log(T h) + y G(T h) + t h, by option.

    Parameters
    ----------
    x, y, given
        Place of the point, and where its distances start, as in ``Curves``.
    intensity, shape
        Levels; an intensity of -1 stands for 1: fixes of a transmitter.
    dims, over
        Where the record is a place: it has lambda0 over the whole integral of k, which is ``over``
        sigma^dims; dims is 0 elsewhere.
    away
        Added to the squared distance, m2: where several places are one record, their mean squared
        distance from it.
    number, effort
        y, 0 for none, and T.
    grows
        1 where the term with G is there: binary and binomial records; else 0.
    linear
        t: minus the effort, in days, that the animal's total hazard has beyond its field's; with
        y = 0.
    """

    x: Floats
    y: Floats
    given: Ints
    intensity: Ints
    shape: Ints
    dims: Ints
    over: Floats
    away: Floats
    number: Floats
    effort: Floats
    grows: Ints
    linear: Floats


class Fours(NamedTuple):
    """Exposures of each field in fours, for lattices; the last four is filled up with effort 0.

    Parameters
    ----------
    start
        First four of each field (and one past the last).
    curve, shape, intensity, effort
        Of each exposure, shape (n_fours, 4).
    """

    start: Ints
    curve: Ints
    shape: Ints
    intensity: Ints
    effort: Floats


@dataclass(frozen=True, eq=False)
class Packed:
    """All sessions, ordered for the compiled likelihood.

    Parameters
    ----------
    law
        The detection function.
    is_lattice
        Whether hazards are worked out by factors of rows and columns.
    cells, sessions, curves, distances, parts, fields, fours, animals, records
        As described there.
    number
        What is said of the number of animals, as in ``kernel.number``.
    sides
        Animals known from one side alone; None where there are none.
    grids
        Steps of least-cost paths of each session; none where distances do not follow from
        parameters.
    """

    law: Law
    is_lattice: bool
    cells: Cells
    sessions: Sessions
    curves: Curves
    distances: Distances
    parts: Parts
    fields: Fields
    fours: Fours
    animals: Animals
    records: Records
    number: Number = "poisson"
    sides: "Sides | None" = None
    grids: tuple[PathGrid, ...] = ()

    @cached_property
    def n_cells(self) -> int:
        """Most packed cells of a session."""
        return int(np.diff(self.sessions.cell).max())

    @cached_property
    def field_of(self) -> Ints:
        """Field of each exposure."""
        return np.repeat(np.arange(len(self.fields.session)), np.diff(self.fields.start))

    @cached_property
    def on_bases(self) -> list[int]:
        """Fields that have a base, in order."""
        return [int(field) for field in np.flatnonzero(self.fields.base >= 0)]

    @cached_property
    def cell_and_place(self) -> tuple[Ints, Ints]:
        """Cells in their own order, and where each is packed."""
        place = np.flatnonzero(self.cells.order >= 0)
        return self.cells.order[place], place

    @cached_property
    def n_columns(self) -> Ints:
        """Columns of the lattice of each field."""
        return np.diff(self.sessions.column)[self.fields.session]

    @cached_property
    def n_ticks(self) -> int:
        """Most rows or columns of a session's lattice."""
        return int(max(np.diff(self.sessions.row).max(), np.diff(self.sessions.column).max()))

    @cached_property
    def n_options(self) -> int:
        """Most options of an animal."""
        return int(np.diff(self.animals.start).max(initial=1))

    @property
    def n_bytes(self) -> int:
        """Memory of all arrays, bytes."""
        groups = (self.cells, self.sessions, self.curves, self.distances, self.fields, self.fours)
        every = [*groups, self.animals, self.records, self.parts[3:]]
        return sum(array.nbytes for group in every for array in group)

    @property
    def n_animals(self) -> int:
        """Animals detected, in all sessions."""
        return len(self.animals.session)
