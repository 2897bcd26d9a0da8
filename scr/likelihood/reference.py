r"""The likelihood in plain NumPy, equation by equation: the text to read, and the oracle.

Every cell is visited for every animal and nothing is truncated, so this is slow and simple. The
compiled evaluators are tied to it by tests.

For animal i with activity centre in cell m and class u, with hazard h_k(m, u) per day at trap k
and effort T:

.. math::

    \log\Pr(y_i \mid m, u) = \sum_\text{detections} \log r - \sum_\text{exposures} T h

where a detection contributes relative to a non-detection of the same trap and occasion

=====================  ========================================
binary record          :math:`\log(e^{hT} - 1)`
binomial count y       :math:`y \log(e^{h} - 1)`
Poisson count y        :math:`y \log h` (y log T - log y! apart)
caught, traps compete  :math:`\log h + G(H_s)` (log T apart)
=====================  ========================================

with :math:`H_s = \sum T h` over all traps in the occasion s in which the animal was caught, and
:math:`G(x) = \log((e^x - 1) / x)`: caught at all with probability :math:`1 - e^{-H_s}`, then at
this trap with probability :math:`h T / H_s`. Where areas or lines are searched, h of a part is
lambda0 times the share of the integral of k that lies in it, and a detection at x has
:math:`h = \lambda_0 k(x) / \int k`; a fix of a transmitter has :math:`k(x) / \int k`. What an
animal has met before (a learned response, its removal) gives it a pattern of its own, whose
exposures stand beside those of pattern 0.

and, summed over cells of area a and classes of share psi,

.. math::

    \dot p(m, u) &= 1 - e^{-\sum T h} \\
    \Lambda &= \sum_u \psi_u \, a \sum_m D_m \, \dot p(m, u) \\
    L_i &= \sum_{u \in U_i} \psi_u \, a \sum_m D_m \Pr(y_i \mid m, u) \\
    \log L &= \sum_\text{sessions} \Big(-\Lambda + \sum_i \log L_i - \log n!\Big)

where n is Poisson (else ``reference_number``).

References
----------
Borchers & Efford (2008) Biometrics 64:377-385.
Efford, Borchers & Mowat (2013) Methods Ecol. Evol. 4:629-636, for effort.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from scr.likelihood.data import LikelihoodData
from scr.likelihood.reference_number import log_number
from scr.likelihood.reference_searches import log_fixes, log_share, log_whole
from scr.likelihood.reference_shapes import LARGE, log_k, log_ratio
from scr.model.arrays import ModelArrays
from scr.model.detection import DetectionFunction
from scr.model.number import Number

Array = NDArray[np.float64]


def log_likelihood(
    sessions: Sequence[LikelihoodData],
    arrays: ModelArrays,
    family: DetectionFunction,
    only_fixed: Sequence[LikelihoodData] = (),
    *,
    number: Number = "poisson",
) -> float:
    r"""Log-likelihood, with -log n! (but where conditional) and without coefficients of the data.

    Parameters
    ----------
    sessions
        One record per session.
    arrays
        Parameters of all sessions.
    family
        Detection function.
    only_fixed
        For each session the animals that have fixes of a transmitter alone: of them the mean of
        Pr(y | m, u) over the animals that there are.
    number
        What is said of the number of animals.

    Returns
    -------
    float
        :math:`\sum_s \sum_i (\log L_i + c_i - \log\Lambda_s) + \log\Pr(n_s)`
    """
    total = 0.0
    for s, data in enumerate(sessions):
        n, expected = data.n_animals, expected_detected(data, arrays, family, session=s)
        terms = log_animal_terms(data, arrays, family, session=s) + data.animals.constant
        total += float(np.sum(terms)) - n * np.log(expected)
        living = float(np.sum(np.exp(_log_animals(data, arrays, session=s))))
        total += log_number(number, n, expected=expected, living=living)
    for s, data in enumerate(only_fixed):
        total += float(np.sum(log_animal_terms(data, arrays, family, session=s)))
        total -= data.n_animals * float(logsumexp(_log_animals(data, arrays, session=s)))
    return total


def expected_detected(
    data: LikelihoodData, arrays: ModelArrays, family: DetectionFunction, *, session: int
) -> float:
    """Expected number of animals detected in one session, Lambda.

    Parameters
    ----------
    data
        The session.
    arrays, family
        Parameters and detection function.
    session
        Index of the session.
    """
    animals_at = np.exp(_log_animals(data, arrays, session=session))
    return float(np.sum(animals_at * p_dot(data, arrays, family)))


def p_dot(data: LikelihoodData, arrays: ModelArrays, family: DetectionFunction) -> Array:
    """Probability of at least one detection of an animal centred in each cell.

    Parameters
    ----------
    data
        The session.
    arrays, family
        Parameters and detection function.

    Returns
    -------
    ndarray
        Shape (n_classes, n_cells).
    """
    return np.asarray(-np.expm1(-total_hazard(data, arrays, family, pattern=0)))


def log_animal_terms(
    data: LikelihoodData, arrays: ModelArrays, family: DetectionFunction, *, session: int
) -> Array:
    """Log L_i of each animal of one session, without its constant.

    Parameters
    ----------
    data
        The session.
    arrays, family
        Parameters and detection function.
    session
        Index of the session.

    Returns
    -------
    ndarray
        Shape (n_animals,).
    """
    log_animals = _log_animals(data, arrays, session=session)  # (n_classes, n_cells)
    never_detected = {
        int(pattern): -total_hazard(data, arrays, family, pattern=int(pattern))
        for pattern in np.unique(data.animals.pattern)
    }
    terms = np.empty(data.n_animals)
    for i, pattern in enumerate(data.animals.pattern):
        log_pr = never_detected[int(pattern)] + _log_detections(data, arrays, family, animal=i)
        terms[i] = logsumexp(log_animals + log_pr)
    return terms


def history_log_probability(
    data: LikelihoodData, arrays: ModelArrays, family: DetectionFunction, *, animal: int
) -> Array:
    """Log Pr(history of one animal | its centre and class), without its constant.

    Parameters
    ----------
    data
        The session.
    arrays, family
        Parameters and detection function.
    animal
        Index of the animal in the session.

    Returns
    -------
    ndarray
        Shape (n_classes, n_cells); -inf for a class that the animal cannot have.
    """
    pattern = int(data.animals.pattern[animal])
    never_detected = -total_hazard(data, arrays, family, pattern=pattern)
    return never_detected + _log_detections(data, arrays, family, animal=animal)


def total_hazard(
    data: LikelihoodData, arrays: ModelArrays, family: DetectionFunction, *, pattern: int
) -> Array:
    """Sum of effort x hazard over all traps and occasions.

    Parameters
    ----------
    data
        The session.
    arrays, family
        Parameters and detection function.
    pattern
        Pattern of exposure; 0 for an animal never caught.

    Returns
    -------
    ndarray
        Shape (n_classes, n_cells).
    """
    return _sum_exposures(data, arrays, family, pattern=pattern, group=-1)


def _sum_exposures(
    data: LikelihoodData,
    arrays: ModelArrays,
    family: DetectionFunction,
    *,
    pattern: int,
    group: int,
) -> Array:
    """Sum of effort x hazard, (n_classes, n_cells): of pattern 0, and what another has beyond."""
    exposures = data.exposures
    total = np.zeros((data.n_classes, data.n_cells))
    has = (exposures.pattern == 0) | (exposures.pattern == pattern)
    for row in np.flatnonzero(has & (exposures.group == group)):
        point, shape = int(exposures.point[row]), exposures.shape[row]
        intensity = float(arrays.intensity[exposures.intensity[row]])
        sigma, z = float(arrays.sigma[shape]), float(arrays.z[shape])
        if data.parts is None:
            at = _distance(data, point=point)
            log_h = log_hazard(at, family, intensity=intensity, sigma=sigma, z=z)
        else:
            k = partial(log_k, family=family, sigma=sigma, z=z)
            whole = log_whole(family, data.parts.dims, sigma)
            log_h = np.log(intensity) + log_share(data.cell_xy, data.parts, k, whole, part=point)
        total[exposures.class_[row]] += exposures.effort[row] * np.exp(log_h)
    return total


def log_hazard(
    distance: Array, family: DetectionFunction, *, intensity: float, sigma: float, z: float
) -> Array:
    """Log of the hazard of detection per day, finite at any finite distance.

    Parameters
    ----------
    distance
        Metres.
    family
        Detection function.
    intensity
        lambda0 per day, or g0.
    sigma
        Metres.
    z
        Second shape parameter, where the family has one.
    """
    log_scaled = np.log(intensity) + log_k(distance, family, sigma=sigma, z=z)
    if family.form == "hazard":
        return np.asarray(log_scaled)
    g = np.exp(log_scaled)
    log_h = log_scaled + log_ratio(-np.log1p(-g), g)
    return np.asarray(log_h + np.log(z) if family.shape == "compound_half_normal" else log_h)


def log_expm1(log_x: Array) -> Array:
    """Log(exp(x) - 1) from log x, finite where x itself underflows.

    Parameters
    ----------
    log_x
        Log of x, any shape.
    """
    x = np.exp(log_x)
    near = np.minimum(x, LARGE)
    return np.where(x > LARGE, x, log_x + log_ratio(np.expm1(near), near))


def log_growth(x: Array) -> Array:
    """G(x) = log((exp(x) - 1) / x), 0 at 0.

    Parameters
    ----------
    x
        At least 0, any shape.
    """
    near = np.clip(x, 0.0, LARGE)
    large = np.maximum(x, LARGE)
    return np.where(x > LARGE, large - np.log(large), log_ratio(np.expm1(near), near))


def _log_detections(
    data: LikelihoodData, arrays: ModelArrays, family: DetectionFunction, *, animal: int
) -> Array:
    """Sum of log r over the detections of one animal, shape (n_classes, n_cells)."""
    detections = data.detections
    total = np.zeros((data.n_classes, data.n_cells))
    total[~data.animals.allowed[animal]] = -np.inf
    kinds = data.kinds
    for row in np.flatnonzero(detections.animal == animal):
        shape, intensity = detections.shape[row], detections.intensity[row]
        log_h = log_hazard(
            _distance(data, point=int(detections.point[row])),
            family,
            intensity=float(arrays.intensity[intensity]),
            sigma=float(arrays.sigma[shape]),
            z=float(arrays.z[shape]),
        )
        if data.parts is not None:
            log_h = log_h - log_whole(family, data.parts.dims, float(arrays.sigma[shape]))
        if kinds[row] == "multi":
            pattern, group = data.animals.pattern[animal], detections.occasion_group[row]
            of_occasion = _sum_exposures(
                data, arrays, family, pattern=int(pattern), group=int(group)
            )[detections.class_[row]]
            log_r = log_h + log_growth(of_occasion)
        elif kinds[row] == "poisson":
            log_r = log_h
        else:  # T is 1 for each trial of a binomial count
            log_r = log_expm1(log_h + np.log(detections.effort[row]))
        total[detections.class_[row]] += detections.count[row] * log_r
    return total + log_fixes(data, arrays, family, log_k, animal=animal)


def _log_animals(data: LikelihoodData, arrays: ModelArrays, *, session: int) -> Array:
    """Log of the expected number of animals of each class centred in each cell."""
    log_share = arrays.log_share[session][:, np.newaxis]
    return np.asarray(log_share + arrays.log_density[session] + np.log(data.cell_area))


def _distance(data: LikelihoodData, *, point: int) -> Array:
    """Distance of every cell from one point, metres, shape (n_cells,)."""
    if data.distance is not None:
        return np.asarray(data.distance[point])
    apart = data.cell_xy - data.point_xy[point]
    return np.asarray(np.hypot(apart[:, 0], apart[:, 1]))
