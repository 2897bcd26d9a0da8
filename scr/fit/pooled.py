r"""Coordinates in which effects that share a distribution and their standard deviation are apart.

Effects are those of pooled sessions, or the coefficients of the basis functions of a smooth. With
:math:`b_j \sim N(0, \tau^2)` the posterior of b is as wide as :math:`\tau` where data
tell little, and hardly depends on it where they tell much: neither b nor :math:`b/\tau`
suits all. Let the log-likelihood and the prior of the other coefficients be about
:math:`-\tfrac12 x^T A x + c^T x` for the coordinates x that are no standard deviation. Given
:math:`\tau`, x then has precision :math:`Q = A + P(\tau)`, where P has :math:`1/\tau^2` for the
effects, and with :math:`Q = L L^T`

.. math:: x = L^{-T} (L^{-1} c + v)

has a v that is about standard normal whatever :math:`\tau` is: for a session that tells nothing v
is :math:`b/\tau`, for one that tells much it is b, from its estimate. The engines work with v and
an s, :math:`\tau = \log(1 + e^s)`, which is :math:`\log\tau` where this is small and
:math:`\tau` where it is large. That is exact for any A and c, by the Jacobian
:math:`(1 - e^{-\tau}) / |L|`; the better these are the more nearly normal is the posterior. A
Gaussian process has
:math:`b_j \sim N(0, \tau^2 S_j(\ell))` with a length :math:`\ell`, whose log stands beside s.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import stage
from scr.model.pooling import Pool

LEAST_CURVATURE = 1e-3
"""Least curvature of A along any direction; priors have about 1."""


@dataclass(frozen=True, eq=False)
class PooledCoordinates:
    """The change from v, standard deviations as s and log lengths to coordinates of the model.

    Parameters
    ----------
    pools
        Where standard deviations, lengths and effects stand among the coordinates.
    curvature, pull
        A and c of the coordinates that are neither, shapes (m, m) and (m,).
    initial
        The s of standard deviations and log lengths to begin from, in the order of ``spread``.
    """

    pools: tuple[Pool, ...]
    curvature: NDArray[np.float64]
    pull: NDArray[np.float64]
    initial: NDArray[np.float64]

    @cached_property
    def spread(self) -> NDArray[np.int64]:
        """Places of the standard deviations and lengths."""
        return np.array([at for pool in self.pools for at in pool.spread], dtype=np.int64)

    @cached_property
    def sds(self) -> NDArray[np.int64]:
        """Places of the standard deviations alone."""
        return np.array([pool.sd for pool in self.pools], dtype=np.int64)

    @cached_property
    def others(self) -> NDArray[np.int64]:
        """Places of all else."""
        return np.setdiff1d(np.arange(len(self.pull) + len(self.spread)), self.spread)

    @property
    def start(self) -> NDArray[np.float64]:
        """About the mode: v = 0, and the standard deviations and lengths to begin from."""
        start = np.zeros(len(self.pull) + len(self.spread))
        start[self.spread] = self.initial
        return start

    def log_sd_of_effects(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log standard deviation of each effect, 0 in other places, shape (n,).

        Parameters
        ----------
        w
            With the s of standard deviations and log lengths in their places, shape (n,).
        """
        result = np.zeros(len(w))
        for pool in self.pools:
            result[pool.effects] = np.log(sd_of(w[pool.sd])) + pool.log_relative(w)
        return result

    def precision(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """One over the variance of each effect, 0 for others, shape (m,).

        Parameters
        ----------
        w
            As of ``log_sd_of_effects``.
        """
        result = np.zeros(len(w))
        log_sd = self.log_sd_of_effects(w)
        for pool in self.pools:
            result[pool.effects] = np.exp(-2.0 * log_sd[pool.effects])
        return result[self.others]

    def opened(self, w: NDArray[np.float64]) -> "Opened":
        """Coordinates of the model.

        Parameters
        ----------
        w
            v, and the s of standard deviations and log lengths in their places, shape (n,).
        """
        others, sds = self.others, self.sds
        factor, precision = self.curvature.copy(), self.precision(w)
        factor.flat[:: len(factor) + 1] += precision
        decompose(factor)
        ahead = self.pull.copy()
        solve(factor, ahead)
        part = ahead + w[others]
        solve_back(factor, part)
        x = w.copy()
        x[others], x[sds] = part, sd_of(w[sds])
        to_sds = -np.logaddexp(0.0, -w[sds])
        log_jacobian = float(to_sds.sum() - np.log(factor.diagonal()).sum())
        return Opened(self, x, log_jacobian, factor, ahead, precision)

    def of(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The w of coordinates of the model.

        Parameters
        ----------
        x
            Shape (n,), standard deviations above 0.
        """
        w = np.zeros_like(x)
        w[self.spread] = x[self.spread]
        w[self.sds] = of_sd(x[self.sds])
        opened = self.opened(w)
        w[self.others] = np.tril(opened.factor).T @ x[self.others] - opened.ahead
        return w


@dataclass(frozen=True, eq=False)
class Opened:
    """A point in coordinates of the model, and the way there.

    Parameters
    ----------
    coordinates
        The change.
    x
        The point, shape (n,).
    log_jacobian
        Log of the volume of x by that of w.
    factor, ahead
        L, of which the lower triangle counts, and L^-1 c.
    precision
        Of the effects, added to A.
    """

    coordinates: PooledCoordinates
    x: NDArray[np.float64]
    log_jacobian: float
    factor: NDArray[np.float64]
    ahead: NDArray[np.float64]
    precision: NDArray[np.float64]

    def pulled_back(
        self, gradient: NDArray[np.float64], *, with_jacobian: bool = True
    ) -> NDArray[np.float64]:
        """Gradient to w from that to x.

        Parameters
        ----------
        gradient
            Shape (n,).
        with_jacobian
            Whether to add the gradient of ``log_jacobian``.
        """
        to, factor, others = self.coordinates, self.factor, self.coordinates.others
        to_v = gradient[others]
        solve(factor, to_v)
        back = to_v.copy()
        solve_back(factor, back)
        to_precision = -np.outer(self.x[others], to_v) - np.outer(back, self.ahead)
        if with_jacobian:
            to_precision.flat[:: len(factor) + 1] -= 1.0 / factor.diagonal()
        undo(factor, to_precision)
        result, of_diagonal = gradient.copy(), np.zeros_like(gradient)
        result[others] = to_v
        of_diagonal[others] = to_precision.diagonal() * self.precision
        for pool in to.pools:
            of_effects = 2.0 * of_diagonal[pool.effects]
            slope = -np.expm1(-self.x[pool.sd])  # of the standard deviation
            result[pool.sd] = slope * (gradient[pool.sd] - of_effects.sum() / self.x[pool.sd])
            result[pool.sd] += float(with_jacobian) * (1.0 - slope)
            if pool.length is not None:
                result[pool.length] -= of_effects @ pool.slope(self.x)
        return result


def sd_of(s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation from its coordinate s.

    Parameters
    ----------
    s
        Any shape.
    """
    return np.logaddexp(0.0, s)


def of_sd(sd: NDArray[np.float64]) -> NDArray[np.float64]:
    """The s of a standard deviation.

    Parameters
    ----------
    sd
        Above 0, any shape.
    """
    return np.asarray(sd + np.log(-np.expm1(-sd)))


@stage
def decompose(matrix: NDArray[np.float64]) -> None:
    """Cholesky factor in place of the lower triangle of a matrix.

    Matrix libraries would wake threads of their own, in the midst of chains that run in parallel.
    """
    for i in range(len(matrix)):
        for j in range(i + 1):
            rest = matrix[i, j]
            for k in range(j):
                rest -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = np.sqrt(rest) if i == j else rest / matrix[j, j]


@stage
def solve(factor: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    """L^-1 times a vector, in its place."""
    for i in range(len(factor)):
        rest = right[i]
        for k in range(i):
            rest -= factor[i, k] * right[k]
        right[i] = rest / factor[i, i]


@stage
def solve_back(factor: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    """L^-T times a vector, in its place."""
    for i in range(len(factor) - 1, -1, -1):
        right[i] /= factor[i, i]
        for k in range(i):
            right[k] -= factor[i, k] * right[i]


@stage
def undo(factor: NDArray[np.float64], to: NDArray[np.float64]) -> None:
    """Gradient to the lower triangle of a matrix from that to its factor, in its place.

    References
    ----------
    Murray (2016) arXiv:1602.07527, figure 2.
    """
    n = len(factor)
    for j in range(n - 1, -1, -1):
        of_column = 0.0
        for i in range(j + 1, n):
            of_column += factor[i, j] * to[i, j]
        to[j, j] = (to[j, j] - of_column / factor[j, j]) / factor[j, j]
        for i in range(j + 1, n):
            to[i, j] /= factor[j, j]
        for k in range(j):
            to[j, k] -= to[j, j] * factor[j, k]
        for i in range(j + 1, n):
            down = to[i, j]
            for k in range(j):
                to[j, k] -= down * factor[i, k]
                to[i, k] -= down * factor[j, k]
        to[j, j] /= 2.0
