"""From a survey.toml to the records that a fit needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import scr.habitat
import scr.report
from scr.cli.configuration import Configuration, CovariateKeys, PriorKeys, SurveyKeys
from scr.cli.messages import say, working
from scr.errors import ScrError

if TYPE_CHECKING:
    from scr.habitat.mask import HabitatMask
    from scr.habitat.region import Region
    from scr.model.detection import DetectionName
    from scr.model.priors import Prior
    from scr.model.spec import ModelSpec
    from scr.report.sources import SurveySources
    from scr.survey.survey import Survey
    from scr.survey.traps import Traps


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a survey.toml names, read and cross-checked."""

    traps: "Traps"
    survey: "Survey"
    mask: "HabitatMask"
    spec: "ModelSpec"
    reserve: "Region | None"
    regions: "Region | dict[str, Region] | None"

    @property
    def data(self) -> "tuple[Survey, HabitatMask, ModelSpec]":
        """What every fitting function takes first."""
        return self.survey, self.mask, self.spec


def read_inputs(configuration: Configuration) -> Inputs:
    """Read everything that a survey.toml names.

    Parameters
    ----------
    configuration
        The survey.toml.

    Raises
    ------
    ScrError
        From the reader that found a fault.
    """
    with working("Reading the survey"):
        traps, survey = _read_survey(configuration.survey)
        reserve = read_reserve(configuration, traps.crs)
        regions = read_regions(configuration, reserve, traps.crs)
    with working("Laying the habitat mask"):
        mask = _read_mask(configuration, traps)
        spec = _model(configuration)
        spec.coefficient_names(survey, mask)
    near = () if reserve is None else scr.habitat.check_traps_near(traps, reserve)
    unused = spec.unused_columns(survey, mask)
    for note in (*survey.notes, *near, *mask.notes, *unused):
        say(f"  note: {note}")
    return Inputs(traps, survey, mask, spec, reserve, regions)


def sources_of(configuration: Configuration) -> "SurveySources":
    """What ``check_survey`` is to read.

    Parameters
    ----------
    configuration
        The survey.toml.
    """
    keys = configuration.survey
    sources: SurveySources = scr.report.SurveySources(
        traps=keys.traps,
        usage=keys.effort,
        detections=keys.detections,
        title=configuration.title,
        banner=configuration.banner,
        session_covariates=keys.session_covariates,
        crs=keys.crs,
        to_crs=keys.to_crs,
        nodata=keys.nodata,
        choices=_choices(keys),
        reserve=lambda crs: read_reserve(configuration, crs),
        regions=lambda reserve, crs: read_regions(configuration, reserve, crs),
        mask=lambda traps: _read_mask(configuration, traps),
        spec=lambda: _model(configuration),
    )
    return sources


def _choices(keys: SurveyKeys) -> dict[str, Any]:
    """Keyword arguments of ``read_survey``."""
    choices: dict[str, Any] = {} if keys.missing_sex is None else {"missing_sex": keys.missing_sex}
    return choices | {
        "detector": keys.detector,
        "occasion_days": keys.occasion_days,
        "first_day": keys.first_day,
        "day_starts": keys.day_starts,
        "independence": keys.independence,
        "day_first": keys.day_first,
        "drop_outside": keys.drop_outside,
        "flank": keys.flank,
        "species": keys.species,
        "identities": keys.identities,
        "observation_level": keys.observation_level,
    }


def _read_survey(keys: SurveyKeys) -> "tuple[Traps, Survey]":
    traps = scr.read_traps(keys.traps, crs=keys.crs, to_crs=keys.to_crs, nodata=keys.nodata)
    survey = scr.read_survey(
        keys.detections,
        traps,
        usage=keys.effort,
        session_covariates=keys.session_covariates,
        **_choices(keys),
    )
    return traps, survey


def read_reserve(
    configuration: Configuration, crs: str, *, other: Path | None = None
) -> "Region | None":
    """The region of the report.

    Parameters
    ----------
    configuration
        The survey.toml.
    crs
        Planar coordinate system of the stations.
    other
        A file to read in place of the one that the survey.toml names.
    """
    keys = configuration.report
    path = other or keys.reserve
    if path is None:
        return None
    name = None if other else keys.reserve_name
    reserve: Region = scr.read_reserve(path, crs=crs, name=name)
    return reserve


def read_regions(
    configuration: Configuration, reserve: "Region | None", crs: str
) -> "Region | dict[str, Region] | None":
    """Reserve and zones of the report, by name where there are several.

    Parameters
    ----------
    configuration
        The survey.toml.
    reserve
        From ``read_reserve``.
    crs
        Planar coordinate system of the stations.

    Raises
    ------
    ScrError
        If a zone has the name of the reserve, or from the reader that found a fault.
    """
    keys = configuration.zones
    if keys.file is None:
        return reserve
    zones: dict[str, Region] = scr.read_zones(keys.file, name=keys.name, crs=crs)
    if reserve is None:
        return zones
    if reserve.name.casefold() in {name.casefold() for name in zones}:
        msg = (
            f"{keys.file.name} has a zone {reserve.name!r}, which is also the reserve's name. "
            "Leave out [report] reserve, or give it another name by reserve_name."
        )
        raise ScrError(msg)
    return {reserve.name: reserve, **zones}


def _read_mask(configuration: Configuration, traps: "Traps") -> "HabitatMask":
    keys = configuration.mask
    if keys.cells is not None:
        mask: HabitatMask = scr.read_mask(
            keys.cells,
            crs=traps.crs,
            area_km2=keys.area_km2,
            spacing=keys.spacing,
            bounded=keys.bounded,
            fill=keys.fill,
            nodata=keys.nodata,
        )
    else:
        mask = scr.build_mask(
            traps,
            buffer=cast("float", keys.buffer),
            spacing=cast("float", keys.spacing),
            habitat=list(keys.habitat) or None,
            exclude=list(keys.exclude) or None,
        )
    for name, covariate in configuration.covariates.items():
        mask = _add_covariate(mask, name, covariate)
    return mask


def _add_covariate(mask: "HabitatMask", name: str, keys: CovariateKeys) -> "HabitatMask":
    wider: HabitatMask
    if keys.distance_to is not None:
        wider = scr.distance_to(mask, keys.distance_to, name=name)
    else:
        wider = scr.sample_raster(
            mask,
            cast("Path", keys.raster),
            name=name,
            band=keys.band,
            fill=keys.fill,
            categorical=keys.categorical,
            nodata=keys.nodata,
        )
    return wider


def _model(configuration: Configuration) -> "ModelSpec":
    keys = configuration.model
    spec: ModelSpec = scr.ModelSpec(
        density=keys.density,
        lambda0=keys.lambda0,
        g0=keys.g0,
        sigma=keys.sigma,
        z=keys.z,
        share=keys.share,
        detection=cast("DetectionName", keys.detection),
        classes=keys.classes,
        priors={name: _prior(prior) for name, prior in keys.priors.items()},
    )
    return spec


def _prior(keys: PriorKeys) -> "Prior":
    student = keys.family == "student_t"
    prior: Prior = (
        scr.StudentT(keys.mean, keys.sd, keys.df) if student else scr.Normal(keys.mean, keys.sd)
    )
    return prior
