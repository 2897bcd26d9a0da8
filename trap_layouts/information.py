"""Expected information: how well a survey of a layout will tell the coefficients, and N."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.likelihood.problem import Problem, animal_terms, with_design
from scr.model.coordinates import coordinates_of, in_coordinates
from scr.model.design import Design
from scr.model.effect_scales import density_slopes
from trap_layouts.assumptions import Assumptions
from trap_layouts.caught import N_ANIMALS, Caught, catch_animals
from trap_layouts.coverage import reserve_share
from trap_layouts.exposure import Exposure, exposure, planned_design
from trap_layouts.layout import Layout

_STEP = 1e-4
_GROUPS = 20


@dataclass(frozen=True, eq=False)
class Information:
    """What a survey can be expected to tell.

    Parameters
    ----------
    names
        Coefficients.
    to_coefficients
        Matrix from the coordinates of ``scr.model.coordinates`` to the coefficients, shape
        (n_coefficients, n_coefficients). All that follows is in these coordinates, in which
        covariates of any origin and unit are alike.
    matrix
        Expected information, shape (n_coefficients, n_coefficients).
    log_n_gradient
        Gradient of the log of expected N in the reserve, shape (n_coefficients,).
    gradients
        Gradients of log L_i of the simulated animals, shape (n_simulated, n_coefficients).
    weights
        Weight of each simulated animal, summing to ``expected``, shape (n_simulated,).
    expected
        E[n], animals the survey detects.
    level
        Which coordinate is the level of log density; None where it has none.
    """

    names: tuple[str, ...]
    to_coefficients: NDArray[np.float64]
    matrix: NDArray[np.float64]
    log_n_gradient: NDArray[np.float64]
    gradients: NDArray[np.float64]
    weights: NDArray[np.float64]
    expected: float
    level: int | None = None

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariance of the estimates, all infinite where the survey cannot tell them apart."""
        inside = inverse(self.matrix)
        if not np.isfinite(inside).all():
            return inside
        return self.to_coefficients @ inside @ self.to_coefficients.T

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard error of each coefficient on its link scale."""
        return dict(zip(self.names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    @property
    def rse(self) -> float:
        """Relative standard error of expected N in the reserve (of its log)."""
        return self._rse(self.matrix)

    @property
    def rse_error(self) -> float:
        """Monte Carlo standard error of ``rse``, from leaving out each of 20 groups of animals.

        Where few animals carry the information (``dominance`` above 0.05) it is right in the mean
        of its square only: most runs state too little, as they caught no such animal, and a few
        state much more. Then simulate more animals.
        """
        if not np.isfinite(self.rse):
            return float("nan")
        values = [self._rse(matrix) for matrix in self.without_groups()]
        return jackknife_error(np.array(values))

    def without_groups(self) -> NDArray[np.float64]:
        """The matrix without each of 20 groups of animals, shape (20, n, n) of n coefficients."""
        weighted = self.weights[:, None] * self.gradients
        of_animals = weighted.T @ self.gradients
        of_number = self.matrix - of_animals
        if self.expected == 0:
            return np.stack([self.matrix] * _GROUPS)
        found = []
        for group in range(_GROUPS):
            some = slice(group, None, _GROUPS)
            rest = of_animals - weighted[some].T @ self.gradients[some]
            kept = 1 - self.weights[some].sum() / self.expected
            found.append(of_number + rest / kept)
        return np.stack(found)

    @property
    def dominance(self) -> float:
        r"""Share of the information on N that the most telling simulated animal carries.

        .. math:: \max_i w_i (u^\top g_i)^2 \Big/ \sum_i w_i (u^\top g_i)^2, \qquad
            u = I^{-1} \, \partial \log N / \partial\theta
        """
        covariance = inverse(self.matrix)
        if not np.isfinite(covariance).all():
            return float("nan")
        part = self.weights * (self.gradients @ (covariance @ self.log_n_gradient)) ** 2
        return float(part.max() / part.sum())

    def _rse(self, matrix: NDArray[np.float64]) -> float:
        gradient = self.log_n_gradient
        covariance = inverse(matrix)
        if not np.isfinite(covariance).all():
            return float("inf")
        return float(np.sqrt(gradient @ covariance @ gradient))


def expected_information(
    layout: Layout,
    assumptions: Assumptions,
    *,
    reserve: Region | None = None,
    n_animals: int = N_ANIMALS,
    seed: int = 1,
) -> Information:
    r"""Expected information of the likelihood that will be maximised.

    The capture histories of a survey are a marked Poisson process, so that

    .. math:: I = \Lambda\, E[g\,g^\top], \qquad g = \partial \log L_i / \partial \theta,

    the expectation over animals caught. These are simulated in one survey of the same layout with
    many times the animals, and g (not centred: centring loses the density intercept) is taken by
    central differences of the log-likelihood of each animal. Nothing is fitted.

    Parted into what the histories tell and what their number tells, with :math:`p = \Lambda / N`
    the share of the animals living in the mask that is caught,

    .. math:: I = \Lambda\,\mathrm{Var}(g)
        + \frac{c}{\Lambda} \frac{\partial\Lambda}{\partial\theta}
          \frac{\partial\Lambda}{\partial\theta}^\top,
        \qquad c = 1 \text{ (Poisson)},\ 1 / (1 - p) \text{ (fixed N)},

    as the number caught has variance :math:`\Lambda / c`. Given that number, detection is told
    by :math:`\Lambda\,\mathrm{Var}(g)` alone, and density of one level is derived: that is the
    covariance of the Poisson likelihood, to which density adds one coefficient and one number.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        One set of coefficients (the first is used).
    reserve
        Where N is estimated; the whole mask if left out.
    n_animals
        Caught animals to simulate, about.
    seed
        Seed of the simulation.

    Raises
    ------
    LayoutError
        If detection responds to captures of other animals, the reserve does not meet the mask, or
        sigma follows a density that varies.

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385, for the likelihood; Streit (2010) Poisson
    Point Processes, section 4.2, for its information.
    """
    return information_by(
        layout,
        assumptions,
        reserve,
        lambda exposed: catch_animals(layout, assumptions, exposed, n_animals=n_animals, seed=seed),
    )


def information_by(
    layout: Layout,
    assumptions: Assumptions,
    reserve: Region | None,
    catch: Callable[[Exposure], Caught | None],
) -> Information:
    """Expected information by animals that are caught in a way of the caller's.

    Parameters
    ----------
    layout, assumptions, reserve
        As in ``expected_information``.
    catch
        Gives the animals caught, from cells and hazards of the layout.
    """
    design = planned_design(layout, assumptions)
    theta = assumptions.thetas(design)[0]
    exposed = exposure(design, theta, n_occasions=assumptions.n_occasions)
    share = exposed.expected / float(exposed.animals.sum())
    fixed = assumptions.spec.number == "binomial"
    return information_of(
        design, theta, catch(exposed), reserve=reserve, share_caught=share if fixed else None
    )


def information_of(
    design: Design,
    theta: NDArray[np.float64],
    caught: Caught | None,
    *,
    reserve: Region | None,
    share_caught: float | None = None,
) -> Information:
    """Expected information from simulated caught animals.

    Parameters
    ----------
    design
        The model for a layout.
    theta
        Coefficients, shape (n_coefficients,).
    caught
        From ``catch_animals``; None where no animal can be detected.
    reserve
        Where N is estimated; the whole mask if left out.
    share_caught
        Where the number of animals is fixed, the share of them that is caught.

    Raises
    ------
    LayoutError
        If the reserve does not meet the mask, or sigma follows a density that varies.
    """
    if design.spec.sigmak is not None and design.spec.variables("density"):
        msg = (
            "The expected information is not worked out where sigma follows a density that varies "
            "(sigmak). Give sigma in place of sigmak, or density = '~ 1'."
        )
        raise LayoutError(msg)
    coordinates = coordinates_of(design)
    u, back = coordinates.of(theta), coordinates.to_coefficients
    gradient = log_n_gradient(in_coordinates(design, coordinates.blocks), u, reserve)
    names = design.coefficient_names
    place = coordinates.blocks["density"].level
    level = None if place is None else design.blocks["density"].start + place
    if caught is None:
        nothing = np.zeros((len(theta), len(theta)))
        return Information(names, back, nothing, gradient, nothing[:0], np.zeros(0), 0.0, level)
    inside = in_coordinates(caught.problem.design, coordinates.blocks)
    scores, slope = animal_gradients(with_design(caught.problem, inside), u)
    matrix = (caught.weights[:, None] * scores).T @ scores
    expected = float(caught.weights.sum())
    if share_caught is not None:
        matrix += share_caught / (1 - share_caught) * np.outer(slope, slope) / expected
    return Information(names, back, matrix, gradient, scores, caught.weights, expected, level)


def animal_gradients(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradients of log L_i of each animal, and of Lambda, by central differences on all cores.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Its coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        Shapes (n_animals, n_coefficients) and (n_coefficients,). The steps are 1e-4 of a unit of
        the linear predictor. A constant column of log density has a gradient of log L_i of
        exactly 1.
    """
    design = problem.design
    steps = np.empty(len(theta))
    for parameter, block in design.blocks.items():
        largest = np.abs(design.columns(parameter)).max(axis=0)[: block.stop - block.start]
        steps[block] = _STEP / np.where(largest > 1e-12, largest, 1.0)

    constant = np.zeros(len(theta), dtype=np.bool_)
    if design.spec.sigmak is None:
        block = design.blocks["density"]
        of_columns = (design.density_columns == 1).all(axis=0)
        constant[block] = of_columns[: block.stop - block.start]

    def slope(j: int) -> NDArray[np.float64]:
        """Of log L_i of each animal, and of Lambda last."""
        step = np.zeros(len(theta))
        step[j] = steps[j]
        above, below = (
            np.concatenate(animal_terms(problem, theta + sign * step)) for sign in (1, -1)
        )
        found = np.asarray((above - below) / (2 * steps[j]))
        if constant[j]:
            found[:-1] = 1.0
        return found

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        slopes = np.stack(list(pool.map(slope, range(len(theta)))), axis=1)
    return slopes[:-1], slopes[-1]


