import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import scr
from scr.fit.result import coefficient_table
from scr.likelihood.problem import build_problem
from scr.maps.results.written import numbers_of
from scr.maps.trend_numbers import TrendNumbers
from scr.model.default_prior import model_prior
from scr.report.methods import methods_of
from scr.report.references import REFERENCES
from scr.survey.mixed import with_detectors


def text_of(fit, region=None):
    numbers, _ = numbers_of(fit, scr.abundance(fit, region, max_draws=20), region)
    methods = methods_of(fit, numbers)
    return " ".join(methods.paragraphs), methods.references


@pytest.mark.parametrize("engine", ["mle", "laplace", "nuts"])
def test_methods_of__every_citation_has_its_reference_and_the_reverse(make_fit, engine):
    text, references = text_of(make_fit(engine=engine))
    text = text.replace("March 2024", "")  # a month of the first sentence
    cited = set(re.findall(r"[A-Z][\w-]+(?: & [A-Z]\w+| et al\.)? (?:19|20)\d\d(?!-)", text))
    assert cited == {key for key, entry in REFERENCES.items() if entry in references}
    assert len(references) == len(cited)


def test_methods_of__tells_what_checklists_ask_for(fit, region):
    text, _ = text_of(fit, region)
    n = fit.survey.sessions[0].captures.n_individuals
    for asked in (
        "36 stations",
        "1,080 station-days",
        "2024-03-01 to 2024-03-30",
        "30 occasions of 1 day",
        f"{n} animals were identified",
        "proximity detectors",
        "half-normal hazard detection function",
        "within 6.0 km of the stations",
        "cells of 1,000 m",
        "density ~ north",
        "missing independently",
        "closed",
        "importance sampling",
        "share, median 0.5, 95 % 0.05 to 0.95 of the second class (normal (mean 0, sd 1.5)",
        "expected in Far Valley (64 km²)",
        "realised in Far Valley (64 km²)",
        "scr-density",
        "seed 3",
    ):
        assert asked in text, asked


def test_methods_of__tells_occasions_responses_removals_and_traps_that_hold(make_fit):
    fit = make_fit()
    session = fit.survey.sessions[0]
    removed = np.arange(session.captures.n_individuals) < 2
    captures = replace(session.captures, removed=removed)
    wet = pd.DataFrame({"rain": np.arange(30.0)})
    held = replace(
        fit.survey,
        sessions=(replace(session, captures=captures, occasions=wet),),
        detector="count",
    )
    spec = scr.ModelSpec(density="~ north", lambda0="~ sex + bk + k + T + rain")
    text, _ = text_of(replace(fit, survey=held, spec=spec))
    for said in (
        "2 animals were removed at the last capture and not exposed to detection after it",
        "count among those that lived there when the survey began",
        "taken to be closed, apart from these removals",
        "bk is 1 where the animal was caught at this trap before, else 0",
        "T is the number of the occasion, from 0",
        "rain changed between occasions",
        "For animals that were never caught these responses are 0, but k is what captures of",
    ):
        assert said in text, said
    plain, _ = text_of(fit)
    assert "In the formulas of detection" not in plain
    assert "removed" not in plain
    assert plain.count("Camera traps at 36 stations") == 1


def test_methods_of__maximum_likelihood_has_no_priors(make_fit):
    text, references = text_of(make_fit(engine="mle"))
    assert "maximum likelihood" in text
    assert "Priors" not in text
    assert not [entry for entry in references if "PyMC" in entry]


def test_methods_of__nuts_reports_its_diagnostics(make_fit):
    text, references = text_of(make_fit(engine="nuts"))
    assert "R-hat was 1.010" in text
    assert "effective sample size 55" in text
    assert "nutpie" in text
    assert not [entry for entry in references if "PyMC" in entry]


def test_methods_of__names_pymc_where_pymc_sampled(make_fit):
    stats = xr.Dataset(attrs={"sampler": "pymc"})
    text, references = text_of(replace(make_fit(engine="nuts"), sample_stats=stats))
    assert "pymc" in text
    assert "nutpie" not in text
    assert any("PyMC" in entry for entry in references)


def test_methods_of__names_no_station(fit, region):
    text, _ = text_of(fit, region)
    assert "post-" not in text


def test_methods_of__tells_the_yearly_rate_with_its_reference(fit):
    row = {
        "region": "Far Valley", "estimand": "expected N", "quantity": "yearly rate",
        "first": "2021", "last": "2024", "median": -12.0, "lower": -30.0, "upper": 9.0,
        "unit": "% a year", "p_decline": 0.86,
    }  # fmt: skip
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    rates = replace(numbers, trend=TrendNumbers(table=pd.DataFrame([row])))
    methods = methods_of(fit, rates)
    told = "Far Valley: -12 % a year (-30 to +9); probability of decline 0.86."
    assert methods.paragraphs[-1].endswith(told)
    assert REFERENCES["ter Braak et al. 1994"] in methods.references
    without = methods_of(fit, replace(numbers, trend=TrendNumbers(lacking="None.")))
    assert len(without.paragraphs) == len(methods.paragraphs) - 1


