# What the command line calls, loaded when it is used.
from .natural_scale import fit_shown as fit_shown
