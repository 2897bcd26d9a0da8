"""Fits and figures of searches and of fixes, beyond what stations need."""

from dataclasses import replace

import numpy as np
import pymc as pm
import pytest
from matplotlib.legend import Legend
from shapely import GeometryCollection, LineString, Polygon

import scr
from scr.errors import FitError
from scr.fit.estimable import require_captures
from scr.fit.mask_check import all_traps
from scr.fit.pointwise import log_likelihoods, terms_of_many
from scr.fit.pymc_model import SpatialCapture
from scr.fit.starting import spread_of_detections
from scr.fit.without import without
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.maps.figures.movements import plot_movements
from scr.maps.figures.survey_map import plot_survey
from scr.maps.results.written import numbers_of
from scr.posterior.detectability import detection_curve
from scr.report.methods import methods_of
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.fixes import Fixes
from scr.survey.movements import movements_of
from scr.survey.parts import places_of
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

AREAS = GeometryCollection([
    Polygon([(0, 0), (4000, 0), (4000, 3000), (0, 3000)]),
    Polygon([(5000, 3500), (8000, 3500), (8000, 7000), (5500, 6500)]),
])  # fmt: skip
LINES = GeometryCollection([LineString([(0, 0), (3000, 2500), (8000, 3000)])])
TRUTH = {"density.Intercept": 0.0, "lambda0.Intercept": 0.4, "sigma.Intercept": 6.8}
TELEMETRY = ["independent", "concurrent", "dependent"]


def make_survey(parts, detector, *, telemetry=None, seed=2):
    names = [f"p{k}" for k in range(len(parts.geoms))]
    traps = Traps(names, places_of(parts), "local", parts=parts)
    survey = plan_survey(traps, Usage(np.ones((len(traps), 4))), detector=detector)
    mask = scr.build_mask(traps, buffer=4000, spacing=500)
    if telemetry:
        fixes = Fixes(np.repeat(["a", "b", "c", "d"], 5), np.zeros((20, 2)), telemetry)
        survey = Survey((replace(survey.sessions[0], fixes=fixes),), detector)
    found, _ = simulate_survey(survey, mask, scr.ModelSpec(), coefficients=TRUTH, seed=seed)
    return found, mask


@pytest.mark.parametrize("telemetry", TELEMETRY)
def test_spatial_capture__has_the_log_likelihood_of_all_fixes(telemetry):
    survey, mask = make_survey(AREAS, "polygon", telemetry=telemetry)
    problem = build_problem(survey, mask, scr.ModelSpec())
    theta = np.array(list(TRUTH.values())) + 0.1
    with pm.Model() as model:
        given = dict(zip(("density", "lambda0", "sigma"), theta, strict=True))
        SpatialCapture("captures", survey, mask, coefficients=given, spec=scr.ModelSpec())

    found = model.compile_logp(mode="FAST_COMPILE")({})

    assert found == pytest.approx(value_and_gradient(problem, theta)[0], rel=1e-9)


@pytest.mark.parametrize("telemetry", TELEMETRY)
def test_log_likelihoods__of_many_draws_have_the_animals_with_fixes_alone(telemetry):
    survey, mask = make_survey(LINES, "transect", telemetry=telemetry)
    problem = build_problem(survey, mask, scr.ModelSpec())
    thetas = np.array(list(TRUTH.values())) + np.linspace(-0.2, 0.2, 3)[:, None]

    found = log_likelihoods(problem, terms_of_many(problem, thetas))

    expected = [value_and_gradient(problem, theta)[0] for theta in thetas]
    assert found == pytest.approx(expected, rel=1e-10)


def test_movements_of__a_search_tells_sigma_by_places():
    survey, _ = make_survey(AREAS, "polygon")
    assert movements_of(survey).sigma == pytest.approx(np.exp(6.8), rel=0.3)


def test_without__leaves_out_the_places_of_an_animal():
    survey, _ = make_survey(AREAS, "polygon")
    captures = survey.sessions[0].captures
    who = captures.individuals[np.repeat(captures.individual, captures.count)]

    rest = without(survey, captures.individuals[0]).sessions[0].captures

    assert rest.xy.tolist() == captures.xy[who != captures.individuals[0]].tolist()


def test_all_traps__keeps_outlines():
    survey, _ = make_survey(AREAS, "polygon")
    assert all_traps(survey).parts.area == pytest.approx(AREAS.area)


def test_detection_curve__of_a_search_is_finds_per_area_that_add_up_to_lambda0():
    survey, mask = make_survey(AREAS, "polygon")
    fit = scr.fit_mle(survey, mask, scr.ModelSpec())
    r = np.linspace(0, 8000, 4001)

    curve = detection_curve(fit, distances=r)

    finds = np.trapezoid(curve.table["median"].to_numpy() * 2 * np.pi * r / 1e6, r)
    assert finds == pytest.approx(np.exp(fit.point[1]), rel=1e-6)
    assert curve.searched == "areas"


def test_methods_of__says_what_was_searched_and_what_fixes_are():
    survey, mask = make_survey(LINES, "transect", telemetry="concurrent")
    fit = scr.fit_mle(survey, mask, scr.ModelSpec())
    numbers, _ = numbers_of(fit, scr.abundance(fit), None)
    methods = methods_of(fit, numbers)
    text = " ".join(methods.paragraphs)
    assert "1 line was searched" in text
    assert "20 fixes of 4 animals with transmitters" in text
    assert "station" not in text
    assert any("area searches" in reference for reference in methods.references)


@pytest.mark.parametrize(("parts", "detector", "told"), [
    (AREAS, "polygon", "Searched areas"), (LINES, "transect", "Searched lines"),
])  # fmt: skip
def test_maps__draw_outlines_in_place_of_stations(parts, detector, told):
    survey, mask = make_survey(parts, detector)
    session = survey.sessions[0]
    for figure in (plot_survey(session.traps, mask), plot_movements(session)):
        (axes,) = [one for one in figure.axes if any(
            line.get_xydata().tolist() == np.array(outline_of(parts.geoms[0])).tolist()
            for line in one.get_lines()
        )]  # fmt: skip
        assert axes is not None
        legend = [text.get_text() for one in figure.findobj(Legend) for text in one.get_texts()]
        assert told in legend


def outline_of(part):
    return (part.boundary if part.area else part).coords[:]


def test_without__an_animal_takes_its_fixes_with_it():
    survey, _ = make_survey(AREAS, "polygon", telemetry="dependent")
    name = survey.sessions[0].fixes.individual[0]
    fixes = without(survey, name).sessions[0].fixes
    assert name not in fixes.individual
    assert len(fixes.xy) == 15


def test_require_captures__takes_fixes_for_movements():
    survey, _ = make_survey(AREAS, "polygon", telemetry="concurrent")
    session = survey.sessions[0]
    first = np.unique(session.captures.individual, return_index=True)[1]
    once = replace(
        session.captures, individual=session.captures.individual[first],
        occasion=session.captures.occasion[first], trap=session.captures.trap[first],
        count=np.ones(len(first), dtype=np.int64),
        xy=np.array([session.captures.places_of(np.array([row]))[0] for row in first]),
    )  # fmt: skip
    alone = replace(survey, sessions=(replace(session, captures=once, fixes=None),))
    with pytest.raises(FitError, match="cannot identify sigma"):
        require_captures(alone, with_priors=False)

    beside = replace(survey, sessions=(replace(session, captures=once),))

    require_captures(beside, with_priors=False)
    assert spread_of_detections(beside) == pytest.approx(np.exp(6.8), rel=0.4)
