"""Stations in two UTM zones: each row in its own system, all brought into one."""

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod, Transformer

from scr.errors import MaskError, SurveyError
from scr.survey.captures import CaptureHistory
from scr.survey.reading_traps import read_traps
from scr.survey.survey import Session, Survey
from scr.survey.usage import Usage

LONLAT = {"west": (131.7, 43.5), "east": (132.3, 43.6)}
ZONES = {"west": 32652, "east": 32653}


@pytest.fixture
def stations():
    """Four stations a session, 2 km apart, each session in its own UTM zone."""
    rows = []
    for name, (lon, lat) in LONLAT.items():
        to = Transformer.from_crs(4326, ZONES[name], always_xy=True)
        x, y = to.transform(lon, lat)
        rows += [
            (name, f"{name[0]}{i}", x + 2000.0 * (i % 2), y + 2000.0 * (i // 2), ZONES[name])
            for i in range(4)
        ]
    return pd.DataFrame(rows, columns=["session", "station", "x", "y", "epsg"])


def on_the_ground(table, session):
    """Distances of a session's stations from its first, metres, on the ellipsoid."""
    mine = table[table.session == session]
    to = Transformer.from_crs(ZONES[session], 4326, always_xy=True)
    lon, lat = to.transform(mine.x.to_numpy(), mine.y.to_numpy())
    return np.array(
        [Geod(ellps="WGS84").inv(lon[0], lat[0], *at)[2] for at in zip(lon, lat, strict=True)]
    )


def test_read_traps__of_two_zones_names_a_system_in_which_lengths_are_right(stations):
    with pytest.raises(SurveyError, match=r"2 coordinate systems \(EPSG:32652, EPSG:32653\)") as e:
        read_traps(stations)
    told = str(e.value)
    system = told.split("to_crs='")[1].split("'", maxsplit=1)[0]
    assert "which does not matter" in told

    traps = read_traps(stations, to_crs=system)

    for session in ZONES:
        xy = traps.of_session(session).xy
        away = np.hypot(*(xy - xy[0]).T)
        assert away == pytest.approx(on_the_ground(stations, session), rel=1e-3, abs=1e-6)
    assert not {"epsg", "crs"} & set(traps.covariates.columns)
    assert len(traps.sessions) == 2


def test_read_traps__one_system_in_the_column_needs_nothing_else(stations):
    west = stations[stations.session == "west"]
    found = read_traps(west)
    assert found.crs == "EPSG:32652"
    assert found.xy == pytest.approx(west[["x", "y"]].to_numpy())


def test_read_traps__column_and_argument_that_disagree_are_refused(stations):
    with pytest.raises(SurveyError, match="names another in rows 6, 7, 8, 9"):
        read_traps(stations, crs="EPSG:32652")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"epsg": [32652] * 7 + [None]}, SurveyError, "is blank in row 9"),
        ({"epsg": [32652] * 7 + ["the moon"]}, MaskError, "'the moon' is not known"),
        ({"epsg": [32652] * 7 + [4326]}, SurveyError, "one is in degrees"),
    ],
)
def test_read_traps__systems_that_cannot_be_are_refused(stations, change, error, words):
    with pytest.raises(error, match=words):
        read_traps(stations.assign(**change), to_crs="EPSG:32652")


def test_survey__of_two_systems_says_which_one_to_convert_to(stations):
    sessions = []
    for name in ZONES:
        traps = read_traps(stations[stations.session == name])
        nobody = CaptureHistory(np.array([], dtype=object), *(np.zeros(0, dtype=np.int64),) * 4)
        sessions.append(Session(name, traps, Usage(np.ones((4, 3))), nobody))
    with pytest.raises(SurveyError, match=r"A survey is kept in one\. Convert all to one: to_crs="):
        Survey(tuple(sessions))
