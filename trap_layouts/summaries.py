"""What a study shows: bias, precision, coverage and power, each with its Monte Carlo error."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats.mstats import mjci

from trap_layouts.change import power_to_detect


def summarise(results: pd.DataFrame, *, change: float | None = None) -> pd.DataFrame:
    """What a study shows of each scenario.

    Parameters
    ----------
    results
        From ``run_study``.
    change
        Relative change of N between two such surveys, of which power is told. Studies of several
        years have a change of their own.

    Returns
    -------
    DataFrame
        One row per scenario: ``surveys``, ``failures`` (left out of the rest), ``animals`` (mean),
        ``true_n``, ``bias`` (relative, of the mean estimate), ``rse`` (median estimated; its error
        by Maritz and Jarrett), ``rmse`` (relative root mean squared error) and ``coverage`` of the
        95 % intervals. With a change also ``power``: of two surveys, of which each has the median
        RSE (``power_to_detect``); of several years the share of plans whose 95 % interval of the
        change is without 0, with ``change`` (median), ``change_lower`` and ``change_upper`` (median
        ends of that interval) and ``change_coverage``. ``_error`` behind a name marks its Monte
        Carlo standard error.

    References
    ----------
    Maritz & Jarrett (1978) J. Am. Stat. Assoc. 73:194-196; Agresti & Coull (1998) Am. Stat.
    52:119-126, for the error of a share.
    """
    rows = []
    for name, group in results.groupby("scenario", sort=False):
        good = group[group["fitted"]]
        ratio = good["n"] / good["true_n"] - 1
        inside = (good["lower"] <= good["true_n"]) & (good["true_n"] <= good["upper"])
        row = {
            "scenario": name,
            "surveys": len(group),
            "failures": int((~group["fitted"]).sum()),
            "animals": group["animals"].mean(),
            "true_n": group["true_n"].iloc[0],
            "bias": ratio.mean(),
            "bias_error": ratio.std(ddof=1) / np.sqrt(max(len(good), 1)),
            "rse": good["log_se"].median(),
            "rse_error": _median_error(good["log_se"].to_numpy()),
            "rmse": np.sqrt((ratio**2).mean()),
            "rmse_error": _root_error((ratio**2).to_numpy()),
            **_share("coverage", inside),
        }
        if "true_change" in group:
            row |= _of_years(good)
        elif change is not None:
            row |= _of_two(change, row["rse"], row["rse_error"])
        rows.append(row)
    return pd.DataFrame(rows)


def _of_years(good: pd.DataFrame) -> dict[str, float]:
    lower, upper, true = good["change_lower"], good["change_upper"], good["true_change"]
    middle = {name: good[name].median() for name in ("change", "change_lower", "change_upper")}
    return (
        _share("power", (lower > 0) | (upper < 0))
        | middle
        | _share("change_coverage", (lower <= true) & (true <= upper))
    )


def _of_two(change: float, rse: float, error: float) -> dict[str, float]:
    if not np.isfinite(rse):
        return {"power": float("nan"), "power_error": float("nan")}
    least, most = (power_to_detect(change, rse=max(rse + s * error, 1e-9)) for s in (1, -1))
    return {"power": power_to_detect(change, rse=rse), "power_error": abs(most - least) / 2}


def _share(name: str, found: "pd.Series[bool]") -> dict[str, float]:
    """A share and its standard error; that of none or all is not 0."""
    n = len(found)
    middle = (found.sum() + 2) / (n + 4)
    share = float(found.mean()) if n else float("nan")
    return {name: share, f"{name}_error": float(np.sqrt(middle * (1 - middle) / (n + 4)))}


def _median_error(values: NDArray[np.float64]) -> float:
    """Standard error of the median; missing where there are fewer than two values."""
    return float(mjci(values, prob=[0.5])[0]) if len(values) > 1 else float("nan")


def _root_error(squares: NDArray[np.float64]) -> float:
    """Standard error of the root of a mean; missing for fewer than two values, or none but 0."""
    if len(squares) < 2 or not squares.any():
        return float("nan")
    error = squares.std(ddof=1) / np.sqrt(len(squares))
    return float(error / (2 * np.sqrt(squares.mean())))
