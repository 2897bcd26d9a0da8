# What the command line calls, loaded when it is used.
from .loading import load_project as load_project
from .loading import mask_of as mask_of
from .loading import regions_of as regions_of
from .loading import reserve_of as reserve_of
from .loading import survey_choices as survey_choices
from .map_look import map_look_of as map_look_of
from .specs import spec_of as spec_of
from .specs import specs_of as specs_of
