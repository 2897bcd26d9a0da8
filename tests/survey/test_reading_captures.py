"""Rows of detections become capture histories."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.tables import read_table
from scr.schema import aliases
from scr.survey.dates import Moments
from scr.survey.occasions import Placed
from scr.survey.outside import Detected
from scr.survey.reading_captures import RecordRule, captures_from_table
from scr.survey.visits import IndependenceRule


def captures(text, *, occasion=None, times=None, labels=("1",), inside=None, **rule):
    header, *lines = [line.split(",") for line in text.split("|")]
    table = read_table(pd.DataFrame(lines, columns=header), columns=aliases("detections"))
    n = len(table)
    matched = pd.DataFrame(
        {"session": table.get("session", default="1"), "trap": table["trap"].astype(int)},
        index=table.index,
    )
    moments = None
    if times is not None:
        wall = np.array(times, dtype="datetime64[us]")
        moments = Moments(wall, np.ones(n, dtype=bool), np.full(n, np.nan))
    placed = Placed(
        np.array(occasion if occasion is not None else [0] * n),
        np.array(inside if inside is not None else [True] * n),
        moments,
        (),
    )
    return captures_from_table(
        Detected(table, matched, "d.csv"), placed, labels=labels, rule=RecordRule(**rule)
    )


def test_captures_from_table__visits_merge_for_proximity_and_it_is_said():
    found, notes = captures("individual,trap,count|x,3,1|x,3,2|x,4,1|y,3,1")
    history = found["1"]
    assert history.individuals.tolist() == ["x", "y"]
    assert history.count.tolist() == [1, 1, 1]
    assert notes == (
        "d.csv: 5 detections make 3 records, as several of one animal at one trap in one "
        "occasion count as one.",
    )


def test_captures_from_table__counts_are_summed():
    found, notes = captures("individual,trap,count|x,3,1|x,3,2", detector="count")
    assert found["1"].count.tolist() == [3]
    assert notes == ()


def test_captures_from_table__counts_with_times_follow_independence():
    found, notes = captures(
        "individual,trap|x,3|x,3|x,3",
        times=["2024-05-02T07:00", "2024-05-02T07:10", "2024-05-02T09:00"],
        detector="count",
        independence=IndependenceRule("30min"),
    )
    assert found["1"].count.tolist() == [2]
    assert "1 of 3 rows lie within 30min" in notes[0]


def test_captures_from_table__sessions_keep_their_own_animals_and_share_their_sexes():
    found, notes = captures(
        "session,individual,trap,sex|n,x,0,F|s,x,1,|s,y,1,M", labels=("n", "s", "w")
    )
    assert found["n"].covariates["sex"].tolist() == ["F"]
    assert found["s"].individuals.tolist() == ["x", "y"]
    assert found["s"].covariates["sex"].tolist() == ["F", "M"]
    assert found["w"].n_individuals == 0
    assert "sex" in found["w"].covariates.columns
    assert notes[-1] == "d.csv: no animal was detected in session 'w'."


def test_captures_from_table__an_animal_seen_only_outside_is_no_animal():
    found, _ = captures("individual,trap|x,3|y,3", inside=[False, True])
    assert found["1"].individuals.tolist() == ["y"]


def test_captures_from_table__animals_back_after_their_removal_are_noted():
    text = "session,individual,trap,alive|n,x,3,FALSE|s,x,3,|n,y,3,|s,y,3,FALSE"
    days = ["2023-05-01", "2024-05-01", "2023-05-02", "2024-05-02"]
    found, notes = captures(text, times=days, labels=("n", "s"))
    assert found["n"].removed.tolist() == [True, False]
    (back,) = [note for note in notes if "later session" in note]
    assert "'x' was detected in row 3, in a later session" in back
    assert "'y'" not in back


def test_captures_from_table__animals_removed_at_their_last_capture_are_noted():
    text = "session,individual,trap,alive|n,x,3,TRUE|n,x,4,FALSE|n,y,3,|s,x,3,1|s,z,3,0"
    found, notes = captures(text, occasion=[0, 2, 2, 1, 1], labels=("n", "s"))
    assert found["n"].removed.tolist() == [True, False]
    assert found["s"].removed.tolist() == [False, True]
    assert notes == (
        "d.csv: 2 animals were removed at their last capture ('alive' is FALSE), and could not be "
        "detected after it. They count among the animals of the survey, as living there when it "
        "began.",
    )


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("individual,trap|,3|x,3", {}, ["'individual' is blank in row 2", "not identified"]),
        ("individual,trap,count|x,3,0", {}, ["'count'", "row 2"]),
        ("individual,trap,count|x,3,1.5", {}, ["'count'", "row 2"]),
        ("individual,trap,count|x,3,", {}, ["'count'", "row 2"]),
        (
            "individual,trap,alive|x,3,FALSE|y,3,T|x,4,",
            {"occasion": [0, 0, 1]},
            ["'x' was detected in row 4, after", "'alive' is FALSE"],
        ),
        (
            "individual,trap,alive|x,3,FALSE|x,3,",
            {"times": ["2024-05-02T07:00", "2024-05-02T07:10"]},
            ["'x' was detected in row 3, after"],
        ),
        ("individual,trap,alive|x,3,FALSE", {"inside": [False]}, ["row 2, outside the time"]),
        ("individual,trap,alive|x,3,T|x,3,sick", {}, ["'alive' is 'sick' in row 3, which is"]),
        ("individual,trap,sex|x,3,F|x,3,M", {}, ["'x' ('F' in row 2; 'M' in row 3)"]),
        (
            "individual,trap|x,3",
            {"times": ["2024-05-02T07:00"], "detector": "count"},
            ['independence="30min"'],
        ),
    ],
)
def test_captures_from_table__names_rows_and_remedy(text, more, words):
    with pytest.raises(SurveyError) as caught:
        captures(text, **more)
    assert [word for word in ["d.csv", *words] if word not in str(caught.value)] == []


@pytest.mark.parametrize(("detector", "why"), [("proximity", "once an"), ("count", "no times")])
def test_captures_from_table__refuses_an_interval_that_does_nothing(detector, why):
    with pytest.raises(SurveyError, match=why):
        captures("individual,trap|x,3", detector=detector, independence=IndependenceRule("1h"))
