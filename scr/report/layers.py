"""Layers of the interactive map: for the public, and for the project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.figures.interactive import Layer
from scr.maps.figures.scales import common_limits
from scr.maps.public import PUBLIC_COLUMNS, public_surface
from scr.maps.results.surface_set import change_over, sessions_of_expected_density
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import widest_scale
from scr.posterior.place import density_varies_by_session, places_to_report
from scr.posterior.realised import RealisedDraws
from scr.posterior.surface import Surface
from scr.posterior.surveyed_years import Timeline
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
    "p_decline": "probability of decline",
}
_EXPECTED = ("median", "q2.5", "q97.5", "sd", "cv")
_REALISED = ("mean", "sd")
_CHANGE = ("median", "q2.5", "q97.5", "p_decline")
_SESSIONS = 6
_COLUMNS_OF_A_SOURCE = 6  # x, y, what is shown, longitude, latitude, zone


@dataclass(frozen=True, eq=False)
class Expected:
    """Expected density on the cells of a fit, and on cells that were given with covariates.

    Parameters
    ----------
    of_fit
        One surface, or one for each session where density differs between them.
    of_regions
        Surfaces by the name of the region, on cells which no station shaped.
    change
        Change from the first session to the last; None where sessions cannot be compared.
    """

    of_fit: tuple[Surface, ...]
    of_regions: dict[str, Surface]
    change: Surface | None = None


def expected_surfaces(
    fit: Fit, region: Regions | None = None, timeline: Timeline | None = None
) -> Expected:
    """Expected density for both pages.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported.
    timeline
        Sessions in order of time, where they can be compared.
    """
    of_fit = tuple(density_surface(fit, session=name) for name in sessions_of_expected_density(fit))
    change = None if timeline is None else change_over(fit, timeline)
    return Expected(of_fit, _surfaces_of_regions(fit, region), change)


def surfaces_at_hand(
    fit: Fit, region: Regions | None, of_fit: Sequence[Surface], change: Sequence[Surface] = ()
) -> Expected:
    """The same from surfaces of the fit that were made before.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported.
    of_fit
        Expected density of the fit, one surface or one for each session.
    change
        Its change from the first session to the last, where sessions can be compared.
    """
    return Expected(tuple(of_fit), _surfaces_of_regions(fit, region), *change)


def _surfaces_of_regions(fit: Fit, region: Regions | None) -> dict[str, Surface]:
    given = region if isinstance(region, Mapping) else {"region": region}
    found = {}
    for name, cells in given.items():
        if isinstance(cells, HabitatMask):
            surface = density_surface(fit, mask=cells, session=sessions_of_expected_density(fit)[0])
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
    sigma = widest_scale(fit)
    shown = [
        surface
        for surface in (public_surface(item, regions, sigma=sigma) for item in expected.of_fit)
        if surface is not None
    ]
    layers = [_layer(surface, column) for surface in shown[:_SESSIONS] for column in PUBLIC_COLUMNS]
    layers += _of_regions(expected)
    ruling = [*shown, *expected.of_regions.values()]
    if expected.change is not None:
        change = public_surface(expected.change, regions, sigma=sigma)
        if change is not None:
            layers += [_layer(change, name) for name in PUBLIC_COLUMNS]
            ruling.append(change)
    return _within_size(layers, ruling)


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
        sessions = places_to_report(fit)
        realised = [realised_density(fit, session=name, draws=draws) for name in sessions]
    layers = [
        _layer(surface, column) for surface in expected.of_fit[:_SESSIONS] for column in _EXPECTED
    ]
    for surface in realised[:_SESSIONS]:
        layers += [_layer(surface, column) for column in _REALISED]
        seen = _named("Probability of being detected", surface)
        layers.append(Layer(seen, surface, "p_dot", unit=""))
    layers += _of_regions(expected)
    ruling = [*expected.of_fit, *realised]
    if expected.change is not None:
        layers += [_layer(expected.change, column) for column in _CHANGE]
        ruling.append(expected.change)
    return _within_size(layers, ruling)


def _of_regions(expected: Expected) -> list[Layer]:
    layers = []
    for name, surface in expected.of_regions.items():
        for column in PUBLIC_COLUMNS:
            layer = _layer(surface, column)
            layers.append(replace(layer, label=f"{layer.label}, {name}"))
    return layers


def _layer(surface: Surface, column: str) -> Layer:
    name = f"{surface.estimand.capitalize()}, {_WORDS[column]}"
    unit = "" if column in {"cv", "p_decline"} else REPORTED_DENSITY
    return Layer(_named(name, surface), surface, column, unit)


def _named(name: str, surface: Surface) -> str:
    return name if surface.session is None else f"{name}, session {surface.session}"


def _within_size(layers: Sequence[Layer], ruling: Sequence[Surface]) -> list[Layer]:
    """The layers, on blocks of cells where they would be too many numbers for a page.

    Colours have the limits of the cells themselves, over the surfaces of all sessions, which rule
    them.
    """
    limits = common_limits(ruling)
    layers = [replace(layer, limits=limits) for layer in layers]
    surfaces = {id(layer.surface): layer.surface for layer in layers}
    numbers = sum(len(layer.surface.mask) for layer in layers)
    numbers += sum(_COLUMNS_OF_A_SOURCE * len(surface.mask) for surface in surfaces.values())
    factor = int(np.ceil(np.sqrt(numbers / MOST_NUMBERS)))
    if factor <= 1:
        return layers
    coarse = {key: coarse_surface(surface, factor) for key, surface in surfaces.items()}
    return [replace(layer, surface=coarse[id(layer.surface)]) for layer in layers]
