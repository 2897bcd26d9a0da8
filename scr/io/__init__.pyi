# What the command line calls, loaded when it is used.
from .crs import utm_zone as utm_zone
from .project_place import place_in_words as place_in_words
from .project_place import place_of_project as place_of_project
from .recognise import recognise as recognise
