r"""The scale at which a covariate acts on density: ``scale_of(forest_500, forest_1000)``.

The columns are one covariate, smoothed over more and more ground. Each is brought to mean 0 and
standard deviation 1 over the cells of the fit, :math:`z_k`. Between the scales :math:`s_k` of the
columns, the covariate at scale s is their natural cubic spline in :math:`\log s`,

.. math:: \log D_m = \dots + \beta \sum_k w_k(t)\,z_{km}, \qquad
    t = \frac{\log s - \log s_1}{\log s_K - \log s_1} = \mathrm{expit}(\tau)

with :math:`w_k(t_j) = 1` for j = k, else 0. It has a slope everywhere, and so has the likelihood in
:math:`\beta` and :math:`\tau`. For given s it is linear: the coefficients of the :math:`z_k` are
:math:`\beta w_k`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from scr.model.formula_tokens import Refusal
from scr.model.links import expit
from scr.model.pool_names import OF_SCALE
from scr.model.scale_text import ScaleText
from scr.model.smooths import numbers_of

_FLAT = 1e-8


@dataclass(frozen=True, eq=False)
class EffectScale:
    """A covariate whose scale of effect is estimated.

    Parameters
    ----------
    text
        The term.
    centre, spread
        Mean and standard deviation of each column over the cells of the fit, shape (n_scales,).
    cubes
        Of the spline of each column: its jumps of the third derivative over 6 where one of the
        columns stands, but the last, shape (n_scales, n_scales - 1).
    rise
        Its slope at the finest scale, shape (n_scales,).
    place
        Place of the slope among the coefficients of density; that of the scale follows it.
    """

    text: ScaleText
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    cubes: NDArray[np.float64]
    rise: NDArray[np.float64]
    place: int

    @property
    def names(self) -> tuple[str, str]:
        """Names of its two coefficients."""
        return self.text.name, f"{self.text.name}[{OF_SCALE}]"

    @property
    def knots(self) -> NDArray[np.float64]:
        """Places t of the columns, from 0 to 1, shape (n_scales,)."""
        return _places(self.text)

    def columns(self, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:
        """The columns :math:`z_k` for the rows of a table, shape (n_rows, n_scales).

        Parameters
        ----------
        table
            With the covariates.
        refuse
            The error of the formula.
        """
        return (
            numbers_of(self.text.name, self.text.columns, table, refuse) - self.centre
        ) / self.spread

    def weights(self, t: Any, module: Any = np) -> Any:
        """Weights :math:`w_k`, shape (..., n_scales).

        Parameters
        ----------
        t
            Place of the scale from 0 to 1, any shape.
        module
            With ``maximum``, as for variables of PyTensor.
        """
        beyond = module.maximum(t[..., None] - self.knots[:-1], 0.0)
        cubes = (beyond[..., None, :] ** 3 * self.cubes).sum(axis=-1)
        return np.eye(len(self.rise))[0] + self.rise * t[..., None] + cubes

    def slopes(self, t: float) -> NDArray[np.float64]:
        """Derivatives of the weights to t, shape (n_scales,).

        Parameters
        ----------
        t
            Place of the scale from 0 to 1.
        """
        beyond = np.maximum(t - self.knots[:-1], 0.0)
        return np.asarray(self.rise + 3.0 * self.cubes @ beyond**2)

    def metres(self, tau: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scale s, metres.

        Parameters
        ----------
        tau
            Its coefficient, any shape.
        """
        first, last = np.log(self.text.metres[0]), np.log(self.text.metres[-1])
        return np.asarray(np.exp(first + (last - first) * expit(tau)))


def make_scale(text: ScaleText, table: pd.DataFrame, place: int, refuse: Refusal) -> EffectScale:
    """A scale of effect for the cells of a fit.

    Parameters
    ----------
    text
        The term.
    table
        Covariates of the cells.
    place
        Place of its slope among the coefficients of density.
    refuse
        The error of the formula.

    Raises
    ------
    FormulaError
        If a column is no number, has missing values or is constant.
    """
    values = numbers_of(text.name, text.columns, table, refuse)
    centre, spread = values.mean(axis=0), values.std(axis=0)
    flat = spread <= _FLAT * np.abs(values).max(axis=0)
    if flat.any():
        name = text.columns[int(np.flatnonzero(flat)[0])]
        refuse(
            f"has {text.name}, and {name} is the same in all {len(values)} rows, so that nothing "
            "can be learnt of it. Leave it out."
        )
    knots = _places(text)
    spline = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")
    cubes = np.diff(spline.c[0], axis=0, prepend=0.0).T
    return EffectScale(text, centre, spread, cubes, spline.c[2][0], place)


def density_coefficients(scales: Sequence[EffectScale], beta: Any, module: Any = np) -> Any:
    """Coefficients of the columns of density, those of scales of effect behind the others.

    Parameters
    ----------
    scales
        Scales of effect.
    beta
        Coefficients of density, shape (..., n_terms).
    module
        ``numpy``, or ``pytensor.tensor``.

    Returns
    -------
    NDArray
        Shape (..., n_terms + n_columns of the scales); ``beta`` itself without any.
    """
    if not scales:
        return beta
    parts = [beta]
    for scale in scales:
        t = 0.5 + 0.5 * module.tanh(0.5 * beta[..., scale.place + 1])  # expit, never too large
        parts.append(beta[..., scale.place, None] * scale.weights(t, module))
    return module.concatenate(parts, axis=-1)


def density_slopes(scales: Sequence[EffectScale], beta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Derivatives of ``density_coefficients``, shape (n_columns, n_terms).

    Parameters
    ----------
    scales
        Scales of effect.
    beta
        Coefficients of density, shape (n_terms,).
    """
    parts = [np.eye(len(beta))]
    for scale in scales:
        t = expit(beta[scale.place + 1])
        part = np.zeros((len(scale.rise), len(beta)))
        part[:, scale.place] = scale.weights(np.asarray(t))
        part[:, scale.place + 1] = beta[scale.place] * scale.slopes(float(t)) * t * (1.0 - t)
        parts.append(part)
    return np.concatenate(parts)


def _places(text: ScaleText) -> NDArray[np.float64]:
    logs = np.log(text.metres)
    return np.asarray((logs - logs[0]) / (logs[-1] - logs[0]))
