"""Whether fits are of the same data and estimate the same thing, and if not, what differs."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scr.survey.captures import CaptureHistory
from scr.survey.fixes import Fixes
from scr.survey.survey import Session

if TYPE_CHECKING:
    from scr.fit.result import Fit

_RECORDS = ("individual", "occasion", "trap", "count")


def what_differs(fit: "Fit", other: "Fit") -> tuple[str, ...]:
    """What keeps the criteria of two fits from being compared, in words; nothing if they can be.

    Formulas, detection functions, latent groups and priors may differ: those are what a comparison
    is about. Columns of covariates that no likelihood uses are no data.

    Parameters
    ----------
    fit, other
        Two fits.
    """
    found = _of_model(fit, other)
    if fit.survey is not other.survey:
        found += _of_survey(fit, other)
    if fit.spec.has_sexes and other.spec.has_sexes and not found and _sexes(fit) != _sexes(other):
        found.append("sexes of the animals")
    if fit.mask is not other.mask:
        found += _of_mask(fit, other)
    return tuple(found)


def _of_model(fit: "Fit", other: "Fit") -> list[str]:
    found = []
    if fit.spec.number != other.spec.number:
        found.append(f"number= ({fit.spec.number!r} and {other.spec.number!r})")
    if fit.spec.has_sexes != other.spec.has_sexes:
        found.append("the class term, which classes='sex' keeps in models without sex")
    return found


def _of_survey(fit: "Fit", other: "Fit") -> list[str]:
    ours, theirs = fit.survey.sessions, other.survey.sessions
    if fit.survey.detector != other.survey.detector:
        return [f"the detector ({fit.survey.detector!r} and {other.survey.detector!r})"]
    if [s.name for s in ours] != [s.name for s in theirs]:
        return [f"the sessions ({len(ours)} and {len(theirs)})"]
    found: list[str] = []
    for a, b in zip(ours, theirs, strict=True):
        found += [what for what in _of_session(a, b) if what not in found]
    return found


def _of_session(a: Session, b: Session) -> list[str]:
    if a.usage.effort.shape != b.usage.effort.shape:
        (n, s), (m, t) = a.usage.effort.shape, b.usage.effort.shape
        return [f"stations and occasions ({n} x {s} and {m} x {t}; were days collapsed in one?)"]
    checks = {
        "places of stations": np.array_equal(a.traps.xy, b.traps.xy)
        and a.traps.parts == b.traps.parts,
        "effort": np.array_equal(a.usage.effort, b.usage.effort),
        "types of detectors": _equal_or_none(a.detectors, b.detectors),
        "the animals detected": _same_animals(a.captures, b.captures),
        "detections": all(
            np.array_equal(getattr(a.captures, name), getattr(b.captures, name))
            for name in _RECORDS
        )
        and _equal_or_none(a.captures.xy, b.captures.xy),
        "animals removed": np.array_equal(a.captures.removed, b.captures.removed),
        "sides of the animals": _same_sides(a, b),
        "fixes of transmitters": _equal_fixes(a.fixes, b.fixes),
    }
    return [what for what, same in checks.items() if not same]


def _same_sides(a: Session, b: Session) -> bool:
    if a.sides is None or b.sides is None:
        return a.sides is b.sides
    return all(np.array_equal(vars(a.sides)[name], vars(b.sides)[name]) for name in vars(a.sides))


def _same_animals(a: CaptureHistory, b: CaptureHistory) -> bool:
    return [str(name) for name in a.individuals] == [str(name) for name in b.individuals]


def _equal_or_none(a: object, b: object) -> bool:
    if a is None or b is None:
        return a is b
    return bool(np.array_equal(np.asarray(a), np.asarray(b)))


def _equal_fixes(ours: Fixes | None, theirs: Fixes | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return (
        ours.telemetry == theirs.telemetry
        and np.array_equal(ours.individual, theirs.individual)
        and np.array_equal(ours.xy, theirs.xy)
    )


def _sexes(fit: "Fit") -> list[list[str | None]]:
    """Sex of each animal, None where it is unknown."""
    tables = [session.captures.covariates for session in fit.survey.sessions]
    return [
        [None if pd.isna(sex) else str(sex) for sex in table["sex"]] if "sex" in table else []
        for table in tables
    ]


def _of_mask(fit: "Fit", other: "Fit") -> list[str]:
    ours, theirs = fit.mask, other.mask
    if len(ours) != len(theirs):
        return [f"the mask ({len(ours):,} and {len(theirs):,} cells)"]
    same = (
        ours.crs == theirs.crs
        and np.array_equal(ours.xy, theirs.xy)
        and np.array_equal(ours.cell_area, theirs.cell_area)
        and _equal_or_none(ours.session, theirs.session)
    )
    return [] if same else ["the cells of the mask"]
