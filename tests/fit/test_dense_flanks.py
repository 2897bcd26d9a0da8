"""Everything near everything else: sigma as wide as the stations, 25 left and 25 right animals."""

import time
import warnings

import numpy as np
import pytest

from scr.errors import ConvergenceWarning, ScrWarning
from scr.fit.laplace import fit_laplace
from scr.fit.sums_over_matchings import widest_at
from scr.habitat.build import build_mask
from scr.model.spec import ModelSpec
from scr.posterior.flank_pairs import animals_photographed, flank_pairs
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.sides import n_of_sides
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SPEC = ModelSpec(lambda0="~ side")
SIGMA, WIDTH, DAYS = 12_000.0, 12_000.0, 40


def dense_survey(seed: int):
    x, y = np.meshgrid(np.linspace(0, WIDTH, 5), np.linspace(0, WIDTH, 5))
    xy = np.column_stack([x.ravel(), y.ravel()])
    traps = Traps(names=[f"K{k}" for k in range(len(xy))], xy=xy, crs="local")
    mask = build_mask(traps, buffer=3 * SIGMA, spacing=SIGMA / 4)
    rng = np.random.default_rng(seed)
    two = (rng.random((len(xy), DAYS)) < 0.08).astype(np.float64)
    plan = plan_survey(traps, Usage(np.ones_like(two)), detector="count", two_cameras=[two])
    truth = {
        "density.Intercept": np.log(0.04),
        "lambda0.Intercept": np.log(0.0012),
        "lambda0.side[T.both]": np.log(2.0),
        "lambda0.side[T.single]": np.log(0.2),
        "sigma.Intercept": np.log(SIGMA),
    }
    return simulate_survey(plan, mask, SPEC, coefficients=truth, seed=seed)[0], mask


@pytest.mark.slow
def test_fit_laplace__of_a_dense_survey_ends_with_an_answer_or_a_warning():
    survey, mask = dense_survey(11)
    _, left, right = n_of_sides(survey.sessions[0])
    assert min(left, right) >= 25
    begun = time.process_time()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ScrWarning)
        fit = fit_laplace(survey, mask, SPEC, draws=300, check_mask=False)
    taken = time.process_time() - begun
    number = animals_photographed(fit, max_draws=100).iloc[0]
    table = flank_pairs(fit, max_draws=50)

    assert widest_at(fit.problem, fit.draws.mean(axis=0)) > 18
    assert taken < 200  # seconds of the processor; 45 were measured
    check = next(check for check in fit.checks if check.name == "k_hat")
    warned = [w for w in told if issubclass(w.category, ConvergenceWarning)]
    assert check.passed or warned
    assert number["least"] <= number["median"] <= number["most"]
    assert table["probability"].max() <= 1.0
