import warnings
from dataclasses import replace

import distance
import numpy as np
import pandas as pd
import pytest

import scr
from scr.errors import FitError, FormulaError, MaskError
from scr.fit.starting import starting_values
from scr.likelihood import reference
from scr.likelihood.centres import detectability
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.travel import UNREACHABLE, away_from_traps
from scr.posterior.place import place_of
from scr.posterior.responses import covariate_responses
from scr.posterior.support import support_of
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage
from trap_layouts.exposure import exposure

SPEC = scr.ModelSpec(distance="~ slope")
TRUTH = {
    "density.Intercept": 0.8,
    "lambda0.Intercept": -1.3,
    "sigma.Intercept": 7.0,
    "distance.slope": 0.7,
}


def planned(detector="proximity"):
    x, y = np.meshgrid(np.arange(4) * 1200.0, np.arange(4) * 1200.0)
    xy = np.stack([x.ravel() + 40, y.ravel() + 70], axis=1)
    traps = scr.Traps(names=[f"T{k:02d}" for k in range(16)], xy=xy, crs="local")
    survey = plan_survey(traps, Usage(np.ones((16, 6))), detector=detector)
    mask = scr.build_mask(traps, buffer=3000, spacing=600)
    rng = np.random.default_rng(1)
    slope = np.sin(mask.xy[:, 0] / 1300) + np.cos(mask.xy[:, 1] / 900)
    cover = np.where(rng.random(len(mask)) < 0.5, "open", "thick").astype(object)
    mask = mask.with_covariate("slope", slope + 0.3 * rng.normal(size=len(mask)))
    return survey, mask.with_covariate("cover", cover)


def simulated(seed=2, detector="proximity"):
    survey, mask = planned(detector)
    return scr.simulate_survey(survey, mask, SPEC, coefficients=TRUTH, seed=seed)[0], mask


def at_lengths(problem, theta):
    """The waist with the distances that the coefficients give, for the plain likelihood."""
    design, arrays = problem.design, problem.design.arrays(theta)
    sessions = tuple(
        replace(data, distance=np.minimum(grid.lengths(r), UNREACHABLE))
        for data, grid, r in zip(
            problem.sessions, design.path_grids, arrays.resistance, strict=True
        )
    )
    return sessions, arrays


def test_names__slopes_alone_after_the_other_coefficients():
    survey, mask = simulated()
    assert SPEC.coefficient_names(survey, mask)[-1] == "distance.slope"
    both = replace(SPEC, distance="~ slope + cover")
    names = both.coefficient_names(survey, mask)
    assert sorted(names[-2:]) == ["distance.cover[T.thick]", "distance.slope"]


def test_likelihood__is_the_plain_one_with_these_lengths_and_its_gradient_that_of_differences():
    survey, mask = simulated()
    problem = build_problem(survey, mask, SPEC)
    for alpha in (-0.4, 0.0, 0.63):
        theta = np.array([0.8, -1.3, 7.0, alpha])
        value, gradient = value_and_gradient(problem, theta)
        plain = reference.log_likelihood(*at_lengths(problem, theta), SPEC.family)
        assert value == pytest.approx(plain, rel=1e-9)
        for j in range(4):
            step = np.zeros(4)
            step[j] = 1e-6
            slope = (
                value_and_gradient(problem, theta + step)[0]
                - value_and_gradient(problem, theta - step)[0]
            ) / 2e-6
            if alpha == 0.0 and j == 3:  # where many paths are equally short, one-sided slopes
                continue
            assert gradient[j] == pytest.approx(slope, rel=1e-5, abs=1e-4)


def test_likelihood__without_resistance_it_is_that_of_the_paths_of_the_grid():
    survey, mask = simulated()
    problem = build_problem(survey, mask, SPEC)
    fixed = problem.sessions[0].distance
    straight = build_problem(survey, mask, scr.ModelSpec())
    theta = np.array([0.8, -1.3, 7.0])
    on_grid = reference.log_likelihood(
        (replace(straight.sessions[0], distance=fixed),),
        straight.design.arrays(theta),
        SPEC.family,
    )
    assert value_and_gradient(problem, np.append(theta, 0.0))[0] == pytest.approx(on_grid)


def test_simulate_survey__animals_at_each_station_are_as_many_as_the_likelihood_expects():
    survey, mask = planned()
    n, at = 40, np.zeros(16)
    for seed in range(n):
        drawn, _ = scr.simulate_survey(survey, mask, SPEC, coefficients=TRUTH, seed=seed)
        captures = drawn.sessions[0].captures
        pairs = np.unique(np.stack([captures.individual, captures.trap]), axis=1)
        at += np.bincount(pairs[1], minlength=16)
    problem = build_problem(drawn, mask, SPEC)
    theta = np.array(list(TRUTH.values()))
    arrays = problem.design.arrays(theta)
    away = away_from_traps(problem.design, arrays, 0, np.arange(len(mask)))
    p = -np.expm1(-6 * np.exp(-1.3) * np.exp(-(away**2) / (2 * np.exp(7.0) ** 2)))
    expected = n * (np.exp(0.8) * mask.cell_area) @ p
    assert at == pytest.approx(expected, abs=4.5 * np.sqrt(expected.max()))


