"""The shape k(d; sigma, z) of each detection function, its derivatives and its bounds.

A shape is a type, so that loops over cells are compiled for the one that a model has. To add one:
a type, its three functions, and a row in ``SHAPES``.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from numba.extending import overload

from scr.likelihood.kernel.compiled import scalar
from scr.likelihood.kernel.fast_math import exponential, logarithm

LARGEST_LOG_POWER = 600.0
"""u^z of the variable power is held below e^600, where k has long been 0."""

LARGEST_LOG_U = 6.5
"""u of the hazard rate is held below e^6.5: beyond, k = 1 - exp(-u) is 1."""

SMALL_U = 1e-3
"""Largest u for which four terms of the series of 1 - exp(-u) are exact to 1e-15."""


class HalfNormal(NamedTuple):
    """exp(-d^2 / 2 sigma^2)."""

    has_z: bool = False


class Exponential(NamedTuple):
    """exp(-d / sigma)."""

    has_z: bool = False


class HazardRate(NamedTuple):
    """1 - exp(-(d / sigma)^-z)."""

    has_z: bool = True


class VariablePower(NamedTuple):
    """exp(-(d / sigma)^z)."""

    has_z: bool = True


# The functions of a shape take u2 = (d / sigma)^2 and z.
#   <shape>_k          k, dk / dlog sigma, dk / dz
#   <shape>_log_k      log k, and its derivatives
#   <shape>_bound      the largest log k from this distance on, finite at 0
#   <shape>_reach      d / sigma beyond which log k is below a value


def half_normal_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: ARG001, D103
    k = exponential(-0.5 * u2)
    return k, k * u2, 0.0


def half_normal_log_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: ARG001, D103
    return -0.5 * u2, u2, 0.0


def half_normal_bound(u2: float, z: float) -> float:  # noqa: ARG001, D103
    return -0.5 * u2


def half_normal_reach(log_k: float, z: float) -> float:  # noqa: ARG001, D103
    return math.sqrt(-2.0 * log_k)


def exponential_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: ARG001, D103
    u = math.sqrt(u2)
    k = exponential(-u)
    return k, k * u, 0.0


def exponential_log_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: ARG001, D103
    u = math.sqrt(u2)
    return -u, u, 0.0


def exponential_bound(u2: float, z: float) -> float:  # noqa: ARG001, D103
    return -math.sqrt(u2)


def exponential_reach(log_k: float, z: float) -> float:  # noqa: ARG001, D103
    return -log_k


def hazard_rate_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, 1e-300))
    u = exponential(min(-z * log_ratio, LARGEST_LOG_U))
    rest = exponential(-u)
    series = u * (1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24))))
    return series if u < SMALL_U else 1.0 - rest, u * rest * z, -u * rest * log_ratio


def hazard_rate_log_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, 1e-300))
    log_u = min(-z * log_ratio, LARGEST_LOG_U)
    u = exponential(log_u)
    rest = exponential(-u)
    series = 1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24)))
    part = series if u < SMALL_U else (1.0 - rest) / u
    return log_u + logarithm(part), z * rest / part, -log_ratio * rest / part


def hazard_rate_bound(u2: float, z: float) -> float:  # noqa: D103
    return min(0.0, -0.5 * z * math.log(max(u2, 1e-300)))


def hazard_rate_reach(log_k: float, z: float) -> float:  # noqa: D103
    return math.exp(min(-log_k / z, 600.0))


def variable_power_log_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, 1e-300))
    power = exponential(min(z * log_ratio, LARGEST_LOG_POWER))
    return -power, z * power, -power * log_ratio


def variable_power_k(u2: float, z: float) -> tuple[float, float, float]:  # noqa: D103
    log_ratio = 0.5 * logarithm(max(u2, 1e-300))
    power = exponential(min(z * log_ratio, LARGEST_LOG_POWER))
    k = exponential(-power)
    return k, k * z * power, -k * power * log_ratio


def variable_power_bound(u2: float, z: float) -> float:  # noqa: D103
    return -math.exp(min(0.5 * z * math.log(max(u2, 1e-300)), LARGEST_LOG_POWER))


def variable_power_reach(log_k: float, z: float) -> float:  # noqa: D103
    return math.exp(min(math.log(-log_k) / z, 600.0))


class Formulas(NamedTuple):
    """The type of a shape and its functions."""

    shape: type[Any]
    k: Callable[..., tuple[float, float, float]]
    log_k: Callable[..., tuple[float, float, float]]
    bound: Callable[..., float]
    reach: Callable[..., float]


SHAPES = {
    "half_normal": Formulas(
        HalfNormal, half_normal_k, half_normal_log_k, half_normal_bound, half_normal_reach
    ),
    "exponential": Formulas(
        Exponential, exponential_k, exponential_log_k, exponential_bound, exponential_reach
    ),
    "hazard_rate": Formulas(
        HazardRate, hazard_rate_k, hazard_rate_log_k, hazard_rate_bound, hazard_rate_reach
    ),
    "variable_power": Formulas(
        VariablePower,
        variable_power_k,
        variable_power_log_k,
        variable_power_bound,
        variable_power_reach,
    ),
}
"""By the name that ``scr.model.detection`` gives them."""


def shape_of(name: str) -> Any:
    """The value that stands for a shape in compiled code.

    Parameters
    ----------
    name
        A name in ``SHAPES``.
    """
    return SHAPES[name].shape()


def _by_shape(which: str) -> Callable[..., Any]:
    """A function of a shape and two numbers, chosen by the shape's type when compiled."""
    formulas = {entry.shape: getattr(entry, which) for entry in SHAPES.values()}

    def chosen(shape: Any, at: float, z: float) -> Any:
        return formulas[type(shape)](at, z)

    def choose(shape: Any, at: float, z: float) -> Any:  # noqa: ARG001
        formula = scalar(formulas[shape.instance_class])

        def inside(shape: Any, at: float, z: float) -> Any:  # noqa: ARG001
            return formula(at, z)

        return inside

    overload(chosen, inline="always")(choose)
    return chosen


k_of, log_k_of, bound_of, reach_of = map(_by_shape, ("k", "log_k", "bound", "reach"))
"""Of (shape, u2, z), and ``reach_of`` of (shape, log k, z): as the comment above says."""
