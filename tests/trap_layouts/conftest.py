"""Layouts that the tests share."""

import numpy as np
import pytest
import shapely

from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.survey.parts import places_of
from scr.survey.traps import Traps
from trap_layouts.assumptions import assume
from trap_layouts.layout import Layout, make_layout


def square_mask(half, spacing):
    axis = np.arange(-half + spacing / 2, half, spacing)
    x, y = np.meshgrid(axis, axis)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    return HabitatMask(
        xy=xy, cell_area=np.full(len(xy), (spacing / 1000) ** 2), crs="local", spacing=spacing
    )


@pytest.fixture
def small_layout():
    axis = np.array([-4000.0, 0.0, 4000.0])
    x, y = np.meshgrid(axis, axis)
    return make_layout("nine", np.stack([x.ravel(), y.ravel()], axis=1), crs="local")


def searched(parts):
    parts = shapely.GeometryCollection(parts)
    names = [f"P{i}" for i in range(len(parts.geoms))]
    return Layout("searched", Traps(names, places_of(parts), crs="local", parts=parts))


@pytest.fixture
def four_areas():
    corners = [(x, y) for x in (-4000.0, 4000.0) for y in (-4000.0, 4000.0)]
    return searched([shapely.box(x - 1500, y - 1500, x + 1500, y + 1500) for x, y in corners])


@pytest.fixture
def four_lines():
    middles = [(x, y) for x in (-4000.0, 4000.0) for y in (-4000.0, 4000.0)]
    return searched([shapely.LineString([(x - 2500, y), (x + 2500, y + 1000)]) for x, y in middles])


@pytest.fixture
def small_mask():
    return square_mask(16_000.0, 1000.0)


@pytest.fixture
def plan(small_mask):
    """Assumptions with any of their parts replaced."""

    def make(**changes):
        parameters = {"density": 2.0, "lambda0": 0.05, "sigma": 3000.0}
        parameters |= changes.pop("parameters", {})
        spec = changes.pop("spec", ModelSpec())
        mask = changes.pop("mask", small_mask)
        settings = {"n_occasions": 10, "occasion_days": 1.0} | changes
        return assume(mask, spec, parameters, **settings)

    return make
