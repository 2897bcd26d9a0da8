"""How well the survey could detect: p_dot, effective sampling area, detection function."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.natural_scale import (
    detection_keys,
    detection_limits,
    detection_values,
    levels_of,
)
from scr.fit.plug_in import OfCoefficients, plug_in_log_se
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.likelihood.centres import detectability
from scr.model.detection import SHAPES
from scr.model.within_session import state_in_words
from scr.posterior.footprint import take_cells
from scr.posterior.place import place_of, session_names
from scr.posterior.surface import (
    Surface,
    summarise_draws,
    summarise_log_normal,
)
from scr.posterior.thinning import method_of
from scr.survey.detectors import DETECTORS
from scr.units import M_PER_KM

_COLUMNS = {"median": "median", "mean": "mean", "sd": "sd", "q2.5": "lower", "q97.5": "upper"}
_REACH_IN_SIGMA = 4.0
_N_DISTANCES = 101


def detectability_surface(fit: Fit, *, session: str | None = None, max_draws: int = 100) -> Surface:
    r"""Probability that an animal living in a cell was detected at all, p_dot.

    Parameters
    ----------
    fit
        A fitted model.
    session
        Session, needed where sessions lie on the same ground.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    Surface
        Probability, averaged over classes by their share. It shows where the stations stood and
        is not for the public.

    Raises
    ------
    FitError
        If a session has to be chosen.
    """
    place = place_of(fit, session, realised=True)

    def p_dot(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        by_session = _p_dot(fit, theta)
        return np.concatenate([by_session[s] for s in place.sessions])

    thetas = thinned(fit.draws, max_draws)
    summary = summarise_draws(_over_draws(p_dot, thetas))
    if fit.point is not None:
        summary = summary.assign(mean=p_dot(fit.point), median=p_dot(fit.point))
    return Surface(
        mask=take_cells(fit.mask, place.rows),
        summary=summary,
        estimand="detectability",
        unit="probability of being detected",
        session=place.session,
        method=method_of(fit),
        n_draws=len(thetas),
    )


def effective_sampling_area(fit: Fit, *, max_draws: int = 200) -> pd.DataFrame:
    r"""Area in which as many animals live as were detected, at even density.

    .. math:: a = \sum_u \psi_u \sum_m a_m \, p_{\cdot u}(m)

    Parameters
    ----------
    fit
        A fitted model.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        One row per session, km2: session, median (plug-in for maximum likelihood), mean, sd,
        lower, upper (95 %), mask_km2.

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385.
    """

    def area(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = zip(_p_dot(fit, theta), fit.problem.sessions, strict=True)
        return np.array([p_dot @ data.cell_area for p_dot, data in parts])

    summary = summarised(fit, area, max_draws)
    table = summary[list(_COLUMNS)].rename(columns=_COLUMNS)
    table.insert(0, "session", session_names(fit))
    return table.assign(mask_km2=[data.cell_area.sum() for data in fit.problem.sessions])


@dataclass(frozen=True, eq=False)
class DetectionCurve:
    """Detection against distance.

    Parameters
    ----------
    table
        Columns class, distance_m, median (plug-in for maximum likelihood), lower and upper:
        probability of detection by one trap in one day.
    session
        Session whose traps it is averaged over.
    method
        How it was estimated, in words.
    state
        At what, where detection changes within a session or traps compete: before any capture,
        averaged over occasions, by a trap that stands alone; else empty.
    searched
        ``"areas"`` or ``"lines"`` where these are searched: the table then holds finds a day per
        km2 searched, or per km.
    """

    table: pd.DataFrame
    session: str
    method: str
    state: str = ""
    searched: str = ""


def detection_curve(
    fit: Fit,
    *,
    session: str | None = None,
    distances: NDArray[np.float64] | None = None,
    max_draws: int = 500,
) -> DetectionCurve:
    r"""Probability of detection by a trap in one day, :math:`1 - e^{-h(d)}`, with its 95 % band.

    Where areas or lines are searched, finds a day per km2 or km at this distance: h over the
    integral of k. Where lambda0 or sigma differ between traps or occasions, h is averaged over
    them by their effort; where they answer to captures, the animal is one that was never caught.

    Parameters
    ----------
    fit
        A fitted model.
    session
        Session; the first if left out.
    distances
        Metres, shape (n_distances,); from 0 to four times the largest sigma if left out, or as far
        beyond the largest z where that is a distance.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DetectionCurve
        One curve for each sex and latent group; where animals have an effect of their own, that
        of an animal without effect.

    Raises
    ------
    FitError
        If there is no such session.
    """
    names = session_names(fit)
    index = place_of(fit, session or names[0]).sessions[0]
    if distances is None:
        scales = largest_scales(fit)
        furthest = _REACH_IN_SIGMA * scales["sigma"] + scales.get("z", 0.0)
        distances = np.linspace(0.0, furthest, _N_DISTANCES)
    classes = fit.problem.design.classes
    kind = DETECTORS[fit.survey.detector]

    def curve(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        hazard = [_mean_hazard(fit, theta, distances, (index, u)) for u in classes.middle]
        return np.concatenate(hazard if kind.searched else [-np.expm1(-h) for h in hazard])

    summary = summarised(fit, curve, max_draws)
    table = pd.DataFrame(
        {
            "class": np.repeat(classes.labels, len(distances)),
            "distance_m": np.tile(distances, len(classes.labels)),
            "median": summary["median"],
            "lower": summary["q2.5"],
            "upper": np.minimum(summary["q97.5"], np.inf if kind.searched else 1.0),
        }
    )
    state = state_in_words(fit.survey, fit.spec.detection_variables)
    return DetectionCurve(table, names[index], method_of(fit), state, kind.searched)


def largest_sigma(fit: Fit) -> float:
    """The largest sigma of any class, session or trap, metres.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return largest_scales(fit)["sigma"]


