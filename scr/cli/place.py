"""Where on earth a survey lies: asked for where nothing tells it, and said back to be looked at."""

import re
import sys
from typing import TYPE_CHECKING

import typer

import scr.io
from scr.cli.messages import complain, say
from scr.errors import ScrError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NUMBERS = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*")


def in_terminal() -> bool:
    """Whether there is someone to ask."""
    return sys.stdin.isatty()


def zone_at(place: str) -> str:
    """The UTM zone of a place.

    Parameters
    ----------
    place
        Longitude and latitude in degrees, as ``"131.2, 43.1"``.

    Raises
    ------
    ScrError
        If it is no such place.

    Examples
    --------
    >>> zone_at("131.2, 43.1")
    'EPSG:32652'
    """
    found = _NUMBERS.fullmatch(place)
    lon, lat = (float(found[1]), float(found[2])) if found else (float("inf"), float("inf"))
    if abs(lon) > 180 or abs(lat) > 84:
        msg = (
            f"{place!r} is no longitude and latitude in degrees, from -180 to 180 and from -84 to "
            "84, with a blank or a comma between them. Give a place in the study area, as "
            "'131.2, 43.1'; west and south are negative."
        )
        raise ScrError(msg)
    return scr.io.utm_zone(lon, lat)


def asked_zone() -> str | None:
    """The UTM zone of a place that the user names; None where no place is named."""
    while True:
        place = typer.prompt(
            "Longitude and latitude of a place in the study area, as 131.2, 43.1 (Enter to skip)",
            default="",
            show_default=False,
        )
        if not place.strip():
            return None
        try:
            return zone_at(place)
        except ScrError as fault:
            complain(str(fault))


def asked_system(xy: "NDArray[np.float64]") -> str:
    """The coordinate system of x and y that the user names and, seeing the place, agrees to.

    Parameters
    ----------
    xy
        Coordinates of the stations, shape (n_stations, 2).
    """
    while True:
        system = typer.prompt(
            "Coordinate system of the stations' x and y, as EPSG:32652 (Enter for local metres)",
            default="local",
            show_default=False,
        )
        try:
            where = scr.io.place_in_words(xy, system)
        except ScrError as fault:
            complain(str(fault))
            continue
        say(f"  place   stations lie at {where} ({system})")
        if typer.confirm("Is that right?", default=True):
            return str(system)
