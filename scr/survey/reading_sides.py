"""Detections by side, where photographs of all flanks are used and none is left out."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import row_list
from scr.shown import counted
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import Detector
from scr.survey.effort import SessionEffort, days_worked
from scr.survey.flanks import FLANKS, flanks
from scr.survey.occasions import Placed
from scr.survey.outside import Detected
from scr.survey.reading_captures import RecordRule, merged_records, row_counts
from scr.survey.sided_records import CONFIRMED, IN_LIBRARY, Sides
from scr.survey.traps import Traps

KNOWN_BEFORE = "known_before"
"""Column of the detections that holds which sides of an animal were known before the survey."""

CAMERAS = "cameras"
"""Column of the stations that holds how many cameras each has."""

DETECTORS_WITH_SIDES: tuple[Detector, ...] = ("proximity", "count")

_MINUTE = np.timedelta64(60_000_000, "us")
_NUMBER = {"both": 0, "left": 1, "right": 2}


class Sided(NamedTuple):
    """Detections with names by side, the side of each row, and what was done.

    Parameters
    ----------
    detected
        The detections.
    flank
        Side of each row.
    notes
        What was done.
    known
        Animals whose sides are known otherwise: 1 joined by the table of identities, 2 known from
        both before the survey.
    """

    detected: Detected
    flank: NDArray[np.object_]
    notes: tuple[str, ...]
    known: Mapping[str, int]


def with_sides(
    detected: Detected, placed: Placed, *, detector: Detector, confirmed: Collection[str] = ()
) -> Sided:
    """Detections in which an animal without a photograph of both sides has a name for each side.

    Rows of the left and the right of an animal, at one station within a minute, are of both sides
    at once. In a session without such a moment the two sides of an animal belong together if the
    table of identities says so, or both were known before the survey. Names in the detections
    alone may be no more than an opinion: they are taken for two, which may be one.

    Parameters
    ----------
    detected, placed
        The detections, with a column ``flank``, perhaps ``known_before``, and their occasions.
    detector
        Detector type.
    confirmed
        Animals that the table of identities names.

    Raises
    ------
    SurveyError
        If detectors are of another type than proximity and count, animals were removed, or the
        side of a row is not known.
    """
    table, source = detected.table, detected.source
    if detector not in DETECTORS_WITH_SIDES:
        msg = (
            f'{source}: flank="both" goes with detector="proximity" or "count", not with '
            f'"{detector}", where a detection depends on others. Use one of these, or '
            'flank="left".'
        )
        raise SurveyError(msg, kind="detector without sides", source=source)
    flank = flanks(table).to_numpy(dtype=object)
    blank = table.index[pd.isna(flank) & placed.inside]
    if len(blank):
        msg = (
            f'{source}: the flank is blank or not known in {row_list(blank)}, and flank="both" '
            "needs it. Write left, right, or both where both sides were seen at once; or remove "
            "these rows."
        )
        raise SurveyError(msg, kind="flank not known", source=source, rows=blank)
    keys = pd.DataFrame(
        {
            "session": detected.matched["session"].to_numpy(),
            "individual": table["individual"].astype(str).to_numpy(),
            "trap": detected.matched["trap"].to_numpy(),
        }
    )
    library = _in_library(table, source=source)
    known = dict.fromkeys(confirmed, CONFIRMED) | dict.fromkeys(library, IN_LIBRARY)
    at_once = _at_once(keys, flank, placed)
    flank = np.where(at_once, "both", flank)
    sides = [set(flank[rows]) for rows in _groups(keys, placed.inside).values()]
    split = np.zeros(len(table), dtype=np.bool_)
    for rows, shown in zip(_groups(keys, placed.inside).values(), sides, strict=True):
        split[rows] = shown == {"left", "right"} and keys["individual"][rows[0]] not in known
    names = [
        f"{name} ({side})" if apart else name
        for name, side, apart in zip(keys["individual"], flank, split, strict=True)
    ]
    notes = _notes(keys, split, at_once, source=source)
    return Sided(
        replace_table(detected, table.assign(individual=np.array(names, dtype=object))),
        flank,
        notes,
        known,
    )


def _in_library(table: pd.DataFrame, *, source: str) -> list[str]:
    """Animals of which both sides were known before the survey."""
    if KNOWN_BEFORE not in table.columns:
        return []
    told = table[KNOWN_BEFORE].map(
        lambda c: FLANKS.get(str(c).strip().casefold(), "?"), na_action="ignore"
    )
    odd = table.index[told == "?"]
    if len(odd):
        msg = (
            f"{source}: {KNOWN_BEFORE} is not a side in {row_list(odd)}. Write both for an animal "
            "that was known from both sides before the survey, else left, right or nothing."
        )
        raise SurveyError(msg, kind="known side", source=source, rows=odd)
    return sorted(set(table["individual"][told == "both"].astype(str)))


def replace_table(detected: Detected, table: pd.DataFrame) -> Detected:
    """The same detections with another table of as many rows.

    Parameters
    ----------
    detected
        Detections.
    table
        The table.
    """
    return Detected(table, detected.matched, detected.source)


def _groups(keys: pd.DataFrame, inside: NDArray[np.bool_]) -> dict[object, NDArray[np.int64]]:
    """Rows of each animal in each session."""
    found = keys[inside].groupby(["session", "individual"], sort=False).groups
    return {name: np.asarray(rows, dtype=np.int64) for name, rows in found.items()}


def _at_once(keys: pd.DataFrame, flank: NDArray[np.object_], placed: Placed) -> NDArray[np.bool_]:
    """Rows of one side that another row, within a minute, completes to both."""
    found = np.zeros(len(keys), dtype=np.bool_)
    if placed.moments is None:
        return found
    wall, usable = placed.moments.wall, placed.inside & placed.moments.timed
    for rows in keys[usable].groupby(["session", "individual", "trap"], sort=False).groups.values():
        place = np.asarray(rows, dtype=np.int64)
        near = np.abs(wall[place][:, None] - wall[place]) <= _MINUTE
        left, right = flank[place] == "left", flank[place] == "right"
        found[place] |= (left & (near & right).any(axis=1)) | (right & (near & left).any(axis=1))
    return found


def _notes(
    keys: pd.DataFrame, split: NDArray[np.bool_], at_once: NDArray[np.bool_], *, source: str
) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if at_once.any():
        notes = (
            f"{source}: {int(at_once.sum())} rows show the left and the right of an animal at one "
            "station within a minute and count as both sides at once.",
        )
    if split.any():
        names = list(dict.fromkeys(keys["individual"][split]))
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        notes = (
            *notes,
            f"{source}: {counted(len(names), 'animal')} ({', '.join(names[:10])}{more}) are named "
            "from both sides though no photograph shows both at once. A name alone may be an "
            "opinion, so that each counts as a left and a right animal, which may be one. Where it "
            "is certain, name the animal in the table of identities.",
        )
    return notes


def sides_of_sessions(
    sided: Sided,
    placed: Placed,
    sessions: Mapping[str, Traps],
    efforts: Mapping[str, SessionEffort],
    captures: Mapping[str, CaptureHistory],
    *,
    rule: RecordRule,
) -> tuple[dict[str, Sides], tuple[str, ...]]:
    """Records by type of detection, and the time of two cameras and of one, for each session.

    Parameters
    ----------
    sided, placed
        The detections by side, and their occasions.
    sessions, efforts, captures
        Stations, effort and capture history of each session.
    rule
        How rows become records.

    Raises
    ------
    SurveyError
        If it is not known how many cameras worked, or both sides were seen at once where one did.
    """
    two = {name: _two_cameras(efforts[name], sessions[name]) for name in sessions}
    detected, source, inside = sided.detected, sided.detected.source, placed.inside
    session = detected.matched["session"].to_numpy()
    trap = detected.matched["trap"].to_numpy()
    is_alone, unsure = np.zeros(len(session), dtype=np.bool_), 0
    for p in np.flatnonzero(inside):
        name, k, s = session[p], trap[p], placed.occasion[p]
        of_two, of_any = two[name][k, s], efforts[name].usage.effort[k, s]
        is_alone[p] = of_two < of_any / 2
        spans = efforts[name].two_cameras
        if 0.0 < of_two < of_any:
            if spans is not None and placed.moments is not None and placed.moments.timed[p]:
                moment = placed.moments.wall[p]
                is_alone[p] = not ((spans[k][:, 0] <= moment) & (moment < spans[k][:, 1])).any()
            else:
                unsure += 1
    wrong = inside & is_alone & (sided.flank == "both")
    if wrong.any():
        rows = detected.table.index[wrong]
        msg = (
            f"{source}: both sides were seen at once in {row_list(rows)}, where two cameras were "
            "not working. Left and right within a minute count as both at once. Correct the "
            "deployments of the cameras, or the flank of these rows; where an animal turned round "
            "in front of one camera, leave one of the two rows out."
        )
        raise SurveyError(msg, kind="both sides by one camera", source=source, rows=rows)
    type_ = np.array([_NUMBER.get(str(side), 0) for side in sided.flank])
    type_ = np.where(is_alone & (type_ > 0), type_ + 2, type_)
    n_traps = max(len(traps) for traps in sessions.values())
    records = pd.DataFrame(
        {
            "session": session,
            "individual": detected.table["individual"].astype(str).to_numpy(),
            "occasion": placed.occasion,
            "trap": type_ * n_traps + trap,
            "count": row_counts(detected),
        }
    )[inside]
    merged, _ = merged_records(records, placed, rule=rule, source=source)
    found = {
        name: _sides(
            merged[merged["session"] == name],
            captures[name],
            sided.known,
            efforts[name].usage.effort - two[name],
            two[name],
            n_traps,
        )
        for name in sessions
    }
    return found, _told(found, unsure, source=source)


def _two_cameras(effort: SessionEffort, traps: Traps) -> NDArray[np.float64]:
    """Days in which two cameras of each station worked, shape (n_traps, n_occasions)."""
    edges, days = effort.usage.edges, effort.usage.effort
    if effort.two_cameras is not None and edges is not None:
        worked = np.array([days_worked(spans, edges=edges) for spans in effort.two_cameras])
        return np.asarray(np.minimum(worked, days))
    if CAMERAS in traps.covariates:
        number = pd.to_numeric(traps.covariates[CAMERAS], errors="coerce").to_numpy(np.float64)
        bad = [str(name) for name, n in zip(traps.names, number, strict=True) if n not in (1, 2)]
        if bad:
            msg = (
                f"{traps.source}: {CAMERAS} is neither 1 nor 2 at {', '.join(bad[:10])}. Give the "
                "number of cameras that each station had."
            )
            raise SurveyError(msg, kind="number of cameras", source=traps.source)
        return np.asarray(np.where(number[:, None] == 2, days, 0.0))
    msg = (
        f'{effort.usage.source}: flank="both" needs to know when two cameras of a station worked '
        "and when one did. Give the deployments a row for each camera, with its name in a column "
        f"'camera'; or give the stations a column {CAMERAS!r} of 1 and 2, if all worked throughout."
    )
    raise SurveyError(msg, kind="number of cameras", source=effort.usage.source)


def _sides(
    records: pd.DataFrame,
    captures: CaptureHistory,
    known: Mapping[str, int],
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    n_traps: int,
) -> Sides:
    place = {str(name): i for i, name in enumerate(captures.individuals)}
    individual = np.array([place[name] for name in records["individual"]], dtype=np.int64)
    type_, trap = np.divmod(records["trap"].to_numpy(np.int64), n_traps)
    shown = np.array([3, 1, 2, 1, 2])[type_]  # bit 1 the left, bit 2 the right
    both, seen = (np.zeros(captures.n_individuals, dtype=np.int64) for _ in range(2))
    np.bitwise_or.at(seen, individual, shown)
    np.maximum.at(both, individual, type_ == 0)
    how = np.array([known.get(str(name), 0) for name in captures.individuals], dtype=np.int64)
    how[(how == CONFIRMED) & ((both > 0) | (seen < 3))] = 0  # nothing was left to be joined
    return Sides(
        side=np.where((seen == 3) | (how > 0), 0, seen),
        two=two,
        one=np.where(one < 1e-9, 0.0, one),
        individual=individual,
        occasion=records["occasion"].to_numpy(np.int64),
        trap=trap,
        type_=type_,
        count=records["count"].to_numpy(np.int64),
        known=how,
    )


def _told(
    found: Mapping[str, Sides],
    unsure: int,
    *,
    source: str,
) -> tuple[str, ...]:
    notes = []
    for name, sides in found.items():
        of_session = f"session {name!r}: " if len(found) > 1 else ""
        notes.append(f"{source}: {of_session}animals {sides.photographed.in_words()}.")
        joined, library = sides.n_known
        if joined:
            notes.append(
                f"{source}: {of_session}the sides of {counted(joined, 'animal')} were joined by "
                "other means than a photograph of both at once. The share of such pairs that are "
                "recognised is estimated (confirmed): it has to be as high for animals near the "
                "stations as for others, and none may be joined wrongly."
            )
        if library:
            notes.append(
                f"{source}: {of_session}{counted(library, 'animal')} were known from both sides "
                "before. Their share in the population is estimated (library), the same "
                "everywhere; every animal known before has to be marked so."
            )
    if unsure:
        notes.append(
            f"{source}: {unsure} detections are of occasions in which two cameras worked for a "
            "part and one for the rest, without a time that tells which; they are taken as of "
            "the longer part."
        )
    return tuple(notes)
