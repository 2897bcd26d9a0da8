"""Scales of effect: what their text means, and the columns and weights that they are made of."""

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline

from scr.errors import FormulaError
from scr.model.effect_scales import density_coefficients, density_slopes
from scr.model.formula import make_terms, variables
from scr.model.labels import Label, coefficient_in_words

LAYERS = "scale_of(forest_1000, forest_250, forest_500, forest_4000)"
METRES = np.array([250.0, 500.0, 1000.0, 4000.0])


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    columns = {f"forest_{s:.0f}": 3 + 2 * rng.standard_normal(60) for s in METRES}
    return pd.DataFrame({**columns, "slope": rng.standard_normal(60), "land": ["a", "b"] * 30})


def test_make_terms__names_slope_and_place(table):
    terms = make_terms(f"~ slope + {LAYERS}", "density", table)
    assert terms.names == (
        "Intercept",
        "slope",
        "scale_of(forest)",
        "scale_of(forest)[logit_scale]",
    )
    assert variables(f"~ {LAYERS}", "density") == set(table.columns) - {"slope", "land"}
    columns = terms.on(table)
    assert columns.shape == (60, 8)
    assert (columns[:, 2:4] == 0).all()
    layers = columns[:, 4:]
    assert layers.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert layers.std(axis=0) == pytest.approx(np.ones(4))
    assert np.array_equal(terms.on(table[:5]), columns[:5])


def test_weights__are_the_natural_cubic_spline_in_the_log_of_the_scale(table):
    (scale,) = make_terms(f"~ {LAYERS}", "density", table).scales
    logs = np.log(METRES)
    spline = CubicSpline(logs, np.eye(4), bc_type="natural")
    for metres in (250.0, 333.0, 500.0, 2718.0, 4000.0):
        t = (np.log(metres) - logs[0]) / (logs[-1] - logs[0])
        assert scale.weights(np.array(t)) == pytest.approx(spline(np.log(metres)), abs=1e-12)
        slope = spline(np.log(metres), 1) * (logs[-1] - logs[0])
        assert scale.slopes(t) == pytest.approx(slope, abs=1e-10)
        tau = np.log(t / (1 - t)) if 0 < t < 1 else np.copysign(60.0, t - 0.5)
        assert scale.metres(np.array(tau)) == pytest.approx(metres)


def test_density_coefficients__are_the_slope_by_the_weights(table):
    terms = make_terms(f"~ slope + {LAYERS}", "density", table)
    (scale,) = terms.scales
    beta = np.array([0.1, 0.2, 1.5, -0.4])
    found = density_coefficients(terms.scales, beta)
    weights = scale.weights(1 / (1 + np.exp(0.4)))
    assert found == pytest.approx(np.concatenate([beta, 1.5 * weights]))
    both = density_coefficients(terms.scales, np.array([beta, 2 * beta]))
    assert both[0] == pytest.approx(found)
    steps = 1e-6 * np.eye(4)
    rises = [
        density_coefficients(terms.scales, beta + step)
        - density_coefficients(terms.scales, beta - step)
        for step in steps
    ]
    assert density_slopes(terms.scales, beta) == pytest.approx(np.array(rises).T / 2e-6, abs=1e-8)
    far = density_coefficients(terms.scales, np.array([0.0, 0.0, 1.0, -2000.0]))
    assert far[4:] == pytest.approx([1.0, 0.0, 0.0, 0.0])


def test_scale_of__without_scales_coefficients_stay(table):
    beta = np.arange(2.0)
    assert density_coefficients((), beta) is beta
    assert make_terms("~ slope", "density", table).scales == ()


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("~ scale_of(forest_250)", "takes from 2 to 12 scales"),
        ("~ scale_of(forest)", "end in their scale in metres"),
        ("~ scale_of(forest_250, slope)", "one covariate at different scales"),
        ("~ scale_of(forest_250, slope_500)", "one covariate at different scales"),
        ("~ scale_of(forest_250, forest_250)", "one covariate at different scales"),
        ("~ scale_of(forest_250, log(forest_500))", "takes names of columns alone"),
        ("~ scale_of(forest_250, forest_500", "does not close it"),
        ("~ slope:scale_of(forest_250, forest_500)", "within another term"),
        ("~ scale_of(forest_250, forest_500) + scale_of(forest_500, forest_1000)", "twice"),
    ],
)
def test_scale_of__text_that_means_nothing_is_refused(formula, said):
    with pytest.raises(FormulaError, match=said):
        variables(formula, "density")


def test_scale_of__is_of_density_alone():
    with pytest.raises(FormulaError, match="Scales of effect are of density alone"):
        variables("~ scale_of(forest_250, forest_500)", "sigma")


def test_make_terms__refuses_layers_of_which_nothing_can_be_learnt(table):
    flat = table.assign(forest_500=2.0)
    with pytest.raises(FormulaError, match="forest_500 is the same in all 60 rows"):
        make_terms(f"~ {LAYERS}", "density", flat)
    gaps = table.assign(forest_500=np.where(np.arange(60) == 3, np.nan, 1.0))
    with pytest.raises(FormulaError, match="forest_500 is missing in 1 of 60 rows"):
        make_terms(f"~ {LAYERS}", "density", gaps)
    text = table.assign(forest_500=table["land"])
    with pytest.raises(FormulaError, match="forest_500 is not a number"):
        make_terms(f"~ {LAYERS}", "density", text)
    with pytest.raises(FormulaError, match="forest_2000"):
        make_terms("~ scale_of(forest_250, forest_2000)", "density", table)


def test_coefficient_in_words__of_a_scale():
    labels = {"forest": Label("Forest cover", "%")}
    assert coefficient_in_words("density.scale_of(forest)", labels) == (
        "Density: Forest cover at its scale of effect, per standard deviation"
    )
    assert coefficient_in_words("density.scale_of(forest)[logit_scale]", labels) == (
        "Density: Forest cover, place of its scale of effect (logit)"
    )
