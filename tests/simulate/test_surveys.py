"""Whole surveys against expectations worked out here with loops."""

import math

import numpy as np
import pandas as pd
import pytest

from scr.errors import FormulaError, SurveyError
from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

BY_SEX = ModelSpec(density="~ slope", lambda0="~ sex + road", sigma="~ sex", share="~ dry")
COEFFICIENTS = {
    "density.Intercept": 0.0,
    "density.slope": 0.5,
    "lambda0.Intercept": -3.0,
    "lambda0.sex[T.M]": 0.4,
    "lambda0.road": 0.7,
    "sigma.Intercept": math.log(1500.0),
    "sigma.sex[T.M]": 0.3,
    "share.Intercept": -0.6,
    "share.dry": 0.9,
}


def make_mask() -> HabitatMask:
    axis = np.arange(-5500.0, 9000.0, 1000.0)
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    return HabitatMask(
        xy=np.column_stack([x, y]),
        cell_area=1.0,
        crs="local",
        spacing=1000.0,
        covariates=pd.DataFrame({"slope": x / 5000.0}),
    )


def make_plan(detector="proximity") -> Survey:
    xy = np.array([[0.0, 0.0], [3000.0, 0.0], [1500.0, 2500.0]])
    traps = Traps(
        names=["A", "B", "C"] * 2,
        xy=np.vstack([xy, xy + 500.0]),
        crs="local",
        session=["wet"] * 3 + ["dry"] * 3,
        covariates=pd.DataFrame({"road": [0.0, 1.0, 0.5, 1.0, 0.0, 0.0]}),
    )
    wet = np.array([[1.0, 1.0, 2.0, 0.0], [0.0, 3.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    usage = [Usage(wet), Usage(wet[:, :3] + 1.0)]
    covariates = pd.DataFrame({"dry": [0.0, 1.0]})
    return plan_survey(traps, usage, detector=detector, session_covariates=covariates)


def expected_caught_and_detections(plan: Survey, mask: HabitatMask, index: int):
    """E[n] by sex and E[C], Poisson counts, equation by equation with loops."""
    c, session = COEFFICIENTS, plan.sessions[index]
    logit = c["share.Intercept"] + c["share.dry"] * index
    male = 1 / (1 + math.exp(-logit))
    caught, detections = {"F": 0.0, "M": 0.0}, 0.0
    for sex, share in (("F", 1 - male), ("M", male)):
        is_male = sex == "M"
        sigma = math.exp(c["sigma.Intercept"] + c["sigma.sex[T.M]"] * is_male)
        for m in range(len(mask)):
            total = 0.0
            for k in range(3):
                road = session.traps.covariates["road"].iloc[k]
                lambda0 = math.exp(
                    c["lambda0.Intercept"]
                    + c["lambda0.sex[T.M]"] * is_male
                    + c["lambda0.road"] * road
                )
                d = math.dist(session.traps.xy[k], mask.xy[m])
                total += (
                    session.usage.effort[k].sum() * lambda0 * math.exp(-(d**2) / (2 * sigma**2))
                )
            density = math.exp(
                c["density.Intercept"] + c["density.slope"] * mask.covariates["slope"].iloc[m]
            )
            caught[sex] += share * density * (1 - math.exp(-total))
            detections += share * density * total
    return caught, detections


@pytest.mark.parametrize("detector", ["proximity", "count"])
def test_simulate_survey__catches_what_the_model_expects(detector):
    plan, mask = make_plan(detector), make_mask()
    n_repeats = 15
    caught = {(s, sex): 0 for s in range(2) for sex in "FM"}
    detections = np.zeros(2)
    for seed in range(n_repeats):
        survey, _ = simulate_survey(
            plan, mask, BY_SEX, coefficients=COEFFICIENTS, seed=seed, centres="cell_centre"
        )
        for s, session in enumerate(survey.sessions):
            detections[s] += session.captures.n_detections
            for sex in session.captures.covariates["sex"]:
                caught[s, sex] += 1
    for s in range(2):
        expected, total = expected_caught_and_detections(plan, mask, s)
        for sex in "FM":
            mean = n_repeats * expected[sex]
            assert caught[s, sex] == pytest.approx(mean, abs=4 * math.sqrt(mean))
        if detector == "count":
            # counts of one animal have mean H, so the variance is below E[C] (1 + largest H)
            spread = math.sqrt(n_repeats * total * 4)
            assert detections[s] == pytest.approx(n_repeats * total, abs=4 * spread)


def test_simulate_survey__truth_tells_who_was_detected_and_how_often():
    survey, truth = simulate_survey(
        make_plan("count"),
        make_mask(),
        BY_SEX,
        coefficients=COEFFICIENTS,
        seed=3,
        unknown_sex=0.3,
    )
    animals = truth.animals
    assert truth.seed == 3
    assert set(animals.session) == {"wet", "dry"}
    assert (animals.individual.notna() == (animals.n_detections > 0)).all()
    named = animals.dropna(subset=["individual"]).set_index("individual")
    assert named.index.is_unique
    n_checked = 0
    for session in survey.sessions:
        captures = session.captures
        count = np.bincount(captures.individual, captures.count)
        for i, name in enumerate(captures.individuals):
            assert named.loc[name, "session"] == session.name
            assert named.loc[name, "n_detections"] == count[i]
            recorded = captures.covariates["sex"].iloc[i]
            assert recorded in (None, named.loc[name, "sex"])
            n_checked += 1
    assert n_checked == len(named) > 10


def test_simulate_survey__animals_are_numbered_by_first_detection():
    survey, _ = simulate_survey(make_plan(), make_mask(), BY_SEX, coefficients=COEFFICIENTS, seed=5)
    wet, dry = (session.captures for session in survey.sessions)
    first = [wet.occasion[wet.individual == i].min() for i in range(wet.n_individuals)]
    assert first == sorted(first)
    names = [*wet.individuals, *dry.individuals]
    assert names == [f"A{i + 1:03d}" for i in range(len(names))]


def test_simulate_survey__sexes_go_missing_at_the_given_rate():
    plan, mask = make_plan(), make_mask()
    missing, total = 0, 0
    for seed in range(10):
        survey, _ = simulate_survey(
            plan, mask, BY_SEX, coefficients=COEFFICIENTS, seed=seed, unknown_sex=0.2
        )
        for session in survey.sessions:
            missing += int(session.captures.covariates["sex"].isna().sum())
            total += session.captures.n_individuals
    assert missing == pytest.approx(0.2 * total, abs=4 * math.sqrt(total * 0.16))


def test_simulate_survey__same_seed_gives_same_survey():
    plan, mask = make_plan(), make_mask()
    one, two, other = (
        simulate_survey(plan, mask, BY_SEX, coefficients=COEFFICIENTS, seed=seed)[1].animals
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(other)


def test_simulate_survey__model_without_sex_has_no_sexes():
    survey, truth = simulate_survey(
        make_plan(),
        make_mask(),
        ModelSpec(detection="half_normal"),
        coefficients={
            "density.Intercept": -1.0,
            "g0.Intercept": -2.0,
            "sigma.Intercept": math.log(1000.0),
        },
        seed=1,
    )
    assert "sex" not in truth.animals
    assert "sex" not in survey.sessions[0].captures.covariates


def test_simulate_survey__sessions_without_captures_are_kept():
    hardly_any = {**COEFFICIENTS, "density.Intercept": -30.0}
    survey, truth = simulate_survey(
        make_plan(), make_mask(), BY_SEX, coefficients=hardly_any, seed=1
    )
    assert [session.name for session in survey.sessions] == ["wet", "dry"]
    assert survey.n_individuals == 0
    assert len(truth.animals) == 0


def test_simulate_survey__takes_labels_of_sexes_and_effort_from_data():
    plan = make_plan()
    first = plan.sessions[0]
    captures = CaptureHistory(
        ["x", "y"],
        [0, 1],
        [1, 1],
        [0, 1],
        [1, 1],
        covariates=pd.DataFrame({"sex": ["female", "male"]}),
    )
    session = Session(first.name, first.traps, first.usage, captures)
    data = Survey((session, plan.sessions[1]), covariates=plan.covariates)
    coefficients = {
        name.replace("[T.M]", "[T.male]"): value for name, value in COEFFICIENTS.items()
    }
    survey, truth = simulate_survey(data, make_mask(), BY_SEX, coefficients=coefficients, seed=2)
    assert set(truth.animals.sex) == {"female", "male"}
    assert "x" not in survey.sessions[0].captures.individuals


def test_simulate_survey__says_in_its_notes_that_it_is_simulated():
    survey, _ = simulate_survey(
        make_plan(), make_mask(), BY_SEX, coefficients=COEFFICIENTS, seed=12
    )
    assert survey.notes == ("SIMULATED with seed 12: no animal in this survey is real.",)


def test_simulate_survey__coefficients_that_do_not_fit_are_named():
    wrong = {**COEFFICIENTS, "sigma.road": 0.1}
    del wrong["share.dry"]
    with pytest.raises(FormulaError, match=r"missing share\.dry; unknown sigma\.road"):
        simulate_survey(make_plan(), make_mask(), BY_SEX, coefficients=wrong, seed=1)


def test_simulate_survey__binomial_counts_need_whole_effort():
    plan = make_plan("binomial_count")
    first = plan.sessions[0]
    broken = Session(first.name, first.traps, Usage(first.usage.effort + 0.5), first.captures)
    survey = Survey((broken, plan.sessions[1]), "binomial_count", plan.covariates)
    with pytest.raises(SurveyError, match=r"'wet': 12 values.*1\.5 at trap 'A', occasion 1"):
        simulate_survey(survey, make_mask(), BY_SEX, coefficients=COEFFICIENTS, seed=1)


def test_simulate_survey__binomial_counts_stay_within_effort():
    survey, _ = simulate_survey(
        make_plan("binomial_count"), make_mask(), BY_SEX, coefficients=COEFFICIENTS, seed=1
    )
    assert survey.detector == "binomial_count"  # Survey itself refuses counts above effort
    assert survey.n_individuals > 0


def test_plan_survey__needs_one_usage_per_session():
    traps = make_plan().sessions[0].traps
    with pytest.raises(SurveyError, match=r"1 sessions \('wet'\) but usage was given for 2"):
        plan_survey(traps, [Usage(np.ones((3, 2)))] * 2)
