"""Exponential and logarithm without branches: loops over cells become vector instructions."""

import math

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93145751953125e-1
LN2_LOW = 1.42860682030941723212e-6
ROUND = 6755399441055744.0
SMALLEST, LARGEST = -708.0, 709.0
SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
FRACTION_BITS = np.int64(0x000FFFFFFFFFFFFF)
TAYLOR = tuple(1.0 / math.factorial(power) for power in range(13))


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
    """exp(x) to a relative 4e-16, for x held to [-708, 709].

    x = k ln 2 + r with whole k and abs(r) <= ln(2) / 2; exp(r) by its Taylor polynomial, 2^k by
    writing k into the exponent bits.

    Parameters
    ----------
    x
        Below -708 the result is exp(-708), 3e-308: next to nothing, never zero.
    """
    x = min(max(x, SMALLEST), LARGEST)
    k = np.floor(x * LOG2_E + 0.5)
    r = x - k * LN2_HIGH - k * LN2_LOW
    p = TAYLOR[12]
    p = p * r + TAYLOR[11]
    p = p * r + TAYLOR[10]
    p = p * r + TAYLOR[9]
    p = p * r + TAYLOR[8]
    p = p * r + TAYLOR[7]
    p = p * r + TAYLOR[6]
    p = p * r + TAYLOR[5]
    p = p * r + TAYLOR[4]
    p = p * r + TAYLOR[3]
    p = p * r + TAYLOR[2]
    p = p * r + 1.0
    p = p * r + 1.0
    bits: np.int64 = _bits(k + ROUND)  # type: ignore[call-arg]
    power = (bits + np.int64(1023)) << np.int64(52)
    return float(p * _float(power))


@nb.njit(inline="always", error_model="numpy")
def logarithm(x: float) -> float:
    """log(x) to an absolute 3e-16 or a relative 4e-16, for normal x > 0.

    x = 2^k m with m between sqrt(1/2) and sqrt(2); log m = 2 artanh(s), s = (m - 1) / (m + 1), by
    its series.

    Parameters
    ----------
    x
        Number.
    """
    bits: np.int64 = _bits(x)  # type: ignore[call-arg]
    shifted = bits - SQRT_HALF_BITS
    k = float(shifted >> np.int64(52))
    m = _float((shifted & FRACTION_BITS) + SQRT_HALF_BITS)
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    p = 2.0 / 19.0
    p = p * t + 2.0 / 17.0
    p = p * t + 2.0 / 15.0
    p = p * t + 2.0 / 13.0
    p = p * t + 2.0 / 11.0
    p = p * t + 2.0 / 9.0
    p = p * t + 2.0 / 7.0
    p = p * t + 2.0 / 5.0
    p = p * t + 2.0 / 3.0
    p = p * t + 2.0
    return float(k * LN2_HIGH + (s * p + k * LN2_LOW))
