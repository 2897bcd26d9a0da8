import base64
import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.figures.interactive import Layer, inline_scripts, interactive_map
from scr.posterior.surface import Surface


def surface_on(xy, **columns):
    mask = HabitatMask(np.array(xy, dtype=float), 1.0, "EPSG:32652", spacing=1000.0)
    table = pd.DataFrame(columns)
    unit = "animals per 100 km2"
    return Surface(mask, table, "expected density", unit, None, "posterior", 9)


@pytest.fixture
def surface():
    xy = [[500.0, 500.0], [1500.0, 500.0], [2500.0, 500.0]]
    return surface_on(xy, median=[1.0, 2.0, 8.0], cv=[0.1, np.nan, 0.3])


def layers_of(surface):
    return [
        Layer("Expected density, median", surface, "median", surface.unit),
        Layer("Expected density, cv", surface, "cv", ""),
    ]


def models_in(script):
    """Every model that the page's data holds, by the name of its class."""
    text = re.search(r"const docs_json = '(.*?)';\n", script).group(1)
    found = {}

    def visit(item):
        if isinstance(item, list):
            for part in item:
                visit(part)
        elif isinstance(item, dict):
            if "attributes" in item:
                found.setdefault(item["name"], []).append(item["attributes"])
            visit(list(item.values()))

    visit(json.loads(text.replace("\\\\", "\\").replace("\\'", "'")))
    return found


def plain(value):
    """Number arrays of the page's data, also those in lists."""
    if isinstance(value, dict) and value.get("type") == "ndarray":
        if isinstance(value["array"], list):
            return value["array"]
        data = gzip.decompress(base64.b64decode(value["array"]["data"]))
        return np.frombuffer(data, dtype=value["dtype"])
    return [plain(part) for part in value] if isinstance(value, list) else value


def sources_in(script):
    return [
        {name: plain(value) for name, value in source["data"]["entries"]}
        for source in models_in(script)["ColumnDataSource"]
    ]


def test_interactive_map__holds_the_numbers_of_each_layer(surface):
    script, _ = interactive_map(layers_of(surface))
    (source,) = sources_in(script)
    np.testing.assert_allclose(source["x"], surface.mask.xy[:, 0])
    np.testing.assert_allclose(source["shown"], surface.summary["median"])
    np.testing.assert_allclose(source["layer0"], surface.summary["median"])
    np.testing.assert_allclose(source["layer1"], surface.summary["cv"], rtol=1e-6)


def test_interactive_map__pointer_tells_all_layers_of_a_cell(surface):
    script, _ = interactive_map(layers_of(surface))
    (hover,) = models_in(script)["HoverTool"]
    told = [label for label, _ in hover["tooltips"]]
    assert told == [*(x.label for x in layers_of(surface)), "Longitude, latitude"]
    assert hover["tooltips"][0][1].endswith("animals per 100 km²")


def test_interactive_map__layers_on_other_cells_have_a_source_of_their_own(surface):
    other = surface_on([[9500.0, 9500.0]], median=[5.0])
    layers = [*layers_of(surface), Layer("Elsewhere", other, "median", other.unit)]
    script, _ = interactive_map(layers)
    assert [sorted(source) for source in sources_in(script)] == [
        ["lat", "layer0", "layer1", "lon", "shown", "x", "y"],
        ["lat", "layer2", "lon", "shown", "x", "y"],
    ]
    glyphs = models_in(script)["GlyphRenderer"]
    assert [glyph.get("visible", True) for glyph in glyphs] == [True, False]


def test_interactive_map__choice_offers_every_layer(surface):
    script, _ = interactive_map(layers_of(surface))
    (choice,) = models_in(script)["Select"]
    assert choice["options"] == [layer.label for layer in layers_of(surface)]
    assert choice["value"] == "Expected density, median"


def test_interactive_map__stations_are_drawn_only_where_given(surface):
    stations = pd.DataFrame({"x": [1234.0], "y": [567.0], "station": ["K1"], "effort": ["30"]})
    script, _ = interactive_map(layers_of(surface), stations=stations)
    assert sources_in(script)[-1]["x"].tolist() == [1234.0]
    assert "K1" in script
    script, _ = interactive_map(layers_of(surface))
    assert len(sources_in(script)) == 1


def test_interactive_map__outlines_come_in_the_coordinates_of_the_cells(surface):
    region = Region("Core", shapely.box(500_000, 0, 503_000, 1000), crs="EPSG:32652")
    script, _ = interactive_map(layers_of(surface), regions=[region.in_crs("EPSG:32651")])
    line = np.column_stack([sources_in(script)[-1][name][0] for name in ("xs", "ys")])
    np.testing.assert_allclose(np.ptp(line, axis=0), [3000, 1000], atol=2)


def test_interactive_map__scale_begins_at_zero(surface):
    script, _ = interactive_map(layers_of(surface))
    (mapper,) = models_in(script)["LinearColorMapper"]
    assert mapper["low"] == 0
    assert 7.5 < mapper["high"] <= 8


def test_inline_scripts__fetch_nothing():
    html = inline_scripts()
    assert "<script" in html
    assert not re.search(r"<(script|link)[^>]*\s(src|href)=", html)
