"""Traps: where detectors stood, in one planar coordinate system."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import GeometryCollection

from scr.errors import SurveyError
from scr.shown import Shown
from scr.survey.detectors import Searched
from scr.survey.parts import ground_of


@dataclass(frozen=True, eq=False, repr=False)
class Traps:
    """Detectors of one or more sessions.

    Parameters
    ----------
    names
        Trap names, text, unique within a session, shape (n_traps,).
    xy
        Coordinates, metres, shape (n_traps, 2).
    crs
        A projected coordinate system in metres (``"EPSG:32652"`` or WKT), or ``"local"``
        for planar metres without a place.
    session
        Session of each trap, text, shape (n_traps,); one session named ``"1"`` if left out.
    covariates
        One row per trap, in trap order.
    source
        Name of the file the traps came from, used in messages.
    rows
        Row of the file that each trap came from, used in messages, shape (n_traps,); left out,
        counted from 2 as below a header.
    unusable
        Columns that cannot be covariates as they stand, with the message to show where a model
        names one.
    parts
        Where areas or lines are searched, the outline of each, in trap order; ``xy`` is then a
        place in each of them.
    sessions_named
        False where ``session`` was left out: the traps then serve in every session of the usage.

    Raises
    ------
    SurveyError
        If shapes disagree, a coordinate is not finite, or a name occurs twice in a session.

    Examples
    --------
    >>> traps = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [3000.0, 0.0]]), crs="local")
    >>> traps.sessions
    ('1',)
    """

    names: NDArray[np.object_]
    xy: NDArray[np.float64]
    crs: str
    session: NDArray[np.object_] = field(default_factory=lambda: np.array([], dtype=object))
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame)
    source: str = "traps"
    rows: NDArray[np.int64] = field(default_factory=lambda: np.array([], dtype=np.int64))
    unusable: Mapping[str, str] = field(default_factory=dict)
    parts: GeometryCollection | None = None
    sessions_named: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        names = np.array([str(name) for name in self.names], dtype=object)
        n_traps = len(names)
        session = np.array([str(label) for label in self.session], dtype=object)
        object.__setattr__(self, "sessions_named", len(session) > 0)
        if len(session) == 0:
            session = np.full(n_traps, "1", dtype=object)
        xy = np.array(self.xy, dtype=np.float64).reshape(-1, 2)
        covariates = self.covariates
        if covariates.empty:
            covariates = pd.DataFrame(index=range(n_traps))
        covariates = covariates.reset_index(drop=True)
        rows = np.array(self.rows, dtype=np.int64)
        object.__setattr__(self, "rows", rows if len(rows) else np.arange(n_traps) + 2)
        for label, length in (
            ("row numbers", len(self.rows)),
            ("coordinates", len(xy)),
            ("session labels", len(session)),
            ("covariate rows", len(covariates)),
            ("outlines", n_traps if self.parts is None else len(self.parts.geoms)),
        ):
            if length != n_traps:
                msg = (
                    f"{self.source} names {n_traps} traps but has {length} {label}. "
                    "Give one for each trap, in trap order."
                )
                raise SurveyError(msg)
        if n_traps == 0:
            msg = f"{self.source} has no traps. Give at least one row with a name, x and y."
            raise SurveyError(msg, kind="no stations", source=self.source)
        for name, value in (("names", names), ("session", session), ("xy", xy)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "covariates", covariates)
        self._check_coordinates()
        self._check_names()

    def _check_coordinates(self) -> None:
        bad = np.flatnonzero(~np.isfinite(self.xy).all(axis=1))
        if len(bad):
            listed = ", ".join(f"{self.names[i]!r} (row {self.rows[i]})" for i in bad[:10])
            msg = (
                f"{self.source}: {len(bad)} traps have coordinates that are missing or not "
                f"finite: {listed}. Give x and y in metres for each trap."
            )
            raise SurveyError(msg)

    def _check_names(self) -> None:
        keys = pd.DataFrame({"session": self.session, "trap": self.names})
        twice = keys[keys.duplicated(keep=False)]
        if len(twice):
            rows: dict[tuple[str, str], list[str]] = {}
            for row, session, trap in zip(twice.index, twice.session, twice.trap, strict=True):
                rows.setdefault((session, trap), []).append(str(self.rows[int(row)]))
            listed = "; ".join(
                f"{trap!r} of session {session!r} in rows {', '.join(numbers)}"
                for (session, trap), numbers in list(rows.items())[:10]
            )
            msg = (
                f"{self.source}: {len(rows)} trap names occur more than once: {listed}. "
                "Names must be unique within a session. Give a station that moved a new name "
                "for each place, or remove the repeated row."
            )
            raise SurveyError(msg)

    def __repr__(self) -> str:
        return str(self._shown())

    def _repr_html_(self) -> str:
        return self._shown().html()

    def _shown(self) -> Shown:
        """The traps in a few lines."""
        facts = {}
        if len(self.sessions) > 1:
            each = [f"{name} ({(self.session == name).sum()})" for name in self.sessions]
            facts["sessions"] = ", ".join(each)
        if len(self.covariates.columns):
            facts["covariates"] = ", ".join(map(str, self.covariates.columns))
        return Shown(f"Traps: {len(self)}", facts | {"coordinates": self.crs})

    def __len__(self) -> int:
        return len(self.names)

    @property
    def searched(self) -> Searched:
        """What is searched; empty for traps at points."""
        if self.parts is None:
            return ""
        return "areas" if self.parts.area else "lines"

    @property
    def ground(self) -> NDArray[np.float64]:
        """Places for distances to the nearest trap: traps, or points over what is searched."""
        return self.xy if self.parts is None else ground_of(self.parts)[0]

    @property
    def sessions(self) -> tuple[str, ...]:
        """Session labels in order of first appearance."""
        return tuple(dict.fromkeys(self.session))

    def of_session(self, label: str) -> "Traps":
        """The traps of one session, in trap order.

        Parameters
        ----------
        label
            A label in ``sessions``.

        Raises
        ------
        SurveyError
            If no trap has this session.
        """
        keep = self.session == label
        if not keep.any():
            msg = (
                f"{self.source} has no traps for session {label!r}; it has "
                f"{', '.join(map(repr, self.sessions))}. Correct the session column."
            )
            raise SurveyError(msg)
        return Traps(
            names=self.names[keep],
            xy=self.xy[keep],
            crs=self.crs,
            session=self.session[keep],
            covariates=self.covariates[keep],
            source=self.source,
            rows=self.rows[keep],
            unusable=self.unusable,
            parts=self._parts_of(keep),
        )

    def _parts_of(self, keep: NDArray[np.bool_]) -> GeometryCollection | None:
        if self.parts is None:
            return None
        return GeometryCollection([self.parts.geoms[i] for i in np.flatnonzero(keep).tolist()])

    def require_covariates(self, names: Iterable[str]) -> None:
        """Raise where a model names a column that cannot be a covariate.

        Parameters
        ----------
        names
            Columns that a formula uses; those that the traps do not have at all pass.

        Raises
        ------
        SurveyError
            If numbers and text are mixed in one, or it holds codes for no data.
        """
        for name in names:
            if name in self.unusable:
                raise SurveyError(
                    self.unusable[name], kind="covariate not usable", source=self.source
                )
