"""Detectors of several types in one survey: the likelihood, the simulator, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, poisson

import scr
from scr.errors import SurveyError
from scr.io.secr_text import read_secr
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.mixed import with_detectors
from scr.survey.secr_files import write_secr
from scr.survey.survey import Session, Survey
from scr.survey.usage import Usage
from tests.likelihood.test_against_reference import (
    draw_coefficients,
    make_mask,
    make_session,
    plain_value,
    slope,
)

BY_OCCASION = ["proximity", "count", "multi", "binomial_count"]


def counts_survey(*, seed=61, n_occasions=4):
    """Counts at most of the effort, and in the third occasion an animal at one trap at most."""
    rng = np.random.default_rng(seed)
    session = make_session(rng, "s0", "count", 5, sexes=["F", "M", None])
    traps, n_traps = session.traps, len(session.traps)
    effort = rng.integers(1, 4, (n_traps, n_occasions)).astype(float)
    effort[-1] = 0.0
    counts = np.minimum(rng.poisson(0.5, (5, n_traps, n_occasions)), effort.astype(int))
    counts[:, 0, 0] = 1
    counts[:, :, 2] = 0
    counts[[0, 1, 2], [0, 2, 2], 2] = 1
    counts[:, effort == 0] = 0
    individual, trap, occasion = np.nonzero(counts)
    captures = CaptureHistory(
        individuals=session.captures.individuals,
        individual=individual,
        occasion=occasion,
        trap=trap,
        count=counts[individual, trap, occasion],
        covariates=session.captures.covariates,
    )
    return Survey((Session("s0", traps, Usage(effort), captures),), "count")


def make_problem(spec, detectors=BY_OCCASION):
    survey = with_detectors(counts_survey(), detectors)
    return build_problem(survey, make_mask(survey, seed=62), spec)


SPECS = {
    "plain": ModelSpec(density="~ elev", lambda0="~ lure"),
    "learnt": ModelSpec(lambda0="~ bk + t", sigma="~ sex"),
    "g0": ModelSpec(g0="~ sex", detection="half_normal"),
}


@pytest.mark.parametrize("name", SPECS)
def test_value_and_gradient__equal_the_plain_likelihood(name):
    problem = make_problem(SPECS[name])
    for seed in (1, 2):
        theta = draw_coefficients(problem.design, seed=seed)

        value, gradient = value_and_gradient(problem, theta)

        assert value == pytest.approx(plain_value(problem, theta), rel=1e-10)
        expected = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
        assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("by_trap", [True, False])
def test_log_likelihood__is_that_of_each_record_by_its_own_rule(by_trap):
    survey = counts_survey(n_occasions=3)
    session = survey.sessions[0]
    names = session.traps.names.tolist()
    kinds = ["proximity", "count", "binomial_count"]
    given = (
        {name: kinds[k % 3] for k, name in enumerate(names)}
        if by_trap
        else ["proximity", "count", "binomial_count"]
    )
    mixed = with_detectors(survey, given)
    session = mixed.sessions[0]
    mask = replace(make_mask(survey, seed=62), session=None)
    at = {"density.Intercept": -0.3, "lambda0.Intercept": -2.0, "sigma.Intercept": 7.2}

    found = scr.log_likelihood(mixed, mask, ModelSpec(), coefficients=at)

    effort, captures = session.usage.effort, session.captures
    counts = np.zeros((5, *effort.shape), dtype=int)
    counts[captures.individual, captures.trap, captures.occasion] = captures.count
    total, animals, detected = 0.0, np.zeros(5), 0.0
    for cell, area in zip(mask.xy, mask.cell_area, strict=True):
        distance = np.hypot(*(session.traps.xy - cell).T)
        h = np.exp(-2.0) * np.exp(-(distance**2) / (2 * np.exp(7.2) ** 2))[:, None] + 0 * effort
        laws = {
            "proximity": binom(1, 1 - np.exp(-h * effort)),
            "count": poisson(h * effort),
            "binomial_count": binom(effort, 1 - np.exp(-h)),
        }
        pr, none = np.ones(5), 1.0
        for kind, law in laws.items():
            here = session.detectors == kind
            of_kind = law.pmf(counts)
            if kind == "binomial_count":
                of_kind = of_kind / binom(effort, 0.5).pmf(counts) * 0.5**effort
            pr *= np.where(here, of_kind, 1.0).prod(axis=(1, 2))
            none *= np.where(here, law.pmf(0), 1.0).prod()
        animals += np.exp(-0.3) * area * pr
        detected += np.exp(-0.3) * area * (1 - none)
    total = np.log(animals).sum() - detected - np.log(120.0)
    assert found == pytest.approx(total, rel=1e-10)


def test_with_detectors__takes_types_from_a_column_of_the_stations():
    survey = counts_survey()
    session = survey.sessions[0]
    kinds = ["proximity", "count"] * len(session.traps)
    covariates = pd.DataFrame({"detector_type": kinds[: len(session.traps)]})
    traps = replace(session.traps, covariates=covariates)
    survey = replace(survey, sessions=(replace(session, traps=traps),))

    mixed = with_detectors(survey)

    assert mixed.detector == "mixed"
    assert mixed.sessions[0].detectors[:2, 0].tolist() == ["proximity", "count"]
    captures = mixed.sessions[0].captures
    assert (captures.count[captures.trap % 2 == 0] == 1).all()
    assert (captures.count == session.captures.count)[captures.trap % 2 == 1].all()


def test_simulate_survey__keeps_to_the_type_of_each_occasion():
    survey = with_detectors(counts_survey(), BY_OCCASION)
    mask = replace(make_mask(survey, seed=62), session=None)
    at = {"density.Intercept": 1.5, "lambda0.Intercept": -0.5, "sigma.Intercept": 7.2}

    found, _ = scr.simulate_survey(
        survey, mask, ModelSpec(), coefficients=at, seed=3, centres="cell_centre"
    )

    captures = found.sessions[0].captures
    assert (captures.count[np.isin(captures.occasion, [0, 2])] == 1).all()
    assert (captures.count[captures.occasion == 1] > 1).any()
    held = captures.individual[captures.occasion == 2]
    assert len(np.unique(held)) == len(held) > 10


def test_survey__refuses_types_that_cannot_stand_together():
    survey = counts_survey()
    names = survey.sessions[0].traps.names.tolist()
    with pytest.raises(SurveyError, match="traps that hold animals stand beside"):
        with_detectors(
            replace(survey, sessions=survey.sessions),
            {name: "multi" if k == 2 else "count" for k, name in enumerate(names)},
        )
    with pytest.raises(SurveyError, match="2 detector types were given"):
        with_detectors(survey, ["count", "count"])
    with pytest.raises(SurveyError, match="needs a column 'detector_type'"):
        with_detectors(survey)
    with pytest.raises(SurveyError, match="has no types of detectors"):
        replace(survey, detector="mixed")


def test_write_secr__tells_the_type_of_each_occasion(tmp_path):
    survey = with_detectors(counts_survey(), BY_OCCASION)
    captures, traps, *_ = write_secr(survey, tmp_path)
    first, second = traps.read_text().splitlines()[:2]
    assert first == '# detector = c("proximity", "count", "multi", "count")'
    assert second.startswith("# Detector x y 4 occasions")
    again = read_secr(captures, traps)
    assert len(again.detections) == survey.sessions[0].captures.count.sum()


def test_write_secr__types_that_differ_between_traps_are_refused(tmp_path):
    survey = counts_survey()
    session = survey.sessions[0]
    kinds = dict.fromkeys(session.traps.names, "count") | {session.traps.names[0]: "proximity"}
    with pytest.raises(SurveyError, match="between the traps of one occasion"):
        write_secr(with_detectors(survey, kinds), tmp_path)


def test_save__keeps_the_types_of_detectors(tmp_path):
    survey = with_detectors(counts_survey(), BY_OCCASION)
    mask = replace(make_mask(survey, seed=62), session=None)
    spec = ModelSpec(priors={"sigma.Intercept": scr.Normal(7.2, 0.2)})
    fit = scr.fit_laplace(survey, mask, spec, check_mask=False, draws=200)

    fit.save(tmp_path / "fit.nc")

    again = scr.load_fit(tmp_path / "fit.nc")
    assert again.survey.sessions[0].detectors.tolist() == survey.sessions[0].detectors.tolist()
    assert again.survey.detector == "mixed"
    assert "mixed" in repr(again.survey)
