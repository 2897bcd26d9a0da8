from dataclasses import replace

import pytest

import scr
from scr.errors import FormulaError, ScrError
from scr.project import specs_of
from scr.project.configuration import ModelKeys, PriorKeys
from tests.fit.conftest import small as small_survey

small = small_survey


@pytest.fixture
def make(tmp_path):
    """A configuration of which the models alone matter."""
    for name in ("stations.csv", "detections.csv", "usage.csv"):
        (tmp_path / name).touch()
    text = (
        '[survey]\ntraps = "stations.csv"\ndetections = "detections.csv"\nusage = "usage.csv"\n'
        "[mask]\nbuffer = 1000\nspacing = 100\n"
    )
    (tmp_path / "survey.toml").write_text(text, encoding="utf-8")
    configuration = scr.project.configuration.read_configuration(tmp_path)

    def of(models, **shared):
        return replace(configuration, models=models, model=ModelKeys(**shared))

    return of


def test_specs_of__priors_of_the_model_hold_where_a_model_has_the_coefficient(make, small):
    shared = {"density.elev": PriorKeys(0.0, 0.5), "sigma.Intercept": PriorKeys(6.0, 1.0)}
    own = {"sigma.Intercept": PriorKeys(7.0, 2.0)}
    models = {
        "slope": ModelKeys(density="~ elev"),
        "constant": ModelKeys(priors=own),
    }
    found = specs_of(make(models, density="~ elev", priors=shared), *small)
    assert set(found["slope"].priors) == set(shared)
    assert dict(found["constant"].priors) == {"sigma.Intercept": scr.Normal(7.0, 2.0)}


def test_specs_of__names_the_model_that_does_not_fit_the_data(make, small):
    models = {"a": ModelKeys(), "b": ModelKeys(density="~ forest")}
    with pytest.raises(FormulaError, match=r"\[\[models\]\] 'b': .*forest"):
        specs_of(make(models), *small)


def test_specs_of__refuses_what_no_criterion_can_compare(make, small):
    with pytest.raises(ScrError, match="differ in number"):
        specs_of(make({"a": ModelKeys(), "b": ModelKeys(number="binomial")}), *small)
    survey, mask = small
    (session,) = survey.sessions
    sexes = ["F", "M"] * session.captures.n_individuals
    table = session.captures.covariates.assign(sex=sexes[: session.captures.n_individuals])
    captures = replace(session.captures, covariates=table)
    survey = replace(survey, sessions=(replace(session, captures=captures),))
    models = {"a": ModelKeys(), "b": ModelKeys(lambda0="~ sex")}
    with pytest.raises(ScrError, match=r"'a' do not tell sexes apart.*classes"):
        specs_of(make(models), survey, mask)
    assert len(specs_of(make(dict.fromkeys(models, ModelKeys(classes="sex"))), survey, mask)) == 2
