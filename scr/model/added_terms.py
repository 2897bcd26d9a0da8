"""Terms that are taken out of a formula before the rest of it is read."""

from collections.abc import Collection, Sequence

from scr.model.formula_tokens import Refusal, Token, as_written


def taken_out(
    tokens: Sequence[Token], first: int, stop: int, refuse: Refusal, within: str
) -> list[Token]:
    """A formula without a term that is added to its others; ``1`` if nothing else is left.

    Parameters
    ----------
    tokens
        Words of the formula.
    first, stop
        Where the term begins, and where what follows it does.
    refuse
        The error of the formula.
    within
        What is wrong, and what to write, where the term stands within another.
    """
    before, after = list(tokens[:first]), list(tokens[stop:])
    depth = sum({"(": 1, ")": -1}.get(token.text, 0) for token in before)
    joins_before = not before or before[-1].text == "+"
    joins_after = not after or after[0].text in {"+", "-"}
    if depth or not joins_before or not joins_after:
        refuse(within)
    if before:
        before.pop()
    elif after and after[0].text == "+":
        after.pop(0)
    nothing_left = not after or after[0].text == "-"
    return before + after if before or not nothing_left else [Token("number", "1"), *after]


def calls_taken_out(
    tokens: Sequence[Token], names: Collection[str], refuse: Refusal, write: str
) -> tuple[list[Token], list[list[Token]]]:
    """A formula without the calls of some names that are added to its others, and these.

    Parameters
    ----------
    tokens
        Words of the formula.
    names
        The names.
    refuse
        The error of the formula.
    write
        What to write, where one stands within another term.
    """
    rest, found = list(tokens), list[list[Token]]()
    while (first := _next(rest, names)) is not None:
        stop = _end(rest, first)
        if stop is None:
            refuse(f"opens a bracket after {rest[first].text} and does not close it.")
        words = rest[first:stop]
        found.append(words)
        within = f"has {as_written(words)} within another term. It is added to the others. {write}"
        rest = taken_out(rest, first, stop, refuse, within)
    return rest, found


def _next(tokens: Sequence[Token], names: Collection[str]) -> int | None:
    for at, token in enumerate(tokens[:-1]):
        if token.kind == "name" and token.text in names and tokens[at + 1].text == "(":
            return at
    return None


def _end(tokens: Sequence[Token], first: int) -> int | None:
    depth = 0
    for at in range(first + 1, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[at].text, 0)
        if depth == 0:
            return at + 1
    return None


def require_once(names: Sequence[str], refuse: Refusal) -> None:
    """Refuse a formula that has one term twice.

    Parameters
    ----------
    names
        Terms, as coefficients are named by them.
    refuse
        The error of the formula.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        refuse(f"has {twice[0]} twice. Leave out one of them.")
