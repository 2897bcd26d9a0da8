"""The highest point of a smooth log density, and its curvature there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Function = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
"""Value and gradient at a point."""

_GRADIENT_TOLERANCE = 1e-4
_DIFFERENCE_STEP = 1e-3
CONVERGED_GAIN = 1e-8
"""A search has converged if one more step would gain less than this in the log density."""

_LEAST_CURVATURE = 1e-3
_MOST_NEWTON_STEPS = 6


@dataclass(frozen=True, eq=False)
class Mode:
    """A maximum and the curvature about it.

    Parameters
    ----------
    point
        Where it is, shape (n,).
    value
        The log density there.
    vcov
        Inverse of minus the Hessian, shape (n, n). Along a direction that is flat, or not a
        maximum, the curvature is replaced by a small one, so that the variance is large.
    gain
        What one more Newton step is predicted to add to the log density.
    flat
        Weight of each coordinate in the directions whose curvature was replaced, shape (n,).
    n_evaluations
        Evaluations of value and gradient.
    """

    point: NDArray[np.float64]
    value: float
    vcov: NDArray[np.float64]
    gain: float
    flat: NDArray[np.float64]
    n_evaluations: int

    @property
    def converged(self) -> bool:
        """Whether nothing is left to gain and the point is a maximum in all directions."""
        return self.gain < CONVERGED_GAIN and not self.flat.any()


class _Scaled:
    """Minus the function in coordinates in which it is well conditioned, counting calls."""

    def __init__(
        self, function: Function, origin: NDArray[np.float64], basis: NDArray[np.float64]
    ) -> None:
        self.function = function
        self.origin = origin
        self.basis = basis
        self.n_evaluations = 0

    def __call__(self, u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        self.n_evaluations += 1
        value, gradient = self.function(self.origin + self.basis @ u)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return np.inf, np.zeros_like(u)
        return -value, -(self.basis.T @ gradient)

    def hessian(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Central differences of the exact gradient."""
        steps = _DIFFERENCE_STEP * np.eye(len(u))
        rises = [self(u + step)[1] - self(u - step)[1] for step in steps]
        matrix = np.array(rises) / (2 * _DIFFERENCE_STEP)
        return np.asarray((matrix + matrix.T) / 2)


def find_mode(
    function: Function, start: NDArray[np.float64], *, basis: NDArray[np.float64]
) -> Mode:
    """Climb to a maximum by BFGS, then by Newton steps; by a trust region where these fail.

    Parameters
    ----------
    function
        Log density and its gradient; not finite outside its domain.
    start
        Where to begin, shape (n,). The function must be finite there.
    basis
        Columns are the directions in which to think of the function, each about as long as the
        distance over which it changes by one, shape (n, n).

    Returns
    -------
    Mode
        With ``converged`` False where no maximum was reached.

    References
    ----------
    Nocedal & Wright (2006) Numerical Optimization, algorithms 6.1 and 4.3.
    """
    scaled = _Scaled(function, np.asarray(start, dtype=np.float64), basis)
    origin = np.zeros(len(scaled.origin))
    result = optimize.minimize(
        scaled, origin, jac=True, method="BFGS", options={"gtol": _GRADIENT_TOLERANCE}
    )
    mode = _polish(scaled, result.x)
    if not mode.converged:
        result = optimize.minimize(
            scaled, result.x, jac=True, hess=scaled.hessian, method="trust-exact",
            options={"gtol": _GRADIENT_TOLERANCE, "maxiter": 20},
        )  # fmt: skip
        mode = _polish(scaled, result.x)
    return mode


def _polish(scaled: _Scaled, u: NDArray[np.float64]) -> Mode:
    hessian = scaled.hessian(u)
    values, vectors = np.linalg.eigh(hessian)
    flat = ~(values > _LEAST_CURVATURE)
    inverse = vectors @ (vectors / np.where(flat, _LEAST_CURVATURE, values)).T
    value, gradient = scaled(u)
    gain = _gain(gradient, inverse)
    for _ in range(_MOST_NEWTON_STEPS):
        if gain < CONVERGED_GAIN / 100 or flat.any():
            break
        ahead = u - inverse @ gradient
        value_ahead, gradient_ahead = scaled(ahead)
        gain_ahead = _gain(gradient_ahead, inverse)
        if not (np.isfinite(value_ahead) and gain_ahead < gain):
            break
        u, value, gradient, gain = ahead, value_ahead, gradient_ahead, gain_ahead
    in_flat = (
        np.abs(scaled.basis @ vectors[:, flat]) / np.linalg.norm(scaled.basis, axis=1)[:, None]
    )
    return Mode(
        point=scaled.origin + scaled.basis @ u,
        value=-value,
        vcov=scaled.basis @ inverse @ scaled.basis.T,
        gain=gain,
        flat=in_flat.max(axis=1, initial=0.0),
        n_evaluations=scaled.n_evaluations,
    )


def _gain(gradient: NDArray[np.float64], inverse: NDArray[np.float64]) -> float:
    return float(0.5 * gradient @ inverse @ gradient)
