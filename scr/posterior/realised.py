"""Where the animals were: joint draws of centres of those caught and counts of those missed."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.likelihood.centres import (
    centre_moments,
    detectability,
    draw_centres_with_detectability,
    expected_centres,
)
from scr.posterior.belief import most_in_a_cell, require_countable
from scr.posterior.place import require_density

_DRAWS_OF_THE_MEAN = 100
_DRAWS_AT_ONCE = 100

type _Missed = tuple[NDArray[np.float64], ...]
"""Animals of each class expected to be missed, of each session, shape (n_classes, n_cells)."""

type _AtOneDraw = tuple[NDArray[np.int64], NDArray[np.int64], _Missed]


@dataclass(frozen=True, eq=False)
class RealisedDraws:
    """Joint draws of all animals of each session, one for each draw of the coefficients.

    Parameters
    ----------
    thetas
        The draws of the coefficients, shape (n_draws, n_coefficients).
    centres
        For each session the cell of each animal caught, an index among the cells of the session,
        shape (n_draws, n_animals).
    classes
        For each session the class of each animal caught, as ``Classes`` numbers them, shape
        (n_draws, n_animals).
    sexes
        For each session its sex, 0 or 1, of the same shape.
    missed
        For each session the animals never caught in each cell, shape (n_draws, n_cells).
    missed_second
        Those of them that are of the second sex; empty where sex is no class.
    """

    thetas: NDArray[np.float64]
    centres: tuple[NDArray[np.int64], ...]
    classes: tuple[NDArray[np.int64], ...]
    sexes: tuple[NDArray[np.int64], ...]
    missed: tuple[NDArray[np.int32], ...]
    missed_second: tuple[NDArray[np.int32], ...] = ()

    def counts(self, session: int, sex: int | None = None) -> NDArray[np.int32]:
        """Animals in each cell, caught or missed, shape (n_draws, n_cells).

        Parameters
        ----------
        session
            Index of the session.
        sex
            Index of a sex; all animals if None.
        """
        missed, centres = self.missed[session], self.centres[session]
        if sex is None:
            return add_centres(missed, centres)
        second = self.missed_second[session]
        of_sex = self.sexes[session] == sex
        return add_centres(second if sex else missed - second, centres, of_sex)

    def thinned(self, max_draws: int) -> "RealisedDraws":
        """Evenly spaced among these draws, all where there are no more than wanted.

        Parameters
        ----------
        max_draws
            Draws wanted, at least 1.
        """
        rows = thinned(np.arange(len(self.thetas)), max_draws)
        return RealisedDraws(
            thetas=self.thetas[rows],
            centres=tuple(part[rows] for part in self.centres),
            classes=tuple(part[rows] for part in self.classes),
            sexes=tuple(part[rows] for part in self.sexes),
            missed=tuple(part[rows] for part in self.missed),
            missed_second=tuple(part[rows] for part in self.missed_second),
        )


def realised_draws(
    fit: Fit, thetas: NDArray[np.float64], rng: np.random.Generator
) -> RealisedDraws:
    r"""Centres of the animals caught and counts of the animals missed, per draw.

    Each animal caught gets one (cell, class) with probability proportional to
    :math:`\psi_u D_m \Pr(y_i \mid m, u)`; the animals never caught in a cell are one Poisson
    count with mean :math:`\sum_u \psi_u a D_m (1 - p_{\cdot u}(m))`, which is the sum of the
    counts of the classes. Where the number of animals is fixed, those missed are N less those
    caught, N being made whole at random about the sum of a D, with probabilities as these means.

    Parameters
    ----------
    fit
        A fitted model.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).
    rng
        Generator.

    Raises
    ------
    FitError
        If a draw puts more animals into a cell than can be counted.

    References
    ----------
    Royle & Young (2008) Ecology 89:2281-2289, for realised populations;
    Efford & Fewster (2013) Oikos 122:918-928, for expected and realised N.
    """
    require_density(fit)
    require_countable(fit, most_in_a_cell(fit, thetas), where="one cell of the mask")
    sizes = [data.n_animals for data in fit.problem.sessions]
    uniforms = rng.random((len(thetas), sum(sizes)))
    fixed = fit.spec.number == "binomial"

    def at(i: int) -> _AtOneDraw:
        cells, classes, p_dot = draw_centres_with_detectability(fit.problem, thetas[i], uniforms[i])
        return cells, classes, _missed_by_class(fit, thetas[i], p_dot)

    cells, classes = (np.empty(uniforms.shape, dtype=np.int64) for _ in range(2))
    missed = [
        np.empty((len(thetas), data.n_cells), dtype=np.int32) for data in fit.problem.sessions
    ]
    is_second = fit.problem.design.classes.sex == 1
    second = [np.zeros_like(counts) for counts in missed] if fit.spec.has_sexes else []
    of_second = rng.spawn(1)[0]  # leaves the numbers of rng as they are
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(thetas), _DRAWS_AT_ONCE):
            rows = range(start, min(start + _DRAWS_AT_ONCE, len(thetas)))
            for i, (cell, class_, means) in zip(rows, pool.map(at, rows), strict=True):
                cells[i], classes[i] = cell, class_
                for counts, mean in zip(missed, means, strict=True):
                    counts[i] = _numbers(mean.sum(axis=0), rng, fixed=fixed)
                for part, counts, mean in zip(second, missed, means, strict=False):
                    there = np.flatnonzero(counts[i])
                    of_all = mean[:, there].sum(axis=0)
                    of_one = mean[is_second][:, there].sum(axis=0)
                    part[i, there] = of_second.binomial(counts[i, there], of_one / of_all)
    ends = np.cumsum(sizes)[:-1]
    return RealisedDraws(
        thetas=thetas,
        centres=tuple(np.split(cells, ends, axis=1)),
        classes=tuple(np.split(classes, ends, axis=1)),
        sexes=tuple(np.split(fit.problem.design.classes.sex[classes], ends, axis=1)),
        missed=tuple(missed),
        missed_second=tuple(second),
    )


def _numbers(
    mean: NDArray[np.float64], rng: np.random.Generator, *, fixed: bool
) -> NDArray[np.int64]:
    """Animals missed in each cell: Poisson, or a fixed number shared out."""
    if not fixed:
        return rng.poisson(mean)
    total = mean.sum()
    whole = int(np.floor(total + rng.random()))
    return rng.multinomial(whole, mean / total) if whole else np.zeros(len(mean), dtype=np.int64)


def expected_missed(fit: Fit, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    r"""Animals expected in each cell and never caught, :math:`\sum_u \psi_u a D_m (1 - p_\cdot)`.

    Parameters
    ----------
    fit
        A fitted model.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        One array for each session, shape (n_cells,).
    """
    return _missed(fit, theta, detectability(fit.problem, theta))


def _missed(
    fit: Fit, theta: NDArray[np.float64], p_dot: tuple[NDArray[np.float64], ...]
) -> tuple[NDArray[np.float64], ...]:
    return tuple(of_class.sum(axis=0) for of_class in _missed_by_class(fit, theta, p_dot))


def _missed_by_class(
    fit: Fit, theta: NDArray[np.float64], p_dot: tuple[NDArray[np.float64], ...]
) -> _Missed:
    arrays = fit.problem.design.arrays(theta)
    means = []
    for data, log_density, log_share, seen in zip(
        fit.problem.sessions, arrays.log_density, arrays.log_share, p_dot, strict=True
    ):
        living = data.cell_area * np.exp(log_density + log_share[:, None])
        missed = living * (1 - seen)
        if fit.spec.number == "binomial":  # those missed are N less those detected
            missed *= max(living.sum() - data.n_animals, 0.0) / missed.sum()
        means.append(missed)
    return tuple(means)


def conditional_mean(fit: Fit, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Animals expected in each cell given the captures and the coefficients.

    The probabilities of the centres of all animals caught, summed, and the animals expected to
    have been missed.

    Parameters
    ----------
    fit
        A fitted model.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        One array for each session, shape (n_cells,).
    """
    caught = expected_centres(fit.problem, theta)
    missed = expected_missed(fit, theta)
    return tuple(known + unknown for known, unknown in zip(caught, missed, strict=True))


