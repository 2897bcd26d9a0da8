"""Coordinates in other units, systems and zones: refused in the same words wherever they are read.

The surveys of ../shared/troubles, and relatives of them made here from a survey without a fault.
"""

import re
import shutil
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from typer.testing import CliRunner

import scr
import trap_layouts
from scr.cli.main import app
from scr.errors import LayoutError, MaskError, MaskWarning, SurveyError
from scr.io.crs import reproject_points
from scr.project.configuration import read_configuration

BASE = Path(__file__).resolve().parents[1] / "cases" / "00-base" / "input"
UTM = "EPSG:32652"
DENSITY = 7.48
"""Animals per 100 km2 of the survey without a fault, by another program."""

TOML = """title = "A survey"
output = "results"
[survey]
traps = "stations.csv"
deployments = "deployments.csv"
detections = "detections.csv"
{where}
[mask]
buffer = 6000
spacing = 500
[fit]
engine = "mle"
"""


def keyed(text):
    """Words with keys and arguments spelt alike: the command line names keys of survey.toml."""
    return re.sub(r"(\w+) ?= ?[\"']([^\"']*)[\"']", r"\1='\2'", " ".join(text.split()))


def ran(*arguments):
    """Exit code and words of a command, which never ends in a traceback."""
    run = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert run.exception is None or isinstance(run.exception, SystemExit), repr(run.exception)
    return run.exit_code, keyed(run.output)


def refused(survey, *words):
    """Refused by ``scr check``, ``scr fit``, the readers and ``read_layout``, in these words."""
    for command in (("check", survey.folder, "--no-html"), ("fit", survey.folder)):
        code, said = ran(*command)
        assert code == 1, said
        assert [word for word in words if word not in said] == [], said
    assert not survey.path("results/public").exists()
    keys = read_configuration(survey.folder).survey
    told = {"crs": keys.crs, "to_crs": keys.to_crs}
    with pytest.raises((SurveyError, MaskError)) as by_survey:
        scr.read_traps(keys.traps, **told)
    with pytest.raises(LayoutError) as by_layout:
        trap_layouts.read_layout(keys.traps, **told)
    assert str(by_layout.value) == str(by_survey.value)
    assert by_layout.value.rows == by_survey.value.rows
    said = keyed(str(by_survey.value))
    assert [word for word in words if word not in said] == [], said
    return by_survey.value


def density(survey, **where):
    """Animals per 100 km2 by maximum likelihood."""
    traps = scr.read_traps(survey.path("stations.csv"), **where)
    data = scr.read_survey(
        survey.path("detections.csv"), traps, usage=survey.path("deployments.csv")
    )
    mask = scr.build_mask(traps, buffer=6000, spacing=500)
    fit = scr.fit_mle(data, mask, scr.ModelSpec(detection="hazard_half_normal"))
    return 100 * float(np.exp(fit.coefficients.loc["density.Intercept"].iloc[0]))


@pytest.fixture
def base(good, tmp_path):
    """A maker of surveys: coordinates changed, and the keys that name their system."""

    def make(change=lambda x, y: (x, y), where=f'crs = "{UTM}"', *, text="{:.10g}", names="xy"):
        folder = tmp_path / "changed"
        shutil.copytree(BASE, folder, dirs_exist_ok=True)
        survey = type(good)(folder)
        table = survey.table("stations.csv")
        x, y = (table[c].astype(float).to_numpy() for c in "xy")
        cells = [[text.format(v) for v in values] for values in change(x, y)]
        table = table.drop(columns=["x", "y"]).assign(**dict(zip(names, cells, strict=True)))
        table.to_csv(folder / "stations.csv", index=False, sep=";" if "," in cells[0][0] else ",")
        survey.write("survey.toml", TOML.format(where=where))
        return survey

    return make


