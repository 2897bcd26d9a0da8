"""Formats of camera-trap projects, from the files of their makers and from ones made here."""

import datetime
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from scr.errors import SurveyError, SurveyWarning
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.camtrapr import read_camtrapr
from scr.io.gpx import read_gpx
from scr.io.oscr import read_oscr
from scr.io.recognise import recognise
from scr.io.secr_text import read_secr
from scr.io.wildlife_insights import read_wildlife_insights
from scr.survey.formats import survey_from_project
from scr.survey.reading import read_survey
from scr.survey.reading_traps import read_traps
from scr.survey.secr_files import write_secr

DEPLOYMENTS = (
    "deploymentID,locationID,latitude,longitude,deploymentStart,deploymentEnd\n"
    "d1,A,50.1,4.1,2024-03-30T12:00:00+01:00,2024-04-02T13:00:00+02:00\n"
    "d2,B,50.2,4.1,2024-03-30T12:00:00+01:00,2024-04-02T12:00:00+01:00\n"
)
OBSERVATIONS = (
    "observationID,deploymentID,eventStart,observationType,scientificName,sex,lifeStage,"
    "individualID,observationTags\n"
    "1,d1,2024-03-30T22:30:00Z,animal,Lynx lynx,female,adult,Ana,flank:left\n"
    "2,d2,2024-03-31T22:30:00Z,animal,Lynx lynx,male,adult,Bo,\n"
    "3,d2,2024-03-31T22:30:00Z,animal,Lynx lynx,,cub,Cub,\n"
    "4,d2,2024-03-31T23:30:00Z,animal,Lynx lynx,,,,\n"
    "5,d2,2024-03-31T23:30:00Z,blank,,,,,\n"
)


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    names = ("deployments", "media", "observations")
    resources = [{"name": n, "path": f"{n}.csv"} for n in names]
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    (folder / "deployments.csv").write_text(DEPLOYMENTS)
    (folder / "observations.csv").write_text(OBSERVATIONS)
    (folder / "media.csv").write_text("mediaID,captureMethod\n")
    return folder


def test_read_camtrap_dp__example_gives_four_deployments_and_their_days(reference):
    project = read_camtrap_dp(reference / "formats" / "camtrap_dp_example")
    effort = survey_from_project(project, to_crs="EPSG:32631").sessions[0].usage.effort
    # By hand, minutes between deploymentStart and deploymentEnd, seconds as a part of one.
    minutes = [46484 + 4 / 60, 14330 + 59 / 60, 13113 + 22 / 60, 31726 + 42 / 60]
    assert len(project.usage) == 4
    assert effort.sum(axis=1) * 1440 == pytest.approx(minutes, abs=1e-6)


def test_read_camtrap_dp__every_time_is_on_the_clock_of_its_deployment(package):
    survey = survey_from_project(read_camtrap_dp(package), to_crs="EPSG:32631")
    # 22:30 UTC is 23:30 at +01:00; d1 ends at 13:00+02:00, which its clock shows as 12:00.
    assert survey.sessions[0].usage.effort.tolist() == [[0.5, 1, 1, 0.5]] * 2
    assert survey.sessions[0].captures.occasion.tolist() == [0, 1]
    assert survey.sessions[0].captures.individuals.tolist() == ["Ana", "Bo"]
    assert any("Cub" in note for note in survey.notes)
    assert any("without individualID" in note and "row 5" in note for note in survey.notes)
    assert any("1 of 5 rows are no observations of animals" in note for note in survey.notes)


