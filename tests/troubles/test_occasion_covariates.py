"""Troubles of covariates that change with the occasion, from survey.toml to ``scr check``."""

import pandas as pd
import pytest

DAYS = pd.date_range("2024-05-02", "2024-07-15").strftime("%Y-%m-%d")


def rain(good, **more):
    """A row of rain for each day, in the formula of lambda0."""
    table = pd.DataFrame({"date": DAYS, "rain": [k * k % 11 for k in range(len(DAYS))]})
    good.save("rain.csv", table.assign(**more))
    good.key("survey", 'occasion_covariates = "rain.csv"')
    good.replace("survey.toml", 'lambda0 = "~ sex"', 'lambda0 = "~ rain"')


def bait(good):
    """A row of bait for each station and week."""
    stations = good.table("stations.csv")["station"]
    table = pd.DataFrame({"station": stations.repeat(11), "occasion": [*range(1, 12)] * 25})
    good.save("bait.csv", table.assign(bait=["fish", "meat"] * 137 + ["fish"]))
    good.key("survey", 'trap_occasion_covariates = "bait.csv"\noccasion_days = 7')
    good.replace("survey.toml", 'lambda0 = "~ sex"', 'lambda0 = "~ bait + b"')


@pytest.mark.parametrize("seed", [rain, bait])
def test_occasion_covariates__are_read_and_silent_where_sound(seed, good):
    seed(good)
    checked = good.checked()
    assert checked.exit_code == 0, checked.output
    assert "rain.csv" not in checked.words
    assert good.begun().exit_code == 0


def test_occasion_covariates__can_have_labels(good):
    rain(good)
    text = good.path("survey.toml").read_text(encoding="utf-8")
    good.write("survey.toml", f'{text}[labels]\nrain = "Rain"\n')
    begun = good.begun()
    assert begun.exit_code == 0, begun.output


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda good: good.set("rain.csv", [5], date="2024-05-04"), "occasion 3 is in rows 4, 5"),
        (lambda good: good.set("rain.csv", [5], date="2023-05-04"), "no row for occasion 4,"),
        (lambda good: good.set("rain.csv", [5, 9], rain="-9999"), "rain is -9999 in 2 of 75 cells"),
        (lambda good: good.set("rain.csv", [5], rain=""), "rain is empty in row 5"),
        (lambda good: good.set("rain.csv", [5, 9], rain="wet"), "text in 2: 'wet' (rows 5, 9)"),
        (lambda good: good.set("rain.csv", [5], date="4 May"), "rain.csv"),
    ],
)
def test_occasion_covariates__faults_name_file_and_rows(spoil, words, good):
    rain(good)
    spoil(good)
    for said in (good.checked(), good.begun()):
        assert said.exit_code == 1
        assert words in said.words
        assert "rain.csv" in said.words


def test_trap_occasion_covariates__faults_name_station_and_rows(good):
    bait(good)
    good.set("bait.csv", [3], occasion="13")
    assert "'13' in row 3" in good.checked().words
    good.set("bait.csv", [3], occasion="3")
    assert "station 'K01' and occasion 3 is in rows 3, 4" in good.checked().words
    good.set("bait.csv", [3], station="K99", occasion="2")
    assert "'K99' in row 3" in good.checked().words


def test_check__goes_on_without_the_table_and_looks_at_the_rest(good):
    rain(good)
    good.set("rain.csv", [5], date="2023-05-04")
    good.set("detections.csv", [7], station="Q9")
    said = good.checked().words
    assert "no row for occasion 4," in said
    assert "'Q9'" in said


def test_one_file_for_two_roles_is_told(good):
    good.key("survey", 'occasion_covariates = "detections.csv"')
    assert "detections and occasion_covariates are the same file" in good.checked().words
