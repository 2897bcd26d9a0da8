"""From a survey.toml to the records that a fit needs."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from scr.errors import ScrError
from scr.habitat.build import build_mask
from scr.habitat.checks import check_traps_near
from scr.habitat.covariates import sample_raster
from scr.habitat.distance import distance_to
from scr.habitat.mask import HabitatMask
from scr.habitat.reading import read_mask
from scr.habitat.region import Region, read_reserve
from scr.habitat.zones import read_zones
from scr.io.map_layers import MapLook
from scr.model.spec import ModelSpec
from scr.model.tables import session_table
from scr.project.configuration import (
    Configuration,
    CovariateKeys,
    SurveyKeys,
    read_configuration,
)
from scr.project.map_look import map_look_of
from scr.project.specs import spec_of, specs_of
from scr.shown import Shown
from scr.survey.collapsed import collapse_days
from scr.survey.detectors import DETECTORS
from scr.survey.reading import read_survey
from scr.survey.reading_searched import read_searched
from scr.survey.reading_traps import read_traps
from scr.survey.survey import Survey
from scr.survey.traps import Traps

_ALWAYS = ("session", "x", "y")
"""Covariates that every survey has."""


@dataclass(frozen=True, eq=False, repr=False)
class Project:
    """What a survey.toml names, read and cross-checked.

    Parameters
    ----------
    survey, mask, spec
        What every fitting function takes first.
    regions
        Where the number of animals is reported: the reserve, or reserve and zones by name.
    reserve
        The reserve alone.
    configuration
        The survey.toml itself.
    map_look
        Layers and size of its maps.
    notes
        What reading decided or found, and why.
    models
        The models of ``[[models]]`` by name, for ``fit_all``; empty where there are none.
    """

    survey: Survey
    mask: HabitatMask
    spec: ModelSpec
    regions: Region | dict[str, Region] | None
    reserve: Region | None
    configuration: Configuration
    map_look: MapLook
    notes: tuple[str, ...] = ()
    models: dict[str, ModelSpec] = field(default_factory=dict)

    @property
    def data(self) -> tuple[Survey, HabitatMask, ModelSpec]:
        """Survey, mask and model, as in ``fit_mle(*project.data)``."""
        return self.survey, self.mask, self.spec

    def __repr__(self) -> str:
        model = Shown("Model:", {**self.spec.formulas, "detection function": self.spec.detection})
        return "\n".join(map(str, (self.configuration.title, self.survey, self.mask, model)))


def load_project(path: str | Path | Configuration) -> Project:
    """Everything that a survey.toml names: survey, mask, model, and the regions of the report.

    Parameters
    ----------
    path
        The survey.toml, or the folder that holds it. File names in it are relative to its folder.

    Raises
    ------
    ScrError
        If the survey.toml has faults, each of which is listed; or from the reader that found a
        fault.

    Examples
    --------
    >>> import scr, scr.demo
    >>> project = scr.load_project(scr.demo.data_folder())
    >>> project.survey.n_individuals, project.regions.name
    (43, 'Simulated Leopard Reserve')
    """
    configuration = path if isinstance(path, Configuration) else read_configuration(Path(path))
    traps = traps_of(configuration.survey)
    survey = _survey(configuration.survey, traps)
    reserve = reserve_of(configuration, traps.crs)
    regions = regions_of(configuration, reserve, traps.crs)
    mask = mask_of(configuration, traps)
    spec = spec_of(configuration)
    spec.coefficient_names(survey, mask)
    near = () if reserve is None else check_traps_near(traps, reserve)
    _check_labels(configuration, survey, mask)
    notes = (*survey.notes, *near, *mask.notes, *spec.unused_columns(survey, mask))
    look = map_look_of(configuration, mask, regions)
    models = specs_of(configuration, survey, mask)
    return Project(survey, mask, spec, regions, reserve, configuration, look, notes, models)


def _check_labels(configuration: Configuration, survey: Survey, mask: HabitatMask) -> None:
    """Raise where a label is of no covariate."""
    tables = [mask.covariates, session_table(survey)]
    for session in survey.sessions:
        tables += [session.traps.covariates, session.captures.covariates]
        tables += [session.occasions, session.by_occasion]
    known = sorted(
        {
            *_ALWAYS,
            *configuration.covariates,
            *(str(name) for table in tables for name in table.columns),
        }
    )
    for name in configuration.labels:
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.6)
            advice = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known)}."
            msg = f"{configuration.path}: [labels] {name} is the name of no covariate. {advice}"
            raise ScrError(msg)


def survey_choices(keys: SurveyKeys) -> dict[str, Any]:
    """Keyword arguments of ``read_survey``.

    Parameters
    ----------
    keys
        ``[survey]``.
    """
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
        "occasion_covariates": keys.occasion_covariates,
        "trap_occasion_covariates": keys.trap_occasion_covariates,
        "observation_level": keys.observation_level,
        "fixes": keys.fixes,
        "telemetry": keys.telemetry,
    }


def traps_of(keys: SurveyKeys) -> Traps:
    """The stations, or the areas or lines that were searched.

    Parameters
    ----------
    keys
        ``[survey]``.
    """
    if DETECTORS[keys.detector].searched:
        return read_searched(keys.traps, crs=keys.crs, to_crs=keys.to_crs)
    return read_traps(keys.traps, crs=keys.crs, to_crs=keys.to_crs, nodata=keys.nodata)


def _survey(keys: SurveyKeys, traps: Traps) -> Survey:
    survey = read_survey(
        keys.detections,
        traps,
        usage=keys.effort,
        session_covariates=keys.session_covariates,
        **survey_choices(keys),
    )
    return collapse_days(survey) if keys.collapse_days else survey


def reserve_of(
    configuration: Configuration, crs: str, *, other: Path | None = None
) -> Region | None:
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
    return read_reserve(path, crs=crs, name=None if other else keys.reserve_name)


def regions_of(
    configuration: Configuration, reserve: Region | None, crs: str
) -> Region | dict[str, Region] | None:
    """Reserve and zones of the report, by name where there are several.

    Parameters
    ----------
    configuration
        The survey.toml.
    reserve
        From ``reserve_of``.
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
    zones = read_zones(keys.file, name=keys.name, crs=crs)
    if reserve is None:
        return zones
    if reserve.name.casefold() in {name.casefold() for name in zones}:
        msg = (
            f"{keys.file.name} has a zone {reserve.name!r}, which is also the reserve's name. "
            "Leave out [report] reserve, or give it another name by reserve_name."
        )
        raise ScrError(msg)
    return {reserve.name: reserve, **zones}


