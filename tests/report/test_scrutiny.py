"""Checks of a fit in the report: all of it for the project, a verdict for the public."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import scr
from scr.checking.scrutiny import Scrutiny, scrutinise
from scr.fit.merging import Merging
from scr.fit.seen_twice import SeenTwice
from scr.maps.figures.check_plots import plot_fit_checks
from scr.maps.results.check_files import write_fit_checks
from scr.maps.results.written import numbers_of
from scr.posterior.check_statistics import STATISTICS
from scr.posterior.fit_checks import FitCheck, FitChecks
from scr.report.methods import methods_of
from scr.report.page import write_reports
from scr.report.scrutiny_shown import checks_in_methods, scrutiny_shown
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage
from scr.written_columns import WRITTEN


def a_check(statistic, p_value):
    values = np.linspace(0.0, 1.0, 60)
    return FitCheck(statistic, p_value, 0.4, values, values, values * 0 + 0.9, values)


@pytest.fixture
def scrutiny():
    checks = tuple(
        a_check(statistic, 0.004 if statistic.name == "traps" else 0.3)
        for statistic in STATISTICS[:-1]
    )
    refused = {STATISTICS[-1].name: "all is one occasion"}
    limits = (0.02, 0.01, 0.04)
    return Scrutiny(
        checks=FitChecks(checks, refused, 60, 2.25),
        n_once=9,
        n_animals=30,
        twice=SeenTwice(30, 9, limits, (0.015, 0.008, 0.03), limits, limits, 2.5),
        mergings=(Merging("2024", ("Xena-7", "Yuri-8"), 3.0, 0.9, 1.1),),
        expected=pd.DataFrame({"quantity": ["sigma"], "above": [0.4], "found": [1000.0]}),
        leaning=pd.DataFrame({"coefficient": ["sigma.Intercept"], "prior": [0.01]}),
        refused=("Not checked (first half): all is one occasion.",),
    )


ABUNDANCE = pd.DataFrame(
    {
        "estimand": ["expected N", "realised N"],
        "region": ["reserve", "reserve"],
        "session": ["2024", "2024"],
        "median": [20.0, 21.0],
        "lower": [10.0, 15.0],
        "upper": [40.0, 30.0],
    }
)


def test_scrutiny_shown__the_public_is_told_the_verdict_alone(scrutiny):
    shown = scrutiny_shown(scrutiny, ABUNDANCE, public=True)
    assert shown.parts == []
    assert shown.sentences == ()
    assert "Signs of misfit (p-value at most 0.01): traps." in shown.verdict
    assert "Xena-7" not in shown.verdict
    assert scrutiny_shown(None, ABUNDANCE, public=False) is None


def test_scrutiny_shown__the_project_is_told_everything(scrutiny):
    shown = scrutiny_shown(scrutiny, ABUNDANCE, public=False)
    assert len(shown.parts) == 5
    assert "9 of 30 animals were detected once (30 %)" in " ".join(shown.sentences)
    assert "density near the stations is 1.5 (0.8 to 3)" in " ".join(shown.sentences)
    assert "check the identities" in " ".join(shown.sentences)
    assert "all is one occasion" in " ".join(shown.sentences)
    # c-hat of 2.25 stretches the logarithm by 1.5: from 10 of 20 to 20 / 2^1.5.
    assert shown.widened["lower"].tolist() == pytest.approx([20 / 2**1.5])
    assert len(shown.widened) == 1
    assert shown.mergings["merged"].tolist() == ["Xena-7, Yuri-8"]


def test_verdict__tells_when_nothing_was_found_or_made(scrutiny):
    calm = replace(scrutiny, checks=replace(scrutiny.checks, checks=scrutiny.checks.checks[:1]))
    assert "None gave a sign of misfit" in calm.verdict
    assert "could not be checked" in replace(scrutiny, checks=None).verdict


def test_write_fit_checks__table_and_figure_are_private(scrutiny, tmp_path, without_pictures):
    files = write_fit_checks(scrutiny.checks, tmp_path, formats=("png",), banner="SIMULATED")
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "private/fit_checks.csv",
        "private/figures/fit_checks.png",
    ]
    columns = list(pd.read_csv(files[0]).columns)
    assert columns == [column.name for column in WRITTEN["fit_checks"]]


def test_plot_fit_checks__one_panel_for_each_check_with_its_p_value(scrutiny):
    figure = plot_fit_checks(scrutiny.checks)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles[2] == "traps\np = 0.004"
    assert titles[4] == "learned response\np = 0.3, two-sided"
    assert len(titles) == len(STATISTICS) - 1


def test_write_reports__pages_hold_what_they_should(fit, region, scrutiny, tmp_path, no_figures):
    write_reports(fit, tmp_path, region=region, scrutiny=scrutiny)
    public, private = (
        (tmp_path / where / "report.html").read_text(encoding="utf-8")
        for where in ("public", "private")
    )
    assert "Does the model fit?" in public
    assert "Does the model fit?" in private
    for told in ("Xena-7", "posterior predictive p", "seen at least twice", "c_hat"):
        assert told not in public
        assert told in private


def test_scrutinise__a_small_survey_from_beginning_to_end():
    axis = np.arange(4) * 1000.0
    x, y = np.meshgrid(axis, axis)
    traps = scr.Traps(
        names=[f"T{k}" for k in range(16)],
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        crs="local",
    )
    mask = scr.build_mask(traps, buffer=2500, spacing=500)
    truth = {"density.Intercept": 1.0, "lambda0.Intercept": -1.5, "sigma.Intercept": 6.5}
    plan = plan_survey(traps, Usage(np.ones((16, 6))))
    survey, _ = scr.simulate_survey(plan, mask, scr.ModelSpec(), coefficients=truth, seed=4)
    fit = scr.fit_laplace(survey, mask, scr.ModelSpec(), draws=500, check_mask=False)
    found = scrutinise(fit)
    assert found.refused == ()
    assert found.checks.n_draws == 200
    assert found.twice.n_once == found.n_once
    assert found.mergings
    assert len(found.expected) == 4
    assert len(found.leaning) == 4


def test_checks_in_methods__tell_how_the_fit_was_checked_with_references(scrutiny, make_fit):
    fit = make_fit()
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    told, plain = (methods_of(fit, numbers, scrutiny=of) for of in (scrutiny, None))
    (added,) = set(told.paragraphs) - set(plain.paragraphs)
    assert added.endswith(scrutiny.verdict)
    assert "Signs of misfit" in added
    (reference,) = set(told.references) - set(plain.references)
    assert reference.startswith("Robins JM")


def test_checks_in_methods__say_nothing_where_nothing_was_checked(scrutiny):
    assert checks_in_methods(replace(scrutiny, checks=None)) == []