def log_n_gradient(
    design: Design, theta: NDArray[np.float64], reserve: Region | None
) -> NDArray[np.float64]:
    r"""Gradient of the log of expected N in the reserve to the coefficients.

    .. math:: \partial \log \sum_{m \in B} a_m D_m / \partial\beta
        = \sum_B a_m D_m X_m \Big/ \sum_B a_m D_m

    Parameters
    ----------
    design
        The model for a layout.
    theta
        Coefficients, shape (n_coefficients,).
    reserve
        The region B; cells at its edge count by their share. The whole mask if left out.

    Raises
    ------
    LayoutError
        If no cell lies in the reserve.
    """
    cells = design.cells[0]
    weight = design.mask.cell_area[cells] * np.exp(design.log_density(theta, 0))
    weight = weight * reserve_share(design.mask, reserve)[cells]
    gradient = np.zeros(len(theta))
    columns = design.density_columns[: len(cells)]
    block = design.blocks["density"]
    to_columns = weight @ columns / weight.sum()
    gradient[block] = to_columns @ density_slopes(design.density.scales, theta[block])
    return gradient


def jackknife_error(values: NDArray[np.float64]) -> float:
    """Standard error of what was worked out without each group of animals in turn.

    Parameters
    ----------
    values
        One for each group left out, shape (n_groups,).
    """
    return float(np.sqrt((len(values) - 1) * np.var(values)))


def inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of an information matrix, all infinite where it has none.

    Parameters
    ----------
    matrix
        Symmetric, shape (n, n).
    """
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    scaled = matrix / np.outer(scale, scale)
    if not (np.isfinite(scaled).all() and np.linalg.eigvalsh(scaled)[0] > 1e-10):
        return np.full_like(matrix, np.inf)
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))
