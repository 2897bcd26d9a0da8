# What the command line calls, loaded when it is used.
from .totals import totals_of as totals_of
