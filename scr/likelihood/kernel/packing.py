"""All sessions in one flat record of arrays, ordered for the compiled likelihood."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.data import Animals, Detections, Exposures, LikelihoodData
from scr.model.detection import DetectionFunction

BLOCK = 16
"""Cells in a block, the unit in which an animal's window is chosen."""

SHAPES = ("half_normal", "exponential", "hazard_rate")
HALF_NORMAL, EXPONENTIAL, HAZARD_RATE = range(3)
"""Codes of the shapes of detection functions."""


class Packed(NamedTuple):
    """The likelihood's data.

    A *curve* is a (point, shape level): k(d) over the cells within reach. A *field* is a set of
    exposures: the total hazard of one (session, pattern, class), shared where these are the same.
    An *option* is an (animal, class it may have). Cells lie row by row; a row is cut into blocks.

    Parameters
    ----------
    shape, is_hazard, is_poisson
        Code of the shape; whether intensity is lambda0; whether records are Poisson counts;
        0-dimensional integer arrays.
    cell_x, cell_y, log_area
        Cells in packed order: metres, log km2.
    cell_order
        Position of each packed cell among those of all sessions.
    session_cell, session_row, session_block
        Where the cells, rows and blocks of each session start.
    row_start, row_low, row_high
        First cell of each row (and one past the last), lowest and highest y.
    block_start, block_box
        First cell of each block (and one past the last); its lowest and
        highest x, lowest and highest y, shape (4, n_blocks).
    curve_x, curve_y, curve_session, curve_shape
        Place, session and shape level of each curve.
    field_session, field_start
        Session of each field and its first exposure (and one past the last).
    exposure_curve, exposure_effort, exposure_intensity
        Exposures, by field.
    class_field
        Field of an animal never caught, shape (n_sessions, n_classes).
    animal_session, option_start
        Session and first option of each animal (and one past the last).
    option_class, option_field, record_start
        Class, field and first record of each option (and one past the last).
    record_x, record_y, record_shape, record_intensity, record_count, record_effort
        Records of detection, by option.
    """

    shape: NDArray[np.int64]
    is_hazard: NDArray[np.int64]
    is_poisson: NDArray[np.int64]
    cell_x: NDArray[np.float64]
    cell_y: NDArray[np.float64]
    log_area: NDArray[np.float64]
    cell_order: NDArray[np.int64]
    session_cell: NDArray[np.int64]
    session_row: NDArray[np.int64]
    session_block: NDArray[np.int64]
    row_start: NDArray[np.int64]
    row_low: NDArray[np.float64]
    row_high: NDArray[np.float64]
    block_start: NDArray[np.int64]
    block_box: NDArray[np.float64]
    curve_x: NDArray[np.float64]
    curve_y: NDArray[np.float64]
    curve_session: NDArray[np.int64]
    curve_shape: NDArray[np.int64]
    field_session: NDArray[np.int64]
    field_start: NDArray[np.int64]
    exposure_curve: NDArray[np.int64]
    exposure_effort: NDArray[np.float64]
    exposure_intensity: NDArray[np.int64]
    class_field: NDArray[np.int64]
    animal_session: NDArray[np.int64]
    option_start: NDArray[np.int64]
    option_class: NDArray[np.int64]
    option_field: NDArray[np.int64]
    record_start: NDArray[np.int64]
    record_x: NDArray[np.float64]
    record_y: NDArray[np.float64]
    record_shape: NDArray[np.int64]
    record_intensity: NDArray[np.int64]
    record_count: NDArray[np.float64]
    record_effort: NDArray[np.float64]


def pack(sessions: Sequence[LikelihoodData], family: DetectionFunction) -> Packed:
    """Order the cells of all sessions into rows and blocks, and flatten the rest.

    Parameters
    ----------
    sessions
        One record a session, all with the same kind of detections.
    family
        The detection function.
    """
    curves: dict[tuple[int, int, int], int] = {}
    fields: dict[tuple[object, ...], int] = {}
    exposures: list[NDArray[np.float64]] = []
    field_of: dict[tuple[int, int, int], int] = {}
    field_session: list[int] = []
    for index, data in enumerate(sessions):
        for pattern, class_, rows in _fields(data.exposures, data.n_classes, data.animals):
            content = _merged(data.exposures, rows, index, curves)
            key = (index, content.tobytes())
            if key not in fields:
                fields[key] = len(exposures)
                exposures.append(content)
                field_session.append(index)
            field_of[index, pattern, class_] = fields[key]
    placed = np.concatenate([data.point_xy for data in sessions])
    first_point = np.cumsum([0, *(len(data.point_xy) for data in sessions)])
    curve = np.array(list(curves), dtype=np.int64).reshape(-1, 3)
    curve_xy = placed[first_point[curve[:, 0]] + curve[:, 1]]
    flat = np.concatenate([np.empty((0, 3)), *exposures])
    n_classes = sessions[0].n_classes
    return Packed(
        shape=np.array(SHAPES.index(family.shape)),
        is_hazard=np.array(int(family.form == "hazard")),
        is_poisson=np.array(int(sessions[0].records == "poisson")),
        **_cells(sessions),
        curve_x=curve_xy[:, 0].copy(),
        curve_y=curve_xy[:, 1].copy(),
        curve_session=curve[:, 0].copy(),
        curve_shape=curve[:, 2].copy(),
        field_session=np.array(field_session, dtype=np.int64),
        field_start=np.cumsum([0, *map(len, exposures)]).astype(np.int64),
        exposure_curve=flat[:, 0].astype(np.int64),
        exposure_intensity=flat[:, 1].astype(np.int64),
        exposure_effort=flat[:, 2].copy(),
        class_field=np.array(
            [[field_of[s, 0, c] for c in range(n_classes)] for s in range(len(sessions))],
            dtype=np.int64,
        ),
        **_options(sessions, field_of),
    )


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
    """Curve, intensity level and effort of one field, in the order of its curves."""
    effort: dict[tuple[int, int], float] = {}
    for row in rows:
        place = (session, int(exposures.point[row]), int(exposures.shape[row]))
        key = (curves.setdefault(place, len(curves)), int(exposures.intensity[row]))
        effort[key] = effort.get(key, 0.0) + float(exposures.effort[row])
    content = [(*key, effort[key]) for key in sorted(effort)]
    return np.array(content, dtype=np.float64).reshape(-1, 3)


