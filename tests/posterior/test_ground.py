import numpy as np

from scr.posterior.ground import WeightedCells, expected_number, plug_in_number


def test_expected_number__equals_the_sum_over_cells_draw_by_draw():
    rng = np.random.default_rng(3)
    cells = WeightedCells(rng.normal(size=(9000, 2)), rng.random((3, 9000)))
    beta = rng.normal(size=(4, 2))
    expected = [[(a * np.exp(cells.columns @ b)).sum() for a in cells.area_km2] for b in beta]
    np.testing.assert_allclose(expected_number(cells, beta), expected)


def test_plug_in_number__standard_error_is_that_of_many_draws():
    rng = np.random.default_rng(4)
    cells = WeightedCells(rng.normal(size=(30, 2)), rng.random((2, 30)))
    beta, vcov = np.array([0.3, -0.5]), np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
    number, log_se = plug_in_number(cells, beta, np.linalg.cholesky(vcov))
    drawn = np.log(expected_number(cells, rng.multivariate_normal(beta, vcov, 40_000)))
    np.testing.assert_allclose(log_se, drawn.std(axis=0), rtol=0.02)
    np.testing.assert_allclose(np.log(number), drawn.mean(axis=0), atol=5e-3)
