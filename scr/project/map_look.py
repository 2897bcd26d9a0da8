"""The layers and the size of maps that a survey.toml asks for."""

from collections.abc import Mapping

import numpy as np

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.map_layers import SHAPES, MapLook, read_map_layers
from scr.project.configuration import Configuration

_ROUND_ABOUT, _BLOCK = 0.1, 0.5


def map_look_of(
    configuration: Configuration,
    mask: HabitatMask,
    regions: Region | HabitatMask | Mapping[str, Region | HabitatMask] | None,
) -> MapLook:
    """What maps look like, their layers read.

    Parameters
    ----------
    configuration
        The survey.toml.
    mask, regions
        What maps show.

    Raises
    ------
    ScrError
        From the reader that found a fault in a layer.
    """
    keys = configuration.maps
    files = {kind: path for kind in SHAPES if (path := getattr(keys, kind)) is not None}
    layers = None
    if files or keys.relief is not None or keys.locator is not None:
        layers = read_map_layers(
            files,
            crs=mask.crs,
            around=_around(mask, regions, keys.margin),
            relief=keys.relief,
            locator=keys.locator,
            label=keys.label,
        )
    return MapLook(layers, keys.size, keys.margin)


def _around(
    mask: HabitatMask,
    regions: Region | HabitatMask | Mapping[str, Region | HabitatMask] | None,
    margin: float | None,
) -> tuple[float, float, float, float]:
    """West, south, east and north of all that maps can show, and more, to whole large blocks.

    How layers are cut and resampled follows from it and is seen on public maps. To blocks of half
    its width it tells no more of the cells, which lie round the stations, than where the survey is.
    """
    given = regions.values() if isinstance(regions, Mapping) else [regions]
    outlines = [region.in_crs(mask.crs) for region in given if isinstance(region, Region)]
    boxes = [region.geometry.bounds for region in outlines]
    boxes.append((*mask.xy.min(axis=0), *mask.xy.max(axis=0)))
    corners = np.array(boxes)
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    more = (margin or 0.0) + _ROUND_ABOUT * float((high - low).max())
    block = _round_above(_BLOCK * float((high - low).max() + 2 * more))
    west, south = block * np.floor((low - more) / block)
    east, north = block * np.ceil((high + more) / block)
    return float(west), float(south), float(east), float(north)


def _round_above(length: float) -> float:
    """The least of 1, 2, 5, 10, 20 and so on that is not below a length."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(next(n * power for n in (1, 2, 5, 10) if n * power >= length))
