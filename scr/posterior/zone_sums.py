"""Sums and differences of zones, draw by draw."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scr.errors import FitError
from scr.posterior.abundance import AbundanceDraws
from scr.posterior.surface import summarise_draws

_COLUMNS = {"median": "median", "mean": "mean", "sd": "sd", "q2.5": "lower", "q97.5": "upper"}


def zone_sums(draws: AbundanceDraws, sums: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Animals in sums, differences or shares of zones, with intervals.

    Draws of all zones are joint: coefficients and every animal's centre are the same for all, so
    that a sum or difference has the right interval, which those of single zones do not give.

    Parameters
    ----------
    draws
        From ``abundance_draws``.
    sums
        By name, how often each zone counts: ``{"north - south": {"north": 1, "south": -1}}``.

    Returns
    -------
    DataFrame
        Rows: sum and estimand (``"expected N"``, ``"realised N"``). Columns: median, mean, sd,
        lower and upper (95 %), p_above_0, the probability that the sum is above 0.

    Raises
    ------
    FitError
        If a zone is not among those drawn.
    """
    known = list(draws.expected.columns)
    rows = []
    for name, weights in sums.items():
        unknown = [zone for zone in weights if zone not in known]
        if unknown or not weights:
            msg = (
                f"{name!r} names {', '.join(map(repr, unknown)) or 'no zone'}, but the zones drawn "
                f"are {', '.join(map(repr, known))}. Use these names."
            )
            raise FitError(msg)
        factor = np.array(list(weights.values()), dtype=np.float64)
        for estimand, table in (("expected N", draws.expected), ("realised N", draws.realised)):
            value = table[list(weights)].to_numpy(dtype=np.float64) @ factor
            summary = summarise_draws(value[:, None]).iloc[0]
            numbers = {_COLUMNS[column]: summary[column] for column in _COLUMNS}
            row = {"sum": name, "estimand": estimand, **numbers}
            rows.append({**row, "p_above_0": float((value > 0).mean())})
    return pd.DataFrame(rows)
