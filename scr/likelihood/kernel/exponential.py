"""Exponential and logarithm without branches: loops over cells become vector instructions."""

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from scr.likelihood.kernel.wide import widest_vectors

LOG2_E = 1.4426950408889634
LN2 = 0.6931471805599453
LN2_HIGH = 6.93145751953125e-1
LN2_LOW = 1.42860682030941723212e-6
ROUND = 6755399441055744.0
"""1.5 x 2^52: what is added to it is rounded to a whole number, the low bits of the sum."""

SMALLEST, LARGEST = -708.0, 709.0
SMALLEST_POWER = -1021.0
SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
FRACTION_BITS = np.int64(0x000FFFFFFFFFFFFF)

OF_EXPONENTIAL = (
    0.5000000000000016,
    0.16666666666610283,
    0.04166666666648075,
    0.008333333371438358,
    0.001388888895763541,
    0.00019841184478429718,
    2.4801478206932232e-05,
    2.7635303378612624e-06,
    2.763557793023927e-07,
)
"""Polynomial nearest to (exp(r) - 1 - r) / r^2 on abs(r) <= ln(2) / 2 (Remez)."""

OF_POWER = (
    0.24022650695910144,
    0.055504108664633935,
    0.0096181291075855,
    0.0013333558207367189,
    0.00015403530469691452,
    1.5252668204105433e-05,
    1.3215428631821937e-06,
    1.020688412102273e-07,
    7.07495035916193e-09,
)
"""Polynomial nearest to (2^r - 1 - r ln 2) / r^2 on abs(r) <= 1 / 2 (Remez)."""

OF_LOGARITHM = (
    0.6666666666659431,
    0.4000000004948229,
    0.2857141751194364,
    0.2222334796801731,
    0.18124326351750308,
    0.16812373560792937,
)
"""Polynomial nearest to (2 artanh(s) / s - 2) / s^2 by s^2, on abs(s) <= 3 - sqrt(8) (Remez)."""


@intrinsic
def _bits(_context, _value):  # type: ignore[no-untyped-def]
    """The 64 bits of a float as an integer."""

    def build(_target, builder, _signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), build


@intrinsic
def _float(_context, _value):  # type: ignore[no-untyped-def]
    """The float of 64 bits."""

    def build(_target, builder, _signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), build


@nb.njit(inline="always", error_model="numpy")
def exponential(x: float) -> float:
    """exp(x) to a relative 5e-16 near 0 and 3e-14 at the ends, for x held to [-708, 709].

    x = k ln 2 + r with whole k and abs(r) <= ln(2) / 2; exp(r) by a polynomial, 2^k by adding k to
    the exponent bits.

    Parameters
    ----------
    x
        Below -708 the result is exp(-708), 3e-308: next to nothing, never zero.
    """
    widest_vectors()
    x = min(max(x, SMALLEST), LARGEST)
    rounded: np.int64 = _bits(x * LOG2_E + ROUND)  # type: ignore[call-arg]
    k = float(np.int32(rounded))
    r = x - k * LN2_HIGH - k * LN2_LOW
    p = OF_EXPONENTIAL[8]
    p = p * r + OF_EXPONENTIAL[7]
    p = p * r + OF_EXPONENTIAL[6]
    p = p * r + OF_EXPONENTIAL[5]
    p = p * r + OF_EXPONENTIAL[4]
    p = p * r + OF_EXPONENTIAL[3]
    p = p * r + OF_EXPONENTIAL[2]
    p = p * r + OF_EXPONENTIAL[1]
    p = p * r + OF_EXPONENTIAL[0]
    p = p * r + 1.0
    p = p * r + 1.0
    return float(_float(_bits(p) + (rounded << np.int64(52))))


@nb.njit(inline="always", error_model="numpy")
def power_of_two(x: float) -> float:
    """2^x to a relative 5e-16, for x held to -1021 or more and below 1023.

    One step less than ``exponential`` and the loss of no digit, where the logarithm to base 2 is as
    easily had as the natural one.

    Parameters
    ----------
    x
        Number.
    """
    widest_vectors()
    x = max(x, SMALLEST_POWER)
    rounded: np.int64 = _bits(x + ROUND)  # type: ignore[call-arg]
    r = x - float(np.int32(rounded))
    p = OF_POWER[8]
    p = p * r + OF_POWER[7]
    p = p * r + OF_POWER[6]
    p = p * r + OF_POWER[5]
    p = p * r + OF_POWER[4]
    p = p * r + OF_POWER[3]
    p = p * r + OF_POWER[2]
    p = p * r + OF_POWER[1]
    p = p * r + OF_POWER[0]
    p = p * r + LN2
    p = p * r + 1.0
    return float(_float(_bits(p) + (rounded << np.int64(52))))


@nb.njit(inline="always", error_model="numpy")
def logarithm(x: float) -> float:
    """log(x) to an absolute 3e-16 or a relative 4e-16, for normal x > 0.

    x = 2^k m with m between sqrt(1/2) and sqrt(2); log m = 2 artanh(s), s = (m - 1) / (m + 1), by
    a polynomial.

    Parameters
    ----------
    x
        Number.
    """
    widest_vectors()
    bits: np.int64 = _bits(x)  # type: ignore[call-arg]
    shifted = bits - SQRT_HALF_BITS
    k = float(shifted >> np.int64(52))
    m = _float((shifted & FRACTION_BITS) + SQRT_HALF_BITS)
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    p = OF_LOGARITHM[5]
    p = p * t + OF_LOGARITHM[4]
    p = p * t + OF_LOGARITHM[3]
    p = p * t + OF_LOGARITHM[2]
    p = p * t + OF_LOGARITHM[1]
    p = p * t + OF_LOGARITHM[0]
    p = p * t + 2.0
    return float(k * LN2_HIGH + (s * p + k * LN2_LOW))
