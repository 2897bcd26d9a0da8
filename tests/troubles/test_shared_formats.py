"""Packages and loose tables: each file taken for what it is, each visit read once."""

import json
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.errors import SurveyError, SurveyWarning
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.recognise import recognise
from scr.io.secr_text import read_secr
from scr.survey.formats import survey_from_project

PROFILE = "https://raw.githubusercontent.com/tdwg/camtrap-dp/{}/camtrap-dp-profile.json"
UTM = "EPSG:32652"


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})


def started(folder, data, *options):
    """What scr init --from says of data, and what scr check says of what it wrote."""
    first = run("init", folder, "--from", data, *options)
    assert first.exit_code == 0, first.output
    second = run("check", folder / "survey.toml")
    return first.output, " ".join(second.output.split()), second.exit_code


def deployments():
    """Nine cameras from 1 May to 30 June, 2.7 km apart."""
    east, north = np.meshgrid(129 + 0.03 * np.arange(3), 36 + 0.03 * np.arange(3))
    return pd.DataFrame(
        {
            "deploymentID": [f"d{k}" for k in range(9)],
            "locationID": [f"L{k}" for k in range(9)],
            "longitude": east.ravel().round(3),
            "latitude": north.ravel().round(3),
            "deploymentStart": "2024-05-01T06:00:00Z",
            "deploymentEnd": "2024-06-30T06:00:00Z",
        }
    )


def observations():
    """Twenty-four visits of six animals, each on a day of its own: 18 recaptures."""
    return pd.DataFrame(
        {
            "observationID": [f"o{k}" for k in range(24)],
            "deploymentID": [f"d{(k * 5) % 9}" for k in range(24)],
            "mediaID": [f"m{k}" for k in range(24)],
            "eventID": [f"e{k}" for k in range(24)],
            "eventStart": [f"2024-05-{k + 2:02d}T12:00:00Z" for k in range(24)],
            "observationLevel": "event",
            "observationType": "animal",
            "scientificName": "Panthera pardus",
            "individualID": [f"A{k % 6}" for k in range(24)],
        }
    )


def at_media(events):
    """Each visit again as three photographs, on the clock of a camera a day ahead."""
    media = events.loc[events.index.repeat(3)].copy()
    media["observationID"] += "_" + (np.arange(len(media)) % 3).astype(str)
    later = pd.to_datetime(media["eventStart"]) + pd.Timedelta(days=1)
    media["eventStart"] = later.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return media.assign(observationLevel="media")


