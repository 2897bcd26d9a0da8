"""What a check of a survey found: the record that the terminal and the page both show."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.model.advice import advise_buffer, advise_spacing, usual_spacing
from scr.shown import counted
from scr.survey.bearing import expected_rse
from scr.survey.detection_places import detection_places
from scr.survey.detectors import worded
from scr.survey.movements import movements_of
from scr.survey.row_account import RowAccount
from scr.survey.summary import number_seen
from scr.survey.survey import Session, Survey
from scr.survey.totals import totals_of
from scr.survey.traps import Traps
from scr.survey.troubles import SEVERITIES, Severity, Trouble, by_severity

WORDS = {"error": "Errors", "warning": "Warnings", "note": "Notes"}
"""Headings, by severity."""

EXPLAINED = {
    "error": "have to be mended before anything is fitted",
    "warning": "can be used but look wrong: check each",
    "note": "what reading did, for you to know",
}
"""What each severity means."""


@dataclass(frozen=True, eq=False)
class Examination:
    """A survey as far as it could be read, and its troubles.

    Parameters
    ----------
    title
        Name of the survey.
    banner
        Text at the top, such as ``"SIMULATED"``.
    troubles
        Everything found, in any order.
    traps, survey, mask, reserve
        None where they could not be read, or were not given.
    partial
        Whether rows with errors were taken out of ``survey`` or ``traps``.
    rows
        What became of the rows of the detections.
    model
        The model in words, by name.
    sigma
        First estimate of sigma, metres, where there is a survey.
    """

    title: str
    banner: str = ""
    troubles: tuple[Trouble, ...] = ()
    traps: Traps | None = None
    survey: Survey | None = None
    mask: HabitatMask | None = None
    reserve: Region | None = None
    partial: bool = False
    rows: RowAccount | None = None
    model: dict[str, str] = field(default_factory=dict)
    sigma: float | None = None

    @property
    def n_errors(self) -> int:
        """Troubles that have to be mended."""
        return len(self.of_severity("error"))

    def of_severity(self, severity: Severity) -> list[Trouble]:
        """Troubles of one severity, without repeats.

        Parameters
        ----------
        severity
            ``"error"``, ``"warning"`` or ``"note"``.
        """
        return [t for t in by_severity(self.troubles) if t.severity == severity]

    @property
    def session_facts(self) -> list[dict[str, str]]:
        """Counts of each session, by name."""
        sessions = () if self.survey is None else self.survey.sessions
        return [_session_facts(session) for session in sessions]

    @property
    def row_lines(self) -> list[tuple[str, int, str]]:
        """What became of the rows of the detections: what, number, which."""
        return [] if self.rows is None else _row_lines(self.rows)

    @property
    def scale(self) -> dict[str, str]:
        """First estimate of sigma, and the buffer and cells that suit it."""
        if self.survey is None or self.sigma is None:
            return {}
        return _scale_facts(self.survey, self.sigma)

    @property
    def setting(self) -> dict[str, str]:
        """Coordinate system, mask, reserve and model in words."""
        return _setting(self)

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        counts = {s: len(self.of_severity(s)) for s in SEVERITIES}
        if counts["error"]:
            kinds = _count(counts["error"], "kind of error", "kinds of error")
            return f"{kinds} to mend before anything is fitted."
        if counts["warning"]:
            return f"No errors; {_count(counts['warning'], 'warning', 'warnings')} to look at."
        return "Nothing is wrong with these files."


def _session_facts(session: Session) -> dict[str, str]:
    usage, facts = session.usage, totals_of((session,))
    worked = usage.effort.sum(axis=1)
    result = {
        "session": session.name,
        "stations": f"{len(session.traps):,}",
        "stations that never worked": f"{int((worked == 0).sum()):,}",
        "spacing (km)": _spacing(session),
        "occasions": f"{usage.effort.shape[1]:,}",
        "days": _days(session),
        "effort (days)": f"{usage.effort.sum():,.0f}",
        "effort per station (days)": _range(worked[worked > 0]),
        "animals identified": f"{facts.n_animals:,}",
        "detections": f"{facts.n_detections:,}",
        "recaptures": f"{facts.n_recaptures:,}",
        "animals seen at 2 or more stations": f"{facts.n_at_two:,}",
        "longest movement (km)": f"{_longest(session) / 1000:.1f}",
    }
    if session.sides is not None:
        seen = session.sides.photographed
        result["animals identified"] = str(number_seen((session,)))
        result["complete, left, right alone"] = f"{seen.complete}, {seen.left}, {seen.right}"
    for sex, animals, detections in facts.by_sex.to_numpy().tolist():
        result[f"detections of sex {sex} (animals)"] = f"{detections:,} ({animals:,})"
    return {worded(name, session.traps.searched): value for name, value in result.items()}


def _row_lines(rows: RowAccount) -> list[tuple[str, int, str]]:
    left_out = [(f"left out: {why}", len(which), row_text(which)) for why, which in rows.dropped]
    return [
        ("rows read", rows.n_read, ""),
        *left_out,
        ("rows used", rows.n_used, ""),
        ("records made of them", rows.n_records, ""),
    ]


def _scale_facts(survey: Survey, sigma: float) -> dict[str, str]:
    moved = movements_of(survey)
    searched = survey.sessions[0].traps.searched
    told_by = f"from {counted(moved.n_recaptures, 'recapture')}"
    if moved.sigma is None:
        told_by = worded(f"from the spacing of the stations, as {moved.why_not}", searched)
    totals = totals_of(survey)
    error = expected_rse(totals)
    together = {}
    if len(survey.sessions) > 1:
        together["animals identified"] = (
            f"{totals.n_animals:,} in all sessions together, {totals.n_again:,} of them in more "
            "than one"
        )
        together[worded("stations", searched)] = f"{totals.n_stations:,} in all sessions together"
    facts = together | {
        "sigma, first estimate": f"{sigma / 1000:.2f} km ({told_by})",
        "buffer that suits it": f"{advise_buffer(sigma) / 1000:.3g} km",
        "cells that suit it": f"{advise_spacing(sigma) / 1000:.3g} km or smaller",
    }
    if np.isfinite(error):
        facts["error of density to expect"] = f"about {100 * error:.0f} % (1 / sqrt(min(n, r)))"
    return facts


def _setting(examination: Examination) -> dict[str, str]:
    facts = {}
    if examination.traps is not None:
        facts["coordinate system"] = examination.traps.crs
    mask, reserve = examination.mask, examination.reserve
    if mask is not None:
        of = "" if mask.spacing is None else f" of {mask.spacing:g} m"
        facts["cells of the mask"] = f"{len(mask):,}{of}"
        facts["area of the mask"] = f"{mask.area:,.0f} km2"
        if mask.extent is not None:
            facts["buffer of the mask"] = f"{mask.extent.buffer / 1000:g} km"
        for name in mask.covariates.columns:
            column = mask.covariates[name]
            if pd.api.types.is_numeric_dtype(column):
                facts[str(name)] = f"{column.min():.4g} to {column.max():.4g}"
            else:
                facts[str(name)] = f"{column.nunique()} classes"
    if reserve is not None:
        facts[f"area of {reserve.name}"] = f"{reserve.area_km2:,.0f} km2"
    return facts | examination.model


def row_text(rows: tuple[int, ...]) -> str:
    """Row numbers in few words, runs of them as a range.

    Parameters
    ----------
    rows
        Row numbers in order.

    Examples
    --------
    >>> row_text((3, 4, 5, 9))
    'rows 3 to 5, 9'
    """
    if not rows:
        return ""
    runs = np.split(np.array(rows), np.flatnonzero(np.diff(rows) > 1) + 1)
    texts = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    more = f" and {len(texts) - 12} more" if len(texts) > 12 else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(texts[:12])}{more}"


def _spacing(session: Session) -> str:
    places = np.unique(session.traps.xy, axis=0)
    if len(places) < 2:
        return "one place"
    return f"{usual_spacing(session.traps) / 1000:.2f}"


def _days(session: Session) -> str:
    edges = session.usage.edges
    if edges is None:
        return "not dated"
    return f"{str(edges[0])[:10]} to {str(edges[-1] - np.timedelta64(1, 'us'))[:10]}"


def _range(days: NDArray[np.float64]) -> str:
    if not len(days):
        return "0"
    low, high = f"{days.min():.4g}", f"{days.max():.4g}"
    return low if low == high else f"{low} to {high}"


def _longest(session: Session) -> float:
    """Greatest distance between two stations, or places of detection, of one animal, metres."""
    far, (who, places, _) = 0.0, detection_places(session)
    distinct = np.unique(np.column_stack([who, places]), axis=0)
    for animal in range(session.captures.n_individuals):
        xy = distinct[distinct[:, 0] == animal, 1:]
        far = max(far, float(np.hypot(*(xy[:, None] - xy[None]).T).max()))
    return far


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
