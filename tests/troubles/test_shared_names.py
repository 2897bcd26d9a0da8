"""Names are drawn and written as they are, as in ../shared/troubles/dollars-in-names."""

import csv
import re
import shutil
from html.parser import HTMLParser
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.text import Text
from typer.testing import CliRunner

import scr
import trap_layouts
from scr.cli.main import app
from scr.maps.figures.survey_map import plot_survey

RUN = ("=", "+", "-", "@", "\t", "\r")
NAMES = [
    r"$x_{2}\frac{$ $$", r"$\alpha$", "$", "$$", r"\$5", "a^b_c", "100 %", r"C:\new\table",
    "<script>alert(1)</script>", "{{7*7}}", "&amp;", "`${x}`", "“ä”", "=1+1",
]  # fmt: skip


class Tags(HTMLParser):
    """Tags of a page, with what would run in them."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        runs = [name for name, _ in attrs if name.startswith("on")]
        self.found.append((tag, dict(attrs).get("src"), runs))


@pytest.fixture(scope="module")
def results(troubles, tmp_path_factory):
    """What ``scr check`` and ``scr fit`` write for the survey of the folder."""
    folder = shutil.copytree(
        troubles / "dollars-in-names", tmp_path_factory.mktemp("names") / "a" / "b" / "survey"
    )
    for command in ("check", "fit"):
        run = CliRunner().invoke(app, [command, str(folder)])
        assert run.exception is None, run.output
    return folder


def test_fit__ends_with_every_file(results):
    for name in ("activity_centres.pdf", "report.html", "check.html", "figures/effort.svg"):
        assert (results / "results" / "private" / name).stat().st_size > 1000


def test_fit__writes_nothing_outside_its_folder(results):
    outside = [path for path in results.parents[1].rglob("*") if results not in path.parents]

    assert [path for path in outside if path.is_file()] == []
    assert not any("evil" in path.name and path.is_file() for path in results.rglob("*"))


def test_fit__pages_run_nothing_from_a_name(results):
    pages = list(results.rglob("*.html"))

    assert len(pages) >= 3
    for page in pages:
        tags = Tags()
        tags.feed(page.read_text(encoding="utf-8"))
        assert [tag for tag in tags.found if tag[2]] == []
        assert [tag for tag in tags.found if tag[0] == "img" and tag[1] == "x"] == []


def test_fit__no_cell_of_a_table_begins_as_a_formula(results):
    tables = list((results / "results").rglob("*.csv"))

    assert len(tables) > 8
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        run = [c for c in cells if c.startswith(RUN) and not re.fullmatch(r"[+-][\d.e+-]+", c)]
        assert run == [], table


def test_fit__layers_hold_names_as_they_are(results):
    traps = gpd.read_file(results / "results/private/survey.gpkg", layer="traps")

    assert {"{{7*7}}{% for %}", "=cmd|'/c calc'!A1", "@SUM(1+1)"} <= set(traps["trap"])


def test_fit__zones_and_styles_are_whole(results):
    given = gpd.read_file(results / "zones.gpkg")
    zones = gpd.read_file(results / "results/private/survey.gpkg", layer="zones")

    assert set(given["name"]) <= set(zones.astype(str).to_numpy().ravel())
    for style in results.rglob("*.qml"):
        assert ElementTree.parse(style).getroot().tag == "qgis"


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if not text.get_parse_math()]


@pytest.fixture
def stations():
    x, y = np.meshgrid(np.arange(4) * 2000.0 + 680_000, np.arange(4) * 2000.0 + 4_770_000)
    xy = np.column_stack([x.ravel(), y.ravel()])[: len(NAMES)]
    return scr.Traps(np.array(NAMES, dtype=object), xy, "EPSG:32652")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_plot_survey__stations_are_called_as_they_are(ending, stations, tmp_path):
    figure = plot_survey(stations, scr.build_mask(stations, buffer=4000, spacing=1000))

    figure.savefig(tmp_path / f"a.{ending}")

    assert set(NAMES) <= set(texts(figure))


@pytest.mark.parametrize("name", NAMES)
def test_draw_layout__is_called_as_it_is(name, stations, tmp_path):
    mask = scr.build_mask(stations, buffer=4000, spacing=1000)
    assumed = trap_layouts.assume(
        mask, scr.ModelSpec(), {"density": 5.0, "lambda0": 0.05, "sigma": 1500.0}, n_occasions=20
    )
    layout = trap_layouts.Layout(name, stations)

    figure = trap_layouts.draw_layout(layout, assumed, tmp_path / "a.png")

    assert name in texts(figure)
