"""Capture histories from a table of detections."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import COUNTING, numbers, row_list
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS, Detector, check_detector
from scr.survey.individuals import MISSING_SEX, individual_covariates
from scr.survey.occasions import Placed
from scr.survey.outside import Detected
from scr.survey.reading_defaults import DETECTOR
from scr.survey.removals import removed_animals
from scr.survey.visits import IndependenceRule, independent_visits, merge_records

_OF_A_PLACE = ["x", "y", "lon", "lat"]


@dataclass(frozen=True)
class RecordRule:
    """How rows of the detections become records.

    Parameters
    ----------
    detector
        Detector type, as in ``Survey``.
    independence
        When photographs are visits of their own; used by count detectors with times.
    missing_sex
        Texts that mean an unknown sex.
    """

    detector: Detector = DETECTOR
    independence: IndependenceRule = field(default_factory=IndependenceRule)
    missing_sex: Collection[str] = MISSING_SEX

    def __post_init__(self) -> None:
        check_detector(self.detector)

    @property
    def counts_every_row(self) -> bool:
        """Whether photographs of one moment count apart."""
        span = self.independence.span
        return not DETECTORS[self.detector].is_binary and (
            span is None or span == np.timedelta64(0, "us")
        )


def captures_from_table(
    detected: Detected, placed: Placed, *, labels: Collection[str], rule: RecordRule
) -> tuple[dict[str, CaptureHistory], tuple[str, ...]]:
    """Capture history of each session.

    Parameters
    ----------
    detected
        The detections.
    placed
        Their occasions.
    labels
        All sessions; one without detections has an empty history.
    rule
        How rows become records.

    Returns
    -------
    captures
        By session.
    notes
        Visits merged, animals removed, sexes unknown, columns not used, sessions without
        detections.

    Raises
    ------
    SurveyError
        If an animal has no name, a count is not a whole number of at least 1, an animal was
        detected after it was removed, or has two sexes.
    """
    counts = row_counts(detected)
    inside = placed.inside
    records = pd.DataFrame(
        {
            "session": detected.matched["session"],
            "individual": detected.table["individual"].astype(str),
            "occasion": placed.occasion,
            "trap": detected.matched["trap"],
            "count": counts,
        }
    )[inside]
    merged, notes = merged_records(records, placed, rule=rule, source=detected.source)
    covariates, more = individual_covariates(
        detected.table[inside].drop(columns=_OF_A_PLACE, errors="ignore")
        if DETECTORS[rule.detector].searched
        else detected.table[inside],
        detected.matched["session"][inside],
        missing_sex=rule.missing_sex,
        source=detected.source,
    )
    removed, gone = removed_animals(detected, placed)
    captures = {label: _history(merged, covariates, removed, label) for label in labels}
    empty = [label for label, history in captures.items() if not history.n_individuals]
    if len(empty) == len(captures):
        more = (*more, f"{detected.source}: no animal was detected at all.")
    elif empty:
        listed = ", ".join(map(repr, empty))
        more = (*more, f"{detected.source}: no animal was detected in session {listed}.")
    return captures, (*notes, *gone, *more)


def row_counts(detected: Detected) -> NDArray[np.int64]:
    """Detections in each row, after checking names and counts.

    Parameters
    ----------
    detected
        The detections.

    Raises
    ------
    SurveyError
        As ``captures_from_table``.
    """
    table, source = detected.table, detected.source
    blank = table.index[table["individual"].isna()]
    if len(blank):
        msg = (
            f"{source}: 'individual' is blank in {row_list(blank)}. Name the animal, or remove "
            f"rows of animals that were not identified. {COUNTING}"
        )
        raise SurveyError(msg, kind="blank individual", source=source, rows=blank)
    if "count" not in table.columns:
        return np.ones(len(table), dtype=np.int64)
    values = numbers(table, "count", source=source)
    bad = ~((values >= 1) & (values == np.round(values)) & np.isfinite(values))
    if bad.any():
        msg = (
            f"{source}: 'count' is not a whole number of at least 1 in "
            f"{row_list(table.index[bad])}. Give the number of detections, and leave out rows "
            f"without one. {COUNTING}"
        )
        raise SurveyError(
            msg, kind="count not a number of detections", source=source, rows=table.index[bad]
        )
    return values.astype(np.int64)


def merged_records(
    records: pd.DataFrame, placed: Placed, *, rule: RecordRule, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One record for each animal, occasion and trap, and a note on what was merged.

    Parameters
    ----------
    records
        Columns session, individual, occasion, trap, count; a row for each detection inside.
    placed
        Occasions and times of the detections.
    rule
        How rows become records.
    source
        Name of the table.

    Raises
    ------
    SurveyError
        If an interval is given that is not used, or times do not tell visits apart.
    """
    binary, searched = DETECTORS[rule.detector].is_binary, DETECTORS[rule.detector].searched
    if binary or searched or placed.moments is None:
        if rule.independence.interval is not None:
            why = "each trap records an animal once an occasion" if binary else "there are no times"
            why = "each detection has a place of its own" if searched else why
            msg = f"{source}: independence= is given, but {why}. Leave it out."
            raise SurveyError(msg, kind="interval not used", source=source)
        merged = merge_records(records, binary=binary)
        total = int(records["count"].sum())
        if not binary or total == len(merged):
            return merged, ()
        note = (
            f"{source}: {total} detections make {len(merged)} records, as several of one animal "
            "at one trap in one occasion count as one."
        )
        return merged, (note,)
    if not len(records):
        return merge_records(records, binary=False), ()
    moments = placed.moments.at(placed.inside)
    kept = independent_visits(records, moments, rule=rule.independence, source=source)
    merged = merge_records(records[kept], binary=False)
    if kept.all():
        return merged, ()
    note = (
        f"{source}: {int((~kept).sum())} of {len(kept)} rows lie within "
        f"{rule.independence.interval} of a visit already counted and were merged into it."
    )
    return merged, (note,)


def _history(
    merged: pd.DataFrame,
    covariates: pd.DataFrame,
    removed: Collection[tuple[str, str]],
    label: str,
) -> CaptureHistory:
    mine = merged[merged["session"] == label]
    names = mine["individual"].unique()
    place = {str(name): i for i, name in enumerate(names)}
    index = pd.MultiIndex.from_arrays(
        [np.full(len(names), label, dtype=object), names], names=["session", "individual"]
    )
    return CaptureHistory(
        individuals=np.array(names, dtype=object),
        individual=np.array([place[str(name)] for name in mine["individual"]], dtype=np.int64),
        occasion=mine["occasion"].to_numpy(np.int64),
        trap=mine["trap"].to_numpy(np.int64),
        count=mine["count"].to_numpy(np.int64),
        covariates=covariates.reindex(index).reset_index(drop=True),
        removed=np.array([(label, str(name)) in removed for name in names], dtype=np.bool_),
    )
