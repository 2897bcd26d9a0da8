"""Classes that animals belong to: sexes, latent groups, and levels of an effect of each animal."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scr.model.latent_names import INDIVIDUAL, MIXTURES

type Shares = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Sex and group of each class, and the log weight of its node, each of shape (n_classes,)."""


@dataclass(frozen=True, eq=False)
class Classes:
    r"""Classes of a model: each sex with each latent group and each node of the animal's effect.

    An effect of each animal that is normal is summed over by Gauss-Hermite quadrature: nodes
    :math:`x_k` with weights :math:`w_k` that do the same as a standard normal for polynomials up
    to degree 2K - 1. A node is a class whose share is known.

    Parameters
    ----------
    sexes
        Labels of the sexes, sorted; one empty label where sex is no class.
    n_groups
        Latent groups; 1 where there are none.
    n_nodes
        Nodes, an odd number; 1 where animals have no effect of their own.

    References
    ----------
    Pledger (2000) Biometrics 56:434-442, for latent groups; Coull & Agresti (1999) Biometrics
    55:294-301, for a normal effect of each animal; Golub & Welsch (1969) Math. Comp. 23:221-230,
    for the nodes.

    Examples
    --------
    >>> classes = Classes(("F", "M"), n_groups=2)
    >>> classes.labels
    ('F, group 1', 'F, group 2', 'M, group 1', 'M, group 2')
    >>> classes.sex
    array([0, 0, 1, 1])
    """

    sexes: tuple[str, ...] = ("",)
    n_groups: int = 1
    n_nodes: int = 1
    nodes: NDArray[np.float64] = field(init=False)
    weights: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        nodes, weights = np.polynomial.hermite_e.hermegauss(self.n_nodes)
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "weights", weights / weights.sum())

    def __len__(self) -> int:
        return len(self.sexes) * self.n_groups * self.n_nodes

    @property
    def sex(self) -> NDArray[np.int64]:
        """Sex of each class, from 0, shape (n_classes,)."""
        return self._index(0)

    @property
    def group(self) -> NDArray[np.int64]:
        """Latent group of each class, from 0, shape (n_classes,)."""
        return self._index(1)

    @property
    def node(self) -> NDArray[np.int64]:
        """Node of each class, from 0, shape (n_classes,)."""
        return self._index(2)

    @property
    def middle(self) -> NDArray[np.int64]:
        """The class of each sex and group whose effect is 0, shape (n_sexes * n_groups,)."""
        return np.flatnonzero(self.node == self.n_nodes // 2)

    @property
    def has_sexes(self) -> bool:
        """Whether sex is a class."""
        return len(self.sexes) > 1

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classes of ``middle`` are called; one empty label where there is one."""
        groups = [f"group {g + 1}" if self.n_groups > 1 else "" for g in range(self.n_groups)]
        return tuple(
            ", ".join(part for part in (sex, group) if part)
            for sex in self.sexes
            for group in groups
        )

    def share_of_kinds(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of each class of ``middle`` with the other nodes, shape (..., n_kinds).

        Parameters
        ----------
        share
            Share of each class, shape (..., n_classes).
        """
        return np.asarray(share.reshape(*share.shape[:-1], -1, self.n_nodes).sum(axis=-1))

    def of_kinds(self, log_density: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density of each class of ``middle``, shape (1 or n_kinds, n_cells).

        Parameters
        ----------
        log_density
            That of all classes together, or of each, shape (1 or n_classes, n_cells).
        """
        return log_density if len(log_density) == 1 else log_density[self.middle]

    @property
    def shares(self) -> Shares:
        """What ``log_share`` takes."""
        return self.sex, self.group, np.log(self.weights[self.node])

    def columns(self, class_: int) -> dict[str, str | float]:
        """Covariates of a class for formulas, by name.

        Parameters
        ----------
        class_
            Index of the class.
        """
        found: dict[str, str | float] = {}
        if self.has_sexes:
            found["sex"] = self.sexes[self.sex[class_]]
        for name, n_groups in MIXTURES.items():
            if n_groups == self.n_groups:
                found[name] = str(self.group[class_] + 1)
        if self.n_nodes > 1:
            found[INDIVIDUAL] = float(self.nodes[self.node[class_]])
        return found

    def _index(self, axis: int) -> NDArray[np.int64]:
        sizes = (len(self.sexes), self.n_groups, self.n_nodes)
        return np.asarray(np.indices(sizes)[axis].reshape(-1), dtype=np.int64)


def log_share(
    shares: Shares, logit: NDArray[np.float64] | None, ratios: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    r"""Log of the share of each class, shape (n_sessions, n_classes).

    .. math:: \psi_{xgk} = \psi_x \frac{e^{r_g}}{\sum_j e^{r_j}} w_k, \qquad r_1 = 0

    Parameters
    ----------
    shares
        Of the classes.
    logit
        Logit share of the second sex, shape (n_sessions,); None where sex is no class.
    ratios
        Log of the share of each group but the first over that of the first, shape (n_sessions,
        n_groups - 1); None where there are no groups.
    """
    sex, group, log_weight = shares
    result = log_weight[None, :]
    if logit is not None:
        result = result + log_shares_of(logit[:, None])[:, sex]
    if ratios is not None:
        result = result + log_shares_of(ratios)[:, group]
    return result


def log_share_in_cells(sex: NDArray[np.int64], logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of the share of the sex of each class where it varies, shape (n_classes, n_cells).

    Parameters
    ----------
    sex
        Sex of each class, shape (n_classes,).
    logit
        Logit share of the second sex, shape (n_cells,).
    """
    return log_shares_of(logit[:, None])[:, sex].T


def log_shares_of(ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log shares from log ratios to the first, shape (n_sessions, n + 1).

    Parameters
    ----------
    ratios
        Shape (n_sessions, n).

    Examples
    --------
    >>> np.exp(log_shares_of(np.array([[0.0, np.log(2.0)]]))).round(2)
    array([[0.25, 0.25, 0.5 ]])
    """
    every = np.concatenate([np.zeros((len(ratios), 1)), ratios], axis=1)
    return np.asarray(every - np.logaddexp.reduce(every, axis=1)[:, None])
