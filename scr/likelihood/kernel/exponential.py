"""An exponential without branches, so that loops over cells become vector instructions."""

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