def test_read_camtrap_dp__zip_folder_and_json_are_the_same(package, tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for file in package.iterdir():
            archive.write(file, f"inner/{file.name}")
    frames = [
        read_camtrap_dp(path).detections
        for path in (package, package / "datapackage.json", tmp_path / "p.zip")
    ]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("observations.csv", "2,d2", "2,d9", ["row 3", "'d9'"]),
        ("observations.csv", "2,d2,2024-03-31T22:30:00Z", "2,d2,31/03/2024", ["row 3", "31/03"]),
        ("deployments.csv", "50.2", "", ["row 3", "latitude"]),
        ("deployments.csv", "d2,B", "d1,B", ["row 3", "already used"]),
        ("deployments.csv", "deploymentStart", "begin", ["'deploymentStart'"]),
        ("observations.csv", "2,d2,2024-03-31T22:30:00Z,animal,Lynx lynx",
         "2,d2,2024-03-31T22:30:00Z,animal,Lynx pardinus", ["2 species", "species="]),
        ("datapackage.json", "observations", "other", ["'observations'"]),
    ],
)  # fmt: skip
def test_read_camtrap_dp__names_what_is_wrong(package, file, old, new, words):
    path = package / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SurveyError) as caught:
        read_camtrap_dp(package)
    for word in words:
        assert word in str(caught.value)


def test_read_camtrap_dp__a_location_that_moved_is_two_stations(package):
    path = package / "deployments.csv"
    path.write_text(path.read_text().replace("d2,B", "d2,A"))
    project = read_camtrap_dp(package)
    assert project.traps["trap"].tolist() == ["A", "A (2)"]
    assert "moved" in project.notes[0]


def test_read_camtrapr__effort_by_hand(reference):
    folder = reference / "formats" / "camtrapR_sample"
    one = survey_from_project(
        read_camtrapr(folder / "camtraps.csv", folder / "recordTableIndividualSample.csv"),
        crs="EPSG:32650",
    )
    # A 2 April to 14 May; B 3 April to 16 May; C 4 April to 17 May less 12 to 17 May.
    assert one.sessions[0].usage.effort.sum(axis=1).tolist() == [43, 44, 38]
    # The sample has its stations C and D at one place, which is said.
    with pytest.warns(SurveyWarning, match="'StationC', 'StationD'"):
        two = survey_from_project(
            read_camtrapr(
                folder / "camtrapsMultiSeason.csv",
                folder / "recordTableIndividualSampleMultiSeason.csv",
            ),
            crs="EPSG:32650",
        )
    # D 4 April to 17 June less 20 to 30 May.
    assert [s.usage.effort.sum(axis=1).tolist() for s in two.sessions] == [
        [43, 44, 38],
        [43, 44, 38, 64],
    ]
    assert [s.name for s in two.sessions] == ["2009", "2010"]


def test_read_camtrapr__camera_operation_matrix(tmp_path):
    (tmp_path / "stations.csv").write_text(
        "Station,utm_x,utm_y,Setup_date,Retrieval_date\nA,0,0,2024-05-01,2024-05-03\n"
        "B,900,0,2024-05-01,2024-05-03\n"
    )
    (tmp_path / "records.csv").write_text(
        "Station,Species,Individual,DateTimeOriginal\nA,Lynx,x,2024-05-02 10:00:00\n"
    )
    (tmp_path / "matrix.csv").write_text(
        '"","2024-05-01","2024-05-02","2024-05-03"\n"A__CAM_1",0.5,1,NA\n"A__CAM_2",NA,1,1\n'
        '"B__CAM_1",NA,0,1\n'
    )
    project = read_camtrapr(
        tmp_path / "stations.csv", tmp_path / "records.csv", operation=tmp_path / "matrix.csv"
    )
    survey = survey_from_project(project, crs="local")
    assert survey.sessions[0].usage.effort.tolist() == [[0.5, 1, 1], [0, 0, 1]]


