"""Movements of the animals detected: lines from the mean place of each to its detections."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.maps.figures.backdrop import layer_handles
from scr.maps.figures.furniture import (
    add_legend,
    add_north_arrow,
    add_scale_bar,
    add_traps,
    legend_rows,
    outline_handles,
    trap_handle,
)
from scr.maps.figures.layout import INK, Heading, Panels, map_sheet
from scr.maps.figures.panels import draw_ground
from scr.maps.figures.style import MapStyle
from scr.maps.wording import LETTERS, as_sentence
from scr.shown import counted
from scr.survey.survey import Session

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_MARGIN, _LEAST_MARGIN_M = 0.08, 500.0
_PETAL_MM = 1.1
_CENTRE: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "ms": 3.2,
    "mec": "white",
    "mew": 0.4,
}
_SINGLE: dict[str, Any] = {"linestyle": "none", "marker": "o", "ms": 2.0, "mew": 0, "color": INK}


@dataclass(frozen=True, eq=False)
class _Track:
    """Stations of one animal, and the mean place of its detections."""

    stations: NDArray[np.int64]
    centre: NDArray[np.float64]


@rc_context(LETTERS)
def plot_movements(
    session: Session, *, regions: Sequence[Region] = (), style: MapStyle | None = None
) -> Figure:
    """Each animal's mean place of detection, with a line to each station that detected it.

    Parameters
    ----------
    session
        Stations and captures. The mean is over detections: a station counts as often as it
        detected the animal. It is no estimate of the activity centre.
    regions
        Outlines to draw, such as the reserve; they are cut at the edge of the map.
    style
        Subject, banner, width, layers and bounds; the stations with a margin if ``bounds`` is
        left out.

    Returns
    -------
    Figure
        Give it to ``save_figure``. It is private: it shows stations and single animals.
    """
    style = style or MapStyle()
    traps = session.traps
    tracks = _tracks(session)
    moved = [track for track in tracks if len(track.stations) > 1]
    single = [track for track in tracks if len(track.stations) == 1]
    outlines = [region.in_crs(traps.crs) for region in regions]
    places = traps.xy if traps.parts is None else session.captures.xy
    window = style.bounds or _bounds(traps.ground)
    handles = [
        trap_handle(traps.parts),
        *_handles(moved, single, _noun(session)),
        *outline_handles(outlines),
    ]
    handles += [] if style.layers is None else layer_handles(window, style.layers)
    sheet = map_sheet(
        window,
        width_mm=style.width_mm,
        heading=_heading(session, tracks, style),
        n_legend_lines=legend_rows(handles, style.width_mm),
        among=Panels(bars="none"),
    )
    axes = sheet.map_axes
    draw_ground(axes, traps.crs, outlines, style.layers, shown=traps.ground)
    add_traps(axes, traps.xy if traps.parts is None else traps.parts)
    for track, colour in zip(moved, _colours(moved), strict=True):
        for xy in places[track.stations]:
            x, y = zip(track.centre, xy, strict=True)
            axes.plot(x, y, color=colour, linewidth=0.9, zorder=4, solid_capstyle="round")
        axes.plot(*track.centre, color=colour, zorder=6, **_CENTRE)
    _draw_singles(axes, places, single)
    add_scale_bar(sheet)
    add_north_arrow(sheet, traps.crs)
    add_legend(sheet, handles, style.width_mm)
    return sheet.figure


def _tracks(session: Session) -> list[_Track]:
    captures, xy = session.captures, session.traps.xy
    who, at, number = captures.individual, captures.trap, captures.count
    if session.traps.parts is not None:  # each place of a detection stands for itself
        who, xy = np.repeat(who, number), captures.xy
        at, number = np.arange(len(xy)), np.ones(len(xy), dtype=np.int64)
    tracks = []
    for animal in range(captures.n_individuals):
        rows = who == animal
        trap, count = at[rows], number[rows]
        centre = np.average(xy[trap], axis=0, weights=count)
        tracks.append(_Track(np.unique(trap), centre))
    return tracks


def _colours(tracks: Sequence[_Track]) -> list[str]:
    """A colour for each animal, that of the furthest animals of one colour."""
    centres = np.array([track.centre for track in tracks]).reshape(-1, 2)
    taken: dict[str, list[NDArray[np.float64]]] = {colour: [] for colour in _COLOURS}
    chosen = []
    for centre in centres:
        nearest = {
            colour: min((float(np.hypot(*(centre - other))) for other in others), default=np.inf)
            for colour, others in taken.items()
        }
        colour = max(nearest, key=nearest.__getitem__)
        taken[colour].append(centre)
        chosen.append(colour)
    return chosen


def _draw_singles(axes: Axes, xy: NDArray[np.float64], single: Sequence[_Track]) -> None:
    """Animals that one station alone detected, as dots round it, so that none hides another."""
    box = axes.get_position()
    figure = axes.get_figure(root=True)
    width_mm = 25.4 * (figure.get_figwidth() if figure is not None else 1.0) * box.width
    reach = _PETAL_MM * float(np.ptp(axes.get_xlim())) / width_mm
    by_station: dict[int, int] = {}
    for track in single:
        station = int(track.stations[0])
        by_station[station] = by_station.get(station, 0) + 1
    for station, n in by_station.items():
        angle = np.pi / 2 + 2 * np.pi * np.arange(n) / n
        places = xy[station] + reach * np.column_stack([np.cos(angle), np.sin(angle)])
        for place in places:
            x, y = zip(xy[station], place, strict=True)
            axes.plot(x, y, color=INK, linewidth=0.6, zorder=4)
        axes.plot(places[:, 0], places[:, 1], zorder=6, **_SINGLE)


def _noun(session: Session) -> str:
    return "station" if session.traps.parts is None else "place"


def _handles(moved: Sequence[_Track], single: Sequence[_Track], noun: str) -> list[Artist]:
    handles: list[Artist] = []
    if moved:
        look = {**_CENTRE, "linestyle": "-", "linewidth": 0.9, "color": _COLOURS[0]}
        handles.append(Line2D([], [], label="Animal, mean place", **look))
    if single:
        handles.append(Line2D([], [], label=f"At one {noun} only", **_SINGLE))
    return handles


def _bounds(xy: NDArray[np.float64]) -> tuple[float, float, float, float]:
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    margin = max(_MARGIN * max(east - west, north - south), _LEAST_MARGIN_M)
    return west - margin, south - margin, east + margin, north + margin


def _heading(session: Session, tracks: Sequence[_Track], style: MapStyle) -> Heading:
    n_moved = sum(len(track.stations) > 1 for track in tracks)
    found = f"{counted(len(tracks), 'animal')}, {n_moved} at two {_noun(session)}s or more"
    details = as_sentence([style.subject, f"session {session.name}", found])
    return Heading(f"Movements between {_noun(session)}s", details, style.banner)
