"""What is told after a fit whose detection changes within a session, against plain loops."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scr.errors import FormulaError
from scr.likelihood.problem import build_problem
from scr.maps.figures.curves import plot_detection
from scr.model.spec import ModelSpec
from scr.posterior.activity_centres import activity_centre
from scr.posterior.detectability import (
    detectability_surface,
    detection_curve,
    detection_parameters,
)
from scr.posterior.responses import covariate_responses
from scr.survey.survey import Survey

TRAPS = [(2500, 2500), (4500, 2500), (2500, 4500), (4500, 4500)]
RECORDS = [(0, 0, 0), (0, 2, 1), (1, 1, 3), (1, 2, 3), (2, 3, 2)]
RAIN = [0.0, 1.0, 3.0, 0.5]
LEVEL, BK, WET, SIGMA = np.log(0.15), 0.7, -0.3, 1200.0
THETA = np.array([np.log(0.3), LEVEL, BK, WET, np.log(SIGMA)])


@pytest.fixture(params=["proximity", "multi"])
def fit(request, make_fit, make_mask, make_session):
    session = make_session("1", TRAPS, RECORDS)
    captures = replace(session.captures, removed=np.array([True, False, False]))
    session = replace(session, captures=captures, occasions=pd.DataFrame({"rain": RAIN}))
    survey = Survey((session,), detector=request.param)
    spec = ModelSpec(lambda0="~ bk + rain")
    return make_fit(survey, make_mask(7, 6), spec, point=THETA, vcov=1e-12 * np.eye(5))


def hazard(fit, occasion, caught_here):
    """h of each trap and cell in an occasion, (n_traps, n_cells)."""
    apart = np.array(TRAPS)[:, None] - fit.mask.xy[None]
    kernel = np.exp(-(apart**2).sum(axis=2) / (2 * SIGMA**2))
    return np.exp(LEVEL + BK * caught_here[:, None] + WET * RAIN[occasion]) * kernel


def chance_of_history(fit, animal):
    """Pr(history | cell), occasion by occasion."""
    mine = [(s, k) for i, s, k in RECORDS if i == animal]
    last = max(s for s, _ in mine) if animal == 0 else 3
    caught = np.zeros(4)
    chance = np.ones(len(fit.mask))
    for s in range(last + 1):
        h = hazard(fit, s, caught)
        at = [k for when, k in mine if when == s]
        if fit.survey.detector == "multi":
            total = h.sum(axis=0)
            chance *= (1 - np.exp(-total)) * h[at[0]] / total if at else np.exp(-total)
        else:
            for k in range(4):
                chance *= 1 - np.exp(-h[k]) if k in at else np.exp(-h[k])
        caught[at] = 1
    return chance


@pytest.mark.parametrize("animal", [0, 1, 2])
def test_activity_centre__follows_what_the_animal_had_learnt_and_its_removal(fit, animal):
    chance = chance_of_history(fit, animal)
    surface = activity_centre(fit, f"1-{animal}", max_draws=3)
    np.testing.assert_allclose(
        surface.summary["mean"], 100 * chance / chance.sum(), rtol=1e-5, atol=1e-9
    )


def test_detectability_surface__is_of_an_animal_never_caught_in_all_occasions(fit):
    total = sum(hazard(fit, s, np.zeros(4)).sum(axis=0) for s in range(4))
    found = detectability_surface(fit, max_draws=3).summary["median"]
    np.testing.assert_allclose(found, 1 - np.exp(-total), rtol=1e-9)


def test_detection_curve__is_before_any_capture_and_averaged_over_occasions(fit):
    curve = detection_curve(fit, distances=np.array([0.0, 1200.0]))
    rate = np.exp(LEVEL + WET * np.array(RAIN)).mean()
    expected = 1 - np.exp(-rate * np.exp([0.0, -0.5]))
    np.testing.assert_allclose(curve.table["median"], expected, rtol=1e-9)
    said = "before any capture, averaged over occasions by effort"
    alone = ", by a trap that stands alone" if fit.survey.detector == "multi" else ""
    assert curve.state == said + alone
    heading = " ".join(text.get_text() for text in plot_detection(curve).texts)
    assert "before any capture" in " ".join(heading.split())
    table = detection_parameters(fit).set_index("parameter")
    assert table.loc["lambda0", "median"] == pytest.approx(rate)
    assert table.loc["lambda0", "unit"] == "per day, before any capture"


def test_covariate_responses__of_a_response_are_before_and_after(fit):
    bk, rain = covariate_responses(fit, "lambda0").of
    assert bk.table["value"].tolist() == [0.0, 1.0]
    middle = float(np.median(RAIN))
    level = np.exp(LEVEL + WET * middle)
    np.testing.assert_allclose(bk.table["median"], [level, level * np.exp(BK)], rtol=1e-9)
    assert rain.held == {"bk": 0.0}
    ends = rain.table["median"].iloc[[0, -1]]
    np.testing.assert_allclose(ends, np.exp(LEVEL + WET * np.array([0.0, 3.0])), rtol=1e-9)


def test_covariate_responses__of_occasions_have_a_level_for_each(make_fit, make_mask, make_session):
    session = make_session("1", TRAPS, RECORDS)
    point = [np.log(0.3), LEVEL, 0.4, 0.2, -0.1, 0.6, np.log(SIGMA)]
    spec = ModelSpec(lambda0="~ t + b")
    fit = make_fit(session, make_mask(7, 6), spec, point=point, vcov=1e-6 * np.eye(7))
    b, t = covariate_responses(fit, "lambda0").of
    assert list(map(str, t.table["value"])) == ["1", "2", "3", "4"]
    found = np.log(t.table["median"]) - LEVEL
    np.testing.assert_allclose(found, [0.0, 0.4, 0.2, -0.1], atol=1e-9)
    assert str(b.held["t"]) == "1"
    np.testing.assert_allclose(np.log(b.table["median"]) - LEVEL, [0.0, 0.6], atol=1e-9)


def test_detection_parameters__say_of_each_whether_it_answers_to_captures(
    make_fit, make_mask, make_session
):
    session = make_session("1", TRAPS, RECORDS)
    point = [np.log(0.3), LEVEL, np.log(SIGMA), 0.4]
    spec = ModelSpec(sigma="~ b")
    fit = make_fit(session, make_mask(7, 6), spec, point=point, vcov=1e-6 * np.eye(4))
    units = detection_parameters(fit).set_index("parameter")["unit"]
    assert units.to_dict() == {"lambda0": "per day", "sigma": "m, before any capture"}
    assert "1.20 km, before any capture (" in repr(fit)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ t * b", "t[T.4]:b follows from b, t[T.2]:b and t[T.3]:b"),
        ("~ 0 + t + t:b", "t[1]:b is constant"),
        ("~ b:t", "b:t[1] is constant"),
        ("~ b + B", None),
        ("~ t + b", None),
    ],
)
def test_responses__that_no_animal_can_tell_apart_are_refused(
    make_mask, make_session, formula, words
):
    records = [(i, s, (i + s) % 4) for i in range(8) for s in range(4) if (i + s) % 3]
    session, mask = make_session("1", TRAPS, records), make_mask(7, 6)
    if words is None:
        build_problem(Survey((session,)), mask, ModelSpec(lambda0=formula))
        return
    with pytest.raises(FormulaError) as caught:
        build_problem(Survey((session,)), mask, ModelSpec(lambda0=formula))
    assert words in str(caught.value)


def test_responses__of_two_occasions_are_one(make_mask, make_session):
    records = [(i, s, (i + s) % 4) for i in range(4) for s in range(2)]
    session = make_session("1", TRAPS, records, n_occasions=2)
    with pytest.raises(FormulaError, match="B follows from b"):
        build_problem(Survey((session,)), make_mask(7, 6), ModelSpec(lambda0="~ b + B"))
