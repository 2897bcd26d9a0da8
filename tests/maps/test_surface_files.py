from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rasterio

from scr.maps.results.surface_files import write_surface
from scr.posterior.density import density_surface


@pytest.fixture
def surface(make_fit):
    return density_surface(make_fit())


def test_write_surface__raster_style_and_table_say_the_same(surface, tmp_path):
    files = write_surface(surface, tmp_path / "density.tif", banner="SIMULATED")
    assert {path.name for path in files} == {"density.tif", "density.qml", "density.csv"}
    table = pd.read_csv(tmp_path / "density.csv")
    np.testing.assert_allclose(table[["x", "y"]], surface.mask.xy, atol=0.05)
    with rasterio.open(tmp_path / "density.tif") as dataset:
        assert dataset.descriptions == (*surface.summary, "p_dot", "extrapolated")
        units = dict(zip(dataset.descriptions, dataset.units, strict=True))
        bands = np.array(list(dataset.sample(table[["x", "y"]].to_numpy())))
    assert units["p_dot"] == units["extrapolated"] == units["cv"] == "1"
    assert units["median"] == "animals per 100 km2"
    np.testing.assert_allclose(table[list(units)], bands, rtol=1e-5)
    style = (tmp_path / "density.qml").read_text(encoding="utf-8")
    assert f'band="{list(units).index("median") + 1}"' in style


def test_write_surface__cells_on_no_lattice_are_a_table_alone(surface, tmp_path):
    loose = replace(surface, mask=replace(surface.mask, spacing=None))
    files = write_surface(loose, tmp_path / "density.tif", columns=["median"])
    assert [path.name for path in files] == ["density.csv"]
    assert list(pd.read_csv(files[0])) == ["x", "y", "area_km2", "median"]
