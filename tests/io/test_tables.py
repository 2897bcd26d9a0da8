"""Tables come in as text, with the row numbers of a spreadsheet."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scr.errors import MaskError, SurveyError
from scr.io.tables import natural, numbers, read_table, row_list

NAMES = {"trap": ("trap", "station"), "start": ("start", "setup date")}


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_read_table__keeps_leading_zeros(tmp_path):
    table = read_table(write(tmp_path / "a.csv", "trap,x\n001,5\n010,6\n"))
    assert table["trap"].tolist() == ["001", "010"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("station,x\nÜ1,1.5\n", "utf-8-sig"),
        ("station;x\nÜ1;1,5\n", "utf-8"),
        ("station\tx\r\nÜ1\t1.5\r\n", "utf-8"),
        ('"station","x"\n"Ü1 ", 1.5\n', "utf-8"),
        ("station\tx\nÜ1\t1.5\n", "utf-16"),
    ],
)
def test_read_table__reads_what_spreadsheets_save(tmp_path, text, encoding):
    table = read_table(write(tmp_path / "a.csv", text, encoding), columns=NAMES)
    assert table["trap"].tolist() == ["Ü1"]
    assert numbers(table, "x", source="a.csv").tolist() == [1.5]


def test_read_table__counts_rows_as_a_spreadsheet_does(tmp_path):
    # Row 3 of the sheet is blank, row 4 has a line break inside a cell.
    table = read_table(write(tmp_path / "a.csv", 'trap,note\nA,\n,\nB,"two\nlines"\nC,\n'))
    assert table.index.tolist() == [2, 4, 5]
    assert table["note"].isna().tolist() == [True, False, True]


def test_read_table__numbers_rows_of_a_table_as_if_saved():
    assert read_table(pd.DataFrame({"trap": ["A", "B"]}, index=[7, 3])).index.tolist() == [2, 3]


def test_read_table__a_table_keeps_whole_codes_and_missing_cells():
    table = read_table(
        pd.DataFrame({"trap": [23.0, np.nan], "day": pd.to_datetime(["2024-05-02", None])})
    )
    assert table["trap"].iloc[0] == "23"
    assert table["day"].iloc[0] == "2024-05-02 00:00:00"


def test_read_table__finds_columns_whatever_case_and_spaces(tmp_path):
    table = read_table(
        write(tmp_path / "a.csv", "Station,SETUP_DATE,Lure\nA,2024-05-02,yes\n"), columns=NAMES
    )
    assert list(table.columns) == ["trap", "start", "Lure"]


def test_read_table__prefers_the_first_name_and_keeps_the_other(tmp_path):
    table = read_table(write(tmp_path / "a.csv", "station,trap\nS,T\n"), columns=NAMES)
    assert table["trap"].tolist() == ["T"]
    assert table["station"].tolist() == ["S"]


def test_read_table__text_lists_columns_that_are_not_made_numbers(tmp_path):
    path = write(tmp_path / "a.csv", "session,x,cover\n1,2.5,7\n2,3.5,\n")
    table = read_table(path, text=("session",))
    assert table["session"].tolist() == ["1", "2"]
    assert table["x"].tolist() == [2.5, 3.5]
    assert np.isnan(table["cover"].iloc[1])


def test_read_table__drops_the_row_names_of_r(tmp_path):
    table = read_table(write(tmp_path / "a.csv", '"","trap"\n"1","A"\n'))
    assert list(table.columns) == ["trap"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["a.csv", "empty"]),
        ("trap,x\nA,1,9\nB,2\n", ["a.csv", "row 2", "double quotes"]),
        ("trap,x,x\nA,1,2\n", ["a.csv", "'x'", "Rename"]),
        ("site,x\nA,1\n", ["a.csv", "'trap'", "'site'", "station"]),
    ],
)
def test_read_table__says_what_is_wrong_with_a_file(tmp_path, text, words):
    with pytest.raises(SurveyError) as caught:
        read_table(write(tmp_path / "a.csv", text), columns=NAMES, required=["trap"])
    assert [word for word in words if word not in str(caught.value)] == []


def test_read_table__names_the_row_that_is_not_utf8(tmp_path):
    with pytest.raises(SurveyError, match=r"a\.csv is not UTF-8 text, first in row 3"):
        read_table(write(tmp_path / "a.csv", "trap\nA\nÉ\n", "latin-1"))


@pytest.mark.parametrize(("name", "word"), [("none.csv", "not found"), ("a.xls", "as CSV")])
def test_read_table__raises_the_error_class_asked_for(tmp_path, name, word):
    with pytest.raises(MaskError, match=word):
        read_table(tmp_path / name, error=MaskError)


def test_numbers__names_the_rows_that_are_none():
    table = read_table(pd.DataFrame({"x": ["1", "4,099", "", "12 m"]}))
    with pytest.raises(SurveyError, match=r"t\.csv: 2 cells of 'x'.*'4,099', in rows 3, 5"):
        numbers(table, "x", source="t.csv")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2.5", None], [1.0, 2.5]),
        (["007", "008", None], ["007", "008"]),
        (["1", "two", None], ["1", "two"]),
    ],
)
def test_natural__makes_numbers_only_of_numbers(cells, expected):
    result = natural(pd.Series(cells, dtype=object))
    assert result.dropna().tolist() == expected
    assert result.isna().tolist() == [False, False, True]


def test_row_list__says_how_many_more():
    assert row_list(range(1, 13)).endswith("10 and 2 more")
