"""The shape k(d; sigma, z) of each detection function, its derivatives and its bounds.

A shape is a type, so that loops over cells are compiled for the one that a model has. To add one:
its functions, and a row in ``SHAPES``.
"""

import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple

import numba as nb
from numba.extending import overload

from scr.likelihood.kernel.compiled import INSIDE, scalar
from scr.likelihood.kernel.fast_math import exponential, logarithm
from scr.likelihood.kernel.incomplete_gamma import gamma_tail
from scr.likelihood.kernel.series import LARGEST_G, SMALL_G, per_g

LARGEST_LOG_U = 6.5
"""u of the hazard rate is held below e^6.5: beyond, k = 1 - exp(-u) is 1."""

SMALL_U = 1e-3
"""Largest u for which four terms of the series of 1 - exp(-u) are exact to 1e-15."""

LARGEST_LOG_POWER = 600.0
"""u^z of the variable power is held below e^600, where k has long been 0."""

NEAREST = 1e-300
"""Least u^2 of which a logarithm is taken."""

SMALL_WITHIN = 0.02
"""Largest x for which the series of integrals from 0 to x are exact to 1e-15."""

ROOT_2, ROOT_2_PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)

type Three = tuple[float, float, float]

# The functions of a shape take u2 = (d / sigma)^2 and z; a z in metres comes divided by sigma. The
# compound half-normal takes g0 in place of z: its hazard -z log(1 - g0 exp(-u2 / 2)) is k times
# -z log(1 - g0), and that is its intensity.
#   <shape>        log k, dlog k / dlog sigma at this z, dlog k / dz
#   <shape>_reach  d / sigma beyond which log k is below a value
# and, where these do not follow from the first,
#   <shape>_k      k and its derivatives
#   <shape>_bound  the largest log k from this distance on
# and, where areas can be searched,
#   <shape>_within of u2 and k there: the integral of r k(r) up to this distance, over u2


def half_normal(u2: float, z: float) -> Three:  # noqa: ARG001, D103
    return -0.5 * u2, u2, 0.0


def half_normal_reach(log_k: float, z: float) -> float:  # noqa: ARG001, D103
    return math.sqrt(-2.0 * log_k)


def half_normal_within(u2: float, k: float) -> float:  # noqa: D103
    x = 0.5 * u2
    series = 1.0 - x * (1 / 2 - x * (1 / 6 - x * (1 / 24 - x * (1 / 120 - x * (1 / 720)))))
    return 0.5 * series if x < SMALL_WITHIN else (1.0 - k) / max(u2, NEAREST)


def negative_exponential(u2: float, z: float) -> Three:  # noqa: ARG001, D103
    u = math.sqrt(u2)
    return -u, u, 0.0


def negative_exponential_reach(log_k: float, z: float) -> float:  # noqa: ARG001, D103
    return -log_k


def negative_exponential_within(u2: float, k: float) -> float:  # noqa: D103
    u = math.sqrt(u2)
    high = 1 / 144 - u * (1 / 840 - u * (1 / 5760 - u * (1 / 45360)))
    series = 1 / 2 - u * (1 / 3 - u * (1 / 8 - u * (1 / 30 - u * high)))
    return series if u < SMALL_WITHIN else (1.0 - (1.0 + u) * k) / max(u2, NEAREST)


def hazard_rate(u2: float, z: float) -> Three:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, NEAREST))
    log_u = min(-z * log_ratio, LARGEST_LOG_U)
    u = exponential(log_u)
    rest = exponential(-u)
    series = 1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24)))
    part = series if u < SMALL_U else (1.0 - rest) / u
    return log_u + logarithm(part), z * rest / part, -log_ratio * rest / part


def hazard_rate_k(u2: float, z: float) -> Three:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, NEAREST))
    u = exponential(min(-z * log_ratio, LARGEST_LOG_U))
    rest = exponential(-u)
    series = u * (1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24))))
    return series if u < SMALL_U else 1.0 - rest, u * rest * z, -u * rest * log_ratio


def hazard_rate_bound(u2: float, z: float) -> float:  # noqa: D103
    return min(0.0, -0.5 * z * math.log(max(u2, NEAREST)))


