import numpy as np
import pandas as pd
import pytest

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask

XY = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]])


def mask_of(**facts):
    arguments = {"xy": XY, "cell_area": np.array(1.0), "crs": "local", "source": "mask.csv"}
    return HabitatMask(**(arguments | facts))


def test_habitat_mask__area_is_the_sum_of_its_cells():
    assert mask_of(cell_area=np.array([1.0, 2.0, 0.5])).area == 3.5


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"xy": np.empty((0, 2))}, ["no cells"]),
        ({"xy": np.array([[0, np.nan], [1, 0], [0, 1]])}, ["1 of 3", "not finite", "row 1"]),
        ({"cell_area": np.array([1.0, 0.0, 1.0])}, ["1 of 3", "not above 0", "row 2"]),
        ({"cell_area": np.array([1.0, 1.0])}, ["3 cells", "lengths"]),
        ({"covariates": pd.DataFrame({"f": [1.0, np.nan, 2.0]})}, ["f in 1"]),
        ({"xy": np.array([[0, 0], [1, 0], [0, 0]])}, ["twice", "row 4"]),
    ],
)
def test_habitat_mask__faults_are_counted_and_named(facts, words):
    with pytest.raises(MaskError) as error:
        mask_of(**facts)
    assert all(word in str(error.value) for word in ["mask.csv", *words])


def test_habitat_mask__one_place_in_two_sessions_is_two_cells():
    xy = np.array([[0, 0], [0, 0], [1, 0]], dtype=float)
    assert len(mask_of(xy=xy, session=np.array(["A", "B", "B"], dtype=object))) == 3


def test_cells_of__all_cells_where_sessions_share_the_mask():
    assert mask_of().cells_of("any").tolist() == [0, 1, 2]
    mask = mask_of(session=np.array(["A", "B", "A"], dtype=object))
    assert mask.cells_of("A").tolist() == [0, 2]
    with pytest.raises(MaskError, match="'C'; it has 'A', 'B'"):
        mask.cells_of("C")


def test_with_covariate__replaces_what_was_unusable_or_standardised():
    mask = mask_of(unusable={"f": "f is missing"}, constants={"f": (1.0, 2.0), "g": (0.0, 1.0)})
    changed = mask.with_covariate("f", np.array([1.0, 2.0, 3.0]))
    assert changed.covariates["f"].tolist() == [1.0, 2.0, 3.0]
    assert changed.unusable == {}
    assert changed.constants == {"g": (0.0, 1.0)}


def test_require_covariates__only_a_named_column_with_gaps_is_an_error():
    mask = mask_of(unusable={"forest": "forest is missing in 97 cells"})
    mask.require_covariates(["x", "elevation"])
    with pytest.raises(MaskError, match="97 cells"):
        mask.require_covariates(["elevation", "forest"])
