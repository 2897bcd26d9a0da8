from dataclasses import replace

import numpy as np
import pytest
import shapely

import scr
from scr.errors import FormulaError, MaskError, SurveyError
from scr.likelihood import reference
from scr.likelihood.centres import detectability
from scr.likelihood.kernel.shapes import SHAPES
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.detection import DETECTION_FUNCTIONS, detection_function
from scr.model.travel import UNREACHABLE, away_from_traps
from scr.posterior.expected_counts import expected_counts
from scr.posterior.place import place_of
from scr.posterior.support import support_of
from scr.simulate.surveys import plan_survey
from scr.survey.fixes import Fixes
from scr.survey.usage import Usage

FENCE = shapely.LineString([(1600, -3000), (1600, 4000)])
TRUTH = {"density.Intercept": 1.0, "lambda0.Intercept": -1.0, "sigma.Intercept": 6.7}


def stations(n=4, gap=1000.0):
    x, y = np.meshgrid(np.arange(n) * gap, np.arange(n) * gap)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    return scr.Traps(names=[f"T{k:02d}" for k in range(n * n)], xy=xy, crs="local")


def planned(barrier=None, *, spacing=500.0, detector="proximity", n_days=5):
    traps = stations()
    survey = plan_survey(traps, Usage(np.ones((len(traps), n_days))), detector=detector)
    mask = scr.build_mask(traps, buffer=2500, spacing=spacing)
    return survey, mask if barrier is None else mask.with_barrier(barrier)


def simulated(barrier, seed=3, spec=None, **options):
    survey, mask = planned(barrier, **options)
    spec = spec or scr.ModelSpec()
    survey, truth = scr.simulate_survey(survey, mask, spec, coefficients=TRUTH, seed=seed)
    return survey, mask, truth


def test_likelihood__exactly_the_straight_line_model_where_nothing_is_in_the_way():
    survey, mask, _ = simulated(None)
    far = mask.with_barrier(shapely.box(8000, -9000, 9000, 9000))
    near = mask.with_barrier(shapely.LineString([(-2000, -2000), (-2000, -1950)]))  # hides nothing

    values = [
        value_and_gradient(build_problem(survey, m, scr.ModelSpec()), np.array([1.0, -1.0, 6.7]))
        for m in (mask, far, near)
    ]
    for value, gradient in values[1:]:
        assert value == values[0][0]
        assert (gradient == values[0][1]).all()
    # Where pairs are hidden, the others keep their distance to the last bit.
    design = build_problem(survey, mask.with_barrier(FENCE), scr.ModelSpec()).design
    straight = np.hypot(*np.moveaxis(survey.sessions[0].traps.xy[:, None] - mask.xy[None], 2, 0))
    hidden = design.distance[0] != straight
    assert 0.1 < hidden.mean() < 0.6
    assert (design.distance[0][hidden] > straight[hidden]).all()


@pytest.mark.parametrize("family", ["hazard_half_normal"])
def test_likelihood__agrees_with_the_plain_one_round_a_barrier_that_closes_cells_off(family):
    closed = shapely.box(-2500, -2500, -1200, 5500).boundary  # cells within cannot be reached
    barrier = shapely.union(FENCE, closed)
    survey, mask, _ = simulated(barrier, detector="proximity")
    spec = scr.ModelSpec(detection=family)
    problem = build_problem(survey, mask, spec)
    assert (problem.sessions[0].distance == UNREACHABLE).all(axis=0).sum() > 10
    theta = np.array([1.0, -1.0, 6.7])

    value, gradient = value_and_gradient(problem, theta)

    arrays = problem.design.arrays(theta)
    plain = reference.log_likelihood(problem.sessions, arrays, spec.family)
    assert value == pytest.approx(plain, rel=1e-9)
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-5
        slope = (
            value_and_gradient(problem, theta + step)[0]
            - value_and_gradient(problem, theta - step)[0]
        ) / 2e-5
        assert gradient[j] == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("name", DETECTION_FUNCTIONS)
def test_unreachable__no_detection_function_reaches_as_far(name):
    family = detection_function(name)
    for sigma in (10.0, 1e5):
        z = 300.0 if family.z_in_metres else 1.5
        of_shape = 0.5 if family.is_compound else 1.5
        with np.errstate(all="raise", under="ignore"):
            far = np.array([UNREACHABLE])
            assert family.k(far, sigma, 0.5 if family.is_compound else z)[0] < 1e-20
            log_k, by_sigma, by_z = SHAPES[family.shape].log_k((UNREACHABLE / sigma) ** 2, of_shape)
        assert np.exp(log_k) < 1e-15
        assert np.isfinite([by_sigma, by_z]).all()
        assert abs(np.exp(log_k) * by_sigma) < 1e-15


