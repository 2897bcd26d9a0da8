import numpy as np
import pandas as pd
import pytest

from scr.errors import MaskError
from scr.model.advice import advise_buffer, advise_spacing, guess_sigma
from scr.model.detection import detection_function
from scr.survey.movements import movements_of
from scr.survey.reading import read_survey
from scr.survey.traps import Traps


def grid(step, n, **facts):
    x, y = np.meshgrid(np.arange(n) * step, np.arange(n) * step)
    xy = np.column_stack([x.ravel(), y.ravel()]).astype(float)
    return Traps(names=[str(i) for i in range(n * n)], xy=xy, crs="local", **facts)


def test_guess_sigma__of_a_grid_is_two_thirds_of_its_step():
    assert guess_sigma(grid(2400.0, 4)) == pytest.approx(1600.0)


def test_guess_sigma__of_a_survey_is_told_by_movements_where_there_are_recaptures():
    traps = grid(2400.0, 4)
    seen = pd.DataFrame(
        {"individual": ["x"] * 6, "trap": ["5", "5", "6", "6", "5", "9"], "occasion": range(1, 7)}
    )
    survey = read_survey(seen, traps, usage=9)
    moved = movements_of(survey).sigma
    assert guess_sigma(survey) == moved
    assert guess_sigma(survey, detection="exponential") == pytest.approx(moved / np.sqrt(3))
    assert guess_sigma(read_survey(seen[:3], traps, usage=9)) == guess_sigma(traps)


def test_guess_sigma__two_cameras_in_one_place_are_one_place_and_sessions_do_not_mix():
    xy = np.array([[0, 0], [0, 0], [3000, 0], [10, 0], [3010, 0]], dtype=float)
    traps = Traps(names=list("abcde"), xy=xy, crs="local", session=list("AAABB"))
    assert guess_sigma(traps) == pytest.approx(2000.0)


def test_guess_sigma__one_place_is_an_error():
    with pytest.raises(MaskError, match="one place only"):
        guess_sigma(Traps(names=["a"], xy=np.zeros((1, 2)), crs="local"))


def test_advise_buffer__half_normal_takes_four_sigma_and_exponential_eight():
    assert advise_buffer(1500.0) == 6000.0
    assert advise_buffer(1500.0, detection="half_normal") == 6000.0
    assert advise_buffer(1500.0, detection="hazard_exponential") == 12_000.0


@pytest.mark.parametrize("z", [2.0, 3.0, 6.0])
def test_advise_buffer__hazard_rate_falls_to_the_same_value(z):
    # 1 - exp(-(d / sigma)^-z) is exp(-8) at the buffer, before rounding up to two figures.
    buffer = advise_buffer(1000.0, detection="hazard_rate", z=z)
    left = 1 - np.exp(-((buffer / 1000.0) ** -z))
    assert left <= np.exp(-8.0)
    assert left > np.exp(-8.0) * 0.9**z


def test_advise_buffer__hazard_rate_needs_z_and_sigma_must_be_above_0():
    with pytest.raises(MaskError, match="Give z="):
        advise_buffer(1000.0, detection="hazard_rate")
    for sigma in (0.0, -1.0, np.nan):
        with pytest.raises(MaskError, match="sigma is"):
            advise_buffer(sigma)


@pytest.mark.parametrize(
    ("sigma", "spacing"), [(1000.0, 500.0), (1500.0, 500.0), (4000.0, 2000.0), (70.0, 20.0)]
)
def test_advise_spacing__a_round_number_not_above_half_of_sigma(sigma, spacing):
    assert advise_spacing(sigma) == spacing


@pytest.mark.parametrize("k", [0.99, 0.5, 1e-4])
def test_distance_at__of_an_annular_normal_is_beyond_the_ring(k):
    # k(d) = exp(-(d - z)^2 / 2 sigma^2) is k at z + sigma sqrt(-2 log k), and less beyond.
    found = detection_function("hazard_annular_normal").distance_at(k, sigma=100.0, z=1000.0)
    assert found == pytest.approx(1000 + 100 * np.sqrt(-2 * np.log(k)))
