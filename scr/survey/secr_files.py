"""A survey written as the text files that secr reads."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.whole_files import write_text
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps

_IN_SECR = {"binomial_count": "count"}
_SOUND = re.compile(r"[^\s,#/\"']+")


def write_secr(survey: Survey, folder: str | Path, *, stem: str = "survey") -> tuple[Path, ...]:
    """Write a survey in secr's text format, every number exactly.

    Parameters
    ----------
    survey
        Any survey.
    folder
        Folder to write into; made where absent.
    stem
        Start of the file names: ``<stem>capt.txt`` and ``<stem>trap<session>.txt``.

    Returns
    -------
    tuple of Path
        The captures, then the traps of each session in order. In R:
        ``read.capthist(captfile, trapfiles, detector = "proximity", binary.usage = FALSE,
        covnames = ..., trapcovnames = ...)``; the first line of each file names the columns. The
        detector is that of the survey (``"multi"``, ``"count"``), which for searches is
        ``"polygon"``, ``"polygonX"``, ``"transect"`` or ``"transectX"`` and goes with
        ``fmt = "XY"``: a file of traps then has the corners of each part, and captures have places.
        Where detectors differ by occasion, the first line of a file of traps gives
        ``detector = c(...)``. Binomial counts are ``"count"``, fitted with ``binomN = 1``. An
        occasion below 0 is one at which the animal was removed. Covariates of occasions have no
        place in these files.

    Raises
    ------
    SurveyError
        If a name has a blank, comma, quote, slash or #, which secr cannot read; an area has holes
        or several pieces, or a line several; there are fixes; or detectors differ by trap.
    """
    folder = Path(folder)
    _check_kind(survey)
    _check_names(survey)
    captures = folder / f"{stem}capt.txt"
    write_text(captures, _captures(survey))
    written = [captures]
    for session in survey.sessions:
        path = folder / f"{stem}trap{session.name}.txt"
        write_text(path, _told_detectors(session) + _layout(session))
        written.append(path)
    return tuple(written)


def _check_kind(survey: Survey) -> None:
    """Raise for what these files have no place for."""
    if any(session.fixes is not None for session in survey.sessions):
        msg = (
            "The survey has fixes, which are not written to secr's text files. Write them from "
            "Python and add them in R (read.telemetry, addTelemetry), or leave this file out."
        )
        raise SurveyError(msg)
    for session in survey.sessions:
        _corners(session.traps)
        _by_occasion(session)


def _corners(traps: Traps) -> list[NDArray[np.float64]]:
    """Places of each trap, or corners of each part that is searched, shape (n_corners, 2)."""
    if traps.parts is None:
        return [xy[None] for xy in traps.xy]
    found, bad = [], []
    for name, part in zip(traps.names, traps.parts.geoms, strict=True):
        pieces = shapely.get_parts(part if part.area else shapely.line_merge(part))
        if len(pieces) > 1 or (part.area and len(pieces[0].interiors)):
            bad.append(repr(str(name)))
            continue
        found.append(shapely.get_coordinates(pieces[0].exterior if part.area else pieces[0]))
    if bad:
        msg = (
            f"{traps.source}: {len(bad)} parts have holes or several pieces, which secr's text "
            f"files have no place for: {', '.join(bad[:10])}. Cut them into parts of one piece "
            "each, or leave this file out."
        )
        raise SurveyError(msg)
    return found


def _by_occasion(session: Session) -> list[str]:
    """The type of detector in each occasion, as secr names it; none where it is the survey's."""
    if session.detectors is None:
        return []
    types = []
    for kinds, effort in zip(session.detectors.T, session.usage.effort.T, strict=True):
        here = list(dict.fromkeys(_IN_SECR.get(kind, kind) for kind in kinds[effort > 0]))
        if len(here) > 1:
            msg = (
                f"Session {session.name!r}: detectors differ between the traps of one occasion "
                f"({', '.join(here)}), which secr's text files have no place for. Write the "
                "survey of each type by itself."
            )
            raise SurveyError(msg)
        types.append(here[0] if here else _IN_SECR.get(kinds[0], kinds[0]))
    return types