def to(crs, *, from_crs=UTM):
    """Coordinates in another system."""
    return lambda x, y: reproject_points(np.column_stack([x, y]), from_crs, crs).T


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong-zone-only-a-note", ["39.3 % off", "EPSG:32632", "to_crs='EPSG:32652'"]),
        ("antimeridian-advice", ["1.1 % off", "EPSG:32732", "to_crs='EPSG:32701'"]),
        ("dots-for-thousands", ["x and y taken as kilometres, 25 of 25", "between thousands"]),
        ("two-zones-no-reserve", ["'51S' (15), '52S' (10)", "zone 52", "one UTM zone"]),
        ("check-crashes", ["x and y taken as kilometres, 25 of 25", "in metres"]),
    ],
)
def test_shared__places_are_refused_in_words(name, words, troubled):
    refused(troubled(name), "stations.csv", *words)


def test_shared__the_zone_advised_gives_the_density(troubled):
    assert density(troubled("wrong-zone-only-a-note"), to_crs=UTM) == pytest.approx(
        DENSITY, rel=2e-3
    )
    survey = troubled("antimeridian-advice")
    for zone in ("EPSG:32701", "EPSG:32760"):
        assert density(survey, to_crs=zone) == pytest.approx(DENSITY, rel=5e-3)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (
            "degrees_as_xy.csv",
            ["lie within 180 and 90 of zero", "name their columns so, and they are converted"],
        ),
        ("km.csv", ["With x and y taken as kilometres, 36 of 36", "in metres"]),
    ],
)
@pytest.mark.parametrize("command", ["compare", "power", "fixed", "candidates"])
def test_shared__layouts_in_degrees_or_km_are_told_as_stations_are(file, words, command, troubled):
    survey = troubled("layout-in-degrees-or-km")
    plan, path, out = (survey.path(name) for name in ("plan.toml", file, "out"))
    arguments = {
        "compare": ["compare", plan, path, "--out", out],
        "power": ["power", plan, path, "--out", out, "--repeats", 1],
        "fixed": ["generate", plan, "--fixed", path, "--out", survey.path("new.csv")],
        "candidates": [
            "optimise", plan, "--candidates", path, "--stations", 5, "--out", survey.path("new.csv")
        ],
    }[command]  # fmt: skip
    code, said = ran("layouts", *arguments)
    assert code == 1, said
    assert [word for word in (file, *words) if word not in said] == [], said
    with pytest.raises(SurveyError) as by_survey:
        scr.read_traps(path, crs=UTM)
    # The same words, but for keys that a plan has not: what it reads is converted to its crs.
    assert keyed(str(by_survey.value)).split(" If they are")[0] in said
    assert "to_crs" not in said


