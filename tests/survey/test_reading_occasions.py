"""Covariates of occasions are read, put in order, and held against the effort."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.errors import SurveyError

EFFORT = np.array([[1.0, 1, 1], [1, 1, 0]])
RAIN = pd.DataFrame({"occasion": [3, 2, 1], "rain": [3.5, 2, 1], "sky": ["clear", "cloud", "fog"]})
BAIT = pd.DataFrame(
    {
        "station": list("AAABB"),
        "occ": [1, 2, 3, 2, 1],
        "bait": ["fish", "meat", "fish", "meat", "x"],
    }
)


def read(rain=None, bait=None, *, usage=EFFORT, traps=None, **more):
    stations = pd.DataFrame({"station": ["A", "B"], "x": [0, 3000], "y": [0, 0]})
    traps = scr.read_traps(stations if traps is None else traps, crs="local")
    seen = pd.DataFrame({"individual": ["x"], "trap": ["A"], "occasion": [2]})
    given = {"occasion_covariates": rain, "trap_occasion_covariates": bait}
    return scr.read_survey(more.pop("seen", seen), traps, usage=usage, **given, **more)


def test_occasion_covariates__follow_the_occasions():
    session = read(RAIN).sessions[0]
    assert session.occasions["rain"].tolist() == [1, 2, 3.5]
    assert session.occasions["sky"].tolist() == ["fog", "cloud", "clear"]


def test_trap_occasion_covariates__are_of_all_occasions_of_the_first_trap_first():
    bait = read(bait=BAIT).sessions[0].by_occasion["bait"]
    assert bait.tolist()[:5] == ["fish", "meat", "fish", "x", "meat"]
    assert pd.isna(bait.iloc[5])  # trap B did not work in occasion 3


DEPLOYED = pd.DataFrame(
    {"station": ["A", "B"], "start": ["2024-05-02", "2024-05-04"], "end": ["2024-05-07"] * 2}
)
SEEN = pd.DataFrame({"individual": ["x"], "trap": ["A"], "datetime": ["2024-05-06 22:00"]})


def dated(**more):
    return {"usage": DEPLOYED, "seen": SEEN, **more}


def test_occasion_covariates__a_date_is_of_the_occasion_that_has_it():
    days = [f"2024-05-{day:02d}" for day in range(1, 9)]
    table = pd.DataFrame({"date": days, "rain": range(8)})
    survey = read(table, **dated())
    assert survey.sessions[0].occasions["rain"].tolist() == [1, 2, 3, 4, 5, 6]
    assert any("2 of 8 rows are of days outside the occasions" in note for note in survey.notes)
    week = pd.DataFrame({"date": ["29/04/2024", "06/05/2024"], "rain": [7, 8]})
    weeks = read(week, **dated(occasion_days="week", day_first=True))
    assert weeks.sessions[0].occasions["rain"].tolist() == [7, 8]
    noon = read(table, **dated(day_starts="noon"))
    assert noon.sessions[0].occasions["rain"].tolist()[0] == 0  # from noon of 1 May
    bait = pd.DataFrame(
        {
            "station": ["A", "A", "B", "B"],
            "date": ["2024-05-03", "2024-05-07", "2024-05-07", "2024-05-05"],
            "bait": ["a", "b", "c", "d"],
        }
    )
    fives = read(bait=bait, **dated(occasion_days=5)).sessions[0]
    assert fives.by_occasion["bait"].tolist() == ["a", "b", "d", "c"]


def test_occasion_covariates__of_several_sessions():
    traps = pd.DataFrame(
        {"station": ["A", "B"], "session": ["s", "n"], "x": [0, 9], "y": 0, "u1": 1, "u2": [1, 0]}
    )
    rain = pd.DataFrame({"session": ["n", "s", "s"], "occasion": [1, 2, 1], "rain": [5, 6, 7]})
    survey = read(
        rain, usage=traps, traps=traps, seen=SEEN.assign(occasion=1).drop(columns="datetime")
    )
    south, north = (session.occasions["rain"].tolist() for session in survey.sessions)
    assert south == [7, 6]
    assert north[0] == 5
    with pytest.raises(SurveyError, match="no column 'session', and there are 2 sessions"):
        read(
            rain.drop(columns="session"), usage=traps, traps=traps,
            seen=SEEN.assign(occasion=1).drop(columns="datetime"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("rain", "bait", "words"),
    [
        (RAIN[:2], None, ["no row for occasion 1,", "Add the rows"]),
        (RAIN.assign(occasion=[1, 2, 4]), None, ["occasions 1 to 3", "'4' in row 4"]),
        (RAIN.assign(occasion=[1, 2, 2]), None, ["rows 3, 4", "occasion 2 is in rows 3, 4"]),
        (RAIN.assign(session="z"), None, ["rows 2, 3, 4 name sessions without traps: 'z'"]),
        (RAIN.drop(columns="occasion"), None, ["neither a column 'occasion' nor"]),
        (RAIN.assign(date="2024-05-02"), None, ["both a column 'occasion' and"]),
        (RAIN.drop(columns="occasion").assign(date="2024-05-02"), None, ["numbered without dates"]),
        (RAIN[["occasion"]], None, ["no column of a covariate"]),
        (None, BAIT[2:], ["station 'A', occasions 1, 2,", "the station worked"]),
        (None, BAIT.assign(station=list("AAACB")), ["'C' in row 5"]),
        (None, BAIT.assign(occ=[1, 2, 2, 2, 1]), ["rows 3, 4", "station 'A' and occasion 2"]),
        (None, BAIT.assign(occ=["1", "2", "3", "2", "one"]), ["'one'", "row 6"]),
    ],
)
def test_read_survey__names_rows_and_remedy_of_occasion_covariates(rain, bait, words):
    with pytest.raises(SurveyError) as caught:
        read(rain, bait)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, None, 2], "rain is empty in row 3. Write the true value"),
        ([1, 2, -9999], "rain is -9999 in 1 of 3 cells (row 4)"),
        ([1, 2, "much"], "text in 1: 'much' (row 4)"),
    ],
)
def test_occasion_covariates__that_cannot_be_used_are_told_where_a_model_names_them(values, words):
    survey = read(RAIN.assign(rain=values))
    mask = scr.build_mask(survey.sessions[0].traps, buffer=3000, spacing=1000)
    assert scr.ModelSpec(lambda0="~ sky").unused_columns(survey, mask)[0].count(words) == 1
    with pytest.raises(SurveyError) as caught:
        scr.ModelSpec(lambda0="~ rain").coefficient_names(survey, mask)
    assert words in str(caught.value)
    assert "leave these cells empty" not in str(caught.value).lower()
    names = scr.ModelSpec(lambda0="~ sky").coefficient_names(survey, mask)
    assert names[1:4] == ("lambda0.Intercept", "lambda0.sky[T.cloud]", "lambda0.sky[T.fog]")
