"""A proposal about the mode of a model whose effects share a distribution."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scr.fit.importance import Component


@dataclass(frozen=True, eq=False)
class PooledComponent(Component):
    """A t in standard deviations and lengths of effects, and normal in all else given these.

    In the coordinates of ``scr.fit.pooled`` the many effects are about normal whatever the
    standard deviations are. A t of as many dimensions would hardly ever be as near to the mode, or
    as far from it, as they are together; only standard deviations and lengths have long tails.

    Parameters
    ----------
    sds
        Places of the log standard deviations and log lengths.
    """

    sds: NDArray[np.int64]

    @cached_property
    def _parts(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Places of all else, their slopes on the standard deviations, their covariance given."""
        others = np.setdiff1d(np.arange(len(self.mean)), self.sds)
        across = self.scale[np.ix_(others, self.sds)]
        slopes = np.linalg.solve(self.scale[np.ix_(self.sds, self.sds)], across.T).T
        given = self.scale[np.ix_(others, others)] - slopes @ across.T
        return others, slopes, given

    def _of_sds(self) -> Any:
        scale = self.scale[np.ix_(self.sds, self.sds)]
        return stats.multivariate_t(self.mean[self.sds], scale, df=self.df)

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draws, shape (n, n_dimensions).

        Parameters
        ----------
        n
            How many.
        rng
            Random numbers.
        """
        others, slopes, given = self._parts
        points = np.empty((n, len(self.mean)))
        of_sds = self._of_sds().rvs(size=n, random_state=rng).reshape(n, len(self.sds))
        normal = rng.standard_normal((n, len(others))) @ np.linalg.cholesky(given).T
        points[:, self.sds] = of_sds
        points[:, others] = self.mean[others] + (of_sds - self.mean[self.sds]) @ slopes.T + normal
        return points

    def log_density(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, shape (n,).

        Parameters
        ----------
        points
            Shape (n, n_dimensions).
        """
        others, slopes, given = self._parts
        of_sds = points[:, self.sds]
        centre = self.mean[others] + (of_sds - self.mean[self.sds]) @ slopes.T
        normal = stats.multivariate_normal(np.zeros(len(others)), given)
        value = normal.logpdf(points[:, others] - centre).reshape(len(points))
        return np.asarray(value + self._of_sds().logpdf(of_sds).reshape(len(points)))


def at_pooled_peak(peak: Component, sds: NDArray[np.int64]) -> Component:
    """The same about a mode with effects that share a distribution.

    Parameters
    ----------
    peak
        The t about the mode.
    sds
        Places of the log standard deviations and log lengths.
    """
    return PooledComponent(peak.weight, peak.mean, peak.scale, peak.df, sds)
