import numpy as np
import pandas as pd
import pytest

from scr.errors import MaskError
from scr.habitat.build import build_mask
from scr.habitat.mask import HabitatMask
from scr.model.mask_advice import mask_advice, mask_troubles
from scr.model.mask_bias import guess_detection, mask_bias
from scr.survey.reading import read_survey
from scr.survey.traps import Traps


def grid(step, n, **facts):
    x, y = np.meshgrid(np.arange(n) * step, np.arange(n) * step)
    xy = np.column_stack([x.ravel(), y.ravel()]).astype(float)
    return Traps(names=[str(i) for i in range(n * n)], xy=xy, crs="local", **facts)


def grid_survey(step=1500.0):
    x, y = np.meshgrid(np.arange(5) * step, np.arange(5) * step)
    xy = np.column_stack([x.ravel(), y.ravel()])
    traps = Traps(names=[str(k) for k in range(25)], xy=xy, crs="local")
    rows = [("a", "6", 1), ("a", "7", 2), ("a", "6", 3), ("a", "11", 4), ("b", "18", 1),
            ("b", "18", 2), ("b", "13", 3), ("b", "17", 5)]  # fmt: skip
    seen = pd.DataFrame(rows, columns=["individual", "trap", "occasion"])
    return read_survey(seen, traps, usage=10)


def test_mask_advice__a_fitting_mask_needs_none():
    traps = grid(2000.0, 3)
    mask = build_mask(traps, buffer=6000, spacing=500)
    assert mask_advice(mask, traps, sigma=1500.0) == ()


def test_mask_advice__a_narrow_buffer_names_buffer_sigma_and_remedy():
    traps = grid(2000.0, 3)
    (advice,) = mask_advice(build_mask(traps, buffer=1000, spacing=250), traps, sigma=1500.0)
    for word in ("buffer", "1 km", "sigma", "0.7 times", "6 km"):
        assert word in advice


def test_mask_advice__a_read_mask_is_judged_by_its_reach():
    traps = grid(2000.0, 3)
    built = build_mask(traps, buffer=1000, spacing=250)
    facts = {"xy": built.xy, "cell_area": built.cell_area, "crs": "local", "spacing": 250.0}
    (advice,) = mask_advice(HabitatMask(**facts), traps, sigma=1500.0)
    away = np.hypot(*(built.xy[:, None] - traps.xy[None]).transpose(2, 0, 1)).min(axis=1).max()
    assert f"{away / 1000:.3g} km, {away / 1500:.1f} times sigma" in advice
    assert "bounded=True" in advice
    assert mask_advice(HabitatMask(**facts, bounded=True), traps, sigma=1500.0) == ()


def test_mask_advice__coarse_cells_name_their_width():
    traps = grid(2000.0, 3)
    (advice,) = mask_advice(build_mask(traps, buffer=6000, spacing=2000), traps, sigma=1500.0)
    for word in ("2 km wide", "1.3 times sigma", "0.5 km"):
        assert word in advice


def test_mask_advice__hazard_rate_without_z_is_held_to_four_sigma():
    traps = grid(2000.0, 3)
    mask = build_mask(traps, buffer=6000, spacing=500)
    assert mask_advice(mask, traps, sigma=1500.0, detection="hazard_rate") == ()
    (advice,) = mask_advice(mask, traps, sigma=1500.0, detection="hazard_rate", z=3.0)
    assert "buffer" in advice


def test_mask_advice__sigma_must_be_above_0():
    traps = grid(2000.0, 3)
    with pytest.raises(MaskError, match="sigma is"):
        mask_advice(build_mask(traps, buffer=6000, spacing=500), traps, sigma=0.0)


def test_mask_advice__three_sigma_do_as_the_checks_of_a_fit_find():
    # Of a half-normal round one trap exp(-R^2 / 2 sigma^2) lies beyond R: 1.1 % at 3 sigma, and
    # round several, whose ground overlaps, less; 2 sigma lack 14 %.
    traps = grid(2000.0, 3)
    assert mask_advice(build_mask(traps, buffer=4500, spacing=500), traps, sigma=1500.0) == ()
    (advice,) = mask_advice(build_mask(traps, buffer=3000, spacing=500), traps, sigma=1500.0)
    assert "2.0 times sigma" in advice


def test_mask_troubles__a_sound_mask_has_none():
    survey = grid_survey()
    mask = build_mask(survey.sessions[0].traps, buffer=6000, spacing=500)
    assert mask_troubles(survey, mask) == ()


def test_mask_troubles__a_narrow_mask_is_told_with_its_bias_and_remedy():
    survey = grid_survey()
    mask = build_mask(survey.sessions[0].traps, buffer=800, spacing=200)
    (trouble,) = mask_troubles(survey, mask)
    bias = mask_bias(survey, mask, guess_detection(survey, mask)).narrow
    assert (trouble.severity, trouble.kind) == ("warning", "mask too narrow")
    for words in ("buffer", "0.8 km", "sigma", "density comes out too high"):
        assert words in trouble.found
    assert f"{100 * bias:.0f} %" in trouble.found
    assert "buffer of" in trouble.remedy


def test_mask_troubles__coarse_cells_are_told_with_their_bias_and_remedy():
    survey = grid_survey()
    mask = build_mask(survey.sessions[0].traps, buffer=6000, spacing=2500)
    (trouble,) = mask_troubles(survey, mask)
    assert trouble.kind == "mask too coarse"
    for words in ("2.5 km wide", "sigma", "%"):
        assert words in trouble.found
    assert "cells of 0.2 km" in trouble.remedy
