import warnings

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyWarning
from scr.survey.reading import read_survey
from scr.survey.traps import Traps

N = 30


def traps():
    return Traps(names=[f"T{k}" for k in range(N)], xy=np.arange(2.0 * N).reshape(N, 2) * 1000,
                 crs="local")  # fmt: skip


def table(counts):
    return pd.DataFrame(
        {"individual": [f"x{i % 6}" for i in range(len(counts))],
         "trap": [f"T{i % N}" for i in range(len(counts))],
         "occasion": 1 + np.arange(len(counts)) // N, "count": counts}
    )  # fmt: skip


def doubts(counts, *, detector="count", rows=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveyWarning)
        seen = table(counts) if rows is None else rows
        return read_survey(seen, traps(), usage=9, detector=detector).doubts


def test_suspect_counts__one_among_ones_is_named_with_row_and_share():
    with pytest.warns(SurveyWarning, match=r"'x3' at station 'T9', occasion 1: 300 .*row 11"):
        read_survey(table([1] * 9 + [300] + [1] * 20), traps(), usage=9, detector="count")
    assert "91 % of all 329 detections" in doubts([1] * 9 + [300] + [1] * 20)["huge count"]


def test_suspect_counts__two_are_named_both():
    told = doubts([1, 2] * 14 + [300, 250])["huge count"]
    assert "2 records count" in told
    assert "300" in told
    assert "250" in told


def test_suspect_counts__rows_of_one_record_are_added_and_listed():
    many = pd.concat([table([1] * 20), pd.DataFrame(
        {"individual": "x9", "trap": "T25", "occasion": 2, "count": [1] * 40})])  # fmt: skip
    told = doubts(None, rows=many.reset_index(drop=True))["huge count"]
    assert "'x9' at station 'T25', occasion 2: 40" in told
    assert "row 22" in told.replace("rows", "row")


@pytest.mark.parametrize(
    "counts",
    [[1, 2, 3, 2, 1] * 6, [5, 60, 300, 120, 80, 9] * 5, [1] * 29 + [9], [100] * 3 + [1]],
)
def test_suspect_counts__counts_that_vary_are_no_trouble(counts):
    assert "huge count" not in doubts(counts)


def test_suspect_counts__presence_alone_has_none():
    assert "huge count" not in doubts([1] * 9 + [300] + [1] * 20, detector="proximity")
