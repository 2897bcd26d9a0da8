"""Other cells on the scale of the covariates that a model was fitted with."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.posterior.place import density_uses_mask
from scr.posterior.zones import Regions

_SAME = 1e-6


def regions_on_scale(fit: Fit, region: Regions | None) -> Regions | None:
    """Regions whose cells have covariates on the scale of the fit; polygons as they are.

    Parameters
    ----------
    fit
        A fitted model.
    region
        As ``abundance`` takes it.

    Raises
    ------
    MaskError
        As ``on_scale_of_fit`` does.
    """
    if isinstance(region, HabitatMask):
        return on_scale_of_fit(fit, region)
    if isinstance(region, Mapping):
        return {
            name: on_scale_of_fit(fit, item) if isinstance(item, HabitatMask) else item
            for name, item in region.items()
        }
    return region


def on_scale_of_fit(fit: Fit, cells: HabitatMask) -> HabitatMask:
    """Cells with the covariates of density as the fit's mask has them, raw or standardised.

    The constants that the masks hold tell how: values that were standardised by other constants
    are put on the scale of the fit.

    Parameters
    ----------
    fit
        A fitted model.
    cells
        Other cells.

    Raises
    ------
    MaskError
        If a covariate was standardised in the fit's mask and the cells do not say that theirs
        was, or if it has mean 0 and standard deviation 1 over these cells, and so was scaled by
        itself.
    """
    columns = {}
    for name in sorted(density_uses_mask(fit) & set(map(str, cells.covariates.columns))):
        values = cells.covariates[name]
        if not pd.api.types.is_numeric_dtype(values):
            continue
        wanted, found = fit.mask.constants.get(name), cells.constants.get(name)
        if found is not None and wanted != found:
            raw = values.to_numpy(dtype=np.float64) * found[1] + found[0]
            columns[name] = raw if wanted is None else (raw - wanted[0]) / wanted[1]
        elif found is None and not _agrees(fit.mask, cells, name):
            _refuse_unknown_scale(fit, cells, name)
    if not columns:
        return cells
    constants = {name: pair for name, pair in cells.constants.items() if name not in columns}
    own = {name: fit.mask.constants[name] for name in columns if name in fit.mask.constants}
    covariates = cells.covariates.assign(**columns)
    return replace(cells, covariates=covariates, constants={**constants, **own})


def _refuse_unknown_scale(fit: Fit, cells: HabitatMask, name: str) -> None:
    """Raise where values without constants cannot be on the scale of the fit."""
    wanted = fit.mask.constants.get(name)
    if wanted is not None:
        mean, sd = wanted
        msg = (
            f"{name} was standardised in the mask of the fit (mean {mean:.6g}, sd {sd:.6g}), and "
            f"{cells.source} does not say whether its values were. Sample it with "
            f"standardise=fit.mask.constants[{name!r}], or, if they were scaled by these numbers, "
            "give the cells constants=fit.mask.constants."
        )
        raise MaskError(msg)
    values = cells.covariates[name].to_numpy(dtype=np.float64)
    if _is_scaled(values):
        fitted = fit.mask.covariates[name]
        msg = (
            f"{name} has mean 0 and standard deviation 1 over the {len(cells)} cells of "
            f"{cells.source}, so it was scaled by these cells themselves; in the mask of the fit "
            f"its mean is {fitted.mean():.4g} and its standard deviation {fitted.std():.4g}. Give "
            "the values of the region as they were, less the mean and over the standard deviation "
            "that the mask of the fit was scaled by, if it was."
        )
        raise MaskError(msg)


def _is_scaled(values: NDArray[np.float64]) -> bool:
    if len(values) < 3 or abs(values.mean()) > _SAME:
        return False
    return bool(min(abs(values.std(ddof=ddof) - 1) for ddof in (0, 1)) < _SAME)


def _agrees(mask: HabitatMask, cells: HabitatMask, name: str) -> bool:
    """Whether cells that both have are there, and have the same values."""
    pair = [
        pd.DataFrame({"x": m.xy[:, 0].round(2), "y": m.xy[:, 1].round(2), name: m.covariates[name]})
        for m in (mask, cells)
    ]
    common = pair[0].merge(pair[1], on=["x", "y"], suffixes=("_fit", "_cells"))
    if common.empty:
        return False
    both = [common[f"{name}_{which}"].to_numpy(dtype=np.float64) for which in ("fit", "cells")]
    spread = float(np.ptp(mask.covariates[name].to_numpy(dtype=np.float64)))
    return bool(np.abs(both[0] - both[1]).max() <= _SAME * max(spread, 1e-300))
