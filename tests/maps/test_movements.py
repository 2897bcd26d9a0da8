import numpy as np
import pytest
import shapely

from scr.habitat.region import Region
from scr.maps.figures.movements import plot_movements
from scr.maps.figures.plots import MapStyle
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session
from scr.survey.traps import Traps
from scr.survey.usage import Usage

XY = np.array([[0.0, 0.0], [4000.0, 0.0], [4000.0, 3000.0], [0.0, 3000.0]])
STATIONS = "white"


def session_of(records, *, xy=XY, crs="local"):
    """Records are (animal, trap, count)."""
    individual, trap, count = np.array(records, dtype=int).reshape(-1, 3).T
    return Session(
        name="2024",
        traps=Traps(names=[f"S{k}" for k in range(len(xy))], xy=xy, crs=crs),
        usage=Usage(np.full((len(xy), 20), 30.0)),
        captures=CaptureHistory(
            [f"A{i}" for i in range(individual.max() + 1 if len(individual) else 0)],
            individual,
            np.arange(len(individual)) % 20,
            trap,
            count,
        ),
    )


def segments(figure):
    """Ends of each line from a mean place to a station."""
    lines = [line for line in figure.axes[0].lines if line.get_zorder() == 4]
    return sorted(
        (tuple(map(float, line.get_xdata())), tuple(map(float, line.get_ydata()))) for line in lines
    )


def test_plot_movements__lines_run_from_the_mean_over_detections_to_each_station():
    # Three detections at (0, 0) and one at (4000, 3000): the mean is (1000, 750).
    figure = plot_movements(session_of([(0, 0, 2), (0, 0, 1), (0, 2, 1)]))
    assert segments(figure) == [((1000.0, 0.0), (750.0, 0.0)), ((1000.0, 4000.0), (750.0, 3000.0))]


def test_plot_movements__animals_at_one_station_do_not_hide_each_other():
    figure = plot_movements(session_of([(0, 1, 1), (1, 1, 1), (2, 1, 5)]))
    (dots,) = [line for line in figure.axes[0].lines if line.get_zorder() == 6]
    places = np.column_stack(dots.get_data())
    assert len(np.unique(places.round(6), axis=0)) == 3
    distance = np.hypot(*(places - XY[1]).T)
    assert distance == pytest.approx(np.full(3, distance[0]))
    apart = np.hypot(*(places[0] - places[1]))
    box = figure.axes[0].get_window_extent()
    mm = apart / np.ptp(figure.axes[0].get_xlim()) * box.width / figure.dpi * 25.4
    assert mm == pytest.approx(1.1 * np.sqrt(3), rel=1e-6)


def test_plot_movements__neighbours_differ_in_colour():
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 50_000, (40, 2))
    records = [(i, k, 1) for i in range(30) for k in ((i + 1) % 40, (i + 2) % 40)]
    figure = plot_movements(session_of(records, xy=xy))
    dots = [line for line in figure.axes[0].lines if line.get_zorder() == 6]
    places = np.array([[line.get_xdata()[0], line.get_ydata()[0]] for line in dots])
    colours = np.array([line.get_color() for line in dots])
    gap = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    same = (colours[:, None] == colours) & ~np.eye(len(places), dtype=bool)
    assert len(places) == 30
    assert len(set(colours)) == 6
    assert gap[same].min() > 2 * np.sort(gap[~np.eye(30, dtype=bool)])[1]


def test_plot_movements__says_how_many_animals_and_what_lines_mean(texts_of):
    figure = plot_movements(
        session_of([(0, 0, 1), (0, 1, 1), (1, 2, 1)]), style=MapStyle(subject="Far valleys")
    )
    words = {text for text, _ in texts_of(figure)}
    assert {"Movements between stations", "Animal, mean place", "At one station only"} <= words
    joined = " ".join(words)
    assert "Far valleys, session 2024" in joined


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
@pytest.mark.parametrize("records", [[], [(0, 0, 1)], [(0, 0, 1), (0, 1, 2), (1, 2, 1)]])
def test_plot_movements__texts_stay_on_the_sheet_and_apart(records, width_mm, assert_texts_apart):
    reserve = Region(
        "A very long name of a reserve", shapely.box(100, 100, 9000, 2500), "EPSG:32652"
    )
    xy = XY + np.array([700_000.0, 4_700_000.0])
    assert_texts_apart(
        plot_movements(
            session_of(records, xy=xy, crs="EPSG:32652"),
            regions=[reserve],
            style=MapStyle(subject="Far valleys", banner="SIMULATED", width_mm=width_mm),
        )
    )


def test_plot_movements__one_station_alone_has_a_map():
    figure = plot_movements(session_of([(0, 0, 1)], xy=XY[:1]))
    assert np.ptp(figure.axes[0].get_xlim()) >= 1000


def test_plot_movements__a_dollar_in_a_name_is_no_formula(texts_of):
    reserve = Region("Park $\\frac{$", shapely.box(0, 0, 4000, 3000), "local")
    figure = plot_movements(session_of([(0, 0, 1)]), regions=[reserve])
    assert "Park $\\frac{$" in [text for text, _ in texts_of(figure)]
