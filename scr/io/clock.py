"""Times as exchange formats write them (ISO 8601), read whole columns at once."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_ISO = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DATE_LENGTH = len("2024-05-31")


def read_iso(
    cells: pd.Series,
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_], NDArray[np.float64]] | None:
    """A column written as 2024-05-31T14:05:00+09:00 throughout, or None where a cell is not.

    Parameters
    ----------
    cells
        Text, missing cells NaN.

    Returns
    -------
    wall
        Wall-clock time as written, NaT where missing, shape (n_rows,).
    timed
        True where a time of day was given, shape (n_rows,).
    offset
        Minutes ahead of UTC, NaN where none was given, shape (n_rows,).

    Examples
    --------
    >>> wall, timed, offset = read_iso(pd.Series(["2024-05-31T14:05:00+09:00"]))
    >>> str(wall[0]), bool(timed[0]), float(offset[0])
    ('2024-05-31T14:05:00.000000', True, 540.0)
    """
    given = np.flatnonzero(cells.notna())
    text = cells.iloc[given].astype("str")
    if not bool(text.str.fullmatch(_ISO).all()):
        return None
    zone = text.str.extract(r":[\d:.]+(Z|[+-]\d{2}:?\d{2})$", expand=False)
    bare = text.str.replace(r"(:[\d:.]+)(?:Z|[+-]\d{2}:?\d{2})$", r"\1", regex=True)
    read = pd.to_datetime(bare, format="ISO8601", errors="coerce")
    if read.isna().any():
        return None
    wall = np.full(len(cells), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    wall[given] = read.to_numpy("datetime64[us]")
    timed = np.zeros(len(cells), dtype=bool)
    timed[given] = text.str.len().to_numpy() > _DATE_LENGTH
    offset = np.full(len(cells), np.nan)
    minutes = {label: _minutes(str(label)) for label in zone.dropna().unique()}
    offset[given] = zone.map(minutes).astype(float).to_numpy()
    return wall, timed, offset


def _minutes(zone: str) -> float:
    if zone == "Z":
        return 0.0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return float(-minutes if zone[0] == "-" else minutes)


def shifted(wall: NDArray[np.datetime64], minutes: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Times moved by some minutes.

    Parameters
    ----------
    wall
        Times, shape (n_rows,).
    minutes
        By how much, NaN for not at all, shape (n_rows,).
    """
    shift = np.round(np.nan_to_num(minutes) * 60_000_000).astype("timedelta64[us]")
    return np.asarray(wall + shift)


def wall_text(wall: NDArray[np.datetime64], timed: NDArray[np.bool_]) -> pd.Series:
    """Times as text, without an offset and without a time of day where there was none.

    Parameters
    ----------
    wall
        Times, shape (n_rows,).
    timed
        True where the time of day counts, shape (n_rows,).

    Examples
    --------
    >>> wall_text(np.array(["2024-05-31T14:05"], "M8[us]"), np.array([True])).tolist()
    ['2024-05-31 14:05:00']
    """
    whole = pd.Series(wall.astype("datetime64[us]"))
    text = whole.dt.strftime("%Y-%m-%d %H:%M:%S").astype(object)
    part = (whole.dt.microsecond > 0).to_numpy()
    if part.any():
        text[part] = whole[part].dt.strftime("%Y-%m-%d %H:%M:%S.%f")
    text[~timed] = whole[~timed].dt.strftime("%Y-%m-%d")
    return text
