"""Words of a formula, the names that stand for them, and the error that names the formula."""

import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from scr.errors import FormulaError
from scr.model.transforms import TRANSFORMS

EXAMPLE = 'Write it as in "~ forest + scale(elevation)", or "~ 1" for a constant.'

SMOOTHS = frozenset({"s", "gp"})
"""Smooth terms, which are added to the others of a formula of density."""

SCALE_OF = "scale_of"
"""A scale of effect, which is so too."""

LONGEST = 2_000
"""Characters of the longest formula."""

_MOST_TOKENS = 400
_SHOWN = 120
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<quoted>`[^`\n]+`)
    |(?P<number>(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?)
    |(?P<name>[^\W\d][\w.]*)
    |(?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    |(?P<operator>\*\*|<=|>=|==|!=|[-+*/:^(),=<>~\[\]])""",
    re.VERBOSE,
)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_STANDS_FOR = re.compile(r"_scr_\d+_")
_IN_QUOTES = "Text ends with the mark it begins with, and holds no backslash."
_ADVICE = {
    "{": "Write I(...) around arithmetic.",
    ".": "A dot stands within a name, as in tree.cover; name the covariates one by one.",
    "|": "A formula has one part; (1 | session) pools sessions.",
    "%": "Write a:b for an interaction, a/b for one within the other.",
    "`": "A name in backticks ends with a backtick.",
    "$": "Write the name of the column alone.",
    "@": "Write the name of the column alone.",
    '"': _IN_QUOTES,
    "'": _IN_QUOTES,
}


@dataclass(frozen=True)
class Token:
    """A word of a formula.

    Parameters
    ----------
    kind
        quoted (a name in backticks), number, name, text, operator, or stray: a character that has
        no place in a formula.
    text
        As it is written.
    """

    kind: str
    text: str

    @property
    def name(self) -> str:
        """The name without backticks."""
        return self.text.strip("`")


@dataclass(frozen=True)
class Refusal:
    """The error for one formula, which names it."""

    formula: str
    parameter: str

    def __call__(self, what: str) -> NoReturn:
        """Raise the error.

        Parameters
        ----------
        what
            What is wrong with the formula, as the end of a sentence, and what to write.
        """
        msg = f"The formula of {self.parameter}, {shown(self.formula)}, {what}"
        raise FormulaError(msg)


@dataclass(frozen=True, eq=False)
class Spelling:
    """Names that stand for columns, texts and functions where a formula is evaluated.

    A name of plain letters stands for itself; all else is numbered.

    Parameters
    ----------
    functions
        Names of the functions that the caller gave.
    columns, texts, calls
        What each name stands for.
    factors
        Columns that the formula makes factors of with ``C()``.
    """

    functions: frozenset[str]
    columns: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    factors: set[str] = field(default_factory=set)

    def column(self, name: str) -> str:
        """The name that stands for a column."""
        taken = keyword.iskeyword(name) or name in TRANSFORMS or name in self.functions
        return self._stand(self.columns, name, is_plain=not taken)

    def text(self, value: str) -> str:
        """The name that stands for a text."""
        return self._stand(self.texts, value, is_plain=False)

    def function(self, name: str) -> str:
        """The name that stands for a function."""
        return self._stand(self.calls, name, is_plain=True)

    def _stand(self, known: dict[str, str], name: str, *, is_plain: bool) -> str:
        for stands, what in known.items():
            if what == name:
                return stands
        number = len(self.columns) + len(self.texts) + len(self.calls)
        plain = is_plain and _PLAIN.fullmatch(name) is not None
        stands = name if plain else f"_scr_{number}_"
        known[stands] = name
        return stands

    def restored(self, name: str) -> str:
        """A name made of names that stand for others, with the words of the user.

        Parameters
        ----------
        name
            As formulaic calls a column of the design matrix.
        """
        words = self.columns | self.calls | {k: repr(text) for k, text in self.texts.items()}
        return _STANDS_FOR.sub(lambda found: words.get(found.group(), found.group()), name)


def shown(formula: str) -> str:
    """A formula in quotation marks, cut where it is long.

    Parameters
    ----------
    formula
        The text.
    """
    text = str(formula)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + " ...")


def tokens_of(formula: str, refuse: Callable[[str], NoReturn]) -> list[Token]:
    """The words of a formula, and the characters that are part of none.

    Parameters
    ----------
    formula
        The text.
    refuse
        Raises the error.

    Raises
    ------
    FormulaError
        If there are too many.
    """
    if not isinstance(formula, str):
        refuse("is not text. " + EXAMPLE)
    if len(formula) > LONGEST:
        refuse(f"has {len(formula):,} characters; at most {LONGEST:,} are read. Shorten it.")
    tokens: list[Token] = []
    at = 0
    while at < len(formula):
        found = _TOKEN.match(formula, at)
        if found is None:
            tokens.append(Token("stray", formula[at]))
        elif found.lastgroup != "blank":
            tokens.append(Token(str(found.lastgroup), found.group()))
        at = found.end() if found is not None else at + 1
    if len(tokens) > _MOST_TOKENS:
        refuse(f"has {len(tokens)} words; at most {_MOST_TOKENS} are read. Shorten it.")
    return tokens


def stray(token: Token) -> str:
    """What is wrong with a character that has no place, and what to write.

    Parameters
    ----------
    token
        The character.
    """
    return (
        f"has {token.text!r}, which has no place in a formula. {_ADVICE.get(token.text, EXAMPLE)}"
    )


def as_written(tokens: Sequence[Token]) -> str:
    """Words as they were written, without blanks beside operators.

    Parameters
    ----------
    tokens
        The words.
    """
    text = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        apart = before is not None and "operator" not in {before.kind, token.kind}
        text += f" {token.text}" if apart else token.text
    return text


def check_functions(functions: Mapping[str, Callable[..., object]]) -> None:
    """Check the names of functions that a caller gives.

    Parameters
    ----------
    functions
        Functions by name.

    Raises
    ------
    FormulaError
        If a name is not plain, or is that of a function that formulas have, or it is no function.
    """
    for name, function in functions.items():
        taken = name in TRANSFORMS or name in {*SMOOTHS, SCALE_OF} or keyword.iskeyword(str(name))
        if taken or _PLAIN.fullmatch(str(name)) is None:
            msg = (
                f"transforms= has {name!r}, which cannot be the name of a function of a formula. "
                "Give it a name of letters and digits that is not one of "
                f"{', '.join([*TRANSFORMS, *sorted(SMOOTHS), SCALE_OF])}."
            )
            raise FormulaError(msg)
        if not callable(function):
            msg = (
                f"transforms= gives {function!r} for {name}. Give a function of one or more arrays "
                "that returns an array of the same length."
            )
            raise FormulaError(msg)
