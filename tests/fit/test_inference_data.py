from dataclasses import replace

import arviz as az
import numpy as np
import xarray as xr
from scipy.stats import poisson

import scr
from scr.likelihood.problem import animal_terms, value_and_gradient


def test_idata__pointwise_terms_sum_to_the_log_likelihood(two_sessions, by_sex):
    fit = scr.fit_laplace(*two_sessions, by_sex, draws=300, check_mask=False)

    terms = fit.idata["log_likelihood"]

    total = terms["history"].sum("individual") + terms["n_animals"].sum("session")
    expected = [value_and_gradient(fit.problem, theta)[0] for theta in fit.draws]
    np.testing.assert_allclose(total.to_numpy()[0], expected, rtol=1e-10)


def test_idata__terms_kept_from_sampling_are_those_of_the_draws(two_sessions, by_sex):
    fit = scr.fit_laplace(*two_sessions, by_sex, draws=300, check_mask=False)

    again = replace(fit, terms=None).idata["log_likelihood"]

    # Sampling works in other coordinates than those of the formulas: the same up to rounding.
    xr.testing.assert_allclose(
        fit.idata["log_likelihood"].to_dataset(), again.to_dataset(), rtol=1e-10
    )


def test_idata__number_of_animals_is_poisson(two_sessions, by_sex):
    fit = scr.fit_laplace(*two_sessions, by_sex, draws=300, check_mask=False)

    counts = [session.captures.n_individuals for session in fit.survey.sessions]
    _, expected = animal_terms(fit.problem, fit.draws[0])
    found = fit.idata["log_likelihood"]["n_animals"].to_numpy()[0, 0]
    np.testing.assert_allclose(found, poisson.logpmf(counts, expected))


def test_idata__individuals_are_named_by_session(two_sessions, by_sex):
    fit = scr.fit_laplace(*two_sessions, by_sex, draws=300, check_mask=False)

    names = fit.idata["log_likelihood"]["individual"].to_numpy()
    first = fit.survey.sessions[0].captures.individuals[0]
    assert names[0] == f"north/{first}"
    assert len(set(names)) == fit.survey.n_individuals


def test_idata__observed_data_are_the_detections(two_sessions):
    fit = scr.fit_mle(*two_sessions, scr.ModelSpec(), check_mask=False)

    observed = fit.idata["observed_data"]

    n_records = sum(len(session.captures.trap) for session in fit.survey.sessions)
    assert observed.sizes["detection"] == n_records
    assert observed["n_animals"].to_numpy().sum() == fit.survey.n_individuals
    south = fit.survey.sessions[1].captures
    np.testing.assert_array_equal(
        observed["detection_trap"].to_numpy()[-len(south.trap) :], south.trap + 16
    )


def test_idata__leave_one_out_by_arviz(small):
    fit = scr.fit_laplace(*small, scr.ModelSpec(), draws=1000, check_mask=False)

    result = az.loo(fit.idata, var_name="history")

    assert result.n_data_points == fit.survey.n_individuals
    assert np.isfinite(result.elpd)


def test_repr__shows_estimates_and_what_did_not_pass(small):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)

    assert f"{fit.survey.n_individuals} animals" in repr(fit)
