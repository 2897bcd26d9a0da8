"""Rows that say again what earlier rows say: at the same time, or all by the same time later."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.survey.dates import Moments
from scr.survey.troubles import Trouble, suspicion

_MINUTE = np.timedelta64(1, "m")
_QUARTER_MINUTES = 15
_LONGEST_MINUTES = 26 * 60
_FEWEST, _SHARE = 8, 0.3


def suspect_rows(table: pd.DataFrame, *, counted: bool, source: str) -> list[Trouble]:
    """Rows that say the same as an earlier one.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    counted
        Whether each of them counts; else several of an occasion are one.
    source
        Name of the table.
    """
    if "datetime" not in table.columns:
        return []
    keys = [c for c in ("session", "individual", "trap", "datetime") if c in table.columns]
    timed = table["datetime"].astype(str).str.contains(r"\d:\d", na=False)
    again = table.duplicated(keys) & timed
    if not again.any():
        return []
    rows = table.index[again]
    found = f"{len(rows)} rows repeat animal, station and time of an earlier row"
    if counted:
        remedy = "Each counts. Remove copies; count photographs of one visit once (independence=)."
        return [suspicion("row twice", source, rows, found=found, remedy=remedy)]
    remedy = "Remove copies; photographs of one burst do no harm to presence and absence."
    doubt = suspicion("row twice", source, rows, found=found, remedy=remedy)
    return [Trouble("note", doubt.kind, source, doubt.rows, doubt.found, doubt.remedy)]


def suspect_shifted(
    table: pd.DataFrame, matched: pd.DataFrame, moments: Moments | None, *, source: str
) -> list[Trouble]:
    """Rows that are copies of others by a clock that is hours ahead: two exports of one survey.

    Photographs that truly follow each other do so after any number of minutes. Where three in ten
    rows follow another of their animal and station after the very same quarters of an hour, they
    are the same photographs.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    matched
        Session and trap of each row.
    moments
        Times of the rows, or None.
    source
        Name of the table.
    """
    if moments is None or moments.timed.sum() < 2 * _FEWEST:
        return []
    frame = pd.DataFrame(
        {
            "who": table["individual"].astype(str).to_numpy(),
            "session": matched["session"].astype(str).to_numpy(),
            "trap": matched["trap"].to_numpy(),
            "minute": (moments.wall - np.datetime64(0, "us")) // _MINUTE,
            "row": table.index,
        }
    )[moments.timed]
    keys = ["who", "session", "trap"]
    times = frame.drop_duplicates([*keys, "minute"]).groupby(keys)["minute"]
    lags = np.concatenate([_lags(minutes.to_numpy(np.int64)) for _, minutes in times])
    lags = lags[(lags % _QUARTER_MINUTES == 0) & (lags <= _LONGEST_MINUTES)]
    if not len(lags):
        return []
    values, counts = np.unique(lags, return_counts=True)
    lag, count = int(values[counts.argmax()]), int(counts.max())
    if count < max(_FEWEST, _SHARE * len(frame)):
        return []
    earlier = frame.assign(minute=frame["minute"] + lag)[[*keys, "minute"]].drop_duplicates()
    rows = frame.merge(earlier, on=[*keys, "minute"])["row"]
    found = (
        f"{len(rows)} rows follow another row of their animal and station by exactly {lag} "
        "minutes, as copies by another clock do (a time zone, summer time)"
    )
    remedy = "Keep one of the two, of which the clock is that of the deployments."
    return [suspicion("copies by another clock", source, rows, found=found, remedy=remedy)]


def _lags(minutes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Differences of all times of one animal at one station, above 0."""
    apart = minutes[:, None] - minutes[None, :]
    return np.asarray(apart[apart > 0])
