"""Rasters of classes, such as land cover, whose codes cannot be averaged."""

import re
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp

_SIDECARS = (".aux.xml", ".vat.dbf")
_NAMED = re.compile(
    r"<CategoryNames>|<GDALRasterAttributeTable\b|LAYER_TYPE\W+thematic", re.IGNORECASE
)
_CLASS_TAG = re.compile(r"(CLASS|CATEGORY)_?(NAMES?|\d+)", re.IGNORECASE)
_FEW, _MANY = 12, 40
_LEAST_PIXELS_EACH = 20
_MOST_LOOKED_AT = 2_000_000
_DISORDER = 0.4


def told_as_classes(dataset: rasterio.DatasetReader, band: int) -> str:
    """How a file says that a band holds classes: by colours, names or the kind of layer.

    Parameters
    ----------
    dataset
        The raster, open.
    band
        Number of the band, from 1.

    Returns
    -------
    str
        As in ``"has a colour table"``, or empty where the file says nothing of it.
    """
    if dataset.colorinterp[band - 1] == ColorInterp.palette:
        return "has a colour table"
    tags = {**dataset.tags(), **dataset.tags(band)}
    if any(k.upper() == "LAYER_TYPE" and v.lower() == "thematic" for k, v in tags.items()):
        return "is called thematic by the file (LAYER_TYPE)"
    if any(_CLASS_TAG.fullmatch(key) for key in tags):
        return "has names of classes"
    path = Path(dataset.name)
    xml, table = (path.with_name(path.name + ending) for ending in _SIDECARS)
    if table.is_file() or path.with_suffix(".vat.dbf").is_file():
        return "has a table of classes"
    if xml.is_file() and _NAMED.search(xml.read_text(encoding="utf-8", errors="replace")):
        return f"has names of classes ({xml.name})"
    return ""


def seen_as_classes(values: NDArray[np.float64], *, whole: bool) -> str:
    """Whether values look like codes of classes.

    They do if they are whole numbers, three or more of which come back again and again: up to 12
    of them in a file of whole numbers; up to 40 where they leave out most numbers between them, or
    where neighbours skip over values as measured surfaces do not. Two values do if neither is 0.

    Parameters
    ----------
    values
        Pixels as they stand in the file, shape (n_rows, n_columns).
    whole
        Whether the file's type of number is a whole one.

    Returns
    -------
    str
        As in ``"holds only 3 whole numbers (11, 40, 82)"``, or empty.
    """
    step = max(1, int(np.ceil(values.size / _MOST_LOOKED_AT)))
    looked = values[::step]
    finite = looked[np.isfinite(looked)]
    if finite.size == 0 or (finite != np.rint(finite)).any():
        return ""
    levels = np.unique(finite)
    n = len(levels)
    if n < 2 or n > _MANY or finite.size < _LEAST_PIXELS_EACH * n:
        return ""
    if n == 2:
        classes = whole and 0.0 not in levels
    else:
        classes = (whole and n <= _FEW) or _is_sparse(levels) or _in_disorder(looked, levels)
    if not classes:
        return ""
    listed = ", ".join(f"{level:g}" for level in levels[:_FEW])
    return f"holds only {n} whole numbers ({listed}{', ...' if n > _FEW else ''})"


def _is_sparse(levels: NDArray[np.float64]) -> bool:
    """Whether most of the numbers between them are left out, beyond a common step."""
    step = float(np.gcd.reduce(np.diff(levels).astype(np.int64)))
    return bool((levels[-1] - levels[0]) / step + 1 > 2 * len(levels))


def _in_disorder(values: NDArray[np.float64], levels: NDArray[np.float64]) -> bool:
    """Whether neighbours that differ skip over levels as if these had no order."""
    rank = np.searchsorted(levels, values).astype(np.float64)
    rank[~np.isfinite(values)] = np.nan
    skips = np.abs(np.concatenate([np.diff(rank, axis=axis).ravel() for axis in (0, 1)]))
    skips = skips[np.isfinite(skips) & (skips > 0)]
    if not skips.size:
        return False
    without_order = (len(levels) + 1) / 3
    return bool(skips.mean() >= 1 + _DISORDER * (without_order - 1))
