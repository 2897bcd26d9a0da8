"""What is checked before a fit, so that none is lost to it afterwards."""

import shutil
from pathlib import Path

from scr.errors import ScrError
from scr.habitat.mask import HabitatMask
from scr.io.map_layers import MapLayers
from scr.io.whole_files import check_file_names
from scr.maps.results.outlines_of_stations import check_layers, check_outlines
from scr.model.spec import ModelSpec
from scr.posterior.region_check import check_regions
from scr.posterior.surveyed_years import timeline_of
from scr.posterior.zones import Regions
from scr.survey.survey import Survey
from scr.survey.wanted_trend import WantedTrend

_BYTES_PER_CELL = 8 * 60
"""Of all surfaces together, as numbers in rasters, tables and netCDF."""

_BYTES_OF_THE_REST = 40_000_000
"""Figures, reports with their map, and the draws of a fit."""

_BYTES_PER_MB = 1e6


def check_before_fit(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    regions: Regions | None,
    folder: Path,
    trend: WantedTrend | None = None,
    layers: MapLayers | None = None,
) -> None:
    """Refuse before the fit what would stop the writing of its results.

    Parameters
    ----------
    survey, mask, spec
        Data and model.
    regions
        Where the number of animals is to be reported.
    folder
        Folder of results, which exists.
    trend
        What is asked of a trend, or None.
    layers
        What maps show beside the colours, or None.

    Raises
    ------
    ScrError
        If two sessions or zones would have files of one name, or the disk has too little room.
    MaskError
        If a region has no habitat, or an outline or a layer follows from the stations.
    FitError
        If a trend is asked for and sessions cannot be compared.

    Warns
    -----
    MaskWarning
        For each region that lies partly beyond the mask.
    """
    check_reporting(survey, mask, spec, regions=regions, trend=trend, layers=layers)
    _check_room(folder, _bytes_of_results(survey, mask))


def check_reporting(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    regions: Regions | None,
    trend: WantedTrend | None = None,
    layers: MapLayers | None = None,
) -> None:
    """Refuse what would stop the writing of results wherever they are to be written.

    Parameters
    ----------
    survey, mask, spec, regions, trend, layers
        As in ``check_before_fit``, which says what is raised.
    """
    check_file_names([session.name for session in survey.sessions], "sessions")
    if isinstance(regions, dict):
        check_file_names(regions, "zones")
    if regions is not None:
        check_outlines(survey, regions, mask.crs)
        check_regions(survey, mask, spec, regions)
    if layers is not None:
        check_layers(survey, layers)
    if trend is not None:
        timeline_of(survey, mask, spec, sessions=trend.sessions, years=trend.years)


def _bytes_of_results(survey: Survey, mask: HabitatMask) -> int:
    """A generous guess: the rasters of activity centres are the largest."""
    per_cell = _BYTES_PER_CELL + 8 * survey.n_individuals
    return _BYTES_OF_THE_REST + len(mask) * per_cell


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        msg = (
            f"The disk of {folder} has {free / _BYTES_PER_MB:,.0f} MB free, and the results may "
            f"take {needed / _BYTES_PER_MB:,.0f} MB. Free some room, or name a folder of results "
            "on another disk by --out."
        )
        raise ScrError(msg)
