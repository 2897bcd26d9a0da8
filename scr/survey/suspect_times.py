"""Clocks that look wrong: off by a constant at one station."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.dates import Moments, read_moments
from scr.survey.troubles import Trouble, suspicion

SUMMER_TIME = 60.0
"""Minutes by which summer time moves a clock."""

_LEAST = 5
_LEAST_OTHERS = 15
_CONCENTRATED = 0.5
_OFF_HOURS = 6.0
_DAY = np.timedelta64(86_400_000_000, "us")


def suspect_clocks(
    matched: pd.DataFrame, moments: Moments | None, *, names: pd.Series, source: str
) -> list[Trouble]:
    """Stations whose hours of activity lie opposite to those of all others.

    Where animals keep their hours (mean resultant length of the time of day above 0.5), a station
    with five detections or more whose mean hour differs by six hours or more has a clock that is
    off, by twelve hours say.

    Parameters
    ----------
    matched
        Session and trap of each row.
    moments
        Times of the rows, or None.
    names
        Name of the trap of each row; its index holds the row numbers.
    source
        Name of the table.

    References
    ----------
    Mardia & Jupp (2000) Directional Statistics, section 2.3.
    """
    if moments is None or moments.timed.sum() < _LEAST + _LEAST_OTHERS:
        return []
    hour = (moments.wall - moments.wall.astype("datetime64[D]")) / np.timedelta64(1, "h")
    turn = np.exp(2j * np.pi * hour / 24)
    timed = np.flatnonzero(moments.timed)
    keys = matched["session"].astype(str) + "\n" + matched["trap"].astype(str)
    code, _ = pd.factorize(keys.to_numpy()[timed])
    n_here = np.bincount(code)
    sums = np.bincount(code, turn[timed].real) + 1j * np.bincount(code, turn[timed].imag)
    n_there = len(timed) - n_here
    enough = (n_here >= _LEAST) & (n_there >= _LEAST_OTHERS)
    here = sums / n_here
    there = (sums.sum() - sums) / np.maximum(n_there, 1)
    kept = np.minimum(np.abs(here), np.abs(there)) >= _CONCENTRATED
    apart = np.abs(np.angle(here * np.conj(there))) * 24 / (2 * np.pi)
    troubles = []
    for k in np.flatnonzero(enough & kept & (apart >= _OFF_HOURS)):
        mine = timed[code == k]
        troubles.append(
            suspicion(
                "clock off at a station",
                source,
                names.index[mine],
                found=f"the {len(mine)} detections at {names.iloc[mine[0]]!r} are {apart[k]:.0f} "
                f"hours from the usual time of day ({_clock(here[k])} against {_clock(there[k])} "
                "at the other stations)",
                remedy="Check whether its clock was off (12 hours, or the time zone) and correct "
                "the times.",
            )
        )
    return troubles


def suspect_dates(
    table: pd.DataFrame, moments: Moments | None, *, day_first: bool | None, source: str
) -> list[Trouble]:
    """Days in a column ``date`` that are not those of the column ``datetime`` beside it.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    moments
        Times of the rows, or None.
    day_first
        As in ``read_survey``.
    source
        Name of the table.
    """
    if moments is None or not {"date", "datetime"} <= set(table.columns):
        return []
    try:
        given = read_moments({"date": table["date"]}, source=source, day_first=day_first)[0]
    except SurveyError:  # of a column that is not used
        return []
    day = given["date"].wall.astype("datetime64[D]")
    differ = ~np.isnat(day) & (day != moments.wall.astype("datetime64[D]"))
    if not differ.any():
        return []
    first = int(np.flatnonzero(differ)[0])
    return [
        suspicion(
            "columns disagree",
            source,
            table.index[differ],
            found=f"the columns datetime, which is used, and date tell different days, "
            f"{table['datetime'].iloc[first]!r} and {table['date'].iloc[first]!r} in row "
            f"{table.index[first]}",
            remedy="Correct them, or remove the column that is not meant.",
        )
    ]


def suspect_offsets(offset: NDArray[np.float64], rows: pd.Index, *, source: str) -> list[Trouble]:
    """Clocks of one session more than the hour of summer time apart.

    Parameters
    ----------
    offset
        Minutes ahead of UTC, NaN where none was given, shape (n_rows,).
    rows
        Row numbers.
    source
        Name of the table.
    """
    given = offset[~np.isnan(offset)]
    if not len(given) or np.ptp(given) <= SUMMER_TIME:
        return []
    values, counts = np.unique(given, return_counts=True)
    usual = values[np.argmax(counts)]
    odd = rows[np.abs(offset - usual) > SUMMER_TIME]
    return [
        suspicion(
            "offsets mixed",
            source,
            odd,
            found=f"times are at {hours_from_utc(values)} from UTC within one session",
            remedy="Write all times on the cameras' clock, with one offset or with none.",
        )
    ]


def hours_from_utc(offsets: Iterable[float]) -> str:
    """Offsets from UTC as text.

    Parameters
    ----------
    offsets
        Minutes ahead of UTC.

    Examples
    --------
    >>> hours_from_utc([540, -210])
    '-03:30, +09:00'
    """
    return ", ".join(
        f"{'-' if o < 0 else '+'}{int(abs(o)) // 60:02d}:{int(abs(o)) % 60:02d}"
        for o in sorted(offsets)
    )


def _clock(mean: complex) -> str:
    hour = float(np.angle(mean)) * 24 / (2 * np.pi) % 24
    return f"{int(hour):02d}:{int(hour % 1 * 60):02d}"


def constant_shift(wall: NDArray[np.datetime64], spans: NDArray[np.datetime64]) -> str | None:
    """The round shift of the clock that brings all times of a station into its periods of work.

    Parameters
    ----------
    wall
        Times of all detections at the station, shape (n,).
    spans
        Its periods of work, shape (n_spans, 2).

    Returns
    -------
    str or None
        In words, or None where there are fewer than two times, or no shift does it.

    Examples
    --------
    >>> days = np.array([["2024-05-02", "2024-07-02"]], dtype="M8[us]")
    >>> constant_shift(np.array(["2023-05-20T10:00", "2023-06-03T04:00"], dtype="M8[us]"), days)
    'a year later'
    """
    if len(wall) < 2 or not len(spans):
        return None
    for days, words in (
        (365, "a year later"), (-365, "a year earlier"), (366, "a year later"),
        (-366, "a year earlier"), (0.5, "12 hours later"), (-0.5, "12 hours earlier"),
        (1, "a day later"), (-1, "a day earlier"), (30, "a month later"), (31, "a month later"),
        (-30, "a month earlier"), (-31, "a month earlier"),
        (1462, "1462 days later, as days are counted from 1904 or from 1900"),
        (-1462, "1462 days earlier, as days are counted from 1904 or from 1900"),
    ):  # fmt: skip
        if _all_within(wall + np.timedelta64(round(days * 86_400_000_000), "us"), spans):
            return words
    reset = spans[0, 0] - wall.min().astype("datetime64[D]")
    if abs(reset / _DAY) > 400 and _all_within(wall + reset, spans):
        since = str(wall.min())[:10]
        return f"{round(float(reset / _DAY))} days later, as if the clock had started at {since}"
    return None


def _all_within(wall: NDArray[np.datetime64], spans: NDArray[np.datetime64]) -> bool:
    inside = (wall[:, None] >= spans[None, :, 0]) & (wall[:, None] < spans[None, :, 1])
    return bool(inside.any(axis=1).all())
