"""All sessions in one flat record of arrays, ordered for the compiled likelihood."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.data import Animals, Exposures, LikelihoodData
from scr.likelihood.kernel.ordering import ordered_cells
from scr.model.detection import DetectionFunction

Evaluator = Literal["auto", "pairs"]
"""Whether a lattice may be used where there is one."""

SHAPES = ("half_normal", "exponential", "hazard_rate")
HALF_NORMAL, EXPONENTIAL, HAZARD_RATE = range(3)
"""Codes of the shapes of detection functions."""


class Packed(NamedTuple):
    """The likelihood's data.

    A *curve* is a (point, shape level): k(d) over the cells within reach. A *field* is a set of
    exposures: the total hazard of one (session, pattern, class), shared where these are the same.
    An *option* is an (animal, class it may have). Cells lie row by row: rows of the lattice, or
    bands of a few rows that are cut into blocks of 16 cells. Some cells are holes, which fill up
    a row.

    Parameters
    ----------
    shape, is_hazard, is_poisson, is_separable
        Code of the shape; whether intensity is lambda0; whether records are Poisson counts;
        whether the hazard is a product of a factor by column and one by row of a lattice;
        0-dimensional integer arrays.
    cell_x, cell_y, log_area
        Cells in packed order: metres, log km2.
    cell_order
        Position of each packed cell among those of all sessions, -1 for a hole.
    session_first
        Where the cells of each session start in their own order, without holes.
    session_cell, session_row, session_block
        Where the packed cells, rows and blocks of each session start.
    row_start, row_low, row_high
        First cell of each row (and one past the last), lowest and highest y.
    block_box
        Lowest and highest x, lowest and highest y of each block, shape (4, n_blocks).
    column_x, session_column
        x of the columns of each session's lattice, and where those of each session start. On a
        lattice every row has a cell in every column, holes included.
    curve_x, curve_y, curve_session, curve_shape
        Place, session and shape level of each curve.
    field_session, field_start
        Session of each field and its first exposure (and one past the last).
    exposure_curve, exposure_effort, exposure_intensity
        Exposures, by field, those with the same parameters one after the other.
    curve_start, curve_exposure
        First exposure of each curve (and one past the last) in the list of all of them by curve.
    class_field
        Field of an animal never caught, shape (n_sessions, n_classes).
    animal_session, option_start
        Session and first option of each animal (and one past the last).
    option_class, option_field, record_start
        Class, field and first record of each option (and one past the last).
    record_curve, record_x, record_y, record_shape, record_intensity, record_count, record_effort
        Records of detection, by option.
    """

    shape: NDArray[np.int64]
    is_hazard: NDArray[np.int64]
    is_poisson: NDArray[np.int64]
    is_separable: NDArray[np.int64]
    cell_x: NDArray[np.float64]
    cell_y: NDArray[np.float64]
    log_area: NDArray[np.float64]
    cell_order: NDArray[np.int64]
    session_first: NDArray[np.int64]
    session_cell: NDArray[np.int64]
    session_row: NDArray[np.int64]
    session_block: NDArray[np.int64]
    row_start: NDArray[np.int64]
    row_low: NDArray[np.float64]
    row_high: NDArray[np.float64]
    block_box: NDArray[np.float64]
    column_x: NDArray[np.float64]
    session_column: NDArray[np.int64]
    curve_x: NDArray[np.float64]
    curve_y: NDArray[np.float64]
    curve_session: NDArray[np.int64]
    curve_shape: NDArray[np.int64]
    field_session: NDArray[np.int64]
    field_start: NDArray[np.int64]
    exposure_curve: NDArray[np.int64]
    exposure_effort: NDArray[np.float64]
    exposure_intensity: NDArray[np.int64]
    curve_start: NDArray[np.int64]
    curve_exposure: NDArray[np.int64]
    class_field: NDArray[np.int64]
    animal_session: NDArray[np.int64]
    option_start: NDArray[np.int64]
    option_class: NDArray[np.int64]
    option_field: NDArray[np.int64]
    record_start: NDArray[np.int64]
    record_curve: NDArray[np.int64]
    record_x: NDArray[np.float64]
    record_y: NDArray[np.float64]
    record_shape: NDArray[np.int64]
    record_intensity: NDArray[np.int64]
    record_count: NDArray[np.float64]
    record_effort: NDArray[np.float64]


def pack(
    sessions: Sequence[LikelihoodData],
    family: DetectionFunction,
    *,
    evaluator: Evaluator = "auto",
) -> Packed:
    """Order the cells of all sessions into rows and blocks, and flatten the rest.

    Parameters
    ----------
    sessions
        One record a session, all with the same kind of detections.
    family
        The detection function.
    evaluator
        ``"auto"`` for row and column factors where mask and detection function allow them,
        ``"pairs"`` for trap-cell pairs always. Results agree to a relative 1e-10.
    """
    separable = family.name == "hazard_half_normal" and evaluator == "auto"
    cells = ordered_cells(sessions, on_lattice=separable)
    curves: dict[tuple[int, int, int], int] = {}
    fields: dict[tuple[object, ...], int] = {}
    exposures: list[NDArray[np.float64]] = []
    field_of: dict[tuple[int, int, int], int] = {}
    field_session: list[int] = []
    for index, data in enumerate(sessions):
        rank = _by_strips(data.point_xy)
        for pattern, class_, rows in _fields(data.exposures, data.n_classes, data.animals):
            in_order = rows[np.argsort(rank[data.exposures.point[rows]], kind="stable")]
            content = _merged(data.exposures, in_order, index, curves)
            key = (index, content.tobytes())
            if key not in fields:
                fields[key] = len(exposures)
                exposures.append(content)
                field_session.append(index)
            field_of[index, pattern, class_] = fields[key]
    options = _options(sessions, field_of, curves)
    placed = np.concatenate([data.point_xy for data in sessions])
    first_point = np.cumsum([0, *(len(data.point_xy) for data in sessions)])
    curve = np.array(list(curves), dtype=np.int64).reshape(-1, 3)
    curve_xy = placed[first_point[curve[:, 0]] + curve[:, 1]]
    flat = np.concatenate([np.empty((0, 3)), *exposures])
    exposure_curve = flat[:, 0].astype(np.int64)
    n_classes = sessions[0].n_classes
    return Packed(
        shape=np.array(SHAPES.index(family.shape)),
        is_hazard=np.array(int(family.form == "hazard")),
        is_poisson=np.array(int(sessions[0].records == "poisson")),
        is_separable=np.array(int(len(cells["column_x"]) > 0)),
        **cells,
        curve_x=curve_xy[:, 0].copy(),
        curve_y=curve_xy[:, 1].copy(),
        curve_session=curve[:, 0].copy(),
        curve_shape=curve[:, 2].copy(),
        field_session=np.array(field_session, dtype=np.int64),
        field_start=np.cumsum([0, *map(len, exposures)]).astype(np.int64),
        exposure_curve=exposure_curve,
        exposure_intensity=flat[:, 1].astype(np.int64),
        exposure_effort=flat[:, 2].copy(),
        curve_start=np.searchsorted(np.sort(exposure_curve), np.arange(len(curve) + 1)),
        curve_exposure=np.argsort(exposure_curve, kind="stable"),
        class_field=np.array(
            [[field_of[s, 0, c] for c in range(n_classes)] for s in range(len(sessions))],
            dtype=np.int64,
        ),
        **options,
    )


def _by_strips(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank of each point along strips of ground, in which neighbours follow each other."""
    y = xy[:, 1] - xy[:, 1].min()
    height = max(y.max(), 1.0) / np.ceil(np.sqrt(len(xy)))
    rank = np.empty(len(xy), dtype=np.int64)
    rank[np.lexsort((xy[:, 0], np.floor(y / height)))] = np.arange(len(xy))
    return rank


