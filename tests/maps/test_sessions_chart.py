import numpy as np
import pandas as pd
import pytest

from scr.maps.figures.layout import COLUMN_WIDTH_MM, PAGE_WIDTH_MM
from scr.maps.figures.sessions_chart import plot_sessions, width_for
from scr.maps.trend_numbers import trend_numbers
from scr.posterior.abundance import abundance


@pytest.fixture
def years(make_fit):
    fit = make_fit(names=("2021", "2024", "2022"), density="~ north + session")
    return abundance(fit, max_draws=40), trend_numbers(fit, None, None, seed=1, max_draws=40)


def test_plot_sessions__each_session_stands_at_its_year_with_its_interval(years):
    table, trend = years
    figure = plot_sessions(table, trend, subject="Cost $5 to $9")
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2021", "2022", "2024"]
    assert axes.get_xticks().tolist() == [2021.0, 2022.0, 2024.0]
    for number, estimand in enumerate(("expected N", "realised N")):
        rows = table[table["estimand"] == estimand]
        points = axes.containers[number].lines[0]
        order = np.argsort(points.get_xdata())
        told = rows.sort_values("session")["median"]
        assert points.get_ydata()[order].tolist() == pytest.approx(told.tolist())
    assert axes.get_ylim()[1] >= table["upper"].max()


def test_plot_sessions__the_right_side_is_the_density_of_the_left(years):
    table, trend = years
    figure = plot_sessions(table, trend)
    animals, density = figure.axes[0], figure.axes[-1]
    area = table["area_km2"].iloc[0]
    assert density.get_ylim()[1] == pytest.approx(100 / area * animals.get_ylim()[1])


def test_plot_sessions__texts_stand_apart_in_one_column_and_on_a_page(years, assert_texts_apart):
    table, trend = years
    texts = assert_texts_apart(plot_sessions(table, trend, subject="Far Valley", banner="DRAFT"))
    assert any("% a year (" in text for text in texts)
    several = table.assign(region="north")
    both = pd.concat([table, several], ignore_index=True)
    assert (width_for(table), width_for(both)) == (COLUMN_WIDTH_MM, PAGE_WIDTH_MM)
    assert_texts_apart(plot_sessions(both, width_mm=PAGE_WIDTH_MM))


def test_plot_sessions__long_names_of_sessions_are_turned(years, assert_texts_apart):
    table, _ = years
    long = table.assign(session="the long session of " + table["session"])
    assert_texts_apart(plot_sessions(long))
