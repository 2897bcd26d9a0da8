"""Formulas read as text: what may stand in one, checked before anything is worked out.

Formulas come from files that people send each other. One can hold names of columns, numbers, text
within a call, operators and the functions of ``scr.model.transforms``, and nothing else. What is
handed on to be evaluated is written anew from what was read, with names that stand for columns
and texts, so that no character of the formula reaches an evaluator unread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.parser import DefaultFormulaParser

from scr.model.formula_calls import write_call
from scr.model.formula_tokens import EXAMPLE, Refusal, Spelling, Token, stray, tokens_of
from scr.model.pool_names import GROUP
from scr.model.pooling import without_pool
from scr.model.scale_text import ScaleText, without_scales
from scr.model.smooth_text import SmoothText, without_smooths
from scr.model.transforms import TRANSFORMS

_MOST_TERMS = 1_000
_MOST_FACTORS = 5
_NO_POWER = (
    "has a power outside of I(), where it means interactions and leaves the covariate as it is. "
    "Write I(elevation**2), or poly(elevation, 2), with the name of the covariate."
)


@dataclass(frozen=True, eq=False)
class FormulaText:
    """A formula that was found to hold nothing but what a formula may hold.

    Parameters
    ----------
    terms
        The formula as formulaic takes it.
    spelling
        What its names stand for.
    pools_sessions
        Whether it has ``(1 | session)`` beside these terms.
    smooths
        Smooth terms beside these.
    scales
        Scales of effect beside these.
    """

    terms: Any
    spelling: Spelling
    pools_sessions: bool = False
    smooths: tuple[SmoothText, ...] = ()
    scales: tuple[ScaleText, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that the formula uses."""
        pooled = {GROUP} if self.pools_sessions else set[str]()
        smooth = {name for smooth in self.smooths for name in smooth.covariates}
        layers = {name for scale in self.scales for name in scale.columns}
        return frozenset(self.spelling.columns.values()) | pooled | smooth | layers

    def context(self, functions: Mapping[str, Any]) -> dict[str, Any]:
        """All that the formula can reach beside its columns: its texts and functions.

        Parameters
        ----------
        functions
            Functions of the caller, by name.
        """
        calls = {
            stands: TRANSFORMS[name].function if name in TRANSFORMS else functions[name]
            for stands, name in self.spelling.calls.items()
        }
        return {**self.spelling.texts, **calls}


@lru_cache(maxsize=256)
def read_formula(
    formula: str, parameter: str, functions: frozenset[str] = frozenset()
) -> FormulaText:
    """Read a formula, refusing all that is not one.

    Parameters
    ----------
    formula
        One-sided, as in ``"~ forest + scale(elevation)"``.
    parameter
        The parameter it belongs to, used in messages.
    functions
        Names of functions of the caller.

    Raises
    ------
    FormulaError
        Naming what may not stand in a formula, and what to write instead.
    """
    refuse = Refusal(formula, parameter)
    tokens = tokens_of(formula, refuse)
    if tokens and tokens[0].text == "~":
        tokens = tokens[1:]
    if not tokens:
        refuse("is empty. " + EXAMPLE)
    tokens, pools_sessions = without_pool(tokens, refuse)
    tokens, smooths = without_smooths(tokens, parameter, refuse)
    tokens, scales = without_scales(tokens, parameter, refuse)
    spelling = Spelling(functions)
    words: list[str] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind == "name" and at + 1 < len(tokens) and tokens[at + 1].text == "(":
            end = _end_of_call(tokens, at + 1, refuse)
            _check_beside(tokens, at, refuse)
            words.append(write_call(tokens[at:end], spelling, refuse))
            at = end
        else:
            words.append(_outside_calls(tokens, at, spelling, refuse))
            at += 1
    terms = _terms(" ".join(words), refuse)
    return FormulaText(terms, spelling, pools_sessions, smooths, scales)


