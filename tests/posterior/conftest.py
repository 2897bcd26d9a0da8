"""Small surveys with coefficients of our choice, so that every sum can be done by hand."""

import numpy as np
import pandas as pd
import pytest

from scr.fit.result import Fit, coefficient_table
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import build_problem
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage


def lattice(n_columns, n_rows, *, spacing=1000.0, origin=(0.0, 0.0), **fields):
    x = origin[0] + spacing * (np.arange(n_columns) + 0.5)
    y = origin[1] + spacing * (np.arange(n_rows) + 0.5)
    xy = np.column_stack([a.ravel() for a in np.meshgrid(x, y)])
    fields.setdefault("cell_area", (spacing / 1000) ** 2)
    return HabitatMask(xy=xy, crs="local", spacing=spacing, **fields)


def session_of(name, trap_xy, records, *, n_occasions=4, sexes=None):
    """A session from records (animal, occasion, trap)."""
    records = np.array(sorted(records), dtype=np.int64).reshape(-1, 3)
    n_animals = int(records[:, 0].max()) + 1 if len(records) else 0
    covariates = pd.DataFrame() if sexes is None else pd.DataFrame({"sex": sexes})
    return Session(
        name=name,
        traps=Traps(
            names=[f"T{k}" for k in range(len(trap_xy))],
            xy=np.array(trap_xy, dtype=float),
            crs="local",
            session=[name] * len(trap_xy),
        ),
        usage=Usage(np.ones((len(trap_xy), n_occasions))),
        captures=CaptureHistory(
            individuals=[f"{name}-{i}" for i in range(n_animals)],
            individual=records[:, 0],
            occasion=records[:, 1],
            trap=records[:, 2],
            count=np.ones(len(records), dtype=np.int64),
            covariates=covariates,
        ),
    )


@pytest.fixture
def make_mask():
    return lattice


@pytest.fixture
def make_session():
    return session_of


def root_of(vcov):
    """Symmetric root of a covariance matrix, which may be singular."""
    variances, axes = np.linalg.eigh(vcov)
    return axes * np.sqrt(np.maximum(variances, 0.0)) @ axes.T


@pytest.fixture
def make_fit():
    """A fit with given draws, or with a given estimate and covariance matrix."""

    def make(survey, mask, spec, *, draws=None, point=None, vcov=None, n_draws=400):
        if isinstance(survey, Session):
            survey = Survey((survey,))
        if draws is None:
            rng = np.random.default_rng(11)
            draws = rng.multivariate_normal(point, vcov, n_draws)
        draws = np.asarray(draws, dtype=float)
        problem = build_problem(survey, mask, spec)
        return Fit(
            survey=survey,
            mask=mask,
            spec=spec,
            problem=problem,
            engine="laplace" if point is None else "mle",
            draws=draws,
            coefficients=coefficient_table(problem.design.coefficient_names, draws),
            log_likelihood=0.0,
            point=None if point is None else np.asarray(point, dtype=float),
            vcov_root=None if vcov is None else root_of(np.asarray(vcov, dtype=float)),
        )

    return make


@pytest.fixture
def sexed_session():
    """Four traps, three animals, one of unknown sex."""
    records = [(0, 0, 0), (0, 2, 1), (1, 1, 3), (2, 3, 2), (2, 3, 0)]
    traps = [(2500, 2500), (4500, 2500), (2500, 4500), (4500, 4500)]
    return session_of("1", traps, records, sexes=["F", "M", None])
