"""All maps of a fit, written into folders for the public and for the project."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from shapely import GeometryCollection

from scr.habitat.region import Region
from scr.io.map_layers import MapLook
from scr.io.results_folder import PRIVATE, PUBLIC
from scr.io.whole_files import file_name
from scr.maps.figures.contact_sheets import contact_sheets, save_contact_sheets
from scr.maps.figures.furniture import TrapsShown
from scr.maps.figures.layout import COLUMN_WIDTH_MM, FIGURE_WIDTHS_MM, MM_PER_INCH, PAGE_WIDTH_MM
from scr.maps.figures.plots import plot_surface, save_figure
from scr.maps.figures.scales import Limits
from scr.maps.figures.side_by_side import plot_with_uncertainty
from scr.maps.figures.style import MapStyle
from scr.posterior.activity_centres import ActivityCentres
from scr.posterior.surface import Surface
from scr.posterior.zones import Regions

_PRINT_DPI, _SCREEN_DPI = 300, 200
_SHOWN = {
    "expected_density": ("median", "cv"),
    "averaged_density": ("median", "cv"),
    "realised_density": ("mean",),
    "detectability": ("median",),
    "density_change": ("median",),
}
"""Columns of each surface that have a map of their own."""


@dataclass(frozen=True, eq=False)
class MapSet:
    """What all maps share.

    Parameters
    ----------
    folder
        Folder of results.
    regions
        Outlines to draw.
    title
        Name of the survey.
    banner
        Text stamped on every map.
    xy_of_traps
        Coordinates of the stations of each session by its name, metres, shape (n_traps, 2), or what
        was searched.
    look
        Layers and size.
    limits
        Limits of the colours of each quantity for ``public`` and ``private``, over all sessions.
    wide_limits
        Those that hold the limits of the intervals as well, for the public.
    """

    folder: Path
    regions: tuple[Region, ...]
    title: str | None
    banner: str | None
    xy_of_traps: Mapping[str, TrapsShown]
    look: MapLook = field(default_factory=MapLook)
    limits: Mapping[str, Mapping[str, Limits]] = field(default_factory=dict)
    wide_limits: Mapping[str, Limits] = field(default_factory=dict)

    def path(self, where: str, name: str, session: str | None) -> Path:
        """Where a file goes; the name of the session, if there is one, is put to its own.

        Parameters
        ----------
        where
            ``PUBLIC`` or ``PRIVATE``.
        name
            Name with its ending.
        session
            Session, or None.
        """
        label = "" if session is None else f"_{file_name(session)}"
        stem, ending = name.rsplit(".", 1)
        return self.folder / where / f"{stem}{label}.{ending}"

    def style(self, where: str) -> MapStyle:
        """How maps of one column are drawn.

        Parameters
        ----------
        where
            ``PUBLIC`` or ``PRIVATE``: what is public has a scale of its own.
        """
        return MapStyle(
            banner=self.banner,
            subject=self.title,
            width_mm=FIGURE_WIDTHS_MM[self.look.size],
            limits=self.limits.get(where),
            layers=self.look.layers,
            margin=self.look.margin,
            clip=where == PUBLIC,
        )

    def wide_style(self, where: str) -> MapStyle:
        """The same for maps side by side, which take a page.

        Parameters
        ----------
        where
            As for ``style``.
        """
        style = self.style(where)
        return replace(style, width_mm=max(style.width_mm, PAGE_WIDTH_MM))

    def save(self, figure: Figure, where: str, name: str, session: str | None) -> list[Path]:
        """A figure for the screen and for print.

        Parameters
        ----------
        figure
            The figure.
        where, name, session
            As for ``path``, the name without an ending.
        """
        paper: Literal["A4"] | None = "A4" if self.look.size == "A4" else None
        wide = figure.get_figwidth() * MM_PER_INCH > COLUMN_WIDTH_MM + 1
        on_screen = _SCREEN_DPI if where == PRIVATE or wide else _PRINT_DPI
        return [
            save_figure(figure, self.path(where, f"{name}.{ending}", session), dpi=dpi, paper=paper)
            for ending, dpi in (("png", on_screen), ("pdf", _PRINT_DPI))
        ]

    def traps(self, session: str | None) -> TrapsShown:
        """Stations of a session, or of all, each place once.

        Parameters
        ----------
        session
            Its name, or None for all.
        """
        xy = [places for name, places in self.xy_of_traps.items() if session in {None, name}]
        parts = [part for places in xy if isinstance(places, GeometryCollection)
                 for part in places.geoms]  # fmt: skip
        if parts:
            return GeometryCollection(list(dict.fromkeys(parts)))
        return np.unique(np.concatenate([np.asarray(places) for places in xy]), axis=0)


def write_public_maps(maps: MapSet, surface: Surface, name: str) -> list[Path]:
    """A surface that can be shared, alone and between the limits of its interval.

    Parameters
    ----------
    maps
        What all maps share.
    surface
        The surface.
    name
        Name of its files, session left out.
    """
    session, regions = surface.session, maps.regions
    figure = plot_surface(surface, regions=regions, style=maps.style(PUBLIC))
    files = maps.save(figure, PUBLIC, name, session)
    if "q2.5" in surface.summary:
        style = replace(maps.wide_style(PUBLIC), limits=maps.wide_limits)
        three = plot_with_uncertainty(surface, show="limits", regions=regions, style=style)
        start = next(kind for kind in _SHOWN if name.startswith(kind))
        rest = name.removeprefix(start)
        files += maps.save(three, PUBLIC, f"figures/{start}_with_limits{rest}", session)
    return files


def write_private_maps(maps: MapSet, surface: Surface, name: str) -> list[Path]:
    """A surface with stations, one map for each column shown; expected density with its CV.

    Parameters
    ----------
    maps
        What all maps share.
    surface
        The surface.
    name
        ``"expected_density"``, ``"averaged_density"``, ``"realised_density"``,
        ``"detectability"`` or ``"density_change"``.
    """
    session, traps = surface.session, maps.traps(surface.session)
    files: list[Path] = []
    for column in _SHOWN[name]:
        figure = plot_surface(
            surface, column=column, regions=maps.regions, traps=traps, style=maps.style(PRIVATE)
        )
        label = "" if column == surface.headline else f"_{column}"
        files += maps.save(figure, PRIVATE, f"{name}{label}", session)
    if name == "expected_density":
        style = maps.wide_style(PRIVATE)
        both = plot_with_uncertainty(surface, regions=maps.regions, traps=traps, style=style)
        files += maps.save(both, PRIVATE, "figures/expected_density_with_cv", session)
    return files


def write_contact_sheets(
    maps: MapSet, centres: ActivityCentres, edges: pd.DataFrame, session: str | None
) -> list[Path]:
    """The activity centre of each animal, twelve to a page.

    Parameters
    ----------
    maps
        What all maps share.
    centres
        From ``activity_centres``, at least one animal.
    edges
        Their ``contours``.
    session
        Session to be named, where there are several.
    """
    style = maps.wide_style(PRIVATE)
    pages = contact_sheets(
        centres, edges, traps=maps.traps(session), regions=maps.regions, style=style
    )
    return [save_contact_sheets(pages, maps.path(PRIVATE, "activity_centres.pdf", session))]


def outlines_of(region: Regions | None) -> tuple[Region, ...]:
    """Those of the regions that have an outline to draw; masks have none.

    Parameters
    ----------
    region
        Where the number of animals is reported.
    """
    given = region.values() if isinstance(region, Mapping) else [region]
    return tuple(item for item in given if isinstance(item, Region))
