"""Formulas: from text and a table of covariates to a design matrix."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from formulaic import model_matrix
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.model.effect_scales import EffectScale, make_scale
from scr.model.formula_text import FormulaText, read_formula
from scr.model.formula_tokens import Refusal, shown
from scr.model.independence import dependence_in_words, dependences
from scr.model.pooling import check_pool, levels_of_pool, pooled_columns, pooled_names
from scr.model.scale_text import ScaleText
from scr.model.smooth_text import SmoothText
from scr.model.smooths import (
    Smooth,
    check_level,
    effect_columns,
    effect_names,
    make_smooth,
)
from scr.model.strictly import strictly
from scr.model.unknown_names import explain_unknown

Functions = Mapping[str, Callable[..., Any]]
"""Functions that the caller adds to those of formulas, by name."""

NO_FUNCTIONS: Functions = MappingProxyType({})
_MOST_COLUMNS = 500


@dataclass(frozen=True, eq=False)
class Terms:
    """A formula made concrete: its columns, levels of factors and constants of ``scale()``.

    Parameters
    ----------
    parameter
        The parameter it belongs to, used in messages.
    formula
        The text.
    names
        Names of the columns.
    columns
        The columns themselves, shape (n_rows, n_terms), for the table they were made from.
    recipe
        What formulaic needs to make the same columns from another table.
    text
        The formula as it was read.
    functions
        Functions of the caller.
    sessions
        Sessions that the formula pools, whose terms stand after the others; none where it does not.
    left_out
        Places of columns of the recipe that are left out: the intercept of resistance.
    smooths
        Smooth terms; their lines and planes stand before pooled sessions, their effects last.
    scales
        Scales of effect, whose two coefficients stand before pooled sessions.
    """

    parameter: str
    formula: str
    names: tuple[str, ...]
    columns: NDArray[np.float64]
    recipe: Any
    text: FormulaText
    functions: Functions
    sessions: tuple[str, ...] = ()
    left_out: tuple[int, ...] = ()
    smooths: tuple[Smooth, ...] = ()
    scales: tuple[EffectScale, ...] = ()

    def on(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The same columns for another table, with levels and constants kept.

        Those of scales of effect stand behind all others; for their coefficients there are zeros.

        Parameters
        ----------
        table
            One row per row of the result, with the variables of the formula.

        Raises
        ------
        FormulaError
            If a variable is missing or has a level not seen before.
        """
        context = self.text.context(self.functions)
        try:
            with strictly():
                matrix = self.recipe.get_model_matrix(
                    _used(self.text, table), context=context, na_action="raise"
                )
        except (FormulaicError, ArithmeticError, ValueError, TypeError, Warning) as error:
            raise FormulaError(_explain(self, table, error)) from error
        refuse = Refusal(self.formula, self.parameter)
        parts = [np.delete(np.asarray(matrix, dtype=np.float64), self.left_out, axis=1)]
        parts += [smooth.straight(table, refuse) for smooth in self.smooths]
        parts += [np.zeros((len(table), 2)) for _ in self.scales]
        parts += [pooled_columns(table, self.sessions, refuse)] if self.sessions else []
        parts += [effect_columns(smooth, table, refuse) for smooth in self.smooths]
        parts += [scale.columns(table, refuse) for scale in self.scales]
        return np.hstack(parts)


def variables(formula: str, parameter: str, functions: Functions = NO_FUNCTIONS) -> frozenset[str]:
    """Names that a formula uses.

    Parameters
    ----------
    formula
        One-sided, as in ``"~ forest + scale(elevation)"``.
    parameter
        The parameter it belongs to, used in messages.
    functions
        Functions of the caller.

    Raises
    ------
    FormulaError
        If the text is not a formula.

    Examples
    --------
    >>> sorted(variables("~ forest + scale(elevation)", "density"))
    ['elevation', 'forest']
    """
    return read_formula(formula, parameter, frozenset(functions)).columns


def smooths_of(
    formula: str, parameter: str, functions: Functions = NO_FUNCTIONS
) -> tuple[SmoothText, ...]:
    """Smooth terms of a formula.

    Parameters
    ----------
    formula, parameter, functions
        As for ``variables``.

    Examples
    --------
    >>> smooths_of("~ forest + s(x, y)", "density")
    (SmoothText(kind='s', covariates=('x', 'y'), size=25),)
    """
    return read_formula(formula, parameter, frozenset(functions)).smooths


