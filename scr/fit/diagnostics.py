"""What chains say of themselves: R-hat, effective draws, divergences."""

from typing import Any

import numpy as np
import pandas as pd
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray

from scr.fit.checks import Check

LARGEST_RHAT = 1.01
"""Largest R-hat of chains that agree."""

LEAST_EFFECTIVE = 400
"""Fewest effective draws for medians and intervals to be trusted."""

_STATS: Any = array_stats


def chain_diagnostics(theta: NDArray[np.float64], names: tuple[str, ...]) -> pd.DataFrame:
    """R-hat and effective draws of each coefficient.

    Parameters
    ----------
    theta
        Draws, shape (n_chains, n_draws, n_coefficients).
    names
        Names of the coefficients.

    Returns
    -------
    DataFrame
        Columns ``rhat``, ``ess_bulk`` and ``ess_tail``.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Burkner (2021) Bayesian Analysis 16:667-718.
    """
    axes = {"chain_axis": 0, "draw_axis": 1}
    return pd.DataFrame(
        {
            "rhat": _STATS.rhat(theta, **axes),
            "ess_bulk": _STATS.ess(theta, method="bulk", **axes),
            "ess_tail": _STATS.ess(theta, method="tail", prob=(0.05, 0.95), **axes),
        },
        index=pd.Index(names, name="coefficient"),
    )


def chain_checks(diagnostics: pd.DataFrame, *, divergences: int, n_draws: int) -> tuple[Check, ...]:
    """Whether chains agree, are long enough and did not diverge.

    Parameters
    ----------
    diagnostics
        From ``chain_diagnostics``.
    divergences
        Draws whose trajectory diverged.
    n_draws
        Draws of all chains.

    Returns
    -------
    tuple
        Checks ``rhat``, ``ess_bulk``, ``ess_tail`` and ``divergences``.
    """
    checks = [_check_rhat(diagnostics["rhat"])]
    checks += [_check_effective(diagnostics[name], n_draws) for name in ("ess_bulk", "ess_tail")]
    told = f"{divergences} of {n_draws} trajectories diverged"
    if divergences:
        told += (
            ": parts of the posterior were not reached. Simplify the formulas, or give stronger "
            "priors to the coefficients that the data cannot identify"
        )
    checks.append(Check("divergences", float(divergences), 0.0, divergences == 0, told + "."))
    return tuple(checks)


def check_complete(n_kept: int, n_asked: int) -> Check:
    """Whether sampling ran to its end.

    Parameters
    ----------
    n_kept, n_asked
        Draws of all chains.
    """
    passed = n_kept == n_asked
    told = f"{n_kept} of {n_asked} draws were made"
    if not passed:
        told += ": sampling was interrupted. Fit again without interruption for the rest"
    return Check("complete", float(n_kept), float(n_asked), passed, told + ".")


def _check_rhat(rhat: pd.Series) -> Check:
    if rhat.isna().all():
        told = "R-hat cannot be told from one chain: fit with two chains or more (chains=)."
        return Check("rhat", float("nan"), LARGEST_RHAT, passed=False, message=told)
    worst = float(rhat.max())
    passed = worst <= LARGEST_RHAT
    message = f"The largest R-hat is {worst:.3f} ({rhat.idxmax()})"
    if not passed:
        message += (
            f"; above {LARGEST_RHAT} the chains do not agree. Use a longer warm-up (tune=) and "
            "more draws; if that does not help, simplify the formulas"
        )
    return Check("rhat", worst, LARGEST_RHAT, passed, message + ".")


def _check_effective(effective: pd.Series, n_draws: int) -> Check:
    least = float(effective.min())
    passed = least >= LEAST_EFFECTIVE
    kind = {"ess_bulk": "medians", "ess_tail": "intervals"}[str(effective.name)]
    message = f"Of {n_draws} draws {least:.0f} are effective for {kind} ({effective.idxmin()})"
    if not passed:
        message += f"; at least {LEAST_EFFECTIVE} are needed. Use more draws (draws=)"
    return Check(str(effective.name), least, float(LEAST_EFFECTIVE), passed, message + ".")
