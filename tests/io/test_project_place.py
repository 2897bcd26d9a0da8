"""Where the stations of a project are to be read."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import ScrError
from scr.io.project import ProjectTables
from scr.io.project_place import place_of_project
from scr.survey.reading_traps import read_traps


def project(lon, lat):
    traps = pd.DataFrame({"trap": [f"K{i}" for i in range(len(lon))], "lon": lon, "lat": lat})
    nothing = pd.DataFrame()
    return ProjectTables(form="a table", traps=traps, usage=nothing, detections=nothing)


@pytest.mark.parametrize(
    ("lon", "zone"),
    [([179.9, -179.8, -179.7], "EPSG:32701"), ([179.7, 179.8, -179.9], "EPSG:32760")],
)
def test_place_of_project__both_sides_of_180_are_one_place(lon, zone):
    told = place_of_project(project(lon, [-16.5, -16.5, -16.5]))
    assert told == {"to_crs": zone}
    xy = read_traps(project(lon, [-16.5, -16.5, -16.5]).traps, **told).xy
    # 0.1 degrees of longitude are 10.67 km at 16.5 south.
    degrees = (lon[2] - lon[1]) % 360
    assert float(np.hypot(*(xy[2] - xy[1]))) == pytest.approx(106_740 * degrees, rel=2e-3)


def test_place_of_project__degrees_that_cannot_be_read_are_left_to_the_reader():
    tables = project(["", "x"], ["", "y"])
    assert place_of_project(tables) == {}
    with pytest.raises(ScrError):
        read_traps(tables.traps)
