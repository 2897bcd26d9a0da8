"""One system for several zones: what lengths in it are worth, against the ellipsoid."""

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod, Transformer

from scr.errors import SurveyError
from scr.io.common_system import common_system, one_for_all, worst_error
from scr.io.crs import planar_crs, reproject_points
from scr.survey.reading_traps import read_traps

PLACES = {
    "two zones": ([(131.0, 43.0), (133.0, 44.0)], 2e-4),
    "three zones": ([(126.0, 45.0), (138.0, 46.0)], 2e-4),
    "along a meridian": ([(23.0, -1.0), (24.5, -30.0)], 3e-4),
    "South Africa": ([(17.0, -34.0), (32.0, -22.0), (25.0, -28.0)], 4e-3),
    "the equator": ([(23.0, -0.5), (25.0, 0.5)], 1e-3),
    "the antimeridian": ([(179.5, -16.0), (-179.0, -17.0)], 1e-3),
    "one place": ([(5.0, 50.0)], 1e-6),
}


@pytest.mark.parametrize("name", PLACES)
def test_common_system__lengths_are_as_true_as_it_says(name):
    lonlat, most = np.array(PLACES[name][0]), PLACES[name][1]
    crs, error = common_system(lonlat)
    assert planar_crs(crs, source="here")
    assert error <= most
    # 100 m in four directions from each place, measured on the map.
    for azimuth in (0, 90, 180, 270):
        n = len(lonlat)
        lon, lat, _ = Geod(ellps="WGS84").fwd(
            *lonlat.T, np.full(n, float(azimuth)), np.full(n, 100.0)
        )
        to = reproject_points(np.column_stack([lon, lat]), "EPSG:4326", crs)
        away = np.hypot(*(to - reproject_points(lonlat, "EPSG:4326", crs)).T)
        assert away == pytest.approx(100.0, rel=error + 5e-6)


def test_one_for_all__prefers_a_system_that_is_there_and_good_enough():
    place = np.array([(131.95, 43.0), (132.05, 43.0)])
    told = one_for_all(
        (Transformer.from_crs(4326, code, always_xy=True).transform(*at), f"EPSG:{code}")
        for at, code in zip(place, (32652, 32653), strict=True)
    )
    assert "to_crs='EPSG:3265" in told
    assert "which does not matter" in told
    assert worst_error(place, "EPSG:32652") < 1e-3


def test_read_traps__places_too_far_apart_for_one_zone_are_told_a_system_that_fits():
    # From the Cape to Niassa: more than 1 % off in the zone of their middle.
    lonlat = np.array([(18.4, -34.0), (31.9, -23.0), (25.0, -28.0), (37.0, -12.0)])
    table = pd.DataFrame(lonlat, columns=["lon", "lat"])
    table = table.assign(station=list("abcd"), session=list("abcd"))
    with pytest.raises(SurveyError, match="Convert to one system for all of them") as caught:
        read_traps(table, to_crs="EPSG:32735")
    system = str(caught.value).split("to_crs='")[1].split("'")[0]
    traps = read_traps(table, to_crs=system)
    assert worst_error(lonlat, traps.crs) < 1e-2
