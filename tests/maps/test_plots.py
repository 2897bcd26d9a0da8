from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from matplotlib.image import imread

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.figures.plots import MapStyle, plot_surface, save_figure
from scr.posterior.surface import Surface, summarise_draws

SVG = "{http://www.w3.org/2000/svg}"


def surface_of(n_columns, n_rows, *, estimand="expected density", crs="EPSG:32652", spacing=1000.0):
    x, y = np.meshgrid(
        700_500 + 1000.0 * np.arange(n_columns), 4_700_500 + 1000.0 * np.arange(n_rows)
    )
    xy = np.column_stack([x.ravel(), y.ravel()])
    mask = HabitatMask(xy=xy, cell_area=1.0, crs=crs, spacing=spacing)
    draws = np.random.default_rng(5).gamma(2, 1, (20, len(xy)))
    unit = "animals per 100 km2"
    return Surface(mask, summarise_draws(draws), estimand, unit, "2024", "posterior", 20)


def reserve(name="Tall Grass Reserve"):
    return Region(name, shapely.box(702_000, 4_702_000, 709_000, 4_708_000), crs="EPSG:32652")


@pytest.mark.parametrize("shape", [(40, 12), (12, 40), (20, 20)])
@pytest.mark.parametrize("width_mm", [85.0, 174.0])
@pytest.mark.parametrize("names", [(), ("Core",), ("A very long name of a reserve", "Zone B", "C")])
def test_plot_surface__texts_stay_on_the_sheet_and_apart(
    shape, width_mm, names, assert_texts_apart
):
    figure = plot_surface(
        surface_of(*shape),
        regions=[reserve(name) for name in names],
        traps=np.array([[705_000.0, 4_705_000.0]]),
        style=MapStyle(banner="SIMULATED", subject="Survey of the far valleys", width_mm=width_mm),
    )
    assert_texts_apart(figure)


def test_plot_surface__says_what_it_shows_and_in_which_unit(texts_of):
    figure = plot_surface(surface_of(20, 20), regions=[reserve()], style=MapStyle(banner="TRIAL"))
    words = {text for text, _ in texts_of(figure)}
    assert {"Expected density", "Animals per 100 km²", "Tall Grass Reserve", "TRIAL", "N"} <= words
    assert any("posterior median" in text for text in words)
    assert any(text.endswith("km") and text[0].isdigit() for text in words)


def test_plot_surface__a_local_survey_has_no_north(texts_of):
    words = {text for text, _ in texts_of(plot_surface(surface_of(9, 9, crs="local")))}
    assert "N" not in words
    assert any("local coordinates" in text for text in words)


def test_plot_surface__scale_is_equal_in_x_and_y():
    figure = plot_surface(surface_of(30, 11))
    axes = figure.axes[0]
    box = axes.get_window_extent()
    x, y = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    assert box.width / x == pytest.approx(box.height / y, rel=1e-6)


def test_plot_surface__the_scale_bar_is_as_long_as_it_says():
    figure = plot_surface(surface_of(30, 30))
    map_box, strip_box = (axes.get_window_extent() for axes in figure.axes[:2])
    per_metre = map_box.width / np.ptp(figure.axes[0].get_xlim())
    strip = strip_box.width / np.ptp(figure.axes[1].get_xlim())
    assert strip == pytest.approx(per_metre, rel=1e-6)


def test_plot_surface__draws_cells_without_a_lattice():
    surface = surface_of(5, 5)
    turned = surface.mask.xy @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    mask = HabitatMask(turned, 1.0, "EPSG:32652")
    figure = plot_surface(
        Surface(mask, surface.summary, "expected density", surface.unit, None, "posterior", 20)
    )
    assert len(figure.axes[0].collections[0].get_paths()) == 25


def test_save_figure__writes_each_format_at_the_width_asked_for(tmp_path):
    figure = plot_surface(surface_of(12, 12), style=MapStyle(width_mm=85.0))
    for ending in ("png", "pdf", "svg"):
        assert save_figure(figure, tmp_path / f"map.{ending}").stat().st_size > 1000
    assert imread(tmp_path / "map.png").shape[1] == pytest.approx(85 / 25.4 * 300, abs=1)


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_save_figure__the_same_figure_gives_the_same_bytes(tmp_path, ending):
    def save(name):
        return save_figure(plot_surface(surface_of(12, 12)), tmp_path / f"{name}.{ending}")

    assert save("a").read_bytes() == save("b").read_bytes()


def test_save_figure__text_of_svg_is_text(tmp_path, texts_of):
    figure = plot_surface(surface_of(12, 12), regions=[reserve()])
    root = ElementTree.parse(save_figure(figure, tmp_path / "map.svg")).getroot()
    written = {"".join(item.itertext()).strip() for item in root.iter(f"{SVG}text")}
    assert {text for text, _ in texts_of(figure)} <= written
