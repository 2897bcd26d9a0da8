"""Power against simulated pairs of surveys."""

import numpy as np
import pytest

from scr.errors import LayoutError
from trap_layouts.change import power_to_detect


@pytest.mark.parametrize(("change", "rse"), [(-0.5, 0.2), (0.6, 0.15), (-0.2, 0.1)])
def test_power_to_detect__is_the_share_of_simulated_pairs_that_differ(change, rse):
    rng = np.random.default_rng(1)
    second = rse / np.sqrt(1 + change)
    first_log = rng.normal(0, rse, 200_000)
    second_log = rng.normal(np.log1p(change), second, 200_000)
    found = np.abs(second_log - first_log) > 1.959964 * np.hypot(rse, second)
    assert power_to_detect(change, rse=rse) == pytest.approx(found.mean(), abs=0.005)


def test_power_to_detect__without_information_is_the_level():
    assert power_to_detect(-0.3, rse=np.inf) == 0.05


@pytest.mark.parametrize("change", [-1.0, 0.0, np.nan])
def test_power_to_detect__impossible_change_is_refused(change):
    with pytest.raises(LayoutError, match="must be above -1 and not 0"):
        power_to_detect(change, rse=0.2)
