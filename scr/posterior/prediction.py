"""Realised numbers at the maximum likelihood estimate, with the variance of their prediction."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.plug_in import central_differences, plug_in_of
from scr.fit.result import Fit
from scr.likelihood.centres import centre_probabilities
from scr.posterior.ground import Ground, cells_beyond_mask
from scr.posterior.place import Place
from scr.posterior.realised import conditional_mean, expected_missed, free_share
from scr.posterior.thinning import of_density


def predicted_cells(fit: Fit, place: Place) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Animals in each cell at the estimate, and the standard deviation of their prediction.

    Parameters
    ----------
    fit
        A maximum likelihood fit.
    place
        Its cells.

    Returns
    -------
    tuple
        Each of shape (n_cells,).
    """
    point, vcov_root = plug_in_of(fit)
    slopes = central_differences(lambda theta: _mean(fit, place, theta), point, vcov_root)
    variance = (slopes**2).sum(axis=0)
    probabilities, missed = (
        centre_probabilities(fit.problem, point, once=True),
        expected_missed(fit, point),
    )
    given = [
        (probabilities[s] * (1 - probabilities[s])).sum(0) + missed[s] * free_share(fit, missed[s])
        for s in place.sessions
    ]
    return _mean(fit, place, point), np.sqrt(variance + np.concatenate(given))


def predicted_number(fit: Fit, ground: Ground) -> pd.DataFrame:
    r"""Realised N of each region at the estimate, with the sd of its prediction.

    .. math:: \mathrm{mspe} = g^T V g + \sum_i \pi_i (1 - \pi_i) + \sum_m s_m\,a D_m (1 - p_\cdot)

    where :math:`g` is the gradient of the expected number given the captures, :math:`s_m` the
    share of cell m that lies in the region and :math:`\pi_i = \sum_m s_m \Pr(m \mid y_i)` the
    probability that animal i lives there. Where the number of animals is fixed the last term is
    that of a multinomial number.

    Parameters
    ----------
    fit
        A maximum likelihood fit.
    ground
        The regions.

    Returns
    -------
    DataFrame
        One row per region: mean, median and sd.

    References
    ----------
    Efford & Fewster (2013) Oikos 122:918-928, equations 6 and 7.
    """
    point, vcov_root = plug_in_of(fit)
    share, beyond = ground.share, ground.beyond.share
    outside = cells_beyond_mask(fit, ground)

    def reached(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.exp(outside.columns @ of_density(fit, theta)) * outside.area_km2[0])

    def number(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(share @ _mean(fit, ground.place, theta) + beyond @ reached(theta))

    slopes = central_differences(number, point, vcov_root)  # (n_directions, n_regions)
    variance = (slopes**2).sum(axis=0)
    variance += beyond @ reached(point)
    start = 0
    probabilities, missed = (
        centre_probabilities(fit.problem, point, once=True),
        expected_missed(fit, point),
    )
    for session in ground.place.sessions:
        part = share[:, start : start + len(missed[session])]
        start += part.shape[1]
        inside = part @ probabilities[session].T  # (n_regions, n_animals)
        variance += (inside * (1 - inside)).sum(axis=1)
        unseen = part @ missed[session]
        variance += unseen
        if fit.spec.number == "binomial":
            variance -= unseen**2 / max(float(missed[session].sum()), 1e-300)
    value = number(point)
    return pd.DataFrame({"mean": value, "median": value, "sd": np.sqrt(np.maximum(variance, 0.0))})


def _mean(fit: Fit, place: Place, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    by_session = conditional_mean(fit, theta)
    return np.concatenate([by_session[s] for s in place.sessions])
