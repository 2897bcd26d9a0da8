"""Smooth terms of a formula, ``s(x, y)`` and ``gp(x, y)``, read as text."""

from collections.abc import Sequence
from dataclasses import dataclass

from scr.model.added_terms import calls_taken_out, require_once
from scr.model.formula_tokens import SMOOTHS, Refusal, Token, as_written, shown
from scr.model.pool_names import DENSITY

_SIZES = {("s", 1): 10, ("s", 2): 25, ("gp", 1): 12, ("gp", 2): 30}
LEAST = {1: 5, 2: 8}
"""Fewest basis functions of a smooth of one and of two covariates."""

_MOST = 60
_WRITE = 'Write it as in "~ forest + s(x, y)", or s(forest, k=8) for 8 basis functions.'


@dataclass(frozen=True)
class SmoothText:
    """A smooth term as it was written.

    Parameters
    ----------
    kind
        ``"s"``, a thin plate spline, or ``"gp"``, a Gaussian process.
    covariates
        Names of one or two columns.
    size
        Number of basis functions; of a spline the constant is one of them.
    """

    kind: str
    covariates: tuple[str, ...]
    size: int

    @property
    def name(self) -> str:
        """The term without its number of functions, as coefficients are named by it.

        Examples
        --------
        >>> SmoothText("s", ("x", "y"), 25).name
        's(x, y)'
        """
        return f"{self.kind}({', '.join(self.covariates)})"


def without_smooths(
    tokens: Sequence[Token], parameter: str, refuse: Refusal
) -> tuple[list[Token], tuple[SmoothText, ...]]:
    """A formula without its smooth terms, and these.

    Parameters
    ----------
    tokens
        Words of the formula.
    parameter
        The parameter it belongs to.
    refuse
        The error of the formula.
    """
    rest, calls = calls_taken_out(tokens, SMOOTHS, refuse, _WRITE)
    if calls and parameter != DENSITY:
        argument = calls[0][2].text if len(calls[0]) > 3 else "x"
        refuse(
            f"has {as_written(calls[0])}. Smooth terms are of density alone; write "
            f"poly({argument}, 2), or bs({argument}, df=4), instead."
        )
    found = [_read(words, refuse) for words in calls]
    require_once([smooth.name for smooth in found], refuse)
    return rest, tuple(found)


def _read(words: Sequence[Token], refuse: Refusal) -> SmoothText:
    kind, written = words[0].text, shown(as_written(words))
    parts: list[list[Token]] = [[]]
    for token in words[2:-1]:
        if token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    covariates, size = [], None
    for part in parts:
        text = [token.text for token in part]
        if len(part) == 1 and part[0].kind in {"name", "quoted"} and size is None:
            covariates.append(part[0].name)
        elif text[:2] == ["k", "="] and len(part) == 3 and text[2].isdecimal() and size is None:
            size = int(text[2][:9])
        else:
            refuse(
                f"has {written}. A smooth takes the names of one or two columns, and then k=, "
                f"its number of basis functions. {_WRITE}"
            )
    n = len(covariates)
    if not 1 <= n <= 2 or len(set(covariates)) < n:
        refuse(f"has {written}. A smooth is of one column, or of two different ones. {_WRITE}")
    if kind == "gp" and n == 2 and set(covariates) != {"x", "y"}:
        refuse(
            f"has {written}. The two covariates of a Gaussian process have one length, so they "
            f"can be x and y, in metres. Write s({', '.join(covariates)}), or "
            f"gp({covariates[0]}) + gp({covariates[1]})."
        )
    size = _SIZES[kind, n] if size is None else size
    if not LEAST[n] <= size <= _MOST:
        refuse(f"has {written}. Its k, the number of functions, goes from {LEAST[n]} to {_MOST}.")
    return SmoothText(kind, tuple(covariates), size)