def test_likelihood__cells_closed_off_are_never_detected_and_add_no_gradient():
    survey, mask, _ = simulated(FENCE)
    closed = mask.with_barrier(shapely.box(-2500, -2500, -1200, 5500).boundary)
    inside = shapely.contains_xy(shapely.box(-2500, -2500, -1200, 5500), *closed.xy.T)
    theta = np.array([1.0, -1.0, 6.7])

    problem = build_problem(survey, closed, scr.ModelSpec())
    assert detectability(problem, theta)[0][0, inside].max() < 1e-250
    # A mask without these cells: the same likelihood of detections and numbers.
    keep = ~inside
    rest = replace(closed, xy=closed.xy[keep], cell_area=closed.cell_area[keep],
                   covariates=closed.covariates.loc[keep])  # fmt: skip
    value, gradient = value_and_gradient(problem, theta)
    other, of_other = value_and_gradient(build_problem(survey, rest, scr.ModelSpec()), theta)
    assert value == pytest.approx(other, rel=1e-12)
    assert gradient == pytest.approx(of_other, rel=1e-9)


def test_simulate_survey__animals_detected_are_as_many_as_the_likelihood_expects():
    # The simulator works out paths by its own call, from centres spread over their cells.
    survey, mask = planned(FENCE, spacing=250.0)
    spec, seen, n = scr.ModelSpec(), 0, 30
    at = np.zeros(16)
    for seed in range(n):
        drawn, _ = scr.simulate_survey(survey, mask, spec, coefficients=TRUTH, seed=seed)
        captures = drawn.sessions[0].captures
        seen += captures.n_individuals
        pairs = np.unique(np.stack([captures.individual, captures.trap]), axis=1)
        at += np.bincount(pairs[1], minlength=16)
    problem = build_problem(drawn, mask, spec)
    theta = np.array(list(TRUTH.values()))
    arrays = problem.design.arrays(theta)
    p_dot = reference.p_dot(problem.sessions[0], arrays, spec.family)[0]
    living = np.exp(1.0) * mask.cell_area
    assert seen == pytest.approx(n * living @ p_dot, abs=4 * np.sqrt(seen))
    away = away_from_traps(problem.design, arrays, 0, np.arange(len(mask)))
    p = -np.expm1(-5 * np.exp(-1.0) * np.exp(-(away**2) / (2 * np.exp(6.7) ** 2)))
    expected = n * living @ p
    assert at == pytest.approx(expected, abs=4.5 * np.sqrt(expected.max()))


def test_expected_counts__by_the_distances_of_the_likelihood():
    survey, mask, _ = simulated(FENCE)
    design = build_problem(survey, mask, scr.ModelSpec()).design
    arrays = design.arrays(np.array([1.0, -1.0, 6.7]))
    cells = np.array([[0, 40, 90]])
    found = expected_counts(design, arrays, 0, cells=cells, classes=np.zeros_like(cells))
    away = design.distance[0][:, cells[0]].T
    h = np.exp(-1.0) * np.exp(-(away**2) / (2 * np.exp(6.7) ** 2))
    assert found[0] == pytest.approx(5 * -np.expm1(-h), rel=1e-12)


def test_fit__maps_checks_and_file_keep_to_the_barrier(tmp_path):
    survey, mask, _ = simulated(FENCE)
    fit = scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)
    fit.save(tmp_path / "fit.nc")
    again = scr.load_fit(tmp_path / "fit.nc")
    assert again.mask.barrier.equals(mask.barrier)
    assert again.log_likelihood == fit.log_likelihood

    straight = scr.fit_mle(survey, replace(mask, barrier=None), scr.ModelSpec(), check_mask=False)
    assert fit.log_likelihood > straight.log_likelihood + 3
    p_dot = detectability(fit.problem, fit.point)[0][0]
    place = place_of(fit)
    assert support_of(fit, place, place.mask)["p_dot"].to_numpy() == pytest.approx(p_dot, rel=1e-9)
    found = scr.check_fit(fit, draws=40, seed=2)
    assert found.table["p_value"].between(0, 1).all()


def test_refusals__name_stations_animals_and_what_cannot_be_yet():
    survey, mask, _ = simulated(None)
    spec = scr.ModelSpec()
    theta = {"coefficients": TRUTH}
    with pytest.raises(MaskError, match="'T00'"):
        scr.log_likelihood(
            survey, mask.with_barrier(shapely.box(-100, -100, 90, 90)), spec, **theta
        )
    ring = shapely.box(-120, -120, 120, 120).boundary
    with pytest.raises(MaskError, match=r"No path leads from any cell.*1 of 16 stations: 'T00'"):
        scr.log_likelihood(survey, mask.with_barrier(ring), spec, **theta)
    wall = shapely.LineString([(1600, -9000), (1600, 9000)]).union(
        shapely.box(-9000, -9000, 9000, 9000).boundary
    )
    with pytest.raises(SurveyError, match="detected at stations between which no path leads"):
        scr.log_likelihood(survey, mask.with_barrier(wall), spec, **theta)
    session = survey.sessions[0]
    fixes = Fixes(session.captures.individuals[:1], np.array([[0.0, 0.0]]), "concurrent")
    with_fixes = replace(survey, sessions=(replace(session, fixes=fixes),))
    with pytest.raises(FormulaError, match="fixes of transmitters"):
        scr.log_likelihood(with_fixes, mask.with_barrier(FENCE), spec, **theta)
