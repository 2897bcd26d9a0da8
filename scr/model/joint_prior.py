"""The prior of all coefficients together: independent records on contrasts of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scr.model.priors import Normal, Prior

Kind = Literal["level", "slope", "own"]
"""The level at the mean of the columns, a direction about it, or a coefficient named by the user"""

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class JointPrior:
    """A prior that is a product over contrasts, sums of coefficients.

    Parameters
    ----------
    names
        Names of the coefficients.
    contrasts
        One row per contrast, one column per coefficient, invertible, shape (n, n). A contrast
        stands in the row of the coefficient whose place it takes.
    records
        Prior of each contrast.
    kinds
        What each contrast is.
    """

    names: tuple[str, ...]
    contrasts: NDArray[np.float64]
    records: tuple[Prior, ...]
    kinds: tuple[Kind, ...]

    def log_density(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density of the contrasts, normalised, so that it is the same in any coding.

        Parameters
        ----------
        theta
            Coefficients, shape (..., n).

        Returns
        -------
        NDArray
            Shape (...,).

        Examples
        --------
        >>> prior = independent({"a": Normal(0.0, 1.0), "b": Normal(1.0, 2.0)})
        >>> float(prior.log_density(np.array([0.0, 1.0])))
        -2.5310...
        """
        values = theta @ self.contrasts.T
        terms = [record.log_density(values[..., k]) for k, record in enumerate(self.records)]
        return np.sum(terms, axis=0, dtype=np.float64)

    def gradient(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gradient of ``log_density``.

        Parameters
        ----------
        theta
            Coefficients, shape (n,).
        """
        values = self.contrasts @ theta
        slopes = [float(record.slope(values[k])) for k, record in enumerate(self.records)]
        return np.asarray(self.contrasts.T @ np.array(slopes))

    def under(self, to_coefficients: NDArray[np.float64]) -> "JointPrior":
        """The same prior as a function of other coordinates.

        Parameters
        ----------
        to_coefficients
            Matrix from these to the coefficients, shape (n, n).
        """
        return replace(self, contrasts=self.contrasts @ to_coefficients)

    def marginals(self) -> dict[str, Prior]:
        """Prior of each coefficient by itself, by name.

        A coefficient that mixes contrasts of which one is not normal has no record and is left
        out.
        """
        inverse = np.linalg.inv(self.contrasts)
        result: dict[str, Prior] = {}
        for j, name in enumerate(self.names):
            if (self.contrasts[j] == np.eye(len(self.names))[j]).all():
                result[name] = self.records[j]
                continue
            weight = inverse[j]
            parts = np.flatnonzero(np.abs(weight) > _ROUNDING * np.abs(weight).max())
            if all(isinstance(self.records[k], Normal) for k in parts):
                mean = sum(weight[k] * self.records[k].mean for k in parts)
                variance = sum((weight[k] * self.records[k].sd) ** 2 for k in parts)
                result[name] = Normal(float(mean), float(np.sqrt(variance)))
        return result


def independent(priors: Mapping[str, Prior]) -> JointPrior:
    """A prior of its own for each coefficient.

    Parameters
    ----------
    priors
        By name of the coefficient.
    """
    n = len(priors)
    return JointPrior(
        tuple(priors), np.eye(n), tuple(priors.values()), tuple("own" for _ in range(n))
    )
