import itertools

import pytest

from scr.maps.figures.layout import Heading, Panels, map_sheet

BOUNDS = (700_000.0, 4_700_000.0, 740_000.0, 4_720_000.0)


def test_heading__a_banner_too_long_for_the_title_takes_a_line_of_its_own():
    short = Heading("Realised density", "posterior mean", "SIMULATED")
    long = Heading("Realised density", "posterior mean", "SIMULATED FOR TEACHING, NOT A SURVEY")
    assert short.lines(85.0)[0] == "Realised density"
    assert long.lines(85.0)[:2] == ["", "Realised density"]
    assert long.lines(174.0)[0] == "Realised density"


def test_heading__wraps_long_details():
    lines = Heading("Title", "word " * 30).lines(85.0)
    assert len(lines) > 3
    assert max(map(len, lines)) * 1.4 <= 85.0


def test_map_sheet__is_as_wide_as_asked_and_keeps_the_shape_of_the_ground():
    sheet = map_sheet(BOUNDS, width_mm=85.0, heading=Heading("T", "d"), n_legend_lines=1)
    assert sheet.figure.get_figwidth() * 25.4 == pytest.approx(85.0)
    box = sheet.map_axes.get_window_extent()
    assert box.width / box.height == pytest.approx(2.0)


def test_map_sheet__a_tall_map_still_fits_a_page():
    tall = (0.0, 0.0, 10_000.0, 200_000.0)
    sheet = map_sheet(tall, width_mm=174.0, heading=Heading("T", "d"), n_legend_lines=2)
    assert sheet.figure.get_figheight() * 25.4 < 240.0


def test_map_sheet__axes_do_not_overlap():
    sheet = map_sheet(BOUNDS, width_mm=85.0, heading=Heading("T", "d"), n_legend_lines=2)
    places = sorted((axes.get_position() for axes in sheet.figure.axes), key=lambda box: box.y0)
    for below, above in itertools.pairwise(places):
        assert below.y1 <= above.y0 + 1e-9


@pytest.mark.parametrize("bars", ["one", "each", "none"])
@pytest.mark.parametrize("apart", [False, True])
def test_map_sheet__panels_are_alike_and_nothing_overlaps(bars, apart):
    among = Panels(n_panels=5, n_columns=2, apart=apart, bars=bars)
    sheet = map_sheet(
        [BOUNDS] * 5, width_mm=174.0, heading=Heading("T", "d"), n_legend_lines=1, among=among
    )
    assert len(sheet.bars) == {"one": 1, "each": 5, "none": 0}[bars]
    boxes = [axes.get_position() for axes in sheet.figure.axes]
    assert len({(round(axes.get_position().width, 9)) for axes in sheet.panels}) == 1
    for a, b in itertools.combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        assert min(across, min(a.y1, b.y1) - max(a.y0, b.y0)) < 1e-9
    assert all(box.x0 >= 0 and box.x1 <= 1 and box.y0 >= 0 and box.y1 <= 1 for box in boxes)


@pytest.mark.parametrize("bars", ["one", "each"])
@pytest.mark.parametrize("n_panels", [2, 3, 4])
def test_map_sheet__maps_one_below_the_other_still_fit_a_page(n_panels, bars):
    square = (0.0, 0.0, 50_000.0, 60_000.0)
    sheet = map_sheet(
        square,
        width_mm=85.0,
        heading=Heading("T", "d"),
        n_legend_lines=2,
        among=Panels(n_panels, bars=bars),
    )
    assert sheet.figure.get_figheight() * 25.4 <= 240.0 + 1e-6
    box = sheet.map_axes.get_window_extent()
    assert box.width / box.height == pytest.approx(5 / 6)
