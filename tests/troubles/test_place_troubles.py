"""Troubles of coordinates: stations that do not stand where they should, and why."""

import warnings

import geopandas as gpd
import pandas as pd
import pytest

from scr.io.crs import reproject_points

PLACES = "stations.csv"
ALL = tuple(range(2, 27))


def put(*rows, **cells):
    """Cells of the stations."""
    return lambda good: good.set(PLACES, list(rows), **cells)


def both(*seeds):
    def seed(good):
        for one in seeds:
            one(good)

    return seed


def moved(change):
    """Coordinates of all stations changed."""

    def seed(good):
        table = good.table(PLACES)
        x, y = change(table["x"].astype(float), table["y"].astype(float))
        good.save(PLACES, table.assign(x=[f"{v:.10g}" for v in x], y=[f"{v:.10g}" for v in y]))

    return seed


def system(crs):
    """Another coordinate system named for the stations."""

    def seed(good):
        own = good.path("survey.toml").read_text(encoding="utf-8").split('crs = "')[1].split('"')[0]
        good.replace("survey.toml", f'crs = "{own}"', f'crs = "{crs}"')

    return seed


def degrees(good):
    """Stations in longitude and latitude, which is sound."""
    table = good.table(PLACES)
    xy = table[["x", "y"]].astype(float).to_numpy()
    lonlat = reproject_points(xy, "EPSG:32652", "EPSG:4326")
    frame = pd.DataFrame({"station": table["station"], "lon": lonlat[:, 0], "lat": lonlat[:, 1]})
    good.save(PLACES, frame.round(6))
    good.replace("survey.toml", 'crs = "EPSG:32652"', 'to_crs = "EPSG:32652"')


def in_degrees(change):
    """Longitude and latitude of all stations changed."""

    def seed(good):
        degrees(good)
        table = good.table(PLACES)
        lon, lat = change(table["lon"].astype(float), table["lat"].astype(float))
        good.save(PLACES, table.assign(lon=lon.round(6), lat=lat.round(6)))

    return seed


def one_swapped(good):
    table = good.table(PLACES)
    for row in (4, 9):
        x, y = table.loc[row - 2, ["x", "y"]]
        table.loc[row - 2, ["x", "y"]] = [y, x]
    good.save(PLACES, table)


