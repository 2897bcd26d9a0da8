from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from scr.maps.figures.plots import plot_surface
from scr.maps.results.qgis_style import write_surface_style
from scr.posterior.density import density_surface, realised_density


@pytest.fixture
def surface(make_fit):
    return density_surface(make_fit(), threshold=2)


def items_of(path):
    shader = ET.parse(path).getroot().find("pipe/rasterrenderer/rastershader/colorrampshader")
    values = np.array([float(item.get("value")) for item in shader.iter("item")])
    colours = np.array([to_rgb(item.get("color")) for item in shader.iter("item")])
    return shader, values, colours


@pytest.mark.parametrize("column", ["median", "cv", "p_above_2"])
def test_write_surface_style__has_the_colours_of_the_figure(surface, tmp_path, column):
    path = write_surface_style(surface, tmp_path / "density.tif", band=3, column=column)
    assert path == tmp_path / "density.qml"
    image = plot_surface(surface, column=column).axes[0].images[0]
    shader, values, colours = items_of(path)
    assert float(shader.get("minimumValue")) == image.norm.vmin
    assert float(shader.get("maximumValue")) == pytest.approx(image.norm.vmax, rel=1e-9)
    np.testing.assert_allclose(colours, image.to_rgba(values)[:, :3], atol=1.5 / 255)
    assert (np.diff(values) > 0).all()


def test_write_surface_style__shows_the_band_named(surface, tmp_path):
    path = write_surface_style(surface, tmp_path / "density.tif", band=3)
    root = ET.parse(path).getroot()
    renderer = root.find("pipe/rasterrenderer")
    assert renderer.get("band") == "3"
    assert renderer.get("type") == "singlebandpseudocolor"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE qgis")


def test_write_surface_style__clips_a_few_high_cells_as_the_figure_does(make_fit, tmp_path):
    realised = realised_density(make_fit(), n_draws=20)
    mean = realised.summary["mean"].copy()
    mean[0] = 50 * mean.max()
    realised = replace(realised, summary=realised.summary.assign(mean=mean))
    path = write_surface_style(realised, tmp_path / "realised.tif", band=1)
    _, values, colours = items_of(path)
    assert values[-1] < mean[0]
    np.testing.assert_allclose(colours[-1], colormaps["viridis"](1.0)[:3], atol=1 / 255)
