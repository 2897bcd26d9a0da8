"""Detections by side, the time of two cameras, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError, SurveyWarning
from scr.survey.collapsed import collapse_days
from scr.survey.reading import read_survey
from scr.survey.sided_records import CONFIRMED
from scr.survey.sides import by_type, n_of_sides
from scr.survey.summary import animals_seen, data_summary
from scr.survey.survey import Survey
from scr.survey.traps import Traps


def traps(cameras: list[int] | None = None) -> Traps:
    covariates = pd.DataFrame({} if cameras is None else {"cameras": cameras})
    xy = np.array([[0.0, 0.0], [3000.0, 0.0]])
    return Traps(names=["A", "B"], xy=xy, crs="local", covariates=covariates)


CAMERAS = pd.DataFrame(
    [
        ("A", "left", "2024-05-01", "2024-05-10"),
        ("A", "right", "2024-05-01", "2024-05-04"),
        ("B", "1", "2024-05-01", "2024-05-10"),
    ],
    columns=["station", "camera", "start", "end"],
)


def read(*rows: tuple[str, str, str, str], **options: object) -> Survey:
    seen = pd.DataFrame(rows, columns=["individual", "station", "datetime", "flank"])
    return read_survey(seen, traps(), usage=CAMERAS, flank="both", **options)


ROWS = (
    ("x", "A", "2024-05-02 08:00", "both"),
    ("x", "A", "2024-05-06 08:00", "left"),
    ("y", "A", "2024-05-03 08:00", "l"),
    ("z", "B", "2024-05-03 08:00", "Right side"),
)


def test_read_survey__tells_animals_and_effort_by_side():
    sides = read(*ROWS).sessions[0].sides

    assert sides.side.tolist() == [0, 1, 2]
    assert sides.two.sum(axis=1).tolist() == [4.0, 0.0]
    assert sides.one.sum(axis=1).tolist() == [6.0, 10.0]
    assert sides.type_.tolist() == [0, 3, 1, 4]
    assert sides.trap.tolist() == [0, 0, 0, 1]


def test_read_survey__says_how_many_animals_there_can_be():
    notes = " ".join(read(*ROWS).notes)

    assert "animals 1 complete, 1 known from the left alone and 1 from the right" in notes
    assert "at least 2 animals, and at most 3" in notes


def test_survey__counts_no_side_as_an_animal():
    survey = read(*ROWS)

    assert repr(survey).startswith("Survey: 2 to 3 animals identified in 4 detections")
    assert "3 animals" not in repr(survey).replace("2 to 3 animals", "")
    assert data_summary(survey)["animals identified"].tolist() == ["2 to 3"]
    assert animals_seen(read(*ROWS[:2]).sessions) == "1 animal"


def test_by_type__has_a_trap_for_each_station_and_type_that_could_be_seen():
    session = by_type(read(*ROWS)).sessions[0]

    assert session.traps.covariates["side"].tolist() == [
        *["both", "single", "single"],
        *["alone", "alone", "alone", "alone"],
    ]
    assert session.usage.effort.sum(axis=1).tolist() == [4, 4, 4, 6, 10, 6, 10]
    assert session.captures.n_detections == 4


def test_read_survey__left_and_right_within_a_minute_are_both_at_once():
    survey = read(
        ("x", "A", "2024-05-02 08:00:10", "left"), ("x", "A", "2024-05-02 08:00:40", "right")
    )

    assert n_of_sides(survey.sessions[0]) == (1, 0, 0)
    assert survey.sessions[0].sides.type_.tolist() == [0]


def test_read_survey__sides_joined_by_opinion_are_two_animals_that_may_be_one():
    survey = read(("x", "A", "2024-05-02 08:00", "left"), ("x", "B", "2024-05-06 08:00", "right"))

    assert n_of_sides(survey.sessions[0]) == (0, 1, 1)
    assert survey.sessions[0].captures.individuals.tolist() == ["x (left)", "x (right)"]
    assert "named from both sides" in " ".join(survey.notes)


def test_read_survey__sides_that_identities_join_are_of_one_complete_animal():
    rows = (("l7", "A", "2024-05-02 08:00", "left"), ("r3", "B", "2024-05-06 08:00", "right"))
    named = pd.DataFrame({"individual": ["l7", "r3"], "becomes": ["x", "x"]})
    survey = read(*rows, ROWS[3], identities=named)
    sides = survey.sessions[0].sides

    assert sides.photographed == (1, 0, 1)
    assert sides.known[sides.side == 0].tolist() == [CONFIRMED]
    assert "the sides of 1 animal were joined by other means" in " ".join(survey.notes)
    both = read(*ROWS, identities=pd.DataFrame({"individual": ["x", "y"], "becomes": ["w", "w"]}))
    assert both.sessions[0].sides.n_known == (0, 0)  # x was seen from both sides at once


def test_read_survey__animals_known_before_are_complete_whichever_side_is_seen():
    seen = pd.DataFrame(
        [(*ROWS[2], "both"), (*ROWS[3], "left"), (*ROWS[0], None)],
        columns=["individual", "station", "datetime", "flank", "known_before"],
    )
    survey = read_survey(seen, traps(), usage=CAMERAS, flank="both")
    sides = survey.sessions[0].sides

    assert sides.n_known == (0, 1)
    assert sides.photographed == (2, 0, 1)
    assert "known_before" not in survey.sessions[0].captures.covariates
    with pytest.raises(SurveyError, match="known_before is not a side in row"):
        read_survey(seen.assign(known_before="yes"), traps(), usage=CAMERAS, flank="both")


def test_read_survey__both_sides_of_one_camera_are_refused():
    with pytest.raises(SurveyError, match="where two cameras were not working"):
        read(("x", "A", "2024-05-08 08:00", "both"))


def test_read_survey__sides_with_names_of_their_own_are_no_doubt_but_one_of_the_other_side_is():
    named = [(f"M{i}_{side[0].upper()}", "A", f"2024-05-0{i} 08:00", side)
             for i in (1, 2, 3) for side in ("left", "right")]  # fmt: skip
    good = [(name, "AB"[side == "right"], *rest, side) for name, _, *rest, side in named]
    assert "flank" not in " ".join(read(*good).doubts)
    with pytest.warns(SurveyWarning, match=r"'M1_R' shows the left .*row 8"):
        read(*good, ("M1_R", "B", "2024-05-08 08:00", "left"))


def test_read_survey__blank_flank_is_refused():
    with pytest.raises(SurveyError, match=r"flank is blank or not known in row 3"):
        read(ROWS[0], ("y", "A", "2024-05-03", ""))


@pytest.mark.parametrize("detector", ["multi", "binomial_count"])
def test_read_survey__detectors_where_sides_depend_on_others_are_refused(detector):
    with pytest.raises(SurveyError, match="goes with detector"):
        read(*ROWS, detector=detector)


def test_read_survey__needs_to_know_the_number_of_cameras():
    seen = pd.DataFrame({"individual": ["x"], "station": ["A"], "occasion": [1], "flank": ["l"]})
    with pytest.raises(SurveyError, match="when two cameras of a station worked"):
        read_survey(seen, traps(), usage=5, flank="both")

    sides = read_survey(seen, traps([2, 1]), usage=5, flank="both").sessions[0].sides
    assert sides.two.sum(axis=1).tolist() == [5.0, 0.0]


def test_session__sides_of_other_captures_are_refused():
    with pytest.raises(SurveyError, match="cannot be collapsed"):
        collapse_days(read(*ROWS))
