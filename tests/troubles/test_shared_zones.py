"""Zones are read by ``scr check`` as ``scr fit`` will, and by both before anything is fitted."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, box
from typer.testing import CliRunner

import scr
from scr.cli.main import app

EAST, NORTH = 680_000, 4_770_000
CRS = "EPSG:32652"
NORTHERN = box(EAST - 3000, NORTH + 4000, EAST + 11_000, NORTH + 11_000)
SOUTHERN = box(EAST - 3000, NORTH - 3000, EAST + 11_000, NORTH + 4000)
BOW_TIE = Polygon([(EAST, NORTH), (EAST + 9000, NORTH + 9000), (EAST + 9000, NORTH),
                   (EAST, NORTH + 9000)])  # fmt: skip


@pytest.fixture
def no_engine(monkeypatch):
    """Engines that must not be called."""

    def called(*_, **__):
        pytest.fail("a model was fitted although its zones cannot be reported")

    for name in ("mle", "laplace", "nuts"):
        monkeypatch.setattr(scr, f"fit_{name}", called, raising=False)


def zones(good, names, shapes, column="name"):
    layer = gpd.GeoDataFrame({column: names}, geometry=list(shapes), crs=CRS)
    layer.to_file(good.path("z.gpkg"))
    text = good.path("survey.toml").read_text(encoding="utf-8")
    good.write("survey.toml", f'{text}[zones]\nfile = "z.gpkg"\n')


def refused(survey, *words):
    """Both commands end with 1 and say the words; nothing is fitted."""
    checked = survey.checked()
    assert checked.exit_code == 1
    assert [word for word in words if word not in checked.words] == [], checked.words
    run = CliRunner().invoke(app, ["fit", str(survey.folder)])
    assert run.exit_code == 1
    said = " ".join(run.output.split())
    assert [word for word in words if word not in said] == [], said


def test_zones_not_checked__are_refused_before_the_fit(troubled, no_engine):
    refused(troubled("zones-not-checked"), "z.geojson", "longitude and latitude", "4114000")


def test_zones_wrong_column__the_columns_there_are_named(troubled, no_engine):
    survey = troubled("zones-wrong-column")
    refused(survey, "z.gpkg", "no column 'district'", "its columns are 'name'", "as name")
    survey.replace("survey.toml", 'name = "district"', 'name = "name"')
    assert survey.checked().exit_code == 0


@pytest.mark.parametrize(
    ("name", "file", "column", "words"),
    [
        ("zones-not-checked", "z.geojson", "name", "is taken to be in longitude and latitude"),
        (
            "zones-wrong-column",
            "z.gpkg",
            "district",
            "no column 'district'; its columns are 'name'",
        ),
    ],
)
def test_zones__of_the_folders_are_refused_in_python(name, file, column, words, troubled):
    with pytest.raises(scr.errors.MaskError, match=words) as fault:
        scr.read_zones(troubled(name).path(file), name=column, crs=CRS)
    assert fault.value.source == file


TROUBLES = {
    "no name": (["North", None], (NORTHERN, SOUTHERN), ("1 of 2 features", "row 2")),
    "a bow tie": (["North", "South"], (NORTHERN, BOW_TIE), ("z.gpkg", "row 2", "intersect")),
    "two names that are one": (
        ["North", "north "], (NORTHERN, SOUTHERN), ("'North' and 'north'", "case"),
    ),
    "two forms of a letter": (
        ["Ca\u00f1on", "Can\u0303on"], (NORTHERN, SOUTHERN), ("z.gpkg", "form of their letters"),
    ),
    "the name of the reserve": (
        ["Reserve", "South"], (NORTHERN, SOUTHERN), ("'reserve'", "reserve_name"),
    ),
    "ground that is not on the mask": (
        ["North", "Far"],
        (NORTHERN, shapely.affinity.translate(SOUTHERN, 100_000, 0)),
        ("'Far'", "no habitat"),
    ),
    "a line": (
        ["North", "South"],
        (NORTHERN, shapely.LineString([(EAST, NORTH), (EAST + 9000, NORTH)])),
        ("z.gpkg", "polygon"),
    ),
    "no feature at all": ([], (), ("z.gpkg", "no features")),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*geometry types.*")
@pytest.mark.parametrize("name", TROUBLES)
def test_zones__fault_is_told_before_the_fit(name, good, no_engine):
    names, shapes, words = TROUBLES[name]
    zones(good, names, shapes)
    refused(good, *words)


def test_zones__good_ones_raise_no_alarm_and_parts_of_one_name_are_one(good):
    zones(good, ["North", "South", "South"], (NORTHERN, *np.array(split(SOUTHERN))))
    checked = good.checked()
    assert checked.exit_code == 0
    assert "arning" not in checked.output
    read = scr.read_zones(good.path("z.gpkg"), name="name", crs=CRS)
    assert {name: zone.area_km2 for name, zone in read.items()} == {"North": 98.0, "South": 98.0}


def split(shape):
    west, south, east, north = shape.bounds
    return [box(west, south, EAST, north), box(EAST, south, east, north)]