def hazard_rate_reach(log_k: float, z: float) -> float:  # noqa: D103
    return math.exp(min(-log_k / z, 600.0))


def variable_power(u2: float, z: float) -> Three:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, NEAREST))
    power = exponential(min(z * log_ratio, LARGEST_LOG_POWER))
    return -power, z * power, -power * log_ratio


def variable_power_reach(log_k: float, z: float) -> float:  # noqa: D103
    return math.exp(min(math.log(-log_k) / z, 600.0))


def annular_normal(u2: float, z: float) -> Three:  # noqa: D103
    u = math.sqrt(u2)
    return -0.5 * (u - z) * (u - z), u * (u - z), u - z


def annular_normal_bound(u2: float, z: float) -> float:  # noqa: D103
    away = max(math.sqrt(u2) - z, 0.0)
    return -0.5 * away * away


def annular_normal_reach(log_k: float, z: float) -> float:  # noqa: D103
    return z + math.sqrt(-2.0 * log_k)


def w_exponential(u2: float, z: float) -> Three:  # noqa: D103
    u = math.sqrt(u2)
    return -max(u - z, 0.0), u if u > z else 0.0, 1.0 if u > z else 0.0


def w_exponential_reach(log_k: float, z: float) -> float:  # noqa: D103
    return z - log_k


def cumulative_lognormal(u2: float, z: float) -> Three:  # noqa: D103
    v = math.log1p(z * z)
    root = math.sqrt(v)
    x = (0.5 * math.log(max(u2, NEAREST)) + 0.5 * v) / root
    near, far = min(x, 3.0), max(x, 3.0)
    upper = 0.5 * math.erfc(near / ROOT_2)
    mills = far + 40.0 / far  # continued fraction of density over tail, from its fortieth part
    for i in range(39, 0, -1):
        mills = far + i / mills
    slope = mills if x > 3.0 else math.exp(-0.5 * near * near) / (ROOT_2_PI * upper)
    log_k = -0.5 * x * x - math.log(ROOT_2_PI * mills) if x > 3.0 else math.log(upper)
    by_z = slope * (x / (2.0 * v) - 0.5 / root) * (2.0 * z / (1.0 + z * z))
    return log_k, slope / root, by_z


def cumulative_lognormal_reach(log_k: float, z: float) -> float:  # noqa: D103
    v = math.log1p(z * z)
    return math.exp(min(math.sqrt(-2.0 * log_k * v) - 0.5 * v, 600.0))


def cumulative_gamma(u2: float, z: float) -> Three:  # noqa: D103
    u = math.sqrt(max(u2, NEAREST))
    log_k, by_log_x, by_a = gamma_tail(z, u * z)
    return log_k, by_log_x, by_a - by_log_x / z


def cumulative_gamma_reach(log_k: float, z: float) -> float:  # noqa: D103
    near, far = 1.0, 2.0  # log k is at most -z (u - 1 - log u)
    while z * (far - 1.0 - math.log(far)) < -log_k and far < 1e200:
        near, far = far, 2.0 * far
    while far - near > 1e-6 * far:
        middle = 0.5 * (near + far)
        if z * (middle - 1.0 - math.log(middle)) < -log_k:
            near = middle
        else:
            far = middle
    return far


def compound_half_normal(u2: float, g0: float) -> Three:  # noqa: D103
    log_ratio = -0.5 * u2
    g = min(g0, LARGEST_G) * exponential(log_ratio)
    h_by_g = per_g(min(g, SMALL_G)) if g < SMALL_G else -logarithm(1.0 - g) / g
    most = -math.log1p(-min(g0, LARGEST_G))  # h where detection is highest: there k is 1
    slope = 1.0 / ((1.0 - g) * h_by_g)
    log_k = log_ratio + logarithm(h_by_g) - math.log(most / g0)
    return log_k, u2 * slope, slope / g0 - 1.0 / ((1.0 - min(g0, LARGEST_G)) * most)


