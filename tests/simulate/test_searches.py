"""Simulated finds and fixes: as many, and where, as the closed forms say."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, Polygon

import scr
from scr.habitat.mask import HabitatMask
from scr.simulate.population import Population
from scr.simulate.searches import simulate_finds
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.fixes import Fixes
from scr.survey.parts import places_of
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SIGMA, LAMBDA0 = 700.0, 3.0
DISC = shapely.Point(0, 0).buffer(800.0, quad_segs=200)
LINE = LineString([(-600, 300), (900, 300)])
WITHIN = {  # shares of the plane and of an endless line, in closed form
    "half_normal": 1 - np.exp(-DISC.area / np.pi / 2 / SIGMA**2),
    "exponential": 1 - (1 + 800 / SIGMA) * np.exp(-800 / SIGMA),
}


def many(n):
    return Population(np.zeros((n, 2)), np.zeros(n, dtype=int), np.zeros(n, dtype=int))


@pytest.mark.parametrize("shape", ["half_normal", "exponential"])
def test_simulate_finds__in_a_disc_about_the_centre_are_as_many_as_its_share(shape):
    n = 4000
    level = (shape, np.full((n, 1), LAMBDA0), np.full((n, 1), SIGMA))
    found = simulate_finds(
        many(n), GeometryCollection([DISC]), level, np.array([[0.5, 0.25]]),
        detector="polygon", rng=np.random.default_rng(3),
    )  # fmt: skip

    expected = n * LAMBDA0 * 0.75 * WITHIN[shape]
    assert found.count.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))
    first = found.count[found.occasion == 0].sum()
    assert first == pytest.approx(expected * 2 / 3, abs=4 * np.sqrt(expected * 2 / 3))
    assert len(found.xy) == found.count.sum()
    assert np.hypot(*found.xy.T).max() <= 800.0


@pytest.mark.parametrize("shape", ["half_normal", "exponential"])
def test_simulate_finds__along_a_line_are_as_many_as_its_share(shape):
    n, t = 4000, np.linspace(-600, 900, 200_001)
    u = np.hypot(300, t) / SIGMA
    k = np.exp(-u) if shape == "exponential" else np.exp(-u * u / 2)
    over = 2 * SIGMA if shape == "exponential" else np.sqrt(2 * np.pi) * SIGMA
    expected = n * LAMBDA0 * np.trapezoid(k, t) / over
    level = (shape, np.full((n, 1), LAMBDA0), np.full((n, 1), SIGMA))
    found = simulate_finds(
        many(n), GeometryCollection([LINE]), level, np.array([[1.0]]),
        detector="transect", rng=np.random.default_rng(4),
    )  # fmt: skip

    assert found.count.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert np.abs(found.xy[:, 1] - 300).max() < 1e-9


def test_simulate_finds__exclusive_ones_are_one_an_occasion_at_most():
    n = 3000
    level = ("half_normal", np.full((n, 1), LAMBDA0), np.full((n, 1), SIGMA))
    found = simulate_finds(
        many(n), GeometryCollection([DISC]), level, np.ones((1, 2)),
        detector="polygon_exclusive", rng=np.random.default_rng(5),
    )  # fmt: skip

    p = 1 - np.exp(-LAMBDA0 * WITHIN["half_normal"])
    assert len(np.unique(np.stack([found.animal, found.occasion]), axis=1).T) == len(found.animal)
    assert len(found.animal) == pytest.approx(2 * n * p, abs=4 * np.sqrt(2 * n * p * (1 - p)))


PARTS = GeometryCollection([
    Polygon([(0, 0), (4000, 0), (4000, 3000), (0, 3000)]),
    Polygon([(5000, 3500), (8000, 3500), (8000, 7000), (5500, 6500)]),
])  # fmt: skip
ROUTES = GeometryCollection([
    LineString([(0, 0), (3000, 2500), (8000, 3000)]), LineString([(1000, 6000), (7000, 7000)])
])  # fmt: skip


def make_mask(spacing=500.0):
    axis = np.arange(-4750.0, 13000.0, spacing)
    xy = np.stack([grid.ravel() for grid in np.meshgrid(axis, axis)], axis=1)
    return HabitatMask(xy, np.full(len(xy), (spacing / 1000) ** 2), "local", spacing=spacing)


def plan(detector, fixes=None):
    parts = ROUTES if detector.startswith("transect") else PARTS
    traps = Traps(["a", "b"], places_of(parts), crs="local", parts=parts)
    survey = plan_survey(traps, Usage(np.ones((2, 4))), detector=detector)
    return (
        survey
        if fixes is None
        else scr.Survey((replace(survey.sessions[0], fixes=fixes),), detector=detector)
    )


TRUTH = {"density.Intercept": -0.6, "lambda0.Intercept": 0.3, "sigma.Intercept": 7.0}
SEARCHES = ["polygon", "polygon_exclusive", "transect", "transect_exclusive"]


@pytest.mark.parametrize("detector", SEARCHES)
def test_simulate_survey__keeps_each_place_with_its_animal(detector):
    spec = scr.ModelSpec(lambda0="~ bk + T") if "exclusive" not in detector else scr.ModelSpec()
    truth = TRUTH | {"lambda0.bk": 0.5, "lambda0.T": 0.1} if "exclusive" not in detector else TRUTH
    survey, told = simulate_survey(plan(detector), make_mask(), spec, coefficients=truth, seed=8)

    captures = survey.sessions[0].captures
    centre = told.animals.dropna(subset="individual").set_index("individual").loc[
        captures.individuals, ["x", "y"]
    ].to_numpy()  # fmt: skip
    who = np.repeat(captures.individual, captures.count)
    away = np.hypot(*(captures.xy - centre[who]).T)
    sigma = np.exp(7.0)
    assert captures.count.sum() > 30
    assert np.sqrt(np.mean(away**2)) < 2 * sigma


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::scr.errors.MaskWarning")  # centres lie in the mask
@pytest.mark.parametrize("detection", ["hazard_half_normal", "hazard_exponential"])
@pytest.mark.parametrize("detector", SEARCHES)
def test_fit_mle__recovers_what_searches_were_simulated_with(detector, detection):
    """Estimates of 12 surveys: their mean error is below three standard errors of it."""
    spec = scr.ModelSpec(detection=detection)
    truth = TRUTH | ({"sigma.Intercept": 6.5} if detection == "hazard_exponential" else {})
    assert_recovered(plan(detector), spec, truth)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::scr.errors.MaskWarning")  # centres lie in the mask
@pytest.mark.parametrize("telemetry", ["independent", "concurrent", "dependent"])
def test_fit_mle__recovers_what_fixes_were_simulated_with(telemetry):
    who = np.repeat([f"x{i}" for i in range(6)], 10)
    fixes = Fixes(who, np.zeros((60, 2)), telemetry)
    assert_recovered(plan("polygon", fixes), scr.ModelSpec(), TRUTH)


def assert_recovered(survey, spec, truth, n=12):
    mask, errors = make_mask(), []
    for seed in range(n):
        found, _ = simulate_survey(
            survey, mask, spec, coefficients=truth, seed=seed, centres="cell_centre"
        )
        fit = scr.fit_mle(found, mask, spec)
        estimate = fit.coefficients["estimate"]
        errors.append([estimate[name] - value for name, value in truth.items()])
    errors = np.array(errors)
    limit = 3 * errors.std(axis=0, ddof=1) / np.sqrt(n)
    assert (np.abs(errors.mean(axis=0)) < limit).all(), (errors.mean(axis=0), limit)
    assert errors.std(axis=0).max() < 0.5
