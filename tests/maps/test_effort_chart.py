import numpy as np
import pytest
from matplotlib.colors import to_hex

from scr.maps.figures.effort_chart import plot_effort
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session
from scr.survey.traps import Traps
from scr.survey.usage import Usage

DAY = np.datetime64("2024-02-01T00:00:00", "us")


def session_of(effort, records=(), *, names=None, first_day=DAY, occasion_days=1):
    """Records are (trap, occasion, count), each of an animal of its own."""
    effort = np.array(effort, dtype=float)
    trap, occasion, count = np.array(records, dtype=int).reshape(-1, 3).T
    return Session(
        name="2024",
        traps=Traps(
            names=names or [f"S{k:03d}" for k in range(len(effort))],
            xy=1000.0 * np.arange(2 * len(effort)).reshape(-1, 2),
            crs="local",
        ),
        usage=Usage(effort, first_day, occasion_days),
        captures=CaptureHistory(
            [f"A{i}" for i in range(len(trap))], np.arange(len(trap)), occasion, trap, count
        ),
    )


def random_session(n_traps, n_occasions, **kwargs):
    rng = np.random.default_rng(n_traps)
    effort = np.where(rng.random((n_traps, n_occasions)) < 0.8, 1.0, 0.0)
    effort[:, n_occasions // 2] = 0.5
    where = np.argwhere(effort > 0)
    picked = where[rng.choice(len(where), min(40, len(where)), replace=False)]
    records = [(trap, occasion, 1 + i % 3) for i, (trap, occasion) in enumerate(picked)]
    return session_of(effort * kwargs.get("occasion_days", 1), records, **kwargs)


def shown(figure):
    """Names of the rows from the top, on whichever side they stand."""
    axes = figure.axes[0]
    sides = [axes, *axes.child_axes]
    names = {
        float(tick): label.get_text()
        for side in sides
        for tick, label in zip(side.get_yticks(), side.get_yticklabels(), strict=True)
    }
    return [names[row] for row in sorted(names)]


def test_plot_effort__rows_are_stations_in_the_order_their_work_began_and_ended():
    effort = [[0, 0, 0, 0], [0, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1]]
    figure = plot_effort(session_of(effort, names=["idle", "d", "b", "a", "c"]))
    assert shown(figure) == ["a", "b", "c", "d", "idle"]
    drawn = figure.axes[0].images[0].get_array()
    assert drawn.filled(0.0).tolist() == [effort[k] for k in (3, 2, 4, 1, 0)]


def test_plot_effort__whole_and_part_days_differ_in_colour_and_in_the_legend():
    figure = plot_effort(session_of([[1, 0.5, 0.99, 0]]))
    image = figure.axes[0].images[0]
    whole, half, nearly = (to_hex(c) for c in image.to_rgba(image.get_array())[0, :3])
    assert whole != half == nearly
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["Working", "Part of a day", "Not working"]


def test_plot_effort__a_dot_stands_in_the_row_and_day_of_each_detection():
    session = session_of(np.ones((3, 5)), [(0, 4, 1), (2, 1, 1)])
    (dots,) = [line for line in plot_effort(session).axes[0].lines if line.get_marker() == "o"]
    first = DAY.astype("M8[D]").astype(int)
    found = sorted(zip(dots.get_xdata() - first, dots.get_ydata(), strict=True))
    assert found == [(1.5, 2.0), (4.5, 0.0)]


def test_plot_effort__counts_are_numbers_where_cells_are_wide():
    session = session_of([[30.0, 0.0], [30.0, 20.0]], [(1, 1, 7), (0, 0, 1)], first_day=None)
    axes = plot_effort(session).axes[0]
    assert {(text.get_position(), text.get_text()) for text in axes.texts} == {
        ((2.0, 1), "7"),
        ((1.0, 0), "1"),
    }
    assert not [line for line in axes.lines if line.get_marker() == "o"]


def test_plot_effort__occasions_of_several_days_are_coloured_by_the_days_worked():
    figure = plot_effort(session_of([[5, 5, 2], [5, 0, 1]], occasion_days=5))
    axes = figure.axes[0]
    assert np.ptp(axes.get_xlim()) == 15
    rgba = axes.images[0].to_rgba(np.array([[5.0, 2.0, 1.0]]))
    assert len(np.unique(rgba[0], axis=0)) == 3
    assert "Days worked in the occasion" in [text.get_text() for text in figure.texts]
    assert axes.get_xlabel() == "Occasions of 5 days"


def test_plot_effort__says_how_much_work_and_how_many_detections(texts_of):
    figure = plot_effort(session_of([[1, 0.5], [0, 0]], [(0, 0, 1)]), subject="Far valleys")
    words = " ".join(text for text, _ in texts_of(figure))
    assert "Far valleys, session 2024, 2 stations (1 never worked), 2 occasions" in words
    assert "1 detection of 1 animal" in words


def test_plot_effort__a_survey_over_new_year_names_both_years(texts_of):
    effort, start = np.ones((4, 90)), np.datetime64("2023-11-15", "us")
    words = [text for text, _ in texts_of(plot_effort(session_of(effort, first_day=start)))]
    assert "1 Jan\n2024" in words
    assert any(text.endswith("\n2023") for text in words)


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
@pytest.mark.parametrize("n_traps", [1, 112, 300])
@pytest.mark.parametrize(
    ("n_occasions", "options"),
    [
        (1, {"first_day": None}),
        (4, {"first_day": None}),
        (90, {}),
        (500, {}),
        (12, {"occasion_days": 10}),
    ],
)
def test_plot_effort__texts_stay_on_the_sheet_and_apart(
    n_traps, n_occasions, options, width_mm, assert_texts_apart
):
    session = random_session(n_traps, n_occasions, **options)
    figure = plot_effort(session, subject="Far valleys", banner="SIMULATED", width_mm=width_mm)
    words = assert_texts_apart(figure)
    named = [word for word in words if word in set(session.traps.names)]
    assert len(named) == n_traps if n_traps <= 112 else len(named) >= 150


def test_plot_effort__long_names_are_shortened(assert_texts_apart):
    names = [f"Upper valley of the long river, station {k}" for k in range(3)]
    figure = plot_effort(session_of(np.ones((3, 20)), names=names))
    assert any(word.endswith("…") for word in assert_texts_apart(figure))


def test_plot_effort__a_dollar_in_a_name_is_no_formula(texts_of):
    names = ["A$_1$", "B$", "$\\frac{$"]
    figure = plot_effort(session_of(np.ones((3, 20)), names=names), subject="Price $x_$")
    words = [text for text, _ in texts_of(figure)]
    assert set(names) <= set(words)


def test_plot_effort__months_are_as_wide_as_their_days(assert_texts_apart):
    effort = [[29, 31, 10], [0, 15, 30]]
    session = session_of(effort, [(0, 1, 1)], occasion_days="month")
    figure = plot_effort(session)
    axes = figure.axes[0]
    assert np.ptp(axes.get_xlim()) == 29 + 31 + 30
    drawn = axes.images[0].get_array().filled(0.0)
    assert drawn[0].tolist() == [29] * 29 + [31] * 31 + [10] * 30
    (dots,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert dots.get_xdata() == pytest.approx([axes.get_xlim()[0] + 29 + 31 / 2])
    assert axes.get_xlabel() == "Calendar months"
    assert "Days worked in the occasion" in assert_texts_apart(figure)