class Formulas(NamedTuple):
    """Functions of a shape, and whether it has a z; k and bound where they do not follow.

    ``within`` is there where areas can be searched.
    """

    log_k: Callable[..., Three]
    reach: Callable[..., float]
    has_z: bool = True
    k: Callable[..., Three] | None = None
    bound: Callable[..., float] | None = None
    within: Callable[..., float] | None = None


SHAPES = {
    "half_normal": Formulas(half_normal, half_normal_reach, has_z=False, within=half_normal_within),
    "exponential": Formulas(
        negative_exponential,
        negative_exponential_reach,
        has_z=False,
        within=negative_exponential_within,
    ),
    "hazard_rate": Formulas(
        hazard_rate, hazard_rate_reach, k=hazard_rate_k, bound=hazard_rate_bound
    ),
    "variable_power": Formulas(variable_power, variable_power_reach),
    "annular_normal": Formulas(annular_normal, annular_normal_reach, bound=annular_normal_bound),
    "w_exponential": Formulas(w_exponential, w_exponential_reach),
    "cumulative_lognormal": Formulas(cumulative_lognormal, cumulative_lognormal_reach),
    "cumulative_gamma": Formulas(cumulative_gamma, cumulative_gamma_reach),
    "compound_half_normal": Formulas(compound_half_normal, half_normal_reach),
}
"""By the name that ``scr.model.detection`` gives them."""


def _type_of(name: str) -> Any:
    """A type that other processes find by its name: else they would not find what is compiled."""
    named: Any = namedtuple
    found = named(f"shape_{name}", ["has_z"], module=__name__)
    globals()[found.__name__] = found
    return found


TYPES = {name: _type_of(name) for name in SHAPES}
"""The type that stands for a shape in compiled code."""


def shape_of(name: str) -> Any:
    """The value that stands for a shape in compiled code.

    Parameters
    ----------
    name
        A name in ``SHAPES``.
    """
    return TYPES[name](SHAPES[name].has_z)


def _k_from(log_k: Callable[..., Three], *, has_z: bool) -> Callable[..., Three]:
    log_k = scalar(log_k)

    def k_without_z(u2: float, z: float) -> Three:
        logarithm, by_sigma, _ = log_k(u2, z)
        k = exponential(logarithm)
        return k, k * by_sigma, 0.0

    def k_of_log(u2: float, z: float) -> Three:
        logarithm, by_sigma, by_z = log_k(u2, z)
        k = exponential(logarithm)
        return k, k * by_sigma, k * by_z

    return k_of_log if has_z else k_without_z


def _bound_from(log_k: Callable[..., Three], *, has_z: bool) -> Callable[..., float]:  # noqa: ARG001
    log_k = nb.njit(**INSIDE)(log_k)

    def bound_of_log(u2: float, z: float) -> float:
        value = log_k(u2, z)
        return value[0]

    return bound_of_log


def _no_integral(log_k: Callable[..., Three], *, has_z: bool) -> Callable[..., float]:  # noqa: ARG001
    def within_is_not_known(u2: float, k: float) -> float:  # noqa: ARG001
        return math.nan

    return within_is_not_known


def _by_shape(which: str) -> Callable[..., Any]:
    """A function of a shape and two numbers, chosen by the shape's type when compiled."""
    default = {"k": _k_from, "bound": _bound_from, "within": _no_integral}
    formulas = {
        TYPES[name]: getattr(entry, which) or default[which](entry.log_k, has_z=entry.has_z)
        for name, entry in SHAPES.items()
    }

    def chosen(shape: Any, at: float, z: float) -> Any:
        return formulas[type(shape)](at, z)

    def choose(shape: Any, at: float, z: float) -> Any:  # noqa: ARG001
        formula = scalar(formulas[shape.instance_class])

        def inside(shape: Any, at: float, z: float) -> Any:  # noqa: ARG001
            return formula(at, z)

        return inside

    overload(chosen, inline="always")(choose)
    return chosen


k_of, log_k_of, bound_of, reach_of, within_of = map(
    _by_shape, ("k", "log_k", "bound", "reach", "within")
)
"""Of (shape, u2, z), ``within_of`` of (shape, u2, k) and ``reach_of`` of (shape, log k, z): as the
comment above says."""
