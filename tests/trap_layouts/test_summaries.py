"""What a study shows, with Monte Carlo errors that repeated studies have."""

import numpy as np
import pandas as pd
import pytest

from trap_layouts.change import power_to_detect
from trap_layouts.summaries import summarise

SE, CHANGE = 0.3, -0.5


def study(rng, n=100):
    """Rows of a study in which estimates have a known error."""
    log_n = rng.normal(0, 0.2, n)
    log_se = 0.2 * np.exp(rng.normal(0, 0.1, n))
    log_change = rng.normal(np.log1p(CHANGE), SE, n)
    limits = {
        "change_lower": np.expm1(log_change - 1.96 * SE),
        "change_upper": np.expm1(log_change + 1.96 * SE),
    }
    return pd.DataFrame(
        {
            "scenario": "one",
            "fitted": True,
            "animals": 20,
            "true_n": 100.0,
            "n": 100 * np.exp(log_n),
            "log_se": log_se,
            "lower": 100 * np.exp(log_n - 1.96 * log_se),
            "upper": 100 * np.exp(log_n + 1.96 * log_se),
            "true_change": CHANGE,
            "change": np.expm1(log_change),
            **limits,
        }
    )


def test_summarise__error_is_the_spread_over_studies():
    rng = np.random.default_rng(1)
    found = pd.concat([summarise(study(rng)) for _ in range(200)])
    for name in ("bias", "rse", "rmse", "coverage", "power", "change_coverage"):
        spread = found[name].std(ddof=1)
        assert found[f"{name}_error"].median() == pytest.approx(spread, rel=0.25), name


def test_summarise__power_over_years_is_the_share_of_plans_that_show_the_change():
    found = summarise(study(np.random.default_rng(2), n=20_000)).iloc[0]
    z = np.log(2) / SE
    draws = np.random.default_rng(3).normal(z, 1, 400_000)
    assert found["power"] == pytest.approx(np.mean(np.abs(draws) > 1.96), abs=0.01)
    assert found["change_coverage"] == pytest.approx(0.95, abs=0.01)


def test_summarise__power_of_two_surveys_follows_from_the_median_rse():
    rows = study(np.random.default_rng(2)).drop(columns="true_change")
    found = summarise(rows, change=-0.5).iloc[0]
    assert found["power"] == power_to_detect(-0.5, rse=found["rse"])
    assert "power" not in summarise(rows)
