from dataclasses import replace

import numpy as np
import pytest

import scr
from scr.errors import FitError
from scr.fit.compare import compare


def test_compare__orders_by_aic(small):
    constant = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    elevation = scr.fit_mle(*small, scr.ModelSpec(density="~ elev"), check_mask=False)

    table = compare({"constant": constant, "elevation": elevation})

    # Burnham & Anderson (2002), sections 2.2, 2.4 and 2.9.
    for name, fit, k in (("constant", constant, 3), ("elevation", elevation, 4)):
        n = fit.survey.n_individuals
        aic = -2 * fit.log_likelihood + 2 * k
        assert table.loc[name, "aic"] == pytest.approx(aic)
        assert table.loc[name, "aicc"] == pytest.approx(aic + 2 * k * (k + 1) / (n - k - 1))
    assert table["aic"].is_monotonic_increasing
    delta = abs(constant.aic - elevation.aic)
    assert table["delta"].iloc[1] == pytest.approx(delta)
    assert table["weight"].iloc[1] == pytest.approx(1 / (1 + np.exp(delta / 2)))


def test_compare__refuses_posteriors_and_other_data(small, two_sessions):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    laplace = scr.fit_laplace(*small, scr.ModelSpec(), draws=100, check_mask=False)
    other = scr.fit_mle(*two_sessions, scr.ModelSpec(), check_mask=False)

    with pytest.raises(FitError, match="'b'"):
        compare({"a": fit, "b": laplace})
    with pytest.raises(FitError, match="other data than 'a'"):
        compare({"a": fit, "b": other})


def test_compare__removal_is_part_of_the_data(small):
    survey, mask = small
    session = survey.sessions[0]
    removed = np.zeros(session.captures.n_individuals, dtype=bool)
    removed[0] = True
    captures = replace(session.captures, removed=removed)
    gone = replace(survey, sessions=(replace(session, captures=captures),))
    one, other = (
        scr.fit_mle(data, mask, scr.ModelSpec(), check_mask=False) for data in (survey, gone)
    )
    assert other.log_likelihood > one.log_likelihood  # fewer misses to explain
    with pytest.raises(FitError, match="other data than 'a'"):
        compare({"a": one, "b": other})


def test_compare__sexes_are_part_of_the_data_of_models_with_classes(two_sessions):
    survey, mask = two_sessions
    first, *rest = survey.sessions
    covariates = first.captures.covariates.assign(sex=None)
    unknown = replace(first, captures=replace(first.captures, covariates=covariates))
    other = replace(survey, sessions=(unknown, *rest))
    spec = scr.ModelSpec(classes="sex")
    fits = [scr.fit_mle(data, mask, spec, check_mask=False) for data in (survey, other)]
    with pytest.raises(FitError, match="sexes or the class term"):
        compare(dict(zip("ab", fits, strict=True)))
    pooled = [
        scr.fit_mle(data, mask, scr.ModelSpec(), check_mask=False) for data in (survey, other)
    ]
    assert len(compare(dict(zip("ab", pooled, strict=True)))) == 2


def test_compare__refuses_models_with_and_without_the_class_term(two_sessions):
    pooled = scr.fit_mle(*two_sessions, scr.ModelSpec(), check_mask=False)
    with_sex = scr.fit_mle(*two_sessions, scr.ModelSpec(classes="sex"), check_mask=False)

    with pytest.raises(FitError, match="class term"):
        compare({"pooled": pooled, "with sex": with_sex})


def test_compare__the_detector_is_part_of_the_data(small):
    survey, mask = small
    counted = replace(survey, detector="count")
    one, other = (
        scr.fit_mle(data, mask, scr.ModelSpec(), check_mask=False) for data in (survey, counted)
    )
    with pytest.raises(FitError, match="other data than 'a'"):
        compare({"a": one, "b": other})
