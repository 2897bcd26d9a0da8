import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from scr.cli.main import app
from scr.model.advice import advise_buffer, advise_spacing, guess_sigma
from scr.project.configuration import read_configuration
from scr.project.loading import load_project
from trap_layouts.files import read_layout
from trap_layouts.plan import read_plan


def scr(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_init__writes_a_survey_toml_that_reads(tmp_path):
    result = scr("init", tmp_path / "new")
    assert result.exit_code == 0
    configuration = read_configuration(tmp_path / "new")
    assert configuration.survey.deployments == tmp_path / "new" / "deployments.csv"
    assert result.stdout.splitlines()[-1].endswith(f"scr check {tmp_path / 'new' / 'survey.toml'}")


def test_init__never_overwrites(tmp_path):
    mine = tmp_path / "detections.csv"
    mine.write_text("mine")
    result = scr("init", tmp_path)
    assert result.exit_code == 0
    assert mine.read_text() == "mine"
    assert (tmp_path / "stations.csv").is_file()
    assert f"kept    {mine}" in result.stdout


def test_init__a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "survey").touch()
    result = scr("init", tmp_path / "survey")
    assert result.exit_code == 1
    assert "is a file" in result.stderr


def test_init__takes_the_zone_of_a_place(tmp_path):
    assert scr("init", tmp_path / "new", "--place", "-71.5, -33.0").exit_code == 0
    assert read_configuration(tmp_path / "new").survey.crs == "EPSG:32719"


@pytest.mark.parametrize("place", ["43.1", "190 3", "3, 95", "north"])
def test_init__refuses_what_is_no_place(tmp_path, place):
    result = scr("init", tmp_path / "new", "--place", place)
    assert result.exit_code == 1
    assert "is no longitude and latitude in degrees" in " ".join(result.stderr.split())


def test_init__asks_for_the_place_in_a_terminal(tmp_path, monkeypatch):
    monkeypatch.setattr("scr.cli.start.in_terminal", lambda: True)
    result = CliRunner().invoke(app, ["init", str(tmp_path / "new")], input="somewhere\n131 43\n")
    assert result.exit_code == 0
    assert read_configuration(tmp_path / "new").survey.crs == "EPSG:32652"


@pytest.fixture
def tables(tmp_path):
    """Nine stations 2 km apart, and an animal that moves between neighbours."""
    folder = tmp_path / "data"
    folder.mkdir()
    ij = [(i, j) for i in range(3) for j in range(3)]
    at = [(f"S{i}{j}", 600_000 + 2000 * i, 4_750_000 + 2000 * j) for i, j in ij]
    stations = "\n".join(f"{name},{x},{y}" for name, x, y in at)
    days = "\n".join(f"{name},2024-02-01,2024-04-30" for name, _, _ in at)
    seen = "\n".join(f"A,{name},2024-02-{day:02d}" for day, (name, _, _) in enumerate(at, 2))
    (folder / "stations.csv").write_text(f"station,x,y\n{stations}\n")
    (folder / "deployments.csv").write_text(f"station,start,end\n{days}\n")
    (folder / "detections.csv").write_text(f"individual,station,date\n{seen}\n")
    return folder


def test_init__proposes_buffer_and_cells_from_the_survey(tables, tmp_path):
    result = scr("init", tmp_path / "new", "--from", tables, "--crs", "EPSG:32652")
    assert result.exit_code == 0, result.output
    assert "longitude 130.2" in result.stdout
    configuration = read_configuration(tmp_path / "new")
    project = load_project(configuration)
    sigma = guess_sigma(project.survey)
    assert configuration.mask.buffer == advise_buffer(sigma) != 15_000
    assert configuration.mask.spacing == advise_spacing(sigma)


def test_init__asks_for_the_system_and_says_the_place_back(tables, tmp_path, monkeypatch):
    monkeypatch.setattr("scr.cli.recognise.in_terminal", lambda: True)
    answers = "EPSG:99999\nEPSG:32719\nn\nEPSG:32652\ny\n"
    result = CliRunner().invoke(
        app, ["init", str(tmp_path / "new"), "--from", str(tables)], input=answers
    )
    assert result.exit_code == 0, result.output
    assert "longitude -67." in result.stdout  # the zone that was refused on seeing the place
    assert read_configuration(tmp_path / "new").survey.crs == "EPSG:32652"


COORDINATES = {
    "lon,lat": ("far,away", "of 'lon' are not numbers"),
    "longitude,latitude": ("4750000,600000", "longitude must lie within 180"),
    "x,y": ("far,away", "of 'x' are not numbers"),
}


@pytest.mark.parametrize("columns", COORDINATES)
@pytest.mark.parametrize("asked", [True, False])
def test_init__tells_of_coordinates_that_cannot_be_read(
    columns, asked, tables, tmp_path, monkeypatch
):
    monkeypatch.setattr("scr.cli.recognise.in_terminal", lambda: asked)
    cells, words = COORDINATES[columns]
    _, *rows = (tables / "stations.csv").read_text().splitlines()
    lines = [f"station,{columns}", *(f"{row.split(',')[0]},{cells}" for row in rows)]
    (tables / "stations.csv").write_text("\n".join(lines))
    made = scr("init", tmp_path / "new", "--from", tables)
    assert made.exit_code == 0, made.output
    said = " ".join(made.stdout.split())
    assert words in said.partition("could not be proposed: stations.csv: ")[2]
    checked = scr("check", tmp_path / "new", "--no-html")
    assert checked.exit_code == 1
    assert words in " ".join(checked.output.split())


def test_init__leaves_nothing_where_its_question_is_not_answered(tables, tmp_path, monkeypatch):
    monkeypatch.setattr("scr.cli.recognise.in_terminal", lambda: True)
    stopped = CliRunner().invoke(
        app, ["init", str(tmp_path / "new"), "--from", str(tables)], input="EPSG:32652\n"
    )
    assert stopped.exit_code != 0
    assert not list((tmp_path / "new").glob("*"))


def test_layouts_init__writes_a_plan_that_generates_and_compares(tmp_path):
    assert scr("layouts", "init", tmp_path, "--place", "131, 43").exit_code == 0
    box = shapely.box(500_000, 4_760_000, 530_000, 4_790_000)
    gpd.GeoDataFrame(geometry=[box], crs="EPSG:32652").to_file(tmp_path / "reserve.gpkg")
    plan, grid = tmp_path / "plan.toml", tmp_path / "grid.csv"
    made = scr("layouts", "generate", plan, "--out", grid)
    assert made.exit_code == 0, made.output
    assert read_plan(plan).assume(read_plan(plan).mask_round([read_layout(grid, crs="EPSG:32652")]))
    again = scr("layouts", "init", tmp_path)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
