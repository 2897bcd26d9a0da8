"""The survey.toml: what its keys are, and what is wrong with it, all at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from scr.errors import ScrError
from scr.io.file_roles import given_twice
from scr.model.labels import Label
from scr.model.number import Number
from scr.project.model_blocks import blocks_of_models
from scr.project.toml_tables import TableReader, parse_toml
from scr.survey.detectors import Detector, Telemetry
from scr.survey.reading_defaults import (
    DAY_STARTS,
    DETECTOR,
    DROP_OUTSIDE,
    OCCASION_DAYS,
    TELEMETRY,
    DayStarts,
    OccasionLength,
)
from scr.survey.wanted_trend import WantedTrend

Engine = Literal["auto", "mle", "laplace", "nuts"]
"""How to fit: ``auto`` is Laplace importance sampling, then NUTS where that does not suffice."""

_MODEL_LINE = re.compile(r"""\s*(\w+)\s*(?:=\s*|(?=~))(["']?)(\S.*?)\2\s*""")
_POSITIVE = {"above": 0}
_TABLES = (
    *("survey", "mask", "covariates", "model", "fit"),
    *("report", "zones", "maps", "trend", "labels", "comparison"),
)
_HEADING = ("title", "animals", "banner", "output")


@dataclass(frozen=True)
class SurveyKeys:
    """``[survey]``: the files of the survey and how to read them."""

    traps: Path
    detections: Path
    deployments: Path | None = None
    usage: Path | None = None
    session_covariates: Path | None = None
    occasion_covariates: Path | None = None
    trap_occasion_covariates: Path | None = None
    crs: str | None = None
    to_crs: str | None = None
    detector: Detector = DETECTOR
    occasion_days: OccasionLength = field(default=OCCASION_DAYS, metadata=_POSITIVE)
    first_day: date | str | None = None
    day_starts: DayStarts = DAY_STARTS
    independence: str | None = None
    missing_sex: tuple[str, ...] | None = None
    day_first: bool | None = None
    drop_outside: bool = DROP_OUTSIDE
    flank: Literal["left", "right", "both"] | None = None
    species: tuple[str, ...] | None = None
    identities: Path | None = None
    fixes: Path | None = None
    telemetry: Telemetry = TELEMETRY
    observation_level: Literal["event", "media"] | None = None
    collapse_days: bool = False
    nodata: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def effort(self) -> Path:
        """The file of how long stations worked: reading makes sure of one of the two."""
        return cast("Path", self.deployments or self.usage)


@dataclass(frozen=True)
class MaskKeys:
    """``[mask]``: where activity centres can lie."""

    buffer: float | None = field(default=None, metadata=_POSITIVE)
    spacing: float | None = field(default=None, metadata=_POSITIVE)
    habitat: tuple[Path, ...] = ()
    exclude: tuple[Path, ...] = ()
    barrier: tuple[Path, ...] = ()
    cells: Path | None = None
    area_km2: float | None = field(default=None, metadata=_POSITIVE)
    bounded: bool = False
    nodata: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    fill: Mapping[str, float | Literal["nearest"]] = field(default_factory=dict)


@dataclass(frozen=True)
class CovariateKeys:
    """One entry of ``[covariates]``: a column of the mask and where it comes from."""

    raster: Path | None = None
    distance_to: Path | None = None
    band: int = field(default=1, metadata=_POSITIVE)
    fill: float | Literal["nearest"] | None = None
    categorical: bool | None = None
    nodata: tuple[float, ...] | None = None
    scales: tuple[int, ...] = ()


@dataclass(frozen=True)
class PriorKeys:
    """One entry of ``[model.priors]``, by name of the coefficient."""

    mean: float
    sd: float = field(metadata=_POSITIVE)
    family: Literal["normal", "student_t"] = "normal"
    df: float = field(default=4.0, metadata=_POSITIVE)


@dataclass(frozen=True)
class ModelKeys:
    """``[model]``: formulas and detection function."""

    density: str = "~ 1"
    lambda0: str | None = None
    g0: str | None = None
    a0: str | None = None
    sigma: str = "~ 1"
    sigmak: str | None = None
    z: str | None = None
    share: str = "~ 1"
    pmix: str = "~ 1"
    distance: str | None = None
    detection: str = "hazard_half_normal"
    classes: str | None = None
    number: Number = "poisson"
    nodes: int = 11
    priors: Mapping[str, PriorKeys] = field(default_factory=dict)


@dataclass(frozen=True)
class ComparisonKeys:
    """``[comparison]``: how the models of ``[[models]]`` are weighed, and which is reported."""

    weights: Literal["stacking", "aic", "aicc"] | None = None
    report: str | None = None


@dataclass(frozen=True)
class FitKeys:
    """``[fit]``: how to fit."""

    engine: Engine = "auto"
    seed: int = 1
    chains: int = field(default=4, metadata=_POSITIVE)
    draws: int = field(default=1000, metadata=_POSITIVE)
    tune: int = field(default=500, metadata=_POSITIVE)
    check_fit: bool = False


@dataclass(frozen=True)
class ReportKeys:
    """``[report]``: where the number of animals is reported."""

    reserve: Path | None = None
    reserve_name: str | None = None


@dataclass(frozen=True)
class MapsKeys:
    """``[maps]``: layers of the user's own that maps show, and the size of the sheet."""

    relief: Path | None = None
    water: Path | None = None
    rivers: Path | None = None
    roads: Path | None = None
    borders: Path | None = None
    towns: Path | None = None
    locator: Path | None = None
    label: str = "name"
    size: Literal["column", "page", "A4"] = "column"
    margin: float | None = field(default=None, metadata=_POSITIVE)


@dataclass(frozen=True)
class ZonesKeys:
    """``[zones]``: more areas where the number of animals is reported, by name."""

    file: Path | None = None
    name: str = "name"


@dataclass(frozen=True)
class TrendKeys:
    """``[trend]``: which sessions are compared, and when they were."""

    sessions: tuple[str, ...] | None = None
    years: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Configuration:
    """A survey.toml, read and checked; paths are as seen from the working folder."""

    path: Path
    survey: SurveyKeys
    mask: MaskKeys
    covariates: Mapping[str, CovariateKeys] = field(default_factory=dict)
    model: ModelKeys = field(default_factory=ModelKeys)
    models: Mapping[str, ModelKeys] = field(default_factory=dict)
    comparison: ComparisonKeys = field(default_factory=ComparisonKeys)
    fit: FitKeys = field(default_factory=FitKeys)
    report: ReportKeys = field(default_factory=ReportKeys)
    zones: ZonesKeys = field(default_factory=ZonesKeys)
    maps: MapsKeys = field(default_factory=MapsKeys)
    trend: TrendKeys | None = None
    labels: Mapping[str, Label] = field(default_factory=dict)
    title: str = ""
    animals: str = ""
    banner: str = ""
    output: Path = Path("results")

    @property
    def wanted_trend(self) -> WantedTrend | None:
        """What is asked of a trend; None where there is no ``[trend]``."""
        keys = self.trend
        return None if keys is None else WantedTrend(keys.sessions, keys.years or None)

    def with_fit(self, **changes: Any) -> "Configuration":
        """The same with keys of ``[fit]`` replaced, those that are None left as they are."""
        given = {key: value for key, value in changes.items() if value is not None}
        return replace(self, fit=replace(self.fit, **given))

    def with_model(self, lines: Sequence[str]) -> "Configuration":
        """The same with keys of ``[model]`` replaced, and without ``[[models]]`` if any are.

        Parameters
        ----------
        lines
            Each a formula, ``density ~ forest``, or a key and its value, ``classes = sex``.

        Raises
        ------
        ScrError
            If one is neither, or names no key of ``[model]`` or one that was given before.
        """
        given: dict[str, str] = {}
        for line in lines:
            key, value = _model_line(line)
            if key in given:
                msg = f"--model gives {key} twice, {given[key]!r} and {value!r}. Give it once."
                raise ScrError(msg)
            given[key] = value
        model = replace(self.model, **cast("dict[str, Any]", given))
        return replace(self, model=model, models={} if given else self.models)


def _model_line(line: str) -> tuple[str, str]:
    """Key and value of one line of ``[model]``."""
    found = _MODEL_LINE.fullmatch(line)
    known = [key.name for key in fields(ModelKeys) if key.name != "priors"]
    if found is None or found[1] not in known:
        msg = (
            f"--model {line!r} names no part of the model. Give a formula, as in "
            f"--model 'density ~ forest', or one of {', '.join(known)} with its value, as in "
            "--model 'detection = hazard_exponential'. Priors are set in survey.toml."
        )
        raise ScrError(msg)
    return found[1], found[3].strip()


def read_configuration(path: Path) -> Configuration:
    """Read a survey.toml.

    Parameters
    ----------
    path
        The file, or the folder that holds it. File names inside it are relative to its folder.

    Raises
    ------
    ScrError
        If it is not there, is not TOML, has keys that are unknown, missing or of the wrong kind,
        or names files that do not exist; every fault is listed.
    """
    path = path / "survey.toml" if path.is_dir() else path
    content = parse_toml(path)
    faults: list[str] = []
    reader = TableReader(path.parent, faults)
    tables = {name: reader.subtable(content, name) for name in _TABLES}
    priors = reader.subtable(tables["model"], "priors", "model.priors")
    heading = {key: content[key] for key in _HEADING if key in content}
    reader.check_keys(content, (*_HEADING, *tables, "models"), "")
    values = {
        "survey": reader.record(SurveyKeys, tables["survey"], "survey"),
        "mask": reader.record(MaskKeys, tables["mask"], "mask"),
        "model": reader.record(ModelKeys, {**tables["model"], "priors": {}}, "model"),
        "models": _models(reader, blocks_of_models(reader, content, tables["model"])),
        "comparison": reader.record(ComparisonKeys, tables["comparison"], "comparison"),
        "fit": reader.record(FitKeys, tables["fit"], "fit"),
        "report": reader.record(ReportKeys, tables["report"], "report"),
        "zones": reader.record(ZonesKeys, tables["zones"], "zones"),
        "maps": reader.record(MapsKeys, tables["maps"], "maps"),
        "trend": reader.record(TrendKeys, tables["trend"], "trend") if "trend" in content else None,
        "covariates": reader.entries(CovariateKeys, tables["covariates"], "covariates"),
        "labels": reader.entries(Label, _named(tables["labels"]), "labels"),
    }
    prior_values = reader.entries(PriorKeys, priors, "model.priors")
    for key, value in heading.items():
        if not isinstance(value, str):
            faults.append(f"{key}: is {value!r}, but must be text.")
    faults.extend(_contradictions(tables))
    faults.extend(_unknown_report(values["comparison"], values["models"]))
    if faults:
        raise ScrError(_report(path, faults))
    return Configuration(
        path=path,
        title=heading.get("title", path.resolve().parent.name),
        animals=heading.get("animals") or _animals(values["survey"]),
        banner=heading.get("banner", ""),
        output=path.parent / heading.get("output", "results"),
        **{**values, "model": replace(values["model"], priors=prior_values)},
    )


def _models(reader: TableReader, blocks: Mapping[str, Mapping[str, Any]]) -> dict[str, ModelKeys]:
    """Models by name, each with the priors of its own."""
    found: dict[str, ModelKeys] = {}
    for name, block in blocks.items():
        where = f"models.{name}"
        own = reader.subtable(block, "priors", f"{where}.priors")
        keys = reader.record(ModelKeys, {**block, "priors": {}}, where)
        priors = reader.entries(PriorKeys, own, f"{where}.priors")
        if keys is not None:
            found[name] = replace(keys, priors=priors)
    return found


def _unknown_report(keys: ComparisonKeys | None, models: Mapping[str, ModelKeys]) -> list[str]:
    if keys is None or keys.report is None or keys.report in models:
        return []
    known = ", ".join(models) or "none, as there are no [[models]]"
    return [f"[comparison] report: {keys.report!r} is the name of no model. Known are {known}."]


def _animals(keys: SurveyKeys) -> str:
    """What animals are called where the file does not say: by the name of the species."""
    return keys.species[0] if keys.species else ""


def _named(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Labels as tables, those that are a name alone too."""
    return {
        key: {"name": value} if isinstance(value, str) else value for key, value in labels.items()
    }


def _report(path: Path, faults: list[str]) -> str:
    noun = "fault" if len(faults) == 1 else "faults"
    listed = "\n".join(f"  {fault}" for fault in faults)
    return (
        f"{path} has {len(faults)} {noun}:\n{listed}\n"
        "Correct it and try again. The survey.toml that 'scr init' writes explains every key."
    )


def _contradictions(tables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    faults = []
    survey, mask = tables["survey"], tables["mask"]
    if "deployments" in survey and "usage" in survey:
        faults.append("[survey] has both deployments and usage. Keep the one that is the record.")
    if survey and not {"deployments", "usage"} & set(survey):
        faults.append(
            "[survey] lacks deployments, or usage: without how long each station worked, "
            "detections mean nothing."
        )
    for keys, name in given_twice(survey):
        faults.append(
            f"[survey] {' and '.join(keys)} are the same file, {name}. Give each its own: a table "
            "holds either stations and effort, or detections."
        )
    built = {"buffer", "spacing"} & set(mask)
    if "cells" in mask:
        clash = sorted((built - {"spacing"}) | ({"habitat", "exclude"} & set(mask)))
        if clash:
            faults.append(
                f"[mask] has cells, a ready mask, and also {', '.join(clash)}, which builds one. "
                "Keep one or the other."
            )
    elif len(built) < 2:
        lacking = " and ".join(sorted({"buffer", "spacing"} - built))
        faults.append(
            f"[mask] lacks {lacking}, in metres. A buffer of 4 to 5 sigma and a spacing of half a "
            "sigma or less are sound; or give cells, the file of a ready mask."
        )
    if tables["zones"] and "file" not in tables["zones"]:
        faults.append("[zones] lacks file, the layer that holds the zones.")
    for name, entry in tables["covariates"].items():
        if isinstance(entry, dict) and len({"raster", "distance_to"} & set(entry)) != 1:
            faults.append(
                f"[covariates] {name}: needs either raster or distance_to, as in "
                f'{name} = {{ raster = "{name}.tif" }}.'
            )
    return faults
