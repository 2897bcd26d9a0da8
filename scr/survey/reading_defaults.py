"""How a survey is read where nothing else is said: the one home of these defaults."""

from scr.survey.detectors import Detector
from scr.survey.occasion_edges import DayStarts, OccasionLength

DETECTOR: Detector = "proximity"
OCCASION_DAYS: OccasionLength = 1
DAY_STARTS: DayStarts = "midnight"
DROP_OUTSIDE = False
