# What the command line calls, loaded when it is used.
from .check_page import write_check_page as write_check_page
from .page import write_reports as write_reports
