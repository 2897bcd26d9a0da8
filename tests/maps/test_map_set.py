"""The maps that results hold: which there are, how large, and what stands on them."""

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.map_layers import Feature, MapLayers, MapLook
from scr.maps.figures.map_set import MapSet, write_private_maps, write_public_maps
from scr.posterior.surface import Surface

CRS, SIDE = "EPSG:32652", 1000.0
WEST, SOUTH = 700_000.0, 4_700_000.0


@pytest.fixture
def surface():
    x, y = np.meshgrid(WEST + SIDE * (np.arange(8) + 0.5), SOUTH + SIDE * (np.arange(6) + 0.5))
    mask = HabitatMask(np.column_stack([x.ravel(), y.ravel()]), 1.0, CRS, spacing=SIDE)
    median = np.linspace(0.5, 2.0, len(mask))
    table = pd.DataFrame({"median": median, "q2.5": median / 2, "q97.5": 2 * median, "cv": 0.3})
    unit = "animals per 100 km2"
    return Surface(mask, table, "expected density", unit, None, "posterior", 9)


def maps_in(folder, **look):
    town = Feature(shapely.Point(WEST + 3000, SOUTH + 3000), "Zarubino")
    layers = MapLayers(CRS, {"towns": (town,)})
    park = Region("Park", shapely.box(WEST, SOUTH, WEST + 7500, SOUTH + 5500), CRS)
    stations = {"1": np.array([[WEST + 2000, SOUTH + 2000]])}
    return MapSet(folder, (park,), "Survey", "TRIAL", stations, MapLook(layers, **look))


def page_of(pdf):
    box = pdf.read_bytes().split(b"/MediaBox [")[1].split(b"]")[0].split()
    return tuple(float(value) / 72 * 25.4 for value in box[2:])


def test_write_public_maps__has_the_estimate_and_its_limits_for_screen_and_print(surface, tmp_path):
    files = write_public_maps(maps_in(tmp_path), surface, "expected_density_of_park")
    assert {str(path.relative_to(tmp_path / "public")) for path in files} == {
        "expected_density_of_park.png",
        "expected_density_of_park.pdf",
        "figures/expected_density_with_limits_of_park.png",
        "figures/expected_density_with_limits_of_park.pdf",
    }
    widths = {path.stem: page_of(path)[0] for path in files if path.suffix == ".pdf"}
    assert widths["expected_density_of_park"] == pytest.approx(85, abs=0.1)
    assert widths["expected_density_with_limits_of_park"] == pytest.approx(174, abs=0.1)


def test_write_private_maps__each_has_a_pdf_beside_its_png(surface, tmp_path):
    files = write_private_maps(maps_in(tmp_path, size="page"), surface, "expected_density")
    for ending in (".png", ".pdf"):
        assert {path.stem for path in files if path.suffix == ending} == {
            "expected_density",
            "expected_density_cv",
            "expected_density_with_cv",
        }
    assert page_of(next(path for path in files if path.suffix == ".pdf"))[0] == pytest.approx(
        174, abs=0.1
    )


def test_write_public_maps__stand_on_a_page_where_that_is_asked_for(surface, tmp_path):
    files = write_public_maps(maps_in(tmp_path, size="A4"), surface, "expected_density")
    for path in files:
        if path.suffix == ".pdf":
            assert page_of(path) == pytest.approx((210, 297), abs=0.1), path
