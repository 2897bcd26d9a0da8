"""Coordinates in other units, systems and zones: refused in the same words wherever they are read.

The surveys of ../shared/troubles, and relatives of them made here from a survey without a fault.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import scr
import trap_layouts
from scr.cli.configuration import read_configuration
from scr.cli.main import app
from scr.errors import LayoutError, MaskError, SurveyError
from scr.io.crs import reproject_points

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


def ran(*arguments):
    """Exit code and words of a command, which never ends in a traceback."""
    run = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert run.exception is None or isinstance(run.exception, SystemExit), repr(run.exception)
    return run.exit_code, " ".join(run.output.split())


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
    said = str(by_survey.value)
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
        ("degrees_as_xy.csv", ["lie within 180 and 90 of zero", "longitude and latitude"]),
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
    assert str(by_survey.value) in said


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
        ["EPSG:32622", "to_crs='EPSG:32652'"],
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


def test_places__two_arrays_of_one_survey_may_stand_far_apart():
    x = np.r_[np.arange(10) * 2000.0 + 300_000, np.arange(10) * 2000.0 + 720_000]
    y = np.r_[np.full(10, 4_100_000.0), np.full(10, 4_400_000.0)]
    table = pd.DataFrame({"station": [f"S{i}" for i in range(20)], "x": x, "y": y})
    assert len(scr.read_traps(table, crs=UTM)) == 20


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
