"""The same model with the labels of its latent classes exchanged."""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from scr.model.design import Design, Levels
from scr.model.links import log_expit
from scr.model.parameterisation import SHAPES


def relabellings(design: Design, theta: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Coefficients that give the classes each other's detection parameters and shares.

    Parameters
    ----------
    design
        The model and its data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    list
        One for each way of exchanging labels, each of shape (n_coefficients,); none for a model
        without classes. Where a formula cannot express the exchange, as close as it comes (least
        squares).
    """
    n_classes = len(design.classes)
    exchanges = [
        order for order in permutations(range(n_classes)) if order != tuple(range(n_classes))
    ]
    return [_relabelled(design, theta, np.array(order)) for order in exchanges]


def class_means(design: Design, thetas: NDArray[np.float64], parameter: str) -> NDArray[np.float64]:
    """Linear predictor of a detection parameter in each class, averaged over traps and sessions.

    Parameters
    ----------
    design
        The model and its data.
    thetas
        Coefficients, shape (..., n_coefficients).
    parameter
        Name of the parameter: lambda0, g0 or a0, sigma or sigmak, or z.

    Returns
    -------
    NDArray
        Shape (..., n_classes).
    """
    of_class = _levels_of(design, parameter).of_class
    columns = design.columns(parameter)[of_class].mean(axis=1)  # (n_classes, n_terms)
    return np.asarray(thetas[..., design.blocks[parameter]] @ columns.T)


def parameters_by_class(design: Design) -> list[str]:
    """Detection parameters that differ between classes, sigma first.

    Parameters
    ----------
    design
        The model and its data.
    """
    order = [design.spec.scale_name, design.spec.intensity_name, "z"]
    return [
        name
        for name in order
        if name in design.blocks
        and np.ptp(class_means(design, np.eye(design.n_coefficients), name), axis=-1).any()
    ]


def _relabelled(
    design: Design, theta: NDArray[np.float64], order: NDArray[np.int64]
) -> NDArray[np.float64]:
    result = np.array(theta, dtype=np.float64)
    for parameter, block in design.blocks.items():
        if parameter == "density":
            continue
        if parameter == "share":
            logit = design.parameter("share", theta)
            log_share = np.stack([log_expit(-logit), log_expit(logit)], axis=1)[:, order]
            columns, wanted = design.columns("share"), log_share[:, 1] - log_share[:, 0]
        else:
            levels = _levels_of(design, parameter)
            of_class = levels.of_class
            pairs = np.stack([of_class, of_class[order]]).reshape(2, -1)
            level, other = np.unique(pairs, axis=1)
            columns = design.columns(parameter)[level]
            wanted = design.parameter(parameter, theta)[other]
        result[block] = np.linalg.lstsq(columns, wanted, rcond=None)[0]
    return result


def _levels_of(design: Design, parameter: str) -> Levels:
    return design.shape if parameter in SHAPES else design.intensity
