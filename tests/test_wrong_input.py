"""Wrong input through the public functions, a test a kind: the message names file and remedy."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

import scr
from scr.errors import FitError, FormulaError, MaskError, SurveyError

STATIONS = "station,x,y\nA,1000,1000\nB,3000,1000\nC,1000,3000\nD,3000,3000\n"
DEPLOYMENTS = "station,start,end\n" + "".join(f"{s},2024-05-01,2024-05-20\n" for s in "ABCD")
DETECTIONS = (
    "individual,station,datetime\n"
    "x,A,2024-05-03 22:00\nx,B,2024-05-06 22:00\ny,C,2024-05-08 22:00\ny,D,2024-05-10 22:00\n"
)


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder, *, stations=STATIONS, deployments=DEPLOYMENTS, detections=DETECTIONS):
    traps = scr.read_traps(write(folder, "stations.csv", stations), crs="EPSG:32652")
    usage = write(folder, "deployments.csv", deployments)
    return scr.read_survey(write(folder, "detections.csv", detections), traps, usage=usage)


def traps_of(folder):
    return scr.read_traps(write(folder, "stations.csv", STATIONS), crs="EPSG:32652")


def assert_names(error, *words):
    said = str(error.value)
    assert [word for word in words if word not in said] == [], said


def test_read_survey__trap_not_in_the_table_is_named(tmp_path):
    with pytest.raises(SurveyError) as error:
        read(tmp_path, detections=DETECTIONS + "y,Q9,2024-05-11 22:00\n")
    assert_names(error, "detections.csv", "Q9", "row 6")


def test_read_survey__detection_where_usage_is_0_is_named(tmp_path):
    with pytest.raises(SurveyError) as error:
        read(tmp_path, detections=DETECTIONS + "y,A,2024-07-11 22:00\n")
    assert_names(error, "detections.csv", "A", "row 6", "deployments.csv")


def test_read_traps__duplicate_names_are_named(tmp_path):
    path = write(tmp_path, "stations.csv", STATIONS + "B,5000,5000\n")
    with pytest.raises(SurveyError) as error:
        scr.read_traps(path, crs="EPSG:32652")
    assert_names(error, "stations.csv", "'B'", "3", "6")


def test_read_traps__geographic_coordinates_name_the_zone(tmp_path):
    path = write(tmp_path, "stations.csv", "station,lon,lat\nA,131.2,43.1\nB,131.3,43.1\n")
    with pytest.raises(scr.ScrError) as error:
        scr.read_traps(path)
    assert_names(error, "stations.csv", "EPSG:32652")


def test_build_design__mask_further_from_a_trap_than_the_buffer_is_named(tmp_path):
    survey = read(tmp_path)
    traps = survey.sessions[0].traps
    near = scr.Traps(names=traps.names[:1], xy=traps.xy[:1], crs=traps.crs)
    mask = scr.build_mask(near, buffer=1000, spacing=250)
    with pytest.raises(MaskError) as error:
        scr.fit_mle(survey, mask, scr.ModelSpec())
    assert_names(error, "stations.csv", "D", "buffer")


def test_sample_raster__cells_not_covered_are_counted(tmp_path):
    mask = scr.build_mask(traps_of(tmp_path), buffer=2000, spacing=500)
    path = tmp_path / "forest.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=10, width=10, count=1, dtype="float64",
        crs="EPSG:32652", transform=from_origin(0, 5000, 100, 100),
    ) as raster:  # fmt: skip
        raster.write(np.arange(100.0).reshape(10, 10), 1)
    with pytest.raises(MaskError) as error:
        scr.sample_raster(mask, path, name="forest")
    assert_names(error, "forest.tif", f"of {len(mask)}", "fill")


def test_fit_mle__no_captures_are_refused(tmp_path):
    survey = read(tmp_path, detections="individual,station,datetime\n")
    mask = scr.build_mask(survey.sessions[0].traps, buffer=2000, spacing=500)
    with pytest.raises(FitError, match="no detection"):
        scr.fit_mle(survey, mask, scr.ModelSpec())


def test_fit_mle__one_capture_is_refused(tmp_path):
    survey = read(tmp_path, detections="\n".join(DETECTIONS.split("\n")[:2]) + "\n")
    mask = scr.build_mask(survey.sessions[0].traps, buffer=2000, spacing=500)
    with pytest.raises(FitError, match="one detection"):
        scr.fit_mle(survey, mask, scr.ModelSpec())


def test_read_traps__missing_coordinates_name_the_row(tmp_path):
    path = write(tmp_path, "stations.csv", STATIONS + "E,,5000\n")
    with pytest.raises(SurveyError) as error:
        scr.read_traps(path, crs="EPSG:32652")
    assert_names(error, "stations.csv", "'E'", "6")


def test_read_survey__negative_usage_names_the_row(tmp_path):
    usage = "station,u1,u2\nA,5,5\nB,5,-2\nC,5,5\nD,5,5\n"
    seen = "individual,station,occasion\nx,A,1\nx,C,2\n"
    with pytest.raises(SurveyError) as error:
        read(tmp_path, deployments=usage, detections=seen)
    assert_names(error, "deployments.csv", "-2", "3")


def test_coefficient_names__unknown_column_lists_the_known(tmp_path):
    survey = read(tmp_path)
    mask = scr.build_mask(survey.sessions[0].traps, buffer=2000, spacing=500)
    with pytest.raises(FormulaError) as error:
        scr.ModelSpec(density="~ forrest").coefficient_names(survey, mask)
    assert_names(error, "density", "forrest", "Correct the name")


def test_read_reserve__self_crossing_and_empty_are_refused(tmp_path):
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    for name, shape in (("bow.gpkg", bow_tie), ("empty.gpkg", shapely.Polygon())):
        gpd.GeoDataFrame(geometry=[shape], crs="EPSG:32652").to_file(tmp_path / name)
        with pytest.raises(MaskError) as error:
            scr.read_reserve(tmp_path / name)
        assert_names(error, name)
