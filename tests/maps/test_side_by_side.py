import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import ScrError
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.figures.plots import MapStyle
from scr.maps.figures.side_by_side import plot_surfaces, plot_with_uncertainty
from scr.posterior.surface import Surface, summarise_draws

UNIT = "animals per 100 km2"
WIDTHS = pytest.mark.parametrize("width_mm", [85.0, 174.0])


def surface_of(*, seed=5, shift=0.0, factor=1.0, **facts):
    x, y = np.meshgrid(700_500 + shift + 1000.0 * np.arange(20), 4_700_500 + 1000.0 * np.arange(14))
    xy = np.column_stack([x.ravel(), y.ravel()])
    mask = HabitatMask(xy=xy, cell_area=1.0, crs=facts.pop("crs", "EPSG:32652"), spacing=1000.0)
    draws = factor * np.random.default_rng(seed).gamma(2, 1, (20, len(xy)))
    given = {"estimand": "expected density", "unit": UNIT, "session": "2024"} | facts
    return Surface(mask, summarise_draws(draws), method="posterior", n_draws=20, **given)


def reserve():
    return Region("Tall Grass Reserve", shapely.box(702e3, 4_702e3, 709e3, 4_708e3), "EPSG:32652")


def images(figure):
    return [axes.images[0] for axes in figure.axes if axes.images and axes.get_title(loc="left")]


def drawn(image):
    """Values of the cells from the south-west, row by row."""
    return np.flipud(image.get_array()).ravel()


def test_plot_with_uncertainty__draws_the_estimate_and_its_cv_each_with_a_bar(texts_of):
    surface = surface_of()
    figure = plot_with_uncertainty(surface)
    for image, column in zip(images(figure), ["median", "cv"], strict=True):
        assert np.array_equal(drawn(image), surface.summary[column])
    words = [text for text, _ in texts_of(figure)]
    assert words.count("Animals per 100 km²") == 1
    assert words.count("Coefficient of variation") == 2
    assert words.count("N") == 1


def test_plot_with_uncertainty__limits_share_one_scale_and_one_bar(texts_of):
    surface = surface_of()
    figure = plot_with_uncertainty(surface, show="limits")
    found = images(figure)
    for image, column in zip(found, ["q2.5", "median", "q97.5"], strict=True):
        assert np.array_equal(drawn(image), surface.summary[column])
    assert {(i.norm.vmin, i.norm.vmax, i.get_cmap().name) for i in found} == {
        (0.0, surface.summary["q97.5"].max(), "viridis")
    }
    assert [text for text, _ in texts_of(figure)].count("Animals per 100 km²") == 1


def test_plot_with_uncertainty__limits_that_are_not_there_are_an_error():
    surface = surface_of()
    bare = Surface(
        surface.mask,
        pd.DataFrame(surface.summary[["mean", "median", "sd", "cv"]]),
        "realised density",
        UNIT,
        None,
        "maximum likelihood, plug-in",
        0,
    )
    with pytest.raises(ScrError, match=r"no column q2\.5, q97\.5; it has mean, median, sd, cv"):
        plot_with_uncertainty(bare, show="limits")


def test_plot_surfaces__one_value_has_one_colour_on_every_map():
    low, high = surface_of(session="2023"), surface_of(session="2024", factor=3.0)
    found = images(plot_surfaces([low, high]))
    assert [image.norm.vmax for image in found] == [high.summary["median"].max()] * 2
    assert found[0].to_rgba(1.5) == found[1].to_rgba(1.5)


def test_plot_surfaces__names_the_session_above_each_map(texts_of):
    figure = plot_surfaces([surface_of(session="2023"), surface_of(session="2024")])
    words = [text for text, _ in texts_of(figure)]
    assert {"Session 2023", "Session 2024"} <= set(words)


def test_plot_surfaces__each_estimand_shows_its_own_headline(texts_of):
    expected, realised = surface_of(), surface_of(estimand="realised density", seed=6)
    figure = plot_surfaces([expected, realised])
    first, second = images(figure)
    assert np.array_equal(drawn(first), expected.summary["median"])
    assert np.array_equal(drawn(second), realised.summary["mean"])
    words = " ".join(text for text, _ in texts_of(figure))
    assert "Expected density and realised density" in words
    assert "Realised density, mean, session 2024" in words


def test_plot_surfaces__sessions_far_apart_have_windows_of_one_size():
    figure = plot_surfaces([surface_of(session="a"), surface_of(session="b", shift=300_000.0)])
    first, second = (image.axes for image in images(figure))
    assert np.ptp(first.get_xlim()) == pytest.approx(np.ptp(second.get_xlim()))
    assert second.get_xlim()[0] - first.get_xlim()[0] == pytest.approx(300_000.0)
    sizes = {tuple(np.round(axes.get_window_extent().size, 6)) for axes in (first, second)}
    assert len(sizes) == 1


@pytest.mark.parametrize("other", [{"unit": "probability"}, {"crs": "local"}])
def test_plot_surfaces__other_units_or_places_share_no_scale(other):
    with pytest.raises(ScrError, match="cannot share a scale"):
        plot_surfaces([surface_of(), surface_of(**other)])


@WIDTHS
@pytest.mark.parametrize("show", ["cv", "limits"])
def test_plot_with_uncertainty__texts_stay_on_the_sheet_and_apart(
    show, width_mm, assert_texts_apart
):
    assert_texts_apart(
        plot_with_uncertainty(
            surface_of(),
            show=show,
            regions=[reserve()],
            traps=np.array([[705_000.0, 4_705_000.0]]),
            style=MapStyle(subject="Far valleys", banner="SIMULATED", width_mm=width_mm),
        )
    )


@WIDTHS
@pytest.mark.parametrize("shift", [0.0, 300_000.0])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_plot_surfaces__texts_stay_on_the_sheet_and_apart(n, shift, width_mm, assert_texts_apart):
    surfaces = [surface_of(session=f"20{i:02d}", shift=i * shift) for i in range(n)]
    style = MapStyle(subject="Far valleys", banner="SIMULATED", width_mm=width_mm)
    assert_texts_apart(plot_surfaces(surfaces, regions=[], style=style))
