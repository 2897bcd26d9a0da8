"""Smooth terms: how they are read, what is refused, their columns, spectrum and prior."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
from scipy.integrate import quad
from scipy.interpolate import CubicSpline, RBFInterpolator
from scipy.stats import halfnorm, norm

from scr.errors import FormulaError
from scr.model.formula import make_terms, smooths_of, variables
from scr.model.joint_prior import JointPrior
from scr.model.labels import Label, coefficient_in_words
from scr.model.pooling import Pool, pools_of
from scr.model.priors import Normal
from scr.model.smooth_text import SmoothText
from scr.model.spec import ModelSpec
from scr.model.spectrum import Spectrum

RNG = np.random.default_rng(5)
_X, _Y = (axis.ravel() for axis in np.meshgrid(np.arange(12) * 500.0, np.arange(9) * 500.0))
TABLE = pd.DataFrame(
    {
        "x": _X + 400_000.0,
        "y": _Y + 5_000_000.0,
        "forest": RNG.uniform(0.0, 1.0, len(_X)),
        "tree cover": RNG.uniform(0.0, 100.0, len(_X)),
        "few": np.arange(len(_X)) % 4 * 1.0,
        "same": 3.0,
        "gaps": np.where(np.arange(len(_X)) == 7, np.nan, RNG.uniform(size=len(_X))),
        "land": np.where(_X > 2000, "wood", "field"),
        "session": np.where(np.arange(len(_X)) % 2, "a", "b"),
    }
)
TABLE["double"] = 2.0 * TABLE["forest"] + 7.0


@pytest.mark.parametrize(
    ("formula", "fixed", "found"),
    [
        ("~ s(forest)", ["Intercept", "s(forest)[forest]"], ("s", ("forest",), 10)),
        (
            "~ forest + s(x, y, k=12)",
            ["Intercept", "forest", "s(x, y)[x]", "s(x, y)[y]"],
            ("s", ("x", "y"), 12),
        ),
        ("~ gp(x, y) + forest", ["Intercept", "forest"], ("gp", ("x", "y"), 30)),
        ("~ gp(`tree cover`, k=6)", ["Intercept"], ("gp", ("tree cover",), 6)),
        ("~ forest + s(few, k=5) - forest", ["Intercept"], None),
    ],
)
def test_make_terms__puts_effects_of_smooths_last(formula, fixed, found):
    if found is None:
        with pytest.raises(FormulaError, match="number of different values of few is 4"):
            make_terms(formula, "density", TABLE)
        return
    terms = make_terms(formula, "density", TABLE)
    text = SmoothText(*found)
    assert smooths_of(formula, "density") == (text,)
    assert set(text.covariates) <= variables(formula, "density")
    spread = ["sd"] if text.kind == "s" else ["sd", "log_length"]
    n = text.size - 1 - len(text.covariates) if text.kind == "s" else text.size
    effects = [f"{text.name}[{what}]" for what in (*spread, *(f"basis {j + 1}" for j in range(n)))]
    assert terms.names == (*fixed, *effects)
    assert not terms.columns[:, len(fixed) : len(fixed) + len(spread)].any()
    of_effects = terms.columns[:, len(fixed) + len(spread) :]
    assert np.abs(of_effects.mean(axis=0)).max() < 1e-9
    assert np.allclose(terms.on(TABLE.iloc[[5, 2]]), terms.columns[[5, 2]], rtol=1e-9, atol=1e-12)


def test_make_terms__takes_pooled_sessions_beside_smooths():
    terms = make_terms("~ (1 | session) + s(forest, k=6) + gp(x, y, k=8)", "density", TABLE)
    blocks = {"density": slice(0, len(terms.names))}
    names = [f"density.{name}" for name in terms.names]
    spectra = {smooth.text.name: smooth.spectrum for smooth in terms.smooths}
    of_sessions, of_spline, of_process = pools_of(blocks, names, spectra)
    assert names[of_sessions.sd] == "density.session_sd"
    assert names[of_sessions.effects] == ["density.session[a]", "density.session[b]"]
    assert names[of_spline.sd] == "density.s(forest)[sd]"
    assert len(names[of_spline.effects]) == 4
    assert names[of_process.length] == "density.gp(x, y)[log_length]"
    assert of_process.effects.stop == len(names)
    assert of_process.in_metres
    assert not of_spline.in_metres


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("~ s(log(forest))", "takes the names of one or two columns"),
        ("~ s(forest, 5)", "takes the names of one or two columns"),
        ("~ s(forest, k=5.5)", "takes the names of one or two columns"),
        ("~ s(k=5)", "of one column, or of two different ones"),
        ("~ s()", "takes the names of one or two columns"),
        ("~ s(x, y, forest)", "of one column, or of two different ones"),
        ("~ s(x, x)", "of one column, or of two different ones"),
        ("~ s(forest, k=400)", "goes from 5 to 60"),
        ("~ s(x, y, k=5)", "goes from 8 to 60"),
        ("~ s(forest", "does not close it"),
        ("~ s(forest):land", "within another term"),
        ("~ land * s(forest)", "within another term"),
        ("~ I(s(forest))", "within another term"),
        ("~ forest - s(forest)", "within another term"),
        ("~ s(forest) + s(forest, k=6)", "s(forest) twice"),
        ("~ 0 + s(forest)", "at least one term"),
        ("~ 0 + x + s(forest)", "without a constant"),
        ("~ s(forest) - 1", "at least one term"),
        ("~ forest + s(forest)", "follows from forest"),
        ("~ s(few)", "Write a smaller k"),
        ("~ s(same)", "same is 3 in all 108 rows"),
        ("~ s(gaps)", "gaps is missing in 1 of 108 rows"),
        ("~ s(land)", "land is not a number, such as 'field'"),
        ("~ s(forest, double)", "lie on one line"),
        ("~ gp(x, forest)", "they can be x and y, in metres"),
        ("~ s(forrest)", "forrest"),
        ("~ s(__import__('os'))", "takes the names of one or two columns"),
    ],
)
def test_make_terms__refuses_what_is_no_smooth(formula, told):
    with pytest.raises(FormulaError) as error:
        make_terms(formula, "density", TABLE)
    assert told in str(error.value)


def test_make_terms__has_smooths_of_density_alone():
    with pytest.raises(FormulaError, match=r"of density alone; write poly\(forest, 2\)"):
        make_terms("~ s(forest)", "lambda0", TABLE)
    with pytest.raises(FormulaError, match="cannot be the name of a function"):
        ModelSpec(density="~ s(x)", transforms={"s": np.sin})
    with pytest.raises(FormulaError, match="cannot be fitted together yet"):
        ModelSpec(density="~ s(x, y)", lambda0="~ h2")


@pytest.mark.parametrize("covariates", [("forest",), ("x", "y"), ("forest", "tree cover")])
def test_spline__spans_the_thin_plate_splines_of_its_knots(covariates):
    """Any interpolant of scipy through values at the knots is a sum of the columns."""
    written = ", ".join(f"`{name}`" for name in covariates)
    terms = make_terms(f"~ s({written}, k=11)", "density", TABLE)
    (smooth,) = terms.smooths
    places = (TABLE[list(covariates)].to_numpy() - smooth.centre) / smooth.scale
    values = np.random.default_rng(1).standard_normal(len(smooth.knots))
    if len(covariates) == 1:
        knots = smooth.knots[:, 0]
        expected = CubicSpline(knots, values, bc_type="natural")(places[:, 0])
    else:
        kernel = "thin_plate_spline"
        expected = RBFInterpolator(smooth.knots, values, kernel=kernel, degree=1)(places)
    columns = np.delete(terms.columns, terms.names.index(f"{smooth.text.name}[sd]"), axis=1)
    found = columns @ np.linalg.lstsq(columns, expected, rcond=None)[0]
    assert found == pytest.approx(expected, abs=1e-7)


def test_spline__has_a_penalty_that_is_its_roughness():
    """The squared effects of a cubic spline are the integral of its squared second derivative."""
    terms = make_terms("~ s(forest, k=9)", "density", TABLE)
    (smooth,) = terms.smooths
    effects = np.random.default_rng(2).standard_normal(7)

    def curve(u):
        table = pd.DataFrame({"forest": smooth.centre[0] + smooth.scale[0] * np.asarray(u)})
        return smooth.wiggly(table, None) @ effects

    ends = smooth.knots[0, 0], smooth.knots[-1, 0]
    natural = CubicSpline(smooth.knots[:, 0], curve(smooth.knots[:, 0]), bc_type="natural")
    fine = np.linspace(*ends, 50)
    assert curve(fine) == pytest.approx(natural(fine), abs=1e-9)
    rough = sum(
        quad(lambda u: float(natural(u, 2)) ** 2, low, high)[0]
        for low, high in zip(smooth.knots[:-1, 0], smooth.knots[1:, 0], strict=True)
    )
    other = np.random.default_rng(3).standard_normal(7)
    natural_other = CubicSpline(
        smooth.knots[:, 0],
        smooth.wiggly(
            pd.DataFrame({"forest": smooth.centre[0] + smooth.scale[0] * smooth.knots[:, 0]}), None
        )
        @ other,
        bc_type="natural",
    )
    rough_other = sum(
        quad(lambda u: float(natural_other(u, 2)) ** 2, low, high)[0]
        for low, high in zip(smooth.knots[:-1, 0], smooth.knots[1:, 0], strict=True)
    )
    assert rough / rough_other == pytest.approx((effects @ effects) / (other @ other), rel=1e-6)


def test_spline__has_effects_of_size_one_apart_from_lines_and_planes():
    for formula in ("~ s(forest)", "~ s(x, y)"):
        terms = make_terms(formula, "density", TABLE)
        (smooth,) = terms.smooths
        wiggly, straight = smooth.wiggly(TABLE, None), smooth.straight(TABLE, None)
        assert (wiggly**2).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-9)
        assert np.abs(straight.T @ wiggly).max() < 1e-8
        assert straight.mean(axis=0) == pytest.approx(0.0, abs=1e-9)


def test_spline__goes_on_straight_beyond_its_cells():
    terms = make_terms("~ s(forest)", "density", TABLE)
    beyond = terms.on(pd.DataFrame({"forest": [2.0, 3.0, 4.0]}))
    assert beyond[1] - beyond[0] == pytest.approx(beyond[2] - beyond[1], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("covariates", [("forest",), ("x", "y")])
def test_process__is_the_approximation_of_pymc(covariates):
    terms = make_terms(f"~ gp({', '.join(covariates)}, k=20)", "density", TABLE)
    (smooth,) = terms.smooths
    places = TABLE[list(covariates)].to_numpy() - smooth.centre
    m = [int(n) for n in smooth.waves.max(axis=0)]
    length = 0.8 * smooth.spectrum.typical
    cov = pm.gp.cov.Matern52(len(covariates), ls=length)
    process = pm.gp.HSGP(m=m, L=smooth.half.tolist(), cov_func=cov)
    process._X_center = np.zeros((1, len(covariates)))  # our places are centred already
    functions, root = (part.eval() for part in process.prior_linearized(places))
    # Those of ours, in our order, among all of its.
    sides = [np.arange(1, n + 1) for n in m]
    every = np.array([axis.ravel() for axis in np.meshgrid(*sides)]).T
    order = [int(np.flatnonzero((every == wave).all(axis=1))[0]) for wave in smooth.waves]
    ours = smooth.wiggly(TABLE, None) + smooth.mean
    volume = smooth.half.prod()
    assert np.abs(ours) == pytest.approx(np.abs(functions[:, order]) * np.sqrt(volume), abs=1e-7)
    variance = np.exp(smooth.spectrum.log_variance(np.log(length)))
    assert variance * volume == pytest.approx(root[order] ** 2, rel=1e-6)


def test_process__refuses_ground_that_it_was_not_made_for():
    terms = make_terms("~ gp(x, y)", "density", TABLE)
    near = TABLE.assign(x=TABLE.x + 1500.0)
    assert np.isfinite(terms.on(near)).all()
    with pytest.raises(FormulaError, match="lie beyond the ground that it was made for"):
        terms.on(TABLE.assign(x=TABLE.x + 9000.0))


def test_spectrum__sums_to_the_variance_and_has_the_slope_of_its_value():
    half = np.array([40.0])
    frequency = np.pi * np.arange(1, 400) / (2 * half)
    spectrum = Spectrum(frequency**2, 1, half[0], 1.0)
    for length in (0.8, 2.0):
        # At the middle of a wide box every other sine is 1, so that variances sum to 1.
        total = np.exp(spectrum.log_variance(np.log(length)))[::2].sum()
        assert total == pytest.approx(1.0, abs=1e-3)
        step = 1e-5
        rise = spectrum.log_variance(np.log(length) + step) - spectrum.log_variance(
            np.log(length) - step
        )
        assert spectrum.slope(np.log(length)) == pytest.approx(rise / 2e-5, abs=1e-6)


def test_joint_prior__has_effects_by_the_spectrum_of_their_length():
    spectrum = Spectrum(np.array([0.3, 1.7, 2.2]), 2, 1.5, 1.0)
    pool = Pool("density", 1, slice(3, 6), 2, spectrum, "gp(x, y)")
    names = ("level", "sd", "length", "b1", "b2", "b3")
    records = (Normal(1.0, 2.0), Normal(0.0, 1.0), Normal(0.2, 0.5), *[Normal(0.0, 1.0)] * 3)
    kinds = ("level", "sd", "length", "pooled", "pooled", "pooled")
    prior = JointPrior(names, np.eye(6), records, kinds, (pool,))
    theta = np.array([0.4, 0.7, -0.3, 0.2, -0.5, 0.1])
    sd = 0.7 * np.exp(0.5 * spectrum.log_variance(-0.3))
    expected = norm(1.0, 2.0).logpdf(0.4) + halfnorm.logpdf(0.7) + norm(0.2, 0.5).logpdf(-0.3)
    expected += norm.logpdf(theta[3:], 0.0, sd).sum()
    assert float(prior.log_density(theta)) == pytest.approx(expected, rel=1e-12)
    step = 1e-6 * np.eye(6)
    rise = prior.log_density(theta + step) - prior.log_density(theta - step)
    assert prior.gradient(theta) == pytest.approx(rise / 2e-6, abs=1e-7)
    assert set(prior.marginals()) == {"level", "sd", "length"}


def test_coefficient_in_words__names_parts_of_a_smooth():
    labels = {"forest": Label("Forest cover", "%")}
    said = {
        "density.s(forest)[forest]": "Density: Forest cover, straight part of s(forest)",
        "density.s(x, y)[sd]": "Density: sd of s(x, y)",
        "density.gp(x, y)[log_length]": "Density: log length of gp(x, y)",
        "density.gp(x, y)[basis 3]": "Density: gp(x, y), basis 3",
    }
    assert {name: coefficient_in_words(name, labels) for name in said} == said
