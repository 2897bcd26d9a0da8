import numpy as np
import pandas as pd
import pytest

import scr
from scr.errors import FormulaError
from scr.model.classes import Classes, log_share
from scr.simulate.surveys import plan_survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

REFUSED = {
    "both": ({"lambda0": "~ h2", "sigma": "~ h3"}, "both h2 and h3"),
    "density": ({"density": "~ h2"}, "density, '~ h2', names h2, which nobody can see"),
    "density of animals": ({"density": "~ individual"}, "names individual, which nobody can see"),
    "share": ({"lambda0": "~ sex", "share": "~ h2"}, "share, '~ h2', names h2"),
    "pmix": ({"lambda0": "~ h2", "pmix": "~ h2"}, "pmix, '~ h2', names h2"),
    "sigma": ({"sigma": "~ individual"}, "an effect of each animal on lambda0 or g0 alone"),
    "nodes": ({"lambda0": "~ individual", "nodes": 10}, "nodes=10, but"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_model_spec__refuses_latent_names_where_they_cannot_stand(name):
    formulas, words = REFUSED[name]
    with pytest.raises(FormulaError, match=words):
        scr.ModelSpec(**formulas)


@pytest.fixture
def survey():
    traps = Traps(
        names=["A", "B", "C"],
        xy=np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]]),
        crs="local",
        covariates=pd.DataFrame({"h2": [0.0, 1.0, 2.0], "lure": [1.0, 0.0, 2.0]}),
    )
    return plan_survey(traps, Usage(np.ones((3, 4))))


@pytest.fixture
def mask(survey):
    return scr.build_mask(survey.sessions[0].traps, buffer=3000, spacing=500)


def test_build_design__refuses_a_covariate_with_the_name_of_a_group(survey, mask):
    with pytest.raises(FormulaError, match="both have h2"):
        scr.ModelSpec(lambda0="~ h2").coefficient_names(survey, mask)


@pytest.mark.parametrize("formula", ["~ lure * individual", "~ I(individual**2)"])
def test_build_design__refuses_an_effect_within_another_term(survey, mask, formula):
    with pytest.raises(FormulaError, match="a term by itself"):
        scr.ModelSpec(lambda0=formula).coefficient_names(survey, mask)


def test_coefficient_names__of_groups_and_effects(survey, mask):
    names = scr.ModelSpec(lambda0="~ h3 + individual", sigma="~ h3").coefficient_names(survey, mask)
    assert names == (
        "density.Intercept",
        "lambda0.Intercept",
        "lambda0.h3[T.2]",
        "lambda0.h3[T.3]",
        "lambda0.individual",
        "sigma.Intercept",
        "sigma.h3[T.2]",
        "sigma.h3[T.3]",
        "pmix.h3[2]",
        "pmix.h3[3]",
    )


def test_classes__nodes_have_the_moments_of_a_standard_normal():
    classes = Classes(n_nodes=7)
    moments = [float(classes.weights @ classes.nodes**k) for k in range(13)]
    double_factorials = [1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395]
    np.testing.assert_allclose(moments, double_factorials, atol=1e-9)
    assert classes.nodes[classes.middle[0]] == pytest.approx(0.0, abs=1e-12)


def test_log_share__is_the_product_of_shares_of_sexes_groups_and_nodes():
    classes = Classes(("F", "M"), n_groups=2, n_nodes=3)
    share = np.exp(log_share(classes.shares, np.array([0.4]), np.array([[-1.0]])))[0]
    males, second = 1 / (1 + np.exp(-0.4)), 1 / (1 + np.exp(1.0))
    expected = np.multiply.outer(
        np.multiply.outer([1 - males, males], [1 - second, second]), [1 / 6, 2 / 3, 1 / 6]
    )
    np.testing.assert_allclose(share, expected.ravel(), rtol=1e-12)
    np.testing.assert_allclose(classes.share_of_kinds(share).sum(), 1.0)
