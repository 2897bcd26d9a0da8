"""The highest point of a smooth log density, and its curvature there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Function = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
"""Value and gradient at a point."""

_ROUNDING = 2e-8
"""Gradient, by the size of the log density, at which a line search meets its rounding."""

_GRADIENT_TOLERANCE = 1e-4
_DIFFERENCE_STEP = 1e-3
CONVERGED_GAIN = 1e-8
"""A search has converged if one more step would gain less than this in the log density."""

_LEAST_CURVATURE = 1e-3
_MOST_NEWTON_STEPS = 6
_SAME_MODE = 0.1
"""Searches that end nearer than this, in standard deviations, ended at the same mode."""


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
    n_searches
        Searches from starting points that ended here.
    """

    point: NDArray[np.float64]
    value: float
    vcov: NDArray[np.float64]
    gain: float
    flat: NDArray[np.float64]
    n_evaluations: int
    n_searches: int = 1

    @property
    def converged(self) -> bool:
        """Whether nothing is left to gain and the point is a maximum in all directions."""
        return self.gain < CONVERGED_GAIN and not self.flat.any()

    @property
    def log_mass(self) -> float:
        """Log of the integral of the density about the mode, up to a constant, were it normal."""
        return self.value + 0.5 * float(np.linalg.slogdet(self.vcov)[1])

    def holds(self, point: NDArray[np.float64]) -> bool:
        """Whether a search that ended at a point ended at this mode.

        Parameters
        ----------
        point
            Shape (n,).
        """
        away = point - self.point
        return bool(away @ np.linalg.solve(self.vcov, away) < _SAME_MODE**2)


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
        value, gradient = self.function(self.place(u))
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return np.inf, np.zeros_like(u)
        return -value, -(self.basis.T @ gradient)

    def place(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """The point in the function's own coordinates."""
        return np.asarray(self.origin + self.basis @ u)

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
    return _settled(scaled, _climbed(scaled))


Points = Callable[[NDArray[np.float64]], Sequence[NDArray[np.float64]]]
"""Points that follow from a point."""


def find_modes(
    function: Function,
    starts: Sequence[NDArray[np.float64]],
    *,
    basis: NDArray[np.float64],
    relabelled: Points,
    images: Points = lambda point: [point],
) -> tuple[Mode, ...]:
    """The modes that searches find, and those found from their relabellings; the highest first.

    Parameters
    ----------
    function, basis
        As for ``find_mode``.
    starts
        Where to begin, at least one. The function must be finite at the first.
    relabelled
        The points that equal a point but for the labels of classes; none in a model without
        classes, which is then searched once.
    images
        The points at which the function is the same in any case, the point itself among them: a
        mode is found once, whichever of its images a search comes to.

    References
    ----------
    Stephens (2000) J. R. Stat. Soc. B 62:795-809, for the modes that labels make.
    """
    modes: list[Mode] = []
    spent = 0
    for start in starts:
        if modes and not np.isfinite(function(start)[0]):
            continue
        scaled = _Scaled(function, np.asarray(start, dtype=np.float64), basis)
        spent += _add_search(modes, scaled, images, is_start=True)
    converged = [mode for mode in modes if mode.converged]
    highest = max(modes, key=lambda mode: mode.value)
    modes = converged + ([highest] if highest not in converged else [])
    for mode in modes:  # grows while new modes are found
        for point in relabelled(mode.point):
            if np.isfinite(function(point)[0]):
                spent += _add_search(modes, _Scaled(function, point, basis), images)
    modes.sort(key=lambda mode: -mode.value)
    # What was spent in vain counts as well.
    modes[0] = replace(modes[0], n_evaluations=modes[0].n_evaluations + spent)
    return tuple(modes)


def _add_search(
    modes: list[Mode], scaled: "_Scaled", images: Points, *, is_start: bool = False
) -> int:
    """Search, and add the mode found where it is new; evaluations spent if it is not."""
    end = _climbed(scaled)
    number = _number_of(modes, scaled.place(end), images)
    if number is None:
        found = _settled(scaled, end)
        number = _number_of(modes, found.point, images)
        if number is None and (found.converged or is_start):
            modes.append(found)
            return 0
    if number is not None and is_start:
        modes[number] = replace(modes[number], n_searches=modes[number].n_searches + 1)
    return scaled.n_evaluations


def _number_of(modes: Sequence[Mode], point: NDArray[np.float64], images: Points) -> int | None:
    """The mode at which a search ended, or at whose image."""
    for number, mode in enumerate(modes):
        if any(mode.holds(image) for image in images(point)):
            return number
    return None


def _climbed(scaled: _Scaled) -> NDArray[np.float64]:
    origin = np.zeros(len(scaled.origin))
    options = {"gtol": max(_GRADIENT_TOLERANCE, _ROUNDING * abs(scaled(origin)[0]))}
    result = optimize.minimize(scaled, origin, jac=True, method="BFGS", options=options)
    return np.asarray(result.x)


def _settled(scaled: _Scaled, end: NDArray[np.float64]) -> Mode:
    mode = _polish(scaled, end)
    if not mode.converged:
        result = optimize.minimize(
            scaled, end, jac=True, hess=scaled.hessian, method="trust-exact",
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
        point=scaled.place(u),
        value=-value,
        vcov=scaled.basis @ inverse @ scaled.basis.T,
        gain=gain,
        flat=in_flat.max(axis=1, initial=0.0),
        n_evaluations=scaled.n_evaluations,
    )


def _gain(gradient: NDArray[np.float64], inverse: NDArray[np.float64]) -> float:
    return float(0.5 * gradient @ inverse @ gradient)
