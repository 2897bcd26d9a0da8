"""Troubles of files: what spreadsheets, editors and copying do to tables."""

import pandas as pd
import pytest

import scr
from scr.errors import SurveyError

PLACES = "stations.csv"
SEEN = "detections.csv"
SET = "deployments.csv"


def text(name, old, new, count=1):
    return lambda good: good.replace(name, old, new, count=count)


def content(name, made):
    """A file with content made of its text."""

    def seed(good):
        path = good.path(name)
        path.write_bytes(made(path.read_text(encoding="utf-8")))

    return seed


def named(table, old, new):
    """A column with another name."""
    return lambda good: good.save(table, good.table(table).rename(columns={old: new}))


def line(name, row, new):
    """A row as another line of text."""

    def seed(good):
        lines = good.path(name).read_text(encoding="utf-8").split("\n")
        lines[row - 1] = new(lines[row - 1])
        good.write(name, "\n".join(lines))

    return seed


def workbook(good):
    """Two sheets that may both be the stations."""
    with pd.ExcelWriter(good.path("survey.xlsx")) as book:
        for sheet in ("a", "b"):
            good.table(PLACES).to_excel(book, sheet_name=sheet, index=False)
    good.replace("survey.toml", f'"{PLACES}"', '"survey.xlsx"')


def points(good):
    good.write("stations.gpx", '<gpx version="1.1"><trk></trk></gpx>')
    good.replace("survey.toml", f'"{PLACES}"', '"stations.gpx"')
    good.replace("survey.toml", 'crs = "EPSG:32652"', 'to_crs = "EPSG:32652"')


KINDS = {
    "nothing in it": (
        content(SEEN, lambda _: b""),
        ("error", "empty file", SEEN, (), ("header row",)),
    ),
    "commas alone": (
        content(SEEN, lambda _: b",,,\n,,,\n"),
        ("error", "empty file", SEEN, (), ("header row",)),
    ),
    "a column missing": (
        named(SEEN, "individual", "who"),
        ("error", "column missing", SEEN, (), ("'individual'", "'who'", "rename")),
    ),
    "a column twice": (
        text(SEEN, "individual,station,datetime,sex", "individual,station,datetime,station"),
        ("error", "column twice", SEEN, (), ("'station'", "Rename")),
    ),
    "no header": (
        content(SEEN, lambda text: text.split("\n", 1)[1].encode()),
        ("error", "column missing", SEEN, (), ("'individual'", "Columns found: 'L03'")),
    ),
    "a comma in a name": (
        line(SEEN, 9, lambda old: old.replace("L01", "L01, male")),
        ("error", "more cells than columns", SEEN, (9,), ("double quotes",)),
    ),
    "a quotation mark without its end": (
        line(SEEN, 9, lambda old: old.replace("L01", '"L01')),
        ("error", "quotation mark not closed", SEEN, (9,), ("Remove it, or double it",)),
    ),
    "a quotation mark in a cell": (
        line(SEEN, 9, lambda old: old.replace("L01", '"L"01')),
        ("error", "quotation mark not closed", SEEN, (9,), ("double it",)),
    ),
    "letters of another encoding": (
        content(SEEN, lambda text: text.replace("L01", "Ñ1").encode("latin-1")),
        ("error", "not UTF-8", SEEN, (6,), ("CSV UTF-8",)),
    ),
    "a spreadsheet of another kind": (
        lambda good: (
            good.path(SEEN).rename(good.path("detections.ods")),
            good.replace("survey.toml", SEEN, "detections.ods"),
        ),
        ("error", "spreadsheet", "detections.ods", (), ("Save the sheet as CSV",)),
    ),
    "text called a workbook": (
        lambda good: (
            good.path(SEEN).rename(good.path("detections.xlsx")),
            good.replace("survey.toml", SEEN, "detections.xlsx"),
        ),
        ("error", "unreadable table", "detections.xlsx", (), ("Save it as CSV",)),
    ),
    "which sheet": (
        workbook,
        ("error", "sheet not told", "survey.xlsx", (), ("more than one sheet", "'a', 'b'")),
    ),
    "tracks for waypoints": (
        points,
        ("error", "empty file", "stations.gpx", (), ("1 tracks", "waypoints")),
    ),
    "stations with a header alone": (
        content(PLACES, lambda text: text.split("\n")[0].encode()),
        ("error", "no stations", PLACES, (), ("at least one row",)),
    ),
    "deployments with a header alone": (
        content(SET, lambda text: text.split("\n")[0].encode()),
        ("error", "session without deployments", SET, (), ("Add the rows",)),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_table__trouble_is_named(name, expect):
    expect(*KINDS[name])


SOUND = {
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "lines of Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "lines of old": lambda text: text.replace("\n", "\r").encode(),
    "blank lines and columns": lambda text: (
        "\n" + text.replace("\n", ",,\n") + "\n,,,\n"
    ).encode(),
    "blanks round cells": lambda text: text.replace(",", " , ").encode(),
    "quotes round cells": lambda text: "\n".join(
        ",".join(f'"{c}"' for c in row.split(",")) for row in text.splitlines()
    ).encode(),
    "names of columns in capitals": lambda text: (
        text.split("\n", 1)[0].upper() + "\n" + text.split("\n", 1)[1]
    ).encode(),
}


@pytest.mark.parametrize("name", SOUND)
def test_table__what_is_sound_is_read_without_a_word(good, name):
    wanted = good.found().survey.sessions[0]
    for table in (PLACES, SET, SEEN):
        content(table, SOUND[name])(good)
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], [])
    session = found.survey.sessions[0]
    assert (session.traps.xy == wanted.traps.xy).all()
    assert (session.usage.effort == wanted.usage.effort).all()
    assert (session.captures.trap == wanted.captures.trap).all()


