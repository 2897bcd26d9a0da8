"""What the pictures themselves show, pixel by pixel: scales, hatching, exact edges, layers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.map_layers import Feature, MapLayers
from scr.maps.figures.plots import plot_surface, save_figure
from scr.maps.figures.scales import common_limits
from scr.maps.figures.side_by_side import plot_surfaces, plot_with_uncertainty
from scr.maps.figures.style import MapStyle
from scr.posterior.surface import Surface

CRS, SIDE, N = "EPSG:32652", 1000.0, 12
WEST, SOUTH = 700_000.0, 4_700_000.0


def surface_of(values, *, session="2023", extrapolated=()):
    x, y = np.meshgrid(WEST + SIDE * (np.arange(N) + 0.5), SOUTH + SIDE * (np.arange(N) + 0.5))
    mask = HabitatMask(np.column_stack([x.ravel(), y.ravel()]), 1.0, CRS, spacing=SIDE)
    median = np.asarray(values, dtype=float)
    beyond = np.zeros(len(median))
    beyond[list(extrapolated)] = 1.0
    return Surface(
        mask,
        pd.DataFrame({"median": median, "q2.5": median / 2, "q97.5": 2 * median}),
        "expected density",
        "animals per 100 km2",
        session,
        "posterior",
        9,
        support=pd.DataFrame({"p_dot": 0.5, "extrapolated": beyond}),
    )


def pixels(figure):
    """The picture, from the top, and for each map a way from coordinates to its pixel."""
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(150)
    canvas.draw()
    image = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)

    def at(axes, x, y):
        column, row = axes.transData.transform((x, y))
        return image[image.shape[0] - 1 - int(row), int(column)]

    return image, at


def of_cell(figure, axes, cell):
    """Colour in a cell, off its middle, where no line of the graticule runs in these maps."""
    _, at = pixels(figure)
    x = WEST + SIDE * (cell % N + 0.3)
    y = SOUTH + SIDE * (cell // N + 0.4)
    return tuple(at(axes, x, y))


def steps(top):
    return np.linspace(0.1, top, N * N)


def test_pictures__one_value_has_one_colour_in_all_sessions():
    # Density doubles: the cell with 1 animal is another one in the second session.
    first, second = surface_of(steps(2.0)), surface_of(steps(4.0), session="2024")
    same = [int(np.argmin(np.abs(s.summary["median"] - 1.0))) for s in (first, second)]
    assert same[0] != same[1]
    limits = common_limits([first, second])
    apart = [
        of_cell(figure := plot_surface(s, style=MapStyle(limits=limits)), figure.axes[0], cell)
        for s, cell in zip((first, second), same, strict=True)
    ]
    assert np.abs(np.subtract(*apart)).max() <= 2
    figure = plot_surfaces([first, second], style=MapStyle(width_mm=174))
    together = [of_cell(figure, figure.axes[i], cell) for i, cell in enumerate(same)]
    assert np.abs(np.subtract(*together)).max() <= 2
    alone = plot_surface(first)  # with a scale of its own the colour is another one
    assert np.abs(np.subtract(of_cell(alone, alone.axes[0], same[0]), apart[0])).max() > 20


def test_pictures__extrapolated_cells_do_not_rule_the_scale():
    tame, wild, beyond = steps(2.0), steps(2.0), range(N * N - 20, N * N)
    tame[-20:], wild[-20:] = 1.0, 500.0
    plain = plot_surface(surface_of(tame))
    figure = plot_surface(surface_of(wild, extrapolated=beyond))
    for cell in (5, 40, 100, 120):
        difference = np.subtract(
            of_cell(figure, figure.axes[0], cell), of_cell(plain, plain.axes[0], cell)
        )
        assert np.abs(difference).max() <= 2, cell
    ruled = plot_surface(surface_of(wild))  # were they sampled, they would rule it
    shown = [of_cell(ruled, ruled.axes[0], cell) for cell in (5, 120)]
    assert np.abs(np.subtract(*shown)).max() <= 10


def test_pictures__extrapolated_cells_are_hatched_and_others_are_not(texts_of):
    figure = plot_surface(surface_of(np.ones(N * N), extrapolated=range(N * 6, N * N)))
    image, _ = pixels(figure)
    axes = figure.axes[0]
    height = image.shape[0]

    def rows(low, high):
        (left, bottom), (right, top) = axes.transData.transform(
            [(WEST + SIDE, SOUTH + low * SIDE), (WEST + 11 * SIDE, SOUTH + high * SIDE)]
        )
        return image[height - int(top) : height - int(bottom), int(left) : int(right)]

    white = [(rows(low, high) > 240).all(axis=2).mean() for low, high in ((7, 11), (1, 5))]
    assert white[0] > 0.1
    assert white[1] == 0.0
    assert "Covariates not sampled" in [text for text, _ in texts_of(figure)]


def test_pictures__an_arrow_stands_where_cells_are_above_the_scale():
    values = steps(2.0)
    values[-1] = 90.0
    bars = [
        plot_surface(surface_of(values, extrapolated=beyond)).axes[-1]
        for beyond in ([], [N * N - 1])
    ]
    for bar in bars:
        assert bar.get_xlim()[1] < 3
        assert any(len(patch.get_path().vertices) <= 4 for patch in bar.patches)
    assert not plot_surface(surface_of(steps(2.0))).axes[-1].patches


def test_pictures__colours_end_at_the_outline_where_they_are_clipped():
    slanting = shapely.Polygon(
        [(WEST, SOUTH), (WEST + 12 * SIDE, SOUTH), (WEST + 12 * SIDE, SOUTH + 12 * SIDE)]
    )
    region = Region("Half", slanting, CRS)
    surface = surface_of(np.full(N * N, 2.0))
    clipped = plot_surface(surface, regions=[region], style=MapStyle(clip=True))
    whole = plot_surface(surface, regions=[region])
    # A cell that the outline cuts: its corners on both sides of the line.
    inside, outside = (
        (WEST + 5.85 * SIDE, SOUTH + 5.15 * SIDE),
        (WEST + 5.2 * SIDE, SOUTH + 5.8 * SIDE),
    )
    colours = {}
    for name, figure in (("clipped", clipped), ("whole", whole)):
        _, at = pixels(figure)
        colours[name] = [tuple(at(figure.axes[0], *place)) for place in (inside, outside)]
    assert colours["whole"][0] == colours["whole"][1] == colours["clipped"][0]
    assert colours["clipped"][1] != colours["clipped"][0]


@pytest.fixture
def layers():
    lake = shapely.box(WEST + 2000, SOUTH + 2000, WEST + 5000, SOUTH + 5000)
    river = shapely.LineString([(WEST - 9e4, SOUTH + 8050), (WEST + 9e4, SOUTH + 8050)])
    return MapLayers(
        CRS,
        {
            "water": (Feature(lake, "Lake Khanka"),),
            "rivers": (Feature(river, "Ussuri"),),
            "towns": (
                Feature(shapely.Point(WEST + 7000, SOUTH + 4000), "Spassk"),
                Feature(shapely.Point(WEST + 7200, SOUTH + 4000), "Elsewhere"),
                Feature(shapely.Point(WEST + 9e5, SOUTH), "Far"),
            ),
        },
    )


def test_pictures__layers_are_drawn_over_the_colours_and_named(layers, assert_texts_apart):
    surface = surface_of(np.full(N * N, 2.0))
    style = MapStyle(layers=layers, width_mm=120.0)
    figure = plot_surface(surface, style=style)
    _, at = pixels(figure)
    axes = figure.axes[0]
    red, _, blue = at(axes, WEST + 2200, SOUTH + 4800)
    assert blue > 200 > 0.9 * red  # water is light blue
    assert blue > red
    words = assert_texts_apart(figure)
    assert {"Lake Khanka", "Ussuri", "Spassk", "Water", "River", "Town"} <= set(words)
    assert "Far" not in words
    assert "Road" not in words


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_pictures__texts_stay_apart_on_maps_with_layers(layers, width_mm, assert_texts_apart):
    land = (shapely.box(110, 30, 150, 55),)
    style = MapStyle(
        banner="SIMULATED", width_mm=width_mm, layers=replace(layers, locator=land), margin=8000.0
    )
    region = Region(
        "A very long name of a reserve", shapely.box(WEST, SOUTH, WEST + 9e3, SOUTH + 9e3), CRS
    )
    surface = surface_of(steps(3.0), extrapolated=[3, 4])
    for figure in (
        plot_surface(surface, regions=[region], style=style),
        plot_with_uncertainty(surface, show="limits", regions=[region], style=style),
    ):
        assert_texts_apart(figure)


def test_save_figure__puts_a_figure_on_a_page(tmp_path):
    figure = plot_surface(surface_of(steps(2.0)), style=MapStyle(width_mm=180.0))
    path = save_figure(figure, tmp_path / "map.png", dpi=100, paper="A4")
    size = np.frombuffer(path.read_bytes()[16:24], dtype=">u4")
    assert size == pytest.approx(np.array([210, 297]) / 25.4 * 100, abs=1)
    pdf = save_figure(figure, tmp_path / "map.pdf", paper="A4").read_bytes()
    box = pdf.split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert [float(value) for value in box[2:]] == pytest.approx([595.3, 841.9], abs=0.1)
