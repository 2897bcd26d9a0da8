"""The sheet a map is drawn on: places in millimetres, so that nothing can overlap."""

from dataclasses import dataclass
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

MM_PER_INCH = 25.4
COLUMN_WIDTH_MM = 85.0
"""Width of one column of a journal."""

PAGE_WIDTH_MM = 174.0
"""Width of a page of two columns."""

TEXT_PT = 7.0
SMALL_PT = 6.0
TITLE_PT = 8.0
INK = "#1a1a1a"
"""Colour of lines and text."""

BANNER_COLOUR = "#b2182b"
"""Colour of the banner."""

_LEFT, _RIGHT, _GAP = 11.0, 3.0, 1.5
_LINE, _TICKS, _STRIP, _LEGEND_LINE, _COLOUR_BAR = 3.7, 7.5, 9.0, 4.0, 10.5
_MM_PER_CHARACTER = 1.4
_TALLEST, _TALLEST_MM = 1.35, 170.0


@dataclass(frozen=True, eq=False)
class Sheet:
    """A figure with places for the map and what goes with it, from the top down.

    Parameters
    ----------
    figure
        The figure.
    map_axes
        For the map, of equal scale in x and y.
    strip_axes
        Below the map, for scale bar and north arrow, at the scale of the map, from (0, 0).
    legend_axes
        Below that, for what lines and symbols mean, or None.
    colour_axes
        At the bottom, for the colour bar.
    """

    figure: Figure
    map_axes: Axes
    strip_axes: Axes
    legend_axes: Axes | None
    colour_axes: Axes


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
        room = width_mm - _LEFT - _RIGHT
        banner = [] if self.banner_beside_title(width_mm) else [""]
        return [*banner, self.title, *wrap(self.details, int(room / _MM_PER_CHARACTER))]

    def banner_beside_title(self, width_mm: float) -> bool:
        """Whether title and banner share a line.

        Parameters
        ----------
        width_mm
            Width of the figure.
        """
        room = (width_mm - _LEFT - _RIGHT) / (1.4 * _MM_PER_CHARACTER)
        return self.banner is None or len(self.title) + len(self.banner) + 2 <= room

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
            )


def map_sheet(
    bounds: tuple[float, float, float, float],
    *,
    width_mm: float,
    heading: Heading,
    n_legend_lines: int,
) -> Sheet:
    """A sheet as high as the map needs, its heading written.

    Parameters
    ----------
    bounds
        West, south, east and north of the map, metres.
    width_mm
        Width of the figure.
    heading
        What stands above the map.
    n_legend_lines
        Lines kept for the legend.

    Returns
    -------
    Sheet
        Empty axes in their places.
    """
    west, south, east, north = bounds
    room = width_mm - _LEFT - _RIGHT
    tallest = min(_TALLEST * room, _TALLEST_MM)
    map_width = min(room, tallest * (east - west) / (north - south))
    map_height = map_width * (north - south) / (east - west)
    legend_height = n_legend_lines * _LEGEND_LINE
    foot = _TICKS + _STRIP + legend_height + _COLOUR_BAR
    height = heading.height_mm(width_mm) + map_height + foot
    left = _LEFT + (room - map_width) / 2
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height / MM_PER_INCH), facecolor="white")

    def axes(x: float, y: float, size: tuple[float, float]) -> Axes:
        return figure.add_axes((x / width_mm, y / height, size[0] / width_mm, size[1] / height))

    map_axes = axes(left, foot, (map_width, map_height))
    map_axes.set_xlim(west, east)
    map_axes.set_ylim(south, north)
    strip_axes = axes(_LEFT, foot - _TICKS - _STRIP, (room, _STRIP))
    metres_per_mm = (east - west) / map_width
    strip_axes.set_xlim(0, room * metres_per_mm)
    strip_axes.set_ylim(0, _STRIP * metres_per_mm)
    strip_axes.set_axis_off()
    legend_axes = None
    if n_legend_lines:
        legend_axes = axes(_LEFT, _COLOUR_BAR, (room, legend_height))
        legend_axes.set_axis_off()
    colour_axes = axes(_LEFT, _COLOUR_BAR - 3.2, (room, 2.4))
    heading.write(figure)
    return Sheet(figure, map_axes, strip_axes, legend_axes, colour_axes)
