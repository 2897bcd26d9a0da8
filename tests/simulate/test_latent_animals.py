"""Simulated animals of latent groups and with effects of their own."""

import numpy as np
import pytest

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage


@pytest.fixture(scope="module")
def plan():
    axis = np.arange(6) * 800.0
    x, y = np.meshgrid(axis, axis)
    names = np.array([f"T{k}" for k in range(36)], dtype=object)
    traps = scr.Traps(names=names, xy=np.stack([x.ravel(), y.ravel()], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=3000, spacing=300)
    return plan_survey(traps, Usage(np.full((36, 5), 4.0)), detector="count"), mask


def expected_detections(survey, animals, lambda0, sigma):
    """Of each animal, had it this lambda0 and sigma: a sum over traps, written out."""
    session = survey.sessions[0]
    away = animals[["x", "y"]].to_numpy()[:, None] - session.traps.xy
    k = np.exp(-(away**2).sum(axis=2) / (2 * np.square(sigma)[:, None]))
    return lambda0 * (k @ session.usage.effort.sum(axis=1))


def test_simulate_survey__groups_have_their_shares_and_parameters(plan):
    spec = scr.ModelSpec(lambda0="~ sex + h2", sigma="~ h2")
    truth = {"density.Intercept": 4.0, "lambda0.Intercept": -3.0, "lambda0.h2[T.2]": 1.2,
             "lambda0.sex[T.M]": 0.5, "sigma.Intercept": 6.3, "sigma.h2[T.2]": 0.4,
             "share.Intercept": 0.3, "pmix.Intercept": -0.8}  # fmt: skip
    survey, told = scr.simulate_survey(*plan, spec, coefficients=truth, seed=3)
    animals = told.animals
    n, second = len(animals), (animals["group"] == 2).to_numpy()
    male = (animals["sex"] == "M").to_numpy()
    assert set(animals["group"]) == {1, 2}
    for is_of, logit in ((second, -0.8), (male, 0.3)):
        share = 1 / (1 + np.exp(-logit))
        assert is_of.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / n))
    share = second.mean() * male.mean()
    assert (second & male).mean() == pytest.approx(share, abs=4 * np.sqrt(share / n))
    mean = expected_detections(
        survey, animals, np.exp(-3.0 + 1.2 * second + 0.5 * male), np.exp(6.3 + 0.4 * second)
    )
    for part in (second & male, second & ~male, ~second & male, ~second & ~male):
        found = animals["n_detections"][part].sum()
        assert found == pytest.approx(mean[part].sum(), abs=4 * np.sqrt(mean[part].sum()))


@pytest.mark.parametrize("detection", ["hazard_half_normal", "half_normal"])
def test_simulate_survey__effects_are_normal_and_add_to_the_predictor(plan, detection):
    parameter = "lambda0" if detection.startswith("hazard") else "g0"
    spec = scr.ModelSpec(detection=detection, **{parameter: "~ individual"})
    truth = {"density.Intercept": 4.0, f"{parameter}.Intercept": -3.0,
             f"{parameter}.individual": 0.8, "sigma.Intercept": 6.3}  # fmt: skip
    survey, told = scr.simulate_survey(*plan, spec, coefficients=truth, seed=4)
    animals = told.animals
    effect = animals["effect"].to_numpy()
    n = len(effect)
    assert effect.mean() == pytest.approx(0.0, abs=4 * 0.8 / np.sqrt(n))
    assert effect.std() == pytest.approx(0.8, abs=4 * 0.8 / np.sqrt(2 * n))
    assert len(np.unique(effect)) == n
    session = survey.sessions[0]
    away = animals[["x", "y"]].to_numpy()[:, None] - session.traps.xy
    k = np.exp(-(away**2).sum(axis=2) / (2 * np.exp(6.3) ** 2))
    eta = (-3.0 + effect)[:, None]
    h = np.exp(eta) * k if parameter == "lambda0" else -np.log1p(-k / (1 + np.exp(-eta)))
    mean = h @ session.usage.effort.sum(axis=1)
    for part in (effect > 0.8, effect < -0.8, np.abs(effect) < 0.3):
        found = animals["n_detections"].to_numpy()[part].sum()
        assert found == pytest.approx(mean[part].sum(), abs=4 * np.sqrt(mean[part].sum()))