def _told_detectors(session: Session) -> str:
    types = ", ".join(f'"{name}"' for name in _by_occasion(session))
    return f"# detector = c({types})\n" if types else ""


def _captures(survey: Survey) -> str:
    columns = list(dict.fromkeys(c for s in survey.sessions for c in s.captures.covariates.columns))
    searched = any(session.traps.parts is not None for session in survey.sessions)
    place = "x y" if searched else "Detector"
    lines = [f"# Session ID Occasion {place} {' '.join(columns)}".rstrip()]
    for session in survey.sessions:
        captures = session.captures
        if not len(captures.trap):
            blank = " NA" * len(columns)
            anywhere = _at(session.traps.xy[0]) if searched else session.traps.names[0]
            lines.append(f"{session.name} NONE 1 {anywhere}{blank}")
        covariates = captures.covariates.reindex(columns=columns)
        own = [
            "".join(f" {_cell(value)}" for value in row)
            for row in covariates.itertuples(index=False, name=None)
        ]
        of_record = np.repeat(np.arange(len(captures.trap)), captures.count)
        occasions = _signed_occasions(captures)
        for number, r in enumerate(of_record):
            i = captures.individual[r]
            where = _at(captures.xy[number]) if searched else session.traps.names[captures.trap[r]]
            name = captures.individuals[i]
            lines.append(f"{session.name} {name} {occasions[r]} {where}{own[i]}")
    return "\n".join(lines) + "\n"


def _signed_occasions(captures: CaptureHistory) -> NDArray[np.int64]:
    """Occasion of each record from 1, below 0 at the last of an animal that was removed."""
    last = np.zeros(captures.n_individuals, dtype=np.int64)
    np.maximum.at(last, captures.individual, captures.occasion)
    at_end = captures.occasion == last[captures.individual]
    gone = captures.removed[captures.individual] & at_end
    return np.asarray(np.where(gone, -1, 1) * (captures.occasion + 1))


def _layout(session: Session) -> str:
    traps, effort = session.traps, session.usage.effort
    columns, corners = list(traps.covariates.columns), _corners(traps)
    lines = [f"# Detector x y {effort.shape[1]} occasions / {' '.join(columns)}".rstrip(" /")]
    for k, row in enumerate(traps.covariates.itertuples(index=False, name=None)):
        usage = " ".join(_effort_cell(value, n_occasions=effort.shape[1]) for value in effort[k])
        tail = " / " + " ".join(_cell(value) for value in row) if columns else ""
        lines += [f"{traps.names[k]} {_at(xy)} {usage}{tail}" for xy in corners[k]]
    return "\n".join(lines) + "\n"


def _at(xy: NDArray[np.float64]) -> str:
    return f"{_cell(xy[0])} {_cell(xy[1])}"


def _effort_cell(days: float, *, n_occasions: int) -> str:
    """One lone 10 or 101 would be read as a word of 0 and 1, one for each occasion."""
    return repr(float(days)) if n_occasions == 1 else _cell(days)


def _cell(value: object) -> str:
    """The shortest text that reads back as the same value."""
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return "NA"
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return "NA" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _check_names(survey: Survey) -> None:
    texts: list[tuple[str, str]] = []
    for session in survey.sessions:
        texts.append(("session", session.name))
        texts.extend(("trap", str(name)) for name in session.traps.names)
        texts.extend(("animal", str(name)) for name in session.captures.individuals)
        for table in (session.traps.covariates, session.captures.covariates):
            for column in table.columns:
                texts.append(("column", str(column)))
                texts.extend((str(column), _cell(value)) for value in table[column])
    bad = list(dict.fromkeys((what, text) for what, text in texts if not _SOUND.fullmatch(text)))
    bad += [("animal", "NONE")] if ("animal", "NONE") in texts else []
    if bad:
        listed = ", ".join(f"{what} {text!r}" for what, text in bad[:10])
        msg = (
            f"{len(bad)} names cannot stand in secr's text files, which separate by blanks: "
            f"{listed}. Rename them without blanks, commas, quotes, slashes and #."
        )
        raise SurveyError(msg, kind="name not fit for secr")
