import numpy as np
import pandas as pd
import pytest
from scipy.special import exp1

from scr.habitat.build import build_mask
from scr.habitat.mask import HabitatMask
from scr.model.detection import detection_function
from scr.model.mask_bias import (
    DetectionGuess,
    guess_detection,
    mask_bias,
    wanted_buffer,
)
from scr.survey.reading import read_survey
from scr.survey.traps import Traps

SIGMA = 1000.0
RARE = DetectionGuess(SIGMA, None, detection_function("hazard_half_normal"))


def one_trap(n_seen=0):
    traps = Traps(names=["A"], xy=np.zeros((1, 2)), crs="local")
    seen = pd.DataFrame({"individual": "x", "trap": "A", "occasion": range(1, n_seen + 1)})
    return read_survey(seen, traps, usage=40)


@pytest.mark.parametrize("buffer", [1000.0, 2000.0, 3000.0])
def test_mask_bias__of_a_narrow_mask_round_one_trap_has_a_closed_form(buffer):
    # Of a half-normal, 1 - exp(-R^2 / 2 sigma^2) lies within R; 4 sigma stand for the plane.
    survey = one_trap()
    mask = build_mask(survey.sessions[0].traps, buffer=buffer, spacing=20)
    expected = (1 - np.exp(-8.0)) / (1 - np.exp(-(buffer**2) / (2 * SIGMA**2))) - 1
    assert mask_bias(survey, mask, RARE).narrow == pytest.approx(expected, rel=5e-3)


def test_mask_bias__a_wide_or_bounded_mask_has_none():
    survey = one_trap()
    wide = build_mask(survey.sessions[0].traps, buffer=wanted_buffer(RARE), spacing=100)
    assert mask_bias(survey, wide, RARE).narrow == 0.0
    narrow = build_mask(survey.sessions[0].traps, buffer=1000, spacing=100)
    shut = HabitatMask(
        xy=narrow.xy, cell_area=narrow.cell_area, crs="local", spacing=100.0, bounded=True
    )
    assert mask_bias(survey, shut, RARE).narrow == 0.0


def test_mask_bias__of_coarse_cells_is_the_error_of_their_sum():
    # A trap at the corner of cells of side b: by Poisson summation in x and in y the sum over
    # midpoints of a half-normal is (1 - 2 exp(-2 pi^2 sigma^2 / b^2))^2 of the integral.
    survey, side = one_trap(), 2000.0
    mask = build_mask(survey.sessions[0].traps, buffer=8000, spacing=side)
    sums = (1 - 2 * np.exp(-2 * (np.pi * SIGMA / side) ** 2)) ** 2
    assert mask_bias(survey, mask, RARE).coarse == pytest.approx(1 / sums - 1, rel=0.02)
    assert mask_bias(survey, build_mask(survey.sessions[0].traps, buffer=4000, spacing=500), RARE) \
        .coarse == 0.0  # fmt: skip


def test_guess_detection__lambda0_solves_detections_per_animal(monkeypatch):
    # Round one trap the ratio is h / Ein(h), h = lambda0 T, Ein(h) = E1(h) + ln h + gamma.
    survey = one_trap(n_seen=3)
    monkeypatch.setattr("scr.model.mask_bias.guess_sigma", lambda survey, detection: SIGMA)
    mask = build_mask(survey.sessions[0].traps, buffer=5000, spacing=50)
    hazard = guess_detection(survey, mask).intensity * 40
    assert hazard / (exp1(hazard) + np.log(hazard) + np.euler_gamma) == pytest.approx(3, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("hazard_annular_normal", 1 + 4),  # k = exp(-8), the ring at sigma
        ("w_exponential", 1 + 8),
        ("hazard_variable_power", np.sqrt(8)),
        ("hazard_rate", 4),
    ],
)
def test_wanted_buffer__without_z_is_that_of_its_usual_value(name, times):
    guess = DetectionGuess(SIGMA, None, detection_function(name))
    assert wanted_buffer(guess) == pytest.approx(times * SIGMA, rel=0.04)
