"""A small survey on a square of habitat, and a fit of it with coefficients of our choice."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from scr.fit.result import Fit, coefficient_table
from scr.habitat.mask import HabitatMask, MaskExtent
from scr.likelihood.problem import build_problem
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

WEST, SOUTH, SIDE, BUFFER = 700_000.0, 4_700_000.0, 1000.0, 6000.0


def traps_on_grid(shift=(0.0, 0.0)):
    """Twenty-five stations 2 km apart; the first one is moved by ``shift``."""
    x, y = np.meshgrid(WEST + 12_137 + 2000 * np.arange(5), SOUTH + 12_219 + 2000 * np.arange(5))
    xy = np.column_stack([x.ravel(), y.ravel()])
    xy[0] += shift
    return xy


def mask_round(traps, *, buffer=BUFFER, extent=True):
    """Square kilometres whose centre is within the buffer of a trap."""
    low, high = np.floor((traps.min(0) - buffer) / SIDE), np.ceil((traps.max(0) + buffer) / SIDE)
    x, y = (SIDE * (np.arange(a, b) + 0.5) for a, b in zip(low, high, strict=True))
    xy = np.column_stack([a.ravel() for a in np.meshgrid(x, y)])
    near = np.hypot(*(xy[:, None] - traps).transpose(2, 0, 1)).min(axis=1) <= buffer
    xy = xy[near]
    return HabitatMask(
        xy=xy,
        cell_area=1.0,
        crs="EPSG:32652",
        spacing=SIDE,
        covariates=pd.DataFrame({"north": (xy[:, 1] - SOUTH) / 10_000}),
        extent=MaskExtent(buffer=buffer) if extent else None,
    )


def session_of(name, traps, *, n_animals):
    rng = np.random.default_rng(9)
    trap = rng.integers(0, len(traps), n_animals)
    return Session(
        name=name,
        traps=Traps(
            names=[f"station-{k:02d}" for k in range(len(traps))],
            xy=traps,
            crs="EPSG:32652",
            session=[name] * len(traps),
        ),
        usage=Usage(np.ones((len(traps), 20))),
        captures=CaptureHistory(
            individuals=[f"Bek {i}" for i in range(n_animals)],
            individual=np.arange(n_animals),
            occasion=np.arange(n_animals),
            trap=trap,
            count=np.ones(n_animals, dtype=np.int64),
            covariates=pd.DataFrame({"sex": ["F", "M", *[None] * (n_animals - 2)]}),
        ),
    )


@pytest.fixture
def place():
    """Functions that make stations and masks round them."""
    return traps_on_grid, mask_round


@pytest.fixture
def make_fit():
    """A fit by importance sampling or maximum likelihood, of one session or two."""

    def make(*, names=("2024",), engine="laplace", n_draws=40, density="~ north"):
        traps = traps_on_grid()
        mask = mask_round(traps)
        survey = Survey(
            tuple(session_of(name, traps, n_animals=4) for name in names),
            notes=("stations.csv: station-07 never worked.",),
        )
        spec = ModelSpec(density=density, lambda0="~ sex")
        problem = build_problem(survey, mask, spec)
        more = len(problem.design.coefficient_names) - 6
        point = np.array(
            [np.log(0.02), *[-0.1] * more, 0.2, np.log(0.05), 0.3, np.log(2000.0), -0.2]
        )
        vcov = 0.01 * np.eye(len(point))
        draws = np.random.default_rng(3).multivariate_normal(point, vcov, n_draws)
        return Fit(
            survey=survey,
            mask=mask,
            spec=spec,
            problem=problem,
            engine=engine,
            draws=draws,
            coefficients=coefficient_table(problem.design.coefficient_names, draws),
            log_likelihood=-12.5,
            point=point if engine == "mle" else None,
            vcov_root=0.1 * np.eye(len(point)) if engine == "mle" else None,
            seed=3,
        )

    return make


@pytest.fixture
def make_problem_with():
    """A fit of the same survey with another mask and density formula, its draws made up."""

    def make(fit, mask, spec):
        problem = build_problem(fit.survey, mask, spec)
        names = problem.design.coefficient_names
        draws = np.random.default_rng(3).normal(0.0, 0.1, (60, len(names)))
        draws[:, names.index("density.Intercept")] -= 4.0
        draws[:, names.index("lambda0.Intercept")] -= 3.0
        draws[:, names.index("sigma.Intercept")] += np.log(2000.0)
        table = coefficient_table(names, draws)
        return replace(fit, mask=mask, spec=spec, problem=problem, draws=draws, coefficients=table)

    return make


def drawn_texts(figure):
    """Every text that is really drawn, with its box."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    drawn, draw = [], Text.draw

    def note(text, *args, **kwargs):
        if text.get_visible() and text.get_text().strip():
            drawn.append((text.get_text(), text.get_window_extent(renderer)))
        return draw(text, *args, **kwargs)

    with patch.object(Text, "draw", note):
        figure.draw(renderer)
    return drawn


@pytest.fixture
def texts_of():
    """The texts that a figure draws, each with its box."""
    return drawn_texts


@pytest.fixture
def assert_texts_apart():
    """Fails where a text leaves the sheet or touches another one; returns the texts."""

    def check(figure):
        texts = drawn_texts(figure)
        width, height = figure.get_size_inches() * figure.dpi
        for label, box in texts:
            assert box.x0 >= 0, label
            assert box.x1 <= width, label
            assert box.y0 >= 0, label
            assert box.y1 <= height, label
        for i, (label, box) in enumerate(texts):
            for other, other_box in texts[i + 1 :]:
                assert not box.overlaps(other_box), (label, other)
        return [label for label, _ in texts]

    return check
