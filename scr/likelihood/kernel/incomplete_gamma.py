r"""The upper tail Q(a, x) of a gamma distribution, and its derivative by the shape a.

Below x = a + 1 by the series of P = 1 - Q, above it by the continued fraction of Legendre, worked
out as Lentz does; both are differentiated term by term, so that value and derivative are exact to
rounding. Abramowitz & Stegun (1964) 6.5.29 and 6.5.31; Thompson & Barnett (1986) J. Comput. Phys.
64:490-509.
"""

import math

import numba as nb

from scr.likelihood.kernel.compiled import INSIDE

LARGE_ARGUMENT = 12.0
"""From here on eight terms of the asymptotic series of digamma are exact to 1e-17."""

MOST_TERMS = 20_000
ENOUGH = 1e-17
"""Terms below this share of the sum are left out."""


@nb.njit(**INSIDE)  # type: ignore[untyped-decorator]
def digamma(a: float) -> float:
    """Derivative of log gamma, for a > 0."""
    total = 0.0
    while a < LARGE_ARGUMENT:
        total -= 1.0 / a
        a += 1.0
    s = 1.0 / (a * a)
    series = 1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))
    return total + math.log(a) - 0.5 / a - s * (1 / 12 - s * series)


@nb.njit(**INSIDE)  # type: ignore[untyped-decorator]
def gamma_tail(a: float, x: float) -> tuple[float, float, float]:
    """Log Q(a, x), minus its derivative to log x, and its derivative to a; for a, x > 0."""
    log_x = math.log(x)
    log_rise = a * log_x - x - math.lgamma(a)  # x^a e^-x / gamma(a)
    by_a = log_x - digamma(a)
    if x < a + 1.0:
        term, harmonic, total, slope = 1.0 / a, 1.0 / a, 1.0 / a, -1.0 / (a * a)
        for n in range(1, MOST_TERMS):
            term *= x / (a + n)
            harmonic += 1.0 / (a + n)
            total += term
            slope -= term * harmonic
            if term * harmonic < ENOUGH * total:
                break
        p = math.exp(log_rise + math.log(total))
        q = 1.0 - p
        return math.log1p(-p), math.exp(log_rise) / q, -p * (by_a + slope / total) / q
    b = x + 1.0 - a
    c, by_c, d, by_d = 1e300, 0.0, 1.0 / b, 1.0 / (b * b)
    total, slope = d, by_d
    for n in range(1, MOST_TERMS):
        part = -n * (n - a)
        b += 2.0
        by_d = part * by_d + n * d - 1.0
        d = 1.0 / (part * d + b)
        by_d *= -d * d
        by_c = -1.0 + n / c - part * by_c / (c * c)
        c = b + part / c
        factor, by_factor = c * d, by_c * d + c * by_d
        slope = slope * factor + total * by_factor
        total *= factor
        if abs(factor - 1.0) < 1e-16 and abs(by_factor) < 1e-16:
            break
    return log_rise + math.log(total), 1.0 / total, by_a + slope / total
