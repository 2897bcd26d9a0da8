"""Latent groups and effects of animals in formulas: where they may stand."""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.model.formula import Terms
from scr.model.latent_names import INDIVIDUAL, LATENT, MIXTURES
from scr.model.parameterisation import SHAPES

_NOT_OF_DETECTION = ("density", "distance", "share", "pmix")
_LEAST_NODES, MOST_NODES = 3, 127


def check_latent(
    named: Mapping[str, frozenset[str]],
    formulas: Mapping[str, str],
    *,
    nodes: int,
    detection: str,
    is_compound: bool,
) -> None:
    """Raise where latent groups or effects of animals stand where they cannot.

    Parameters
    ----------
    named
        Names that the formula of each parameter uses.
    formulas
        The formulas.
    nodes
        Nodes of the quadrature over the effect.
    detection, is_compound
        Name of the detection function, and whether it is a compound one.

    Raises
    ------
    FormulaError
        If h2 and h3 are named together, a name of ``LATENT`` stands in a formula of density or of
        shares, ``individual`` in one of sigma or z, or the number of nodes is not odd.
    """
    for parameter in set(_NOT_OF_DETECTION) & set(named):
        found = sorted(set(LATENT) & named[parameter])
        if found:
            msg = (
                f"The formula of {parameter}, {formulas[parameter]!r}, names {', '.join(found)}, "
                "which nobody can see: h2, h3 and individual tell how animals differ in detection. "
                "Name them in the formulas of lambda0 or g0 (h2 and h3 also in those of sigma and "
                f"z), and leave them out of {parameter}."
            )
            raise FormulaError(msg)
    every = frozenset[str]().union(*named.values())
    if set(MIXTURES) <= every:
        msg = (
            "The formulas name both h2 and h3: a model has two latent groups or three. Write h2, "
            "or h3, in all of them."
        )
        raise FormulaError(msg)
    of_shape = [name for name in sorted(SHAPES) if INDIVIDUAL in named.get(name, ())]
    if of_shape:
        msg = (
            f"The formula of {of_shape[0]}, {formulas[of_shape[0]]!r}, names individual, an effect "
            "of each animal on lambda0 or g0 alone. Leave it out, or write h2 for two groups that "
            f"differ in {of_shape[0]}."
        )
        raise FormulaError(msg)
    if is_compound and INDIVIDUAL in every:
        msg = (
            f"The formulas name individual, but detection={detection!r} has no rate of its own "
            "that the effect of an animal could multiply. Use h2, or another detection function."
        )
        raise FormulaError(msg)
    is_odd = isinstance(nodes, int) and nodes % 2 == 1
    if not (is_odd and _LEAST_NODES <= nodes <= MOST_NODES):
        msg = (
            f"nodes={nodes!r}, but the quadrature over the effect of animals needs an odd number "
            f"of nodes from {_LEAST_NODES} to {MOST_NODES}, so that one of them is an animal "
            "without effect. Give such a number, or leave it out."
        )
        raise FormulaError(msg)


def check_effect(terms: Terms) -> None:
    """Raise where the effect of animals stands within another term.

    Parameters
    ----------
    terms
        The formula of lambda0, g0 or a0.

    Raises
    ------
    FormulaError
        If ``individual`` is part of a term and not one by itself.
    """
    parts = [name for name in terms.names if INDIVIDUAL in re.findall(r"\w+", name)]
    if any(name != INDIVIDUAL for name in parts):
        msg = (
            f"The formula of {terms.parameter}, {terms.formula!r}, has {', '.join(parts)}: "
            "individual is an effect of each animal that is added to the others, with a standard "
            "deviation of its own. Write it as a term by itself, as in ~ sex + individual."
        )
        raise FormulaError(msg)


def by_group(terms: Terms, n_groups: int) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and columns of a formula that each latent group but the first has of its own.

    Parameters
    ----------
    terms
        The formula over sessions.
    n_groups
        Latent groups, at least two.

    Returns
    -------
    tuple
        Names as they are for two groups, else by group; columns, shape (n_sessions *
        (n_groups - 1), n_terms * (n_groups - 1)).
    """
    if n_groups == 2:
        return terms.names, terms.columns
    groups = [f"h{n_groups}[{group}]" for group in range(2, n_groups + 1)]
    names = tuple(
        group if term == "Intercept" else f"{group}:{term}"
        for group in groups
        for term in terms.names
    )
    n_others, n_terms = n_groups - 1, terms.columns.shape[1]
    columns = np.zeros((len(terms.columns), n_others, n_others, n_terms))
    for other in range(n_others):
        columns[:, other, other] = terms.columns
    return names, columns.reshape(-1, n_others * n_terms)
