"""Rasters smoothed at several scales: how much habitat there is round each place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter

from scr.errors import MaskError
from scr.io.crs import reproject_points, same_crs
from scr.io.rasters import RasterBand

REACH = 4.0
"""Standard deviations of its kernel to which smoothing reaches."""


def check_scales(scales: Sequence[int], name: str, *, categorical: bool) -> None:
    """Raise where scales cannot be those of layers.

    Parameters
    ----------
    scales
        Metres.
    name
        Name of the covariate.
    categorical
        Whether the raster holds classes.

    Raises
    ------
    MaskError
        If one is no whole number above 0, or occurs twice, or classes are to be smoothed.
    """
    bad = [scale for scale in scales if scale != int(scale) or scale <= 0]
    if bad or len(set(scales)) < len(scales):
        msg = (
            f"scales of {name} are {list(scales)}. Give different whole numbers of metres, as in "
            "[500, 1000, 2000]."
        )
        raise MaskError(msg)
    if scales and categorical:
        msg = (
            f"{name} is categorical, and classes cannot be smoothed. Make a raster of 1 where the "
            "class is and 0 elsewhere: smoothed, it is the share of the class."
        )
        raise MaskError(msg)


def smoothed(raster: RasterBand, scale: float, *, crs: str) -> RasterBand:
    r"""A raster whose pixels are means of those round them, weighted by a Gaussian kernel.

    .. math:: \bar v(p) = \sum_q K(p - q)\,v(q) \Big/ \sum_q K(p - q)

    Sums are over the pixels q with data, so that at the edge of the data the kernel is made to sum
    to 1 over what there is. Pixels without data stay so.

    Parameters
    ----------
    raster
        The raster.
    scale
        Standard deviation of the kernel, metres.
    crs
        A planar coordinate system, in which pixels are measured where the raster is in degrees.

    Raises
    ------
    MaskError
        If the scale is finer than a pixel.
    """
    sides = _sides(raster, crs)
    if scale < max(sides):
        msg = (
            f"{raster.source}: its pixels are {max(sides):,.0f} m wide, and scale {scale:g} m is "
            "finer. Use a finer raster, or scales of at least a pixel."
        )
        raise MaskError(msg)
    known = np.isfinite(raster.values)
    width = [scale / side for side in sides]
    total, weight = (
        gaussian_filter(values, width, mode="constant", truncate=REACH)
        for values in (np.where(known, raster.values, 0.0), known.astype(np.float64))
    )
    values = np.full(raster.values.shape, np.nan)
    np.divide(total, weight, out=values, where=known)
    return replace(raster, values=values)


def _sides(raster: RasterBand, crs: str) -> tuple[float, float]:
    """Height and width of a pixel in the middle of the raster, metres."""
    west, south, east, north = raster.bounds
    a, e = raster.transform.a, raster.transform.e
    middle = np.array([(west + east) / 2, (south + north) / 2])
    points = middle + np.array([[0.0, 0.0], [0.0, e], [a, 0.0]])
    if raster.crs is not None and not same_crs(raster.crs, crs):
        points = reproject_points(points, raster.crs, crs)
    height, width = np.linalg.norm(points[1:] - points[0], axis=1)
    return float(height), float(width)