def moments_over_draws(
    fit: Fit, thetas: NDArray[np.float64]
) -> tuple[tuple[NDArray[np.float64], ...], tuple[NDArray[np.float64], ...]]:
    r"""Mean and standard deviation of the animals in each cell, from at most 100 draws.

    Given the coefficients the number in a cell has a known mean and variance: those of the animals
    caught, :math:`\pi_i` and :math:`\pi_i (1 - \pi_i)` each, and those of the Poisson (or
    multinomial) number missed. The mean is the mean of the first over draws; the variance is the
    mean of the second and the variance of the first. Cells in which no draw of a number has an
    animal have both.

    Parameters
    ----------
    fit
        A fitted model.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).

    Returns
    -------
    tuple
        Means, and standard deviations; of each one array for each session, shape (n_cells,).

    References
    ----------
    Gelfand & Smith (1990) JASA 85:398-409, section 2.3, for the mean over conditional moments.
    """
    used = thinned(thetas, _DRAWS_OF_THE_MEAN)
    sizes = [data.n_cells for data in fit.problem.sessions]
    mean, within, squares = ([np.zeros(n) for n in sizes] for _ in range(3))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, moments in enumerate(pool.map(lambda theta: _moments(fit, theta), used), 1):
            for session, (mean_now, variance_now) in enumerate(moments):
                away = mean_now - mean[session]
                mean[session] += away / number
                squares[session] += away * (mean_now - mean[session])
                within[session] += variance_now / len(used)
    between = [square / max(len(used) - 1, 1) for square in squares]
    sd = tuple(np.sqrt(one + other) for one, other in zip(within, between, strict=True))
    return tuple(mean), sd


