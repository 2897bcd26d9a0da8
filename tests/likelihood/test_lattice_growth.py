"""What a record adds to its leading term, against log((e^x - 1) / x) worked out to fifty digits."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from scr.likelihood.kernel.lattice_growth import add_growth, bound_growth, weigh_growth

AT_TRAP = [1e-13, 1e-6, 9e-4, 2e-3, 0.019, 0.03, 0.19, 0.3, 0.99, 1.2, 6.0, 40.0]
ROW_K, COLUMN_K = np.array([1.0, 0.4, 1e-3]), np.array([1.0, 0.9, 0.5, 1e-2, 1e-9])
COUNT = 3.0


def growth_and_slope(x):
    """G(x) and x G'(x) = x / (1 - e^-x) - 1."""
    with localcontext() as context:
        context.prec = 50
        x = Decimal(float(x))
        return float(((x.exp() - 1) / x).ln()), float(x / (1 - (-x).exp()) - 1)


def expected(at_trap):
    """G and x G' of each row and column."""
    x = at_trap * np.outer(ROW_K, COLUMN_K)
    return np.moveaxis(np.array([[growth_and_slope(value) for value in row] for row in x]), 2, 0)


@pytest.mark.parametrize("at_trap", AT_TRAP)
def test_add_growth__adds_y_times_g(at_trap):
    found = np.full((3, 5), 0.5)

    add_growth(at_trap, COUNT, ROW_K, COLUMN_K, found)

    growth, _ = expected(at_trap)
    assert found == pytest.approx(0.5 + COUNT * growth, rel=2e-14)


@pytest.mark.parametrize("at_trap", AT_TRAP)
def test_bound_growth__is_above_the_growth_in_every_column(at_trap):
    bound = np.zeros(3)

    bound_growth(at_trap, COUNT, ROW_K, bound)

    growth, _ = expected(at_trap)
    assert (bound >= COUNT * growth.max(axis=1) * (1 - 1e-15)).all()


@pytest.mark.parametrize("at_trap", AT_TRAP)
def test_weigh_growth__sums_the_slope_of_g_weighted(at_trap):
    rng = np.random.default_rng(2)
    shares, row_u, column_u = rng.random((3, 5)), rng.random(3), rng.random(5)

    total, total_u = weigh_growth(at_trap, (ROW_K, row_u), (COLUMN_K, column_u), shares)

    _, slope = expected(at_trap)
    u = row_u[:, None] + column_u
    assert total == pytest.approx((shares * slope).sum(), rel=1e-14, abs=1e-15)
    assert total_u == pytest.approx((shares * slope * u).sum(), rel=1e-14, abs=1e-15)
