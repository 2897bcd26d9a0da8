"""A survey written as the text files that secr reads."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.whole_files import write_text
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS, MIXED
from scr.survey.survey import Session, Survey

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
        detector is that of the survey (``"multi"``, ``"count"``). An occasion below 0 is one at
        which the animal was removed. Covariates of occasions have no place in these files.

    Raises
    ------
    SurveyError
        If a name has a blank, comma, quote, slash or #, which secr cannot read, or areas or lines
        were searched, there are fixes, or detectors are of several types.
    """
    folder = Path(folder)
    _check_kind(survey)
    if survey.detector == MIXED:
        msg = (
            "These files have no place for detectors of several types. Write the survey of each "
            "type by itself, or name the types in R, by detector(traps(capthist))."
        )
        raise SurveyError(msg)
    _check_names(survey)
    captures = folder / f"{stem}capt.txt"
    write_text(captures, _captures(survey))
    written = [captures]
    for session in survey.sessions:
        path = folder / f"{stem}trap{session.name}.txt"
        write_text(path, _layout(session))
        written.append(path)
    return tuple(written)


def _check_kind(survey: Survey) -> None:
    """Raise for what is not written yet: outlines and places of searches, fixes."""
    searched = DETECTORS[survey.detector].searched
    with_fixes = any(session.fixes is not None for session in survey.sessions)
    if searched or with_fixes:
        what = f"searched {searched} and places of detections" if searched else "fixes"
        msg = (
            f"The survey has {what}, which are not written to secr's text files yet. Write "
            "outlines and places from Python, or leave this file out."
        )
        raise SurveyError(msg)


def _captures(survey: Survey) -> str:
    columns = list(dict.fromkeys(c for s in survey.sessions for c in s.captures.covariates.columns))
    lines = [f"# Session ID Occasion Detector {' '.join(columns)}".rstrip()]
    for session in survey.sessions:
        captures = session.captures
        if not len(captures.trap):
            blank = " NA" * len(columns)
            lines.append(f"{session.name} NONE 1 {session.traps.names[0]}{blank}")
        covariates = captures.covariates.reindex(columns=columns)
        own = [
            "".join(f" {_cell(value)}" for value in row)
            for row in covariates.itertuples(index=False, name=None)
        ]
        occasions = _signed_occasions(captures)
        for i, s, k, n in zip(
            captures.individual, occasions, captures.trap, captures.count, strict=True
        ):
            line = f"{session.name} {captures.individuals[i]} {s} {session.traps.names[k]}"
            lines.extend([line + own[i]] * int(n))
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
    columns = list(traps.covariates.columns)
    lines = [f"# Detector x y {effort.shape[1]} occasions / {' '.join(columns)}".rstrip(" /")]
    for k, row in enumerate(traps.covariates.itertuples(index=False, name=None)):
        usage = " ".join(_effort_cell(value, n_occasions=effort.shape[1]) for value in effort[k])
        tail = " / " + " ".join(_cell(value) for value in row) if columns else ""
        x, y = traps.xy[k]
        lines.append(f"{traps.names[k]} {_cell(x)} {_cell(y)} {usage}{tail}")
    return "\n".join(lines) + "\n"


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
