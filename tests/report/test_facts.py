from dataclasses import replace

import numpy as np
import pytest
import shapely

from scr.fit.digests import digest_of_fit, digest_of_mask, digest_of_survey
from scr.maps.results.prior_words import prior_in_words
from scr.model.priors import StudentT
from scr.report.facts import facts_of_fit
from scr.simulate.surveys import plan_survey
from scr.survey.parts import places_of
from scr.survey.summary import data_summary
from scr.survey.survey import Session
from scr.survey.traps import Traps
from scr.survey.usage import Usage


def with_moved_station(survey):
    session = survey.sessions[0]
    xy = session.traps.xy.copy()
    xy[0, 0] += 1
    moved = Session(session.name, replace_xy(session.traps, xy), session.usage, session.captures)
    return replace(survey, sessions=(moved, *survey.sessions[1:]))


def replace_xy(traps, xy):
    return type(traps)(names=traps.names, xy=xy, crs=traps.crs, session=traps.session)


def test_data_summary__counts_agree_with_the_records(fit):
    (row,) = data_summary(fit.survey).to_dict("records")
    captures = fit.survey.sessions[0].captures
    stations = {i: set() for i in range(captures.n_individuals)}
    for individual, trap in zip(captures.individual, captures.trap, strict=True):
        stations[individual].add(trap)
    assert row["stations"] == 36
    assert row["occasions"] == 30
    assert row["effort, station-days"] == 36 * 30
    assert row["animals identified"] == len(captures.individuals)
    assert row["recaptures"] == len(captures.trap) - len(captures.individuals)
    assert row["at 2 or more stations"] == sum(len(places) > 1 for places in stations.values())
    assert row["dates"] == "2024-03-01 to 2024-03-30"
    unknown = captures.covariates["sex"].isna().sum()
    assert f"{unknown} unknown" in row["sex"]


def test_data_summary__months_say_their_days(fit):
    session = fit.survey.sessions[0]
    usage = Usage(np.full((36, 30), 20.0), np.datetime64("2024-02-01", "us"), "month")
    months = replace(fit.survey, sessions=(replace(session, usage=usage),))
    (row,) = data_summary(months).to_dict("records")
    assert row["days in an occasion"] == "28 to 31"
    assert row["dates"] == "2024-02-01 to 2026-07-31"


def test_digests__change_with_the_data_and_only_with_them(fit):
    survey, mask = fit.survey, fit.mask
    assert digest_of_survey(survey) == digest_of_survey(replace(survey))
    assert digest_of_survey(survey) != digest_of_survey(with_moved_station(survey))
    other = mask.with_covariate("north", mask.covariates["north"].to_numpy() + 1e-9)
    assert digest_of_mask(mask) != digest_of_mask(other)
    assert digest_of_fit(fit) != digest_of_fit(replace(fit, draws=fit.draws + 1e-9))


def test_facts_of_fit__public_has_no_digest_by_which_a_guess_could_be_tried(fit):
    private = facts_of_fit(fit).reproduction
    public = facts_of_fit(fit, public=True).reproduction
    digests = {digest_of_survey(fit.survey), digest_of_mask(fit.mask), digest_of_fit(fit)}
    assert digests <= set(private.values())
    assert not digests & set(public.values())
    assert public["seed"] == "3"
    assert public["scr-density"]


@pytest.mark.parametrize("term", ["post[T.{}]", "post[{}]", "C(post)[T.{}]:bk", "bk:post[{}]"])
def test_facts_of_fit__coefficients_named_by_stations_are_private(fit, term):
    station = str(fit.survey.sessions[0].traps.names[0])
    names = (*fit.coefficient_names[:-1], f"lambda0.{term.format(station)}")
    design = replace(fit.problem.design, coefficient_names=names)
    named = replace(
        fit,
        problem=replace(fit.problem, design=design),
        coefficients=fit.coefficients.set_axis(list(names)),
        prior=None,
    )
    assert facts_of_fit(fit, public=True).coefficients is not None
    assert facts_of_fit(named, public=True).coefficients is None
    assert facts_of_fit(named).coefficients is not None


def test_facts_of_fit__each_coefficient_has_its_prior(make_fit, fit):
    table = facts_of_fit(fit).coefficients.set_index("coefficient")
    assert (
        table.loc["Share of the second class (share): intercept", "prior"]
        == "normal (mean 0, sd 1.5)"
    )
    assert "prior" not in facts_of_fit(make_fit(engine="mle")).coefficients


def test_facts_of_fit__checks_have_number_and_limit(fit):
    checks = facts_of_fit(fit).checks.set_index("check")
    assert checks.loc["mask wider", "passed"] == "no"
    np.testing.assert_allclose(checks["limit"], [0.7, 0.1])


def test_facts_of_fit__tells_how_much_narrower_than_its_prior_each_posterior_is(fit):
    shares = facts_of_fit(fit).coefficients["sd, share of the prior's"].to_numpy()
    names = list(fit.coefficients.index)
    # log sigma has a prior of sd 1, the logit share one of 1.5.
    sd = fit.draws.std(axis=0, ddof=1)
    for name, prior_sd in (("sigma.Intercept", 1.0), ("share.Intercept", 1.5)):
        j = names.index(name)
        assert shares[j] == pytest.approx(sd[j] / prior_sd)
    assert "sd, share of the prior's" not in facts_of_fit(fit, public=True).coefficients


def test_prior_in_words__student_t_names_its_degrees_of_freedom():
    assert prior_in_words(StudentT(0.0, 2.5, df=4.0)) == "Student t (centre 0, scale 2.5, 4 df)"


@pytest.mark.parametrize("engine", ["mle", "laplace", "nuts"])
def test_facts_of_fit__engine_is_named(make_fit, engine):
    words = {"mle": "maximum likelihood", "laplace": "Laplace", "nuts": "No-U-Turn"}
    assert words[engine] in facts_of_fit(make_fit(engine=engine)).model["engine"]


def test_facts_of_fit__says_the_prior_of_each_parameter_in_its_unit(make_fit, fit):
    model = facts_of_fit(fit).model
    level = fit.prior.records[0]
    middle = 100 * np.exp(level.mean)
    words = model["prior of density"]
    assert words.startswith("at the mean of its covariates within ")
    assert f"median {middle:.3g}, 95 % {100 * np.exp(level.mean - 3.92):.2g} to " in words
    assert "animals per 100 km" in words
    assert "slope normal (mean 0, sd 1) per standard deviation of its column" in words
    assert model["prior of share"].startswith("median 0.5, 95 % 0.05 to 0.95 of the second class")
    assert not any(name.startswith("prior") for name in facts_of_fit(make_fit(engine="mle")).model)


def test_worded__tables_of_a_search_tell_of_areas_and_places():
    corners = [shapely.box(x, 0.0, x + 2000.0, 2000.0) for x in (0.0, 4000.0)]
    parts = shapely.GeometryCollection(corners)
    traps = Traps(["north", "south"], places_of(parts), crs="local", parts=parts)
    survey = plan_survey(traps, Usage(np.ones((2, 3))), detector="polygon")
    row = data_summary(survey).iloc[0]
    assert row["areas"] == 2
    assert row["effort, days"] == 6
    assert row["at 2 or more places"] == 0
    assert not [name for name in row.index if "station" in name]
