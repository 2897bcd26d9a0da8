"""Reads everything of a survey, going on past each error with what can be read."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pandas as pd

from scr.checking.before_fit import check_reporting
from scr.checking.examination import Examination
from scr.checking.sources import LABELS, SurveySources, sheets_as_tables, table_of
from scr.errors import ScrError, ScrWarning, SurveyError
from scr.habitat.checks import check_mask_covers, check_traps_near
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.tables import read_table, source_name
from scr.model.advice import guess_sigma
from scr.model.coordinates import doubt_of_reach
from scr.model.design import build_design
from scr.model.mask_advice import mask_troubles
from scr.model.sampled_ground import covariate_troubles
from scr.model.spec import ModelSpec
from scr.model.within_session import check_responses, responses_in
from scr.posterior.zones import Regions
from scr.schema import aliases
from scr.survey.bearing import bearing_troubles
from scr.survey.detectors import DETECTORS
from scr.survey.reading import Examined, SurveyFiles, examine_survey
from scr.survey.reading_choices import reading_choices
from scr.survey.reading_defaults import DETECTOR
from scr.survey.reading_effort import TableInput
from scr.survey.reading_searched import read_searched
from scr.survey.reading_traps import read_traps
from scr.survey.row_account import RowAccount
from scr.survey.traps import Traps
from scr.survey.troubles import Severity, Trouble, trouble_of, trouble_of_note

_MOST_ROUNDS = 25
_VARYING = ("occasion_covariates", "trap_occasion_covariates")
_TABLES = (*_VARYING, "identities", "fixes")


class _Lost(NamedTuple):
    """Stations whose rows were taken out, and the table that has the error."""

    names: set[str]
    source: str


@dataclass(eq=False)
class _Finds:
    """Troubles as they are found, and rows of the detections that were taken out."""

    troubles: list[Trouble] = field(default_factory=list)
    left_out: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    partial: bool = False

    def note(self, notes: tuple[str, ...]) -> None:
        self.troubles += [trouble_of_note(note) for note in notes]

    @contextmanager
    def gathering(self, *, as_notes: bool = False) -> Iterator[None]:
        """Errors and warnings inside become troubles; what comes after goes on."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", ScrWarning)
            try:
                yield
            except ScrError as error:
                self.troubles.append(trouble_of(error))
        for told in caught:
            if issubclass(told.category, ScrWarning):
                text = str(told.message)
                severity: Severity = "note" if as_notes else "warning"
                self.troubles.append(Trouble(severity, "doubtful", "", (), text))


def check_survey(sources: SurveySources) -> Examination:
    """Read a survey as far as it can be read, and gather every trouble.

    Rows with errors are taken out, each with its reason, and the reading goes on, so that errors
    of all kinds are found at once and the rest of the survey can be looked at. With rows of
    stations or of effort go the detections of those stations. Nothing is to be fitted from a
    survey with errors.

    Parameters
    ----------
    sources
        What to check.

    Returns
    -------
    Examination
        With the survey as far as it could be read.
    """
    finds = _Finds()
    sources = sheets_as_tables(sources)
    finds.note(sources.notes)
    traps, lost = _traps(sources, finds)
    reserve, regions = _regions(sources, traps, finds)
    examined = None if traps is None else _survey(sources, traps, lost, finds)
    if examined is not None:
        finds.troubles += examined.troubles
        finds.note(examined.survey.notes)
    mask, spec = _mask_and_spec(sources, traps, finds)
    model = _model_facts(spec, examined, mask, finds, reserve=reserve)
    if sources.models is not None and examined is not None and mask is not None:
        with finds.gathering():
            named = sources.models(examined.survey, mask)
            model |= {f"model {name}": compared.in_words for name, compared in named.items()}
    if examined is not None and mask is not None and spec is not None:
        with finds.gathering(as_notes=True):
            look = None if sources.map_look is None else sources.map_look(mask, regions)
            layers = None if look is None else look.layers
            check_reporting(
                examined.survey, mask, spec, regions=regions, trend=sources.trend, layers=layers
            )
    sigma = _doubts(examined, mask, spec, finds)
    return Examination(
        title=sources.title,
        banner=sources.banner,
        troubles=tuple(finds.troubles),
        traps=traps,
        survey=None if examined is None else examined.survey,
        mask=mask,
        reserve=reserve,
        partial=finds.partial,
        rows=None if examined is None else examined.rows.with_dropped(finds.left_out),
        model=model,
        sigma=sigma,
    )


