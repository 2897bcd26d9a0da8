"""Few sexes known: both labellings are found, weighed and told, by every engine and command."""

import warnings

import numpy as np
import pandas as pd
import pytest
from two_modes import SPEC, males_range_further, survey_of
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.errors import ConvergenceWarning
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session

EXACT = {(5, 2): 0.40, (6, 1): 0.54, (6, 2): 0.80}
"""By seed and animals of known sex: long chains of Metropolis steps with swaps of the sexes."""


@pytest.mark.parametrize("survey", sorted(EXACT))
def test_fit_laplace__gives_the_probability_of_each_labelling(survey):
    fit = scr.fit_laplace(*survey_of(*survey), SPEC, draws=2000, check_mask=False)

    assert males_range_further(fit) == pytest.approx(EXACT[survey], abs=0.05)
    (check,) = [check for check in fit.checks if check.name == "modes"]
    assert check.passed
    assert "2 modes" in check.message
    assert f"Sex is known for {2 * survey[1]} of" in check.message
    assert check.message in fit.notes
    assert check.message in repr(fit)


def test_fit_nuts__gives_the_probability_of_each_labelling():
    with warnings.catch_warnings():
        # Few draws, to be quick: R-hat of so few may be above 1.01.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit = scr.fit_nuts(
            *survey_of(5, 2), SPEC, draws=300, tune=150, check_mask=False, progress=False
        )

    assert males_range_further(fit) == pytest.approx(EXACT[5, 2], abs=0.06)
    assert fit.coefficients["rhat"].max() < 1.05
    assert fit.draws.shape == (1200, 6)
    by_chain = fit.draws.reshape(4, 300, 6)[..., fit.coefficient_names.index("sigma.sex[T.M]")]
    assert ((by_chain > 0).mean(axis=1) > 0.25).all()
    assert any(check.name == "modes" for check in fit.checks)


def test_fit_mle__says_that_another_maximum_is_as_high():
    with pytest.warns(ConvergenceWarning, match=r"2 maxima.*Use fit_laplace or fit_nuts"):
        fit = scr.fit_mle(*survey_of(5, 2), SPEC, check_mask=False)

    survey, mask = survey_of(5, 2)
    with pytest.warns(ConvergenceWarning, match="2 maxima"):
        again = scr.fit_mle(
            survey,
            mask,
            SPEC,
            starting={"sigma.sex[T.M]": -1.3, "lambda0.sex[T.M]": 1.3},
            check_mask=False,
        )
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)


def with_labels(survey, labels):
    """The same survey with other words for the sexes."""
    (session,) = survey.sessions
    captures = session.captures
    sex = captures.covariates["sex"].map(labels, na_action="ignore").astype(object)
    changed = CaptureHistory(
        individuals=captures.individuals,
        individual=captures.individual,
        occasion=captures.occasion,
        trap=captures.trap,
        count=captures.count,
        covariates=pd.DataFrame({"sex": sex.where(sex.notna(), None)}, dtype=object),
    )
    return scr.Survey((Session("1", session.traps, session.usage, changed),), detector="proximity")


def test_fit_laplace__other_words_for_the_sexes_give_the_same_probability():
    # "male" sorts after "female", "buck" before "doe": the classes change their numbers.
    survey, mask = survey_of(5, 2)
    found = []
    for female, male in (("female", "male"), ("doe", "buck")):
        priors = {"density.Intercept": scr.Normal(-2.8, 2.0), "share.Intercept": scr.Normal(0, 1.5)}
        for sex in (female, male):
            priors[f"lambda0.sex[{sex}]"] = scr.Normal(-2.7, 2.0)
            priors[f"sigma.sex[{sex}]"] = scr.Normal(7.6, 1.0)
        spec = scr.ModelSpec(lambda0="~ 0 + sex", sigma="~ 0 + sex", priors=priors)
        renamed = with_labels(survey, {"F": female, "M": male})
        fit = scr.fit_laplace(renamed, mask, spec, draws=3000, check_mask=False)
        sigma = {sex: fit.coefficient_names.index(f"sigma.sex[{sex}]") for sex in (female, male)}
        found.append((fit.draws[:, sigma[male]] > fit.draws[:, sigma[female]]).mean())
        assert any("2 modes" in note for note in fit.notes)
    assert found[0] == pytest.approx(found[1], abs=0.05)
    assert 0.1 < found[0] < 0.9


def test_fit_laplace__one_formula_by_sex_has_two_modes_as_well():
    survey, mask = survey_of(6, 1)
    spec = scr.ModelSpec(sigma="~ sex")
    fit = scr.fit_laplace(survey, mask, spec, draws=2000, check_mask=False)
    above = fit.draws[:, fit.coefficient_names.index("sigma.sex[T.M]")] > 0
    assert 0.2 < above.mean() < 0.8
    assert any("2 modes" in note for note in fit.notes)


def test_fit_laplace__all_sexes_known_is_silent():
    survey, mask = survey_of(5, 1000)
    fit = scr.fit_laplace(survey, mask, SPEC, draws=1000, check_mask=False)
    assert males_range_further(fit) == 1
    assert not any(check.name == "modes" for check in fit.checks)


@pytest.mark.usefixtures("without_pictures")
def test_scr_fit__terminal_and_report_tell_of_two_modes(tmp_path):
    survey, _ = survey_of(5, 2)
    (session,) = survey.sessions
    captures = session.captures
    stations = pd.DataFrame(session.traps.xy + 500_000, columns=["x", "y"])
    stations.insert(0, "station", session.traps.names)
    stations.to_csv(tmp_path / "stations.csv", index=False)
    days = {f"{day}": np.ones(25, dtype=int) for day in range(1, 16)}
    stations.assign(**days).to_csv(tmp_path / "usage.csv", index=False)
    pd.DataFrame(
        {
            "individual": captures.individuals[captures.individual],
            "occasion": captures.occasion + 1,
            "station": session.traps.names[captures.trap],
            "sex": captures.covariates["sex"].to_numpy()[captures.individual],
        }
    ).to_csv(tmp_path / "detections.csv", index=False)
    (tmp_path / "survey.toml").write_text(
        '[survey]\ntraps = "stations.csv"\nusage = "usage.csv"\ndetections = "detections.csv"\n'
        'crs = "EPSG:32652"\n[mask]\nbuffer = 6000\nspacing = 1000\n'
        '[model]\nlambda0 = "~ sex"\nsigma = "~ sex"\n',
        encoding="utf-8",
    )

    result = CliRunner().invoke(
        app,
        [
            "fit",
            str(tmp_path / "survey.toml"),
            "--engine",
            "laplace",
            "--out",
            str(tmp_path / "out"),
        ],
    )

    assert result.exit_code == 0, result.output
    assert "The posterior has 2 modes" in result.output
    assert "sigma is largest for" in result.output
    for page in ("public", "private"):
        report = next((tmp_path / "out" / page).glob("*.html")).read_text(encoding="utf-8")
        assert "The posterior has 2 modes" in report
