import numpy as np
import pandas as pd

from scr.survey.occasion_rule import OccasionRule
from scr.survey.reading import ReadingChoices, SurveyFiles, examine_survey
from scr.survey.row_account import RowAccount, left_out
from scr.survey.traps import Traps

TRAPS = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [3000.0, 0.0]]), crs="local")
DEPLOYED = pd.DataFrame({"trap": ["A", "B"], "start": "2024-05-01", "end": "2024-05-10"})


def test_examine_survey__accounts_for_every_row():
    seen = pd.DataFrame(
        [
            ("x", "A", "2024-05-02 10:00", "adult", "left"),  # row 2
            ("x", "A", "2024-05-02 11:00", "adult", "right"),  # row 3: the right flank
            ("c", "B", "2024-05-03 10:00", "cub", "left"),  # row 4: a cub
            ("r", "B", "2024-05-04 10:00", "adult", "right"),  # row 5: right flank alone
            ("l", "B", "2024-06-04 10:00", "adult", "left"),  # row 6: after the deployment
            (None, None, None, None, None),  # row 7: wholly blank
            ("l", "B", "2024-05-04 10:00", "adult", "left"),  # row 8
        ],
        columns=["individual", "trap", "datetime", "life_stage", "flank"],
    )
    rows = examine_survey(
        SurveyFiles(seen, DEPLOYED),
        TRAPS,
        choices=ReadingChoices(OccasionRule(1, "midnight"), drop_outside=True, flank="left"),
    ).rows
    assert rows.n_read == 6
    assert dict(rows.dropped) == {
        "young animal, by its life stage": (4,),
        "known from the other flank alone": (5,),
        "photograph of the right flank": (3,),
        "outside the time the station worked": (6,),
    }
    assert (rows.n_used, rows.n_records) == (2, 2)


def test_row_account__rows_taken_out_before_reading_are_read_rows_too():
    account = RowAccount("a.csv", 5, (("young", (3,)),), 4).with_dropped([("error", (7, 8))])
    assert (account.n_read, account.n_used) == (7, 4)


def test_left_out__nothing_left_out_is_no_entry():
    index = pd.Index([2, 3, 4])
    assert left_out(index, index, "why") == []
    assert left_out(index, index[:1], "why") == [("why", (3, 4))]
