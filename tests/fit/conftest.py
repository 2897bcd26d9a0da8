"""Two small surveys on which every engine is quick."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session
from scr.survey.usage import Usage


def grid_traps(n, spacing, *, session="1", origin=(0.0, 0.0)):
    axis = np.arange(n) * spacing
    x, y = np.meshgrid(origin[0] + axis, origin[1] + axis)
    return {
        "names": [f"T{k}" for k in range(n * n)],
        "xy": np.stack([x.ravel(), y.ravel()], axis=1),
        "session": [session] * (n * n),
    }


@pytest.fixture(scope="session")
def small():
    """25 traps, 10 days, one session, about 20 animals."""
    traps = scr.Traps(**grid_traps(5, 800.0), crs="local")
    mask = scr.build_mask(traps, buffer=2500, spacing=400)
    mask = mask.with_covariate("elev", 1500 + 200 * np.sin(mask.xy[:, 0] / 1000))
    truth = {"density.Intercept": 0.3, "lambda0.Intercept": -2.6, "sigma.Intercept": 6.4}
    plan = plan_survey(traps, Usage(np.full((25, 5), 2.0)))
    survey, _ = simulate_survey(plan, mask, scr.ModelSpec(), coefficients=truth, seed=5)
    return survey, mask


BY_SEX = scr.ModelSpec(
    density="~ elev + session",
    lambda0="~ sex",
    sigma="~ sex + camera",
    priors={"density.elev": scr.StudentT(0.0, 0.5), "share.Intercept": scr.StudentT(0.0, 1.0, 3.0)},
)
TRUTH_BY_SEX = {
    "density.Intercept": 0.4,
    "density.elev": 0.3,
    "density.session[T.south]": -0.4,
    "lambda0.Intercept": -2.4,
    "lambda0.sex[T.M]": 0.3,
    "sigma.Intercept": 6.2,
    "sigma.sex[T.M]": 0.3,
    "sigma.camera[T.old]": -0.1,
    "share.Intercept": -0.3,
}


@pytest.fixture(scope="session")
def two_sessions():
    """Two sessions with masks of their own, a fifth of the sexes unknown, two kinds of camera."""
    parts = [
        grid_traps(4, 700.0, session="north"),
        grid_traps(4, 700.0, session="south", origin=(20000.0, 0.0)),
    ]
    camera = pd.DataFrame({"camera": ["old", "new"] * 16})
    traps = scr.Traps(
        names=np.concatenate([part["names"] for part in parts]),
        xy=np.concatenate([part["xy"] for part in parts]),
        session=np.concatenate([part["session"] for part in parts]),
        covariates=camera,
        crs="local",
    )
    mask = scr.build_mask(traps, buffer=2000, spacing=400)
    mask = mask.with_covariate("elev", np.cos(mask.xy[:, 1] / 900))
    rng = np.random.default_rng(3)
    usages = [Usage(rng.uniform(1, 3, (16, 4))) for _ in range(2)]
    plan = plan_survey(traps, usages)
    survey, _ = simulate_survey(
        plan, mask, BY_SEX, coefficients=TRUTH_BY_SEX, seed=8, unknown_sex=0.2
    )
    return survey, mask


@pytest.fixture(scope="session")
def by_sex():
    return BY_SEX


def captures_of(n, individual, occasion, trap):
    return CaptureHistory(
        individuals=[f"A{i}" for i in range(n)],
        individual=individual,
        occasion=occasion,
        trap=trap,
        count=np.ones(len(individual), dtype=int),
    )


@pytest.fixture
def with_captures(small):
    """The small survey with captures of our choice."""

    def make(n, individual, occasion, trap):
        survey, mask = small
        session = survey.sessions[0]
        captures = captures_of(n, individual, occasion, trap)
        changed = Session(session.name, session.traps, session.usage, captures)
        return scr.Survey((changed,)), mask

    return make
