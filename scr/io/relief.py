"""Heights of the ground, for shading: a coarse grid round a survey in its own coordinates."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.warp import Resampling, reproject

from scr.errors import MaskError
from scr.io.crs import parse_crs
from scr.io.raster_door import open_raster

type Bounds = tuple[float, float, float, float]
"""West, south, east and north, metres."""

_MOST_PIXELS, _LEAST_PIXEL_M = 1200, 10.0


@dataclass(frozen=True, eq=False)
class Relief:
    """Heights on a grid.

    Parameters
    ----------
    heights
        Metres, NaN where there are none, north up, shape (n_rows, n_columns).
    bounds
        West, south, east and north edge, metres.
    """

    heights: NDArray[np.float32]
    bounds: Bounds


def read_relief(path: str | Path, *, crs: str, around: Bounds) -> Relief:
    """Heights round a survey, at most 1,200 pixels to a side.

    Parameters
    ----------
    path
        A GeoTIFF, or another of ``raster_door.FORMATS``; heights are in its first band.
    crs
        Planar coordinate system of the result.
    around
        What is wanted.

    Raises
    ------
    MaskError
        If the file cannot be read, names no coordinate system, or has no height there.
    """
    west, south, east, north = around
    pixel = max(max(east - west, north - south) / _MOST_PIXELS, _LEAST_PIXEL_M)
    shape = int(np.ceil((north - south) / pixel)), int(np.ceil((east - west) / pixel))
    transform = Affine.translation(west, north) @ Affine.scale(pixel, -pixel)
    heights = np.full(shape, np.nan, dtype=np.float32)
    with open_raster(path) as dataset:
        if dataset.crs is None:
            msg = (
                f"{Path(path).name} names no coordinate system, so that it cannot be laid under a "
                "map. Save it with the one that it is in (gdal_edit -a_srs)."
            )
            raise MaskError(msg)
        reproject(
            rasterio.band(dataset, 1),
            heights,
            dst_transform=transform,
            dst_crs=parse_crs(crs, source="crs").to_wkt(),
            dst_nodata=np.nan,
            resampling=_resampling(dataset, pixel),
        )
    if not np.isfinite(heights).any():
        msg = (
            f"{Path(path).name} has no height where the survey is. Name a raster of heights that "
            "covers it, or leave out relief."
        )
        raise MaskError(msg)
    bounds = (west, north - shape[0] * pixel, west + shape[1] * pixel, north)
    return Relief(heights, bounds)


def _resampling(dataset: rasterio.DatasetReader, pixel: float) -> Resampling:
    """The mean where pixels of the file are finer, a smooth surface through them where coarser."""
    metres = abs(dataset.transform.a) * (111_000.0 if dataset.crs.is_geographic else 1.0)
    return Resampling.average if metres < pixel else Resampling.cubic_spline