def test_table__decimal_commas_are_points_where_semicolons_part_cells(good):
    table = good.table(PLACES)
    table["x"] += ",5"
    table.to_csv(good.path(PLACES), index=False, sep=";")
    assert (good.found().survey.sessions[0].traps.xy[:, 0] % 1 == 0.5).all()


def test_table__a_line_break_or_an_odd_mark_in_a_cell_does_not_part_rows(good):
    good.set(SEEN, [9], individual="L01\u2028\x0bx")
    good.set(SEEN, [12], sex="F\n")
    survey = good.found().survey
    assert survey.sessions[0].captures.n_detections == 84


def test_table__a_file_that_is_absent_is_named(good):
    with pytest.raises(SurveyError, match=r"nowhere\.csv was not found"):
        scr.read_traps(good.path("nowhere.csv"), crs="local")
    good.path(SEEN).unlink()
    checked = good.checked()
    assert checked.exit_code == 1
    assert SEEN in checked.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("detections =", "detection =", ("detection", "Did you mean detections")),
        ("[mask]", "[mask", ("not valid TOML", "line")),
        ("buffer = 9_000", 'buffer = "9 km"', ("buffer", "'9 km'", "number")),
        ("buffer = 9_000", "buffer = -1", ("buffer", "above 0")),
        ("spacing = 1_000\n", "", ("lacks spacing",)),
        ('"forest.tif"', '"forrest.tif"', ("forrest.tif", "did you mean 'forest.tif'")),
        ("[survey]", '[survey]\nusage = "deployments.csv"', ("both deployments and usage",)),
        ("[survey]", '[survey]\ndetector = "trap"', ("detector", "'trap'", "proximity")),
    ],
)
def test_table__faults_of_the_survey_toml_are_named(good, old, new, words):
    good.replace("survey.toml", old, new)
    checked = good.checked()
    assert checked.exit_code == 1
    assert [word for word in ("survey.toml", *words) if word not in checked.words] == []
