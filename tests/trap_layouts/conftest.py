"""Layouts that the tests share."""

import numpy as np
import pytest

from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from trap_layouts.assumptions import assume
from trap_layouts.layout import make_layout


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
