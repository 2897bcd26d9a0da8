"""How a survey is read where nothing else is said: the one home of these defaults."""

from typing import Literal

from scr.survey.detectors import Detector, Telemetry

DayStarts = Literal["midnight", "noon"]
"""Where a day begins: noon keeps the night of an animal together."""

OccasionLength = int | Literal["week", "month"]
"""Whole days, or weeks from Monday, or calendar months."""

DETECTOR: Detector = "proximity"
OCCASION_DAYS: OccasionLength = 1
DAY_STARTS: DayStarts = "midnight"
DROP_OUTSIDE = False

TELEMETRY: Telemetry = "concurrent"
