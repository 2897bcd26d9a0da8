import re
from pathlib import Path

import pandas as pd
import pytest

from scr.checking.check_survey import check_survey
from scr.checking.examination import Examination
from scr.checking.sources import SurveySources
from scr.errors import ScrError
from scr.habitat.build import build_mask
from scr.model.spec import ModelSpec
from scr.report.check_page import write_check_page
from scr.survey.troubles import Trouble

CONTROL = Path(__file__).parents[1] / "cases" / "00-base" / "input"


def table(name):
    frame = pd.read_csv(CONTROL / f"{name}.csv", dtype=str)
    frame.attrs["source"] = f"{name}.csv"
    return frame


def checked(tables):
    def mask(traps):
        return build_mask(traps, buffer=6000, spacing=500)

    return check_survey(SurveySources(**tables, crs="EPSG:32652", mask=mask, spec=ModelSpec))


def tables(**changed):
    given = {"traps": "stations", "usage": "deployments", "detections": "detections"}
    return {key: table(name) for key, name in given.items()} | changed


def text_of(page):
    return page.read_text(encoding="utf-8")


def test_write_check_page__is_whole_in_itself(tmp_path):
    page = text_of(write_check_page(checked(tables()), tmp_path / "private" / "check.html"))
    assert "Nothing is wrong" in page
    assert page.count("data:image/png;base64,") == 3
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    for words in ("What these data can support", "rows read", "recaptures", "effort (days)"):
        assert words in page


def test_write_check_page__shows_errors_with_file_row_and_remedy_and_what_was_read(tmp_path):
    seen = table("detections")
    seen.loc[3, "individual"] = None
    page = text_of(write_check_page(checked(tables(detections=seen)), tmp_path / "c.html"))
    for words in ("1 kind of error", "detections.csv, row 5", "Name the animal", "left out: error"):
        assert words in page
    assert page.count("data:image/png;base64,") == 3


def test_write_check_page__without_stations_says_that_there_is_no_map(tmp_path):
    bare = table("stations").iloc[:, :1]
    bare.attrs["source"] = "stations.csv"
    page = text_of(write_check_page(checked(tables(traps=bare)), tmp_path / "c.html"))
    assert "No map" in page
    assert "data:image/png" not in page


def test_write_check_page__text_of_the_data_is_no_markup(tmp_path):
    trouble = Trouble("error", "odd <b>name</b>", "a.csv", (2,), "'<script>x</script>' is odd.")
    page = text_of(write_check_page(Examination("<i>t</i>", troubles=(trouble,)), tmp_path / "c"))
    for markup in ("<script>x", "<b>name", "<i>t</i>"):
        assert markup not in page


def test_write_check_page__a_folder_is_no_file(tmp_path):
    with pytest.raises(ScrError, match="is a folder"):
        write_check_page(Examination("t"), tmp_path)


def test_write_check_page__a_project_without_mask_has_a_page(tmp_path):
    found = check_survey(SurveySources(**tables(), crs="EPSG:32652"))
    assert "buffer that suits it" in text_of(write_check_page(found, tmp_path / "c.html"))