def _regions(
    sources: SurveySources, traps: Traps | None, finds: _Finds
) -> tuple[Region | None, Regions | None]:
    """The reserve, and all regions of the report as far as they can be read."""
    reserve: Region | None = None
    regions: Regions | None = None
    if traps is None:
        return None, None
    with finds.gathering():
        reserve = None if sources.reserve is None else sources.reserve(traps.crs)
        if reserve is not None:
            finds.note(check_traps_near(traps, reserve))
    with finds.gathering():
        regions = reserve
        if sources.regions is not None:
            regions = sources.regions(reserve, traps.crs)
    return reserve, regions


def _traps(sources: SurveySources, finds: _Finds) -> tuple[Traps | None, _Lost]:
    """Traps without the rows that have errors, and the names of the stations lost by that."""
    source = source_name(sources.traps, LABELS["traps"])
    lost = _Lost(set(), source)
    given: TableInput = sources.traps
    for _ in range(_MOST_ROUNDS):
        traps = None
        n_before = len(finds.troubles)
        with finds.gathering():
            traps = _read_traps(sources, given)
        if traps is not None or len(finds.troubles) == n_before:
            return traps, lost
        rows = finds.troubles[-1].rows
        table = table_of(given, "traps")
        if table is None or not rows or finds.troubles[-1].source != source:
            return None, lost
        bad = table.index.intersection(list(rows))
        if not len(bad):
            return None, lost
        finds.partial = True
        if "trap" in table.columns:
            lost.names.update(table["trap"].loc[bad].dropna().astype(str))
            bad = bad.union(table.index[table["trap"].isin(lost.names)])
        if len(bad) == len(table):
            return None, lost
        given = _without(table, bad)
    return None, lost


def _read_traps(sources: SurveySources, given: TableInput) -> Traps:
    """Stations, or the parts that were searched."""
    place = {"crs": sources.crs, "to_crs": sources.to_crs}
    if DETECTORS[sources.choices.get("detector", DETECTOR)].searched:
        if isinstance(given, pd.DataFrame):
            msg = "A table has no outlines. Give the layer of the areas or lines searched."
            raise SurveyError(msg)
        return read_searched(given, **place)
    return read_traps(given, **place, nodata=sources.nodata)


