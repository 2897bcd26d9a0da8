"""How a survey is read: the choices of ``read_survey``, in the records that its parts take."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from scr.io.observation_level import ObservationLevel
from scr.survey.detectors import Detector, Telemetry
from scr.survey.flanks import Flank
from scr.survey.individuals import MISSING_SEX
from scr.survey.occasion_rule import OccasionRule
from scr.survey.reading_captures import RecordRule
from scr.survey.reading_defaults import (
    DAY_STARTS,
    DETECTOR,
    DROP_OUTSIDE,
    OCCASION_DAYS,
    TELEMETRY,
    DayStarts,
    OccasionLength,
)
from scr.survey.visits import IndependenceRule


@dataclass(frozen=True)
class ReadingChoices:
    """How a survey is read, as in ``read_survey``."""

    occasion: OccasionRule = field(default_factory=OccasionRule)
    records: RecordRule = field(default_factory=RecordRule)
    drop_outside: bool = DROP_OUTSIDE
    flank: Flank | None = None
    observation_level: ObservationLevel | None = None
    species: str | Collection[str] | None = None
    telemetry: Telemetry = TELEMETRY


def reading_choices(
    *,
    detector: Detector = DETECTOR,
    occasion_days: OccasionLength = OCCASION_DAYS,
    first_day: str | date | None = None,
    day_starts: DayStarts = DAY_STARTS,
    independence: str | pd.Timedelta | None = None,
    missing_sex: Collection[str] = MISSING_SEX,
    day_first: bool | None = None,
    drop_outside: bool = DROP_OUTSIDE,
    flank: Flank | None = None,
    species: str | Collection[str] | None = None,
    observation_level: ObservationLevel | None = None,
    telemetry: Telemetry = TELEMETRY,
) -> ReadingChoices:
    """The choices of ``read_survey``, whose arguments these are."""
    return ReadingChoices(
        occasion=OccasionRule(occasion_days, day_starts, day_first, first_day=first_day),
        records=RecordRule(detector, IndependenceRule(independence), tuple(missing_sex)),
        drop_outside=drop_outside,
        flank=flank,
        observation_level=observation_level,
        species=species,
        telemetry=telemetry,
    )
