"""What no data name: which latent group is the first, and the sign of the effect of animals.

Exchanging the labels of latent groups, or the sign of all effects, leaves the likelihood as it is.
So that a posterior has one copy of each mode, priors are averaged over the exchanges, and points
are given the labels in which their groups lie in the order that those of the mode have: along the
line through the groups' detection parameters at the mode, where these lie in the order of lambda0
(g0; sigma or z where lambda0 is the same in all). With one parameter that differs that is its
order. The coefficient of the effect is at least 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from scr.errors import FormulaError
from scr.fit.labellings import (
    class_means,
    exchange_matrix,
    latent_exchanges,
    parameters_by_class,
)
from scr.model.design import Design
from scr.model.joint_prior import JointPrior
from scr.model.latent_names import MIXTURES

_EXACT = 1e-8
ALIKE = 0.01
"""Largest difference between predictors of groups that are taken to be alike."""


@dataclass(frozen=True, eq=False)
class LatentLabels:
    """The exchanges of latent labels, and the labels that points are given.

    Parameters
    ----------
    matrices
        What coefficients are multiplied by in each exchange, the first of which leaves them as
        they are, shape (n_exchanges, n, n).
    order
        Products with coefficients that are largest in the exchange that gives the groups their
        labels, shape (n_exchanges, n).
    effect
        The coefficient that is at least 0; None where animals have no effect.
    """

    matrices: NDArray[np.float64]
    order: NDArray[np.float64]
    effect: int | None

    def given(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficients with the labels that they should have.

        Parameters
        ----------
        thetas
            Shape (..., n_coefficients).
        """
        chosen = self.exchange(thetas)
        return np.asarray((self.matrices[chosen] @ thetas[..., None])[..., 0])

    def holds(self, thetas: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether coefficients have the labels that they should have, shape (...,).

        Parameters
        ----------
        thetas
            Shape (..., n_coefficients).
        """
        return np.asarray(self.exchange(thetas) == 0)

    def exchange(self, thetas: NDArray[np.float64]) -> NDArray[np.int64]:
        """The exchange that gives coefficients the labels that they should have, shape (...,).

        Parameters
        ----------
        thetas
            Shape (..., n_coefficients).
        """
        score = thetas @ self.order.T
        if self.effect is not None:
            mirrored = self.matrices[:, self.effect, self.effect] < 0
            wrong = mirrored != (thetas[..., self.effect, None] < 0)
            score = np.where(wrong, -np.inf, score)
        return np.asarray(score.argmax(axis=-1))


def latent_matrices(design: Design) -> NDArray[np.float64]:
    """What coefficients are multiplied by in each exchange of latent labels.

    Parameters
    ----------
    design
        The model and its data, or the same in other coordinates.

    Returns
    -------
    NDArray
        Shape (n_exchanges, n_coefficients, n_coefficients), the first the identity; that alone
        where nothing is latent.

    Raises
    ------
    FormulaError
        If a formula treats latent groups unlike, so that it cannot express an exchange.
    """
    n = design.n_coefficients
    matrices = [np.eye(n), *(exchange_matrix(design, e) for e in latent_exchanges(design)[1:])]
    for matrix in matrices:
        if np.abs(np.linalg.matrix_power(matrix, 6) - np.eye(n)).max() > _EXACT:
            names = ", ".join(f"{name} {design.spec.formulas[name]}" for name in _named(design))
            msg = (
                f"The formulas {names} treat latent groups unlike: with the groups exchanged they "
                "can no longer say the same, although nobody can tell which group is which. Write "
                "h2 or h3 as a term by itself, or in products with covariates such as h2 * sex."
            )
            raise FormulaError(msg)
    return np.array(matrices)


def latent_labels(
    design: Design, mode: NDArray[np.float64], vcov: NDArray[np.float64]
) -> LatentLabels:
    """The labels that points are given about a mode.

    Parameters
    ----------
    design
        The model and its data.
    mode, vcov
        Coefficients of the mode with the labels that it should have, shape (n,), and their
        covariance there, shape (n, n).
    """
    n, n_groups = design.n_coefficients, design.classes.n_groups
    matrices = latent_matrices(design)
    order = np.zeros((len(matrices), n))
    for parameter in parameters_by_class(design, of="group"):
        of_groups = class_means(design, np.eye(n), parameter, of="group").T  # (n_groups, n)
        contrasts = of_groups - of_groups.mean(axis=0)
        variance = float(np.einsum("gi,ij,gj->", contrasts, vcov, contrasts)) / n_groups
        weight = contrasts @ mode / variance
        if np.abs(contrasts @ mode).max() > ALIKE:
            order += weight @ contrasts @ matrices
    if n_groups > 1 and not order.any():
        order = _by_first(design)[1]
    return LatentLabels(matrices, order, _effect(design))


def differ(design: Design, theta: NDArray[np.float64]) -> bool:
    """Whether latent groups differ in detection.

    Parameters
    ----------
    design
        The model and its data.
    theta
        Coefficients, shape (n_coefficients,).
    """
    return any(
        float(np.ptp(class_means(design, theta, parameter, of="group"))) > ALIKE
        for parameter in parameters_by_class(design, of="group")
    )


def by_intensity(design: Design) -> LatentLabels:
    """The labels in which groups lie in the order of lambda0, or of what else differs.

    Parameters
    ----------
    design
        The model and its data.
    """
    return LatentLabels(*_by_first(design), _effect(design))


def _by_first(design: Design) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n, n_groups = design.n_coefficients, design.classes.n_groups
    matrices = latent_matrices(design)
    if n_groups == 1:
        return matrices, np.zeros((len(matrices), n))
    parameter = parameters_by_class(design, of="group")[0]
    of_groups = class_means(design, np.eye(n), parameter, of="group").T
    return matrices, np.asarray((np.arange(n_groups) - (n_groups - 1) / 2) @ of_groups @ matrices)


def _effect(design: Design) -> int | None:
    name, names = design.spec.effect_name, design.coefficient_names
    return names.index(name) if name in names else None


def _named(design: Design) -> list[str]:
    return [name for name in design.blocks if set(MIXTURES) & design.spec.variables(name)]


@dataclass(frozen=True, eq=False)
class ExchangeablePrior:
    r"""A prior averaged over the exchanges of latent labels.

    .. math:: \bar\pi(\theta) = \frac{1}{n} \sum_g \pi(M_g \theta)

    Parameters
    ----------
    prior
        The prior of one labelling.
    matrices
        Exchanges, in the coordinates of the prior.
    """

    prior: JointPrior
    matrices: NDArray[np.float64]

    def log_density(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, shape (...,).

        Parameters
        ----------
        theta
            Shape (..., n).
        """
        every = [self.prior.log_density(theta @ matrix.T) for matrix in self.matrices]
        return np.asarray(logsumexp(every, axis=0) - np.log(len(every)))

    def gradient(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gradient of ``log_density``, shape (n,).

        Parameters
        ----------
        theta
            Shape (n,).
        """
        logs = np.array([self.prior.log_density(matrix @ theta) for matrix in self.matrices])
        weight = np.exp(logs - logsumexp(logs))
        slopes = [matrix.T @ self.prior.gradient(matrix @ theta) for matrix in self.matrices]
        return np.asarray(weight @ np.array(slopes))
