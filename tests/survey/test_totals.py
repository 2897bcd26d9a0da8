import numpy as np
import pandas as pd

from scr.survey.reading import read_survey
from scr.survey.totals import totals_of
from scr.survey.traps import Traps

YEARS = ("2024", "2025")


def stations(*, moved=0.0, names=("A", "B", "C")):
    """Three stations in each of two years; the second year they stand a little further east."""
    xy = np.array([[0.0, 0.0], [1000.0, 0.0], [2000.0, 0.0]])
    return Traps(
        names=["A", "B", "C", *names],
        xy=np.concatenate([xy, xy + np.array([moved, 0.0])]),
        crs="local",
        session=np.repeat(np.array(YEARS, dtype=object), 3),
    )


def seen(rows):
    return pd.DataFrame(rows, columns=["session", "individual", "trap", "occasion", "sex"])


ROWS = [
    ("2024", "x", "A", 1, "F"),
    ("2024", "x", "B", 2, "F"),
    ("2024", "y", "A", 1, None),
    ("2025", "x", "A", 1, None),
    ("2025", "z", "C", 3, "M"),
    ("2025", "z", "C", 4, "M"),
]


def test_totals_of__one_session_by_hand():
    rows = [row for row in ROWS if row[0] == "2024"]
    totals = totals_of(read_survey(seen(rows), stations(), usage=5))
    assert (totals.n_animals, totals.n_again, totals.n_at_two) == (2, 0, 1)
    assert (totals.n_detections, totals.n_recaptures) == (3, 1)
    assert totals.by_sex.to_numpy().tolist() == [["F", 1, 2]]


def test_totals_of__an_animal_and_a_station_of_two_years_count_once():
    totals = totals_of(read_survey(seen(ROWS), stations(), usage=5))
    assert (totals.n_animals, totals.n_again, totals.n_at_two) == (3, 1, 1)
    assert (totals.n_detections, totals.n_recaptures, totals.n_stations) == (6, 2, 3)
    assert totals.effort_days == 30.0
    assert totals.by_sex.to_numpy().tolist() == [["F", 1, 3], ["M", 1, 2]]


def test_totals_of__a_station_is_its_name_and_its_place():
    def n(traps):
        return totals_of(read_survey(seen(ROWS[:3]), traps, usage=5)).n_stations

    assert n(stations(moved=30.0)) == 3
    assert n(stations(moved=90_000.0)) == 6
    assert n(stations(names=("A", "B", "D"))) == 4


def test_totals_of__nobody_seen():
    totals = totals_of(read_survey(seen([]), stations(), usage=5))
    assert (totals.n_animals, totals.n_detections, totals.n_recaptures) == (0, 0, 0)
    assert len(totals.by_sex) == 0
