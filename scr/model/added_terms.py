"""Terms that are taken out of a formula before the rest of it is read."""

from collections.abc import Sequence

from scr.model.formula_tokens import Refusal, Token


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
