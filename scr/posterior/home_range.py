"""The home range that the detection function implies."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.special import gamma, gammaincc, gammaincinv

from scr.fit.natural_scale import levels_of
from scr.fit.plug_in import plug_in_log_se, plug_in_of
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.model.detection import SHAPES
from scr.posterior.surface import summarise_log_normal

_N_HALVINGS = 60
_LARGEST = 1e6


def home_range_radius(fit: Fit, *, share: float = 0.95, max_draws: int = 500) -> pd.DataFrame:
    r"""Radius of the circle round a centre that holds a share of an animal's use of space.

    .. math:: \int_0^r k(d)\,d\,\mathrm{d}d \;/\; \int_0^\infty k(d)\,d\,\mathrm{d}d = 0.95

    Use of space at distance d is taken to be in proportion to the detection function k(d).

    Parameters
    ----------
    fit
        A fitted model.
    share
        Share of the use of space, between 0 and 1.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        One row per class: class, median (plug-in for maximum likelihood), lower and upper (95 %),
        metres. Where sigma differs between sessions or traps it is averaged by effort. For the
        half-normal the radius is 2.45 sigma. It is infinite for a hazard rate with z of 2 or less.

    References
    ----------
    Jennrich & Turner (1969) J. Theor. Biol. 22:227-237. Royle, Chandler, Sollmann & Gardner
    (2014) Spatial Capture-Recapture, section 5.4.
    """
    classes = fit.problem.design.classes

    def radius(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([_radius(fit, theta, u, share=share) for u in classes.middle])

    if fit.point is not None:
        point, vcov_root = plug_in_of(fit)
        table = summarise_log_normal(*plug_in_log_se(radius, point, vcov_root))
        table = table[["median", "q2.5", "q97.5"]]
    else:
        draws = np.array([radius(theta) for theta in thinned(fit.draws, max_draws)])
        # No interpolation: some draws may be infinite.
        limits = np.quantile(draws, [0.5, 0.025, 0.975], axis=0, method="inverted_cdf")
        table = pd.DataFrame(limits.T)
    table.columns = pd.Index(["median", "lower", "upper"])
    table.insert(0, "class", classes.labels)
    return table


def _radius(fit: Fit, theta: NDArray[np.float64], class_: int, *, share: float) -> float:
    arrays, family = fit.problem.design.arrays(theta), fit.spec.family
    levels = [levels_of(fit, session, class_) for session in range(len(fit.problem.sessions))]
    shape = np.concatenate([level.shape for level in levels])
    effort = np.concatenate([level.effort for level in levels])
    sigma, z = (np.average(a[shape], weights=effort) for a in (arrays.sigma, arrays.z))
    z = float(z) / float(sigma) if family.z_in_metres else float(z)
    return float(sigma) * radius_in_sigma(family.shape, z, share=share)


def radius_in_sigma(shape: str, z: float, *, share: float) -> float:
    r"""The radius for a sigma of 1.

    Half-normal: :math:`\sqrt{-2\log(1 - q)}`. Exponential: the q quantile of a Gamma(2, 1). Hazard
    rate, with :math:`a = 1 - 2/z`: :math:`r^2 (1 - e^{-r^{-z}}) / \Gamma(a) + Q(a, r^{-z}) = q`.
    Others by quadrature of :math:`r k(r)`.

    Parameters
    ----------
    shape
        Name of a shape in ``scr.model.detection``.
    z
        Second shape parameter, ignored by shapes without one; in units of sigma if a distance.
    share
        Share q of the use of space.

    Examples
    --------
    >>> round(radius_in_sigma("half_normal", 1.0, share=0.95), 4)
    2.4477
    >>> round(radius_in_sigma("exponential", 1.0, share=0.95), 4)
    4.7439
    """
    if shape == "half_normal":
        return float(np.sqrt(-2 * np.log1p(-share)))
    if shape == "exponential":
        return float(gammaincinv(2.0, share))
    if shape != "hazard_rate":
        return _by_quadrature(shape, z, share=share)
    if z <= 2:
        return np.inf
    a = 1 - 2 / z
    low, high = 0.0, _LARGEST
    for _ in range(_N_HALVINGS):
        r = (low + high) / 2
        t = r**-z
        held = -(r**2) * np.expm1(-t) / gamma(a) + gammaincc(a, t)
        low, high = (r, high) if held < share else (low, r)
    return high if high < _LARGEST else np.inf


def _by_quadrature(shape: str, z: float, *, share: float) -> float:
    """The radius, from r k(r) summed by the trapezoidal rule over log r."""
    log_r = np.linspace(np.log(1e-6), np.log(_LARGEST), 200_001)
    r = np.exp(log_r)
    held = cumulative_trapezoid(r * r * SHAPES[shape].k(r, 1.0, z), log_r, initial=0.0)
    return float(np.exp(np.interp(share * held[-1], held, log_r)))