def test_read_wildlife_insights__a_download(tmp_path):
    (tmp_path / "deployments.csv").write_text(
        "project_id,deployment_id,placename,longitude,latitude,start_date,end_date,"
        "camera_functioning\n1,d1,A,4.1,50.1,2024-05-01 00:00:00,2024-05-03 00:00:00,"
        "Camera Functioning\n1,d2,B,4.1,50.2,2024-05-01 00:00:00,2024-05-02 00:00:00,Unknown\n"
    )
    (tmp_path / "images.csv").write_text(
        "deployment_id,timestamp,genus,species,sex,age,individual_id,is_blank\n"
        "d1,2024-05-02 10:00:00,Lynx,lynx,Female,Adult,Ana,0\n"
        "d2,2024-05-02 10:00:00,Lynx,lynx,,,,0\nd2,2024-05-02 10:00:00,,,,,,1\n"
    )
    found = recognise(tmp_path)
    assert found.form == "Wildlife Insights"
    survey = survey_from_project(found.read(None), to_crs="EPSG:32631")
    assert survey.sessions[0].usage.effort.tolist() == [[1, 1, 1], [1, 1, 0]]
    assert survey.sessions[0].captures.covariates["sex"].tolist() == ["F"]
    assert any("camera failed in row 3" in note for note in survey.notes)
    assert any("1 of 3 rows are blank images" in note for note in survey.notes)
    with pytest.raises(SurveyError, match="no named animal of species 'Panthera pardus'"):
        read_wildlife_insights(tmp_path, species="Panthera pardus")


def test_read_secr__recorded_figures_of_captdata(reference):
    folder = reference / "formats" / "secr_text"
    survey = survey_from_project(
        read_secr(folder / "capt.txt", folder / "trap.txt", form="XY"),
        crs="local",
        detector="multi",
    )
    recorded = json.loads((reference / "captdata" / "secr_reference.json").read_text())
    session = survey.sessions[0]
    assert session.captures.n_individuals == recorded["n_animals"]
    assert session.captures.n_detections == recorded["n_detections"]
    assert session.usage.effort.shape == (recorded["n_traps"], recorded["n_occasions"])


def test_read_secr__refuses_polygons_and_telemetry(reference):
    folder = reference / "formats" / "secr_text"
    with pytest.raises(SurveyError, match="corners"):
        read_secr(folder / "capt.txt", folder / "polygonexample1.txt", form="XY")
    with pytest.raises(SurveyError, match="no detector stands"):
        read_secr(folder / "telemetrydemo.txt", folder / "trap.txt", form="XY")


def test_write_secr__round_trip_is_exact(tmp_path):
    rng = np.random.default_rng(1)
    traps = pd.DataFrame(
        {"trap": ["A1", "007", "B"], "x": rng.normal(4e5, 1e3, 3), "y": rng.normal(4e6, 1e3, 3),
         "lure": ["yes", "no", "yes"], "height": rng.uniform(size=3)}
    )  # fmt: skip
    usage = pd.DataFrame({"trap": ["A1", "007", "B"], "u1": [1, 1 / 3, 0.1], "u2": [0, 2, 1.5]})
    seen = pd.DataFrame(
        {"individual": ["x", "x", "y"], "trap": ["A1", "007", "B"], "occasion": [1, 2, 1],
         "count": [2, 1, 1], "sex": ["F", "F", None]}
    )  # fmt: skip
    survey = read_survey(seen, read_traps(traps, crs="local"), usage=usage, detector="count")
    capt, *layouts = write_secr(survey, tmp_path)
    project = read_secr(capt, layouts, covariates=["sex"], trap_covariates=["lure", "height"])
    again = survey_from_project(project, crs="local", detector="count")
    old, new = survey.sessions[0], again.sessions[0]
    assert (old.traps.xy == new.traps.xy).all()
    assert old.traps.names.tolist() == new.traps.names.tolist()
    assert (old.usage.effort == new.usage.effort).all()
    pd.testing.assert_frame_equal(old.traps.covariates, new.traps.covariates)
    for name in ("individuals", "individual", "occasion", "trap", "count"):
        assert getattr(old.captures, name).tolist() == getattr(new.captures, name).tolist()
    assert new.captures.covariates["sex"].isna().tolist() == [False, True]


