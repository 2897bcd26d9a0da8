"""Whole surveys from files."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.survey.reading import read_survey
from scr.survey.reading_traps import read_traps

FILES = {
    "stations.csv": "station,x,y\n01,0,0\n02,2000,0\n03,4000,0\n",
    "deployments.csv": "station,start,end\n01,2024-05-02,2024-05-06\n02,2024-05-03,2024-05-08\n",
    "detections.csv": (
        "individual,station,datetime,sex\n"
        "Bek,01,2024-05-03 05:48,F\nBek,01,2024-05-03 23:10,F\nIlse,02,2024-05-08 19:31,U\n"
    ),
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def read(folder, **more):
    session = more.pop("session", None)
    traps = read_traps(folder / "stations.csv", crs="local", session=session)
    usage = more.pop("usage", folder / "deployments.csv")
    return read_survey(folder / "detections.csv", traps, usage=usage, **more)


def test_read_survey__from_three_files(folder):
    survey = read(folder)
    session = survey.sessions[0]
    assert session.usage.effort.tolist() == [
        [1, 1, 1, 1, 1, 0, 0],
        [0, 1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    assert session.captures.occasion.tolist() == [1, 6]
    assert session.captures.trap.tolist() == [0, 1]
    assert session.captures.covariates["sex"].tolist()[0] == "F"
    assert [note.split(": ", 1)[1].split()[0] for note in survey.notes[1:]] == ["3", "sex"]
    assert survey.notes[0] == "03 has no deployment in deployments.csv: effort 0."


def test_read_survey__occasions_of_five_days(folder):
    session = read(folder, occasion_days=5).sessions[0]
    assert session.usage.effort.tolist() == [[5, 0], [4, 2], [0, 0]]
    assert session.captures.occasion.tolist() == [0, 1]
    assert session.usage.occasion_days == 5


def test_read_survey__counts_need_independence(folder):
    with pytest.raises(SurveyError, match="independence="):
        read(folder, detector="count")
    survey = read(folder, detector="count", independence="1h")
    assert survey.sessions[0].captures.count.tolist() == [2, 1]


def test_read_survey__usage_in_the_file_of_the_traps(folder):
    (folder / "stations.csv").write_text("trap,x,y,o1,o2,lure\nA,0,0,9,10,yes\nB,1,0,0,8.5,no\n")
    (folder / "detections.csv").write_text("ID,occasion,trap,count\n7,2,B,1\n")
    survey = read(folder, usage=folder / "stations.csv")
    assert survey.sessions[0].usage.effort.tolist() == [[9, 10], [0, 8.5]]
    assert survey.sessions[0].captures.individuals.tolist() == ["7"]


def test_read_survey__usage_columns_go_before_dates_beside_them(folder):
    (folder / "stations.csv").write_text("trap,x,y,o1,start_date,end_date\nA,0,0,9,x,y\n")
    (folder / "detections.csv").write_text("individual,trap\n7,A\n")
    assert read(folder, usage=folder / "stations.csv").sessions[0].usage.effort.tolist() == [[9]]


def test_read_survey__effort_beside_start_and_end_is_not_an_occasion(folder):
    (folder / "deployments.csv").write_text(
        "station,start,end,effort\n01,2024-05-02,2024-05-06,5\n02,2024-05-03,2024-05-08,6\n"
    )
    assert read(folder).sessions[0].usage.effort.shape == (3, 7)


@pytest.mark.parametrize("usage", [2, np.ones((3, 2))])
def test_read_survey__a_number_of_occasions_or_an_array(folder, usage):
    (folder / "detections.csv").write_text("individual,trap,occasion\n7,03,2\n")
    assert read(folder, usage=usage).sessions[0].usage.effort.tolist() == [[1, 1]] * 3


def test_read_survey__a_session_without_captures_stays(folder):
    deployments = (folder / "deployments.csv").read_text().splitlines()
    rows = [f"2024,{line}" for line in deployments[1:]]
    early = [row.replace("2024", "2023") for row in rows]
    (folder / "deployments.csv").write_text("\n".join(["session,station,start,end", *early, *rows]))
    lines = (folder / "detections.csv").read_text().splitlines()
    (folder / "detections.csv").write_text(
        "\n".join([f"session,{lines[0]}", *(f"2024,{line}" for line in lines[1:])])
    )
    survey = read(folder)
    assert [session.name for session in survey.sessions] == ["2023", "2024"]
    assert [session.captures.n_individuals for session in survey.sessions] == [0, 2]
    assert len(survey.sessions[0].traps) == 3


def test_read_survey__no_captures_at_all_are_read_and_said(folder):
    (folder / "detections.csv").write_text("individual,station,datetime,sex\n")
    survey = read(folder)
    assert survey.n_individuals == 0
    assert survey.notes[-1] == "detections.csv: no animal was detected at all."


def two_sessions(folder):
    (folder / "stations.csv").write_text("session,trap,x,y,o1\ns,A,0,0,5\nn,A,9,0,4\n")
    (folder / "detections.csv").write_text("session,individual,trap\nn,7,A\n")
    return {"usage": folder / "stations.csv"}


def test_read_survey__session_covariates_follow_the_sessions(folder):
    given = pd.DataFrame({"SessionID": ["n", "w", "s"], "year": [1, 2, 3]})
    survey = read(folder, session_covariates=given, **two_sessions(folder))
    assert survey.covariates["year"].tolist() == [3, 1]


@pytest.mark.parametrize(
    ("sessions", "word"),
    [(["n"], "no row for session 's'"), (["n", "s", "s"], "more than one row")],
)
def test_read_survey__session_covariates_have_one_row_each(folder, sessions, word):
    given = pd.DataFrame({"session": sessions})
    with pytest.raises(SurveyError, match=word):
        read(folder, session_covariates=given, **two_sessions(folder))


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("detections.csv", "Ilse,02", "Ilse,2", ["'2' in row 4 (known: '02')", "stations.csv"]),
        ("detections.csv", "Ilse,02", "Ilse,09", ["'09' in row 4", "stations.csv"]),
        ("detections.csv", "05-08 19", "05-09 19", ["'Ilse' at '02'", "row 4", "deployments.csv"]),
        ("detections.csv", "Ilse,02", "Ilse,03", ["'Ilse' at '03'", "row 4", "no deployment"]),
        ("detections.csv", "individual,", "animals,", ["'individual'", "'animals'"]),
        ("deployments.csv", "01,", "09,", ["'09' in row 2", "stations.csv"]),
        ("deployments.csv", "start,end", "first,last", ["'first'", "start and end"]),
        ("stations.csv", "02,2000", "01,2000", ["'01' in rows 2, 3", "2000 m apart"]),
        ("stations.csv", "2000", "NaN", ["'02' (row 3)"]),
    ],
)
def test_read_survey__names_file_rows_and_remedy(folder, name, old, new, words):
    (folder / name).write_text((folder / name).read_text().replace(old, new))
    with pytest.raises(SurveyError) as caught:
        read(folder)
    assert [word for word in [name, *words] if word not in str(caught.value)] == []


@pytest.mark.parametrize(("usage", "word"), [(None, "usage= is missing"), (0, "whole number")])
def test_read_survey__needs_the_time_traps_worked(folder, usage, word):
    with pytest.raises(SurveyError, match=word):
        read(folder, usage=usage)


# Numbers of animals, records and days from ../shared/reference/README.md and the files' figures.
@pytest.mark.parametrize(
    ("name", "more", "animals", "traps", "occasions"),
    [
        ("captdata", {"detector": "multi"}, 76, 100, 5),
        ("leopard_like", {}, 19, 100, 10),
        ("stoat_prox", {}, 20, 94, 7),
        ("tiger_nagarahole", {}, 44, 120, 48),
        ("tiger_nagarahole_count", {"detector": "binomial_count"}, 44, 120, 1),
        ("leopard_south_africa", {}, 425, 1031, 1),
        ("snowleopard_secr_workflow", {"detector": "count"}, 31, 220, 1),
    ],
)
def test_read_survey__reads_published_surveys(reference, name, more, animals, traps, occasions):
    path = reference / name / "traps.csv"
    survey = read_survey(
        reference / name / "detections.csv", read_traps(path, crs="local"), usage=path, **more
    )
    assert survey.n_individuals == animals
    assert sum(len(session.traps) for session in survey.sessions) == traps
    assert survey.sessions[0].usage.effort.shape[1] == occasions


def test_read_survey__camtrapr_tables_as_they_are(reference):
    # 2 April to 14 May and so on, both ends included, StationC out of order 12 to 17 May.
    folder = reference / "formats" / "camtrapR_sample"
    traps = read_traps(folder / "camtraps.csv", crs="EPSG:32650")
    survey = read_survey(
        folder / "recordTableIndividualSample.csv", traps, usage=folder / "camtraps.csv"
    )
    assert survey.sessions[0].usage.effort.sum(axis=1).tolist() == [43, 44, 38]
