"""Traps from files, in planar metres or not at all."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from scr.errors import MaskError, ScrError, SurveyError
from scr.survey.reading_traps import read_traps

UTM52 = "EPSG:32652"


def table(text):
    header, *rows = [line.split(",") for line in text.split()]
    return pd.DataFrame(rows, columns=header)


def test_read_traps__names_are_text_and_the_rest_covariates(tmp_path):
    path = tmp_path / "stations.csv"
    path.write_text("station,x,y,u1,u2,lure,elevation\n001,429912,4099910,1,0,yes,812.5\n")
    traps = read_traps(path, crs="epsg:32652")
    assert traps.names.tolist() == ["001"]
    assert traps.crs == UTM52
    assert traps.xy.tolist() == [[429912.0, 4099910.0]]
    assert list(traps.covariates.columns) == ["lure", "elevation"]
    assert traps.covariates["elevation"].iloc[0] == 812.5
    assert traps.source == "stations.csv"


def test_read_traps__longitude_and_latitude_are_converted():
    # By definition of UTM the central meridian (129 E in zone 52) lies at 500 000 m, the
    # equator at 0; one degree of latitude there is 110 574.4 m on WGS 84, times 0.9996.
    traps = read_traps(table("trap,Longitude,Latitude A,129,0 B,129,1"), to_crs=UTM52)
    assert traps.xy == pytest.approx(np.array([[5e5, 0.0], [5e5, 110574.4 * 0.9996]]), abs=1.0)
    assert traps.crs == UTM52


def test_read_traps__geographic_x_and_y_too():
    traps = read_traps(table("trap,x,y A,129,0"), crs="EPSG:4326", to_crs=UTM52)
    assert traps.xy == pytest.approx(np.array([[5e5, 0.0]]), abs=1e-3)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp"])
def test_read_traps__layers_bring_their_crs(tmp_path, suffix):
    layer = gpd.GeoDataFrame(
        {"station": ["01", "02"], "lure": ["a", "b"]},
        geometry=[Point(131.0, 43.0), Point(131.1, 43.0)],
        crs="EPSG:4326",
    )
    if suffix != "geojson":
        layer = layer.to_crs(UTM52)
    path = tmp_path / f"stations.{suffix}"
    layer.to_file(path)
    traps = read_traps(path, to_crs=UTM52 if suffix == "geojson" else None)
    expected = layer.to_crs(UTM52).get_coordinates().to_numpy()
    assert traps.xy == pytest.approx(expected, abs=1e-3)
    assert traps.names.tolist() == ["01", "02"]
    assert traps.covariates["lure"].tolist() == ["a", "b"]


def test_read_traps__sessions_and_columns_named_by_the_caller():
    given = table("season,camera,x,y 2023,A,0,0 2024,A,0,0")
    traps = read_traps(given, crs="local", session="season", name="camera")
    assert traps.sessions == ("2023", "2024")
    assert traps.covariates.empty


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("trap,x,y A,0,0 B,1,1 A,3,4", {}, ["'A' in rows 2, 4", "5 m apart", "new name"]),
        ("trap,x,y A,0,0 A,0,0", {}, ["'A' in rows 2, 3", "remove the repeated row"]),
        ("session,trap,x,y n,A,0,0 n,A,1,1", {}, ["'A' of session 'n' in rows 2, 3"]),
        ("trap,x,y A,NaN,0 B,1,1", {}, ["'A' (row 2)", "Fill in x and y"]),
        ("trap,x,y A,inf,0", {}, ["'A' (row 2)"]),
        ("trap,x,y A,0,north", {}, ["'y'", "'north'", "row 2"]),
        ("trap,x,y ,0,0", {}, ["the station is blank in row 2"]),
        ("session,trap,x,y ,A,0,0", {}, ["the session is blank in row 2"]),
        ("trap,east A,0", {}, ["columns x and y", "'east'"]),
        ("site,x,y A,0,0", {}, ["'trap'", "station", "'site'"]),
        ("trap,x,y A,0,0", {"session": "season"}, ["'season'", "session="]),
        ("trap,x,y A,0,0", {"crs": None}, ["coordinate system", "crs="]),
        ("trap,lon,lat A,131,43", {"crs": None}, ["EPSG:32652"]),
        ("trap,lon,lat A,31.5,-24", {"crs": None}, ["EPSG:32736"]),
        ("trap,x,y A,131,43", {"crs": "EPSG:4326"}, ["EPSG:32652"]),
        ("trap,lon,lat A,131,43", {"crs": UTM52}, ["longitude", f"to_crs={UTM52!r}"]),
        ("trap,lon,lat A,43,131", {"crs": None, "to_crs": UTM52}, ["row 2", "exchanged"]),
        ("trap,x,y A,131,43 B,131.1,43", {"crs": UTM52}, ["as degrees do", "to_crs="]),
        ("trap,x,y A,0,0", {"crs": None, "to_crs": UTM52}, ["crs="]),
        ("trap,x,y A,0,0", {"crs": "local", "to_crs": UTM52}, ["local"]),
    ],
)
def test_read_traps__names_rows_and_remedy(tmp_path, text, more, words):
    path = tmp_path / "stations.csv"
    path.write_text("\n".join(text.split()))
    with pytest.raises(ScrError) as caught:
        read_traps(path, **({"crs": "local"} | more))
    assert [word for word in words if word not in str(caught.value)] == []


def test_read_traps__a_layer_contradicting_crs_is_refused(tmp_path):
    layer = gpd.GeoDataFrame({"trap": ["A"]}, geometry=[Point(131.0, 43.0)], crs="EPSG:4326")
    layer.to_file(tmp_path / "s.geojson")
    with pytest.raises(SurveyError, match=r"s\.geojson is in EPSG:4326.*to_crs='EPSG:32652'"):
        read_traps(tmp_path / "s.geojson", crs=UTM52)


def test_read_traps__kilometres_or_feet_are_refused():
    with pytest.raises(MaskError, match="metres"):
        read_traps(table("trap,x,y A,6000000,2000000"), crs="EPSG:2263")


def test_read_traps__two_places_of_one_name_in_degrees_say_so():
    with pytest.raises(SurveyError, match="degrees apart"):
        read_traps(table("trap,lon,lat A,131,43 A,131.1,43"), to_crs=UTM52)
