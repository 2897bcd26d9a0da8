import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

import scr
from scr.errors import ConvergenceWarning, FitError
from scr.likelihood.problem import every_term


@pytest.fixture(scope="module")
def fit(small):
    return scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)


def profile_of(fit, fixed, free, value):
    """Highest log-likelihood where one of lambda0 and sigma has a value, up to a constant.

    With constant density the best is D = n / A, A the effective sampling area, so that
    log L = sum log(L_i / D) + n log(n / A) - n there.
    """
    n = fit.survey.n_individuals

    def loss(other):
        theta = np.zeros(3)
        theta[fixed], theta[free] = value, other
        log_animal, area, _ = every_term(fit.problem, theta)
        return -(log_animal.sum() - n * np.log(area[0]))

    centre, se = fit.point[free], np.sqrt(fit.vcov[free, free])
    found = minimize_scalar(loss, bounds=(centre - 8 * se, centre + 8 * se), method="bounded",
                            options={"xatol": 1e-8})  # fmt: skip
    return -found.fun


@pytest.mark.parametrize(("fixed", "free"), [(1, 2), (2, 1)])
def test_profile__limits_are_those_of_a_dense_grid(fit, fixed, free):
    name = fit.coefficient_names[fixed]
    estimate, se = fit.point[fixed], np.sqrt(fit.vcov[fixed, fixed])
    highest = profile_of(fit, fixed, free, estimate)

    found = fit.profile(name)

    for limit, sign in ((found.loc[name, "lower"], -1), (found.loc[name, "upper"], 1)):
        grid = estimate + sign * se * np.linspace(1.4, 2.8, 57)
        fall = [2 * (highest - profile_of(fit, fixed, free, value)) for value in grid]
        crossing = np.interp(chi2.ppf(0.95, 1), fall, sign * grid) * sign
        assert limit == pytest.approx(crossing, abs=2e-3 * se)
    assert found.loc[name, "estimate"] == estimate


def test_profile__of_all_coefficients_and_narrower_at_a_lower_level(fit):
    wide, narrow = fit.profile(), fit.profile(level=0.5)
    assert list(wide.index) == list(fit.coefficient_names)
    assert (wide["lower"] < narrow["lower"]).all()
    assert (narrow["upper"] < wide["upper"]).all()
    # Close to the normal limits where the likelihood is close to normal.
    inside = fit.coefficients[["lower", "upper"]].to_numpy()
    se = fit.coefficients["se"].to_numpy()[:, None]
    assert np.abs((wide[["lower", "upper"]] - inside) / se).max().max() < 0.6


def test_profile__has_no_limit_where_the_data_set_none(small):
    survey, mask = small
    (session,) = survey.sessions
    seen = np.isin(np.arange(len(session.traps)), session.captures.trap)
    idle = np.flatnonzero(~seen) if (~seen).any() else np.array([0])
    captures = session.captures
    if seen.all():
        kept = captures.trap != 0
        captures = replace(
            captures,
            **{name: getattr(captures, name)[kept] for name in ("individual", "occasion", "trap",
                                                                "count")},
        )  # fmt: skip
    kind = np.where(np.arange(len(session.traps)) == idle[0], "idle", "a usual one")
    traps = replace(session.traps, covariates=pd.DataFrame({"kind": kind}))
    other = replace(survey, sessions=(replace(session, traps=traps, captures=captures),))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # which is the point
        fit = scr.fit_mle(other, mask, scr.ModelSpec(lambda0="~ kind"), check_mask=False)

    found = fit.profile("lambda0.kind[T.idle]")

    assert found["lower"].iloc[0] == -np.inf
    assert np.isfinite(found["upper"].iloc[0])


def test_profile__refuses_what_it_cannot_do(fit, small):
    with pytest.raises(FitError, match="'lambda0': no such coefficient"):
        fit.profile("lambda0")
    with pytest.raises(FitError, match="level is 95"):
        fit.profile(level=95)
    drawn = scr.fit_laplace(*small, scr.ModelSpec(), draws=100, check_mask=False)
    with pytest.raises(FitError, match="fit_mle"):
        drawn.profile()
    lower = replace(fit, log_likelihood=fit.log_likelihood - 1.0)
    with pytest.raises(FitError, match="not the maximum"):
        lower.profile("sigma.Intercept", level=0.05)
