"""One model written in different ways: the same prior, posterior, surface and draws."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.fit.log_posterior import LogPosterior
from scr.likelihood.problem import build_problem
from scr.survey.survey import Session

RELATIVE = 1e-8


@pytest.fixture(scope="module")
def places(two_sessions):
    """Two sessions about UTM coordinates, covariates near and far from zero, a factor."""
    survey, mask = two_sessions
    shift = np.array([680_000.0, 4_770_000.0])
    east, north = mask.xy.T
    z = np.sin(east / 1500) + 0.5 * np.cos(north / 900)
    other = np.cos(east / 1100 + north / 1700) + 0.5 * z
    cover = np.select([z < -0.5, z < 0.6], ["alder", "birch"], "cedar").astype(object)
    covariates = pd.DataFrame(
        {
            "z": z,
            "metres": 4200 + 300 * z,
            "km": 4.2 + 0.3 * z,
            "tiny": 1e-6 * z,
            "far": 1e8 + z,
            "w": other,
            "percent": 85 + 6 * other,
            "cover": cover,
            "dummy_birch": (cover == "birch").astype(float),
            "dummy_alder": (cover == "alder").astype(float),
        }
    )
    moved = scr.HabitatMask(
        xy=mask.xy + shift,
        cell_area=mask.cell_area,
        crs="local",
        spacing=mask.spacing,
        session=mask.session,
        bounded=True,
        covariates=covariates,
    )
    sessions = []
    for session in survey.sessions:
        traps = session.traps
        height = np.sin(traps.xy[:, 1] / 800)
        again = scr.Traps(
            names=traps.names,
            xy=traps.xy + shift,
            crs="local",
            session=traps.session,
            covariates=traps.covariates.assign(
                height=2000 + 50 * height,
                plain=height,
                new=(traps.covariates.camera == "new") * 1.0,
            ),
        )
        captures = session.captures
        sessions.append(Session(session.name, again, session.usage, captures))
    return scr.Survey(tuple(sessions)), moved


def target_of(places, **formulas):
    return LogPosterior(build_problem(*places, scr.ModelSpec(**formulas)))


def same_surfaces(one, other, u):
    """Coefficients of the other model with the linear predictors of the first, by least squares."""
    theta = one.coefficients(u)
    a, b = one.problem.design, other.problem.design
    result = np.empty(b.n_coefficients)
    for name, block in b.blocks.items():
        if name in {"density", "share"}:
            wanted, columns = a.columns(name) @ theta[a.blocks[name]], b.columns(name)
        else:
            wanted, columns = _by_row(a, name) @ theta[a.blocks[name]], _by_row(b, name)
        centre = columns.mean(axis=0) * (np.ptp(columns, axis=0) > 0)
        size = np.abs(columns - centre).max(axis=0)
        scaled = (columns - centre) / size
        found = np.linalg.lstsq(scaled, wanted, rcond=None)[0] / size
        constant = np.flatnonzero((centre == 0) & (np.ptp(columns, axis=0) == 0))
        if len(constant):
            found[constant[0]] -= centre @ found
        elif centre.any():  # levels of a factor carry the constant
            found = np.linalg.lstsq(columns, wanted, rcond=None)[0]
        result[block] = found
    return result


def _by_row(design, name):
    levels = design.intensity if name == design.spec.family.intensity_name else design.shape
    order = np.concatenate([rows.ravel() for rows in levels.of_session])
    return design.columns(name)[order]


CODINGS = {
    "unit": ("density", "~ metres", "~ km"),
    "scaled": ("density", "~ metres", "~ scale(z)"),
    "tiny": ("density", "~ tiny", "~ z"),
    "far": ("density", "~ far", "~ z"),
    "quadratic": ("density", "~ metres + I(metres**2)", "~ poly(z, 2)"),
    "products": ("density", "~ metres * percent", "~ z * w"),
    "product of scaled": ("density", "~ scale(z) * scale(w)", "~ metres * percent"),
    "reference": ("density", "~ cover", "~ dummy_alder + dummy_birch"),
    "no intercept": ("density", "~ 0 + cover", "~ cover"),
    "no intercept and a slope": ("density", "~ 0 + cover + far", "~ cover + z"),
    "places": ("density", "~ x + y", "~ scale(x) + scale(y)"),
    "trend surface": (
        "density",
        "~ x + y + I(x**2) + I(y**2) + x:y",
        "~ scale(x) * scale(y) + I(scale(x)**2) + I(scale(y)**2)",
    ),
    "sessions": ("density", "~ 0 + session", "~ session"),
    "lambda0": ("lambda0", "~ height", "~ plain"),
    "sigma": ("sigma", "~ camera * height", "~ new * plain"),
    "share": ("share", "~ 0 + session", "~ session"),
    "sex": ("sigma", "~ 0 + sex", "~ sex"),
}


@pytest.mark.parametrize("name", CODINGS)
def test_log_posterior__is_the_same_in_any_coding(places, name):
    parameter, first, second = CODINGS[name]
    fixed = {"lambda0": "~ sex"}
    # A number of 1e8 has eight digits left for what varies in it.
    relative = 1e-6 if "far" in first else RELATIVE
    one = target_of(places, **fixed | {parameter: first})
    other = target_of(places, **fixed | {parameter: second})
    rng = np.random.default_rng(4)
    level = np.zeros(one.problem.design.n_coefficients)
    for parameter_of, block in one.problem.design.blocks.items():
        place = one.coordinates.blocks[parameter_of].level
        level[block.start + place] = {"lambda0": -2.0, "sigma": 6.3}.get(parameter_of, 0.0)

    for _ in range(5):
        u = level + 0.3 * rng.standard_normal(len(level))
        theta = same_surfaces(one, other, u)

        first_prior = one.prior.log_density(one.coefficients(u))
        second_prior = other.prior.log_density(theta)
        assert second_prior == pytest.approx(first_prior, rel=relative)
        value, _ = one(u)
        again, _ = other(other.of(theta))
        assert again == pytest.approx(value, rel=relative)


@pytest.mark.parametrize("name", ["unit", "scaled", "tiny", "quadratic", "places", "lambda0"])
def test_coordinates__are_equal_where_columns_are_recoded_one_by_one(places, name):
    parameter, first, second = CODINGS[name]
    one, other = (target_of(places, **{parameter: text}) for text in (first, second))
    u = np.zeros(one.problem.design.n_coefficients)
    for parameter_of, block in one.problem.design.blocks.items():
        place = one.coordinates.blocks[parameter_of].level
        u[block.start + place] = {"lambda0": -2.0, "sigma": 6.3}.get(parameter_of, 0.0)
    u += 0.3 * np.random.default_rng(2).standard_normal(len(u))

    value, gradient = one(u)

    again, slope = other(u)
    assert again == pytest.approx(value, rel=RELATIVE)
    np.testing.assert_allclose(slope, gradient, rtol=1e-6, atol=1e-6)
    assert other.prior_inside.log_density(u) == pytest.approx(
        one.prior_inside.log_density(u), rel=RELATIVE
    )
