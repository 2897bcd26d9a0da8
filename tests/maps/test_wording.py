import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scr.maps.wording import text_width, wrapped


@pytest.mark.parametrize("text", ["SIMULATED", "Réserve de la Haute-Sûre", "illi"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_text_width__is_what_the_renderer_draws(text, weight):
    figure = Figure(dpi=720)
    drawn = figure.text(0.1, 0.5, text, size=8.0, weight=weight)
    box = drawn.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    ratio = text_width(text, 8.0, weight) / (box.width / 720 * 25.4)
    assert 1.0 <= ratio <= 1.08


@pytest.mark.parametrize("dpi", [72, 100, 150, 300])
def test_text_width__is_enough_at_each_resolution(dpi):
    text = "home-range radius (dotted): F 9.3 km (7.9 to 11.1), M"
    figure = Figure(dpi=dpi)
    drawn = figure.text(0.1, 0.5, text, size=7.0)
    box = drawn.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert text_width(text, 7.0) >= box.width / dpi * 25.4 * 0.98


def test_wrapped__lines_fit_and_no_word_is_lost():
    text = "Session 2024, 112 stations, WWWWWWWW iiiiiiiiiiiiii, 95 % " * 4
    text = text.strip()
    lines = wrapped(text, 7.0, room_mm=50.0)
    assert " ".join(lines) == text
    assert max(text_width(line, 7.0) for line in lines) <= 50.0


def test_wrapped__a_number_stays_with_its_percent_sign():
    for room in range(10, 60):
        lines = wrapped("median with its 95 % interval and 95 % limits", 7.0, room_mm=float(room))
        assert not [line for line in lines if line.startswith("%")]


def test_wrapped__a_word_wider_than_the_room_stands_alone():
    assert wrapped("a " + "W" * 40 + " b", 7.0, room_mm=20.0) == ["a", "W" * 40, "b"]