def widest_scale(fit: Fit) -> float:
    """The largest of sigma and of a z that is a distance, metres: by it places are kept apart.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return max(largest_scales(fit).values())


def largest_scales(fit: Fit) -> dict[str, float]:
    """The largest sigma, and z where it is a distance, of any class, session or trap, metres.

    Parameters
    ----------
    fit
        A fitted model. Levels of its parameters to which no animal was exposed do not count.
    """
    centre = fit.point if fit.point is not None else np.median(fit.draws, axis=0)
    arrays = fit.problem.design.arrays(centre)
    used = np.concatenate([data.exposures.shape for data in fit.problem.sessions])
    scales = {"sigma": arrays.sigma} | ({"z": arrays.z} if fit.spec.family.z_in_metres else {})
    return {name: float(values[used].max()) for name, values in scales.items()}


def detection_parameters(fit: Fit, *, max_draws: int = 1000) -> pd.DataFrame:
    """Detection parameters and shares of the classes, on their natural scales.

    Where a parameter differs between traps or occasions, it is averaged over them by their
    effort; where it answers to captures, it is that of an animal never caught, as ``unit`` says.

    Parameters
    ----------
    fit
        A fitted model.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        Columns parameter (lambda0 or g0, sigma, z, share), class, session (None where all are
        alike), median (plug-in for maximum likelihood), mean, sd, lower, upper (95 %), unit.
    """
    keys, units = detection_keys(fit)
    summary = summarised(fit, lambda theta: detection_values(fit, theta), max_draws)
    if fit.point is not None:
        limits = detection_limits(fit, *summary[["median", "cv"]].to_numpy().T)
        summary[["q2.5", "q97.5"]] = np.stack(limits, axis=1)
    table = pd.DataFrame(keys, columns=["parameter", "class", "session"])
    table = table.join(summary[list(_COLUMNS)].rename(columns=_COLUMNS)).assign(unit=units)
    by_session = table.groupby(["parameter", "class"])["median"]
    if np.allclose(by_session.transform("min"), by_session.transform("max"), rtol=1e-9, atol=0):
        table = table.drop_duplicates(["parameter", "class"]).assign(session=None)
    table["session"] = table["session"].where(table["session"] != "", None)
    return table.reset_index(drop=True)


def _mean_hazard(
    fit: Fit,
    theta: NDArray[np.float64],
    distances: NDArray[np.float64],
    session_class: tuple[int, int],
) -> NDArray[np.float64]:
    levels = levels_of(fit, *session_class)
    arrays = fit.problem.design.arrays(theta)
    with np.errstate(divide="ignore"):  # The hazard rate raises distance 0 to a power below 0.
        hazard = fit.spec.family.hazard(
            distances[None, :],
            arrays.intensity[levels.intensity][:, None],
            arrays.sigma[levels.shape][:, None],
            arrays.z[levels.shape][:, None],
        )
    dims = DETECTORS[fit.survey.detector].dims
    if dims:
        whole = SHAPES[fit.spec.family.shape].whole(dims)
        hazard = hazard / (whole * (arrays.sigma[levels.shape][:, None] / M_PER_KM) ** dims)
    return np.asarray(np.average(hazard, axis=0, weights=levels.effort))


def _p_dot(fit: Fit, theta: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    arrays = fit.problem.design.arrays(theta)
    return [
        np.asarray((arrays.shares_in_cells(session) * by_class).sum(axis=0))
        for session, by_class in enumerate(detectability(fit.problem, theta))
    ]


def _over_draws(function: OfCoefficients, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.array(list(pool.map(function, thetas)))


def summarised(fit: Fit, function: OfCoefficients, max_draws: int) -> pd.DataFrame:
    """Summary of a function of the coefficients: over draws, or by the delta method.

    Parameters
    ----------
    fit
        A fitted model.
    function
        Of coefficients, shape (n_coefficients,), with values of shape (n_values,).
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        Columns ``SUMMARY_COLUMNS``, one row per value.
    """
    if fit.point is not None and fit.vcov_root is not None:
        return summarise_log_normal(*plug_in_log_se(function, fit.point, fit.vcov_root))
    return summarise_draws(_over_draws(function, thinned(fit.draws, max_draws)))
