"""One or more sessions of trapping, cross-checked once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.common_system import one_for_all
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS, MIXED, Detector, check_detector
from scr.survey.fixes import Fixes
from scr.survey.occasion_covariates import check_occasion_covariates
from scr.survey.searches import check_search
from scr.survey.sided_records import Sides
from scr.survey.summary import survey_shown
from scr.survey.traps import Traps
from scr.survey.usage import Usage


@dataclass(frozen=True, eq=False)
class Session:
    """Traps, effort and captures of one closed survey.

    Parameters
    ----------
    name
        Label of the session.
    traps
        Its traps.
    usage
        Its effort, one row per trap.
    captures
        Its capture history; it may have no individuals.
    occasions
        Covariates of occasions (rain, season), one row per occasion, none missing.
    by_occasion
        Covariates of traps that change with the occasion (bait), one row for each trap and
        occasion, all occasions of the first trap before those of the second; they count where
        effort is above 0, and may be missing elsewhere.
    unusable
        Columns of these two that cannot be covariates as they stand, with the message to show
        where a model names one.
    fixes
        Places of animals by transmitters, or None.
    detectors
        Type of each trap in each occasion where they are mixed, shape (n_traps, n_occasions);
        None where all are of the survey's.
    sides
        What is known of the sides of animals, where all flanks are used; else None.

    Raises
    ------
    SurveyError
        If usage and traps differ in number, a record lies outside them, or covariates do not fit
        the occasions.
    """

    name: str
    traps: Traps
    usage: Usage
    captures: CaptureHistory
    occasions: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_occasion: pd.DataFrame = field(default_factory=pd.DataFrame)
    unusable: Mapping[str, str] = field(default_factory=dict)
    fixes: Fixes | None = None
    detectors: NDArray[np.object_] | None = None
    sides: Sides | None = None

    def __post_init__(self) -> None:
        n_traps, n_occasions = self.usage.effort.shape
        if self.occasions.empty:
            object.__setattr__(self, "occasions", pd.DataFrame(index=range(n_occasions)))
        if self.by_occasion.empty:
            object.__setattr__(
                self, "by_occasion", pd.DataFrame(index=range(self.usage.effort.size))
            )
        check_occasion_covariates(
            self.name,
            self.occasions.drop(columns=list(self.unusable), errors="ignore"),
            self.by_occasion.drop(columns=list(self.unusable), errors="ignore"),
            self.usage,
        )
        if n_traps != len(self.traps):
            msg = (
                f"Session {self.name!r}: usage has {n_traps} rows but there are "
                f"{len(self.traps)} traps. Give one row per trap, in trap order; "
                "use 0 where a trap was not working."
            )
            raise SurveyError(msg)
        captures = self.captures
        if self.sides is not None:
            self.sides.check_fits(self.name, captures, self.usage.effort)
        if len(captures.trap) == 0:
            return
        if captures.trap.min() < 0 or captures.trap.max() >= n_traps:
            msg = f"Session {self.name!r}: a record names a trap outside 0..{n_traps - 1}."
            raise SurveyError(msg)
        if captures.occasion.min() < 0 or captures.occasion.max() >= n_occasions:
            msg = (
                f"Session {self.name!r}: a record names an occasion outside 1..{n_occasions}. "
                "Correct the occasion numbers or give usage for all occasions."
            )
            raise SurveyError(msg)
        self._check_effort_at_detections()

    def require_covariates(self, names: Iterable[str]) -> None:
        """Raise where a model names a covariate of occasions that cannot be one.

        Parameters
        ----------
        names
            Columns that a formula uses; those that there are not pass.

        Raises
        ------
        SurveyError
            If cells are missing, numbers and text are mixed, or there are codes for no data.
        """
        for name in names:
            if name in self.unusable:
                told = self.unusable[name]
                raise SurveyError(told, kind="covariate not usable", source=told.partition(":")[0])

    def kinds(self, detector: Detector) -> dict[Detector, NDArray[np.bool_]]:
        """Where each type of detector stands, shape (n_traps, n_occasions), by its name.

        Parameters
        ----------
        detector
            That of the survey.
        """
        if self.detectors is None:
            return {detector: np.ones(self.usage.effort.shape, dtype=np.bool_)}
        names = sorted({str(name) for name in self.detectors.ravel()})
        return {name: self.detectors == name for name in names if name in DETECTORS}

    def _check_effort_at_detections(self) -> None:
        captures = self.captures
        effort = self.usage.effort[captures.trap, captures.occasion]
        idle = np.flatnonzero(effort <= 0)
        if len(idle):
            listed = "; ".join(
                f"individual {captures.individuals[captures.individual[i]]!r} at trap "
                f"{self.traps.names[captures.trap[i]]!r}, occasion {captures.occasion[i] + 1}"
                for i in idle[:10]
            )
            msg = (
                f"Session {self.name!r}: {len(idle)} detections were made where usage is 0: "
                f"{listed}. A trap that detected an animal was working: correct the dates of its "
                "deployment or the usage table, or the date of the detection."
            )
            raise SurveyError(msg)


@dataclass(frozen=True, eq=False, repr=False)
class Survey:
    """Everything observed.

    Parameters
    ----------
    sessions
        One or more sessions with different names.
    detector
        ``"proximity"`` (binary per animal, trap and occasion), ``"count"`` (Poisson),
        ``"binomial_count"`` (binomial of size T, the effort, which must be whole), ``"multi"``
        (traps that hold animals until the end of the occasion) or ``"single"`` (one animal each,
        fitted as multi); ``"polygon"`` or ``"transect"`` where areas or lines are searched and
        detections have places, and ``"polygon_exclusive"`` or ``"transect_exclusive"`` where an
        animal is found once an occasion at most; ``"mixed"`` where they differ by trap or
        occasion (``scr.survey.mixed``).
    covariates
        Session covariates, one row per session, in order.
    notes
        What reading did that the user should know (visits merged, sexes unknown).
    doubts
        What reading found that can be used but looks wrong: its text, with names and rows, by its
        kind. Private.

    Raises
    ------
    SurveyError
        If names repeat, coordinate systems differ, counts do not fit the detector, or there is
        telemetry of different kinds.
    """

    sessions: tuple[Session, ...]
    detector: Detector = "proximity"
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()
    doubts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sessions", tuple(self.sessions))
        names = [session.name for session in self.sessions]
        covariates = self.covariates
        if covariates.empty:
            covariates = pd.DataFrame(index=range(len(names)))
        object.__setattr__(self, "covariates", covariates.reset_index(drop=True))
        if not names or len(set(names)) != len(names):
            msg = f"A survey needs sessions with different names; it has {names}."
            raise SurveyError(msg)
        if len(self.covariates) != len(names):
            msg = (
                f"{len(self.covariates)} rows of session covariates for {len(names)} sessions. "
                "Give one row per session."
            )
            raise SurveyError(msg)
        check_detector(self.detector)
        systems = {session.traps.crs for session in self.sessions}
        if len(systems) > 1:
            remedy = one_for_all((s.traps.xy, s.traps.crs) for s in self.sessions)
            msg = (
                f"Sessions use different coordinate systems: {', '.join(sorted(systems))}. A "
                f"survey is kept in one. {remedy}"
            )
            raise SurveyError(msg, kind="sessions in several systems")
        for session in self.sessions:
            _check_detectors(session, self.detector)
            for kind, used in session.kinds(self.detector).items():
                _check_counts(session, kind, used)
            check_search(session.name, session.traps, session.captures, self.detector)
        kinds = {session.fixes.telemetry for session in self.sessions if session.fixes is not None}
        if len(kinds) > 1:
            msg = (
                f"The sessions have telemetry of different kinds: {', '.join(sorted(kinds))}. "
                "Give all fixes the same meaning."
            )
            raise SurveyError(msg)

    def __repr__(self) -> str:
        return str(survey_shown(self))

    def _repr_html_(self) -> str:
        return survey_shown(self).html()

    @property
    def crs(self) -> str:
        """Coordinate system of all traps."""
        return self.sessions[0].traps.crs

    @property
    def n_individuals(self) -> int:
        """Animals detected, summed over sessions; ``totals_of`` counts each animal once."""
        return sum(session.captures.n_individuals for session in self.sessions)


def _check_detectors(session: Session, detector: Detector) -> None:
    """Raise where types of detectors are missing, are not wanted, or cannot be mixed."""
    if (session.detectors is None) == (detector == MIXED):
        what = "has no types of detectors" if detector == MIXED else "has types of its own"
        msg = (
            f"Session {session.name!r} {what}, and the survey detector={detector!r}. Use "
            "scr.survey.mixed.with_detectors, which sets both."
        )
        raise SurveyError(msg)
    if session.detectors is None:
        return
    used = session.usage.effort > 0
    kinds = session.kinds(detector)
    known = np.sum(list(kinds.values()), axis=0) > 0
    searched = [kind for kind in kinds if DETECTORS[kind].searched or kind == MIXED]
    if session.detectors.shape != used.shape or not known.all() or searched:
        msg = (
            f"Session {session.name!r}: types of detectors must be one for each trap and occasion, "
            f"of those that stand at points; there are {', '.join(map(str, searched or kinds))} in "
            f"an array of shape {session.detectors.shape}, and {used.shape[0]} traps and "
            f"{used.shape[1]} occasions."
        )
        raise SurveyError(msg)
    holding = [where & used for kind, where in kinds.items() if DETECTORS[kind].records == "multi"]
    held = np.sum(holding, axis=0) > 0 if holding else np.zeros_like(used)
    shared = np.flatnonzero(held.any(axis=0) & (used & ~held).any(axis=0))
    if len(shared) or len(holding) > 1:
        msg = (
            f"Session {session.name!r}: in {len(shared)} occasions traps that hold animals stand "
            "beside other detectors (or single-catch beside multi-catch traps), so that what an "
            "animal meets depends on where it was first. That is not fitted yet: give them "
            "occasions of their own."
        )
        raise SurveyError(msg)


def _check_counts(session: Session, detector: Detector, where: NDArray[np.bool_]) -> None:
    captures, effort = session.captures, session.usage.effort
    mine = where[captures.trap, captures.occasion]
    if DETECTORS[detector].is_binary and (captures.count[mine] > 1).any():
        bad = np.flatnonzero(mine & (captures.count > 1))
        msg = (
            f"Session {session.name!r}: {len(bad)} records count more than 1, but {detector} "
            f"detectors record presence alone: {_records(session, bad)}. Reduce counts to 1, or "
            "use detector='count'."
        )
        raise SurveyError(msg, kind="count at a proximity detector")
    if DETECTORS[detector].records == "multi":
        rows = np.flatnonzero(mine)
        _, place, times = np.unique(
            np.stack([captures.individual[rows], captures.occasion[rows]]),
            axis=1,
            return_inverse=True,
            return_counts=True,
        )
        bad = rows[times[place.reshape(-1)] > 1]
        if len(bad):
            msg = (
                f"Session {session.name!r}: {len(bad)} records are of an animal in several traps "
                f"in one occasion: {_records(session, bad)}. A multi-catch trap keeps an animal to "
                "the end of the occasion: correct the records, or use detector='proximity'."
            )
            raise SurveyError(msg, kind="one animal in two traps at once")
    if detector == "binomial_count":
        used = effort[captures.trap, captures.occasion]
        bad = np.flatnonzero(mine & ((used != np.round(used)) | (used < captures.count)))
        if len(bad):
            source = session.usage.source
            msg = (
                f"{source}: {len(bad)} records of session {session.name!r} do not fit a binomial "
                f"count: {_records(session, bad)}. Effort must be a whole number of trials, not "
                "below the count; use detector='count' otherwise."
            )
            raise SurveyError(msg, kind="count beyond its effort", source=source)


def _records(session: Session, rows: NDArray[np.int64]) -> str:
    """Records as text, the first ten."""
    captures, effort = session.captures, session.usage.effort
    lines = [
        f"{captures.individuals[captures.individual[row]]!r} at trap "
        f"{session.traps.names[captures.trap[row]]!r}, occasion {captures.occasion[row] + 1}: "
        f"count {captures.count[row]}, "
        f"effort {effort[captures.trap[row], captures.occasion[row]]:g}"
        for row in rows[:10]
    ]
    return "; ".join(lines) + (f"; and {len(rows) - 10} more" if len(rows) > 10 else "")
