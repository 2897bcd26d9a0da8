"""What the cells within reach of the stations have of the covariates of density."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.model.design import Design
from scr.model.formula import variables
from scr.model.novelty import is_number, novelty
from scr.model.reach import within_reach
from scr.model.tables import density_table
from scr.survey.troubles import Trouble

LARGE_SHARE = 0.25
"""Share of a number, or of an area, from which it is told that covariates were not sampled."""

_FAR_IN_RANGES = 1.0
_MOST_LABELS = 10


@dataclass(frozen=True, eq=False)
class SampledGround:
    """Covariates of density, in the cells of all sessions and in those within reach.

    Parameters
    ----------
    names
        Covariates of the cells that the formula of density uses, x and y among them.
    near
        Their values in the cells within reach of the stations.
    cells
        Their values in the cells of all sessions, one session after the other.
    """

    names: tuple[str, ...]
    near: pd.DataFrame
    cells: pd.DataFrame


def sampled_ground(design: Design) -> SampledGround:
    """The covariates of density within reach of the stations, and everywhere.

    Parameters
    ----------
    design
        The model and its data.
    """
    names = covariates_of_density(design)
    tables = [
        density_table(design.mask, rows, design.survey, session)[list(names)]
        for session, rows in enumerate(design.cells)
    ]
    cells = pd.concat(tables, ignore_index=True)
    near = cells[within_reach(design)].reset_index(drop=True)
    return SampledGround(names, near, cells)


def covariates_of_density(design: Design) -> tuple[str, ...]:
    """Names of the formula of density that differ between cells: covariates, x and y.

    Parameters
    ----------
    design
        The model and its data.
    """
    of_cells = {*map(str, design.mask.covariates.columns), "x", "y"}
    return tuple(sorted(variables(design.spec.formulas["density"], "density") & of_cells))


def covariate_troubles(design: Design, region: Region | None) -> tuple[Trouble, ...]:
    """Covariates of density that reach far beyond what the stations could sample.

    Parameters
    ----------
    design
        The model and its data.
    region
        Where the number of animals will be reported; the mask if None.

    Returns
    -------
    tuple of Trouble
        A warning for each covariate of which a quarter of the ground lies outside the values
        within reach of the stations, or one cell further than these are wide.
    """
    ground = sampled_ground(design)
    rows = np.concatenate(design.cells)
    inside = np.ones(len(rows), dtype=np.bool_)
    where = "the mask"
    if region is not None:
        outline = region.in_crs(design.mask.crs).geometry
        inside = shapely.contains_xy(outline, *design.mask.xy[rows].T)
        where = region.name if inside.any() else where
        inside = inside if inside.any() else np.ones(len(rows), dtype=np.bool_)
    area = design.mask.cell_area[rows][inside]
    troubles = []
    for name in ground.names:
        near, found = ground.near[[name]], ground.cells[inside][[name]]
        outside = novelty(near, found).alone[name].to_numpy()
        share = float(area[outside].sum() / area.sum())
        if share >= LARGE_SHARE or (outside.any() and _far(near[name], found[name])):
            text = (
                f"{values_in_words(near[name])} within reach of the stations and "
                f"{values_in_words(found[name])} in {where}"
            )
            troubles.append(_trouble(name, text, share))
    return tuple(troubles)


def _trouble(name: str, text: str, share: float) -> Trouble:
    found = (
        f"density depends on {name}, which is {text}: {share_in_words(share)} of that area has "
        "values that were not sampled, and density there will follow from the formula alone."
    )
    public = (
        f"Density depends on {name}, of which {coarse_share(share)} of the area reported has "
        "values that were not sampled within reach of the stations."
    )
    return Trouble("warning", "covariate not sampled", "", (), found, REMEDY, public)


REMEDY = (
    "Set stations where such values are, leave these cells out of the area reported and of the "
    "mask, limit the covariate to the values sampled, or take it out of the formula of density."
)
"""What to do about covariates that were not sampled."""


def share_in_words(share: float) -> str:
    """A share in percent, as precise as it is known; not for the public.

    Parameters
    ----------
    share
        From 0 to 1.

    Examples
    --------
    >>> share_in_words(0.964), share_in_words(0.0004), share_in_words(0.9996)
    ('96 %', 'less than 1 %', 'more than 99 %')
    """
    if 0 < share < 0.01:
        return "less than 1 %"
    return "more than 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def coarse_share(share: float) -> str:
    """A share for the public: to the next tenth, so that no station's place follows from it.

    Parameters
    ----------
    share
        From 0 to 1.

    Examples
    --------
    >>> coarse_share(0.0), coarse_share(0.04), coarse_share(0.37), coarse_share(0.999)
    ('less than 10 %', 'less than 10 %', 'about 40 %', 'about 100 %')
    """
    return "less than 10 %" if share < 0.1 else f"about {10 * round(10 * share)} %"


def values_in_words(column: pd.Series) -> str:
    """The range of a number, or the labels of a factor.

    Parameters
    ----------
    column
        The covariate.
    """
    if is_number(column):
        return f"{column.min():.4g} to {column.max():.4g}"
    labels = sorted(map(str, column.unique()))
    more = f" and {len(labels) - _MOST_LABELS} more" if len(labels) > _MOST_LABELS else ""
    return ", ".join(labels[:_MOST_LABELS]) + more


def _far(near: pd.Series, found: pd.Series) -> bool:
    """Whether a value lies further outside than the values sampled are wide."""
    if not is_number(near):
        return False
    width = float(near.max() - near.min())
    beyond: NDArray[np.float64] = np.maximum(near.min() - found, found - near.max()).to_numpy()
    return bool(beyond.max() > _FAR_IN_RANGES * width)
