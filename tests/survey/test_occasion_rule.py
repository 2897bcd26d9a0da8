"""Choices of how time is cut into occasions."""

from datetime import date, datetime

import numpy as np
import pytest

from scr.errors import SurveyError
from scr.survey.occasion_rule import OccasionRule


@pytest.mark.parametrize("day", ["2024-05-01", date(2024, 5, 1), np.datetime64("2024-05-01")])
def test_occasion_rule__the_first_day_is_text_or_a_date(day):
    rule = OccasionRule(5, "noon", first_day=day)
    start = rule.start(np.datetime64("2024-05-03", "us"), source="d.csv")
    assert start == np.datetime64("2024-05-01T12:00")


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"days": "fortnight"}, ["'fortnight'", "whole number", '"week" or "month"']),
        ({"days": 1.5}, ["1.5", "whole number"]),
        ({"days": 0}, ["occasion_days=0", "1 to 7305"]),
        ({"days": 10**12}, ["occasion_days=1000000000000", "1 to 7305"]),
        ({"days": float("nan")}, ["nan", "1 to 7305"]),
        ({"days": True}, ["True", "whole number"]),
        ({"days": "week", "first_day": "2024-05-01"}, ["'week'", "'2024-05-01'", "calendar"]),
        ({"first_day": "01/05/2024"}, ["'01/05/2024'", "is no day", "2024-02-01"]),
        ({"first_day": "2024-02-30"}, ["'2024-02-30'", "is no day"]),
        ({"first_day": datetime(2024, 5, 1, 10)}, ["10:00", "is no day"]),
    ],
)
def test_occasion_rule__a_choice_that_is_none_is_named(choices, words):
    with pytest.raises(SurveyError) as error:
        OccasionRule(**choices)
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)
