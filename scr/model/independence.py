"""Whether the columns of a formula are independent, judged whatever their origin and unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST_SHARE = 1e-6
"""Least share of a column's spread that must not follow from the columns before it. Rasters in
single precision are rounded by about as much, and so is the copy of a covariate in another unit."""

_NOISE = 1e3
"""What does not follow must be this many times the rounding of the numbers themselves."""

_NAMED = 1e-3
_SPANS = 1e-9


@dataclass(frozen=True)
class Dependence:
    """A column that follows from others.

    Parameters
    ----------
    column
        Its name.
    others
        The columns that it follows from, none for a column that is constant.
    exactly
        Whether it follows exactly, up to rounding.
    """

    column: str
    others: tuple[str, ...]
    exactly: bool

    def in_words(self) -> str:
        """The fact as a clause.

        Examples
        --------
        >>> Dependence("c", ("a", "b"), True).in_words()
        'c follows from a and b'
        """
        if not self.others:
            return f"{self.column} is constant"
        *first, last = self.others
        listed = f"{', '.join(first)} and {last}" if first else last
        return f"{self.column} {'' if self.exactly else 'nearly '}follows from {listed}"


def dependences(columns: NDArray[np.float64], names: Sequence[str]) -> list[Dependence]:
    """Columns that are constant or follow from columns before them.

    Columns are centred where there is an intercept, then scaled, so that neither the unit of a
    covariate nor its distance from zero matters, up to what double precision can tell.

    Parameters
    ----------
    columns
        Shape (n_rows, n_terms).
    names
        Their names.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 4.0])
    >>> dependences(np.stack([np.ones(3), x, 1000 * x], axis=1), ["Intercept", "km", "m"])
    [Dependence(column='m', others=('km',), exactly=True)]
    """
    is_intercept = np.array([name == "Intercept" for name in names])
    has_constant = constant_direction(columns, is_intercept) is not None
    centred = columns - (columns.mean(axis=0) if has_constant else 0.0)
    size, length = np.linalg.norm(columns, axis=0), np.linalg.norm(centred, axis=0)
    noise = _NOISE * np.finfo(np.float64).eps * size
    found: list[Dependence] = []
    kept: list[int] = []
    basis = np.empty((len(columns), 0))
    for j in np.flatnonzero(~is_intercept).tolist():
        rest = centred[:, j] - basis @ (basis.T @ centred[:, j])
        rest -= basis @ (basis.T @ rest)
        left = float(np.linalg.norm(rest))
        if length[j] > noise[j] and left > max(_LEAST_SHARE * length[j], noise[j]):
            basis = np.column_stack([basis, rest / left])
            kept.append(j)
            continue
        constant = bool(length[j] <= noise[j])
        others = [] if constant else _follows_from(centred, j, kept)
        limit = max(1e-12 * length[j], float(noise[np.array([j, *others])].sum()))
        names_of_others = tuple(names[k] for k in others)
        found.append(Dependence(names[j], names_of_others, bool(constant or left <= limit)))
    # Without an intercept one column carries the constant that all were centred by.
    return found[1:] if has_constant and not is_intercept.any() else found


def constant_direction(
    columns: NDArray[np.float64], is_intercept: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """Coefficients that make the linear predictor 1 in all rows, or None where none do.

    Parameters
    ----------
    columns
        Shape (n_rows, n_terms).
    is_intercept
        Which column is the intercept, if any, shape (n_terms,).

    Examples
    --------
    >>> constant_direction(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2, dtype=bool))
    array([1., 1.])
    """
    if is_intercept.any():
        return is_intercept.astype(np.float64)
    # Levels of factors first: beside them a covariate far from zero is nearly constant too.
    is_level = ((columns == 0) | (columns == 1)).all(axis=0)
    size = np.linalg.norm(columns, axis=0)
    for tried in (is_level, np.ones_like(is_level)):
        scale = np.where(tried & (size > 0), size, np.inf)
        found = np.linalg.lstsq(columns / scale, np.ones(len(columns)), rcond=None)[0]
        if np.abs(columns / scale @ found - 1.0).max() <= _SPANS:
            found = np.where(np.abs(found) > _SPANS * np.abs(found).max(), found, 0.0)
            return np.asarray(found / scale)
    return None


def _follows_from(centred: NDArray[np.float64], column: int, kept: list[int]) -> list[int]:
    """Those of the columns before that have a part in a column, however small their unit."""
    length = np.linalg.norm(centred, axis=0)
    others = centred[:, kept] / length[kept]
    weight = np.linalg.lstsq(others, centred[:, column] / length[column], rcond=None)[0]
    return [k for k, w in zip(kept, weight, strict=True) if abs(w) > _NAMED]


def dependence_in_words(found: Sequence[Dependence]) -> str:
    """What depends on what, and what to do.

    Parameters
    ----------
    found
        At least one.
    """
    listed = "; ".join(dependence.in_words() for dependence in found)
    columns = " and ".join(dependence.column for dependence in found)
    text = f"{listed}. Leave out {columns}"
    if any(dependence.others for dependence in found):
        text += ", or what it follows from" if len(found) == 1 else ", or what they follow from"
    is_product = any(mark in dependence.column for dependence in found for mark in ("**", ":"))
    if is_product or not all(dependence.exactly for dependence in found):
        text += (
            ". Powers and products of a covariate far from zero are nearly straight lines: "
            "centre it first, as scale() does"
        )
    return text + "."
