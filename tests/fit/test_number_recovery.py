"""Fixed and conditional numbers of animals: simulate, fit, and hold intervals against the truth."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import scr
from scr.errors import ConvergenceWarning
from scr.fit.derived import derived_density
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.captures import CaptureHistory
from scr.survey.usage import Usage
from tests.fit.conftest import grid_traps

N_SURVEYS = 200
TRUTH = {"density.Intercept": 0.0, "lambda0.Intercept": -2.0, "sigma.Intercept": 6.3}
LIGHT, HEAVY = 20.0, 30.0


def plan_and_mask():
    traps = scr.Traps(**grid_traps(6, 700.0), crs="local")
    mask = scr.build_mask(traps, buffer=2500, spacing=350)
    return plan_survey(traps, Usage(np.full((36, 5), 2.0))), mask


def survey_of_two_weights(seed):
    """As many light animals as heavy ones, of which the light are detected half as often."""
    plan, mask = plan_and_mask()
    parts = []
    for weight, change in ((LIGHT, np.log(1 / 2)), (HEAVY, 0.0)):
        truth = TRUTH | {
            "density.Intercept": 0.0,
            "lambda0.Intercept": TRUTH["lambda0.Intercept"] + change,
        }
        found, _ = simulate_survey(
            plan, mask, scr.ModelSpec(), coefficients=truth, seed=2 * seed + int(weight > LIGHT)
        )
        parts.append(found.sessions[0].captures)
    n = [part.n_individuals for part in parts]
    captures = CaptureHistory(
        individuals=[f"A{i}" for i in range(sum(n))],
        individual=np.concatenate([parts[0].individual, parts[1].individual + n[0]]),
        occasion=np.concatenate([part.occasion for part in parts]),
        trap=np.concatenate([part.trap for part in parts]),
        count=np.concatenate([part.count for part in parts]),
        covariates=pd.DataFrame({"weight": np.repeat([LIGHT, HEAVY], n)}),
    )
    return replace(plan, sessions=(replace(plan.sessions[0], captures=captures),)), mask


def check_coverage(held):
    least, most = binom.ppf([0.0005, 0.9995], len(held), 0.95)
    assert least <= np.sum(held) <= most, np.sum(held)


@pytest.mark.slow
def test_fit_mle__of_a_fixed_number_holds_it_as_often_as_it_says():
    plan, mask = plan_and_mask()
    spec = scr.ModelSpec(number="binomial")
    living = mask.area * np.exp(TRUTH["density.Intercept"])
    held, error, log_se = [], [], []
    for seed in range(N_SURVEYS):
        survey, _ = simulate_survey(plan, mask, spec, coefficients=TRUTH, seed=seed)
        fit = scr.fit_mle(survey, mask, spec, check_mask=False)
        away = fit.point - np.array(list(TRUTH.values()))
        held.append(np.abs(away) < 1.96 * fit.coefficients["se"].to_numpy())
        error.append(away[0])
        log_se.append(fit.coefficients["se"].iloc[0])
    for of_coefficient in np.array(held).T:
        check_coverage(of_coefficient)
    assert abs(np.mean(error)) < 4 * np.std(error) / np.sqrt(N_SURVEYS)
    assert np.std(error) == pytest.approx(np.mean(log_se), rel=0.25)
    assert living > 30


@pytest.mark.slow
def test_derived_density__holds_the_truth_where_weight_makes_detection_differ():
    truth, held, error, ignored = 200.0, [], [], []
    for seed in range(N_SURVEYS):
        survey, mask = survey_of_two_weights(seed)
        spec = scr.ModelSpec(lambda0="~ weight", number="conditional")
        with warnings.catch_warnings():  # a search that ends 1e-7 below the maximum is near enough
            warnings.simplefilter("ignore", ConvergenceWarning)
            table = derived_density(scr.fit_mle(survey, mask, spec, check_mask=False)).iloc[0]
        held.append(table["lower"] < truth < table["upper"])
        error.append(table["estimate"] / truth - 1)
        plain = scr.fit_mle(survey, mask, scr.ModelSpec(number="conditional"), check_mask=False)
        ignored.append(derived_density(plain)["estimate"].iloc[0] / truth - 1)
    check_coverage(held)
    # Where few light animals are caught their area is nearly 0: of the skewed estimates the median.
    assert abs(np.median(error)) < 0.05
    assert np.median(ignored) < np.median(error) - 0.02  # what leaving weight out costs


def test_derived_density__is_that_of_the_poisson_model_where_animals_are_alike():
    # Borchers & Efford 2008: with constant density both have the same maximum.
    plan, mask = plan_and_mask()
    survey, _ = simulate_survey(plan, mask, scr.ModelSpec(), coefficients=TRUTH, seed=3)
    poisson = scr.fit_mle(survey, mask, scr.ModelSpec())
    conditional = scr.fit_mle(survey, mask, scr.ModelSpec(number="conditional"))

    table = derived_density(conditional).iloc[0]

    assert conditional.point == pytest.approx(poisson.point[1:], abs=1e-5)
    assert conditional.vcov == pytest.approx(poisson.vcov[1:, 1:], rel=1e-4)
    assert table["estimate"] == pytest.approx(100 * np.exp(poisson.point[0]), rel=1e-5)
    log_sd = np.sqrt(np.log1p((table["sd"] / table["estimate"]) ** 2))
    assert table["upper"] / table["estimate"] == pytest.approx(np.exp(1.959964 * log_sd))
    assert table["sd"] / table["estimate"] == pytest.approx(
        poisson.coefficients["se"].iloc[0], rel=1e-3
    )
    drawn = derived_density(
        scr.fit_laplace(survey, mask, scr.ModelSpec(number="conditional"), check_mask=False)
    ).iloc[0]
    assert drawn["estimate"] == pytest.approx(table["estimate"], rel=0.1)
    assert drawn["upper"] / drawn["lower"] == pytest.approx(
        table["upper"] / table["lower"], rel=0.1
    )
