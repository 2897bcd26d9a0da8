import numpy as np
import pytest
import shapely
from pyproj import CRS

from scr.errors import MaskError
from scr.io.crs import (
    crs_text,
    is_geographic,
    planar_crs,
    reproject_geometry,
    reproject_points,
    same_crs,
    utm_zone,
)
from scr.io.scale import linear_scale


@pytest.mark.parametrize(
    "spelling",
    ["EPSG:32652", "epsg:32652", CRS("EPSG:32652").to_wkt(), CRS("EPSG:32652").to_wkt("WKT1_GDAL")],
)
def test_planar_crs__spellings_of_one_system_become_one_code(spelling):
    assert planar_crs(spelling, source="stations.csv") == "EPSG:32652"


def test_planar_crs__local_stays_local():
    assert planar_crs("Local", source="stations.csv") == "local"


def test_planar_crs__projection_without_a_code_becomes_wkt():
    own = planar_crs("+proj=laea +lat_0=43 +lon_0=131 +units=m", source="a.csv")
    assert CRS(own).is_projected


def test_planar_crs__vertical_part_is_left_out():
    assert planar_crs("EPSG:32652+5773", source="dem.tif") == "EPSG:32652"


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        (None, ["stations.csv", "no coordinate system", "EPSG:32652", '"local"']),
        (" ", ["no coordinate system"]),
        ("EPSG:4326", ["longitude and latitude", "EPSG:32652"]),
        ("EPSG:4978", ["not a projected"]),
        ("EPSG:2263", ["foot", "metres"]),
        ("EPSG:3857", ["web maps", "EPSG:32652"]),
        ("EPSG:99999999", ["not known", "99999999"]),
        ("nonsense", ["not known", "nonsense"]),
    ],
)
def test_planar_crs__unusable_systems_are_refused_with_the_zone_to_use(crs, words):
    with pytest.raises(MaskError) as error:
        planar_crs(crs, source="stations.csv", lonlat=(131.0, 43.0))
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    ("lon", "lat", "zone"),
    [
        (131.0, 43.0, "EPSG:32652"),
        (31.5, -24.0, "EPSG:32736"),
        (-180.0, 10.0, "EPSG:32601"),
        (180.0, 10.0, "EPSG:32601"),
        (179.9, 10.0, "EPSG:32660"),
        (0.0, 0.0, "EPSG:32631"),
        (5.3, 60.4, "EPSG:32632"),  # Bergen: south-west Norway belongs to zone 32
        (15.6, 78.2, "EPSG:32633"),  # Longyearbyen
        (8.9, 78.2, "EPSG:32631"),
        (33.0, 78.2, "EPSG:32637"),
    ],
)
def test_utm_zone__agrees_with_the_published_grid(lon, lat, zone):
    assert utm_zone(lon, lat) == zone


def test_same_crs__code_and_wkt_are_one_system_and_local_is_its_own():
    assert same_crs("EPSG:32652", CRS("EPSG:32652").to_wkt())
    assert same_crs("local", "LOCAL")
    assert not same_crs("EPSG:32652", "EPSG:32653")
    assert not same_crs("EPSG:4326", "local")


def test_crs_text__of_nothing_is_none():
    assert crs_text(None) is None
    assert crs_text(CRS("EPSG:4326")) == "EPSG:4326"


def test_is_geographic__degrees_only():
    assert is_geographic("EPSG:4326")
    assert not is_geographic("EPSG:32652")
    assert not is_geographic("local")


def test_reproject_points__central_meridian_of_utm_is_at_500_km():
    xy = reproject_points(np.array([[129.0, 0.0], [129.0, 45.0]]), "EPSG:4326", "EPSG:32652")

    # The length of the meridian from the equator to 45 degrees on WGS 84, times 0.9996.
    assert xy[:, 0] == pytest.approx([500_000, 500_000], abs=1e-6)
    assert xy[:, 1] == pytest.approx([0, 0.9996 * 4_984_944.378], abs=1e-2)


def test_reproject_points__there_and_back_is_the_same_place_and_nan_stays():
    xy = np.array([[650_000.0, 4_760_000.0], [np.nan, 1.0]])
    lonlat = reproject_points(xy, "EPSG:32652", "EPSG:4326")
    back = reproject_points(lonlat, "EPSG:4326", "EPSG:32652")
    assert back[0] == pytest.approx(xy[0], abs=1e-5)
    assert np.isnan(back[1]).all()


def test_reproject_points__latitude_above_90_names_row_and_guess():
    with pytest.raises(MaskError, match=r"row 2.*longitude and latitude were not exchanged"):
        reproject_points(np.array([[131.0, 43.0], [43.0, 131.0]]), "EPSG:4326", "EPSG:32652")


def test_reproject_points__local_to_a_place_is_refused():
    with pytest.raises(MaskError, match="cannot be brought together"):
        reproject_points(np.zeros((1, 2)), "local", "EPSG:32652")


def test_reproject_geometry__a_long_parallel_bends_as_on_the_ground():
    # The middle of a parallel of length L is L^2 tan(lat) / 8R away from the chord.
    line = shapely.LineString([(128.0, 45.0), (130.0, 45.0)])
    bent = reproject_geometry(line, "EPSG:4326", "EPSG:32652")
    chord = shapely.LineString([bent.coords[0], bent.coords[-1]])
    length = chord.length
    sagitta = length**2 * np.tan(np.radians(45.0)) / (8 * 6_388_000)

    assert shapely.hausdorff_distance(bent, chord) == pytest.approx(sagitta, rel=0.01)


def test_linear_scale__of_utm_is_0_9996_at_its_meridian_and_1_for_local():
    middle = np.array([[500_000.0, 4_760_000.0]])
    assert linear_scale(middle, "EPSG:32652") == pytest.approx([0.9996], abs=1e-9)
    assert linear_scale(middle, "local") == pytest.approx([1.0])
