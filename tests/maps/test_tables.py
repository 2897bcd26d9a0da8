import json

import numpy as np
import pandas as pd
import pytest

from scr.maps.results.tables import SUMMARY, fit_facts, summary_table, write_csv, write_json


@pytest.fixture
def numbers():
    where = {"session": "2024", "region": "Reserve", "area_km2": 250.0, "n_detected": 3}
    both = {**where, "share_extrapolated": 0.0, "share_not_covered": 0.0}
    expected = {**both, "estimand": "expected N", "median": 5.0, "lower": 2.0, "upper": 9.0}
    realised = {**both, "estimand": "realised N", "median": 4.0, "lower": 3.0, "upper": 7.0}
    return pd.DataFrame([expected, realised])


def test_summary_table__keeps_identified_density_and_living_apart(make_fit, numbers):
    table = summary_table(make_fit(), numbers)
    assert tuple(table.columns) == SUMMARY
    rows = table.set_index("quantity")
    assert rows.loc["animals identified", "estimate"] == 4
    assert rows.loc["animals identified in region", "estimate"] == 3
    density = rows.loc["expected density", ["estimate", "lower", "upper"]].tolist()
    assert density == pytest.approx([2.0, 0.8, 3.6])
    assert rows.loc["expected density", "unit"] == "animals per 100 km2"
    assert rows.loc["animals living in region, expected", "estimate"] == 5
    assert rows.loc["animals living in region, realised", "upper"] == 7
    assert rows.loc["expected density", "region"] == "Reserve (250 km2)"


def test_summary_table__has_detection_by_sex(make_fit, numbers):
    fit = make_fit(engine="mle")
    rows = summary_table(fit, numbers).set_index("quantity")
    assert rows.loc["sigma, F", "estimate"] == pytest.approx(2000.0)
    assert rows.loc["lambda0, M", "estimate"] == pytest.approx(0.05 * np.exp(0.3))
    assert rows.loc["effective sampling area", "unit"] == "km2"


def test_write_csv__stamps_the_banner_on_every_row(numbers, tmp_path):
    path = write_csv(numbers, tmp_path / "n.csv", banner="SIMULATED")
    back = pd.read_csv(path)
    assert back["note"].tolist() == ["SIMULATED", "SIMULATED"]
    assert back["median"].tolist() == [5.0, 4.0]
    assert "note" not in pd.read_csv(write_csv(numbers, tmp_path / "m.csv")).columns


def test_write_json__what_is_missing_becomes_null(tmp_path):
    table = pd.DataFrame({"quantity": ["a"], "lower": [np.nan], "n": np.array([3])})
    path = write_json({"title": None, "summary": table}, tmp_path / "summary.json")
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "title": None,
        "summary": [{"quantity": "a", "lower": None, "n": 3}],
    }


def test_fit_facts__say_the_model_and_no_places(make_fit):
    facts = fit_facts(make_fit(engine="mle"), title="Valley", banner="SIMULATED")
    assert facts["formulas"]["density"] == "~ north"
    assert facts["aic"] == pytest.approx(2 * 12.5 + 2 * 6)
    assert "station-07" not in json.dumps(facts)
