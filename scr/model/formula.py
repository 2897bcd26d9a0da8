"""Formulas: from text and a table of covariates to a design matrix."""

import ast
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula, model_matrix
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from scr.errors import FormulaError


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
    """

    parameter: str
    formula: str
    names: tuple[str, ...]
    columns: NDArray[np.float64]
    recipe: Any

    def on(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The same columns for another table, with levels and constants kept.

        Parameters
        ----------
        table
            One row per row of the result, with the variables of the formula.

        Raises
        ------
        FormulaError
            If a variable is missing or has a level not seen before.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                matrix = self.recipe.get_model_matrix(table, context={}, na_action="raise")
            except (FormulaicError, ValueError, TypeError, Warning) as error:
                raise FormulaError(_explain(self.parameter, self.formula, table, error)) from error
        return np.asarray(matrix, dtype=np.float64)


def variables(formula: str, parameter: str) -> frozenset[str]:
    """Names that a formula uses.

    Parameters
    ----------
    formula
        One-sided, as in ``"~ forest + scale(elevation)"``.
    parameter
        The parameter it belongs to, used in messages.

    Raises
    ------
    FormulaError
        If the text is not a formula.

    Examples
    --------
    >>> sorted(variables("~ forest + scale(elevation)", "density"))
    ['elevation', 'forest']
    """
    factors = {str(factor.expr) for term in _parse(formula, parameter) for factor in term.factors}
    names: set[str] = set()
    for factor in factors:
        tree = ast.parse(factor, mode="eval")
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        names |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and id(node) not in called
        }
    return frozenset(names)


def make_terms(formula: str, parameter: str, table: pd.DataFrame) -> Terms:
    """Columns of a formula for a table.

    Parameters
    ----------
    formula
        One-sided, as in ``"~ forest"``.
    parameter
        The parameter it belongs to, used in messages.
    table
        Covariates, one row per row of the result.

    Returns
    -------
    Terms
        Columns with their names; text columns become factors with sorted levels, the first of
        which is the reference.

    Raises
    ------
    FormulaError
        If a name is unknown, a value is missing, a column is constant beside the intercept, or
        columns depend on each other.
    """
    parsed = _parse(formula, parameter)
    unknown = variables(formula, parameter) - set(table.columns)
    if unknown:
        known = ", ".join(sorted(map(str, table.columns))) or "none"
        msg = (
            f"The formula of {parameter}, {formula!r}, uses {', '.join(sorted(unknown))}, "
            f"which is not among its covariates: {known}. Correct the name, or add the covariate."
        )
        raise FormulaError(msg)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            matrix = model_matrix(parsed, table, context={}, na_action="raise")
        except (FormulaicError, ValueError, TypeError, Warning) as error:
            raise FormulaError(_explain(parameter, formula, table, error)) from error
    terms = Terms(
        parameter=parameter,
        formula=formula,
        names=tuple(map(str, matrix.model_spec.column_names)),
        columns=np.asarray(matrix, dtype=np.float64),
        recipe=matrix.model_spec,
    )
    _check_rank(terms)
    return terms


def _parse(formula: str, parameter: str) -> Any:
    try:
        parsed = Formula(formula)
    except FormulaicError as error:
        msg = (
            f"The formula of {parameter}, {formula!r}, cannot be read: {error}. "
            'Write it as in "~ forest + scale(elevation)", or "~ 1" for a constant.'
        )
        raise FormulaError(msg) from error
    if hasattr(parsed, "lhs") or len(parsed) == 0:
        msg = (
            f"The formula of {parameter} is {formula!r}; it needs a right side alone and at least "
            'one term. Write "~ forest", or "~ 1" for a constant.'
        )
        raise FormulaError(msg)
    return parsed


def _explain(parameter: str, formula: str, table: pd.DataFrame, error: Exception) -> str:
    used = [name for name in variables(formula, parameter) if name in table.columns]
    gaps = {name: int(table[name].isna().sum()) for name in used if table[name].isna().any()}
    if gaps:
        listed = ", ".join(
            f"{name} in {count} of {len(table)} rows" for name, count in gaps.items()
        )
        return (
            f"The formula of {parameter}, {formula!r}, meets missing values: {listed}. "
            "Fill them in, or leave the covariate out."
        )
    return f"The formula of {parameter}, {formula!r}, cannot be evaluated: {error}"


def _check_rank(terms: Terms) -> None:
    columns = terms.columns
    if not np.isfinite(columns).all():
        bad = [terms.names[j] for j in np.flatnonzero(~np.isfinite(columns).all(axis=0))]
        msg = (
            f"The formula of {terms.parameter}, {terms.formula!r}, gives values that are not "
            f"finite in {', '.join(bad)}. Transform the covariate so that it is finite everywhere."
        )
        raise FormulaError(msg)
    scale = np.linalg.norm(columns, axis=0)
    rank = np.linalg.matrix_rank(columns / np.where(scale > 0, scale, 1.0))
    if rank < columns.shape[1]:
        msg = (
            f"The formula of {terms.parameter}, {terms.formula!r}, has {columns.shape[1]} columns "
            f"({', '.join(terms.names)}) but only {rank} of them are independent in these data. "
            "Leave out a covariate that is constant or that follows from the others."
        )
        raise FormulaError(msg)
