import numpy as np
import pandas as pd

from scr.maps.trend_numbers import TrendNumbers
from scr.posterior.surveyed_years import Timeline
from scr.report.change import change_shown

POWER = {(-0.1, 3): 0.12, (-0.1, 5): 0.30, (-0.2, 3): 0.31, (-0.2, 5): 0.995}


def row(region, quantity, first, last, median, unit, *, estimand="expected N"):
    return {
        "region": region, "estimand": estimand, "quantity": quantity, "first": first,
        "last": last, "years": 1.0, "median": median, "lower": median - 10, "upper": median + 10,
        "unit": unit, "p_decline": 0.8649,
    }  # fmt: skip


def numbers(regions=("park",), sessions=("2020", "2021", "2022")):
    rows = []
    for shift, region in enumerate(regions):
        ends = sessions[0], sessions[-1]
        rows.append(row(region, "yearly rate", *ends, -12.2 + shift, "% a year"))
        pairs = [(a, b) for i, a in enumerate(sessions) for b in sessions[i + 1 :]]
        for pair in pairs:
            rows.append(row(region, "change", *pair, -20.0, "%"))
            rows.append(row(region, "difference", *pair, -3.3, "animals"))
    power = pd.DataFrame(
        [("park", c, n, n - 1.0, p) for (c, n), p in POWER.items()],
        columns=["region", "yearly_change", "surveys", "years", "power"],
    )
    timeline = Timeline(sessions, np.arange(float(len(sessions))))
    return TrendNumbers(timeline, pd.DataFrame(rows), power)


def test_change_shown__says_how_much_a_year_and_how_sure():
    shown = change_shown(numbers())
    assert shown.sentences == ("Park: -12 % a year (-22 to -2); probability of decline 0.86.",)
    assert shown.lacking is None


def test_change_shown__has_steps_and_the_whole_with_limits():
    table = change_shown(numbers()).table
    assert table[["from", "to"]].to_numpy().tolist() == [
        ["2020", "2021"], ["2020", "2022"], ["2021", "2022"],
    ]  # fmt: skip
    assert table["change, %"].iloc[0] == "-20 (-30 to -10)"
    assert table["change, animals"].iloc[0] == "-3.3 (-13 to +6.7)"
    longer = change_shown(numbers(sessions=tuple("abcdef"))).table
    assert len(longer) == 6


def test_change_shown__power_is_a_table_of_changes_by_surveys():
    power = change_shown(numbers()).power
    assert power.columns.tolist() == ["change a year", "3 surveys", "5 surveys"]
    assert power.to_numpy().tolist() == [["-10 %", "0.12", "0.30"], ["-20 %", "0.31", "above 0.99"]]


def test_change_shown__says_why_there_is_none():
    assert change_shown(None) is None
    shown = change_shown(TrendNumbers(lacking="Density is the same."))
    assert (shown.sentences, shown.table, shown.lacking) == ((), None, "Density is the same.")
