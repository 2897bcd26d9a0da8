"""Log-likelihood and log prior together, in the coordinates in which engines work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scr.fit.compiling import make_ready
from scr.fit.labellings import relabellings
from scr.fit.latent_labels import (
    ExchangeablePrior,
    LatentLabels,
    differ,
    latent_labels,
    latent_matrices,
)
from scr.fit.latent_starts import latent_starts
from scr.fit.mode import Mode
from scr.fit.pointwise import AnimalTerms, log_likelihoods, terms_of_many
from scr.fit.pooled import PooledCoordinates
from scr.fit.starting import named_starting_values, starting_values
from scr.likelihood.problem import Problem, value_and_gradient, with_design
from scr.model.coordinates import Coordinates, coordinates_of, in_coordinates
from scr.model.default_prior import model_prior
from scr.model.joint_prior import JointPrior


@dataclass(frozen=True, eq=False)
class LogPosterior:
    """Log posterior density, up to the constant of the evidence.

    It is a function of the coordinates u of ``scr.model.coordinates``, in which covariates of any
    origin and unit are alike. ``coefficients`` gives the coefficients of the formulas. Where
    classes are latent, it is the same in each of their labellings.

    Parameters
    ----------
    problem
        Model and data, with the columns of the formulas.
    has_prior
        Whether to add the log prior of the model; else priors are flat.
    n_threads
        Threads for many sets of coordinates, all cores if left out. Results do not depend on it.
    labels
        Labels that points are to have where classes are latent: ``many`` is -inf at points with
        others. None for points with any labels.
    pooled
        Where sessions are pooled, coordinates of their effects in place of these and of the
        standard deviations, from ``scr.fit.pooled_start``. None for u as it is.
    """

    problem: Problem
    has_prior: bool = True
    n_threads: int | None = None
    labels: LatentLabels | None = None
    pooled: PooledCoordinates | None = None

    @cached_property
    def coordinates(self) -> Coordinates:
        """The coordinates of the model."""
        return coordinates_of(self.problem.design)

    @cached_property
    def prior(self) -> JointPrior | None:
        """Prior of the coefficients; None for flat priors."""
        return model_prior(self.problem.design, self.coordinates) if self.has_prior else None

    @cached_property
    def inside(self) -> Problem:
        """The problem with the columns of the coordinates, whose coefficients are u."""
        design = in_coordinates(self.problem.design, self.coordinates.blocks)
        return with_design(self.problem, design)

    @cached_property
    def exchanges(self) -> NDArray[np.float64]:
        """Matrices that exchange latent labels in u, the first of which leaves them."""
        return latent_matrices(self.inside.design)

    @cached_property
    def prior_inside(self) -> JointPrior | ExchangeablePrior | None:
        """The prior as a function of u."""
        prior = self.prior
        if prior is None:
            return None
        inside = prior.under(self.coordinates.to_coefficients)
        return ExchangeablePrior(inside, self.exchanges) if len(self.exchanges) > 1 else inside

    def __call__(self, u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Value and gradient.

        Parameters
        ----------
        u
            Coordinates, shape (n_coefficients,).
        """
        if self.pooled is None:
            return self._with_prior(u)
        opened = self.pooled.opened(u)
        value, gradient = self._with_prior(opened.x)
        return value + opened.log_jacobian, opened.pulled_back(gradient)

    def _with_prior(self, u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = value_and_gradient(self.inside, u)
        if self.prior_inside is not None:
            value += float(self.prior_inside.log_density(u))
            gradient = gradient + self.prior_inside.gradient(u)
        return value, gradient

    def log_likelihood(self, u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Value and gradient of the log-likelihood alone.

        Parameters
        ----------
        u
            Coordinates, shape (n_coefficients,).
        """
        if self.pooled is None:
            return value_and_gradient(self.inside, u)
        opened = self.pooled.opened(u)
        value, gradient = value_and_gradient(self.inside, opened.x)
        return value, opened.pulled_back(gradient, with_jacobian=False)

    def many(self, us: NDArray[np.float64]) -> tuple[NDArray[np.float64], AnimalTerms]:
        """Values for many sets of coordinates, and the terms that they are the sums of.

        Parameters
        ----------
        us
            Shape (n_sets, n_coefficients).
        """
        points, log_jacobian = self._opened(us)
        terms = terms_of_many(self.inside, points, n_threads=self.n_threads)
        result = log_likelihoods(self.inside, terms) + log_jacobian
        prior = self.prior_inside
        if prior is not None:
            result = result + prior.log_density(points)
        if self.labels is not None:
            result = np.where(self.labels.holds(self.coefficients(us)), result, -np.inf)
        return result, terms

    def coefficients(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficients of the formulas as written.

        Parameters
        ----------
        u
            Coordinates, shape (..., n_coefficients).
        """
        return self.coordinates.coefficients(self._opened(u)[0])

    def _opened(self, us: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coordinates of the model, and the log of their volume by that of u."""
        if self.pooled is None:
            return us, np.zeros(us.shape[:-1])
        each = [self.pooled.opened(u) for u in us.reshape(-1, us.shape[-1])]
        log_jacobian = np.array([opened.log_jacobian for opened in each])
        points = np.array([opened.x for opened in each])
        return points.reshape(us.shape), log_jacobian.reshape(us.shape[:-1])

    def of(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates of coefficients.

        Parameters
        ----------
        theta
            Shape (..., n_coefficients).
        """
        u = self.coordinates.of(theta)
        if self.pooled is None:
            return u
        each = [self.pooled.of(x) for x in u.reshape(-1, u.shape[-1])]
        return np.array(each).reshape(u.shape)

    def relabelled(self, u: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """The points that equal one but for the labels of sexes.

        Parameters
        ----------
        u
            Coordinates, shape (n_coefficients,).
        """
        points = relabellings(self.inside.design, self._opened(u)[0])
        return points if self.pooled is None else [self.pooled.of(point) for point in points]

    def on(self, problem: Problem) -> "LogPosterior":
        """The same model on another mask.

        Parameters
        ----------
        problem
            The model with that mask.
        """
        return replace(self, problem=problem)

    def labelled(self, modes: Sequence[Mode]) -> "LogPosterior":
        """The same with the labels that points have about the highest mode whose groups differ.

        Parameters
        ----------
        modes
            From ``modes_of``, the highest first.
        """
        if len(self.exchanges) == 1:
            return self
        to, design = self.coordinates.to_coefficients, self.problem.design
        apart = [mode for mode in modes if differ(design, self.coefficients(mode.point))]
        mode = (*apart, *modes)[0]
        labels = latent_labels(design, self.coefficients(mode.point), to @ mode.vcov @ to.T)
        return replace(self, labels=labels)


def starting_points(
    target: LogPosterior, starting: Mapping[str, float] | None = None
) -> list[NDArray[np.float64]]:
    """Coordinates to start from, each of shape (n_coefficients,); several with latent classes.

    Parameters
    ----------
    target
        What is to be fitted.
    starting
        Coefficients that replace the ones found from the data, by name.

    Raises
    ------
    FitError
        If the log-likelihood is not finite there, or a name is not a coefficient.
    """
    make_ready(target.inside)
    if target.pooled is not None:
        return [target.pooled.start]
    design = target.inside.design
    starts = latent_starts(design, starting_values(design, target.log_likelihood))
    if starting is None:
        return starts
    names = target.problem.design.coefficient_names
    return [
        target.of(named_starting_values(starting, names, target.coefficients(start)))
        for start in starts
    ]
