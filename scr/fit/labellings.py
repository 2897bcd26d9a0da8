"""The same model with the labels of its classes exchanged."""

from dataclasses import dataclass
from itertools import permutations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scr.model.design import Design
from scr.model.known_sides import KNOWN
from scr.model.levels import Levels
from scr.model.parameterisation import OF_CELLS, SHAPES

Kind = Literal["sex", "group"]


@dataclass(frozen=True)
class Exchange:
    """Whose detection parameters and shares each class gets.

    Parameters
    ----------
    sexes, groups
        For each sex and latent group the one whose place it takes.
    mirrored
        Whether the effects of animals change their sign.
    """

    sexes: tuple[int, ...]
    groups: tuple[int, ...]
    mirrored: bool = False

    def of_classes(self, design: Design) -> NDArray[np.int64]:
        """The class whose place each class takes, shape (n_classes,).

        Parameters
        ----------
        design
            The model.
        """
        classes = design.classes
        node = classes.n_nodes - 1 - classes.node if self.mirrored else classes.node
        sizes = (len(classes.sexes), classes.n_groups, classes.n_nodes)
        places = (np.array(self.sexes)[classes.sex], np.array(self.groups)[classes.group], node)
        return np.ravel_multi_index(places, sizes).astype(np.int64)


def exchanges_of_sexes(design: Design) -> list[Exchange]:
    """Each way of exchanging sexes but the one that leaves them as they are.

    Parameters
    ----------
    design
        The model.
    """
    groups = tuple(range(design.classes.n_groups))
    orders = permutations(range(len(design.classes.sexes)))
    return [Exchange(order, groups) for order in orders][1:]


def latent_exchanges(design: Design) -> list[Exchange]:
    """Each way of exchanging what no data name: latent groups, and the sign of effects.

    Parameters
    ----------
    design
        The model.

    Returns
    -------
    list
        The first leaves all as it is.
    """
    sexes = tuple(range(len(design.classes.sexes)))
    signs = (False, True) if design.classes.n_nodes > 1 else (False,)
    return [
        Exchange(sexes, order, mirrored)
        for mirrored in signs
        for order in permutations(range(design.classes.n_groups))
    ]


def relabellings(design: Design, theta: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Coefficients that give the sexes each other's detection parameters and shares.

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
        without sexes. Where a formula cannot express the exchange, as close as it comes (least
        squares).
    """
    return [exchange_matrix(design, each) @ theta for each in exchanges_of_sexes(design)]


def exchange_matrix(design: Design, exchange: Exchange) -> NDArray[np.float64]:
    """What coefficients are multiplied by to exchange labels, by least squares.

    Parameters
    ----------
    design
        The model and its data.
    exchange
        What is exchanged.

    Returns
    -------
    NDArray
        Shape (n_coefficients, n_coefficients).
    """
    result = np.eye(design.n_coefficients)
    order = exchange.of_classes(design)
    for parameter, block in design.blocks.items():
        if parameter in {*OF_CELLS, *KNOWN}:
            continue
        if parameter in {"share", "pmix"}:
            labels = exchange.sexes if parameter == "share" else exchange.groups
            columns = design.columns(parameter)
            wanted = _of_ratios(labels, columns)
        else:
            of_class = levels_of_parameter(design, parameter).of_class
            pairs = np.stack([of_class, of_class[order]]).reshape(2, -1)
            level, other = np.unique(pairs, axis=1)
            columns = design.columns(parameter)[level]
            wanted = design.columns(parameter)[other]
        fixed = design.fixed(parameter)  # effects of pooled sessions stay as they are
        ends = slice(block.start + fixed.start, block.start + fixed.stop)
        result[ends, ends] = np.linalg.lstsq(columns[:, fixed], wanted[:, fixed], rcond=None)[0]
    return result


def _of_ratios(order: tuple[int, ...], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns of the log ratios to the first label, with labels exchanged."""
    n_others = len(order) - 1
    every = np.concatenate([np.zeros((1, n_others)), np.eye(n_others)])  # the first is 0 itself
    exchanged = every[list(order[1:])] - every[order[0]]
    by_session = columns.reshape(-1, n_others, columns.shape[1])
    return np.asarray((exchanged @ by_session).reshape(columns.shape))


def class_means(
    design: Design, thetas: NDArray[np.float64], parameter: str, *, of: Kind = "sex"
) -> NDArray[np.float64]:
    """Linear predictor of a detection parameter by sex or group, averaged over all else.

    Parameters
    ----------
    design
        The model and its data.
    thetas
        Coefficients, shape (..., n_coefficients).
    parameter
        Name of the parameter: lambda0, g0 or a0, sigma or sigmak, or z.
    of
        Whether for each sex or for each latent group.

    Returns
    -------
    NDArray
        Shape (..., n_sexes or n_groups).
    """
    of_class = levels_of_parameter(design, parameter).of_class
    columns = design.columns(parameter)[of_class].mean(axis=1)  # (n_classes, n_terms)
    number = design.classes.sex if of == "sex" else design.classes.group
    means = np.stack([columns[number == label].mean(axis=0) for label in range(number.max() + 1)])
    return np.asarray(thetas[..., design.blocks[parameter]] @ means.T)


def parameters_by_class(design: Design, *, of: Kind = "sex") -> list[str]:
    """Detection parameters that differ between sexes, sigma first, or groups, intensity first.

    Parameters
    ----------
    design
        The model and its data.
    of
        Whether between sexes or between latent groups.
    """
    intensity, scale = design.spec.intensity_name, design.spec.scale_name
    order = [scale, intensity, "z"] if of == "sex" else [intensity, scale, "z"]
    every = np.eye(design.n_coefficients)
    return [
        name
        for name in order
        if name in design.blocks
        and (np.ptp(class_means(design, every, name, of=of), axis=-1) > _ROUNDING).any()
    ]


_ROUNDING = 1e-9


def levels_of_parameter(design: Design, parameter: str) -> Levels:
    """The levels that a detection parameter has its columns by.

    Parameters
    ----------
    design
        The model and its data.
    parameter
        lambda0, g0 or a0, sigma or sigmak, or z.
    """
    return design.shape if parameter in SHAPES else design.intensity
