"""All maps of a fit, written into folders for the public and for the project."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.io.results_folder import PRIVATE, PUBLIC
from scr.io.whole_files import file_name
from scr.maps.contact_sheets import contact_sheets, save_contact_sheets
from scr.maps.layout import PAGE_WIDTH_MM
from scr.maps.plots import MapStyle, plot_surface, save_figure
from scr.maps.scales import Limits
from scr.maps.side_by_side import plot_with_uncertainty
from scr.posterior.activity_centres import ActivityCentres
from scr.posterior.surface import Surface
from scr.posterior.zones import Regions

_PRIVATE_DPI = 200
_SHOWN = {
    "expected_density": ("median", "cv"),
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
        Coordinates of the stations of each session by its name, metres, shape (n_traps, 2).
    limits
        Limits of the colours of each quantity for ``public`` and ``private``, over all sessions.
    """

    folder: Path
    regions: tuple[Region, ...]
    title: str | None
    banner: str | None
    xy_of_traps: Mapping[str, NDArray[np.float64]]
    limits: Mapping[str, Mapping[str, Limits]] = field(default_factory=dict)

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
        return MapStyle(banner=self.banner, subject=self.title, limits=self.limits.get(where))

    def traps(self, session: str | None) -> NDArray[np.float64]:
        """Stations of a session, or of all, each place once.

        Parameters
        ----------
        session
            Its name, or None for all.
        """
        xy = [places for name, places in self.xy_of_traps.items() if session in {None, name}]
        return np.unique(np.concatenate(xy), axis=0)


def write_public_maps(maps: MapSet, surface: Surface, name: str) -> list[Path]:
    """A surface that can be shared, for the screen and for print.

    Parameters
    ----------
    maps
        What all maps share.
    surface
        The surface.
    name
        Name of its files, session left out.
    """
    figure = plot_surface(surface, regions=maps.regions, style=maps.style(PUBLIC))
    return [
        save_figure(figure, maps.path(PUBLIC, f"{name}.{ending}", surface.session))
        for ending in ("png", "pdf")
    ]


def write_private_maps(maps: MapSet, surface: Surface, name: str) -> list[Path]:
    """A surface with stations, one map for each column shown; expected density with its CV.

    Parameters
    ----------
    maps
        What all maps share.
    surface
        The surface.
    name
        ``"expected_density"``, ``"realised_density"``, ``"detectability"`` or
        ``"density_change"``.
    """
    session, traps, files = surface.session, maps.traps(surface.session), []
    for column in _SHOWN[name]:
        figure = plot_surface(
            surface, column=column, regions=maps.regions, traps=traps, style=maps.style(PRIVATE)
        )
        label = "" if column == surface.headline else f"_{column}"
        path = maps.path(PRIVATE, f"{name}{label}.png", session)
        files.append(save_figure(figure, path, dpi=_PRIVATE_DPI))
    if name == "expected_density":
        style = replace(maps.style(PRIVATE), width_mm=PAGE_WIDTH_MM)
        both = plot_with_uncertainty(surface, regions=maps.regions, traps=traps, style=style)
        path = maps.path(PRIVATE, "figures/expected_density_with_cv.png", session)
        files.append(save_figure(both, path, dpi=_PRIVATE_DPI))
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
    style = replace(maps.style(PRIVATE), width_mm=PAGE_WIDTH_MM)
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