def scales_of(
    formula: str, parameter: str, functions: Functions = NO_FUNCTIONS
) -> tuple[ScaleText, ...]:
    """Scales of effect of a formula.

    Parameters
    ----------
    formula, parameter, functions
        As for ``variables``.

    Examples
    --------
    >>> [scale.name for scale in scales_of("~ scale_of(forest_500, forest_1000)", "density")]
    ['scale_of(forest)']
    """
    return read_formula(formula, parameter, frozenset(functions)).scales


def pools_sessions(formula: str, parameter: str, functions: Functions = NO_FUNCTIONS) -> bool:
    """Whether a formula has ``(1 | session)``.

    Parameters
    ----------
    formula, parameter, functions
        As for ``variables``.

    Examples
    --------
    >>> pools_sessions("~ forest + (1 | session)", "density")
    True
    """
    return read_formula(formula, parameter, frozenset(functions)).pools_sessions


def make_terms(
    formula: str, parameter: str, table: pd.DataFrame, *, functions: Functions = NO_FUNCTIONS
) -> Terms:
    """Columns of a formula for a table.

    Parameters
    ----------
    formula
        One-sided, as in ``"~ forest"``.
    parameter
        The parameter it belongs to, used in messages.
    table
        Covariates, one row per row of the result.
    functions
        Functions of the caller, by name.

    Returns
    -------
    Terms
        Columns with their names; text columns become factors with sorted levels, the first of
        which is the reference. Pooled sessions stand after them (``scr.model.pooling``), and last
        the effects of smooth terms (``scr.model.smooths``).

    Raises
    ------
    FormulaError
        If a name is unknown, a value is missing, a column is constant beside the intercept, or
        columns depend on each other.
    """
    text = read_formula(formula, parameter, frozenset(functions))
    refuse = Refusal(formula, parameter)
    unknown = text.columns - set(table.columns)
    if unknown:
        refuse(explain_unknown(unknown, [str(name) for name in table.columns]))
    terms = Terms(parameter, formula, (), np.zeros((0, 0)), None, text, functions)
    used = _used(text, table)
    _check_size(text, used, refuse)
    try:
        with strictly():
            matrix = model_matrix(
                text.terms, used, context=text.context(functions), na_action="raise"
            )
    except (FormulaicError, ArithmeticError, ValueError, TypeError, Warning) as error:
        raise FormulaError(_explain(terms, table, error)) from error
    terms = replace(
        terms,
        names=tuple(text.spelling.restored(str(name)) for name in matrix.model_spec.column_names),
        columns=np.asarray(matrix, dtype=np.float64),
        recipe=matrix.model_spec,
    )
    smooths = tuple(make_smooth(smooth, table, refuse) for smooth in text.smooths)
    for smooth in smooths:
        terms = _beside(terms, smooth.straight_names, smooth.straight(table, refuse))
    _check_columns(terms)
    fixed = terms
    for layers in text.scales:
        scale = make_scale(layers, table, len(terms.names), refuse)
        terms = replace(terms, scales=(*terms.scales, scale))
        terms = _beside(terms, scale.names, np.zeros((len(table), 2)))
    terms = _pooling(terms, table, fixed, refuse) if text.pools_sessions else terms
    for smooth in smooths:
        check_level(fixed.columns, fixed.names, refuse)
        terms = _beside(terms, effect_names(smooth), effect_columns(smooth, table, refuse))
    return replace(terms, smooths=smooths)


def _beside(terms: Terms, names: tuple[str, ...], columns: NDArray[np.float64]) -> Terms:
    """The same with more columns after the others."""
    every = np.hstack([terms.columns, columns])
    return replace(terms, names=(*terms.names, *names), columns=every)


def _pooling(terms: Terms, table: pd.DataFrame, fixed: Terms, refuse: Refusal) -> Terms:
    """The same with the terms of pooled sessions after the others."""
    sessions = levels_of_pool(table)
    pooled = pooled_columns(table, sessions, refuse)
    check_pool(fixed.columns, fixed.names, pooled, refuse)
    return replace(_beside(terms, pooled_names(sessions), pooled), sessions=sessions)


