"""All sessions in one record of flat arrays, ordered for the compiled likelihood."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from scr.likelihood.data import Exposures, LikelihoodData
from scr.likelihood.kernel.arrays import (
    Animals,
    Curves,
    Fields,
    Floats,
    Fours,
    Ints,
    Law,
    Packed,
    Records,
)
from scr.likelihood.kernel.cells import order_cells, order_distances
from scr.likelihood.kernel.record_columns import (
    parts_of,
    records_of_detections,
    records_of_fixes,
)
from scr.likelihood.kernel.shapes import shape_of
from scr.likelihood.kernel.sides import sides_of
from scr.model.detection import DetectionFunction
from scr.model.number import Number

Evaluator = Literal["auto", "pairs"]
"""Whether a lattice may be used where there is one."""

FEW = 32
"""Up to so many differing exposures, times the animals that have them, are worked out in the
windows of these animals; more have a field of their own, and so have those of searched parts."""


class Content(NamedTuple):
    """Exposures of a field: codes of (shape level, intensity level, curve), sorted, and efforts."""

    code: Ints
    effort: Floats


def pack(
    sessions: Sequence[LikelihoodData],
    family: DetectionFunction,
    *,
    evaluator: Evaluator = "auto",
    number: Number = "poisson",
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
    number
        What is said of the number of animals.
    """
    of_places = any(data.parts is not None or len(data.fixes.animal) for data in sessions)
    separable = family.name == "hazard_half_normal" and evaluator == "auto" and not of_places
    cells, starts, is_lattice = order_cells(sessions, on_lattice=separable)
    distances, given = order_distances(sessions, cells, starts)
    curves = _Curves(sessions, given)
    fields = _Fields(sessions, curves)
    animals, records = _histories(sessions, fields, given, family)
    flat = fields.flat()
    flat_curves = curves.flat(flat, starts.cell)
    return Packed(
        law=Law(
            shape_of(family.shape),
            is_hazard=family.form == "hazard" or family.is_compound,
            in_sigmas=family.z_in_metres,
        ),
        is_lattice=is_lattice,
        cells=cells,
        sessions=starts,
        curves=flat_curves,
        distances=distances,
        parts=parts_of(sessions, family),
        fields=flat,
        fours=_fours(flat, flat_curves.shape),
        animals=animals,
        records=records,
        number=number,
        sides=sides_of([data.animals for data in sessions]),
        grids=tuple(data.grid_of_paths for data in sessions if data.grid_of_paths is not None),
    )


class _Curves:
    """Curves numbered as they are met: (session, point, shape level)."""

    def __init__(self, sessions: Sequence[LikelihoodData], given: list[Ints]) -> None:
        self.xy = np.concatenate([data.point_xy for data in sessions])
        self.given = np.concatenate(given)
        self.first = np.cumsum([0, *(len(data.point_xy) for data in sessions)])
        self.n_parts = np.array([data.n_parts for data in sessions], dtype=np.int64)
        self.number: dict[tuple[int, int, int], int] = {}

    def of(self, session: int, point: Ints, shape: Ints) -> Ints:
        """Numbers of curves, new ones given in the order of the points along strips."""
        pairs, index = np.unique(np.stack([shape, point]), axis=1, return_inverse=True)
        rank = _by_strips(self.xy[self.first[session] : self.first[session + 1]])
        found = np.empty(pairs.shape[1], dtype=np.int64)
        for i in np.lexsort((rank[pairs[1]], pairs[0])):
            key = (session, int(pairs[1, i]), int(pairs[0, i]))
            found[i] = self.number.setdefault(key, len(self.number))
        return found[index.reshape(-1)]

    def flat(self, fields: Fields, session_cell: Ints) -> Curves:
        """The curves, with the exposures that each has."""
        curve = np.array(list(self.number), dtype=np.int64).reshape(-1, 3)
        point = self.first[curve[:, 0]] + curve[:, 1]
        is_part = curve[:, 1] < self.n_parts[curve[:, 0]]
        before = np.cumsum(self.n_parts) - self.n_parts
        n_values = np.where(is_part, np.diff(session_cell)[curve[:, 0]], 0)
        return Curves(
            x=self.xy[point, 0].copy(),
            y=self.xy[point, 1].copy(),
            session=curve[:, 0].copy(),
            shape=curve[:, 2].copy(),
            given=self.given[point],
            part=np.where(is_part, before[curve[:, 0]] + curve[:, 1], -1),
            searched=np.where(is_part, np.cumsum(n_values) - n_values, -1),
            start=np.searchsorted(np.sort(fields.curve), np.arange(len(curve) + 1)),
            exposure=np.argsort(fields.curve, kind="stable"),
        )


