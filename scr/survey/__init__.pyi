# What the command line calls, loaded when it is used.
from .formats import survey_from_project as survey_from_project
from .summary import animals_seen as animals_seen
from .totals import totals_of as totals_of
