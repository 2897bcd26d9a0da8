"""What a survey holds: its sessions in numbers, as a table and in words."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scr.shown import Shown, counted
from scr.survey.detectors import DETECTORS, DetectorType, worded
from scr.survey.totals import Totals, stations_each, totals_of
from scr.survey.usage import Usage

if TYPE_CHECKING:
    from scr.survey.survey import Session, Survey


def data_summary(survey: "Survey") -> pd.DataFrame:
    """One row per session: stations, occasions, effort, animals, detections, recaptures.

    Parameters
    ----------
    survey
        The data.

    Returns
    -------
    DataFrame
        ``recaptures`` are detections beyond the first of each animal; ``at 2 or more stations``
        counts animals.
    """
    return pd.DataFrame([_of_session(session) for session in survey.sessions])


def sexes_in_words(totals: Totals) -> str:
    """How many animals of each sex there are.

    Parameters
    ----------
    totals
        Counts of a survey.
    """
    counts = dict(zip(totals.by_sex["sex"], totals.by_sex["animals"], strict=True))
    unknown = totals.n_animals - sum(counts.values())
    if unknown:
        counts["unknown"] = unknown
    return ", ".join(f"{n} {level}" for level, n in counts.items())


def days_of(session: "Session") -> tuple[np.datetime64, np.datetime64] | None:
    """First and last day of a session, or None where its occasions are numbered only.

    Parameters
    ----------
    session
        One session.
    """
    usage = session.usage
    if usage.first_day is None:
        return None
    first = usage.first_day.astype("datetime64[D]")
    return first, first + np.timedelta64(int(usage.lengths.sum()) - 1, "D")


def _of_session(session: "Session") -> dict[str, object]:
    captures, usage = session.captures, session.usage
    row: dict[str, object] = {"session": session.name}
    days = days_of(session)
    if days is not None:
        row["dates"] = f"{days[0]} to {days[1]}"
    row |= {
        "stations": len(session.traps),
        "occasions": usage.effort.shape[1],
        "days in an occasion": _days_in_occasion(usage),
        "effort, station-days": round(float(usage.effort.sum()), 1),
        "animals identified": number_seen((session,)),
        "detections": captures.n_detections,
        "recaptures": captures.n_detections - captures.n_individuals,
        "at 2 or more stations": int((stations_each(session) > 1).sum()),
    }
    if session.sides is not None:
        row["flanks"] = session.sides.photographed.in_words()
    if "sex" in captures.covariates:
        row["sex"] = sexes_in_words(totals_of((session,)))
    return {worded(name, session.traps.searched): value for name, value in row.items()}


def animals_seen(sessions: "tuple[Session, ...]") -> str:
    """How many animals were identified, each once: between two numbers where sides may be of one.

    Where sides may be of one animal, sessions are added.

    Parameters
    ----------
    sessions
        The sessions of a survey, or some of them.
    """
    sides = [session.sides for session in sessions if session.sides is not None]
    if not sides:
        return counted(totals_of(sessions).n_animals, "animal")
    least = sum(each.photographed.least for each in sides)
    most = sum(each.photographed.most for each in sides)
    return f"{least:,} to {most:,} animals" if least < most else counted(most, "animal")


def number_seen(sessions: "tuple[Session, ...]") -> int | str:
    """What ``animals_seen`` tells as a number for tables, in words where it is not known.

    Parameters
    ----------
    sessions
        The sessions of a survey, or some of them.
    """
    if all(session.sides is None for session in sessions):
        return totals_of(sessions).n_animals
    return animals_seen(sessions).removesuffix(" animals")


def _days_in_occasion(usage: Usage) -> int | str:
    if usage.occasion_days != "month":
        return usage.occasion_days
    low, high = usage.lengths.min(), usage.lengths.max()
    return f"{low}" if low == high else f"{low} to {high}"


def survey_shown(survey: "Survey") -> Shown:
    """A survey in a few lines.

    Parameters
    ----------
    survey
        The data.
    """
    totals, sessions = totals_of(survey), survey.sessions
    kind = DETECTORS[survey.detector]
    facts = {f"session {session.name}": _in_words(session, kind) for session in sessions}
    if len(sessions) > 1:
        again = f"{totals.n_again} in several sessions"
        facts["all sessions"] = f"{counted(totals.n_stations, kind.noun)}; {again}"
    if not totals.by_sex.empty:
        facts["sex"] = sexes_in_words(totals)
    facts |= {"detector": survey.detector.replace("_", " "), "coordinates": survey.crs}
    detections = counted(totals.n_detections, "detection")
    heading = f"Survey: {animals_seen(sessions)} identified in {detections}"
    return Shown(heading, facts)


def _fixes_in_words(session: "Session") -> str:
    if session.fixes is None:
        return ""
    n_animals = len(set(session.fixes.individual.tolist()))
    return f"; {len(session.fixes.xy):,} fixes of {counted(n_animals, 'animal')}"


def _in_words(session: "Session", kind: DetectorType) -> str:
    captures, usage, days = session.captures, session.usage, days_of(session)
    when = "" if days is None else f", {days[0]} to {days[1]}"
    return (
        f"{counted(len(session.traps), kind.noun)}, {usage.effort.sum():,.0f} "
        f"{kind.noun}-days{when}; "
        f"{animals_seen((session,))}, "
        f"{counted(captures.n_detections, 'detection')}, "
        f"{int((stations_each(session) > 1).sum())} at two {kind.seen_at} or more"
        f"{_fixes_in_words(session)}"
    )
