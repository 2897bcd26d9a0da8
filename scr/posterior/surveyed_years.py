"""Sessions in order of time, where they can be compared: same ground, density free to differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError, MaskError
from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.posterior.place import may_vary_by_session, on_ground_of_their_own
from scr.survey.survey import Survey
from scr.survey.years import years_of

_SAME_AREA = 1e-3


@dataclass(frozen=True, eq=False)
class Timeline:
    """Sessions in order of time.

    Parameters
    ----------
    sessions
        Labels.
    years
        The year of each, shape (n_sessions,); None where it is not known, or one for all.
    """

    sessions: tuple[str, ...]
    years: NDArray[np.float64] | None

    def between(self, one: int, two: int) -> float:
        """Years between two sessions; NaN where they are not known.

        Parameters
        ----------
        one, two
            Their places in ``sessions``.
        """
        return float("nan") if self.years is None else float(self.years[two] - self.years[one])

    @property
    def without_years(self) -> str:
        """Why there is no yearly rate, and what to do."""
        return (
            f"Nothing tells in which years the sessions {', '.join(self.sessions)} were, so that "
            "there is no yearly rate. Give years=, or [trend] years in survey.toml, as in "
            f'years = {{ "{self.sessions[0]}" = 2021.5, ... }}.'
        )


def timeline_of(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    sessions: Sequence[str] | None = None,
    years: Mapping[str, float] | None = None,
) -> Timeline:
    """The sessions that a trend is of, in order of time.

    Parameters
    ----------
    survey, mask, spec
        Data and model, fitted or not.
    sessions
        Labels; all if left out.
    years
        The year of each; from the survey if left out.

    Raises
    ------
    FitError
        If they cannot be compared.
    """
    reason = why_no_trend(survey, mask, spec)
    if reason is not None:
        raise FitError(reason)
    names = [session.name for session in survey.sessions]
    chosen = list(names if sessions is None else dict.fromkeys(sessions))
    for given, what in ((chosen, "sessions"), (years or {}, "years")):
        unknown = [label for label in given if label not in names]
        if unknown:
            msg = (
                f"{what} names {', '.join(map(repr, unknown))}, but the sessions of the fit are "
                f"{', '.join(map(repr, names))}. Use these labels."
            )
            raise FitError(msg)
    if len(chosen) < 2:
        msg = f"A trend needs two sessions or more; sessions names {len(chosen)}."
        raise FitError(msg)
    if years is None:
        of_survey = years_of(survey)
        if of_survey is None:
            return Timeline(tuple(chosen), None)
        years = dict(zip(names, of_survey.tolist(), strict=True))
    lacking = [label for label in chosen if not np.isfinite(years.get(label, np.nan))]
    if lacking:
        msg = f"years lacks {', '.join(map(repr, lacking))}. Give the year of each session."
        raise FitError(msg)
    ordered = sorted(chosen, key=lambda label: years[label])
    when = np.array([years[label] for label in ordered], dtype=np.float64)
    return Timeline(tuple(ordered), when if when[-1] > when[0] else None)


def why_no_trend(survey: Survey, mask: HabitatMask, spec: ModelSpec) -> str | None:
    """Why sessions cannot be compared and what to do; None where they can.

    Parameters
    ----------
    survey, mask, spec
        Data and model, fitted or not.
    """
    names = [session.name for session in survey.sessions]
    if len(names) < 2:
        return (
            "A trend needs two sessions or more; this survey has one. Name the session of each "
            "deployment and detection in a column 'session'."
        )
    if on_ground_of_their_own(survey, mask):
        return (
            f"The sessions {', '.join(names)} lie on different ground: the numbers of two places "
            "do not show a change. Compare sessions of one place."
        )
    if not may_vary_by_session(survey, mask, spec):
        return (
            f"Density is the same in all sessions of this model (density = {spec.density!r}), "
            "so it shows no change. Fit density = '~ year' for a yearly rate, or "
            "'~ session' for one density each."
        )
    return None


def check_same_area(facts: Sequence[pd.DataFrame]) -> None:
    """Raise where sessions count different parts of a region.

    Parameters
    ----------
    facts
        Of each session, as in ``AbundanceDraws``.

    Raises
    ------
    MaskError
        If they do.
    """
    areas = np.stack([table["area_km2"].to_numpy(dtype=np.float64) for table in facts])
    apart = np.ptp(areas, axis=0) > _SAME_AREA * areas.max(axis=0)
    if apart.any():
        index = int(np.argmax(apart))
        listed = ", ".join(
            f"{area:,.0f} km2 in {table['session'].iloc[0]}"
            for table, area in zip(facts, areas[:, index], strict=True)
        )
        msg = (
            f"Sessions count different parts of {facts[0].index[index]!r}: {listed}. A change of "
            "their animals would be one of the ground. Give region= ground that the mask of every "
            "session covers."
        )
        raise MaskError(msg)