def mask_of(configuration: Configuration, traps: Traps) -> HabitatMask:
    """The habitat mask with its covariates.

    Parameters
    ----------
    configuration
        The survey.toml.
    traps
        The stations.
    """
    keys = configuration.mask
    if keys.cells is not None:
        mask = read_mask(
            keys.cells,
            crs=traps.crs,
            area_km2=keys.area_km2,
            spacing=keys.spacing,
            bounded=keys.bounded,
            fill=keys.fill,
            nodata=keys.nodata,
        )
    else:
        mask = build_mask(
            traps,
            buffer=cast("float", keys.buffer),  # as is the spacing: without cells there are both
            spacing=cast("float", keys.spacing),
            habitat=list(keys.habitat) or None,
            exclude=list(keys.exclude) or None,
        )
    for barrier in keys.barrier:
        mask = mask.with_barrier(barrier)
    for name, covariate in configuration.covariates.items():
        mask = _add_covariate(mask, name, covariate)
    return mask


def _add_covariate(mask: HabitatMask, name: str, keys: CovariateKeys) -> HabitatMask:
    if keys.distance_to is not None:
        if keys.scales:
            msg = (
                f"[covariates] {name} has distance_to and scales, and a distance is not smoothed. "
                "Leave scales out, or give a raster."
            )
            raise ScrError(msg)
        return distance_to(mask, keys.distance_to, name=name)
    return sample_raster(
        mask,
        cast("Path", keys.raster),  # of the two there is one
        name=name,
        band=keys.band,
        fill=keys.fill,
        categorical=keys.categorical,
        nodata=keys.nodata,
        scales=keys.scales,
    )
