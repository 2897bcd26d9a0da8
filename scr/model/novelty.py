"""Covariate values that the ground within reach of the stations does not have."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ANY, JOINTLY = "any", "jointly"
"""What the shares of all covariates together are called: one not sampled; or their combination."""

_SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class Novelty:
    """Which cells lie outside of what was sampled.

    Parameters
    ----------
    alone
        One column per covariate: whether its value is below the lowest or above the highest of
        the cells sampled, or is a label that none of them has.
    jointly
        Whether that holds for one covariate at least, or each value was sampled and their
        combination was not, shape (n_cells,).
    """

    alone: pd.DataFrame
    jointly: NDArray[np.bool_]


def novelty(sampled: pd.DataFrame, cells: pd.DataFrame) -> Novelty:
    r"""Compare cells with those sampled, one covariate at a time and jointly.

    A combination is new where its squared Mahalanobis distance from the mean of the cells sampled,

    .. math:: (x - \bar x)^T S^- (x - \bar x),

    is above the largest that a cell sampled has itself, S being their covariance. Labels take part
    as columns of 0 and 1.

    Parameters
    ----------
    sampled
        Covariates of the cells sampled, one row per cell.
    cells
        The same covariates of other cells.

    References
    ----------
    Elith, Kearney & Phillips (2010) Methods Ecol. Evol. 1:330-342, for one covariate at a time
    (MESS below 0); Mesgaran, Cousens & Webber (2014) Diversity Distrib. 20:1147-1159, equations 1
    to 4, for combinations (ExDet).

    Examples
    --------
    >>> near = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [0.0, 1.1, 1.9, 3.0]})
    >>> found = novelty(near, pd.DataFrame({"a": [1.5, 4.0, 0.5], "b": [1.5, 1.0, 2.5]}))
    >>> found.alone["a"].tolist(), found.jointly.tolist()
    ([False, True, False], [False, True, True])
    """
    alone = pd.DataFrame(
        {name: _outside(sampled[name], cells[name]) for name in sampled.columns},
        index=range(len(cells)),
    )
    outside = alone.to_numpy(dtype=np.bool_).any(axis=1)
    if len(sampled.columns) < 2:
        return Novelty(alone, outside)
    return Novelty(alone, outside | _far(_columns(sampled, sampled), _columns(cells, sampled)))


def is_number(column: pd.Series) -> bool:
    """Whether a covariate is a number, rather than a label.

    Parameters
    ----------
    column
        The covariate.
    """
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _outside(sampled: pd.Series, found: pd.Series) -> NDArray[np.bool_]:
    if not is_number(sampled):
        return ~found.isin(sampled.unique()).to_numpy(dtype=np.bool_)
    low, high = float(sampled.min()), float(sampled.max())
    slack = _SLACK * max(abs(low), abs(high))
    return ~found.between(low - slack, high + slack).to_numpy(dtype=np.bool_)


def _columns(table: pd.DataFrame, sampled: pd.DataFrame) -> NDArray[np.float64]:
    columns: list[NDArray[np.float64]] = []
    for name in sampled.columns:
        if is_number(sampled[name]):
            columns.append(table[name].to_numpy(dtype=np.float64))
        else:
            labels = sampled[name].unique()[1:]
            columns += [(table[name] == label).to_numpy(dtype=np.float64) for label in labels]
    return np.stack(columns, axis=1) if columns else np.zeros((len(table), 0))


def _far(sampled: NDArray[np.float64], cells: NDArray[np.float64]) -> NDArray[np.bool_]:
    scale = sampled.std(axis=0)
    used = scale > 0
    if not used.any() or len(sampled) < 2:
        return np.zeros(len(cells), dtype=np.bool_)
    centre = sampled[:, used].mean(axis=0)
    inverse = np.linalg.pinv(np.atleast_2d(np.corrcoef(sampled[:, used].T)), hermitian=True)

    def squared(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        away = (rows[:, used] - centre) / scale[used]
        return np.asarray(np.einsum("ij,jk,ik->i", away, inverse, away))

    return squared(cells) > squared(sampled).max() * (1 + 1e-6)
