"""What a survey.toml names, made."""

import numpy as np
import pytest
from affine import Affine

import scr
from scr.errors import ScrError
from scr.io.rasters import write_geotiff
from scr.project.configuration import read_configuration
from scr.project.loading import mask_of

TOML = """
[survey]
traps = "stations.csv"
detections = "detections.csv"
usage = "usage.csv"
crs = "local"

[mask]
buffer = 1000
spacing = 500

[covariates]
forest = { SOURCE, scales = [500, 1000] }
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("stations", "detections", "usage"):
        (tmp_path / f"{name}.csv").write_text("trap\nA\n")
    (tmp_path / "roads.gpkg").write_text("")
    values = np.random.default_rng(1).uniform(size=(100, 100))
    place = Affine(100, 0, -5000.0, 0, -100, 5000.0)
    write_geotiff(
        tmp_path / "forest.tif", {"forest": values}, transform=place, crs="local", units="1"
    )
    return tmp_path


def made_from(folder, source):
    (folder / "survey.toml").write_text(TOML.replace("SOURCE", source))
    traps = scr.Traps(names=["A"], xy=np.zeros((1, 2)), crs="local")
    return mask_of(read_configuration(folder / "survey.toml"), traps)


def test_mask_of__makes_a_column_for_each_scale(folder):
    mask = made_from(folder, 'raster = "forest.tif"')
    assert mask.covariates.columns.tolist() == ["forest_500", "forest_1000"]
    spread = mask.covariates.std()
    assert spread["forest_1000"] < spread["forest_500"]


def test_mask_of__refuses_to_smooth_a_distance(folder):
    with pytest.raises(ScrError, match="a distance is not smoothed"):
        made_from(folder, 'distance_to = "roads.gpkg"')
