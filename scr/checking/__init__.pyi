# What the command line calls, loaded when it is used.
from .check_survey import check_survey as check_survey
from .doubts import doubts_before as doubts_before
from .doubts import doubts_of as doubts_of
from .scrutiny import scrutinise as scrutinise
from .sources import SurveySources as SurveySources
from .sources import sources_of_project as sources_of_project
