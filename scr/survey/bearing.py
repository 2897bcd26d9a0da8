"""What the data can support, told before anything is fitted."""

import numpy as np

from scr.shown import counted
from scr.survey.detection_places import ground_worked
from scr.survey.detectors import DETECTORS
from scr.survey.spacing import median_spacing
from scr.survey.survey import Survey
from scr.survey.totals import Totals, totals_of
from scr.survey.troubles import Trouble, suspicion

_LEAST_ANIMALS, _LEAST_RECAPTURES, _LEAST_AT_TWO, _LEAST_OF_A_SEX = 5, 20, 5, 3
_HOME_RANGE_SIGMAS = 2.4477
"""Radius that holds 95 % of a bivariate normal, in sigmas: sqrt(chi2(2 df, 0.95))."""


def expected_rse(totals: Totals) -> float:
    """Relative standard error of density to be expected, 1 / sqrt(min(n, r)).

    Parameters
    ----------
    totals
        Animals and recaptures.

    References
    ----------
    Efford & Boulanger (2019) Methods Ecol. Evol. 10:1529-1535.
    """
    least = min(totals.n_animals, totals.n_recaptures)
    return float(1 / np.sqrt(least)) if least else np.inf


def bearing_troubles(survey: Survey, sigma: float, *, by_sex: bool = False) -> tuple[Trouble, ...]:
    """Too few animals, recaptures or movements; an array too small or too sparse for sigma.

    Parameters
    ----------
    survey
        The data.
    sigma
        Of a half-normal, metres, from ``guess_sigma``.
    by_sex
        Whether the model tells sexes apart.

    Returns
    -------
    tuple of Trouble
        Warnings. Fewer than 5 animals, 20 recaptures, or 5 animals at two stations are few; an
        array is small if it is narrower both ways than a home range (the circle that holds 95 %
        of its use, 4.9 sigma), and sparse if a home range fits between its stations without any
        of them inside (stations 3.5 sigma apart on a square grid).

    References
    ----------
    Efford (2025) SECRbook, chapter on study design, for 20 recaptures as the least. Tobler & Powell
    (2013) Biol. Conserv. 159:109-118, for an array as large as a home range at the least.
    """
    source = survey.sessions[0].traps.source
    return (
        *_sparse_data(survey),
        *(_few_of_a_sex(survey) if by_sex else ()),
        *_array_troubles(survey, sigma, source=source),
    )


def _sparse_data(survey: Survey) -> list[Trouble]:
    facts = totals_of(survey)
    if (
        facts.n_animals >= _LEAST_ANIMALS
        and facts.n_recaptures >= _LEAST_RECAPTURES
        and facts.n_at_two >= _LEAST_AT_TWO
    ):
        return []
    error = expected_rse(facts)
    worth = (
        f"the relative standard error of density would be about {100 * error:.0f} %"
        if np.isfinite(error)
        else "density and sigma cannot be told apart"
    )
    found = (
        f"{counted(facts.n_animals, 'animal')} with {counted(facts.n_recaptures, 'recapture')}, "
        f"{facts.n_at_two} of them at two {DETECTORS[survey.detector].seen_at} or more, are few: "
        f"{worth}"
    )
    remedy = (
        f"{_LEAST_ANIMALS} animals, {_LEAST_RECAPTURES} recaptures and {_LEAST_AT_TWO} animals at "
        "two stations are the least for a result that can be relied on. Work longer, add stations "
        "or sessions, or give a prior for sigma."
    )
    public = f"{found[:1].upper()}{found[1:]}."
    return [suspicion("few data", "detections", (), found=found, remedy=remedy, public=public)]


def _few_of_a_sex(survey: Survey) -> list[Trouble]:
    table = totals_of(survey).by_sex
    few = table[table["animals"] < _LEAST_OF_A_SEX]
    if not len(few):
        return []
    listed = ", ".join(
        f"{counted(animals, 'animal')} of sex {sex!r} with {counted(detections, 'detection')}"
        for sex, animals, detections in few.to_numpy().tolist()
    )
    found = f"the model tells sexes apart, but there are only {listed}"
    return [
        suspicion(
            "few of a sex",
            "detections",
            (),
            found=found,
            remedy="Take sex out of the formulas, or pool sessions.",
            public=f"T{found[1:]}.",
        )
    ]


def _array_troubles(survey: Survey, sigma: float, *, source: str) -> list[Trouble]:
    troubles = []
    small, sparse = [], []
    for session in survey.sessions:
        places = np.unique(ground_worked(session), axis=0)
        if len(places) < 2:
            continue
        extent = float(np.ptp(places, axis=0).max())
        if extent < 2 * _HOME_RANGE_SIGMAS * sigma:
            small.append((session.name, extent))
        apart = None if session.traps.parts is not None else median_spacing([places])
        if apart is not None and apart > np.sqrt(2) * _HOME_RANGE_SIGMAS * sigma:
            sparse.append((session.name, apart))
    km = sigma / 1000
    if small:
        found = (
            f"the array is {_each(small, survey)} across, {small[0][1] / sigma:.1f} times sigma, "
            f"which is about {km:.3g} km: smaller than one home range "
            f"({2 * _HOME_RANGE_SIGMAS * km:.3g} km)"
        )
        remedy = "Sigma is then poorly estimated, and density with it. Spread the stations further."
        troubles.append(suspicion("array too small", source, (), found=found, remedy=remedy))
    if sparse:
        found = (
            f"neighbouring stations are {_each(sparse, survey)} apart, {sparse[0][1] / sigma:.1f} "
            f"times sigma, which is about {km:.3g} km: a home range fits between them without any "
            "station in it"
        )
        remedy = f"Set stations {1.5 * km:.2g} to {2 * km:.2g} km apart, 1.5 to 2 sigma."
        troubles.append(suspicion("array too sparse", source, (), found=found, remedy=remedy))
    return troubles


def _each(found: list[tuple[str, float]], survey: Survey) -> str:
    if len(survey.sessions) == 1:
        return f"{found[0][1] / 1000:.3g} km"
    return ", ".join(f"{metres / 1000:.3g} km (session {name})" for name, metres in found[:10])