def write(folder, *, cameras=None, seen=None, version="1.0.2", more=(), described=True):
    folder.mkdir(exist_ok=True)
    cameras = deployments() if cameras is None else cameras
    seen = observations() if seen is None else seen
    cameras.to_csv(folder / "deployments.csv", index=False)
    seen.to_csv(folder / "observations.csv", index=False)
    names = ("deployments", "media", "observations", *more)
    listed = [{"name": name, "path": f"{name}.csv"} for name in names]
    if described:
        content = {"profile": PROFILE.format(version), "resources": listed}
        (folder / "datapackage.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "package"


@pytest.fixture
def trouble(reference, tmp_path):
    """A copy of a folder of ../shared/troubles."""
    return lambda name: shutil.copytree(reference.parent / "troubles" / name, tmp_path / name)


def test_camtrap_dp__event_rows_alone_are_read(trouble, tmp_path):
    data = trouble("camtrapdp-media-and-event-levels")
    project = read_camtrap_dp(data)
    captures = survey_from_project(project, to_crs=UTM).sessions[0].captures
    assert (captures.n_detections, captures.n_individuals) == (30, 10)
    assert any("30 rows of observation level 'event'" in note for note in project.notes)
    said, checked, code = started(tmp_path / "out", data)
    assert "150 of level 'media' are left out" in " ".join(said.split())
    assert code == 0
    assert "recaptures 20" in checked
    media = read_camtrap_dp(data, observation_level="media")
    assert len(media.detections) == 150
    said, checked, _ = started(tmp_path / "media", data, "--observation-level", "media")
    assert "150 rows of observation level 'media'" in " ".join(said.split())


def test_one_table__each_file_is_taken_for_what_it_is(trouble, tmp_path):
    data = trouble("one-table-taken-for-all-three")
    (data / "notes.txt").write_text("bait changed in June\n")
    project = recognise(data).read()
    assert len(project.traps) == 8
    assert len(project.usage) == 8
    assert project.detections["individual"].nunique() == 3
    assert len(project.detections) == 12
    said, checked, code = started(tmp_path / "out", data)
    said = " ".join(said.split())
    assert "deployments_2024.csv is taken for its deployments" in said
    assert "observations_2024.csv for its observations" in said
    assert "not used: notes.txt" in said
    assert code == 0
    assert "animals identified 3 detections 12" in checked
    assert 'to_crs = "EPSG:32652"' in (tmp_path / "out" / "survey.toml").read_text()


def test_camtrap_dp__media_rows_where_no_event_names_an_animal(folder):
    events = observations()
    seen = pd.concat([events.assign(individualID=""), at_media(events)])
    project = read_camtrap_dp(write(folder, seen=seen))
    assert len(project.detections) == 72
    with pytest.raises(SurveyError, match="no row of observation level 'event'"):
        read_camtrap_dp(folder, observation_level="event")


def test_camtrap_dp__animals_that_only_media_rows_name_are_a_warning(folder, tmp_path):
    events = observations()
    media = at_media(events)
    media.loc[media["individualID"] == "A5", "individualID"] = "B9"
    write(folder, seen=pd.concat([events, media]))
    with pytest.warns(SurveyWarning, match="only in rows of observation level 'media'.*'B9'"):
        assert len(read_camtrap_dp(folder).detections) == 24
    said = run("init", tmp_path / "out", "--from", folder).output
    assert "'B9'" in said


@pytest.mark.parametrize("value", ["", "burst"])
def test_camtrap_dp__a_level_that_is_none_is_refused(folder, value):
    seen = observations()
    seen.loc[3, "observationLevel"] = value
    with pytest.raises(SurveyError, match=r"neither 'event' nor 'media' in row 5\b"):
        read_camtrap_dp(write(folder, seen=seen))


def test_camtrap_dp__a_package_without_levels_is_read_whole(folder):
    project = read_camtrap_dp(write(folder, seen=observations().drop(columns="observationLevel")))
    assert len(project.detections) == 24
    with pytest.raises(SurveyError, match="observation_level='media' is given"):
        read_camtrap_dp(folder, observation_level="media")


def plain_tables(folder):
    """Joined tables with a column observationLevel, as R scripts make them."""
    folder.mkdir()
    cameras, events = deployments(), observations()
    joined = pd.concat([events, at_media(events)])
    seen = joined[["individualID", "deploymentID", "eventStart", "observationLevel"]]
    seen = seen.rename(columns={"deploymentID": "station", "eventStart": "datetime"})
    cameras = cameras.rename(columns={"deploymentID": "station"})
    cameras.to_csv(folder / "stations.csv", index=False)
    seen.to_csv(folder / "detections.csv", index=False)
    (folder / "survey.toml").write_text(
        '[survey]\ntraps = "stations.csv"\ndeployments = "stations.csv"\n'
        f'detections = "detections.csv"\nto_crs = "{UTM}"\n'
        "[mask]\nbuffer = 9_000\nspacing = 1_000\n"
    )
    return folder


@pytest.mark.parametrize(("level", "records", "kept"), [(None, 24, "24"), ("media", 24, "72")])
def test_survey_toml__levels_of_a_plain_table(tmp_path, level, records, kept):
    data = plain_tables(tmp_path / "plain")
    traps = scr.read_traps(data / "stations.csv", to_crs=UTM)
    survey = scr.read_survey(
        data / "detections.csv", traps, usage=data / "stations.csv", observation_level=level
    )
    assert survey.sessions[0].captures.n_detections == records
    assert any(f"{kept} rows of observation level" in note for note in survey.notes)
    toml = data / "survey.toml"
    if level:
        key = f'[survey]\nobservation_level = "{level}"'
        toml.write_text(toml.read_text().replace("[survey]", key))
    checked = " ".join(run("check", toml).output.split())
    assert f"detections {records}" in checked
    assert f"{kept} rows of observation level" in checked


def test_survey_toml__a_level_without_the_column_is_refused(tmp_path):
    data = plain_tables(tmp_path / "plain")
    table = pd.read_csv(data / "detections.csv").query("observationLevel == 'event'")
    table.drop(columns="observationLevel").to_csv(data / "detections.csv", index=False)
    toml = data / "survey.toml"
    toml.write_text(toml.read_text().replace("[mask]", 'observation_level = "event"\n[mask]'))
    ended = run("check", toml)
    assert ended.exit_code == 1
    assert "no column observationLevel" in " ".join(ended.output.split())


@pytest.mark.parametrize("column", ["observationID", "eventID"])
def test_camtrap_dp__names_of_rows_are_no_animals(folder, column):
    seen = observations()
    seen["individualID"] = seen[column]
    with pytest.warns(SurveyWarning, match=f"individualID is the {column} in 24 of 24"):
        read_camtrap_dp(write(folder, seen=seen))


def test_read_survey__tracks_are_suspected_and_few_recaptures_alone_are_not(tmp_path):
    data = plain_tables(tmp_path / "plain")
    table = pd.read_csv(data / "detections.csv")
    table["individualID"] = "track" + (np.arange(len(table)) % 24).astype(str)
    table.to_csv(data / "detections.csv", index=False)
    traps = scr.read_traps(data / "stations.csv", to_crs=UTM)
    with pytest.warns(SurveyWarning, match="24 records name 24 animals"):
        scr.read_survey(data / "detections.csv", traps, usage=data / "stations.csv")
    assert "24 records name 24 animals" in " ".join(
        run("check", data / "survey.toml").output.split()
    )
    table["individualID"] = "A" + (np.arange(len(table)) % 24 % 20).astype(str)
    table.to_csv(data / "detections.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # 20 animals in 24 records
        scr.read_survey(data / "detections.csv", traps, usage=data / "stations.csv")


def effort(folder):
    project = read_camtrap_dp(folder)
    return survey_from_project(project, to_crs=UTM).sessions[0].usage.effort.sum(axis=1)


def test_camtrap_dp__failures_in_columns_tags_and_a_table(folder):
    whole = effort(write(folder))
    assert whole == pytest.approx(np.full(9, 60.0))  # 1 May to 30 June, at six
    cameras = deployments()
    # No visit is at these cameras in the time given. Both dates count whole: 5 days; 2 days; 36 h.
    cameras["failureStart"], cameras["failureEnd"] = "", ""
    cameras.loc[1, ["failureStart", "failureEnd"]] = ["2024-06-01", "2024-06-05"]
    cameras["deploymentTags"] = ""
    cameras.loc[2, "deploymentTags"] = "bait:none | cameraFailure:2024-06-10/2024-06-11"
    failures = (
        "deploymentID,failureStart,failureEnd\nd3,2024-06-10T06:00:00Z,2024-06-11T18:00:00Z\n"
    )
    write(folder, cameras=cameras, more=("failures",))
    (folder / "failures.csv").write_text(failures)
    expected = whole - np.array([0, 5, 2, 1.5, 0, 0, 0, 0, 0])
    assert effort(folder) == pytest.approx(expected)
    assert any("failures.csv: 1 failures" in note for note in read_camtrap_dp(folder).notes)


def test_camtrap_dp__failures_without_a_time_are_told(folder):
    cameras = deployments()
    cameras["deploymentComments"] = ["", "batteries were dead on retrieval", *[""] * 7]
    notes = read_camtrap_dp(write(folder, cameras=cameras)).notes
    assert any("row 3" in note and "batteries were dead" in note for note in notes)
    cameras["deploymentComments"] = "under a dead tree, 2 batteries"
    assert read_camtrap_dp(write(folder, cameras=cameras)).notes == ()


def test_camtrap_dp__a_failure_of_no_deployment_is_refused(folder):
    write(folder, more=("failures",))
    (folder / "failures.csv").write_text(
        "deploymentID,failureStart,failureEnd\nd99,2024-06-10,2024-06-11\n"
    )
    with pytest.raises(SurveyError, match=r"failures\.csv: row 2 belong to deployments"):
        read_camtrap_dp(folder)


@pytest.mark.parametrize("version", ["1.0", "1.0.1", "1.0.2", "1.0-rc.1", "1.1"])
def test_camtrap_dp__version_1_is_read_without_media(folder, version):
    write(folder, version=version)
    assert len(read_camtrap_dp(folder).detections) == 24


@pytest.mark.parametrize("version", ["0.1.6", "0.1.7", "0.1", "2.0"])
def test_camtrap_dp__other_versions_are_named(folder, tmp_path, version):
    write(folder, version=version)
    words = f"is Camtrap DP version {version}; versions 1.0, 1.0.1 and 1.0.2 are read"
    with pytest.raises(SurveyError, match=words):
        read_camtrap_dp(folder)
    ended = run("init", tmp_path / "out", "--from", folder)
    assert ended.exit_code == 1
    assert words in " ".join(ended.output.split())


def test_camtrap_dp__a_table_in_two_files_is_refused(folder):
    write(folder)
    listed = [
        {"name": "deployments", "path": "deployments.csv"},
        {"name": "observations", "path": ["observations.csv", "observations2.csv"]},
    ]
    (folder / "datapackage.json").write_text(json.dumps({"resources": listed}))
    with pytest.raises(SurveyError, match="observations is in 2 files"):
        read_camtrap_dp(folder)


def rewritten(path, change):
    """A CSV file as another program saves it."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    path.write_bytes(change(table))


def semicolons(table):
    decimal = table.apply(lambda cells: cells.str.replace(r"^(\d+)\.(\d+)$", r"\1,\2", regex=True))
    return decimal.to_csv(index=False, sep=";").encode()


SAVED = {
    "semicolons": semicolons,
    "tabs, UTF-16": lambda t: t.to_csv(index=False, sep="\t").encode("utf-16"),
    "BOM": lambda t: t.to_csv(index=False).encode("utf-8-sig"),
    "all quoted": lambda t: t.to_csv(index=False, quoting=1).encode(),
    "header case": lambda t: t.rename(columns=str.upper).to_csv(index=False).encode(),
    "header in words": lambda t: (
        t.rename(columns=lambda c: c.replace("ID", " id")).to_csv(index=False).encode()
    ),
    "empty lines": lambda t: b"\r\n" + t.to_csv(index=False).replace("\n", "\r\n\r\n").encode(),
    "commas alone": lambda t: t.to_csv(index=False).encode() + b"," * (t.shape[1] - 1) + b"\n",
}


@pytest.mark.parametrize("way", SAVED)
@pytest.mark.parametrize("described", [True, False])
def test_camtrap_dp__however_it_was_saved(folder, way, described):
    write(folder, described=described)
    plain = read_camtrap_dp(folder)
    for name in ("deployments.csv", "observations.csv"):
        rewritten(folder / name, SAVED[way])
    again = read_camtrap_dp(folder)
    assert again.traps.to_numpy().tolist() == plain.traps.to_numpy().tolist()
    assert again.detections.to_numpy().tolist() == plain.detections.to_numpy().tolist()
    assert again.usage.to_numpy().tolist() == plain.usage.to_numpy().tolist()


def test_camtrap_dp__rows_are_counted_past_blank_lines(folder):
    seen = observations()
    seen.loc[1, "deploymentID"] = "d77"
    write(folder, seen=seen)
    path = folder / "observations.csv"
    path.write_text("\n" + path.read_text().replace("o1,", "\no1,", 1))
    with pytest.raises(SurveyError, match=r"row 5 belong.*'d77'"):  # blank, header, o0, blank, o1
        read_camtrap_dp(folder)


def test_recognise__two_tables_of_one_kind_are_refused(folder):
    write(folder, described=False)
    shutil.copy(folder / "observations.csv", folder / "observations_old.csv")
    with pytest.raises(SurveyError, match="2 files of observations"):
        recognise(folder)


def plain_folder(folder):
    folder.mkdir()
    (folder / "a.csv").write_text("id,easting,northing\nA,0,0\nB,900,0\n")
    (folder / "b.csv").write_text(
        "station,start,end,id\nA,2024-05-01,2024-05-09,1\nB,2024-05-01,2024-05-09,2\n"
    )
    (folder / "c.csv").write_text(
        "individual,station,date,x,y\nx,A,2024-05-02,0,0\nx,B,2024-05-03,900,0\n"
    )
    return folder


def test_recognise__plain_tables_are_told_by_their_columns(folder, tmp_path):
    found = recognise(plain_folder(folder))
    assert [file.name for file in found.files] == ["a.csv", "b.csv", "c.csv"]
    (folder / "weather.csv").write_text("day,rain\n1,0\n")
    assert recognise(folder).unused == ("weather.csv",)
    assert "Not used: weather.csv" in run("init", tmp_path / "out", "--from", folder).output


def test_recognise__a_folder_without_detections_is_not_read_as_one(folder):
    plain_folder(folder)
    (folder / "c.csv").unlink()
    with pytest.raises(SurveyError, match="in no format"):
        recognise(folder)


def test_recognise__two_tables_of_detections_are_refused(folder):
    plain_folder(folder)
    shutil.copy(folder / "c.csv", folder / "d.csv")
    with pytest.raises(SurveyError, match=r"2 files look like tables of detections: c.csv, d.csv"):
        recognise(folder)


@pytest.mark.parametrize("role", ["traps", "deployments"])
def test_survey_toml__one_file_for_two_roles_is_refused(tmp_path, role):
    data = plain_tables(tmp_path / "plain")
    toml = data / "survey.toml"
    lines = [
        f'{role} = "./detections.csv"' if line.startswith(role) else line
        for line in toml.read_text().splitlines()
    ]
    toml.write_text("\n".join(lines))
    for command in ("check", "fit"):
        ended = run(command, toml)
        assert ended.exit_code == 1
        words = f"{role} and detections are the same file, detections.csv"
        assert words in " ".join(ended.output.split())
    traps = scr.read_traps(data / "stations.csv", to_crs=UTM)
    with pytest.raises(SurveyError, match="usage and detections are the same file"):
        scr.read_survey(data / "detections.csv", traps, usage=data / "detections.csv")


SECR_TRAPS = "A 0 0 0 1 1 / 5 wet\nB 900 0 1 1 0 / 7 dry\nC 0 900 1 1 1 / 6 dry\n"
SECR_CAPTURES = "1 a 2 A F\n1 a 1 B F\n1 b 3 C M\n"


def csv_of(text):
    return "\n".join(",".join(line.split()) for line in text.splitlines()) + "\n"


FORMS = {
    "text": ("capt.txt", SECR_CAPTURES, "traps.txt", SECR_TRAPS),
    "remark": (
        "capt.txt", "# Session ID Occasion Detector sex\n" + SECR_CAPTURES,
        "traps.txt", "# Detector x y 3 occasions / elev soil\n" + SECR_TRAPS,
    ),
    "csv": ("captures.csv", csv_of(SECR_CAPTURES), "traps.csv", csv_of(SECR_TRAPS)),
    "csv with header": (
        "captures.csv", "Session,ID,Occasion,Detector,sex\n" + csv_of(SECR_CAPTURES),
        "traps.csv", "Detector,x,y,1,2,3,/,elev,soil\n" + csv_of(SECR_TRAPS),
    ),
    "header without slash": (
        "captures.csv",
        "Session;ID;Occasion;Detector;sex\n" + csv_of(SECR_CAPTURES).replace(",", ";"),
        "traps.csv",
        "trapID;x;y;1;2;3;elev;soil\n" + csv_of(SECR_TRAPS).replace(",/", "").replace(",", ";"),
    ),
    "words of digits": (
        "capt.txt", SECR_CAPTURES,
        "traps.txt", SECR_TRAPS.replace("0 1 1 /", "011/").replace("1 1 0 /", "110/").replace(
            "1 1 1 /", "111/"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_secr__effort_of_zeros_and_ones_and_names_in_the_header(folder, form):
    captures, seen, traps, places = FORMS[form]
    folder.mkdir()
    (folder / captures).write_text(seen)
    (folder / traps).write_text(places)
    found = recognise(folder)
    assert found.form == "secr text"
    survey = survey_from_project(found.read(), crs="local")
    session = survey.sessions[0]
    assert session.usage.effort.tolist() == [[0, 1, 1], [1, 1, 0], [1, 1, 1]]
    assert session.captures.n_detections == 3
    named = "remark" in form or "header" in form
    elevation, sex = ("elev", "sex") if named else ("covariate1", "covariate1")
    assert session.traps.covariates[elevation].tolist() == [5, 7, 6]
    assert session.captures.covariates[sex].tolist() == ["F", "M"]


def test_secr__zeros_that_a_spreadsheet_dropped_are_refused(tmp_path):
    (tmp_path / "capt.txt").write_text("1 a 2 A\n")
    (tmp_path / "trap.txt").write_text("A 0 0 11\nB 900 0 110\nC 0 900 111\n")
    with pytest.raises(SurveyError, match=r"line 1 .*drops the zeros"):
        read_secr(tmp_path / "capt.txt", tmp_path / "trap.txt")


def test_secr__days_of_effort_in_one_occasion_are_no_words(tmp_path):
    (tmp_path / "capt.txt").write_text("1 a 1 A\n")
    (tmp_path / "trap.txt").write_text("A 0 0 10\nB 900 0 11\nC 0 900 12\n")
    usage = read_secr(tmp_path / "capt.txt", tmp_path / "trap.txt").usage
    assert usage["u1"].tolist() == [10, 11, 12]


@pytest.mark.parametrize("name", ["captures.csv", "traps.csv"])
def test_secr__a_header_alone_is_no_data(folder, tmp_path, name):
    captures, seen, traps, places = FORMS["csv with header"]
    folder.mkdir()
    (folder / captures).write_text(seen)
    (folder / traps).write_text(places)
    (folder / name).write_text((folder / name).read_text().splitlines()[0] + "\n")
    with pytest.raises(SurveyError, match=f"{name} has no line of data"):
        read_secr(folder / captures, folder / traps)
    ended = run("init", tmp_path / "out", "--from", folder)
    assert ended.exit_code == (1 if name == "traps.csv" else 0)  # no capture is a survey as well


def spacecap(folder):
    folder.mkdir()
    (folder / "deploy.csv").write_text(
        "LOC_ID,X_COORD,Y_COORD,1,2,3\n1,2000,2000,0,1,1\n2,4000,2000,1,1,0\n3,3000,4000,1,1,1\n"
    )
    (folder / "seen.csv").write_text("LOC_ID,ANIMAL_ID,SO\n1,1,2\n2,1,1\n3,2,3\n")
    cells = [f"{x},{y},{int(x > 500)}" for x in range(0, 6000, 500) for y in range(0, 6000, 500)]
    (folder / "space.csv").write_text("X_COORD,Y_COORD,HABITAT\n" + "\n".join(cells) + "\n")
    return folder


def test_spacecap__three_tables_are_a_survey_with_its_mask(folder, tmp_path):
    found = recognise(spacecap(folder))
    assert found.form == "SPACECAP"
    project = found.read()
    session = survey_from_project(project, crs="local").sessions[0]
    assert session.usage.effort.tolist() == [[0, 1, 1], [1, 1, 0], [1, 1, 1]]
    assert session.captures.n_detections == 3
    mask = scr.read_mask(project.mask, crs="local")
    assert (len(mask), mask.cell_area.sum()) == (120, pytest.approx(30.0))  # 10 x 12 of 0.25 km2
    said, checked, code = started(tmp_path / "out", folder)
    assert "120 of 144 cells are habitat" in said
    assert "area of the mask 30 km2" in checked
    assert code == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("deploy.csv", "2000,2000,0,1,1", "2000,2000,0,1,7", r"'3' is neither 0 nor 1 in row 2\b"),
        ("space.csv", "1000,0,1", "1000,0,5", "'habitat' is neither 0 nor 1"),
        ("space.csv", "1000,0,1", "1100,0,1", "no lattice of squares"),
        ("space.csv", "1000,0,1", ",0,1", "lacks coordinates"),
    ],
)
def test_spacecap__names_what_is_wrong(folder, file, old, new, words):
    path = spacecap(folder) / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SurveyError, match=words):
        recognise(folder).read()
