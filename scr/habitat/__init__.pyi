# What the command line calls, loaded when it is used.
from .checks import check_traps_near as check_traps_near
