"""Whether regions can be reported, told before a model is fitted."""

from dataclasses import replace

import shapely

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.posterior.footprint import footprint
from scr.posterior.zones import Regions, say_what_lies_beyond, zones_on
from scr.survey.survey import Survey


def check_regions(survey: Survey, mask: HabitatMask, spec: ModelSpec, region: Regions) -> None:
    """Raise or warn as reporting the number of animals in regions will, once a model is fitted.

    Parameters
    ----------
    survey, mask, spec
        What the model is fitted to.
    region
        As for ``abundance``.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    covariates = spec.variables("density") & frozenset(map(str, mask.covariates.columns))
    for ground in _grounds(survey, mask):
        say_what_lies_beyond(zones_on(ground, region), ground, covariates)


def _grounds(survey: Survey, mask: HabitatMask) -> list[HabitatMask]:
    """The cells that a report sums over: all, or those of each session where they share ground."""
    names = [session.name for session in survey.sessions]
    if mask.session is None:
        return [mask]
    if len(names) > 1 and sessions_apart(mask):
        return [mask]
    parts = []
    for name in names:
        rows = mask.cells_of(name)
        parts.append(
            replace(
                mask,
                xy=mask.xy[rows],
                cell_area=mask.cell_area[rows],
                session=mask.session[rows],
                covariates=mask.covariates.iloc[rows],
            )
        )
    return parts


def sessions_apart(mask: HabitatMask) -> bool:
    """Whether each session of a mask has ground of its own.

    Parameters
    ----------
    mask
        Cells with the session of each.
    """
    squares_area = float((cell_side(mask) ** 2).sum())
    return bool(shapely.area(footprint(mask)) > squares_area * (1 - 1e-6))