def test_read_oscr__edf_and_tdf(tmp_path):
    (tmp_path / "edf.csv").write_text("session,ind,occ,trap,sex\n1,x,2,A,F\n1,x,1,B,F\n")
    (tmp_path / "tdf.csv").write_text("Trap_id,X,Y,1,2,sep,lure\nA,0,0,0,1,/,7\nB,900,0,1,1,/,8\n")
    found = recognise(tmp_path)
    assert found.form == "oSCR"
    survey = survey_from_project(read_oscr(tmp_path / "edf.csv", tmp_path / "tdf.csv"), crs="local")
    assert survey.sessions[0].usage.effort.tolist() == [[0, 1], [1, 1]]
    assert survey.sessions[0].traps.covariates["lure"].tolist() == [7, 8]
    assert survey.sessions[0].captures.n_detections == 2


def of_oscr(folder, sessions):
    (folder / "edf.csv").write_text("session,ind,occ,trap\n1,x,2,A\n1,x,1,B\n")
    rows = [f"{t},{x},0,0,1,/,{s}" for t, x, s in zip("AB", (0, 900), sessions, strict=True)]
    (folder / "tdf.csv").write_text("\n".join(["Trap_id,X,Y,1,2,sep,session", *rows]) + "\n")
    return read_oscr(folder / "edf.csv", folder / "tdf.csv")


def of_secr(folder, sessions):
    (folder / "capt.txt").write_text("1 x 2 A\n1 x 1 B\n")
    rows = [f"{t} {x} 0 0 1 / {s}" for t, x, s in zip("AB", (0, 900), sessions, strict=True)]
    (folder / "trap.txt").write_text("\n".join(["# Detector x y 1 2 / session", *rows]) + "\n")
    return read_secr(folder / "capt.txt", folder / "trap.txt")


@pytest.mark.parametrize("read", [of_oscr, of_secr])
def test_read__a_covariate_called_session_is_never_overwritten(read, tmp_path):
    with pytest.raises(SurveyError, match=r"covariate 'session' that is 'dry' in row [23], where"):
        read(tmp_path, ("dry", "wet"))
    assert read(tmp_path, ("1", "1")).traps["session"].tolist() == ["1", "1"]


def test_read_gpx__waypoints_are_stations(tmp_path):
    (tmp_path / "w.gpx").write_text(
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="50.1" lon="4.1"><name>001</name></wpt>'
        '<wpt lat="50.2" lon="4.1"><name>002</name></wpt></gpx>'
    )
    assert read_gpx(tmp_path / "w.gpx")["trap"].tolist() == ["001", "002"]
    assert read_traps(tmp_path / "w.gpx", to_crs="EPSG:32631").names.tolist() == ["001", "002"]
    (tmp_path / "bad.gpx").write_text("<gpx")
    with pytest.raises(SurveyError, match="no GPX file"):
        read_gpx(tmp_path / "bad.gpx")


def test_read_sheets__a_workbook_is_a_survey(tmp_path):
    book = Workbook()
    stations = book.active
    stations.title = "stations"
    stations.append(["station", "x", "y"])
    for number in (1, 2):
        stations.append([number, number * 900, 0])
        stations.cell(number + 1, 1).number_format = "000"
    deployments = book.create_sheet("deployments")
    deployments.append(["station", "start", "end"])
    for number in ("001", "002"):
        deployments.append([number, datetime.date(2024, 5, 1), datetime.date(2024, 5, 3)])
    detections = book.create_sheet("detections")
    detections.append(["individual", "station", "datetime"])
    detections.append(["x", "002", datetime.datetime(2024, 5, 2, 10, 30)])
    book.save(tmp_path / "survey.xlsx")
    survey = survey_from_project(recognise(tmp_path / "survey.xlsx").read(None), crs="local")
    assert survey.sessions[0].traps.names.tolist() == ["001", "002"]
    assert survey.sessions[0].usage.effort.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert survey.sessions[0].captures.trap.tolist() == [1]


def test_recognise__says_what_it_found(tmp_path):
    (tmp_path / "letter.doc").write_text("Dear all")
    with pytest.raises(SurveyError, match=r"letter\.doc, which is in no format"):
        recognise(tmp_path)
