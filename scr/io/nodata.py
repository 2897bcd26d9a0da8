"""Codes for no data that a file does not declare, and values that such codes were averaged into."""

import numpy as np
from numpy.typing import NDArray

_CODES = (
    -32768.0, -32767.0, -2147483648.0, -128.0,
    255.0, 32767.0, 65535.0, 2147483647.0, 4294967295.0,
)  # fmt: skip
_NINES = frozenset("9")
_HUGE = 1e15
_LEAST_PLAUSIBLE = -999.0
_FAR_BELOW, _FAR_ABOVE = 3.0, 1000.0
_FROM_ABOVE = 32767.0


def is_code(value: float) -> bool:
    """Whether a value is one of the usual codes for no data.

    These are the limits of the types of numbers that files hold, all nines (-99, -999.9, 9999 and
    so on) and everything beyond 1e15.

    Parameters
    ----------
    value
        Any number.

    Examples
    --------
    >>> [is_code(value) for value in (-9999, 1e20, 2147483647, -99.9, 99, 42)]
    [True, True, True, True, False, False]
    """
    if abs(value) >= _HUGE:
        return True
    if np.isclose(value, _CODES, rtol=1e-9, atol=0).any():
        return True
    digits = code_text(abs(value)).replace(".", "")
    return set(digits) == _NINES and len(digits) >= (2 if value < 0 else 3)


def code_text(code: float) -> str:
    """A code as one writes it.

    Parameters
    ----------
    code
        Its value.

    Examples
    --------
    >>> code_text(2147483647.0), code_text(float(np.float32(1e20)))
    ('2147483647', '1e+20')
    """
    return f"{code:.15g}" if abs(code) < _HUGE and float(code).is_integer() else f"{code:.6g}"


def undeclared_code(values: NDArray[np.float64]) -> float | None:
    """The lowest or highest value, where it looks like a code for no data.

    It does if it is one of the usual codes and further from all other values than these are from
    each other; beyond 1e15 always; and -999 or less, or 32767 or more, also where values lie
    between, as long as it is far from the middle half of the values: resampling makes such.
    Where it is the only value, it does if it is -999 or less, or beyond 1e15.

    Parameters
    ----------
    values
        Any numbers; those not finite are not looked at.

    Examples
    --------
    >>> undeclared_code(np.array([310.0, 420.0, -9999.0]))
    -9999.0
    >>> undeclared_code(np.array([0.0, 200.0, 255.0])) is None
    True
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    low, high = float(finite.min()), float(finite.max())
    for value in (low, high):
        if not is_code(value):
            continue
        rest = finite[finite != value]
        if abs(value) >= _HUGE or (rest.size == 0 and value <= _LEAST_PLAUSIBLE):
            return value
        if rest.size and (_stands_apart(value, rest) or _is_far(value, rest)):
            return value
    return None


def _stands_apart(value: float, rest: NDArray[np.float64]) -> bool:
    spread = float(rest.max() - rest.min())
    gap = max(float(rest.min()) - value, value - float(rest.max()))
    return gap > max(spread, 1.0)


def _is_far(value: float, rest: NDArray[np.float64]) -> bool:
    """Whether a code that cannot be a usual value lies far from the middle half of the rest."""
    low, high = np.quantile(rest, [0.25, 0.75])
    width = max(float(high - low), 1.0)
    if value <= _LEAST_PLAUSIBLE:
        return bool(low - value > _FAR_BELOW * width)
    return value >= _FROM_ABOVE and bool(value - high > _FAR_ABOVE * width)


def averaged_with(values: NDArray[np.float64], code: float) -> NDArray[np.bool_]:
    """Which values a code was averaged into, as by resampling a raster that does not declare it.

    Parameters
    ----------
    values
        Any numbers.
    code
        A code for no data.

    Returns
    -------
    NDArray
        True for values, other than the code, that lie on its side far beyond the middle half of
        all; none where none of them is nearer to the code than to the middle.

    Examples
    --------
    >>> averaged_with(np.array([-9999.0, -6000.0, 20.0, 30.0, 35.0, 40.0, 44.0]), -9999.0).tolist()
    [False, True, False, False, False, False, False]
    """
    rest = np.isfinite(values) & (values != code)
    none = np.zeros(values.shape, dtype=np.bool_)
    if not rest.any() or abs(code) < -_LEAST_PLAUSIBLE:
        return none
    low, high = np.quantile(values[rest], [0.25, 0.75])
    width = max(float(high - low), 1.0)
    below = code < low
    limit = low - _FAR_BELOW * width if below else high + _FAR_ABOVE * width
    between = (values > code) & (values < limit) if below else (values > limit) & (values < code)
    beyond = np.asarray(rest & between, dtype=np.bool_)
    middle = low if below else high
    reached = values[beyond]
    if not reached.size or np.abs(reached - code).min() > np.abs(reached - middle).max():
        return none
    return beyond