def test_methods_of__tells_of_a_ring_of_detection(fit):
    survey, mask = fit.survey, fit.mask
    spec = scr.ModelSpec(density="~ north", detection="hazard_annular_normal")
    problem = build_problem(survey, mask, spec)
    point = np.log([0.12, 1.0, 0.06, 1300.0, 1500.0])
    draws = np.random.default_rng(3).normal(point, 0.1, (60, 5))
    ring = replace(
        fit, spec=spec, problem=problem, draws=draws, prior=model_prior(problem.design),
        coefficients=coefficient_table(problem.design.coefficient_names, draws),
    )  # fmt: skip
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    text = " ".join(methods_of(ring, numbers).paragraphs)
    assert "highest where a station stood at the distance z from" in text
    assert "by an annular normal hazard detection function" in text
    assert "declined" not in text
    spacing = "z, median 2,000, 95 % 750 to 5,330 m (normal (mean 7.6, sd 0.5)"
    assert spacing in text
    assert "detections per day at the distance z from the activity centre" in text


def test_methods_of__says_what_a0_and_sigmak_stand_for(fit):
    survey, mask = fit.survey, fit.mask
    spec = scr.ModelSpec(a0="~ 1", sigmak="~ 1")
    problem = build_problem(survey, mask, spec)
    draws = np.random.default_rng(3).normal(np.log([0.12, 0.8, 0.5]), 0.1, (60, 3))
    other = replace(
        fit, spec=spec, problem=problem, draws=draws, prior=model_prior(problem.design),
        coefficients=coefficient_table(problem.design.coefficient_names, draws),
    )  # fmt: skip
    text, references = text_of(other)
    assert "lambda0 is a0 / (2 pi sigma²), a0 in km² (Efford & Mowat 2014)" in text
    assert "divided by the root of the mean density per km²" in text
    assert "a0, median 0.838" in text  # traps 2 km apart, 30 days: 2 pi 4 / 30
    assert {REFERENCES["Efford & Mowat 2014"], REFERENCES["Efford et al. 2016"]} <= set(references)


def test_methods_of__tells_latent_groups_and_effects_of_animals(make_fit):
    fit = make_fit()
    spec = scr.ModelSpec(lambda0="~ h2 + individual", sigma="~ sex", nodes=9)
    problem = build_problem(fit.survey, fit.mask, spec)
    point = np.zeros(problem.design.n_coefficients)
    names = problem.design.coefficient_names
    for name, value in (("density", -2.0), ("lambda0", -2.8), ("sigma", 7.2)):
        point[names.index(f"{name}.Intercept")] = value
    draws = point + 0.01 * np.random.default_rng(1).normal(size=(60, len(point)))
    changed = replace(
        fit,
        spec=spec,
        problem=problem,
        draws=draws,
        coefficients=coefficient_table(names, draws),
        prior=model_prior(problem.design),
    )
    text, references = text_of(changed)
    for said in (
        "two latent groups that differ in detection (h2; Pledger 2000), whose shares (pmix)",
        "Groups are numbered by lambda0, the lowest first",
        "effect of its own on the log of lambda0 (individual), normal with a standard deviation",
        "quadrature with 9 nodes (Coull & Agresti 1999)",
        "pmix, median 0.5, 95 % 0.05 to 0.95 of the second latent group",
        "individual normal (mean 0, sd 1) on the link scale, folded at 0",
    ):
        assert said in text, said
    assert sum("Pledger" in entry or "Coull" in entry for entry in references) == 2
    assert "latent" not in text_of(fit)[0]


def test_methods_of__says_what_stands_at_stations_of_several_types(fit):
    names = fit.survey.sessions[0].traps.names.tolist()
    kinds = {name: "count" if k % 2 else "proximity" for k, name in enumerate(names)}
    text, _ = text_of(replace(fit, survey=with_detectors(fit.survey, kinds)))
    assert "Detectors of several types were used, by station or by occasion. " in text
    assert "(Poisson counts)" in text
    assert "(proximity detectors)" in text
    assert "Camera traps at 36 stations" in text


def test_methods_of__says_that_the_number_of_animals_is_fixed(fit):
    other = replace(fit, spec=replace(fit.spec, number="binomial"))
    assert "their number was fixed, and given by the model's density" in text_of(other)[0]
    assert "their number was Poisson with expected density" in text_of(fit)[0]