MISREAD = {
    "kilometres": (
        {"change": lambda x, y: (x / 1000, y / 1000)},
        ["With x and y taken as kilometres, 25 of 25"],
    ),
    "kilometres with decimal commas": (
        {"change": lambda x, y: ([f"{v / 1000:.3f}".replace(".", ",") for v in x],
                                 [f"{v / 1000:.3f}".replace(".", ",") for v in y]),
         "text": "{}"},
        ["With x and y taken as kilometres, 25 of 25"],
    ),
    "kilometres of a national grid": (
        {"change": lambda x, y: ((x + 2_170_000) / 1000, (y - 2_900_000) / 1000),
         "where": 'crs = "EPSG:2056"'},
        ["EPSG:2056", "With x and y taken as kilometres, 25 of 25"],
    ),
    "kilometres south of the equator": (
        {"change": lambda x, y: (x / 1000, y / 1000), "where": 'crs = "EPSG:32736"'},
        ["EPSG:32736", "With x and y taken as kilometres, 25 of 25"],
    ),
    "exchanged": (
        {"change": lambda x, y: (y, x)},
        ["With x and y exchanged, 25 of 25"],
    ),
    "feet": (
        {"change": lambda x, y: (x / 0.3048, y / 0.3048)},
        ["With x and y taken as feet, 25 of 25"],
    ),
    "five in kilometres": (
        {"change": lambda x, y: tuple(np.where(np.arange(25) < 5, v / 1000, v) for v in (x, y))},
        ["5 of 25 stations stand", "With x and y taken as kilometres, 5 of 5"],
    ),
    "degrees": (
        {"change": to("EPSG:4326")},
        ["lie within 180 and 90", "to_crs='EPSG:32652'"],
    ),
    "northings as a spreadsheet shows them": (
        {"change": lambda x, y: ([f"{v:.0f}" for v in x], [f"{v:.2E}" for v in y]), "text": "{}"},
        ["25 of 25 cells of 'y' are rounded to 10,000 m, such as '4.10E+06'", "as a number"],
    ),
    "two zones": (
        {"change": lambda x, y: np.where(
            np.arange(25) < 12, to("EPSG:32653")(x + 400_000, y), (x + 400_000, y))},
        ["km from the others", "in place of EPSG:32652", "Convert all stations to one UTM zone"],
    ),
    "longitude without its sign": (
        {"change": lambda x, y: np.array([[-1], [1]]) * to("EPSG:4326")(x, y),
         "names": ["lon", "lat"], "where": f'to_crs = "{UTM}"'},
        ["With the sign of longitude turned, 25 of 25"],
    ),
    "two zones further on": (
        {"change": to("EPSG:4326"), "names": ["lon", "lat"], "where": 'to_crs = "EPSG:32650"'},
        ["EPSG:32650", "1.2 % off", "to_crs='EPSG:32652'"],
    ),
    "the far side of the earth": (
        {"change": to("EPSG:4326"), "names": ["lon", "lat"], "where": 'to_crs = "EPSG:32622"'},
        ["EPSG:32622", "the other side of the earth", "to_crs='EPSG:32652'"],
    ),
    "a cylindrical system of equal area": (
        {"change": to("EPSG:6933"), "where": 'crs = "EPSG:6933"'},
        ["EPSG:6933 is not true to scale", "to_crs='EPSG:32652'"],
    ),
    "web maps": (
        {"change": to("EPSG:3857"), "where": 'crs = "EPSG:3857"'},
        ["web maps", "1 / cos(latitude)"],
    ),
    "a state plane in feet": (
        {"change": lambda x, y: (x + 570_000, y - 3_900_000), "where": 'crs = "EPSG:2263"'},
        ["is in US survey foot, but metres are needed", "to_crs"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISREAD)
def test_places__relatives_are_refused_in_words(name, base):
    changes, words = MISREAD[name]
    refused(base(**changes), *words)


@pytest.mark.parametrize(("axis", "step"), [("x", 1000), ("y", 10_000)])
def test_places__rounded_to_kilometres_in_plain_digits_is_told(axis, step, base):
    def rounded(x, y):
        return tuple(
            np.round(v, -round(np.log10(step))) if name == axis else v + 1.0 + np.arange(25) % 3
            for name, v in (("x", x), ("y", y))
        )

    code, said = ran("check", base(rounded).folder, "--no-html")
    assert code == 0
    assert f"rounded coordinates. stations.csv: {axis} of all 25 stations is a multiple" in said
    assert f"of {step:,} m" in said


def test_places__one_zone_off_is_true_enough(base):
    # At 5.2 degrees from the meridian, 37 north, k = 0.9996 (1 + 0.073^2 / 2) = 1.0023.
    survey = base(to("EPSG:4326"), 'to_crs = "EPSG:32651"', names=["lon", "lat"])
    assert density(survey, to_crs="EPSG:32651") == pytest.approx(DENSITY / 1.0023**2, rel=3e-3)


def test_places__a_system_in_feet_can_be_converted(base):
    new_york = reproject_points(np.array([[-73.0, 40.9]]), "EPSG:4326", "EPSG:32618")[0]
    place = lambda x, y: to("EPSG:2263", from_crs="EPSG:32618")(  # noqa: E731
        x - x.mean() + new_york[0], y - y.mean() + new_york[1]
    )
    survey = base(place, 'crs = "EPSG:2263"\nto_crs = "EPSG:32618"')
    assert density(survey, crs="EPSG:2263", to_crs="EPSG:32618") == pytest.approx(DENSITY, rel=3e-3)


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e-2])
def test_places__an_array_metres_wide_is_told_whatever_the_system(factor, base):
    survey = base(lambda x, y: ((x - x.mean()) * factor, (y - y.mean()) * factor), 'crs = "local"')
    for command in (("check", survey.folder, "--no-html"), ("fit", survey.folder)):
        code, said = ran(*command)
        assert code == 1, said
        assert "one cell holds them all" in said
        assert "in kilometres" in said
    with pytest.raises(MaskError, match="one cell holds them all"):
        scr.build_mask(
            scr.read_traps(survey.path("stations.csv"), crs="local"), buffer=6000, spacing=500
        )


