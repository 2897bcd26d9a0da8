"""Calls within formulas, as in ``poly(elevation, 2)``: each argument checked, then written anew."""

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from scr.model.formula_tokens import Refusal, Spelling, Token, as_written, shown, stray
from scr.model.transforms import CONTRASTS, INSTEAD, LARGEST_WHOLE, TRANSFORMS, Option, Transform

_DEEPEST = 20
_MOST_VALUES = 50
_LARGEST_POWER = 10
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_FROM_PYTHON = Transform(TRANSFORMS["I"].function, "anything")


def write_call(tokens: Sequence[Token], spelling: Spelling, refuse: Refusal) -> str:
    """A call of a formula, checked and written anew.

    Parameters
    ----------
    tokens
        Its words, from the name to the closing bracket.
    spelling
        Names that stand for others; those met here are added.
    refuse
        Raises the error.

    Raises
    ------
    FormulaError
        If it calls what formulas cannot call, or an argument is not one that it takes.
    """
    words = [_word(tokens, at, spelling, refuse) for at in range(len(tokens))]
    try:
        call = ast.parse(" ".join(words), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        refuse(
            f"has {shown(as_written(tokens))}, which cannot be read. Write it as in "
            "scale(elevation), I(elevation**2) or poly(elevation, 2)."
        )
    if not isinstance(call, ast.Call):
        refuse(f"has {shown(as_written(tokens))}, which is not a call of a function.")
    _Arguments(spelling, refuse).check_call(call, 0)
    return ast.unparse(call)


def _word(tokens: Sequence[Token], at: int, spelling: Spelling, refuse: Refusal) -> str:
    token = tokens[at]
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if token.kind == "stray":
        refuse(stray(token))
    if token.kind == "quoted":
        return spelling.column(token.name)
    if token.kind == "text":
        return spelling.text(token.text[1:-1])
    if token.kind == "name":
        if following == "(":
            _check_function(tokens, at, spelling, refuse)
            return spelling.function(token.text)
        if following == "=" or token.text in {"True", "False"}:
            return token.text
        return spelling.column(token.text)
    if token.text == "^":
        base = tokens[at - 1].text
        refuse(
            f"has {base}^{following}. A power is written with two stars: write "
            f"I({base}**{following}), or poly({base}, {following})."
        )
    if token.text in {":", "~"}:
        refuse(f"has {token.text} within a call, where it has no place.")
    return token.text


def _check_function(tokens: Sequence[Token], at: int, spelling: Spelling, refuse: Refusal) -> None:
    name = tokens[at].text
    if name in TRANSFORMS or name in spelling.functions:
        return
    argument = tokens[at + 2].text if at + 3 < len(tokens) else "x"
    refuse(
        f"calls {name}(), which is not a function of formulas{_instead(name, argument, spelling)}"
    )


def _instead(name: str, argument: str, spelling: Spelling) -> str:
    last = name.rsplit(".", maxsplit=1)[-1]
    if name in INSTEAD:
        return f": {INSTEAD[name].format(argument)}."
    if last in TRANSFORMS and last not in CONTRASTS:
        return f": write {last}({argument}) instead."
    known = ", ".join(sorted({*TRANSFORMS, *spelling.functions}, key=str.lower))
    return (
        f". These are: {known}. For anything else, work it out beforehand and add it as a column "
        "of its own."
    )


@dataclass(frozen=True, eq=False)
class _Arguments:
    """Checks the arguments of the calls of one formula."""

    spelling: Spelling
    refuse: Refusal

    def check_call(self, call: ast.Call, depth: int) -> None:
        """Check that a call is of a known function, with arguments that it takes."""
        if not isinstance(call.func, ast.Name) or call.func.id not in self.spelling.calls:
            self._no_place(call)
        name = self.spelling.calls[call.func.id]
        transform = TRANSFORMS.get(name, _FROM_PYTHON)
        given = list(call.args)
        if transform.first == "anything":
            for argument in given:
                self.check_numbers(argument, depth + 1)
            given = []
        elif transform.first != "nothing":
            if not given:
                self.refuse(f"calls {name}() without a covariate.")
            self._check_first(name, transform, given.pop(0), depth)
        by_position = dict(zip(transform.options, given, strict=False))
        if len(given) > len(transform.options):
            self.refuse(f"gives {name}() more than it takes. {_takes(name, transform)}")
        for option, argument in by_position.items():
            self._check_option(name, option, transform.options[option], argument)
        for word in call.keywords:
            self._check_keyword(name, transform, word, by_position)

    def _check_keyword(
        self, name: str, transform: Transform, word: ast.keyword, by_position: dict[str, ast.expr]
    ) -> None:
        if transform.first == "anything" and word.arg is not None and word.arg[0] != "_":
            self._check_option(name, word.arg, "values", word.value)
        elif word.arg is None or word.arg not in transform.options or word.arg in by_position:
            self.refuse(f"gives {name}() {word.arg or '**'}=. {_takes(name, transform)}")
        else:
            self._check_option(name, word.arg, transform.options[word.arg], word.value)

    def _check_first(self, name: str, transform: Transform, node: ast.expr, depth: int) -> None:
        if transform.first == "numbers":
            self.check_numbers(node, depth + 1)
        elif isinstance(node, ast.Name) and node.id in self.spelling.columns:
            self.spelling.factors.add(self.spelling.columns[node.id])
        else:
            self.refuse(f"gives {name}() {shown(self._text(node))}; it takes the name of a column.")

    def check_numbers(self, node: ast.expr, depth: int) -> None:
        """Check that a part is arithmetic of columns and numbers."""
        if depth > _DEEPEST:
            self.refuse(f"has more than {_DEEPEST} brackets or sums within each other.")
        if _is_number(node) or (isinstance(node, ast.Name) and node.id in self.spelling.columns):
            return
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            self.check_numbers(node.operand, depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            self._check_power(node, depth)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            self.check_numbers(node.left, depth + 1)
            self.check_numbers(node.right, depth + 1)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            self._check_comparison(node, depth)
        elif isinstance(node, ast.Call) and self._gives_numbers(node):
            self.check_call(node, depth + 1)
        else:
            self._no_place(node)

    def _gives_numbers(self, call: ast.Call) -> bool:
        name = self.spelling.calls.get(call.func.id, "") if isinstance(call.func, ast.Name) else ""
        return name in self.spelling.functions or (
            name in TRANSFORMS and TRANSFORMS[name].first == "numbers"
        )

    def _check_power(self, node: ast.BinOp, depth: int) -> None:
        self.check_numbers(node.left, depth + 1)
        power = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        size = power.value if isinstance(power, ast.Constant) and _is_number(power) else math.inf
        has_column = any(
            isinstance(part, ast.Name) and part.id in self.spelling.columns
            for part in ast.walk(node.left)
        )
        if not has_column or not isinstance(size, (int, float)) or size > _LARGEST_POWER:
            self.refuse(
                f"has {shown(self._text(node))}. A power is of a covariate, and at most "
                f"{_LARGEST_POWER}, as in I(elevation**2)."
            )

    def _check_comparison(self, node: ast.Compare, depth: int) -> None:
        if not isinstance(node.ops[0], _COMPARISONS):
            self._no_place(node)
        for side in (node.left, node.comparators[0]):
            if not (isinstance(side, ast.Name) and side.id in self.spelling.texts):
                self.check_numbers(side, depth + 1)

    def _check_option(self, name: str, option: str, kind: Option, node: ast.expr) -> None:
        if kind == "contrasts" and isinstance(node, ast.Call) and self._is_contrast(node):
            self.check_call(node, 0)
            return
        if kind == "values" and isinstance(node, (ast.List, ast.Tuple)):
            values = node.elts
            good = len(values) <= _MOST_VALUES and all(map(self._is_value, values))
        elif kind == "whole":
            number = node.value if isinstance(node, ast.Constant) else None
            good = type(number) is int and 1 <= number <= LARGEST_WHOLE
        elif kind == "yes or no":
            good = isinstance(node, ast.Constant) and isinstance(node.value, bool)
        elif kind == "number":
            good = _is_signed(node) or (isinstance(node, ast.Constant) and node.value in (0, 1))
        else:
            good = kind != "contrasts" and self._is_value(node)
        if not good:
            self.refuse(
                f"gives {name}() {option} = {shown(self._text(node))}. It takes {_KINDS[kind]}."
            )

    def _is_contrast(self, node: ast.Call) -> bool:
        return (
            isinstance(node.func, ast.Name) and self.spelling.calls.get(node.func.id) in CONTRASTS
        )

    def _is_value(self, node: ast.expr) -> bool:
        is_text = isinstance(node, ast.Name) and node.id in self.spelling.texts
        return is_text or _is_signed(node) or (isinstance(node, ast.Constant))

    def _no_place(self, node: ast.AST) -> NoReturn:
        self.refuse(
            f"has {shown(self._text(node))}, which has no place within a call. There can be "
            "covariates, numbers, + - * / **, comparisons and functions of formulas."
        )

    def _text(self, node: ast.AST) -> str:
        return self.spelling.restored(ast.unparse(node))


_KINDS: dict[Option, str] = {
    "number": "a number, True or False",
    "whole": f"a whole number from 1 to {LARGEST_WHOLE}",
    "yes or no": "True or False",
    "value": "a number or a text in quotation marks",
    "values": f"a list of at most {_MOST_VALUES} numbers or texts, as in [1, 2]",
    "contrasts": 'the reference level as Treatment("F"), or Sum() or Helmert()',
}


def _takes(name: str, transform: Transform) -> str:
    if not transform.options:
        return f"It takes nothing but one covariate, as in {name}(elevation)."
    return f"Beside the covariate it takes {', '.join(transform.options)}."


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in {int, float}


def _is_signed(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return _is_number(inner)
