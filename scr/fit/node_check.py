"""After the fit: whether the quadrature over the effect of animals had nodes enough."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scr.fit.checks import Check
from scr.fit.log_posterior import LogPosterior
from scr.fit.mask_check import climb
from scr.likelihood.problem import build_problem, with_sums_of
from scr.model.latent import MOST_NODES
from scr.model.mask_bias import LARGEST_MOVE


def node_checks(
    target: LogPosterior, mode: NDArray[np.float64], vcov: NDArray[np.float64]
) -> tuple[Check, ...]:
    """Refit with about twice the nodes; nothing where animals have no effect of their own.

    Parameters
    ----------
    target
        What was fitted.
    mode, vcov
        Its mode in its coordinates, shape (n_coefficients,), and inverse of minus the Hessian.

    Returns
    -------
    tuple
        Check ``nodes``. Its value is the largest move of a coefficient, in standard deviations.
    """
    design = target.problem.design
    n_nodes = design.classes.n_nodes
    more = min(2 * n_nodes + 1, MOST_NODES)
    if n_nodes == 1 or more <= n_nodes:
        return ()
    spec = replace(design.spec, nodes=more)
    changed = build_problem(design.survey, design.mask, spec)
    again = target.on(with_sums_of(changed, target.problem))
    before = target.coefficients(mode)
    there = again.coordinates.of_coefficients @ target.coordinates.to_coefficients
    after = again.coefficients(climb(again, again.of(before), there @ vcov @ there.T))
    to = target.coordinates.to_coefficients
    sd = np.sqrt(np.diag(to @ vcov @ to.T))
    moves = np.abs(np.abs(after) - np.abs(before)) / sd
    most, move = int(moves.argmax()), float(moves.max())
    message = (
        f"With {more} nodes in place of {n_nodes} for the effect of animals, "
        f"{design.coefficient_names[most]} moves from {before[most]:.3g} to {after[most]:.3g}, "
        f"{move:.2g} of its standard deviation; no other coefficient moves more"
    )
    passed = move < LARGEST_MOVE
    if not passed:
        message += f". It should be less than {LARGEST_MOVE}: use nodes={more} and fit again"
    return (Check("nodes", move, LARGEST_MOVE, passed, message + "."),)