def test_fits__find_the_coefficient_and_all_that_follows_uses_these_distances(tmp_path):
    survey, mask = simulated()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        fit = scr.fit_mle(survey, mask, SPEC, check_mask=False)
    se = np.sqrt(np.diag(fit.vcov))
    assert (np.abs(fit.point - list(TRUTH.values())) < 3.5 * se).all()
    fit.save(tmp_path / "fit.nc")
    assert scr.load_fit(tmp_path / "fit.nc").log_likelihood == fit.log_likelihood

    sessions, arrays = at_lengths(fit.problem, fit.point)
    p_dot = reference.p_dot(sessions[0], arrays, SPEC.family)[0]
    assert detectability(fit.problem, fit.point)[0][0] == pytest.approx(p_dot, rel=1e-8)
    place = place_of(fit)
    assert support_of(fit, place, place.mask)["p_dot"].to_numpy() == pytest.approx(p_dot, rel=1e-8)
    planned_hazard = exposure(fit.problem.design, fit.point, n_occasions=6).detectability[0]
    assert planned_hazard == pytest.approx(p_dot, rel=1e-8)
    response = covariate_responses(fit, "distance").of[0].table
    expected = np.exp(fit.point[3] * response["value"])
    assert response["median"].to_numpy() == pytest.approx(expected.to_numpy())
    found = scr.check_fit(fit, draws=50, seed=2)
    assert found.table["p_value"].between(0, 1).all()


def test_starting_values__resistance_starts_at_1():
    survey, mask = simulated()
    problem = build_problem(survey, mask, SPEC)
    start = starting_values(problem.design, lambda theta: value_and_gradient(problem, theta))
    assert start[3] == 0.0


def test_refusals__say_what_formula_mask_or_engine_would_do():
    survey, mask = simulated()
    for formula, words in {
        "~ 1": "has no covariate",
        "~ 0 + cover": "larger sigma",
        "~ slope + (1 | session)": "session",
        "~ sex": "sex",
    }.items():
        with pytest.raises(FormulaError, match=words):
            scr.ModelSpec(distance=formula).coefficient_names(survey, mask)
    with pytest.raises(MaskError, match="lattice"):
        scr.log_likelihood(survey, replace(mask, spacing=None), SPEC, coefficients=TRUTH)
    with pytest.raises(FormulaError, match="PyMC model does not hold"):
        scr.build_pymc_model(survey, mask, SPEC)
    with pytest.raises(FitError, match="pymc"):
        scr.fit_nuts(survey, mask, SPEC, seed=1, sampler="pymc")


def test_page__shows_the_recorded_studies_in_which_every_coefficient_is_recovered(
    tmp_path, monkeypatch
):
    of_barrier, of_resistance = map(pd.read_csv, (distance.RESULTS, distance.OF_RESISTANCE))
    monkeypatch.setattr(distance, "PAGE", tmp_path / "page.md")
    recorded = (distance.FOLDER / "distance.md").read_text(encoding="utf-8")
    distance.write_page(of_barrier, of_resistance)
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == recorded
    for results, name, truth in (
        (of_barrier, "round the lake", distance.TRUTH),
        (of_resistance, "least cost", distance.OVER_SLOPES),
    ):
        rows = results[results["distances"] == name]
        for coefficient, true in truth.items():
            off = rows[coefficient].mean() - true
            assert abs(off) < 3.5 * rows[coefficient].std() / np.sqrt(len(rows))


@pytest.mark.parametrize(
    ("detector", "lambda0"),
    [("multi", "~ 1"), ("multi", "~ b"), ("proximity", "~ bk"), ("count", "~ h2")],
)
def test_likelihood__gradient_through_contests_responses_and_latent_groups(detector, lambda0):
    survey, mask = simulated(detector=detector)
    spec = replace(SPEC, lambda0=lambda0)
    problem = build_problem(survey, mask, spec)
    names = problem.design.coefficient_names
    theta = np.array([TRUTH.get(name, 0.4) for name in names])
    theta[-1] = 0.63
    value, gradient = value_and_gradient(problem, theta)
    plain = reference.log_likelihood(*at_lengths(problem, theta), spec.family)
    assert value == pytest.approx(plain, rel=1e-9)
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-6
        above, below = (value_and_gradient(problem, theta + s * step)[0] for s in (1, -1))
        assert gradient[j] == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-4)