def test_places__animals_that_move_metres_in_wide_cells_are_told(base):
    # Pairs of stations two metres apart: sigma is guessed from them, cells are 500 m wide.
    survey = base(
        lambda x, y: (np.where(np.arange(25) % 2, np.roll(x, 1) + 2, x),
                      np.where(np.arange(25) % 2, np.roll(y, 1), y)), 'crs = "local"')  # fmt: skip
    table = survey.table("detections.csv")
    names = survey.table("stations.csv")["station"].to_numpy()
    first = table.groupby("individual")["station"].transform("first")
    even = {name: names[i - i % 2] for i, name in enumerate(names)}
    odd = {name: names[min(i - i % 2 + 1, 23)] for i, name in enumerate(names)}
    table["station"] = [(even if i % 2 else odd)[name] for i, name in enumerate(first)]
    survey.save("detections.csv", table)
    code, said = ran("check", survey.folder, "--no-html")
    assert "mask too coarse" in said
    assert code in (0, 1)


GOOD = {
    "a tiny fenced grid": ("EPSG:32652", (684_012.5, 4_771_034.5), 60.0),
    "a tiny grid without a place": ("local", (0.0, 0.0), 60.0),
    "degrees would fit": ("local", (50.0, 40.0), 30.0),
    "an array of 400 km": ("EPSG:32652", (300_000.0, 4_770_000.0), 400_000.0),
    "south of the equator": ("EPSG:32736", (540_000.0, 8_900_000.0), 20_000.0),
    "the Antarctic": ("EPSG:3031", (0.0, -2_000_000.0), 20_000.0),
    "near a pole": ("EPSG:32661", (2_400_000.0, 2_300_000.0), 20_000.0),
    "Switzerland": ("EPSG:2056", (2_600_000.0, 1_200_000.0), 20_000.0),
    "France": ("EPSG:2154", (700_000.0, 6_600_000.0), 200_000.0),
    "Great Britain": ("EPSG:27700", (250_000.0, 800_000.0), 30_000.0),
    "New Zealand": ("EPSG:2193", (1_200_000.0, 4_900_000.0), 30_000.0),
    "all of Norway in one zone": ("EPSG:25833", (1_050_000.0, 7_800_000.0), 30_000.0),
    "Tasmania in the system of Australia": ("EPSG:3577", (1_250_000.0, -4_650_000.0), 30_000.0),
    "Finland in the system of Europe": ("EPSG:3035", (5_100_000.0, 4_400_000.0), 30_000.0),
    "near the origin of a Japanese plane": ("EPSG:6677", (-8_000.0, -12_000.0), 9_000.0),
    "an origin of one's own": (
        "+proj=tmerc +lat_0=37 +lon_0=128 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
        (-4_000.0, -4_000.0),
        8_000.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_places__large_small_and_far_surveys_are_read(name):
    crs, corner, width = GOOD[name]
    step = np.linspace(0, width, 5)
    east, north = np.meshgrid(corner[0] + step, corner[1] + step)
    table = pd.DataFrame({"station": [f"S{i}" for i in range(25)], "x": east.ravel(),
                          "y": north.ravel(), "zone": list("ABCDE") * 5})  # fmt: skip
    traps = scr.read_traps(table, crs=crs)
    assert traps.xy == pytest.approx(table[["x", "y"]].to_numpy())
    mask = scr.build_mask(traps, buffer=width / 2, spacing=width / 20)
    assert mask.notes == ()


def test_places__two_arrays_of_one_survey_may_stand_far_apart(base):
    survey = base(lambda x, y: (np.where(np.arange(25) < 12, x, x + 330_000), y))
    assert len(scr.read_traps(survey.path("stations.csv"), crs=UTM)) == 25
    code, said = ran("check", survey.folder, "--no-html")
    assert code == 0
    assert "stations in two places. stations.csv: 12 of 25 stations stand" in said
    assert "If x and y are of two UTM zones, convert all to one" in said
    table = survey.table("stations.csv")
    table.insert(0, "session", np.where(np.arange(25) < 12, "west", "east"))
    assert len(scr.read_traps(table, crs=UTM).sessions) == 2


def test_places__two_zones_in_sessions_of_their_own_are_not_held_together(base):
    survey = base(MISREAD["two zones"][0]["change"])
    table = survey.table("stations.csv")
    table.insert(0, "session", np.where(np.arange(25) < 12, "west", "east"))
    assert len(scr.read_traps(table, crs=UTM)) == 25


def test_places__both_sides_of_180_are_one_place(base):
    here = reproject_points(np.array([[180.0, -16.5]]), "EPSG:4326", "EPSG:32701")[0]
    survey = base(
        lambda x, y: to("EPSG:4326", from_crs="EPSG:32701")(
            x - x.mean() + here[0], y - y.mean() + here[1]
        ),
        'crs = "EPSG:4326"',
        names=["lon", "lat"],
    )
    lon = survey.table("stations.csv")["lon"].astype(float)
    assert set(np.sign(lon)) == {-1.0, 1.0}
    error = refused(survey, "longitude and latitude", "UTM zone of the study area")
    assert "EPSG:32701" in str(error) or "EPSG:32760" in str(error)


def test_places__advice_for_a_reserve_across_180_is_its_own_zone(troubled):
    survey = troubled("antimeridian-advice")
    with pytest.raises(MaskError, match=r"EPSG:32701|EPSG:32760"):
        scr.read_reserve(survey.path("reserve.geojson"))
    zone = scr.read_reserve(survey.path("reserve.geojson"), crs="EPSG:32701")
    assert zone.area_km2 == pytest.approx(408, rel=3e-3)


def test_places__a_reserve_in_the_wrong_zone_is_refused(troubled):
    path = troubled("wrong-zone-only-a-note").path("reserve.geojson")
    with pytest.raises(MaskError, match=r"EPSG:32632 are 39\.\d % off .* EPSG:32652"):
        scr.read_reserve(path, crs="EPSG:32632")
    assert scr.read_reserve(path, crs=UTM).area_km2 == pytest.approx(408, rel=2e-3)


def layer(path, shapes, crs=UTM, **columns):
    """A layer of any shapes; without a coordinate system where that is None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = gpd.GeoDataFrame(columns or {"name": range(len(shapes))}, geometry=shapes, crs=crs)
        frame.to_file(path)
    return path


def whole(survey, *lines):
    """Further lines of a survey.toml."""
    survey.write("survey.toml", survey.path("survey.toml").read_text() + "\n".join(lines) + "\n")


AREA = shapely.box(423_000, 4_094_000, 445_000, 4_114_000)
"""Round the stations of the base survey."""


@pytest.mark.parametrize("key", ["reserve", "habitat", "exclude", "zones"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, y: (x / 1000, y / 1000), "x and y taken as kilometres"),
        (lambda x, y: (y, x), "x and y exchanged"),
        (lambda x, y: tuple(to("EPSG:4326")(x, y)), "within 180 and 90 of zero, as degrees"),
    ],
)
def test_places__layers_in_other_units_are_told_as_stations_are(key, change, words, base):
    survey = base()
    shape = shapely.transform(AREA, lambda xy: np.column_stack(change(*xy.T)))
    layer(survey.path("area.gpkg"), [shape])
    if key in ("habitat", "exclude"):
        survey.key("mask", f'{key} = ["area.gpkg"]')
    else:
        whole(survey, *{
            "reserve": ("[report]", 'reserve = "area.gpkg"'),
            "zones": ("[zones]", 'file = "area.gpkg"', 'name = "name"'),
        }[key])  # fmt: skip
    code, said = ran("fit", survey.folder)
    assert code == 1, said
    assert "area.gpkg" in said
    assert words in said
    if key != "zones":
        code, said = ran("check", survey.folder, "--no-html")
        assert code == 1, said
        assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, y: (x / 1000, y / 1000), "x and y taken as kilometres"),
        (lambda x, y: (y, x), "x and y exchanged"),
        (lambda x, y: tuple(to("EPSG:4326")(x, y)), "within 180 and 90 of zero, as degrees"),
        (lambda x, y: (x, [f"{v:.2E}" for v in y]), "rounded to 10,000 m, such as '4.09E+06'"),
    ],
)
def test_places__mask_tables_in_other_units_are_told_as_stations_are(change, words, base):
    survey = base()
    cells = pd.read_csv(survey.path("mask.csv"))
    x, y = change(cells["x"].to_numpy(float), cells["y"].to_numpy(float))
    pd.DataFrame({"x": x, "y": y}).to_csv(survey.path("mask.csv"), index=False)
    survey.replace("survey.toml", "buffer = 6000\nspacing = 500", 'cells = "mask.csv"')
    for command in (("check", survey.folder, "--no-html"), ("fit", survey.folder)):
        code, said = ran(*command)
        assert code == 1, said
        assert "mask.csv" in said
        assert words in said
    with pytest.raises(MaskError, match=words.replace("+", r"\+")):
        scr.read_mask(survey.path("mask.csv"), crs=UTM)


def test_places__an_exclusion_far_away_is_told(base):
    survey = base()
    layer(survey.path("lake.gpkg"), [shapely.affinity.translate(AREA, yoff=900_000)])
    survey.key("mask", 'exclude = ["lake.gpkg"]')
    away = (4_994_000 - survey.table("stations.csv")["y"].astype(float).max()) / 1000
    code, said = ran("check", survey.folder, "--no-html")
    assert code == 0
    assert f"exclude lies {away:,.0f} km from the nearest station of stations.csv" in said
    with pytest.warns(MaskWarning, match="exclude lies"):
        scr.build_mask(
            scr.read_traps(survey.path("stations.csv"), crs=UTM),
            buffer=6000,
            spacing=500,
            exclude=survey.path("lake.gpkg"),
        )


@pytest.mark.parametrize("ending", ["shp", "gpkg"])
@pytest.mark.parametrize("key", ["reserve", "habitat", "exclude", "zones", "road"])
def test_places__layers_that_name_no_system_are_refused(key, ending, base):
    # Taken to be in the system of the survey, one of another zone would lie elsewhere in silence.
    survey = base()
    file = f"area.{ending}"
    layer(survey.path(file), [AREA], None)
    if key in ("habitat", "exclude"):
        survey.key("mask", f'{key} = ["{file}"]')
    else:
        whole(survey, *{
            "reserve": ("[report]", f'reserve = "{file}"'),
            "zones": ("[zones]", f'file = "{file}"', 'name = "name"'),
            "road": ("[covariates]", f'road = {{ distance_to = "{file}" }}'),
        }[key])  # fmt: skip
    words = f"{file} has no coordinate system (a Shapefile without .prj?)"
    for command in (("check", survey.folder, "--no-html"), ("fit", survey.folder)):
        code, said = ran(*command)
        assert code == 1, said
        assert words in said
        assert "Save it again with the coordinate system that its coordinates are in" in said
    assert not survey.path("results/public").exists()
    traps = scr.read_traps(survey.path("stations.csv"), crs=UTM)
    mask = scr.build_mask(traps, buffer=6000, spacing=500)
    readers = {
        "reserve": scr.read_reserve,
        "habitat": lambda path: scr.build_mask(traps, buffer=6000, spacing=500, habitat=path),
        "exclude": lambda path: scr.build_mask(traps, buffer=6000, spacing=500, exclude=path),
        "zones": lambda path: scr.read_zones(path, name="name"),
        "road": lambda path: scr.distance_to(mask, path, name="road"),
    }
    with pytest.raises(MaskError, match="has no coordinate system") as fault:
        readers[key](survey.path(file))
    assert fault.value.kind == "no coordinate system"
    corner = shapely.box(423_000, 4_094_000, 432_000, 4_100_000)
    layer(survey.path(file), [corner if key == "exclude" else AREA])
    readers[key](survey.path(file))


def test_places__stations_of_a_layer_without_a_system_are_in_the_one_given(base):
    survey = base()
    table = survey.table("stations.csv")
    places = gpd.points_from_xy(table["x"].astype(float), table["y"].astype(float))
    layer(survey.path("stations.shp"), list(places), None, station=table["station"])
    survey.replace("survey.toml", '"stations.csv"', '"stations.shp"')
    code, said = ran("check", survey.folder, "--no-html")
    assert code == 0, said
    traps = scr.read_traps(survey.path("stations.shp"), crs=UTM)
    assert traps.crs == UTM
    assert traps.xy == pytest.approx(table[["x", "y"]].astype(float).to_numpy())
    assert trap_layouts.read_layout(survey.path("stations.shp"), to_crs=UTM).xy == pytest.approx(
        traps.xy
    )
    with pytest.raises(MaskError, match="no coordinate system"):
        scr.read_traps(survey.path("stations.shp"))


def test_places__a_survey_without_a_place_takes_layers_without_a_system(base):
    survey = base(where='crs = "local"')
    layer(survey.path("park.shp"), [AREA], None)
    whole(survey, "[report]", 'reserve = "park.shp"', 'reserve_name = "park"', "[zones]",
          'file = "park.shp"', 'name = "name"')  # fmt: skip
    code, said = ran("check", survey.folder, "--no-html")
    assert code == 0, said
    assert "area of park 440 km2" in said


@pytest.mark.parametrize("how", ["reserve", "mask.csv"])
def test_places__what_to_do_with_degrees_names_keys_that_are_there(how, base):
    survey = base()
    if how == "reserve":
        layer(survey.path("area.gpkg"), [shapely.transform(
            AREA, lambda xy: np.column_stack(to("EPSG:4326")(*xy.T)))])  # fmt: skip
        whole(survey, "[report]", 'reserve = "area.gpkg"')
    else:
        cells = pd.read_csv(survey.path("mask.csv"))
        x, y = to("EPSG:4326")(cells["x"].to_numpy(float), cells["y"].to_numpy(float))
        pd.DataFrame({"x": x, "y": y}).to_csv(survey.path("mask.csv"), index=False)
        survey.replace("survey.toml", "buffer = 6000\nspacing = 500", 'cells = "mask.csv"')
    code, said = ran("check", survey.folder, "--no-html")
    assert code == 1, said
    assert "within 180 and 90" in said
    assert "to_crs" not in said
    assert ("save the layer again as EPSG:4326" in said) == (how == "reserve")
    assert ("convert the centres of its cells to metres" in said) == (how != "reserve")


def test_places__an_exclusion_far_from_a_plan_is_told(troubled):
    survey = troubled("layout-in-degrees-or-km")
    reserve = scr.read_reserve(survey.path("reserve.geojson"), crs=UTM)
    far = shapely.affinity.translate(reserve.geometry, yoff=900_000)
    layer(survey.path("lake.gpkg"), [far])
    layer(survey.path("pond.gpkg"), [shapely.centroid(reserve.geometry).buffer(1500)])
    plan = survey.path("plan.toml").read_text(encoding="utf-8")
    for file in ("lake.gpkg", "pond.gpkg"):
        survey.write("plan.toml", f'exclude = ["{file}"]\n{plan}')
        code, said = ran("layouts", "generate", survey.path("plan.toml"), "--spacing", 5000,
                         "--out", survey.path(f"{file}.csv"))  # fmt: skip
        assert code == 0, said
        assert ("exclude='lake.gpkg' lies" in said) == (file == "lake.gpkg"), said
        assert ("so that it cuts nothing" in said) == (file == "lake.gpkg"), said


def test_places__a_survey_drawn_in_google_earth_is_the_same_survey(base):
    survey = base()
    lonlat = to("EPSG:4326")(*survey.table("stations.csv")[["x", "y"]].astype(float).to_numpy().T).T
    points = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{lon:.9f},{lat:.9f},0</coordinates>"
        "</Point></Placemark>"
        for name, (lon, lat) in zip(survey.table("stations.csv")["station"], lonlat, strict=True)
    )
    ring = " ".join(
        f"{lon:.9f},{lat:.9f}" for lon, lat in to("EPSG:4326")(*np.array(AREA.exterior.coords).T).T
    )
    area = (
        "<Placemark><name>All</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    for name, body in (("stations", points), ("park", area)):
        text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
        with zipfile.ZipFile(survey.path(f"{name}.kmz"), "w") as archive:
            archive.writestr("doc.kml", text)
        survey.write(f"{name}.kml", text)
    survey.replace("survey.toml", '"stations.csv"', '"stations.kmz"')
    survey.replace("survey.toml", f'crs = "{UTM}"', f'to_crs = "{UTM}"')
    whole(survey, "[report]", 'reserve = "park.kmz"', 'reserve_name = "park"', "[zones]",
          'file = "park.kml"', 'name = "name"')  # fmt: skip
    code, said = ran("check", survey.folder, "--no-html")
    assert code == 0, said
    assert "area of park 440 km2" in said
    code, said = ran("fit", survey.folder)
    assert code == 0, said
    table = pd.read_csv(survey.path("results/private/abundance.csv"))
    assert table["area_km2"].iloc[0] == pytest.approx(440, rel=1e-3)
    survey.write(
        "plan.toml",
        f'title = "t"\nreserve = "park.kmz"\ncrs = "{UTM}"\n[mask]\nbuffer = 6000\n'
        "spacing = 1000\n[parameters]\ndensity = 7\nlambda0 = 0.02\nsigma = 1500\n[survey]\n"
        "n_occasions = 30\n",
    )
    survey.path("stations.kml").rename(survey.path("again.kml"))
    code, said = ran("layouts", "compare", survey.path("plan.toml"), survey.path("again.kml"),
                     survey.path("stations.kmz"), "--out", survey.path("out"))  # fmt: skip
    assert code == 0, said
    compared = pd.read_csv(survey.path("out/comparison.csv"))
    assert compared["stations"].tolist() == [25, 25]


@pytest.mark.parametrize("option", ["layout", "--fixed", "--candidates"])
def test_places__layouts_of_another_zone_are_told_as_stations_are(option, troubled):
    survey = troubled("layout-in-degrees-or-km")
    table = pd.read_csv(survey.path("km.csv"))
    x, y = to("EPSG:32651")(1000 * table["x"].to_numpy(float), 1000 * table["y"].to_numpy(float))
    table.assign(x=x.round(), y=y.round()).to_csv(survey.path("other.csv"), index=False)
    plan, path, new = (survey.path(name) for name in ("plan.toml", "other.csv", "new.csv"))
    arguments = {
        "layout": ("compare", plan, path, "--out", survey.path("out")),
        "--fixed": ("generate", plan, "--fixed", path, "--out", new),
        "--candidates": ("optimise", plan, "--candidates", path, "--stations", 5, "--out", new),
    }[option]
    code, said = ran("layouts", *arguments)
    assert code == 1, said
    assert "With x and y taken as EPSG:32651 in place of EPSG:32652, 36 of 36 lie inside" in said
    assert not new.exists()
