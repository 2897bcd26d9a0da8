"""Columns that mix numbers and text, or hold codes, never become factors or values."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.columns import column_fault
from trap_layouts.files import read_layout

EAST, NORTH = 680_000, 4_770_000


def stations_with(column, formula="~ v"):
    """The good survey with a covariate of the stations in the formula of lambda0."""

    def seed(good):
        good.save("stations.csv", good.table("stations.csv").assign(v=list(column)))
        good.replace("survey.toml", 'lambda0 = "~ sex"', f'lambda0 = "{formula}"')

    return seed


def cells_with(column, formula="~ v"):
    """The good survey with a ready mask, whose table has a further column."""

    def seed(good):
        x, y = np.meshgrid(
            np.arange(EAST - 9500, EAST + 18_000, 1000),
            np.arange(NORTH - 9500, NORTH + 18_000, 1000),
        )
        table = pd.DataFrame({"x": x.ravel(), "y": y.ravel()})
        good.save("mask.csv", table.assign(v=[column(i) for i in range(len(table))]))
        own = good.path("survey.toml").read_text(encoding="utf-8")
        start, end = own.index("[mask]"), own.index("[model]")
        own = f'{own[:start]}[mask]\ncells = "mask.csv"\n{own[end:]}'
        good.write("survey.toml", own.replace('density = "~ forest"', f'density = "{formula}"'))

    return seed


def hold(good, kind, *words):
    """One error of a kind in Python and on the command line, with words that are told."""
    (trouble,) = good.found().of("error")
    assert trouble.kind == kind, trouble
    checked = good.checked()
    assert checked.exit_code == 1
    assert [word for word in words if word not in checked.words] == [], checked.words


def silent(good):
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], []), found.text
    assert good.checked().exit_code == 0
    return found


SHARED = {
    "text-in-mask-covariate": ("mask.csv", "1484 of 1485 cells", "'dense' (row 52)"),
    "text-in-trap-covariate": ("stations.csv", "24 of 25 cells", "'unknown' (row 5)"),
    "scale-of-text": ("mask.csv", "decimal comma in 1485 of 1485", "'46,4' (row 2)", "point"),
}


@pytest.mark.parametrize("name", SHARED)
def test_text_among_numbers__is_an_error_with_file_row_and_value(name, troubled):
    hold(troubled(name), "covariate not usable", *SHARED[name])


@pytest.mark.parametrize("name", SHARED)
def test_text_among_numbers__does_not_stop_a_model_without_it(name, troubled):
    survey = troubled(name)
    for formula in ('"~ forest"', '"~ v"', '"~ scale(forest)"'):
        text = survey.path("survey.toml").read_text(encoding="utf-8")
        survey.write("survey.toml", text.replace(formula, '"~ 1"'))
    found = survey.found()
    assert found.of("error") == []
    assert SHARED[name][2] in found.text


NUMBERS = [str(3 + 7 * k) for k in range(25)]
STATIONS = {
    "a remark": ([*NUMBERS[:7], "see note", *NUMBERS[8:]], "'see note' (row 9)"),
    "decimal commas in a few": (["4,5", *NUMBERS[1:24], "7,25"], "'4,5' (row 2)"),
    "a unit": ([*NUMBERS[:24], "171 m"], "'171 m' (row 26)"),
    "a question mark in every third": (
        ["?" if k % 3 == 0 else cell for k, cell in enumerate(NUMBERS)], "text in 9: '?'",
    ),
    "-999 at two": (
        ["-999", *NUMBERS[1:20], "-999", *NUMBERS[21:]], "-999 in 2 of 25 cells (rows 2, 22)",
    ),
    "1e20 at one": ([*NUMBERS[:24], "1e20"], "1e+20 in 1 of 25 cells (row 26)"),
    "65535 at one": ([*NUMBERS[:24], "65535"], "nodata = { v = 65535 }"),
    "no end": ([*NUMBERS[:24], "inf"], "infinite in 1 of 25 cells (row 26)"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATIONS)
def test_station_covariate__fault_is_told_where_the_model_names_it(name, good):
    column, words = STATIONS[name]
    stations_with(column)(good)
    hold(good, "covariate not usable", "stations.csv", words)


def test_station_covariate__fault_is_a_note_where_no_formula_names_it(good):
    stations_with([*NUMBERS[:24], "171 m"], formula="~ sex")(good)
    assert "'171 m' (row 26)" in silent(good).text


def test_station_covariate__code_can_be_declared_or_called_true(good):
    stations_with([*NUMBERS[:24], "65535"])(good)
    good.key("survey", "nodata = { v = nan }")
    assert silent(good).survey.sessions[0].traps.covariates["v"].max() == 65535
    good.replace("survey.toml", "v = nan", "v = 65535")
    assert "missing values: v in 1 of 25" in good.checked().words
    good.replace("survey.toml", "v = 65535", "w = 65535")
    assert "no column 'w'" in good.checked().words


GOOD = {
    "numbers": NUMBERS,
    "a factor": ["ridge", "valley", "slope", "ridge", "valley"] * 5,
    "codes of a factor, some with a letter": ["1", "2", "3a", "3b", "2"] * 5,
    "0 and 1": ["0", "1", "1", "0", "1"] * 5,
    "a wide range": [str(round(1.7**k, 2)) for k in range(25)],
}


@pytest.mark.parametrize("name", GOOD)
def test_station_covariate__good_ones_raise_no_alarm(name, good):
    stations_with(GOOD[name])(good)
    silent(good)


def test_station_covariate__text_of_nearly_as_many_values_as_stations_is_refused(good):
    stations_with([f"site {k}" for k in range(23)] + ["site 1", "site 2"])(good)
    hold(good, "text of too many values", "v is text with 23", "25 stations of stations.csv")


def test_mask_covariate__text_of_nearly_as_many_values_as_cells_is_refused(good):
    cells_with(lambda i: f"cell {i}")(good)
    assert "v is text with 784 different values" in good.checked().words


CELLS = {
    "255 in per cent": (lambda i: 255 if i < 9 else i % 90, "255 in 9 of 784 cells"),
    "3.4e38": (lambda i: -3.4e38 if i == 3 else i % 90, "-3.4e+38 in 1 of 784 cells (row 5)"),
    "-9999, averaged": (
        lambda i: -9999 if i < 50 else -5000 - i if i < 60 else i % 90 / 3,
        "averaged into 10 more (rows 52,",
    ),
    "averaged without the code": (
        lambda i: -4000.5 - 31 * i if i < 9 else i % 90 / 3, "-4248.5 to -4000.5 in 9 of 784",
    ),
    "decimal commas in a few": (lambda i: "4,5" if i == 7 else i % 90 / 4, "'4,5' (row 9)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_mask_covariate__fault_is_told_where_the_model_names_it(name, good):
    column, words = CELLS[name]
    cells_with(column)(good)
    hold(good, "covariate not usable", "mask.csv", words)


def test_mask_covariate__nodata_and_fill_are_keys(good):
    cells_with(lambda i: -9999 if i < 9 else i % 90)(good)
    assert "nodata = { v = -9999 }" in good.checked().words
    good.key("mask", "nodata = { v = -9999 }")
    assert 'fill = { v = "nearest" }' in good.checked().words
    good.key("mask", 'fill = { v = "nearest" }')
    assert silent(good).mask.covariates["v"].min() >= 0


@pytest.mark.parametrize("column", ["rain", "soil"])
def test_constant_covariate__is_named(column, good):
    cells_with(lambda i: 3.5, formula="~ scale(v)")(good)
    good.replace("mask.csv", "x,y,v", f"x,y,{column}")
    good.replace("survey.toml", "scale(v)", f"scale({column})")
    checked = good.checked()
    assert checked.exit_code == 1
    assert f"{column} is 3.5 in all 784 rows" in checked.words


def two_sessions(good, rain):
    for name in ("stations.csv", "deployments.csv", "detections.csv"):
        table = good.table(name)
        good.save(name, pd.concat([table.assign(session="a"), table.assign(session="b")]))
    good.write("sessions.csv", f"session,rain\na,12\nb,{rain}\n")
    good.key("survey", 'session_covariates = "sessions.csv"')
    good.replace("survey.toml", 'lambda0 = "~ sex"', 'lambda0 = "~ rain"')


@pytest.mark.parametrize(
    ("rain", "words"),
    [("unknown", "'unknown' (session 'b')"), ("-999", "rain is -999 in 1 of 2"), ("4,5", "rain")],
)
def test_session_covariate__fault_is_told(rain, words, good):
    two_sessions(good, f'"{rain}"')
    checked = good.checked()
    assert checked.exit_code == 1
    assert words in checked.words
    assert "session covariates" in checked.words


def test_session_covariate__good_one_raises_no_alarm(good):
    two_sessions(good, "17.5")
    assert good.checked().exit_code == 0


def test_layout_covariate__fault_is_told_where_the_model_names_it(good):
    stations_with([*NUMBERS[:24], "171 m"])(good)
    layout = read_layout(good.path("stations.csv"), crs="EPSG:32652")
    with pytest.raises(SurveyError, match=r"'171 m' \(row 26\)"):
        layout.traps.require_covariates(["v"])


def test_habitat_of_zero__is_left_out_and_said(troubled):
    survey = troubled("mask-table-with-habitat-zero")
    marks = pd.read_csv(survey.path("mask.csv"))["HABITAT"]
    found = survey.found()
    assert len(found.mask) == marks.sum() == 560
    assert found.mask.area == pytest.approx(560.0)
    checked = survey.checked()
    assert checked.exit_code == 0
    assert "464 of 1024 cells, which have HABITAT 0, were left out" in checked.words

    survey.replace("survey.toml", 'density="~ 1"', 'density="~ HABITAT"')
    assert "Give it another name" in survey.checked().words


@pytest.mark.parametrize(
    ("name", "no", "yes"), [("suitable", "FALSE", "TRUE"), ("Is habitat", "0", "1")]
)
def test_habitat_of_zero__other_names_and_marks(name, no, yes, good):
    cells_with(lambda i: no if i < 28 else yes, formula="~ 1")(good)
    good.replace("mask.csv", "x,y,v", f"x,y,{name}")
    assert len(silent(good).mask) == 784 - 28


def test_habitat_of_zero__other_columns_of_0_and_1_are_named_where_unused(good):
    cells_with(lambda i: i % 2, formula="~ 1")(good)
    found = silent(good)
    assert len(found.mask) == 784
    assert "v is 0 in 392 of 784 cells, and no formula uses it" in found.text
    assert "v is 0 in 392 of 784 cells" in good.checked().words
    good.replace("survey.toml", 'density = "~ 1"', 'density = "~ v"')
    assert "no formula uses it" not in silent(good).text


def test_column_fault__names_of_classes_are_no_fault():
    # Soil types of three kinds, most with a number alone: a factor, whose values come back.
    soil = pd.Series([*["1", "2", "3"] * 10, *["2b"] * 10])
    assert column_fault(soil, name="soil", source="a.csv") == ""
    assert column_fault(pd.Series(["007", "008"]), name="code", source="a.csv") == ""
