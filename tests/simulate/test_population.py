"""Populations against their expectations."""

import numpy as np
import pytest

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.simulate.population import simulate_population

XY = np.array([[x, y] for x in (500.0, 1500.0, 2500.0) for y in (500.0, 1500.0)])


@pytest.fixture
def mask() -> HabitatMask:
    area = np.array([1.0, 1.0, 0.5, 1.0, 1.0, 0.25])
    return HabitatMask(xy=XY, cell_area=area, crs="local", spacing=1000.0)


def test_simulate_population__numbers_are_poisson_by_cell_and_class(mask):
    log_density = np.log(np.array([[1.0, 2.0, 4.0, 0.5, 3.0, 2.0]]))
    share = np.array([0.6, 0.4])
    rng = np.random.default_rng(1)
    n_repeats = 2000
    number = np.zeros((n_repeats, 2, len(mask)))
    for repeat in range(n_repeats):
        animals = simulate_population(mask, log_density, share=share, rng=rng)
        np.add.at(number[repeat], (animals.class_, animals.cell), 1)

    # psi a D, by hand
    expected = np.outer([0.6, 0.4], [1.0, 2.0, 2.0, 0.5, 3.0, 0.5])
    z = (number.mean(axis=0) - expected) / np.sqrt(expected / n_repeats)
    assert np.abs(z).max() < 4
    # the variance of a Poisson total is its mean, 9
    total = number.sum(axis=(1, 2))
    assert total.var(ddof=1) == pytest.approx(9.0, abs=4 * 9 * np.sqrt(2 / n_repeats))


def test_simulate_population__classes_may_have_their_own_density(mask):
    log_density = np.array([np.full(6, -np.inf), np.full(6, np.log(10.0))])
    animals = simulate_population(
        mask, log_density, share=np.array([0.5, 0.5]), rng=np.random.default_rng(2)
    )
    assert len(animals) > 0
    assert set(animals.class_) == {1}


def test_simulate_population__centres_fill_their_cell_evenly(mask):
    rng = np.random.default_rng(3)
    log_density = np.full((1, 6), np.log(2000.0))
    animals = simulate_population(mask, log_density, share=np.ones(1), rng=rng)

    offset = (animals.xy - mask.xy[animals.cell]) / 1000.0
    assert np.abs(offset).max() <= 0.5
    error = np.sqrt(1 / 12 / len(animals))
    assert offset.mean(axis=0) == pytest.approx(0.0, abs=4 * error)
    assert offset.var(axis=0) == pytest.approx(1 / 12, rel=0.05)


def test_simulate_population__centres_can_lie_at_cell_centres(mask):
    animals = simulate_population(
        mask,
        np.full((1, 6), np.log(20.0)),
        share=np.ones(1),
        rng=np.random.default_rng(4),
        centres="cell_centre",
    )
    assert np.array_equal(animals.xy, XY[animals.cell])


def test_simulate_population__uses_only_the_cells_of_its_session(mask):
    animals = simulate_population(
        mask,
        np.full((1, 2), np.log(50.0)),
        share=np.ones(1),
        rng=np.random.default_rng(5),
        cells=np.array([4, 1]),
    )
    assert set(animals.cell) == {1, 4}


def test_simulate_population__same_seed_gives_same_animals(mask):
    density = np.full((1, 6), np.log(5.0))
    first, second = (
        simulate_population(mask, density, share=np.ones(1), rng=np.random.default_rng(6))
        for _ in range(2)
    )
    assert np.array_equal(first.xy, second.xy)


def test_simulate_population__mask_without_spacing_needs_cell_centres():
    mask = HabitatMask(xy=XY, cell_area=np.ones(6), crs="local", source="cells.csv")
    with pytest.raises(MaskError, match=r"cells\.csv has no spacing.*cell_centre"):
        simulate_population(mask, np.zeros((1, 6)), share=np.ones(1), rng=np.random.default_rng(7))
