"""Layers of the interactive map: for the public, and for the project."""

from collections.abc import Sequence

from scr.errors import FitError
from scr.fit.result import Fit
from scr.habitat.region import Region
from scr.maps.interactive import Layer
from scr.maps.public import PUBLIC_COLUMNS, public_surface
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import largest_sigma
from scr.posterior.place import place_of, places_to_report, session_names
from scr.posterior.realised import RealisedDraws
from scr.posterior.surface import Surface
from scr.units import REPORTED_DENSITY

_WORDS = {"median": "median", "mean": "mean", "q2.5": "lower limit", "q97.5": "upper limit"}
_MOST_NUMBERS = 300_000
_SESSIONS = 6


def public_layers(fit: Fit, regions: Sequence[Region]) -> list[Layer]:
    """Expected density and its limits, on cells that show no station.

    Parameters
    ----------
    fit
        A fitted model.
    regions
        Named regions.
    """
    sigma = largest_sigma(fit)
    layers: list[Layer] = []
    for session in _sessions(fit):
        surface = density_surface(fit, session=session)
        shown = public_surface(surface, regions, sigma=sigma)
        if shown is not None:
            layers += [_layer(shown, column) for column in PUBLIC_COLUMNS]
    return _within_size(layers)


def private_layers(fit: Fit, draws: RealisedDraws | None) -> list[Layer]:
    """Expected and realised density, how certain they are, and detectability.

    Parameters
    ----------
    fit
        A fitted model.
    draws
        Draws of realised density; made here if None.
    """
    layers: list[Layer] = []
    for session in _sessions(fit):
        surface = density_surface(fit, session=session)
        layers += [_layer(surface, column) for column in ("median", "q2.5", "q97.5", "cv")]
        layers.append(
            Layer(_named("Probability of being detected", surface), surface, "p_dot", unit="")
        )
    for session in places_to_report(fit)[:_SESSIONS]:
        realised = realised_density(fit, session=session, draws=draws)
        layers += [_layer(realised, "mean"), _layer(realised, "sd")]
    return _within_size(layers)


def _sessions(fit: Fit) -> tuple[str | None, ...]:
    try:
        place_of(fit)
    except FitError:
        return tuple(session_names(fit))[:_SESSIONS]
    return (None,)


def _layer(surface: Surface, column: str) -> Layer:
    words = {"cv": "coefficient of variation", "sd": "standard deviation"}.get(
        column, _WORDS.get(column, column)
    )
    name = f"{surface.estimand.capitalize()}, {words}"
    unit = "" if column == "cv" else REPORTED_DENSITY
    return Layer(_named(name, surface), surface, column, unit)


def _named(name: str, surface: Surface) -> str:
    return name if surface.session is None else f"{name}, session {surface.session}"


def _within_size(layers: list[Layer]) -> list[Layer]:
    """As many layers as a page of a few megabytes holds, at least one."""
    kept: list[Layer] = []
    numbers = 0
    for layer in layers:
        numbers += len(layer.surface.mask)
        if kept and numbers > _MOST_NUMBERS:
            break
        kept.append(layer)
    return kept
