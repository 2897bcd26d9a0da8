import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scr.maps.text_width import text_width, wrapped


@pytest.mark.parametrize("text", ["SIMULATED", "Réserve de la Haute-Sûre", "illi"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_text_width__is_what_the_renderer_draws(text, weight):
    figure = Figure(dpi=720)
    drawn = figure.text(0.1, 0.5, text, size=8.0, weight=weight)
    box = drawn.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert text_width(text, 8.0, weight) == pytest.approx(box.width / 720 * 25.4, rel=0.05)


def test_wrapped__lines_fit_and_no_word_is_lost():
    text = "Session 2024, 112 stations, WWWWWWWW iiiiiiiiiiiiii, " * 4
    lines = wrapped(text, 7.0, room_mm=50.0)
    assert " ".join(lines) == text.strip()
    assert max(text_width(line, 7.0) for line in lines) <= 50.0


def test_wrapped__a_word_wider_than_the_room_stands_alone():
    assert wrapped("a " + "W" * 40 + " b", 7.0, room_mm=20.0) == ["a", "W" * 40, "b"]