def _end_of_call(tokens: Sequence[Token], opening: int, refuse: Refusal) -> int:
    depth, at = 1, opening + 1
    while depth and at < len(tokens):
        depth += {"(": 1, ")": -1}.get(tokens[at].text, 0)
        at += 1
    if depth:
        refuse(f"opens a bracket after {tokens[opening - 1].text} and does not close it.")
    return at


def _outside_calls(tokens: Sequence[Token], at: int, spelling: Spelling, refuse: Refusal) -> str:
    token = tokens[at]
    if token.kind in {"name", "quoted"}:
        _check_beside(tokens, at, refuse)
        return spelling.column(token.name)
    if token.kind == "number":
        _check_beside(tokens, at, refuse)
        _check_number(tokens, at, refuse)
        return token.text
    if token.text in {"**", "^"}:
        before = tokens[at - 1] if at else token
        if before.text != ")" or _is_after_call(tokens, at):
            refuse(_NO_POWER)
        return "**"
    if token.kind == "stray":
        refuse(stray(token))
    if token.text == "~":
        refuse('has a left side. It needs a right side alone: write "~ forest".')
    if token.text not in {"+", "-", "*", "/", ":", "(", ")"}:
        refuse(f"has {token.text} outside of a call, where it has no place. {EXAMPLE}")
    return token.text


def _is_after_call(tokens: Sequence[Token], at: int) -> bool:
    depth = 0
    for back in range(at - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(tokens[back].text, 0)
        if depth == 0:
            return back > 0 and tokens[back - 1].kind == "name"
    return False


def _check_beside(tokens: Sequence[Token], at: int, refuse: Refusal) -> None:
    if at == 0 or tokens[at - 1].kind == "operator":
        return
    both = f"{tokens[at - 1].name} {tokens[at].name}"
    refuse(
        f"has {both!r}, with nothing between the two. Write + between two covariates, or a name "
        f"with blanks in backticks: `{both}`."
    )


def _check_number(tokens: Sequence[Token], at: int, refuse: Refusal) -> None:
    text = tokens[at].text
    if at and tokens[at - 1].text in {"**", "^"}:
        if text not in {"2", "3", "4"}:
            refuse(f"has a power of {text}. Outside of I() it can be 2, 3 or 4.")
    elif text not in {"0", "1"}:
        refuse(
            f"has the number {text} outside of I(). Only 1 and 0 stand alone, for a constant and "
            f"for none; write I({text} * elevation) for arithmetic."
        )


def _terms(clean: str, refuse: Refusal) -> Any:
    try:
        if _size(DefaultFormulaParser().get_ast(clean), refuse) > _MOST_TERMS:
            refuse(
                f"means more than {_MOST_TERMS:,} terms. Leave out interactions; name the terms "
                "that you want with + and :."
            )
        terms = Formula(clean)
    except FormulaicError as error:
        refuse(f"cannot be read: {_first_line(error)}. {EXAMPLE}")
    if len(terms) == 0:
        refuse("needs at least one term. " + EXAMPLE)
    if max(len(term.factors) for term in terms) > _MOST_FACTORS:
        refuse(
            f"has an interaction of more than {_MOST_FACTORS} covariates. Leave some of them out."
        )
    return terms


def _first_line(error: Exception) -> str:
    # The lines after the first repeat the formula with colours of a terminal in it.
    return str(error).split("\n", maxsplit=1)[0].rstrip(".")


def _size(node: Any, refuse: Refusal) -> int:
    """Terms that a part of a formula stands for, counted without writing them out."""
    if not hasattr(node, "operator"):
        return 1
    sizes = [_size(part, refuse) for part in node.args]
    first, last = sizes[0], sizes[-1]
    if len(sizes) == 1:
        return first
    if node.operator.symbol == "**":
        if first == 1:
            refuse(_NO_POWER)
        return int(min(first ** int(str(node.args[1])), _MOST_TERMS + 1))
    of_both = {"*": first + last + first * last, ":": first * last, "-": first}
    return int(min(of_both.get(node.operator.symbol, first + last), _MOST_TERMS + 1))