def _without(table: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    kept = table.drop(index=rows)
    kept.attrs["source"] = table.attrs["source"]
    return kept


def _survey(sources: SurveySources, traps: Traps, lost: _Lost, finds: _Finds) -> Examined | None:
    """The survey without rows that have errors; without any detections where that is all."""
    given: dict[str, TableInput] = {"usage": sources.usage, "detections": sources.detections}
    given |= {role: sources.choices[role] for role in _VARYING if sources.choices.get(role)}
    if lost.names:
        given = _without_stations(given, lost, finds)
    for _ in range(_MOST_ROUNDS):
        examined = None
        n_before = len(finds.troubles)
        with finds.gathering():
            examined = _examine(sources, traps, given)
        if examined is not None or len(finds.troubles) == n_before:
            return examined
        trouble = finds.troubles[-1]
        finds.partial = True
        role = _role_of(trouble, given)
        if role in _VARYING:
            del given[role]  # the rest can be looked at without it
            continue
        table = None if role is None else _astable_of(given[role], role)
        bad = pd.Index([]) if table is None else table.index.intersection(list(trouble.rows))
        if role is None or table is None or not len(bad) or len(bad) == len(table):
            break
        if role == "detections":
            finds.left_out.append((f"error, {trouble.kind}", tuple(map(int, bad))))
            given["detections"] = _without(table, bad)
        else:
            names = set(table["trap"].loc[bad].dropna().astype(str))
            given["usage"] = _without(table, bad)
            given = _without_stations(given, _Lost(names, trouble.source), finds)
    return _effort_alone(sources, traps, given, finds)


def _role_of(trouble: Trouble, given: Mapping[str, TableInput]) -> str | None:
    for role, table in given.items():
        if trouble.source and source_name(table, _label(role)) == trouble.source:
            return role
    return None


def _label(role: str) -> str:
    return LABELS["detections" if role == "detections" else "deployments"]


def _astable_of(given: TableInput, role: str) -> pd.DataFrame | None:
    return table_of(given, "detections" if role == "detections" else "deployments")


def _without_stations(
    given: Mapping[str, TableInput], lost: _Lost, finds: _Finds
) -> dict[str, TableInput]:
    """Tables without the rows of stations that have an error elsewhere."""
    kept: dict[str, TableInput] = dict(given)
    for role, table_given in given.items():
        table = _astable_of(table_given, role)
        if table is None or "trap" not in table.columns:
            continue
        bad = table.index[table["trap"].astype(str).isin(lost.names)]
        if not len(bad) or (len(bad) == len(table) and role == "usage"):
            continue
        kept[role] = _without(table, bad)
        if role == "detections":
            reason = f"error of their station in {lost.source}"
            finds.left_out.append((reason, tuple(map(int, bad))))
    return kept


def _examine(sources: SurveySources, traps: Traps, given: Mapping[str, TableInput]) -> Examined:
    return examine_survey(
        SurveyFiles(
            given["detections"],
            given["usage"],
            sources.session_covariates,
            _identities(sources, given),
            given.get("occasion_covariates"),
            given.get("trap_occasion_covariates"),
            sources.choices.get("fixes"),
        ),
        traps,
        choices=reading_choices(**_of_reading(sources.choices)),
    )


def _of_reading(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices that say how tables are read, without tables that are choices themselves."""
    return {name: value for name, value in choices.items() if name not in _TABLES}


def _identities(sources: SurveySources, given: Mapping[str, TableInput]) -> TableInput | None:
    """Names to mend, without those of rows that were taken out for an error of their own."""
    named: TableInput | None = sources.choices.get("identities")
    whole = _astable_of(sources.detections, "detections")
    left = _astable_of(given["detections"], "detections")
    if named is None or whole is None or left is None or len(left) == len(whole):
        return named
    table = read_table(
        named,
        columns=aliases("identities"),
        required=["individual", "becomes"],
        label="table of identities",
    )
    gone = table["individual"].isin(set(whole["individual"]) - set(left["individual"]))
    if "row" in table.columns:
        row = pd.to_numeric(table["row"], errors="coerce")
        gone |= row.isin(whole.index.difference(left.index))
    table.attrs["source"] = source_name(named, "table of identities")
    return _without(table, table.index[gone])


def _effort_alone(
    sources: SurveySources, traps: Traps, given: Mapping[str, TableInput], finds: _Finds
) -> Examined | None:
    """Stations and effort without any detection, so that these can be looked at."""
    source = source_name(sources.detections, LABELS["detections"])
    columns = ["individual", "trap", "occasion", "datetime"]
    nobody = pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    nobody.attrs["source"] = source
    table = _astable_of(given["detections"], "detections")
    try:
        examined = _examine(sources, traps, {"usage": given["usage"], "detections": nobody})
    except ScrError:
        return None
    kind = finds.troubles[-1].kind
    rows = () if table is None else tuple(int(row) for row in table.index)
    dropped = ((f"not read, because of an error: {kind}", rows),) if rows else ()
    notes = tuple(note for note in examined.survey.notes if not note.startswith(source))
    survey = replace(examined.survey, notes=notes)
    return Examined(survey, (), RowAccount(source, len(rows), dropped, 0))


def _mask_and_spec(
    sources: SurveySources, traps: Traps | None, finds: _Finds
) -> tuple[HabitatMask | None, ModelSpec | None]:
    mask = spec = None
    if traps is not None and sources.mask is not None:
        with finds.gathering():
            mask = sources.mask(traps)
        if mask is not None:
            finds.note(mask.notes)
    if sources.spec is not None:
        with finds.gathering():
            spec = sources.spec()
    return mask, spec


def _doubts(
    examined: Examined | None, mask: HabitatMask | None, spec: ModelSpec | None, finds: _Finds
) -> float | None:
    """First estimate of sigma; what data and mask cannot support is noted."""
    sigma = None
    if examined is None:
        return None
    survey = examined.survey
    detection = "hazard_half_normal" if spec is None else spec.detection
    with finds.gathering():
        sigma = guess_sigma(survey)
    if sigma is not None and examined.rows.n_used:
        by_sex = spec is not None and spec.has_sexes
        finds.troubles += bearing_troubles(survey, sigma, by_sex=by_sex)
    if sigma is not None and mask is not None:
        with finds.gathering():
            for session in survey.sessions:
                check_mask_covers(mask, session.traps)
            finds.troubles += mask_troubles(survey, mask, detection=detection)
    return sigma


def _model_facts(
    spec: ModelSpec | None,
    examined: Examined | None,
    mask: HabitatMask | None,
    finds: _Finds,
    *,
    reserve: Region | None,
) -> dict[str, str]:
    if spec is None:
        return {}
    facts = {**spec.formulas, "detection function": str(spec.detection)}
    if examined is None or mask is None or not examined.rows.n_used:
        return facts
    with finds.gathering():
        design = build_design(examined.survey, mask, spec)
        check_responses(examined.survey, responses_in(spec.detection_variables))
        finds.troubles += covariate_troubles(design, reserve)
        names = design.coefficient_names
        doubt = doubt_of_reach(design)
        if doubt is not None:
            finds.troubles.append(Trouble("warning", "not seen near stations", "", (), doubt[1]))
        facts[f"{len(names)} coefficients"] = ", ".join(names)
        finds.note(spec.unused_columns(examined.survey, mask))
    return facts
