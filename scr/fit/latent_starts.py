"""Where searches begin in models with latent groups: groups that differ, in several ways.

At equal groups the likelihood is flat towards any difference, and a search would stay there. Its
maxima can be several: few animals that are caught often, or many that are caught a little more.
"""

from itertools import cycle, product

import numpy as np
from numpy.typing import NDArray

from scr.fit.labellings import levels_of_parameter, parameters_by_class
from scr.model.design import Design

_APART = {"lambda0": 1.5, "g0": 1.5, "a0": 1.5, "sigma": 0.6, "sigmak": 0.6, "z": 0.4}
"""Differences between the groups at the ends, on link scales."""

_LOG_RATIOS = (0.0, -1.5)
"""Log of the share of each group over that of the first."""

_SDS = (0.3, 1.0)
"""Standard deviations of the effect of animals."""


def latent_starts(design: Design, start: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Coefficients to search from; the start itself where nothing is latent.

    With latent groups the first parameter that differs between them rises from group to group,
    each other rises or falls, and the groups after the first are as large or smaller. The effect
    of animals is small or large.

    Parameters
    ----------
    design
        The model and its data, with the columns of any coordinates.
    start
        Coefficients of a model whose groups are alike, shape (n_coefficients,).
    """
    result = [start]
    parameters = parameters_by_class(design, of="group")
    if parameters:
        signs = product((1.0,), *((1.0, -1.0) for _ in parameters[1:]), _LOG_RATIOS)
        result = [
            _with_groups(design, start, dict(zip(parameters, of[:-1], strict=True)), of[-1])
            for of in signs
        ]
    if design.classes.n_nodes == 1:
        return result
    result *= 1 if parameters else len(_SDS)
    return [_with_effect(design, each, sd) for each, sd in zip(result, cycle(_SDS), strict=False)]


def _with_groups(
    design: Design, start: NDArray[np.float64], signs: dict[str, float], ratio: float
) -> NDArray[np.float64]:
    theta = start.copy()
    place = np.linspace(-0.5, 0.5, design.classes.n_groups)[design.classes.group]
    for parameter, sign in signs.items():
        added = sign * _APART[parameter] * place
        theta[design.blocks[parameter]] += _by_class(design, parameter, added)
    columns = design.columns("pmix")
    wanted = np.full(len(columns), ratio)
    theta[design.blocks["pmix"]] = np.linalg.lstsq(columns, wanted, rcond=None)[0]
    return theta


def _with_effect(design: Design, start: NDArray[np.float64], sd: float) -> NDArray[np.float64]:
    theta, parameter = start.copy(), design.spec.intensity_name
    added = sd * design.classes.nodes[design.classes.node]
    theta[design.blocks[parameter]] += _by_class(design, parameter, added)
    return theta


def _by_class(design: Design, parameter: str, added: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients that add a number to the predictor of each class."""
    of_class = levels_of_parameter(design, parameter).of_class
    pairs = np.stack([of_class, np.broadcast_to(np.arange(len(of_class))[:, None], of_class.shape)])
    level, class_ = np.unique(pairs.reshape(2, -1), axis=1)
    found = np.linalg.lstsq(design.columns(parameter)[level], added[class_], rcond=None)[0]
    return np.asarray(found)
