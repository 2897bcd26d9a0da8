"""What ``scr check`` reads of a survey.toml."""

from typing import TYPE_CHECKING

import scr.checking
import scr.project
from scr.project.configuration import Configuration

if TYPE_CHECKING:
    from scr.checking.sources import SurveySources


def sources_of(configuration: Configuration) -> "SurveySources":
    """What ``check_survey`` is to read.

    Parameters
    ----------
    configuration
        The survey.toml.
    """
    keys = configuration.survey
    return scr.checking.SurveySources(
        traps=keys.traps,
        usage=keys.effort,
        detections=keys.detections,
        title=configuration.title,
        banner=configuration.banner,
        session_covariates=keys.session_covariates,
        crs=keys.crs,
        to_crs=keys.to_crs,
        nodata=keys.nodata,
        choices=scr.project.survey_choices(keys),
        reserve=lambda crs: scr.project.reserve_of(configuration, crs),
        regions=lambda reserve, crs: scr.project.regions_of(configuration, reserve, crs),
        mask=lambda traps: scr.project.mask_of(configuration, traps),
        spec=lambda: scr.project.spec_of(configuration),
        models=lambda survey, mask: scr.project.specs_of(configuration, survey, mask),
        trend=configuration.wanted_trend,
        map_look=lambda mask, regions: scr.project.map_look_of(configuration, mask, regions),
    )