def _cells(sessions: Sequence[LikelihoodData]) -> dict[str, Any]:
    """Cells sorted into rows, rows cut into blocks."""
    order: list[NDArray[np.int64]] = []
    row_start, block_start = [0], [0]
    starts: dict[str, list[int]] = {"cell": [0], "row": [0], "block": [0]}
    for data in sessions:
        first = starts["cell"][-1]
        side = data.spacing or np.sqrt(np.median(data.cell_area)) * 1000
        y = data.cell_xy[:, 1]
        row = np.rint((y - y.min()) / side).astype(np.int64)
        sequence = np.lexsort((data.cell_xy[:, 0], row))
        order.append(first + sequence)
        ends = np.append(np.flatnonzero(np.diff(row[sequence])) + 1, len(y))
        for begin, end in zip(np.append(0, ends[:-1]), ends, strict=True):
            row_start.append(first + int(end))
            n_blocks = -(-(int(end) - int(begin)) // BLOCK)
            cuts = np.linspace(begin, end, n_blocks + 1).round().astype(int)[1:]
            block_start += [first + int(cut) for cut in cuts]
        starts["cell"].append(first + len(y))
        starts["row"].append(len(row_start) - 1)
        starts["block"].append(len(block_start) - 1)
    cell_order = np.concatenate(order)
    xy = np.concatenate([data.cell_xy for data in sessions])[cell_order]
    area = np.concatenate([data.cell_area for data in sessions])[cell_order]
    low = np.minimum.reduceat(xy, block_start[:-1], axis=0)
    high = np.maximum.reduceat(xy, block_start[:-1], axis=0)
    return {
        "cell_x": xy[:, 0].copy(),
        "cell_y": xy[:, 1].copy(),
        "log_area": np.log(area),
        "cell_order": cell_order,
        **{f"session_{name}": np.array(at, dtype=np.int64) for name, at in starts.items()},
        "row_start": np.array(row_start, dtype=np.int64),
        "row_low": np.minimum.reduceat(xy[:, 1], row_start[:-1]),
        "row_high": np.maximum.reduceat(xy[:, 1], row_start[:-1]),
        "block_start": np.array(block_start, dtype=np.int64),
        "block_box": np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]]),
    }


def _options(
    sessions: Sequence[LikelihoodData], field_of: dict[tuple[int, int, int], int]
) -> dict[str, Any]:
    """Animals, the classes each may have, and its records under each."""
    animal_session: list[int] = []
    option_start, option_class, option_field, record_start = [0], [], [], [0]
    records: list[tuple[LikelihoodData, NDArray[np.int64]]] = []
    for index, data in enumerate(sessions):
        found = data.detections
        for animal in range(data.n_animals):
            animal_session.append(index)
            for class_ in np.flatnonzero(data.animals.allowed[animal]):
                rows = np.flatnonzero((found.animal == animal) & (found.class_ == class_))
                option_class.append(int(class_))
                pattern = int(data.animals.pattern[animal])
                option_field.append(field_of[index, pattern, int(class_)])
                record_start.append(record_start[-1] + len(rows))
                records.append((data, rows))
            option_start.append(len(option_class))

    def gather(name: str) -> NDArray[np.float64]:
        return np.concatenate(
            [np.empty(0), *(getattr(data.detections, name)[rows] for data, rows in records)]
        )

    def place(axis: int) -> NDArray[np.float64]:
        return np.concatenate(
            [np.empty(0), *(_place(data, data.detections, rows)[:, axis] for data, rows in records)]
        )

    return {
        "animal_session": np.array(animal_session, dtype=np.int64),
        "option_start": np.array(option_start, dtype=np.int64),
        "option_class": np.array(option_class, dtype=np.int64),
        "option_field": np.array(option_field, dtype=np.int64),
        "record_start": np.array(record_start, dtype=np.int64),
        "record_x": place(0),
        "record_y": place(1),
        "record_shape": gather("shape").astype(np.int64),
        "record_intensity": gather("intensity").astype(np.int64),
        "record_count": gather("count"),
        "record_effort": gather("effort"),
    }


def _place(data: LikelihoodData, found: Detections, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return data.point_xy[found.point[rows]]
