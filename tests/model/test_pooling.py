"""Formulas that pool sessions: how they are read, what is refused, the columns, the prior."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import halfnorm, norm, truncnorm
from scipy.stats import t as student

from scr.errors import FormulaError
from scr.model.formula import make_terms, pools_sessions, variables
from scr.model.joint_prior import JointPrior
from scr.model.pooling import Pool, pools_of
from scr.model.priors import Normal, StudentT
from scr.model.spec import ModelSpec

TABLE = pd.DataFrame(
    {
        "session": ["b", "b", "a", "a", "c", "c"],
        "forest": [0.1, 0.5, 0.2, 0.9, 0.4, 0.3],
        "year": [1.0, 1.0, 2.0, 2.0, 3.0, 3.0],
        "side": ["east", "east", "west", "west", "north", "north"],
    }
)
POOLED = ("session_sd", "session[a]", "session[b]", "session[c]")


@pytest.mark.parametrize(
    ("formula", "others"),
    [
        ("~ (1 | session)", ("Intercept",)),
        ("~ 1 + (1|session)", ("Intercept",)),
        ("~ forest + (1 | session)", ("Intercept", "forest")),
        ("~ (1 | session) + forest", ("Intercept", "forest")),
        ("~ forest + (1 | session) + year", ("Intercept", "forest", "year")),
        ("~ 0 + I(1 + 0 * forest) + (1 | session)", ("I(1 + 0 * forest)",)),
    ],
)
def test_make_terms__puts_pooled_sessions_after_the_other_terms(formula, others):
    terms = make_terms(formula, "density", TABLE)
    assert terms.names == (*others, *POOLED)
    labels = TABLE["session"].to_numpy()[:, None] == np.array(["a", "b", "c"])
    assert np.array_equal(terms.columns[:, len(others) :], np.hstack([np.zeros((6, 1)), labels]))
    again = terms.on(TABLE.iloc[[4, 0]])
    assert np.array_equal(again, terms.columns[[4, 0]])
    assert pools_sessions(formula, "density")
    assert "session" in variables(formula, "density")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("~ (1 | trap)", "pooled over sessions"),
        ("~ (forest | session)", "slopes and other groups cannot"),
        ("~ (1 + forest | session)", "slopes and other groups cannot"),
        ("~ (0 | session)", "pooled over sessions"),
        ("~ 1 | session", "pooled over sessions"),
        ("~ (1 || session)", "more than one |"),
        ("~ (1 | session) + (1 | session)", "more than one |"),
        ("~ forest:(1 | session)", "within another term"),
        ("~ forest - (1 | session)", "within another term"),
        ("~ (1 | session):forest", "within another term"),
        ("~ ((1 | session))", "within another term"),
        ("~ I((1 | session))", "within another term"),
        ("~ 0 + forest + (1 | session)", "without a constant"),
        ("~ (1 | session) - 1", "at least one term"),
        ("~ session + (1 | session)", "leave out one of the two"),
        ("~ side + (1 | session)", "a value of its own"),
        ("~ year + I(year**2) + (1 | session)", "a value of its own"),
        ("~ f(1 | session)", "within another term"),
    ],
)
def test_make_terms__refuses_what_cannot_be_pooled(formula, told):
    with pytest.raises(FormulaError, match=told.replace("|", r"\|")):
        make_terms(formula, "density", TABLE)


def test_make_terms__refuses_one_session_and_sessions_that_are_not_of_the_fit():
    with pytest.raises(FormulaError, match="there is one session"):
        make_terms("~ (1 | session)", "density", TABLE.iloc[:2])
    terms = make_terms("~ (1 | session)", "density", TABLE)
    with pytest.raises(FormulaError, match="'d' is not among those of the fit"):
        terms.on(pd.DataFrame({"session": ["a", "d"]}))
    with pytest.raises(FormulaError, match="another name"):
        make_terms("~ session_sd + (1 | session)", "density", TABLE.assign(session_sd=TABLE.forest))


def test_model_spec__names_what_is_pooled_and_refuses_latent_groups_beside_it():
    spec = ModelSpec(density="~ (1 | session)", lambda0="~ sex", sigma="~ sex + (1 | session)")
    assert spec.pooled == ("density", "sigma")
    assert ModelSpec().pooled == ()
    with pytest.raises(FormulaError, match="cannot be fitted together yet"):
        ModelSpec(density="~ (1 | session)", lambda0="~ h2")
    with pytest.raises(FormulaError, match="cannot be fitted together yet"):
        ModelSpec(lambda0="~ individual + (1 | session)")


def test_pools_of__finds_the_places_of_standard_deviations_and_effects():
    names = ("density.Intercept", "density.session_sd", "density.session[a]", "density.session[b]")
    blocks = {"density": slice(0, 4), "sigma": slice(4, 5)}
    assert pools_of(blocks, (*names, "sigma.Intercept")) == (Pool("density", 1, slice(2, 4)),)


@pytest.mark.parametrize(
    ("record", "of_sd"),
    [
        (Normal(0.0, 0.7), halfnorm(scale=0.7)),
        (Normal(0.4, 0.2), truncnorm(-2.0, np.inf, loc=0.4, scale=0.2)),
        (StudentT(0.0, 0.7, 3.0), None),
    ],
)
def test_joint_prior__has_effects_normal_about_zero_with_their_standard_deviation(record, of_sd):
    prior = JointPrior(
        ("a.Intercept", "a.session_sd", "a.session[x]", "a.session[y]"),
        np.eye(4),
        (Normal(1.0, 2.0), record, Normal(0.0, 1.0), Normal(0.0, 1.0)),
        ("level", "sd", "pooled", "pooled"),
        (Pool("a", 1, slice(2, 4)),),
    )
    theta = np.array([[0.3, 0.6, -0.4, 1.1], [0.3, 0.05, -0.4, 0.0], [0.3, -0.6, 0.1, 0.2]])
    expected = norm(1.0, 2.0).logpdf(theta[:2, 0])
    expected += norm.logpdf(theta[:2, 2:], 0.0, theta[:2, 1:2]).sum(axis=1)
    expected += (
        np.log(2.0) + student(3.0, 0.0, 0.7).logpdf(theta[:2, 1])
        if of_sd is None
        else of_sd.logpdf(theta[:2, 1])
    )
    assert prior.log_density(theta)[:2] == pytest.approx(expected, rel=1e-12)
    assert prior.log_density(theta)[2] == -np.inf
    step = 1e-6 * np.eye(4)
    rise = prior.log_density(theta[0] + step) - prior.log_density(theta[0] - step)
    assert prior.gradient(theta[0]) == pytest.approx(rise / 2e-6, abs=1e-7)
    assert set(prior.marginals()) == {"a.Intercept", "a.session_sd"}
