"""Models of the same data side by side."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scr.errors import FitError
from scr.fit.result import Fit
from scr.survey.fixes import Fixes
from scr.survey.survey import Session


def compare(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """Maximum likelihood fits by Akaike's criterion, the best first.

    Parameters
    ----------
    fits
        Fits by ``fit_mle`` of the same survey and mask, by name. Models with sex and without are
        of the same data only if all keep the class term (``classes="sex"``).

    Returns
    -------
    DataFrame
        Index the name; columns ``n_coefficients``, ``log_likelihood``, ``aic``, ``aicc``
        (corrected for the number of animals n, NaN where n is too small), ``delta`` and
        ``weight``, the last two by aic.

    Raises
    ------
    FitError
        If a fit is not by maximum likelihood, or data differ.

    References
    ----------
    Burnham & Anderson (2002) Model selection and multimodel inference, 2nd edition.
    """
    other = [name for name, fit in fits.items() if fit.engine != "mle"]
    if other or not fits:
        msg = (
            f"{len(other)} of {len(fits)} fits are not by maximum likelihood "
            f"({', '.join(map(repr, other[:10]))}). Give one or more fits by fit_mle; compare "
            "posteriors with arviz.compare on fit.idata."
        )
        raise FitError(msg)
    first = next(iter(fits.values()))
    different = [name for name, fit in fits.items() if not _same_data(fit, first)]
    if different:
        msg = (
            f"{', '.join(map(repr, different[:10]))} have other data than {next(iter(fits))!r}: "
            "the survey, the mask, number=, sexes or the class term differ, and criteria cannot be "
            "compared. Fit all models to the same survey and mask, with classes='sex' in all or "
            "none, and the same number=."
        )
        raise FitError(msg)
    table = pd.DataFrame(
        {
            "n_coefficients": [len(fit.coefficient_names) for fit in fits.values()],
            "log_likelihood": [fit.log_likelihood for fit in fits.values()],
        },
        index=pd.Index(list(fits), name="model"),
    )
    k, n = table["n_coefficients"], first.survey.n_individuals
    table["aic"] = -2 * table["log_likelihood"] + 2 * k
    correction = 2 * k * (k + 1) / (n - k - 1).where(n - k - 1 > 0)
    table["aicc"] = table["aic"] + correction
    table["delta"] = table["aic"] - table["aic"].min()
    relative = np.exp(-table["delta"] / 2)
    table["weight"] = relative / relative.sum()
    return table.sort_values("aic")


def _same_data(fit: Fit, first: Fit) -> bool:
    return (
        (fit.survey is first.survey or _equal_surveys(fit, first))
        and len(fit.mask) == len(first.mask)
        and np.array_equal(fit.mask.xy, first.mask.xy)
        and np.array_equal(fit.mask.cell_area, first.mask.cell_area)
        and fit.spec.has_sexes == first.spec.has_sexes
        and fit.spec.number == first.spec.number
        and all(
            np.array_equal(ours.animals.allowed, theirs.animals.allowed)
            for ours, theirs in zip(fit.problem.sessions, first.problem.sessions, strict=False)
        )
    )


def _equal_surveys(fit: Fit, first: Fit) -> bool:
    ours, theirs = fit.survey.sessions, first.survey.sessions
    same_detector = fit.survey.detector == first.survey.detector
    return (
        same_detector
        and len(ours) == len(theirs)
        and all(
            np.array_equal(a.traps.xy, b.traps.xy)
            and np.array_equal(a.usage.effort, b.usage.effort)
            and _equal_detectors(a, b)
            and all(
                np.array_equal(getattr(a.captures, name), getattr(b.captures, name))
                for name in ("individual", "occasion", "trap", "count", "removed", "xy")
            )
            and a.traps.parts == b.traps.parts
            and _equal_fixes(a.fixes, b.fixes)
            for a, b in zip(ours, theirs, strict=True)
        )
    )


def _equal_fixes(ours: Fixes | None, theirs: Fixes | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return (
        ours.telemetry == theirs.telemetry
        and np.array_equal(ours.individual, theirs.individual)
        and np.array_equal(ours.xy, theirs.xy)
    )


def _equal_detectors(a: Session, b: Session) -> bool:
    if a.detectors is None or b.detectors is None:
        return a.detectors is b.detectors
    return bool(np.array_equal(a.detectors, b.detectors))
