"""Ranks of the truth: those of a right posterior pass, those of a wrong one do not."""

import calibration
import numpy as np
import pytest


def ranks_of_normal(n, *, sd=1.0, shift=0.0):
    """Ranks where the posterior is normal about an estimate, with a wrong sd or place."""
    rng = np.random.default_rng(7)
    truth = rng.normal(size=n)
    draws = truth[:, None] + rng.normal(size=n)[:, None] + shift + sd * rng.normal(size=(n, 999))
    return np.array(
        [calibration.share_below(row, value, rng) for row, value in zip(draws, truth, strict=True)]
    )


def test_calibration__of_a_right_posterior_is_uniform_and_of_wrong_ones_not():
    table = calibration.calibration(
        {
            "right": ranks_of_normal(800),
            "narrow": ranks_of_normal(800, sd=0.6),
            "shifted": ranks_of_normal(800, shift=0.4),
        }
    )

    assert table.loc["right", "p_value"] > 0.01
    assert (table["p_value"].drop("right") < 1e-4).all()
    assert table.loc["right", "95%"] == pytest.approx(760, abs=25)
    assert table.loc["narrow", "95%"] < 700
    assert table.loc["shifted", "mean"] < 0.45


def test_share_below__of_equal_draws_is_spread_over_them():
    rng = np.random.default_rng(3)
    found = [calibration.share_below(np.array([1, 2, 2, 3]), 2, rng) for _ in range(400)]

    assert min(found) >= 0.25
    assert max(found) <= 0.75
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)


def test_calibration__page_is_of_the_results_and_no_rank_is_off():
    results = calibration.read()

    assert calibration.PAGE.read_text(encoding="utf-8") == calibration.page(results)
    tables = [
        calibration.calibration(calibration.ranks_of(results, name)) for name in calibration.CASES
    ]
    tests = sum(map(len, tables))
    assert min(table["p_value"].min() for table in tables) > calibration.OVERALL / tests
    assert results.groupby("case")["seed"].nunique().min() == calibration.N_REPLICATES


@pytest.mark.slow
@pytest.mark.parametrize("name", calibration.CASES)
def test_replicate__of_another_seed_has_ranks_of_all(name):
    rows = calibration.replicate(name, 77)

    assert rows[-1][2] == calibration.N_REALISED
    assert all(0 <= row[4] <= 1 for row in rows)
