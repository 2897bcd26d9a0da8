from dataclasses import replace

import numpy as np
import pytest

import scr
from scr.errors import ConvergenceWarning, FitError
from scr.fit.compare import compare
from scr.fit.leave_one_out import leave_one_out


def test_compare__orders_by_aic(small):
    constant = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    elevation = scr.fit_mle(*small, scr.ModelSpec(density="~ elev"), check_mask=False)

    found = scr.compare({"constant": constant, "elevation": elevation})

    # Burnham & Anderson (2002), sections 2.2, 2.4 and 2.9.
    table = found.table
    for name, fit, k in (("constant", constant, 3), ("elevation", elevation, 4)):
        n = fit.survey.n_individuals
        aic = -2 * fit.log_likelihood + 2 * k
        assert table.loc[name, "aic"] == pytest.approx(aic)
        assert table.loc[name, "aicc"] == pytest.approx(aic + 2 * k * (k + 1) / (n - k - 1))
    assert table["aic"].is_monotonic_increasing
    delta = abs(constant.aic - elevation.aic)
    assert table["delta_aic"].iloc[1] == pytest.approx(delta)
    assert found.weights.iloc[1] == pytest.approx(1 / (1 + np.exp(delta / 2)))


def test_compare__refuses_mixed_engines_and_other_data(small, two_sessions):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    laplace = scr.fit_laplace(*small, scr.ModelSpec(), draws=100, check_mask=False)
    other = scr.fit_mle(*two_sessions, scr.ModelSpec(), check_mask=False)

    with pytest.raises(FitError, match="1 of 2 fits are by maximum likelihood \\('a'\\)"):
        compare({"a": fit, "b": laplace})
    with pytest.raises(FitError, match=r"other data than 'a'.*'b': the sessions"):
        compare({"a": fit, "b": other})
    with pytest.raises(FitError, match="needs a posterior"):
        compare({"a": fit}, weights="stacking")
    with pytest.raises(FitError, match="no fits to compare"):
        compare({})


def test_compare__posteriors_have_the_aic_of_their_maximum_and_loo(small):
    specs = {"constant": scr.ModelSpec(), "elevation": scr.ModelSpec(density="~ elev")}
    drawn = {
        name: scr.fit_laplace(*small, spec, draws=500, check_mask=False)
        for name, spec in specs.items()
    }
    highest = {name: scr.fit_mle(*small, spec, check_mask=False) for name, spec in specs.items()}

    found = compare(drawn)

    for name, fit in drawn.items():
        assert found.table.loc[name, "aic"] == pytest.approx(highest[name].aic)
        told = leave_one_out(fit)
        assert found.table.loc[name, "elpd_loo"] == pytest.approx(told["elpd"].sum())
        np.testing.assert_array_equal(found.pareto_k[name], told["pareto_k"])
        assert found.table.loc[name, "largest_k"] == told["pareto_k"].max()
    assert found.weighted_by == "stacking"
    assert found.weights.sum() == pytest.approx(1.0)
    by_aic = compare(drawn, weights="aic")
    assert by_aic.weights.to_dict() == pytest.approx(compare(highest).weights.to_dict())


def test_compare__latent_groups_are_of_the_same_data(small):
    alike = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    with pytest.warns(ConvergenceWarning, match="pmix"):
        groups = scr.fit_mle(*small, scr.ModelSpec(lambda0="~ h2"), check_mask=False)
    fits = {"alike": alike, "groups": groups}
    found = compare(fits)
    assert set(found.table.index) == {"alike", "groups"}
    assert any("'groups': the likelihood is flat" in note for note in found.notes)


def test_compare__says_that_loo_cannot_tell_densities_of_sessions_apart(two_sessions):
    fits = {
        text: scr.fit_laplace(*two_sessions, scr.ModelSpec(density=text), draws=200,
                              check_mask=False)
        for text in ("~ 1", "~ session")
    }  # fmt: skip
    assert any("number of animals of each session" in note for note in compare(fits).notes)
    assert compare(fits, weights="aic").notes == ()


def test_compare__refuses_other_masks_and_numbers_of_animals(small):
    survey, mask = small
    coarse = scr.build_mask(survey.sessions[0].traps, buffer=2500, spacing=500)
    fit = scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)
    others = {
        "the mask": scr.fit_mle(survey, coarse, scr.ModelSpec(), check_mask=False),
        "number=": scr.fit_mle(survey, mask, scr.ModelSpec(number="binomial"), check_mask=False),
    }
    for what, other in others.items():
        with pytest.raises(FitError, match=f"'b': {what}"):
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
    with pytest.raises(FitError, match="sexes of the animals"):
        compare(dict(zip("ab", fits, strict=True)))
    pooled = [
        scr.fit_mle(data, mask, scr.ModelSpec(), check_mask=False) for data in (survey, other)
    ]
    assert len(compare(dict(zip("ab", pooled, strict=True))).table) == 2


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
