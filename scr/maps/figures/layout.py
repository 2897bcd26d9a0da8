"""The sheet a map is drawn on: places in millimetres, so that nothing can overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scr.maps.wording import text_width, wrapped

MM_PER_INCH = 25.4
COLUMN_WIDTH_MM = 85.0
"""Width of one column of a journal."""

PAGE_WIDTH_MM = 174.0
"""Width of a page of two columns."""

PAPER_MM = {"A4": (210.0, 297.0)}
"""Width and height of a page that a figure stands on."""

FIGURE_WIDTHS_MM = {"column": COLUMN_WIDTH_MM, "page": PAGE_WIDTH_MM, "A4": 180.0}
"""Width of figures by the name of their size; those for A4 leave a rim."""

LEFT_OF_TEXT_MM = 14.0
"""Left of a heading there is no more room than this."""

TEXT_PT = 7.0
SMALL_PT = 6.0
TITLE_PT = 8.0
INK = "#1a1a1a"
"""Colour of lines and text."""

BANNER_COLOUR = "#b2182b"
"""Colour of the banner."""

_LEFT, _RIGHT, _GAP, _BETWEEN = 11.0, 3.0, 1.5, 4.0
_LINE, _TICKS, _STRIP, _LEGEND_LINE, _COLOUR_BAR = 3.7, 7.5, 9.0, 4.0, 10.5
_APART = 3.0
_TALLEST, _TALLEST_MM, _LOWEST_MM, _PAGE_HEIGHT_MM = 1.35, 170.0, 25.0, 240.0


@dataclass(frozen=True, eq=False)
class Sheet:
    """A figure with places for maps and what goes with them, from the top down.

    Parameters
    ----------
    figure
        The figure.
    panels
        For the maps, row by row, of equal scale in x and y.
    strip_axes
        Below the maps, for scale bar and north arrow, at the scale of the maps, from (0, 0).
    legend_axes
        Below that, for what lines and symbols mean, or None.
    bars
        For colour bars: one at the bottom, one below each panel, or none.
    """

    figure: Figure
    panels: tuple[Axes, ...]
    strip_axes: Axes
    legend_axes: Axes | None
    bars: tuple[Axes, ...]

    @property
    def map_axes(self) -> Axes:
        """The first map."""
        return self.panels[0]


@dataclass(frozen=True)
class Panels:
    """How maps stand on a sheet.

    Parameters
    ----------
    n_panels
        Number of maps.
    n_columns
        Maps side by side.
    apart
        Whether each map has its own window on the ground, and so ticks of its own.
    bars
        ``"one"`` colour bar at the bottom, one for ``"each"`` map, or ``"none"``.
    """

    n_panels: int = 1
    n_columns: int = 1
    apart: bool = False
    bars: Literal["one", "each", "none"] = "one"

    @property
    def n_rows(self) -> int:
        """Rows of maps."""
        return -(-self.n_panels // self.n_columns)


@dataclass(frozen=True)
class Heading:
    """What stands above a figure.

    Parameters
    ----------
    title
        First line, bold.
    details
        What follows, wrapped where it is long.
    banner
        Text in colour, right of the title, or on a line of its own where there is no room.
    """

    title: str
    details: str
    banner: str | None = None

    def lines(self, width_mm: float) -> list[str]:
        """Lines of text, the first of them the title.

        Parameters
        ----------
        width_mm
            Width of the figure.
        """
        banner = [] if self.banner_beside_title(width_mm) else [""]
        room = width_mm - LEFT_OF_TEXT_MM - _RIGHT
        return [*banner, self.title, *wrapped(self.details, TEXT_PT, room_mm=room)]

    def banner_beside_title(self, width_mm: float) -> bool:
        """Whether title and banner share a line.

        Parameters
        ----------
        width_mm
            Width of the figure.
        """
        if self.banner is None:
            return True
        widths = [text_width(text, TITLE_PT, "bold") for text in (self.title, self.banner)]
        return sum(widths) + _APART <= width_mm - LEFT_OF_TEXT_MM - _RIGHT

    def height_mm(self, width_mm: float) -> float:
        """Height that the text takes.

        Parameters
        ----------
        width_mm
            Width of the figure.
        """
        return _GAP + _LINE * len(self.lines(width_mm)) + 1.5

    def write(self, figure: Figure, *, left_mm: float = _LEFT) -> None:
        """Put the text at the top of a figure.

        Parameters
        ----------
        figure
            The figure.
        left_mm
            Where lines begin.
        """
        width, height = (MM_PER_INCH * size for size in figure.get_size_inches())
        left, right = left_mm / width, 1 - _RIGHT / width
        for i, line in enumerate(self.lines(width)):
            is_title = line == self.title
            figure.text(
                left,
                1 - (_GAP + _LINE * (i + 0.8)) / height,
                line,
                size=TITLE_PT if is_title else TEXT_PT,
                weight="bold" if is_title else "normal",
                color=INK,
                parse_math=False,
            )
        if self.banner is not None:
            figure.text(
                right,
                1 - (_GAP + _LINE * 0.8) / height,
                self.banner,
                size=TITLE_PT,
                weight="bold",
                color=BANNER_COLOUR,
                ha="right",
                parse_math=False,
            )


def map_sheet(
    bounds: tuple[float, float, float, float] | Sequence[tuple[float, float, float, float]],
    *,
    width_mm: float,
    heading: Heading,
    n_legend_lines: int,
    among: Panels | None = None,
) -> Sheet:
    """A sheet as high as its maps need, its heading written.

    Parameters
    ----------
    bounds
        West, south, east and north of the map, metres; or those of each map, all of one size.
    width_mm
        Width of the figure.
    heading
        What stands above the map.
    n_legend_lines
        Lines kept for the legend.
    among
        How several maps stand; one map with a colour bar if left out.

    Returns
    -------
    Sheet
        Empty axes in their places.
    """
    among = among or Panels()
    windows = np.broadcast_to(np.array(bounds, dtype=np.float64), (among.n_panels, 4))
    west, south, east, north = windows[0]
    between = _LEFT if among.apart else _BETWEEN
    room = width_mm - _LEFT - _RIGHT
    share = (room - between * (among.n_columns - 1)) / among.n_columns
    above = _LINE if among.n_panels > 1 else 0.0
    below = _TICKS + (_COLOUR_BAR if among.bars == "each" else 0.0)
    legend_height = n_legend_lines * _LEGEND_LINE
    last = _COLOUR_BAR if among.bars == "one" else _GAP
    foot = _STRIP + legend_height + last
    on_page = _PAGE_HEIGHT_MM - heading.height_mm(width_mm) - foot
    tallest = min(_TALLEST * share, _TALLEST_MM, on_page / among.n_rows - above - below)
    map_width = min(share, max(tallest, _LOWEST_MM) * (east - west) / (north - south))
    map_height = map_width * (north - south) / (east - west)
    row = above + map_height + below
    height = heading.height_mm(width_mm) + among.n_rows * row + foot
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height / MM_PER_INCH), facecolor="white")

    panels, bars = [], []
    for i, (x_low, y_low, x_high, y_high) in enumerate(windows):
        x = _LEFT + (i % among.n_columns) * (share + between)
        y = foot + (among.n_rows - 1 - i // among.n_columns) * row
        left = x + (share - map_width) / 2
        panel = _axes_at(figure, left, y + below, size=(map_width, map_height))
        panel.set_xlim(x_low, x_high)
        panel.set_ylim(y_low, y_high)
        panels.append(panel)
        if among.bars == "each":
            bars.append(_axes_at(figure, x, y + _COLOUR_BAR - 3.2, size=(share, 2.4)))
    strip_axes = _axes_at(figure, _LEFT, foot - _STRIP, size=(room, _STRIP))
    metres_per_mm = (east - west) / map_width
    strip_axes.set_xlim(0, room * metres_per_mm)
    strip_axes.set_ylim(0, _STRIP * metres_per_mm)
    strip_axes.set_axis_off()
    legend_axes = None
    if n_legend_lines:
        legend_axes = _axes_at(figure, _LEFT, last, size=(room, legend_height))
        legend_axes.set_axis_off()
    if among.bars == "one":
        bars.append(_axes_at(figure, _LEFT, _COLOUR_BAR - 3.2, size=(room, 2.4)))
    heading.write(figure)
    return Sheet(figure, tuple(panels), strip_axes, legend_axes, tuple(bars))


def _axes_at(figure: Figure, x: float, y: float, *, size: tuple[float, float]) -> Axes:
    """Axes in millimetres from the lower left corner."""
    width, height = (MM_PER_INCH * length for length in figure.get_size_inches())
    return figure.add_axes((x / width, y / height, size[0] / width, size[1] / height))