def _fields(
    exposures: Exposures, n_classes: int, animals: Animals
) -> list[tuple[int, int, NDArray[np.int64]]]:
    patterns = sorted({0, *exposures.pattern.tolist(), *animals.pattern.tolist()})
    return [
        (
            pattern,
            class_,
            np.flatnonzero((exposures.pattern == pattern) & (exposures.class_ == class_)),
        )
        for pattern in patterns
        for class_ in range(n_classes)
    ]


def _merged(
    exposures: Exposures,
    rows: NDArray[np.int64],
    session: int,
    curves: dict[tuple[int, int, int], int],
) -> NDArray[np.float64]:
    """Curve, intensity level and effort of one field, sorted by its levels, then its curves."""
    effort: dict[tuple[int, int, int], float] = {}
    for row in rows:
        place = (session, int(exposures.point[row]), int(exposures.shape[row]))
        curve = curves.setdefault(place, len(curves))
        key = (place[-1], int(exposures.intensity[row]), curve)
        effort[key] = effort.get(key, 0.0) + float(exposures.effort[row])
    content = [(curve, level, effort[_, level, curve]) for _, level, curve in sorted(effort)]
    return np.array(content, dtype=np.float64).reshape(-1, 3)


def _options(
    sessions: Sequence[LikelihoodData],
    field_of: dict[tuple[int, int, int], int],
    curves: dict[tuple[int, int, int], int],
) -> dict[str, Any]:
    """Animals, the classes each may have, and its records under each."""
    option_start, option_class, option_field, record_start = [0], [], [], [0]
    animal_session: list[int] = []
    for index, data in enumerate(sessions):
        found = data.detections
        first = np.searchsorted(found.animal, np.arange(data.n_animals + 1))
        for animal in range(data.n_animals):
            animal_session.append(index)
            of_animal = found.class_[first[animal] : first[animal + 1]]
            pattern = int(data.animals.pattern[animal])
            for class_ in np.flatnonzero(data.animals.allowed[animal]):
                option_class.append(int(class_))
                option_field.append(field_of[index, pattern, int(class_)])
                record_start.append(record_start[-1] + int((of_animal == class_).sum()))
            option_start.append(len(option_class))
    return {
        "animal_session": np.array(animal_session, dtype=np.int64),
        "option_start": np.array(option_start, dtype=np.int64),
        "option_class": np.array(option_class, dtype=np.int64),
        "option_field": np.array(option_field, dtype=np.int64),
        "record_start": np.array(record_start, dtype=np.int64),
        **_records(sessions, curves),
    }


def _records(
    sessions: Sequence[LikelihoodData], curves: dict[tuple[int, int, int], int]
) -> dict[str, Any]:
    """Records of detection with their places and curves, sorted by animal, then class."""
    curve = [
        curves.setdefault((index, int(point), int(shape)), len(curves))
        for index, data in enumerate(sessions)
        for point, shape in zip(data.detections.point, data.detections.shape, strict=True)
    ]
    place = np.concatenate([data.point_xy[data.detections.point] for data in sessions])

    def gather(name: str) -> Any:
        return np.concatenate([getattr(data.detections, name) for data in sessions])

    return {
        "record_curve": np.array(curve, dtype=np.int64),
        "record_x": place[:, 0].copy(),
        "record_y": place[:, 1].copy(),
        "record_shape": gather("shape").astype(np.int64),
        "record_intensity": gather("intensity").astype(np.int64),
        "record_count": gather("count").astype(np.float64),
        "record_effort": gather("effort").astype(np.float64),
    }
