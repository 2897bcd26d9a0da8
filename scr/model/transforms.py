"""The functions that a formula may call, with the arguments that each may be given.

A formula is text from a file. Nothing but these functions, and those that a caller gives from
Python, can be reached from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from formulaic.transforms import TRANSFORMS as FORMULAIC

First = Literal["numbers", "column", "nothing", "anything"]
Option = Literal["number", "whole", "yes or no", "value", "values", "contrasts"]

LARGEST_WHOLE = 20
"""Largest degree, or number of columns, of one term."""


@dataclass(frozen=True)
class Transform:
    """A function that formulas may call.

    Parameters
    ----------
    function
        What is called.
    first
        What its first argument may be: arithmetic of columns, one column, or nothing at all;
        for a function of the caller, every argument without a name is arithmetic of columns.
    options
        The other arguments by name, in order, with what each may be.
    """

    function: Callable[..., Any]
    first: First = "numbers"
    options: Mapping[str, Option] = field(default_factory=dict)


_CONTRASTS = {
    "Treatment": Transform(FORMULAIC["Treatment"], "nothing", {"reference": "value"}),
    "Sum": Transform(FORMULAIC["Sum"], "nothing"),
    "Helmert": Transform(FORMULAIC["Helmert"], "nothing"),
    "contr.treatment": Transform(FORMULAIC["contr"].treatment, "nothing", {"base": "value"}),
    "contr.sum": Transform(FORMULAIC["contr"].sum, "nothing"),
    "contr.helmert": Transform(FORMULAIC["contr"].helmert, "nothing"),
}
CONTRASTS = frozenset(_CONTRASTS)
"""Those that stand inside ``C()`` alone."""

TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {
        "I": Transform(FORMULAIC["I"]),
        "abs": Transform(np.abs),
        "cos": Transform(np.cos),
        "exp": Transform(np.exp),
        "log": Transform(np.log),
        "log10": Transform(np.log10),
        "log1p": Transform(np.log1p),
        "log2": Transform(np.log2),
        "sin": Transform(np.sin),
        "sqrt": Transform(np.sqrt),
        "center": Transform(FORMULAIC["center"]),
        "scale": Transform(
            FORMULAIC["scale"],
            options={"center": "number", "scale": "number", "ddof": "number"},
        ),
        "standardize": Transform(
            FORMULAIC["standardize"],
            options={"center": "yes or no", "rescale": "yes or no", "ddof": "number"},
        ),
        "poly": Transform(FORMULAIC["poly"], options={"degree": "whole", "raw": "yes or no"}),
        "bs": Transform(
            FORMULAIC["bs"],
            options={
                "df": "whole",
                "knots": "values",
                "degree": "whole",
                "lower_bound": "number",
                "upper_bound": "number",
                "extrapolation": "value",
            },
        ),
        "C": Transform(FORMULAIC["C"], "column", {"contrasts": "contrasts", "levels": "values"}),
        **_CONTRASTS,
    }
)
"""All of them, by the name that a formula uses."""

_SMOOTH = "in the formula of density write s({0}), or s({0}, y) of two covariates, instead"
_BY_COLUMN = "work it out beforehand and add it as a column of its own"
INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("te", "ti", "t2"), _SMOOTH),
        **dict.fromkeys(("ns", "cr", "cs", "cc"), "write bs({0}, df=4) instead"),
        **dict.fromkeys(("factor", "as.factor", "Factor", "cat"), "write C({0}) instead"),
        "Q": "write the name of the column in backticks instead, as in `tree cover`",
        "offset": "offsets are not fitted yet; " + _BY_COLUMN,
        "ln": "write log({0}) instead",
        "exp10": "write I(10 * {0}) for ten times, or " + _BY_COLUMN,
        "pow": "write I({0}**2) instead",
        "power": "write I({0}**2) instead",
        "ifelse": "write I({0} > 5) for yes or no, or " + _BY_COLUMN,
        "where": "write I({0} > 5) for yes or no, or " + _BY_COLUMN,
        "lag": _BY_COLUMN,
    }
)
"""What to write for functions that other programs have; {0} is the argument as written."""
