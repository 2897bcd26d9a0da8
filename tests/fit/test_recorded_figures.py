"""Fits of the reference surveys against what secr recorded, and engines against each other."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from recorded_figures import recorded_models, recorded_region_n
from reference_surveys import (
    RESERVES,
    constants,
    effective_area,
    expected_n,
    log_mean_density,
    read_reference,
    region_raster_path,
    snow_leopard_region,
)

import scr
from scr.errors import MaskWarning

LABELS = {
    "captdata": ["HN", "HN_b", "HN_CL", "HHN", "EX", "HR", "HN_h2", "HN_binomial_n"],
    "stoat": ["HN", "HHN", "EX", "HEX", "HN_binomial_n", "HN_CL", "HN_b", "HN_t"],
    "stoat_prox": ["HN", "HHN", "EX"],
    "tiger_nagarahole": ["HHN", "HN", "HEX", "EX", "HHN_binomial_n", "HHN_CL", "HHN_xy"],
    "tiger_nagarahole_count": ["HHN_poisson", "HN_binom_usage", "HHN_binom_usage"],
    "tiger_bayes": ["HN_binom_usage"],
    "snow_leopards": ["m0", "m1"],
} | {reserve: ["pooled", "by sex"] for reserve in RESERVES}
MODELS = [(name, label) for name, labels in LABELS.items() for label in labels]


def model_of(name, label):
    return next(model for model in recorded_models(name) if model.label == label)


@cache
def maximum_likelihood(name, label):
    model = model_of(name, label)
    survey, mask = read_reference(name, detector=model.detector)
    return scr.fit_mle(survey, mask, model.spec, check_mask=False)


@pytest.mark.parametrize(("name", "label"), MODELS)
def test_fit_mle__reaches_the_recorded_maximum(reference, name, label):
    fit, model = maximum_likelihood(name, label), model_of(name, label)

    recorded = model.log_likelihood - constants(fit.survey)
    assert fit.log_likelihood == pytest.approx(recorded, abs=1e-6)


@pytest.mark.parametrize(("name", "label"), MODELS)
def test_fit_mle__estimates_lie_within_a_fiftieth_of_a_standard_error(reference, name, label):
    fit, model = maximum_likelihood(name, label), model_of(name, label)

    for coefficient, (estimate, se) in model.estimates.items():
        if label == "by sex" and coefficient == "density.Intercept":
            continue  # where a sex is missing the other program estimates another density
        found = fit.coefficients.loc[coefficient]
        assert found["estimate"] == pytest.approx(estimate, abs=0.02 * se), coefficient
        assert found["se"] == pytest.approx(se, rel=0.02), coefficient


@pytest.mark.parametrize("name", ["captdata", "stoat", "tiger_nagarahole"])
def test_fit_mle__animals_on_the_mask_and_effective_area_are_the_recorded_ones(reference, name):
    for model in recorded_models(name):
        fit = maximum_likelihood(name, model.label)
        assert expected_n(fit) == pytest.approx(model.expected_n, rel=1e-4), model.label
        assert effective_area(fit) == pytest.approx(model.esa, rel=1e-4), model.label


def test_fit_mle__density_of_phinda_by_sex_is_that_of_the_full_mixture(reference):
    fit = maximum_likelihood("phinda", "by sex")

    assert 100 * np.exp(fit.coefficients["estimate"]["density.Intercept"]) == pytest.approx(
        8.18, abs=0.005
    )


@pytest.mark.parametrize("label", LABELS["snow_leopards"])
def test_abundance__extrapolates_snow_leopards_to_the_region(reference, label):
    fit = maximum_likelihood("snow_leopards", label)

    with pytest.warns(MaskWarning, match="lie beyond"):
        table = scr.abundance(fit, snow_leopard_region(), session="1")

    expected = table[table["estimand"] == "expected N"].iloc[0]
    assert expected["area_km2"] == pytest.approx(88_592)
    assert expected["median"] == pytest.approx(recorded_region_n(label), rel=1e-4)


def test_sample_raster__gives_the_recorded_maximum_for_snow_leopards(reference):
    survey, mask = read_reference("snow_leopards")
    region = snow_leopard_region()
    mask, region = (
        scr.sample_raster(cells, region_raster_path(), name="elevation") for cells in (mask, region)
    )

    fit = scr.fit_mle(survey, mask, scr.ModelSpec(density="~ scale(elevation)"))

    assert fit.log_likelihood + constants(survey) == pytest.approx(-254.63, abs=0.05)
    log_density = fit.problem.design.predict_log_density(fit.point, region)
    assert (np.exp(log_density) @ region.cell_area) == pytest.approx(260, rel=0.005)


BAYESIAN = [
    ("snow_leopards", "m0"),
    ("snow_leopards", "m1"),
    ("tiger_nagarahole", "HHN"),
    ("phinda", "by sex"),
]


@cache
def posterior(engine, name, label):
    model = model_of(name, label)
    survey, mask = read_reference(name, detector=model.detector)
    wide = {coefficient: scr.Normal(0.0, 100.0) for coefficient in model.estimates}
    spec = replace(model.spec, priors=wide)
    if engine == "laplace":
        return scr.fit_laplace(survey, mask, spec, draws=2000, seed=1)
    return scr.fit_nuts(survey, mask, spec, draws=500, tune=500, chains=2, seed=1)


@pytest.mark.parametrize(("name", "label"), BAYESIAN)
def test_fit_laplace__median_log_density_is_near_the_maximum_likelihood(reference, name, label):
    estimate, se = log_mean_density(maximum_likelihood(name, label))
    draws, _ = log_mean_density(posterior("laplace", name, label))

    assert np.median(draws) == pytest.approx(estimate, abs=0.25 * se)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "label"), BAYESIAN)
def test_fit_nuts__median_log_density_is_that_of_laplace(reference, name, label):
    estimate, se = log_mean_density(maximum_likelihood(name, label))
    laplace, _ = log_mean_density(posterior("laplace", name, label))
    nuts, _ = log_mean_density(posterior("nuts", name, label))

    assert np.median(nuts) == pytest.approx(estimate, abs=0.25 * se)
    # Monte Carlo error of a median is about 1.25 sd / sqrt(effective draws).
    error = 1.25 * laplace.std() * np.sqrt(2 / 400)
    assert np.median(nuts) == pytest.approx(np.median(laplace), abs=4 * error)
