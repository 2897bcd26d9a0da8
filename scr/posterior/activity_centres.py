"""Where one animal's activity centre may be."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.habitat.mask import HabitatMask
from scr.likelihood.centres import centre_probabilities, centre_probability
from scr.posterior.footprint import take_cells
from scr.posterior.place import place_of, session_names
from scr.posterior.surface import Surface, summarise_draws
from scr.posterior.thinning import method_of
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY


def activity_centre(
    fit: Fit, individual: str, *, session: str | None = None, max_draws: int = 100
) -> Surface:
    r"""Probability density of one animal's activity centre.

    .. math:: \Pr(m \mid y_i) \propto \sum_u \psi_u a D_m \Pr(y_i \mid m, u)

    Parameters
    ----------
    fit
        A fitted model.
    individual
        Name of an animal detected.
    session
        Session, needed where the animal was detected in several.
    max_draws
        Draws averaged over, evenly spaced among those of the fit.

    Returns
    -------
    Surface
        Animals per 100 km2; mean x cell area sums to this one animal. sd and quantiles are those
        of the probability over draws of the coefficients. Not for the public.

    Raises
    ------
    FitError
        If there is no such animal, or a session has to be chosen.
    """
    index, animal = _find(fit, individual, session)
    thetas = thinned(fit.draws, max_draws)
    cells = fit.problem.design.cells[index]
    mask = take_cells(fit.mask, cells)

    def density(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        probability = centre_probability(fit.problem, theta, animal).sum(axis=0)
        return np.asarray(probability / mask.cell_area * KM2_PER_REPORTED_AREA)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        summary = summarise_draws(np.array(list(pool.map(density, thetas))))
    if fit.point is not None:
        point = density(fit.point)
        summary = summary.assign(mean=point, median=point)
    several = len(fit.survey.sessions) > 1
    return Surface(
        mask=mask,
        summary=summary,
        estimand=f"activity centre of {individual}",
        unit=REPORTED_DENSITY,
        session=session_names(fit)[index] if several else None,
        method=method_of(fit),
        n_draws=len(thetas),
    )


@dataclass(frozen=True, eq=False)
class ActivityCentres:
    """Where the centres of all animals detected in one session may be. Not for the public.

    Parameters
    ----------
    mask
        Cells of the session.
    individuals
        Names of the animals.
    probability
        Probability of each cell, averaged over draws, rows summing to 1, shape
        (n_animals, n_cells).
    session
        Label of the session.
    method
        How they were estimated, in words.
    n_draws
        Draws averaged over.
    """

    mask: HabitatMask
    individuals: tuple[str, ...]
    probability: NDArray[np.float64]
    session: str
    method: str
    n_draws: int

    def surface(self, individual: str) -> Surface:
        """The map of one animal, its mean alone, animals per 100 km2.

        Parameters
        ----------
        individual
            One of ``individuals``.
        """
        probability = self.probability[self.individuals.index(individual)]
        density = probability / self.mask.cell_area * KM2_PER_REPORTED_AREA
        return Surface(
            mask=self.mask,
            summary=pd.DataFrame({"mean": density}),
            estimand=f"activity centre of {individual}",
            unit=REPORTED_DENSITY,
            session=None,
            method=self.method,
            n_draws=self.n_draws,
        )

    @property
    def table(self) -> pd.DataFrame:
        """Mean place of each centre and its spread, the root mean square distance from it, m."""
        mean = self.probability @ self.mask.xy
        square = self.probability @ (self.mask.xy**2)
        spread = np.sqrt(np.maximum(square - mean**2, 0.0).sum(axis=1))
        return pd.DataFrame(
            {
                "session": self.session,
                "individual": self.individuals,
                "x": mean[:, 0],
                "y": mean[:, 1],
                "spread_m": spread,
            }
        )


def activity_centres(fit: Fit, session: str, *, max_draws: int = 100) -> ActivityCentres:
    """Activity centres of all animals detected in a session.

    Parameters
    ----------
    fit
        A fitted model.
    session
        Label of the session.
    max_draws
        Draws averaged over, evenly spaced among those of the fit; for maximum likelihood the
        estimate alone is used.

    Raises
    ------
    FitError
        If there is no such session.
    """
    place = place_of(fit, session)
    index = place.sessions[0]
    thetas = thinned(fit.draws, max_draws) if fit.point is None else fit.point[None]
    total = np.zeros((fit.problem.sessions[index].n_animals, len(place.mask)))
    for theta in thetas:
        total += centre_probabilities(fit.problem, theta)[index]
    names = fit.survey.sessions[index].captures.individuals
    return ActivityCentres(
        mask=place.mask,
        individuals=tuple(map(str, names)),
        probability=total / len(thetas),
        session=session,
        method=method_of(fit),
        n_draws=len(thetas),
    )


def animals_detected(fit: Fit) -> pd.DataFrame:
    """Every animal detected, in each session: session, individual, sex where known, detections.

    Parameters
    ----------
    fit
        A fitted model.
    """
    rows = []
    for session in fit.survey.sessions:
        captures = session.captures
        table = captures.covariates.assign(session=session.name, individual=captures.individuals)
        table["n_detections"] = np.bincount(
            captures.individual, weights=captures.count, minlength=captures.n_individuals
        ).astype(np.int64)
        table["n_traps"] = [
            len(np.unique(captures.trap[captures.individual == i]))
            for i in range(captures.n_individuals)
        ]
        rows.append(table)
    table = pd.concat(rows, ignore_index=True)
    first = ["session", "individual"]
    return table[first + [column for column in table.columns if column not in first]]


def _find(fit: Fit, individual: str, session: str | None) -> tuple[int, int]:
    """Index of the session, and of the animal over all sessions."""
    found, start = [], 0
    for index, item in enumerate(fit.survey.sessions):
        names = [str(name) for name in item.captures.individuals]
        if individual in names and session in {None, item.name}:
            found.append((index, start + names.index(individual)))
        start += len(names)
    if len(found) == 1:
        return found[0]
    if found:
        labels = ", ".join(repr(session_names(fit)[index]) for index, _ in found)
        msg = f"Animal {individual!r} was detected in sessions {labels}. Choose one with session=."
        raise FitError(msg)
    detected = animals_detected(fit)
    if session is not None:
        detected = detected[detected["session"] == session]
    listed = ", ".join(map(repr, detected["individual"][:10]))
    msg = (
        f"No animal {individual!r} was detected{'' if session is None else f' in {session!r}'}. "
        f"Names are matched exactly; those detected begin with {listed or 'none'}."
    )
    raise FitError(msg)
