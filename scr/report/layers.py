"""Layers of the interactive map: for the public, and for the project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scr.errors import FitError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.interactive import Layer
from scr.maps.public import PUBLIC_COLUMNS, public_surface
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import largest_sigma
from scr.posterior.place import density_varies_by_session, place_of, places_to_report, session_names
from scr.posterior.realised import RealisedDraws
from scr.posterior.surface import Surface
from scr.posterior.zones import Regions
from scr.report.coarse import coarse_surface
from scr.units import REPORTED_DENSITY

MOST_NUMBERS = 220_000
"""Numbers that a map may hold, at 5.3 bytes each: the page has to stay below 5 MB."""

_WORDS = {
    "median": "median",
    "mean": "mean",
    "sd": "standard deviation",
    "cv": "coefficient of variation",
    "q2.5": "lower limit",
    "q97.5": "upper limit",
}
_EXPECTED = ("median", "q2.5", "q97.5", "sd", "cv")
_REALISED = ("mean", "sd")
_SESSIONS = 6
_COLUMNS_OF_A_SOURCE = 3


@dataclass(frozen=True, eq=False)
class Expected:
    """Expected density on the cells of a fit, and on cells that were given with covariates.

    Parameters
    ----------
    of_fit
        One surface, or one for each session where density differs between them.
    of_regions
        Surfaces by the name of the region, on cells which no station shaped.
    """

    of_fit: tuple[Surface, ...]
    of_regions: dict[str, Surface]


def expected_surfaces(fit: Fit, region: Regions | None = None) -> Expected:
    """Expected density for both pages.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported.
    """
    of_fit = tuple(density_surface(fit, session=name) for name in _sessions(fit))
    return Expected(of_fit, _surfaces_of_regions(fit, region))


def surfaces_at_hand(fit: Fit, region: Regions | None, of_fit: Sequence[Surface]) -> Expected:
    """The same from surfaces of the fit that were made before.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported.
    of_fit
        Expected density of the fit, one surface or one for each session.
    """
    return Expected(tuple(of_fit[:_SESSIONS]), _surfaces_of_regions(fit, region))


def _surfaces_of_regions(fit: Fit, region: Regions | None) -> dict[str, Surface]:
    given = region if isinstance(region, Mapping) else {"region": region}
    found = {}
    for name, cells in given.items():
        if isinstance(cells, HabitatMask):
            surface = density_surface(fit, mask=cells, session=_sessions(fit)[0])
            if not density_varies_by_session(fit):
                surface = replace(surface, session=None)
            found[name] = surface
    return found


def public_layers(fit: Fit, expected: Expected, regions: Sequence[Region]) -> list[Layer]:
    """Expected density and its limits, on cells that show no station.

    Parameters
    ----------
    fit
        A fitted model.
    expected
        Its expected density.
    regions
        Named regions.
    """
    sigma = largest_sigma(fit)
    shown = [public_surface(surface, regions, sigma=sigma) for surface in expected.of_fit]
    layers = [
        _layer(surface, column)
        for surface in shown
        if surface is not None
        for column in PUBLIC_COLUMNS
    ]
    return _within_size([*layers, *_of_regions(expected)])


def private_layers(
    fit: Fit,
    expected: Expected,
    draws: RealisedDraws | None,
    *,
    realised: Sequence[Surface] | None = None,
) -> list[Layer]:
    """Expected and realised density, how certain they are, and detectability.

    Parameters
    ----------
    fit
        A fitted model.
    expected
        Its expected density.
    draws
        Draws of realised density; made here if None.
    realised
        Realised density of each session that has its own, where it was made before.
    """
    if realised is None:
        sessions = places_to_report(fit)[:_SESSIONS]
        realised = [realised_density(fit, session=name, draws=draws) for name in sessions]
    layers = [_layer(surface, column) for surface in expected.of_fit for column in _EXPECTED]
    for surface in realised[:_SESSIONS]:
        layers += [_layer(surface, column) for column in _REALISED]
        seen = _named("Probability of being detected", surface)
        layers.append(Layer(seen, surface, "p_dot", unit=""))
    return _within_size([*layers, *_of_regions(expected)])


def _of_regions(expected: Expected) -> list[Layer]:
    layers = []
    for name, surface in expected.of_regions.items():
        for column in PUBLIC_COLUMNS:
            layer = _layer(surface, column)
            layers.append(replace(layer, label=f"{layer.label}, {name}"))
    return layers


def _sessions(fit: Fit) -> tuple[str | None, ...]:
    try:
        place_of(fit)
    except FitError:
        return tuple(session_names(fit))[:_SESSIONS]
    return (None,)


def _layer(surface: Surface, column: str) -> Layer:
    name = f"{surface.estimand.capitalize()}, {_WORDS[column]}"
    unit = "" if column == "cv" else REPORTED_DENSITY
    return Layer(_named(name, surface), surface, column, unit)


def _named(name: str, surface: Surface) -> str:
    return name if surface.session is None else f"{name}, session {surface.session}"


def _within_size(layers: Sequence[Layer]) -> list[Layer]:
    """The layers, on blocks of cells where they would be too many numbers for a page."""
    surfaces = {id(layer.surface): layer.surface for layer in layers}
    numbers = sum(len(layer.surface.mask) for layer in layers)
    numbers += sum(_COLUMNS_OF_A_SOURCE * len(surface.mask) for surface in surfaces.values())
    factor = int(np.ceil(np.sqrt(numbers / MOST_NUMBERS)))
    if factor <= 1:
        return list(layers)
    coarse = {key: coarse_surface(surface, factor) for key, surface in surfaces.items()}
    return [replace(layer, surface=coarse[id(layer.surface)]) for layer in layers]
