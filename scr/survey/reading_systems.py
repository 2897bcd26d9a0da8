"""Stations in several coordinate systems, told row by row, brought into one."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.common_system import one_for_all
from scr.io.crs import crs_text, is_geographic, parse_crs, same_crs
from scr.io.tables import COUNTING, row_list

COLUMN = "crs"

type Planar = Callable[[pd.DataFrame, NDArray[np.float64], str], tuple[NDArray[np.float64], str]]


def systems_told(
    table: pd.DataFrame, crs: str | None, *, degrees: bool, source: str
) -> tuple[str | None, pd.Series | None]:
    """The coordinate system of all rows, or that of each where a column tells several.

    Parameters
    ----------
    table
        Stations, perhaps with a column crs: ``EPSG:32652``, or its number alone.
    crs
        The system given for all, or None.
    degrees
        Whether coordinates are longitude and latitude.
    source
        Name of the file.

    Returns
    -------
    crs
        The system of all, or what was given.
    told
        That of each row, in one spelling for each system, where there are several; else None.

    Raises
    ------
    SurveyError
        If a row names none, the column and ``crs`` disagree, or several are in degrees.
    MaskError
        If a system is not known.
    """
    if COLUMN not in table.columns:
        return crs, None
    given = table[COLUMN].astype("string").str.strip().str.removesuffix(".0")
    blank = table.index[given.isna() | (given == "")]
    if len(blank):
        msg = (
            f"{source}: the column of coordinate systems is blank in {row_list(blank)}. Give each "
            f"row its own, as EPSG:32652, or leave the column out. {COUNTING}"
        )
        raise SurveyError(msg, kind="no coordinate system", source=source, rows=blank)
    spelling = {
        name: crs_text(parse_crs(f"EPSG:{name}" if name.isdigit() else name, source=source))
        for name in dict.fromkeys(given)
    }
    told = given.map(spelling)
    other = table.index[[crs is not None and not same_crs(crs, name) for name in told]]
    if len(other):
        msg = (
            f"{source}: crs={crs!r} was given, and the column of coordinate systems names another "
            f"in {row_list(other)}. Leave crs out; to_crs converts all rows to one system. "
            f"{COUNTING}"
        )
        raise SurveyError(msg, kind="wrong coordinate system", source=source, rows=other)
    names = list(dict.fromkeys(told))
    if len(names) == 1:
        return str(names[0]), None
    if degrees or any(is_geographic(name) for name in names):
        msg = (
            f"{source}: the column of coordinate systems names {', '.join(names)}, of which one is "
            "in degrees, or the coordinates are. Give longitude and latitude in one system for "
            "all rows, or x and y in metres."
        )
        raise SurveyError(msg, kind="wrong coordinate system", source=source)
    return crs, told


def planar_by_system(
    table: pd.DataFrame,
    xy: NDArray[np.float64],
    told: pd.Series,
    planar: Planar,
    *,
    to_crs: str | None,
    source: str,
) -> tuple[NDArray[np.float64], str]:
    """Coordinates of rows in several systems, metres in one of them or another.

    Parameters
    ----------
    table
        Stations.
    xy
        Coordinates of each row in its own system, shape (n, 2).
    told
        From ``systems_told``.
    planar
        Takes rows of one system, their coordinates and that system; gives metres and their system.
    to_crs
        System to convert to.
    source
        Name of the file.

    Raises
    ------
    SurveyError
        If there are several systems and ``to_crs`` is not given: the message names one that is
        true to scale.
    """
    names = list(dict.fromkeys(told))
    if len(names) > 1 and to_crs is None:
        remedy = one_for_all((xy[told == name], name) for name in names)
        msg = (
            f"{source} is in {len(names)} coordinate systems ({', '.join(names)}), but a survey "
            f"is kept in one. {remedy}"
        )
        raise SurveyError(msg, kind="sessions in several systems", source=source)
    result, system = np.empty_like(xy), ""
    for name in names:
        mine = (told == name).to_numpy()
        result[mine], system = planar(table[mine], xy[mine], name)
    return result, system
