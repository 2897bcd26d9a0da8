r"""Smooth terms of log density: the columns that they are made of.

``s(x)`` and ``s(x, y)`` are thin plate splines of few knots, written as effects that share a
normal distribution. With knots :math:`\kappa_k`, places :math:`u`, and
:math:`\eta(r) = r^3` in one dimension, :math:`r^2 \log r` in two, a spline is a line or plane and
:math:`\sum_k \delta_k \eta(|u - \kappa_k|)` where the :math:`\delta_k` are orthogonal to lines or
planes over the knots: :math:`\delta = N a`. Its roughness is :math:`a^T N^T E N a`, with E the
:math:`\eta` between knots. So, with :math:`N^T E N = L L^T`, :math:`b = L^T a` has roughness
:math:`b^T b`: the b are independent normal effects, whose standard deviation says how rough the
surface is and is estimated. The line or plane has coefficients of its own.

``gp(x, y)`` is a Gaussian process over the rectangle of the cells and a margin round them, by its
sine functions of the lowest frequencies (``scr.model.spectrum``). They do not change with the
length; the variances of their coefficients do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist
from scipy.special import xlogy

from scr.model.formula_tokens import Refusal
from scr.model.independence import constant_direction
from scr.model.pool_names import OF_LENGTH, OF_SD
from scr.model.smooth_text import LEAST, SmoothText
from scr.model.spectrum import Spectrum

_MARGIN = 0.6
"""Margin of the rectangle of a Gaussian process, by half of its longer side."""

_TYPICAL_LENGTH = 0.7
"""Length of a Gaussian process to begin from, by half of the longer side of the cells."""

_FLAT = 1e-8


@dataclass(frozen=True, eq=False)
class Spline:
    """A thin plate spline.

    Parameters
    ----------
    text
        The term.
    centre, scale
        By which covariates are brought to mean 0 and standard deviation 1 over the cells of the
        fit (x and y to one scale), shape (n_covariates,).
    knots
        Shape (k, n_covariates), in those units.
    weights
        From the functions of the knots to the effects, shape (k, n_effects).
    trend
        Their constants, lines or planes over the cells of the fit, which are taken away, shape
        (1 + n_covariates, n_effects).
    """

    text: SmoothText
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    knots: NDArray[np.float64]
    weights: NDArray[np.float64]
    trend: NDArray[np.float64]
    spectrum: Spectrum | None = None

    @property
    def straight_names(self) -> tuple[str, ...]:
        """Names of the columns of its line or plane."""
        return tuple(f"{self.text.name}[{name}]" for name in self.text.covariates)

    def straight(self, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:
        """Columns of its line or plane, shape (n_rows, n_covariates).

        Parameters
        ----------
        table
            With the covariates.
        refuse
            The error of the formula.
        """
        return (_places(self.text, table, refuse) - self.centre) / self.scale

    def wiggly(self, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:
        """Columns of its effects, shape (n_rows, n_effects).

        Parameters
        ----------
        table
            With the covariates.
        refuse
            The error of the formula.
        """
        places = self.straight(table, refuse)
        return _radial(places, self.knots) @ self.weights - _plane(places) @ self.trend


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process by sine functions.

    Parameters
    ----------
    text
        The term.
    centre, half
        Middle of the rectangle and half of its sides, in units of the covariates, shape
        (n_covariates,).
    waves
        Half waves of each function along each side, shape (k, n_covariates).
    mean
        Mean of the functions over the cells of the fit, which is taken away, shape (k,).
    spectrum
        Variances of the effects.

    References
    ----------
    Solin & Sarkka (2020) Stat. Comput. 30:419-446; Riutort-Mayol et al. (2023) Stat. Comput. 33:17.
    """

    text: SmoothText
    centre: NDArray[np.float64]
    half: NDArray[np.float64]
    waves: NDArray[np.float64]
    mean: NDArray[np.float64]
    spectrum: Spectrum
    straight_names: tuple[str, ...] = ()

    def straight(self, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:  # noqa: ARG002
        """No columns: it has no part without a distribution."""
        return np.zeros((len(table), 0))

    def wiggly(self, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:
        """Columns of its effects, shape (n_rows, k).

        Parameters
        ----------
        table
            With the covariates.
        refuse
            The error of the formula.
        """
        places = _places(self.text, table, refuse) - self.centre
        outside = (np.abs(places) > self.half).any(axis=1)
        if outside.any():
            refuse(
                f"has {self.text.name}, and {int(outside.sum())} of {len(table)} cells lie beyond "
                "the ground that it was made for, that of the mask and a margin. Predict nearer "
                "to the mask of the fit, fit with a wider mask, or use s() in place of gp()."
            )
        return _sines(places, self.half, self.waves) - self.mean


type Smooth = Spline | Process


def make_smooth(text: SmoothText, table: pd.DataFrame, refuse: Refusal) -> Smooth:
    """The columns of a smooth term for the cells of a fit.

    Parameters
    ----------
    text
        The term.
    table
        Covariates of the cells.
    refuse
        The error of the formula.

    Raises
    ------
    FormulaError
        If a covariate is no number, has missing values, is constant or has too few values.
    """
    places = _places(text, table, refuse)
    _check_spread(text, places, refuse)
    return _process(text, places) if text.kind == "gp" else _spline(text, places)


def effect_names(smooth: Smooth) -> tuple[str, ...]:
    """Names of the terms of a smooth with a distribution: its spread, then the effects.

    Parameters
    ----------
    smooth
        The term.
    """
    spread = [OF_SD] if smooth.spectrum is None else [OF_SD, OF_LENGTH]
    n = smooth.weights.shape[1] if isinstance(smooth, Spline) else len(smooth.mean)
    functions = [f"basis {number}" for number in range(1, n + 1)]
    return tuple(f"{smooth.text.name}[{what}]" for what in (*spread, *functions))


def effect_columns(smooth: Smooth, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:
    """Columns of the same terms; those of its spread are zeros.

    Parameters
    ----------
    smooth
        The term.
    table
        With its covariates.
    refuse
        The error of the formula.
    """
    n_spread = 1 if smooth.spectrum is None else 2
    return np.hstack([np.zeros((len(table), n_spread)), smooth.wiggly(table, refuse)])


def check_level(fixed: NDArray[np.float64], names: tuple[str, ...], refuse: Refusal) -> None:
    """Raise where a formula with smooths has no constant that they could lie about.

    Parameters
    ----------
    fixed, names
        Columns of the other terms and their names.
    refuse
        The error of the formula.
    """
    is_intercept = np.array([name == "Intercept" for name in names])
    if constant_direction(fixed, is_intercept) is None:
        refuse("has a smooth without a constant that it could lie about. Leave out 0 + and - 1.")


def _places(text: SmoothText, table: pd.DataFrame, refuse: Refusal) -> NDArray[np.float64]:
    """Covariates of a smooth, checked, shape (n_rows, n_covariates)."""
    return numbers_of(text.name, text.covariates, table, refuse)


def numbers_of(
    term: str, names: Sequence[str], table: pd.DataFrame, refuse: Refusal
) -> NDArray[np.float64]:
    """Covariates of a term that needs numbers, shape (n_rows, n_covariates).

    Parameters
    ----------
    term
        The term, as it is written.
    names
        Names of the covariates.
    table
        With these.
    refuse
        The error of the formula.

    Raises
    ------
    FormulaError
        If one is no number, or has missing values.
    """
    columns = []
    for name in names:
        column = table[name]
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            refuse(
                f"has {term}, and {name} is not a number, such as {column.iloc[0]!r}. {term} "
                f"needs numbers; write {name} alone, which gives each value an effect."
            )
        values = column.to_numpy(dtype=np.float64)
        bad = int((~np.isfinite(values)).sum())
        if bad:
            refuse(
                f"has {term}, and {name} is missing in {bad} of {len(table)} rows. Fill the "
                "values in, or leave the covariate out."
            )
        columns.append(values)
    return np.column_stack(columns)


def _check_spread(text: SmoothText, places: NDArray[np.float64], refuse: Refusal) -> None:
    for name, values in zip(text.covariates, places.T, strict=True):
        if np.ptp(values) <= _FLAT * np.abs(values).max():
            refuse(
                f"has {text.name}, and {name} is {values[0]:g} in all {len(values)} rows, so that "
                "nothing can be learnt of it: leave it out."
            )
    n = len(np.unique(places, axis=0))
    if n < text.size:
        few = " with ".join(text.covariates)
        smaller = f"{text.name[:-1]}, k={max(LEAST[len(text.covariates)], n // 2)})"
        refuse(
            f"has {text.name} with {text.size} basis functions, and the number of different values "
            f"of {few} is {n}. Write a smaller k, as in {smaller}, or leave s() and gp() out: "
            "poly() takes few values, and C() gives each an effect."
        )
    if len(text.covariates) == 2:
        centred = (places - places.mean(axis=0)) / places.std(axis=0)
        if abs(float((centred[:, 0] * centred[:, 1]).mean())) > 1 - _FLAT:
            refuse(
                f"has {text.name}, and {text.covariates[0]} and {text.covariates[1]} lie on one "
                f"line. Write s({text.covariates[0]})."
            )


def _spline(text: SmoothText, places: NDArray[np.float64]) -> Spline:
    centre, scale = places.mean(axis=0), places.std(axis=0)
    if set(text.covariates) == {"x", "y"}:
        scale = np.full(2, float(np.sqrt((scale**2).mean())))
    u = (places - centre) / scale
    knots = _knots(np.unique(u, axis=0), text.size)
    null = np.linalg.qr(_plane(knots), mode="complete")[0][:, 1 + u.shape[1] :]
    factor = np.linalg.cholesky(null.T @ _radial(knots, knots) @ null)
    weights = solve_triangular(factor, null.T, lower=True).T
    columns = _radial(u, knots) @ weights
    trend = np.linalg.lstsq(_plane(u), columns, rcond=None)[0]
    columns = columns - _plane(u) @ trend
    size = float(np.sqrt((columns**2).sum(axis=1).mean()))
    return Spline(text, centre, scale, knots, weights / size, trend / size)


def _knots(places: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Some of different places: evenly many values between two, or each far from all others."""
    if places.shape[1] == 1:
        return places[np.round(np.linspace(0, len(places) - 1, n)).astype(np.int64)]
    chosen = [int((places**2).sum(axis=1).argmax())]
    nearest = np.full(len(places), np.inf)
    while len(chosen) < n:
        nearest = np.minimum(nearest, ((places - places[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(nearest.argmax()))
    return places[chosen]


def _radial(places: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    distance = cdist(places, knots)
    return np.asarray(distance**3 if places.shape[1] == 1 else distance * xlogy(distance, distance))


def _plane(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(places)), places])


def _process(text: SmoothText, places: NDArray[np.float64]) -> Process:
    low, high = places.min(axis=0), places.max(axis=0)
    centre, widest = (low + high) / 2, float((high - low).max()) / 2
    half = (high - low) / 2 + _MARGIN * widest
    waves = _lowest(half, text.size)
    frequency = np.pi * waves / (2 * half)
    squared, volume = (frequency**2).sum(axis=1), float(half.prod())
    spectrum = Spectrum(squared, len(half), volume, _TYPICAL_LENGTH * widest)
    mean = _sines(places - centre, half, waves).mean(axis=0)
    return Process(text, centre, half, waves, mean, spectrum)


def _lowest(half: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Half waves along each side of the functions of the lowest frequencies, in their order."""
    sides = np.meshgrid(*[np.arange(1, n + 1)] * len(half), indexing="ij")
    waves = np.column_stack([side.ravel() for side in sides]).astype(np.float64)
    order = np.round(((waves / half * half.max()) ** 2).sum(axis=1), 9)
    return waves[np.argsort(order, kind="stable")[:n]]


def _sines(
    places: NDArray[np.float64], half: NDArray[np.float64], waves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sine functions that are 0 at the edges of the rectangle, shape (n_rows, k)."""
    phase = np.pi * waves * (places + half)[:, None, :] / (2 * half)
    return np.asarray(np.sin(phase).prod(axis=2))
