"""What is said of the number of animals: what it is given the model, and of what it is told."""

from typing import Literal, get_args

from scr.errors import FormulaError

Number = Literal["poisson", "binomial", "conditional"]
"""Poisson about what density expects; fixed, N = sum of a D, of which those detected are a binomial
share; or left out, so that the likelihood is conditional on the number detected."""

IN_WORDS: dict[Number, str] = {
    "poisson": "their number was Poisson with expected density given by the model",
    "binomial": (
        "their number was fixed, and given by the model's density; the animals detected were a "
        "binomial share of them"
    ),
    "conditional": (
        "the likelihood was conditional on the number of animals detected, and density was derived "
        "from the probability of detection afterwards"
    ),
}
"""For the Methods of a paper."""


def check_number(name: str) -> None:
    """Raise for one that is not known.

    Parameters
    ----------
    name
        Any text.

    Raises
    ------
    FormulaError
        Naming those there are.
    """
    if name not in get_args(Number):
        listed = ", ".join(map(repr, get_args(Number)))
        msg = f"number={name!r} is not known. Use one of {listed}."
        raise FormulaError(msg)
