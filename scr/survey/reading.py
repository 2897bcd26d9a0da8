"""A survey from its files: detections, traps, and the time the traps worked."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError, SurveyWarning
from scr.io.bounds import memory_told
from scr.io.observation_level import ObservationLevel
from scr.io.tables import read_table, source_name
from scr.schema import aliases
from scr.survey.animals import with_identities, without_young
from scr.survey.columns_agree import check_columns_agree
from scr.survey.detectors import DETECTORS, MIXED, Detector, Telemetry
from scr.survey.doubts import doubts_of
from scr.survey.flanks import Flank, OneSided, of_flank
from scr.survey.holding_traps import SINGLE_CATCH, check_one_in_a_trap, suspect_holding
from scr.survey.individuals import MISSING_SEX
from scr.survey.levels import check_each_its_own, of_level, suspect_tracks
from scr.survey.matching import match_rows, sessions_of
from scr.survey.mixed import with_detectors
from scr.survey.occasions import place_detections
from scr.survey.outside import Detected
from scr.survey.reading_captures import captures_from_table
from scr.survey.reading_choices import ReadingChoices, reading_choices
from scr.survey.reading_defaults import (
    DAY_STARTS,
    DETECTOR,
    DROP_OUTSIDE,
    OCCASION_DAYS,
    TELEMETRY,
    DayStarts,
    OccasionLength,
)
from scr.survey.reading_effort import TableInput, efforts_of, read_usage
from scr.survey.reading_occasions import varying_covariates
from scr.survey.reading_places import (
    detection_columns,
    place_rows,
    read_fixes,
    with_parts,
    with_places,
)
from scr.survey.reading_sessions import session_covariates
from scr.survey.reading_sides import sides_of_sessions, with_sides
from scr.survey.row_account import RowAccount, left_out
from scr.survey.session_by_time import with_session
from scr.survey.sided_records import Sides
from scr.survey.species import of_species
from scr.survey.survey import Session, Survey
from scr.survey.suspect_codes import suspect_codes
from scr.survey.suspect_counts import suspect_counts
from scr.survey.suspect_effort import SEASONS, suspect_unit, suspect_usage
from scr.survey.suspect_places import suspect_places
from scr.survey.suspect_stations import suspect_stations
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, doubts_by_kind


@memory_told(SurveyError)
def read_survey(
    detections: TableInput,
    traps: Traps,
    *,
    usage: TableInput | NDArray[np.float64] | int | None = None,
    detector: Detector = DETECTOR,
    occasion_days: OccasionLength = OCCASION_DAYS,
    first_day: str | date | None = None,
    day_starts: DayStarts = DAY_STARTS,
    independence: str | pd.Timedelta | None = None,
    session_covariates: TableInput | None = None,
    missing_sex: Collection[str] = MISSING_SEX,
    day_first: bool | None = None,
    drop_outside: bool = DROP_OUTSIDE,
    flank: Flank | None = None,
    species: str | Collection[str] | None = None,
    identities: TableInput | None = None,
    observation_level: ObservationLevel | None = None,
    occasion_covariates: TableInput | None = None,
    trap_occasion_covariates: TableInput | None = None,
    fixes: TableInput | None = None,
    telemetry: Telemetry = TELEMETRY,
) -> Survey:
    """Detections, effort and traps as one survey of one or more sessions.

    ``scr.schema.TABLES`` lists the columns and the names under which they are read.

    Parameters
    ----------
    detections
        Columns individual, trap (or station), and datetime, date (with time) or occasion;
        session where there are several; perhaps count, sex and other individual covariates;
        where areas or lines are searched x and y (or lon and lat), which tell the trap.
    traps
        From ``read_traps``, or ``read_searched``.
    usage
        Deployments (trap, start, end, perhaps problem1_from, problem1_to, ...; several rows for a
        trap are a union), or a table with one column per occasion (u1, u2, ... or days), which
        may be the file of the traps; or an array (n_traps, n_occasions) of days worked; or the
        number of occasions, in each of which every trap worked one day.
    detector
        ``"proximity"`` (presence per animal, trap and occasion), ``"count"`` (Poisson),
        ``"binomial_count"`` (of size T), ``"multi"`` (traps that hold animals until the end of the
        occasion) or ``"single"`` (one animal each; fitted as multi); ``"polygon"``,
        ``"transect"`` (areas or lines that are searched) and ``"polygon_exclusive"``,
        ``"transect_exclusive"`` (an animal is found once an occasion at most); ``"mixed"`` where a
        column ``detector_type`` of the stations, or of the covariates of occasions, names each.
    occasion_days
        Length of an occasion: whole days of the camera's clock from the first set-up day, or
        ``"week"``, from Monday, or ``"month"``, from the first of the month.
    first_day
        Day on which the first occasion begins, such as ``"2024-02-01"``, for all sessions; for
        occasions of so many days.
    day_starts
        ``"midnight"`` or ``"noon"``.
    independence
        For count detectors with times: photographs of one animal at one trap this far apart, such
        as ``"30min"``, are visits of their own.
    session_covariates
        Table with a column session and one row per session.
    missing_sex
        Texts, in any case, that mean an unknown sex.
    day_first
        For dates such as 02/05/2024, where the file itself does not decide: True for 2 May.
    drop_outside
        True to leave out detections outside the time their trap worked, with a note.
    flank
        Where the detections have a column flank: ``"left"`` or ``"right"`` leaves out photographs
        of the other flank alone, and with them animals known from no other; ``"both"`` uses all,
        and leaves open which left and which right animals are one.
    species
        Where the detections have a column species with several: the one meant, or several ways
        of writing it.
    identities
        Table with columns individual and becomes (and row, for single rows of the detections):
        names to merge, split or change, each noted; with ``flank="both"`` they also say which
        left and right animals are one.
    observation_level
        Where the detections have a column observationLevel: ``"event"`` or ``"media"``; left out,
        rows of events if there are any, else those of media, never both.
    occasion_covariates
        Table with columns occasion, or date (a day of the occasion), and session where there are
        several: one row for each occasion, for formulas of detection.
    trap_occasion_covariates
        The same with a column trap (or station): one row for each trap and occasion in which it
        worked.
    fixes
        Table of fixes of transmitters: individual, x and y (or lon and lat), session where there
        are several.
    telemetry
        ``"concurrent"`` (animals of the survey, detected or not; equal names are the same animal),
        ``"dependent"`` (fixes of animals never detected are left out) or ``"independent"`` (other
        animals).

    Returns
    -------
    Survey
        Its ``notes`` say what reading did.

    Raises
    ------
    SurveyError
        If a table cannot be read, names do not match, or a detection falls where effort is 0.

    Warns
    -----
    SurveyWarning
        For what can be used but looks wrong, one for each kind.

    Examples
    --------
    >>> traps = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [3000.0, 0.0]]), crs="local")
    >>> seen = pd.DataFrame({"individual": ["x"], "trap": ["B"], "occasion": [2]})
    >>> read_survey(seen, traps, usage=5).sessions[0].captures.occasion
    array([1])
    """
    choices = reading_choices(
        detector=detector,
        occasion_days=occasion_days,
        first_day=first_day,
        day_starts=day_starts,
        independence=independence,
        missing_sex=missing_sex,
        day_first=day_first,
        drop_outside=drop_outside,
        flank=flank,
        observation_level=observation_level,
        species=species,
        telemetry=telemetry,
    )
    files = SurveyFiles(
        detections,
        usage,
        session_covariates,
        identities,
        occasion_covariates,
        trap_occasion_covariates,
        fixes,
    )
    survey, troubles, _ = examine_survey(files, traps, choices=choices)
    for trouble in troubles:
        if trouble.severity == "warning":
            warnings.warn(trouble.line, SurveyWarning, stacklevel=2)
    said = [trouble.line for trouble in troubles if trouble.severity == "note"]
    return replace(survey, notes=(*survey.notes, *said), doubts=doubts_by_kind(troubles))


@dataclass(frozen=True, eq=False)
class SurveyFiles:
    """The tables of a survey, as in ``read_survey``."""

    detections: TableInput
    usage: TableInput | NDArray[np.float64] | int | None
    session_covariates: TableInput | None = None
    identities: TableInput | None = None
    occasion_covariates: TableInput | None = None
    trap_occasion_covariates: TableInput | None = None
    fixes: TableInput | None = None


class Examined(NamedTuple):
    """A survey, what looks wrong or was changed in its tables, and what became of the rows."""

    survey: Survey
    troubles: tuple[Trouble, ...]
    rows: RowAccount


def examine_survey(files: SurveyFiles, traps: Traps, *, choices: ReadingChoices) -> Examined:
    """A survey, and what in its tables can be used but looks wrong or was changed.

    Parameters
    ----------
    files
        The tables.
    traps
        From ``read_traps``.
    choices
        How to read them.

    Raises
    ------
    SurveyError
        As ``read_survey``.
    """
    rule = choices.occasion
    check_each_its_own(vars(files))
    source = source_name(files.detections, "table of detections")
    whole = read_table(
        files.detections,
        **detection_columns(choices.records.detector),
        label="table of detections",
    )
    whole = with_parts(whole, traps, source=source)
    chosen = _chosen(whole, files.identities, choices=choices, source=source)
    table = chosen.table
    effort_table = read_usage(files.usage)
    sessions = sessions_of(traps, effort_table.table, table, source=source)
    efforts, offsets, notes = efforts_of(
        files.usage, effort_table, traps, sessions=sessions, rule=rule
    )
    table, told = with_session(table, sessions, efforts, day_first=rule.day_first, source=source)
    detected = Detected(table, match_rows(table, sessions, source=source), source)
    placed = place_detections(
        detected, efforts, rule=rule, offsets=offsets, drop_outside=choices.drop_outside
    )
    sided, as_named = None, detected
    if choices.flank == "both":
        confirmed = () if files.identities is None else _identities(files.identities)["becomes"]
        sided = with_sides(
            detected, placed, detector=choices.records.detector, confirmed=tuple(confirmed)
        )
        detected = sided.detected
    captures, more = captures_from_table(detected, placed, labels=sessions, rule=choices.records)
    if DETECTORS[choices.records.detector].searched:
        rows = place_rows(detected, placed, traps.crs)
        captures = with_places(
            captures, rows, sessions, detector=choices.records.detector, source=source
        )
    fixes, of_fixes = read_fixes(files.fixes, sessions, telemetry=choices.telemetry)
    sides: dict[str, Sides] = {}
    if sided is not None:
        sides, told_sides = sides_of_sessions(
            sided, placed, sessions, efforts, captures, rule=choices.records
        )
        more = (*sided.notes, *more, *told_sides)
    single = (SINGLE_CATCH,) if choices.records.detector == "single" else ()
    varying, varied = varying_covariates(
        (files.occasion_covariates, files.trap_occasion_covariates),
        sessions,
        efforts,
        day_first=rule.day_first,
    )
    survey = Survey(
        sessions=tuple(
            Session(
                label,
                own,
                efforts[label].usage,
                captures[label],
                **vars(varying[label]),
                fixes=fixes.get(label),
                sides=sides.get(label),
            )
            for label, own in sessions.items()
        ),
        detector="count" if choices.records.detector == MIXED else choices.records.detector,
        covariates=session_covariates(files.session_covariates, list(sessions)),
        notes=tuple(
            dict.fromkeys(
                (*chosen.notes, *notes, *told, *placed.notes, *varied, *more, *single, *of_fixes)
            )
        ),
    )
    survey = with_detectors(survey) if choices.records.detector == MIXED else survey
    check_one_in_a_trap(survey, source=source)
    doubts = (*chosen.troubles, *effort_table.troubles, *suspect_tracks(survey, source=source))
    doubts += suspect_holding(survey, source=source)
    doubts += doubts_of(
        as_named,
        placed,
        sessions,
        records=choices.records,
        day_first=rule.day_first,
        both_flanks=choices.flank == "both",
    )
    doubts += tuple(suspect_counts(captures, detected, placed))
    of_effort = [
        trouble
        for session in survey.sessions
        for trouble in (
            *efforts[session.name].troubles,
            *suspect_usage(session, others=survey.sessions),
            *suspect_unit(session),
        )
        if session.captures.n_individuals or trouble.kind != SEASONS
    ]
    inside = table.index[placed.inside]
    late = left_out(table.index, inside, "outside the time the station worked")
    n_records = sum(len(session.captures.trap) for session in survey.sessions)
    account = RowAccount(source, len(whole), (*chosen.dropped, *late), n_records)
    of_places = () if traps.parts is not None else suspect_places(traps) + suspect_stations(traps)
    return Examined(survey, (*of_places, *of_effort, *doubts), account)


def _chosen(
    whole: pd.DataFrame,
    identities: TableInput | None,
    *,
    choices: ReadingChoices,
    source: str,
) -> OneSided:
    """Rows of the species, level, age and flank that count, with names mended."""
    check_columns_agree(whole, aliases("detections"), source=source)
    own, others = of_species(whole, choices.species, source=source)
    level, leveled, doubtful = of_level(own, choices.observation_level, source=source)
    grown, young = without_young(level, source=source)
    table, mended = _mended(grown, identities, source=source)
    sided = of_flank(table, choices.flank, source=source)
    return OneSided(
        sided.table,
        (*others, *leveled, *young, *mended, *sided.notes),
        (*doubtful, *sided.troubles, *suspect_codes(level, source=source)),
        (
            *left_out(whole.index, own.index, "another species"),
            *left_out(own.index, level.index, "of the other observation level"),
            *left_out(level.index, grown.index, "young animal, by its life stage"),
            *sided.dropped,
        ),
    )


def _mended(
    table: pd.DataFrame, identities: TableInput | None, *, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if identities is None:
        return table, ()
    named_in = source_name(identities, "table of identities")
    return with_identities(table, _identities(identities), source=source, named_in=named_in)


def _identities(identities: TableInput) -> pd.DataFrame:
    return read_table(
        identities,
        columns=aliases("identities"),
        required=["individual", "becomes"],
        label="table of identities",
    )