def layer_in_metres(good):
    """Points in metres in a GeoJSON that does not say so, which then means degrees."""
    table = good.table(PLACES)
    points = gpd.points_from_xy(table["x"].astype(float), table["y"].astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gpd.GeoDataFrame(table[["station"]], geometry=points).to_file(good.path("stations.geojson"))
    good.replace("survey.toml", f'traps = "{PLACES}"', 'traps = "stations.geojson"')
    good.replace("survey.toml", 'crs = "EPSG:32652"', 'to_crs = "EPSG:32652"')


def reserve_in_metres(good):
    layer = gpd.read_file(good.path("reserve.geojson"))
    good.shape("reserve.geojson", *layer.geometry, crs=None)


def westwards(good):
    """All but the stations ninety degrees further west, where a longitude may be a latitude."""
    for name in ("reserve.geojson", "lake.geojson"):
        good.shape(name, *gpd.read_file(good.path(name)).geometry, crs="EPSG:32637")
    good.raster("forest.tif", crs="EPSG:32637")
    good.replace("survey.toml", "EPSG:32652", "EPSG:32637")


def alone(good):
    """A model without covariates."""
    good.replace("survey.toml", "~ forest", "~ 1")
    good.replace("survey.toml", 'forest = { raster = "forest.tif" }\n', "")


OUT = "stations outside the reserve"
MISREAD = "coordinates misread"
KINDS = {
    "x and y exchanged": (
        moved(lambda x, y: (y, x)),
        ("error", MISREAD, PLACES, ALL, ("25 of 25", "With x and y exchanged, 25 of 25")),
    ),
    "two stations exchanged": (
        one_swapped,
        ("error", MISREAD, PLACES, (4, 9), ("2 of 25", "'K03'", "With x and y exchanged, 2 of 2")),
    ),
    "kilometres": (
        moved(lambda x, y: (x / 1000, y / 1000)),
        ("error", MISREAD, PLACES, ALL, ("With x and y taken as kilometres, 25 of 25",)),
    ),
    "feet": (
        moved(lambda x, y: (x / 0.3048, y / 0.3048)),
        ("error", MISREAD, PLACES, ALL, ("With x and y taken as feet, 25 of 25",)),
    ),
    "another zone": (
        system("EPSG:32653"),
        ("error", OUT, PLACES, ALL, ("taken as EPSG:32652 in place of EPSG:32653",)),
    ),
    "another hemisphere": (
        system("EPSG:32752"),
        ("error", OUT, PLACES, ALL, ("taken as EPSG:32652 in place of EPSG:32752",)),
    ),
    "longitude and latitude exchanged": (
        both(in_degrees(lambda lon, lat: (lat, lon - 90)), westwards),
        ("error", OUT, PLACES, ALL, ("longitude and latitude exchanged, 25 of 25",)),
    ),
    "latitude without its sign": (
        in_degrees(lambda lon, lat: (lon, -lat)),
        ("error", OUT, PLACES, ALL, ("With the sign of latitude turned, 25 of 25",)),
    ),
    "longitude without its sign": (
        in_degrees(lambda lon, lat: (-lon, lat)),
        ("error", MISREAD, PLACES, ALL, ("With the sign of longitude turned, 25 of 25",)),
    ),
    "elsewhere altogether": (
        moved(lambda x, y: (x - 300_000, y - 1_000_000)),
        ("error", OUT, PLACES, ALL, ("25 of 25", "km away", "coordinate system")),
    ),
    "latitude beyond 90": (
        in_degrees(lambda lon, lat: (lat, lon)),
        ("error", "degrees out of range", PLACES, ALL, ("exchanged",)),
    ),
    "degrees called metres": (
        both(
            degrees,
            lambda good: good.save(
                PLACES, good.table(PLACES).rename(columns={"lon": "x", "lat": "y"})
            ),
            lambda good: good.replace("survey.toml", "to_crs", "crs"),
        ),
        ("error", "degrees called metres", PLACES, (), ("longitude and latitude", "to_crs")),
    ),
    "metres called degrees": (
        both(
            lambda good: good.save(
                PLACES, good.table(PLACES).rename(columns={"x": "longitude", "y": "latitude"})
            ),
            lambda good: good.replace("survey.toml", 'crs = "EPSG:32652"', 'to_crs = "EPSG:32652"'),
        ),
        ("error", "degrees out of range", PLACES, ALL, ("metres x and y",)),
    ),
    "degrees with a system in metres": (
        both(degrees, lambda good: good.replace("survey.toml", "to_crs", "crs")),
        ("error", "wrong coordinate system", PLACES, (), ("to_crs", "EPSG:32652")),
    ),
    "stations of a GeoJSON in metres": (
        layer_in_metres,
        ("error", "metres called degrees", "stations.geojson", (), ("GeoJSON", "metres")),
    ),
    "reserve of a GeoJSON in metres": (
        reserve_in_metres,
        ("error", "metres called degrees", "reserve.geojson", (), ("GeoJSON", "crs member")),
    ),
    "no coordinate system": (
        lambda good: good.replace("survey.toml", 'crs = "EPSG:32652"\n', ""),
        ("error", "no coordinate system", PLACES, (), ("UTM zone", "local")),
    ),
    "a coordinate system unknown": (
        system("EPSG:999999"),
        ("error", "coordinate system not known", PLACES, (), ("EPSG:999999",)),
    ),
    "a system of web maps": (
        system("EPSG:3857"),
        ("error", "system of web maps", PLACES, (), ("1 / cos(latitude)", "UTM zone")),
    ),
    "a system in feet": (
        system("EPSG:2263"),
        ("error", "system not in metres", PLACES, (), ("metres", "foot")),
    ),
    "metres with a system of degrees": (
        system("EPSG:4326"),
        ("error", "metres called degrees", PLACES, (), ("4778000", "Correct crs")),
    ),
    "a system in degrees": (
        both(
            degrees,
            lambda good: good.replace("survey.toml", 'to_crs = "EPSG:32652"', 'crs = "EPSG:4326"'),
        ),
        ("error", "system in degrees", PLACES, (), ("longitude and latitude", "UTM zone")),
    ),
    "blank": (
        put(4, 9, x=""),
        ("error", "blank coordinate", PLACES, (4, 9), ("'K03'", "'K08'", "Fill in x")),
    ),
    "thousands marks": (
        put(4, 9, x="680 123"),
        ("error", "not a number", PLACES, (4, 9), ("'680 123'", "thousands mark")),
    ),
    "minutes of arc": (
        both(degrees, put(4, lat="43 deg 3' 12\"")),
        ("error", "not a number", PLACES, (4,), ("'lat'", "decimal")),
    ),
    "no metres on earth": (
        put(4, 9, x="680000123456"),
        ("error", "no place on earth", PLACES, (4, 9), ("decimal comma",)),
    ),
    "a digit too many": (
        both(put(26, x="788000"), alone),
        ("warning", "station far from all others", PLACES, (26,), ("'K25'", "wrong digit")),
    ),
    "at one place": (
        put(9, x="684000", y="4770000"),
        ("warning", "stations at one place", PLACES, (4, 9), ("'K03', 'K08'", "one name")),
    ),
    "a station twice": (
        lambda good: good.append(PLACES, station="K07", x=690_000, y=4_772_000),
        ("error", "station twice", PLACES, (27,), ("'K07'", "rows 8, 27", "8000 m apart", "moved")),
    ),
    "a station without a name": (
        put(4, station=""),
        ("error", "blank station", PLACES, (4,), ("Fill it in",)),
    ),
    "no coordinates": (
        lambda good: good.save(PLACES, good.table(PLACES).drop(columns="x")),
        ("error", "no coordinates", PLACES, (), ("x and y", "'y'")),
    ),
    "a few outside": (
        put(2, 3, y="4766000"),
        ("note", "reading", "", (), ("2 of 25 traps", PLACES, "outside reserve")),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_place__trouble_is_named(name, expect):
    expect(*KINDS[name])


def test_place__stations_in_degrees_are_the_same_survey(good):
    metres = good.found()
    degrees(good)
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], [])
    a, b = (f.survey.sessions[0].traps.xy for f in (metres, found))
    assert a == pytest.approx(b, abs=0.2)
