import flanks
import numpy as np
import pandas as pd
import pytest
from recovery import coverage, planned

import scr
from scr.survey.flanks import of_flank

UNBIASED = [
    f"{what}, {rule}" for what in ("density", "sigma") for rule in (flanks.LEFT, flanks.RIGHT)
]


def table(*rows):
    return pd.DataFrame(
        rows, columns=["individual", "trap", "flank"], index=range(2, len(rows) + 2)
    )


SEEN = table(
    ("both", "A", "both"),
    ("both", "A", "left"),
    ("both", "B", "right"),
    ("l", "A", "Left Flank"),
    ("r", "B", "R"),
    ("two", "A", "izquierda"),
    ("two", "B", "derecha"),
)


@pytest.mark.parametrize(
    ("flank", "kept", "told"),
    [
        (
            "left",
            [2, 3, 5, 7],
            ("3 rows of the right flank", "1 animal known", "(r; row 6)", "4, 8"),
        ),
        (
            "right",
            [2, 4, 6, 8],
            ("3 rows of the left flank", "1 animal known", "(l; row 5)", "3, 7"),
        ),
    ],
)
def test_of_flank__leaves_out_photographs_of_the_other_flank_whoever_they_show(flank, kept, told):
    found = of_flank(SEEN, flank, source="seen.csv")
    assert found.table.index.tolist() == kept
    assert [word for word in told if word not in found.notes[0]] == [], found.notes
    left_out = [row for _, rows in found.dropped for row in rows]
    assert sorted([*kept, *left_out]) == SEEN.index.tolist()
    assert found.troubles == ()


def test_of_flank__rows_without_a_flank_stay_and_are_told():
    found = of_flank(table(("x", "A", "left"), ("x", "B", None)), "left", source="seen.csv")
    assert len(found.table) == 2
    assert found.troubles[0].rows == (3,)
    assert found.troubles[0].kind == "flank not known"


def test_of_flank__without_a_choice_nothing_is_left_out():
    found = of_flank(SEEN, None, source="seen.csv")
    assert len(found.table) == len(SEEN)
    assert "one animal may count twice" in found.troubles[0].line


def test_records__an_animal_photographed_from_both_sides_has_one_name():
    plan, mask = planned(detector="count")
    survey, _ = scr.simulate_survey(plan, mask, flanks.SPEC, coefficients=flanks.TRUTH, seed=9001)
    rows = flanks.records(survey, np.random.default_rng(1))
    sides = rows.groupby("individual")["flank"].agg(set)
    assert all("both" in known for known in sides if len(known) > 1)
    assert len(rows) == sum(session.captures.count.sum() for session in survey.sessions)
    assert {"left"} in sides.tolist()
    assert {"right"} in sides.tolist()


def test_study__a_few_surveys_are_near_the_truth():
    results = flanks.study(range(9001, 9003))
    ratio = results["median"] / results["truth"]
    assert ratio.between(0.5, 2).all()
    assert set(UNBIASED) < set(results["quantity"])


@pytest.mark.slow
def test_flank__density_is_unbiased_by_either_flank():
    check(coverage(flanks.study()))


def test_page__shows_the_recorded_study_of_a_hundred_surveys():
    results = pd.read_csv(flanks.RESULTS)
    assert sorted(results["survey"].unique()) == list(flanks.SEEDS)
    assert len(flanks.SEEDS) == 100
    check(coverage(results))
    assert flanks.PAGE.read_text(encoding="utf-8") == flanks.page(results)


def check(found):
    kept = found.loc[UNBIASED]
    assert kept["covered"].between(kept["least"], kept["most"]).all(), found.to_string()
    assert (kept["error"].abs() < 3 * kept["error_se"]).all(), found.to_string()
    mixed = found.loc[f"density, {flanks.MIXED}"]
    assert mixed["error"] < -3 * mixed["error_se"], found.to_string()