def _used(text: FormulaText, table: pd.DataFrame) -> pd.DataFrame:
    """The columns that a formula uses and no others, under the names that stand for them."""
    columns = {}
    for stands, name in text.spelling.columns.items():
        if name not in table.columns:
            continue
        column = table[name]
        # Powers of whole numbers would pass the largest whole number in silence.
        is_whole = column.dtype.kind in "iu" and name not in text.spelling.factors
        columns[stands] = column.astype(np.float64) if is_whole else column
    return pd.DataFrame(columns, index=table.index)


def _check_size(text: FormulaText, used: pd.DataFrame, refuse: Refusal) -> None:
    factors = text.spelling.factors
    levels = {
        stands: used[stands].nunique()
        for stands, name in text.spelling.columns.items()
        if name in factors or not pd.api.types.is_numeric_dtype(used[stands])
    }
    size = 0
    for term in text.terms:
        width = 1
        for factor in term.factors:
            inside = set(re.findall(r"\w+", str(factor.expr)))
            width *= max([n for name, n in levels.items() if name in inside], default=1)
        size += width
    if size > _MOST_COLUMNS:
        many = max(levels, key=lambda name: levels[name])
        refuse(
            f"would have {size:,} coefficients: {text.spelling.columns[many]} has "
            f"{levels[many]:,} different values. Use it as a number, or put its values into a few "
            "classes."
        )


def _explain(terms: Terms, table: pd.DataFrame, error: Exception) -> str:
    parameter, formula = terms.parameter, shown(terms.formula)
    used = [name for name in sorted(terms.text.columns) if name in table.columns]
    gaps = {name: int(table[name].isna().sum()) for name in used if table[name].isna().any()}
    if gaps:
        listed = ", ".join(
            f"{name} in {count} of {len(table)} rows" for name, count in gaps.items()
        )
        return (
            f"The formula of {parameter}, {formula}, meets missing values: {listed}. "
            "Fill them in, or leave the covariate out."
        )
    said = terms.text.spelling.restored(str(error))
    if "extend beyond" in said:
        return (
            f"The formula of {parameter}, {formula}, has a spline, and values beyond those that it "
            'was made from. Write extrapolation="clip" in bs(), which keeps the spline at its '
            "value at the end, or poly() instead."
        )
    told = _of_text(terms, table) or _constant(terms, table)
    if told:
        return f"The formula of {parameter}, {formula}, cannot be evaluated.{told}"
    return f"The formula of {parameter}, {formula}, cannot be evaluated: {said}"


def _constant(terms: Terms, table: pd.DataFrame) -> str:
    """The covariates that have one value in all rows, as a sentence, or empty."""
    used = [name for name in sorted(terms.text.columns) if name in table.columns and len(table)]
    same = [name for name in used if (table[name] == table[name].iloc[0]).all()]
    if not same:
        return ""
    listed = ", ".join(f"{name} is {table[name].iloc[0]!s} in all {len(table)}" for name in same)
    return f" {listed} rows, so that nothing can be learnt of {_it(same)}: leave {_it(same)} out."


def _it(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _of_text(terms: Terms, table: pd.DataFrame) -> str:
    """The covariates of text, as a sentence, or empty."""
    listed = [
        f"{name} is text, such as {table[name].dropna().iloc[0]!r}"
        for name in sorted(terms.text.columns)
        if name in table.columns and not pd.api.types.is_numeric_dtype(table[name])
    ]
    if not listed:
        return ""
    return f" {', '.join(listed)}: functions such as scale() need numbers."


def _check_columns(terms: Terms) -> None:
    columns = terms.columns
    if not np.isfinite(columns).all():
        bad = [terms.names[j] for j in np.flatnonzero(~np.isfinite(columns).all(axis=0))]
        msg = (
            f"The formula of {terms.parameter}, {terms.formula!r}, gives values that are not "
            f"finite in {', '.join(bad)}. Transform the covariate so that it is finite everywhere."
        )
        raise FormulaError(msg)
    found = dependences(columns, terms.names)
    if found:
        msg = (
            f"The formula of {terms.parameter}, {terms.formula!r}, has columns that cannot be told "
            f"apart in these data: {dependence_in_words(found)}"
        )
        raise FormulaError(msg)
