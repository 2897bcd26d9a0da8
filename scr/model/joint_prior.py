"""The prior of all coefficients together: independent records on contrasts of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scr.model.pooling import Pool
from scr.model.priors import Normal, Prior, StudentT, log_share_above_zero, together

Kind = Literal["level", "slope", "own", "sd", "length", "pooled"]
"""The level at the mean of the columns, a direction about it, a coefficient named by the user, the
standard deviation of effects that share a distribution (above 0), the log of the length that it
has, or one of the effects: its record is that of the effect over its standard deviation."""

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
    pools
        Where effects that share a distribution stand.
    """

    names: tuple[str, ...]
    contrasts: NDArray[np.float64]
    records: tuple[Prior, ...]
    kinds: tuple[Kind, ...]
    pools: tuple[Pool, ...] = ()

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
        possible = (values[..., self._sds] > 0).all(axis=-1)
        log_sd = self._log_sd(values)
        scaled = values * np.exp(-log_sd)
        terms = np.empty_like(scaled)
        for records, at in self._families:
            terms[..., at] = records.log_density(scaled[..., at])
        terms -= log_sd + self._log_above
        return np.asarray(np.where(possible, terms.sum(axis=-1), -np.inf))

    def _log_sd(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log standard deviation of effects that share a distribution, 0 for other contrasts."""
        result = np.zeros(values.shape)
        for pool in self.pools:
            sd = values[..., pool.sd, None]
            log_sd = np.log(np.where(sd > 0, sd, 1.0))
            result[..., pool.effects] = log_sd + pool.log_relative(values)
        return result

    def gradient(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gradient of ``log_density``.

        Parameters
        ----------
        theta
            Coefficients, shape (n,).
        """
        values = self.contrasts @ theta
        log_sd = self._log_sd(values)
        sd = np.exp(log_sd)
        slopes = np.empty_like(values)
        for records, at in self._families:
            slopes[at] = records.slope(values[at] / sd[at]) / sd[at]
        to_log_sd = -(slopes * values + 1.0)
        for pool in self.pools:
            of_effects = to_log_sd[pool.effects]
            slopes[pool.sd] += of_effects.sum() / values[pool.sd]
            if pool.length is not None:
                slopes[pool.length] += of_effects @ pool.slope(values)
        return np.asarray(self.contrasts.T @ slopes)

    @cached_property
    def _sds(self) -> list[int]:
        return [pool.sd for pool in self.pools]

    @cached_property
    def _log_above(self) -> NDArray[np.float64]:
        """Log of the share above 0 of the priors of standard deviations, 0 for others."""
        pairs = zip(self.kinds, self.records, strict=True)
        return np.array(
            [log_share_above_zero(record) if kind == "sd" else 0.0 for kind, record in pairs]
        )

    @cached_property
    def _families(self) -> list[tuple[Prior, NDArray[np.int64]]]:
        """Records of one family together, with the places of their contrasts."""
        kinds = {type(record) for record in self.records}
        places = {
            kind: [k for k, record in enumerate(self.records) if type(record) is kind]
            for kind in (Normal, StudentT)
            if kind in kinds
        }
        return [
            (together([self.records[k] for k in at]), np.array(at, dtype=np.int64))
            for at in places.values()
        ]

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
        out, and so are effects that share a distribution.
        """
        inverse = np.linalg.inv(self.contrasts)
        result: dict[str, Prior] = {}
        for j, name in enumerate(self.names):
            if self.kinds[j] == "pooled":
                continue
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
