from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from scr.maps.results.answers import answers_of
from scr.survey.usage import Usage


def session(name, first_day=None, days=30):
    day = None if first_day is None else np.datetime64(first_day, "us")
    return SimpleNamespace(name=name, usage=Usage(np.ones((1, days)), first_day=day))


def fit_of(*sessions):
    return SimpleNamespace(survey=SimpleNamespace(sessions=sessions))


def rows(
    session=None,
    region="Reserve",
    realised=(31.2, 26.0, 37.4),
    expected=(36.0, 32.0, 64.0),
    shares=(0.0, 0.0),
):
    table = {"expected N": expected, "realised N": realised}
    return [
        {
            "session": session, "region": region, "estimand": name, "area_km2": 4000.0,
            "median": numbers[0], "lower": numbers[1], "upper": numbers[2],
            "share_extrapolated": shares[0], "share_not_covered": shares[1],
        }
        for name, numbers in table.items() if numbers is not None
    ]  # fmt: skip


def test_answers_of__say_how_many_lived_where_and_when():
    fit = fit_of(session("1", "2024-02-01", 100))
    assert answers_of(fit, pd.DataFrame(rows()), animals="leopards") == (
        "About 31 leopards (26 to 37) lived in Reserve, February to May 2024; "
        "0.90 per 100 km² of such habitat (0.80 to 1.60).",
    )


def test_answers_of__no_session_and_no_region_is_dropped():
    fit = fit_of(session("2021", "2021-03-05", 20), session("2022", "2021-12-05", 50))
    table = pd.DataFrame(
        [row for s in ("2021", "2022") for zone in "AB" for row in rows(s, f"Zone {zone}")]
    )
    answers = answers_of(fit, table, animals="tigers")
    told = [answer.partition(";")[0] for answer in answers]
    assert told == [
        "About 31 tigers (26 to 37) lived in Zone A, March 2021 (session 2021)",
        "About 31 tigers (26 to 37) lived in Zone B, March 2021 (session 2021)",
        "About 31 tigers (26 to 37) lived in Zone A, December 2021 to January 2022 (session 2022)",
        "About 31 tigers (26 to 37) lived in Zone B, December 2021 to January 2022 (session 2022)",
    ]


def test_answers_of__what_may_not_be_shared_is_told_of_such_habitat():
    (answer,) = answers_of(fit_of(session("1")), pd.DataFrame(rows(realised=None)), animals="lynx")
    assert answer == (
        "About 36 lynx (32 to 64) are expected for habitat such as that of Reserve; "
        "0.90 per 100 km² of such habitat (0.80 to 1.60)."
    )


@pytest.mark.parametrize(
    ("n", "told"),
    [(1.2, "About 1 animal ("), (480.0, "; 12 per 100 km²"), (0.04, "; 0.0010 per 100 km²")],
)
def test_answers_of__numbers_are_short(n, told):
    table = pd.DataFrame(rows(realised=(n, n, n), expected=(n, n, n)))
    (answer,) = answers_of(fit_of(session("1")), table, animals="lynx")
    assert told in answer


@pytest.mark.parametrize(
    ("region", "shares"), [("Reserve", ("none", "some")), ("habitat mask", ("none", "none"))]
)
def test_answers_of__no_density_where_the_area_shared_is_a_rough_one(region, shares):
    table = pd.DataFrame(rows(region=region, shares=shares))
    (answer,) = answers_of(fit_of(session("1")), table, animals="lynx")
    assert "lived in" in answer
    assert "per 100" not in answer
