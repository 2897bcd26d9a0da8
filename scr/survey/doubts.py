"""Everything in the detections of a survey that can be used but looks wrong."""

from collections.abc import Mapping

from scr.survey.occasions import Placed
from scr.survey.outside import Detected
from scr.survey.reading_captures import RecordRule
from scr.survey.suspect_animals import suspect_movements, suspect_sexes
from scr.survey.suspect_copies import suspect_rows, suspect_shifted
from scr.survey.suspect_names import suspect_names
from scr.survey.suspect_times import suspect_clocks, suspect_dates
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble


def doubts_of(
    detected: Detected,
    placed: Placed,
    sessions: Mapping[str, Traps],
    *,
    records: RecordRule,
    day_first: bool | None,
    both_flanks: bool = False,
) -> tuple[Trouble, ...]:
    """What in the detections looks wrong.

    Parameters
    ----------
    detected
        The detections.
    placed
        Their occasions.
    sessions
        Traps of each session.
    records
        How rows become records.
    day_first
        As in ``read_survey``.
    both_flanks
        Whether the sides of an animal may have a name each.
    """
    table, matched, source = detected.table, detected.matched, detected.source
    return (
        *suspect_names(table, source=source, both_flanks=both_flanks),
        *suspect_sexes(table, missing_sex=records.missing_sex, source=source),
        *suspect_rows(table, counted=records.counts_every_row, source=source),
        *suspect_shifted(table, matched, placed.moments, source=source),
        *suspect_movements(
            table, matched, moments=placed.moments, sessions=sessions, source=source
        ),
        *suspect_dates(table, placed.moments, day_first=day_first, source=source),
        *suspect_clocks(matched, placed.moments, names=table["trap"], source=source),
    )
