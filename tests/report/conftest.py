"""A small survey that is made up, and fits of it with coefficients of our choice."""

import numpy as np
import pytest
import shapely

import scr
from scr.fit.checks import Check
from scr.fit.result import Fit, coefficient_table
from scr.likelihood.problem import build_problem
from scr.model.default_prior import model_prior
from scr.report.page import write_reports
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

VALUES = {
    "density.Intercept": np.log(0.12),
    "density.north": 0.5,
    "lambda0.Intercept": np.log(0.06),
    "lambda0.sex[T.M]": 0.3,
    "sigma.Intercept": np.log(1300.0),
    "share.Intercept": 0.0,
}


def survey_and_mask(names):
    """Thirty-six stations 2 km apart in each session, among animals that are made up."""
    x, y = np.meshgrid(706_900 + 2000.0 * np.arange(6), 4_707_100 + 2000.0 * np.arange(6))
    traps = scr.Traps(
        names=[f"post-{k:02d}" for k in range(36)] * len(names),
        xy=np.tile(np.column_stack([x.ravel(), y.ravel()]), (len(names), 1)),
        crs="EPSG:32652",
        session=np.repeat(np.array(names, dtype=object), 36),
    )
    mask = scr.build_mask(traps, buffer=6000, spacing=1000)
    mask = mask.with_covariate("north", (mask.xy[:, 1] - mask.xy[:, 1].mean()) / 10_000)
    spec = scr.ModelSpec(density="~ north", lambda0="~ sex")
    usage = Usage(np.ones((36, 30)), first_day=np.datetime64("2024-03-01"))
    plan = plan_survey(traps, [usage] * len(names))
    survey, _ = scr.simulate_survey(plan, mask, spec, coefficients=VALUES, seed=4, unknown_sex=0.2)
    return survey, mask, spec


@pytest.fixture(scope="session")
def region():
    """A square that the mask covers."""
    square = shapely.box(708_000, 4_708_000, 716_000, 4_716_000)
    return scr.Region("Far Valley", square, crs="EPSG:32652")


@pytest.fixture(scope="session")
def make_fit():
    """A fit whose draws are normal about the values that the survey was made with."""

    def make(*, names=("2024",), engine="laplace", n_draws=60):
        survey, mask, spec = survey_and_mask(names)
        problem = build_problem(survey, mask, spec)
        point = np.array([VALUES[name] for name in problem.design.coefficient_names])
        vcov = 0.01 * np.eye(len(point))
        draws = np.random.default_rng(3).multivariate_normal(point, vcov, n_draws)
        table = coefficient_table(problem.design.coefficient_names, draws)
        if engine == "nuts":
            table = table.assign(rhat=1.01, ess_bulk=55.0, ess_tail=50.0)
        plug_in = engine == "mle"
        return Fit(
            survey=survey,
            mask=mask,
            spec=spec,
            problem=problem,
            engine=engine,
            draws=draws,
            coefficients=table,
            log_likelihood=-12.5,
            point=point if plug_in else None,
            vcov_root=0.1 * np.eye(len(point)) if plug_in else None,
            prior=None if plug_in else model_prior(problem.design),
            seed=3,
            checks=(
                Check("k_hat", 0.3, 0.7, passed=True, message="Pareto k is 0.30."),
                Check("mask_wider", 0.4, 0.1, passed=False, message="Widen the buffer."),
            ),
        )

    return make


@pytest.fixture(scope="session")
def fit(make_fit):
    """One session, a posterior."""
    return make_fit()


@pytest.fixture(scope="session")
def reports(fit, region, tmp_path_factory):
    """A folder of results with figures and both pages of that fit; nothing may be written there."""
    folder = tmp_path_factory.mktemp("results")
    write_reports(fit, folder, region=region, title="Far & Wide <b>", banner="SIMULATED")
    return folder


@pytest.fixture
def no_figures(monkeypatch):
    """Pages without figures, which take most of the time."""
    for name in ("write_figures", "write_sessions"):
        monkeypatch.setattr(f"scr.report.page.{name}", lambda *_, **__: [])
