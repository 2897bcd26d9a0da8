import numpy as np
import pandas as pd
import pytest

from scr.errors import FitError
from scr.posterior.surface import (
    QUANTILES,
    SUMMARY_COLUMNS,
    above_column,
    summarise_draws,
    summarise_log_normal,
)


@pytest.mark.parametrize("n_draws", [1, 2, 7, 1000])
def test_summarise_draws__agrees_with_numpy_cell_by_cell(n_draws):
    draws = np.random.default_rng(2).gamma(2.0, 1.0, (n_draws, 2500))

    table = summarise_draws(draws)

    assert tuple(table.columns) == SUMMARY_COLUMNS
    expected = np.quantile(draws, QUANTILES, axis=0)
    for column, values in zip(["q2.5", "q25", "median", "q75", "q97.5"], expected, strict=True):
        np.testing.assert_allclose(table[column], values, rtol=1e-12)
    np.testing.assert_allclose(table["mean"], draws.mean(axis=0))
    if n_draws > 1:
        np.testing.assert_allclose(table["sd"], draws.std(axis=0, ddof=1))
        np.testing.assert_allclose(table["cv"], draws.std(axis=0, ddof=1) / draws.mean(axis=0))


def test_summarise_draws__cv_is_missing_where_nothing_was_drawn():
    table = summarise_draws(np.zeros((5, 2)))
    assert table["cv"].isna().all()
    assert (table["mean"] == 0).all()


def test_summarise_log_normal__quantiles_are_those_of_a_log_normal_variable():
    value, log_se = np.array([0.5, 3.0]), np.array([0.2, 0.7])
    drawn = value * np.exp(np.random.default_rng(3).normal(0, log_se, (400_000, 2)))

    table = summarise_log_normal(value, log_se)

    np.testing.assert_allclose(
        table[["q2.5", "q25", "q75", "q97.5"]].to_numpy().T,
        np.quantile(drawn, [0.025, 0.25, 0.75, 0.975], axis=0),
        rtol=0.01,
    )
    assert table["mean"].tolist() == table["median"].tolist() == [0.5, 3.0]
    np.testing.assert_allclose(table["sd"], value * log_se)


def test_summarise_draws__whole_numbers_are_summarised_like_any_others():
    counts = np.random.default_rng(2).poisson(3.0, (101, 7)).astype(np.int32)
    counts[0, 0] = 300  # no longer a byte
    pd.testing.assert_frame_equal(summarise_draws(counts), summarise_draws(counts.astype(float)))


def test_above_column__refuses_what_is_no_density():
    for threshold in (-1.0, np.nan, np.inf):
        with pytest.raises(FitError, match="0 or more"):
            above_column(threshold)