def _by_strips(xy: Floats) -> Ints:
    """Rank of each point along strips of ground, in which neighbours follow each other."""
    y = xy[:, 1] - xy[:, 1].min(initial=0.0)
    height = max(y.max(initial=0.0), 1.0) / np.ceil(np.sqrt(max(len(xy), 1)))
    rank = np.empty(len(xy), dtype=np.int64)
    rank[np.lexsort((xy[:, 0], np.floor(y / height)))] = np.arange(len(xy))
    return rank


class _Fields:
    """Total hazards, those of equal content only once, and the few differences kept apart."""

    def __init__(self, sessions: Sequence[LikelihoodData], curves: _Curves) -> None:
        self.sessions = sessions
        exposures = [data.exposures for data in sessions]
        self.n_levels = 1 + max((int(e.intensity.max(initial=0)) for e in exposures), default=0)
        self.curve = [curves.of(s, e.point, e.shape) for s, e in enumerate(exposures)]
        self.n_curves = max(len(curves.number), 1)
        keys = np.array(list(curves.number), dtype=np.int64).reshape(-1, 3)
        self.point_of_curve = curves.first[keys[:, 0]] + keys[:, 1]
        self.point_xy = curves.xy
        self.number: dict[tuple[int, int, bytes, bytes], int] = {}
        self.content: list[Content] = []
        self.base: list[int] = []
        self.session: list[int] = []
        self.rows = [_rows_by_field(e) for e in exposures]
        self.of_class = np.array(
            [
                [self.add(s, self.content_of(s, 0, u, -1)) for u in range(data.n_classes)]
                for s, data in enumerate(sessions)
            ],
            dtype=np.int64,
        )
        self.usual_contest: dict[tuple[int, int], int] = {}

    def content_of(self, session: int, pattern: int, class_: int, group: int) -> Content:
        """Exposures that are written for a pattern, class and group of occasions."""
        rows = self.rows[session].get((pattern, class_, group), np.empty(0, dtype=np.int64))
        e = self.sessions[session].exposures
        level = (e.shape[rows] * self.n_levels + e.intensity[rows]) * self.n_curves
        return _merged(level + self.curve[session][rows], e.effort[rows])

    def add(self, session: int, content: Content, base: int = -1) -> int:
        """Number of a field of some content on top of a base."""
        if base >= 0 and len(content.code) == 0:
            return base
        key = (session, base, content.code.tobytes(), content.effort.tobytes())
        if key not in self.number:
            self.number[key] = len(self.content)
            self.content.append(content)
            self.base.append(base)
            self.session.append(session)
        return self.number[key]

    def total(self, session: int, pattern: int, class_: int, n_animals: int) -> tuple[int, Content]:
        """Field of an animal's total hazard, and the differences to be worked out apart."""
        base = int(self.of_class[session, class_])
        none = Content(np.empty(0, np.int64), np.empty(0))
        few = FEW if self.sessions[session].parts is None else 0
        differences = none if pattern == 0 else self.content_of(session, pattern, class_, -1)
        if len(differences.code) * n_animals <= few:
            return base, differences
        return self.add(session, differences, base), none

    def contest(self, session: int, pattern: int, class_: int, group: int) -> int:
        """Field of the total hazard of one occasion, as what differs from the usual such field."""
        content = self.content_of(session, 0, class_, group)
        if pattern != 0:
            content = _sum(content, self.content_of(session, pattern, class_, group))
        if (place := (session, class_)) not in self.usual_contest:
            self.usual_contest[place] = self.add(session, self.usual(*place))
        base = self.usual_contest[place]
        differences = _sum(content, self.content[base], sign=-1.0)
        if 2 * len(differences.code) < len(content.code):
            return self.add(session, differences, base)
        return self.add(session, content)

    def usual(self, session: int, class_: int) -> Content:
        """Each exposure with its middle effort over the groups of occasions, 0 included."""
        keys = [key for key in self.rows[session] if key[:2] == (0, class_) and key[2] >= 0]
        contents = [self.content_of(session, *key) for key in keys]
        code, place = np.unique(np.concatenate([of.code for of in contents]), return_inverse=True)
        effort = np.zeros((len(keys), len(code)))
        row = np.repeat(np.arange(len(keys)), [len(of.code) for of in contents])
        effort[row, place] = np.concatenate([of.effort for of in contents])
        return _merged(code, np.sort(effort, axis=0)[len(keys) // 2])

    def decoded(self, content: Content) -> tuple[Ints, Ints, Ints]:
        """Shape level, intensity level and curve of the exposures of a field."""
        level, curve = np.divmod(content.code, self.n_curves)
        shape, intensity = np.divmod(level, self.n_levels)
        return shape, intensity, curve

    def flat(self) -> Fields:
        """All fields, in the order in which they were found."""
        content = [Content(np.empty(0, np.int64), np.empty(0)), *self.content]
        code = np.concatenate([part.code for part in content])
        shape, intensity, curve = self.decoded(Content(code, np.empty(0)))
        field = np.repeat(np.arange(len(self.content)), [len(part.code) for part in self.content])
        keys = np.stack([field, shape, intensity])
        new = np.any(np.diff(keys, axis=1, prepend=-1) != 0, axis=0)
        sheet = np.cumsum(new) - 1
        return Fields(
            session=np.array(self.session, dtype=np.int64),
            base=np.array(self.base, dtype=np.int64),
            start=np.searchsorted(field, np.arange(len(self.content) + 1)),
            curve=curve,
            effort=np.concatenate([part.effort for part in content]),
            intensity=intensity,
            sheet_start=np.searchsorted(field[new], np.arange(len(self.content) + 1)),
            sheet_intensity=intensity[new],
            sheet_shape=shape[new],
            exposure_sheet=sheet,
            of_class=self.of_class,
        )


def _rows_by_field(exposures: Exposures) -> dict[tuple[int, int, int], Ints]:
    """Rows of the exposures of each pattern, class and group of occasions."""
    keys = np.stack([exposures.pattern, exposures.class_, exposures.group])
    distinct, number = np.unique(keys, axis=1, return_inverse=True)
    order = np.argsort(number.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(number.reshape(-1), minlength=distinct.shape[1]))
    parts = np.split(order, ends[:-1]) if distinct.shape[1] else []
    return {
        (int(p), int(u), int(g)): rows for (p, u, g), rows in zip(distinct.T, parts, strict=True)
    }


def _merged(code: Ints, effort: Floats) -> Content:
    """Efforts of equal exposures added; those that come to nothing left out."""
    distinct, number = np.unique(code, return_inverse=True)
    total = np.bincount(number.reshape(-1), weights=effort, minlength=len(distinct))
    some = np.abs(total) > 0
    return Content(distinct[some], total[some])


def _sum(a: Content, b: Content, sign: float = 1.0) -> Content:
    return _merged(np.concatenate([a.code, b.code]), np.concatenate([a.effort, sign * b.effort]))


def _fours(fields: Fields, curve_shape: Ints) -> Fours:
    """Exposures of each field in fours, the last one filled up without effort."""
    n_fours = -(-np.diff(fields.start) // 4)
    start = np.concatenate([[0], np.cumsum(n_fours)]).astype(np.int64)
    field = np.repeat(np.arange(len(n_fours)), n_fours)
    within = np.arange(len(field)) - start[field]
    wanted = (fields.start[field] + 4 * within)[:, None] + np.arange(4)
    exposure = np.minimum(wanted, (fields.start[field + 1] - 1)[:, None]).astype(np.int64)
    return Fours(
        start=start,
        curve=fields.curve[exposure],
        shape=curve_shape[fields.curve[exposure]],
        intensity=fields.intensity[exposure],
        effort=np.where(wanted == exposure, fields.effort[exposure], 0.0),
    )


def _histories(
    sessions: Sequence[LikelihoodData],
    fields: _Fields,
    given: list[Ints],
    family: DetectionFunction,
) -> tuple[Animals, Records]:
    """Animals, the classes each may have, and its records and contests under each."""
    animal, class_, session, total_field = [], [], [], []
    tables: list[dict[str, Any]] = []
    contests: list[Any] = [np.empty((0, 3))]
    n_before, option_before = 0, 0
    for s, data in enumerate(sessions):
        of_animal, of_class = np.nonzero(data.animals.allowed)
        pattern = data.animals.pattern[of_animal]
        times = np.bincount(data.animals.pattern)
        parts = {
            (p, u): fields.total(s, p, u, int(times[p]))
            for p, u in {(int(p), int(u)) for p, u in zip(pattern, of_class, strict=True)}
        }
        total_field += [parts[int(p), int(u)][0] for p, u in zip(pattern, of_class, strict=True)]
        number = np.full(data.animals.allowed.shape, -1, dtype=np.int64)
        number[of_animal, of_class] = option_before + np.arange(len(of_animal))
        tables.append(records_of_detections(data, number, given[s], family))
        tables.append(records_of_fixes(data, number, family))
        for option, (p, u) in enumerate(zip(pattern, of_class, strict=True)):
            apart = parts[int(p), int(u)][1]
            if len(apart.code):
                tables.append(_linear(fields, apart, option_before + option, given))
        if (data.kinds == "multi").any():
            contests.append(_contests(data, s, number, fields))
        animal.append(n_before + of_animal)
        class_.append(of_class)
        session.append(np.full(data.n_animals, s))
        n_before += data.n_animals
        option_before += len(of_animal)
    return _sorted(animal, class_, session, total_field, tables, contests)


def _sorted(
    animal: list[Any],
    class_: list[Any],
    session: list[Any],
    total_field: list[int],
    tables: list[dict[str, Any]],
    contests: list[Any],
) -> tuple[Animals, Records]:
    """Records and contests sorted by option."""
    of_animal, n_options = np.concatenate(animal), len(total_field)
    record = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    option = record.pop("option")
    order = np.argsort(option, kind="stable")
    contest = np.concatenate(contests)
    contest = contest[np.lexsort((contest[:, 1], contest[:, 0]))]
    every = np.arange(n_options + 1)
    session_of = np.concatenate(session).astype(np.int64)
    return (
        Animals(
            session=session_of,
            start=np.searchsorted(of_animal, np.arange(len(session_of) + 1)),
            class_=np.concatenate(class_).astype(np.int64),
            field=np.array(total_field, dtype=np.int64),
            record=np.searchsorted(option[order], every),
            contest=np.searchsorted(contest[:, 0], every),
            contest_field=contest[:, 1].astype(np.int64),
            contest_number=contest[:, 2].copy(),
        ),
        Records(**{name: values[order] for name, values in record.items()}),
    )


def _linear(fields: _Fields, content: Content, option: int, given: list[Ints]) -> dict[str, Any]:
    """Exposures by which an animal's total hazard differs from its field's, as records."""
    shape, intensity, curve = fields.decoded(content)
    point = fields.point_of_curve[curve]
    xy = fields.point_xy[point]
    n = len(curve)
    return {
        "option": np.full(n, option),
        "x": xy[:, 0],
        "y": xy[:, 1],
        "given": np.concatenate(given)[point],
        "intensity": intensity,
        "shape": shape,
        "dims": np.zeros(n, dtype=np.int64),
        "over": np.ones(n),
        "away": np.zeros(n),
        "number": np.zeros(n),
        "effort": np.ones(n),
        "grows": np.zeros(n, dtype=np.int64),
        "linear": -content.effort,
    }


def _contests(data: LikelihoodData, session: int, number: Ints, fields: _Fields) -> Floats:
    """Option, field and count of the occasions in which an animal was caught."""
    found = data.detections
    option = number[found.animal, found.class_]
    keys = np.stack(
        [option, data.animals.pattern[found.animal], found.class_, found.occasion_group]
    )
    held = data.kinds == "multi"
    distinct, index = np.unique(keys[:, held], axis=1, return_inverse=True)
    field = [fields.contest(session, int(p), int(u), int(g)) for _, p, u, g in distinct.T]
    count = np.bincount(index.reshape(-1), weights=found.count[held], minlength=len(field))
    return np.stack([distinct[0], np.array(field, dtype=np.float64), count], axis=1)