def _moments(
    fit: Fit, theta: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean and variance of the animals in each cell of each session, given the coefficients."""
    detected, missed = centre_moments(fit.problem, theta), expected_missed(fit, theta)
    return [
        (mean + unknown, variance + unknown * free_share(fit, unknown))
        for (mean, variance), unknown in zip(detected, missed, strict=True)
    ]


def free_share(fit: Fit, missed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of the animals missed in a cell over their mean: 1, less where they are fixed.

    Parameters
    ----------
    fit
        A fitted model.
    missed
        Animals expected to have been missed in each cell of a session, shape (n_cells,).
    """
    if fit.spec.number != "binomial":
        return np.ones_like(missed)
    return np.asarray(1.0 - missed / max(float(missed.sum()), 1e-300))


def add_centres(
    missed: NDArray[np.int32],
    centres: NDArray[np.int64],
    counted: NDArray[np.bool_] | None = None,
) -> NDArray[np.int32]:
    """Counts with the animals caught added in the cells drawn for them.

    Parameters
    ----------
    missed
        Counts of animals never caught, shape (n_draws, n_cells).
    centres
        Cell of each animal caught, shape (n_draws, n_animals); -1 does not count.
    counted
        Which of them count, of the same shape; all if None.

    Returns
    -------
    NDArray
        Shape (n_draws, n_cells); the sum of each row grows by the animals counted.

    Examples
    --------
    >>> add_centres(np.array([[1, 0, 0]], dtype=np.int32), np.array([[2, 2]]))
    array([[1, 0, 2]], dtype=int32)
    """
    counts = missed.copy()
    draw = np.broadcast_to(np.arange(len(centres))[:, None], centres.shape)
    chosen = (centres >= 0 if counted is None else counted & (centres >= 0)).ravel()
    np.add.at(counts, (draw.ravel()[chosen], centres.ravel()[chosen]), 1)
    return counts
