import numpy as np
import pytest

from scr.fit.diagnostics import chain_checks, chain_diagnostics, check_complete


def test_chain_diagnostics__independent_draws_are_all_effective():
    theta = np.random.default_rng(1).standard_normal((4, 1000, 2))

    table = chain_diagnostics(theta, ("a", "b"))

    assert (table["rhat"] < 1.005).all()
    np.testing.assert_allclose(table["ess_bulk"], 4000, rtol=0.15)
    np.testing.assert_allclose(table["ess_tail"], 4000, rtol=0.15)


def test_chain_diagnostics__autocorrelated_draws_count_for_less():
    # An autoregression of 0.8 has n (1 - 0.8) / (1 + 0.8) effective draws.
    rng = np.random.default_rng(2)
    theta = np.zeros((4, 4000, 1))
    for draw in range(1, 4000):
        theta[:, draw] = 0.8 * theta[:, draw - 1] + 0.6 * rng.standard_normal((4, 1))

    table = chain_diagnostics(theta, ("a",))

    assert table["ess_bulk"].iloc[0] == pytest.approx(16000 * 0.2 / 1.8, rel=0.15)


def test_chain_checks__name_the_coefficient_the_number_and_the_remedy():
    theta = np.random.default_rng(3).standard_normal((4, 60, 2))
    theta[0, :, 1] += 3.0

    checks = {
        check.name: check
        for check in chain_checks(chain_diagnostics(theta, ("a", "b")), divergences=7, n_draws=240)
    }

    assert not checks["rhat"].passed
    assert "(b)" in checks["rhat"].message
    assert "tune=" in checks["rhat"].message
    assert not checks["ess_bulk"].passed
    assert "draws=" in checks["ess_bulk"].message
    assert "7 of 240" in checks["divergences"].message


def test_check_complete__says_what_is_missing():
    assert check_complete(400, 400).passed
    assert "120 of 400" in check_complete(120, 400).message
