# What the command line calls, loaded when it is used.
from .project_place import place_of_project as place_of_project
from .recognise import recognise as recognise
