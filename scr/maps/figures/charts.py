"""The sheet a chart is drawn on: panels in millimetres below a heading, with plain axes."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scr.maps.figures.layout import INK, LEFT_OF_TEXT_MM, MM_PER_INCH, SMALL_PT, TEXT_PT, Heading

CLASS_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Colours that colour-blind readers tell apart (Okabe & Ito), and that print apart in grey."""

CLASS_DASHES = ("-", "--", "-.", ":")
LIGHT = "#8c8c8c"
"""Colour of what stands behind: priors, rugs, guides."""


@dataclass(frozen=True)
class Room:
    """Room about each panel, for its ticks and labels, millimetres.

    Parameters
    ----------
    left, right, below, above
        From the panel to the edge of its share of the sheet.
    foot
        Kept free under all panels, for a legend.
    """

    left: float = 14.0
    right: float = 3.0
    below: float = 9.5
    above: float = 0.0
    foot: float = 0.0


def chart_sheet(
    heading: Heading,
    *,
    width_mm: float,
    panel_mm: float,
    grid: tuple[int, int] = (1, 1),
    room: Room | None = None,
) -> tuple[Figure, list[Axes]]:
    """A sheet with panels of one size, its heading written.

    Parameters
    ----------
    heading
        What stands above the panels.
    width_mm
        Width of the figure.
    panel_mm
        Height of a panel.
    grid
        Rows and columns of panels.
    room
        Room about each panel.

    Returns
    -------
    tuple
        The figure and its axes, row by row from the top left.
    """
    room = room or Room()
    n_rows, n_columns = grid
    share = width_mm / n_columns
    row = room.above + panel_mm + room.below
    top = heading.height_mm(width_mm)
    height = top + n_rows * row + room.foot
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height / MM_PER_INCH), facecolor="white")
    panels = []
    for i in range(n_rows * n_columns):
        x = (i % n_columns) * share + room.left
        y = height - top - (i // n_columns) * row - room.above - panel_mm
        size = (share - room.left - room.right) / width_mm, panel_mm / height
        panels.append(figure.add_axes((x / width_mm, y / height, *size)))
    heading.write(figure, left_mm=min(room.left, LEFT_OF_TEXT_MM))
    return figure, panels


def plain_axes(axes: Axes, *, x: str = "", y: str = "", left: bool = True) -> None:
    """Thin lines, small figures, no box; the names of both axes.

    Parameters
    ----------
    axes
        The panel.
    x, y
        What is drawn along each axis, with its unit.
    left
        Whether there is a line on the left.
    """
    axes.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.5, color=INK)
    for side, spine in axes.spines.items():
        spine.set(linewidth=0.5, color=INK, visible=side == "bottom" or (left and side == "left"))
    if x:
        axes.set_xlabel(x, size=TEXT_PT, labelpad=2)
    if y:
        axes.set_ylabel(y, size=TEXT_PT, labelpad=3)


def add_key(figure: Figure, handles: Sequence[Artist]) -> None:
    """What marks mean, in one row along the lower edge of the sheet.

    Parameters
    ----------
    figure
        The sheet.
    handles
        Marks with their labels.
    """
    width, height = (MM_PER_INCH * size for size in figure.get_size_inches())
    figure.legend(
        handles=list(handles),
        loc="lower left",
        bbox_to_anchor=(3.5 / width, 1.2 / height),
        ncols=len(handles),
        frameon=False,
        borderaxespad=0.0,
        borderpad=0.0,
        fontsize=SMALL_PT,
        handlelength=2.0,
        columnspacing=1.5,
    )
