"""What a check is to read, as files or tables, and the tables with the rows of their files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scr.errors import ScrError
from scr.habitat.mask import HabitatMask
from scr.habitat.reading import read_mask
from scr.habitat.region import Region
from scr.io.file_roles import EXCEL
from scr.io.map_layers import MapLook
from scr.io.observation_level import ObservationLevel
from scr.io.project_place import place_of_project
from scr.io.rasters import Nodata
from scr.io.recognise import recognise
from scr.io.tables import read_table, source_name
from scr.model.spec import ModelSpec
from scr.posterior.zones import Regions
from scr.schema import aliases
from scr.survey.reading_effort import TableInput
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.survey.wanted_trend import WantedTrend

LABELS = {
    "traps": "trap table",
    "deployments": "table of usage",
    "detections": "table of detections",
}
_LAYERS = (".gpkg", ".geojson", ".json", ".shp", ".gpx")


@dataclass(frozen=True, eq=False)
class SurveySources:
    """What to check, and how to read it.

    Parameters
    ----------
    title, banner
        As in ``Examination``.
    traps, usage, detections, session_covariates
        Files or tables, as in ``read_traps`` and ``read_survey``.
    crs, to_crs
        As in ``read_traps``.
    choices
        Further choices of ``read_survey`` by name: ``detector``, ``occasion_days`` and so on.
    reserve
        Reads the region of the report in a coordinate system, or None.
    regions
        Reads zones beside the reserve in a coordinate system, or None.
    nodata
        As in ``read_traps``.
    mask
        Reads or builds the mask round traps, or None.
    spec
        Makes the model, or None.
    models
        Makes the models that are to be compared, by name, or None.
    trend
        What is asked of a trend, or None.
    map_look
        Reads the layers of maps round a mask and regions, or None.
    notes
        What was done to the tables before.
    """

    traps: TableInput
    usage: TableInput
    detections: TableInput
    title: str = ""
    banner: str = ""
    session_covariates: TableInput | None = None
    crs: str | None = None
    to_crs: str | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)
    reserve: Callable[[str], Region | None] | None = None
    regions: Callable[[Region | None, str], Region | Mapping[str, Region] | None] | None = None
    nodata: Mapping[str, Nodata] = field(default_factory=dict)
    mask: Callable[[Traps], HabitatMask] | None = None
    spec: Callable[[], ModelSpec] | None = None
    models: Callable[[Survey, HabitatMask], Mapping[str, ModelSpec]] | None = None
    trend: WantedTrend | None = None
    map_look: Callable[[HabitatMask, Regions | None], MapLook] | None = None
    notes: tuple[str, ...] = ()


def sources_of_project(
    path: str | Path,
    *,
    crs: str | None = None,
    species: str | None = None,
    observation_level: ObservationLevel | None = None,
) -> SurveySources:
    """What to check of data in any format that can be recognised.

    Parameters
    ----------
    path
        Folder, zip file or workbook.
    crs
        Planar coordinate system; left out, longitude and latitude go to their UTM zone.
    species
        The species meant, where there are several.
    observation_level
        As in ``read_camtrap_dp``.

    Raises
    ------
    ScrError
        If the format is not known or cannot be read.
    """
    found = recognise(path)
    project = found.read(species, observation_level=observation_level)
    cells = project.mask
    place = place_of_project(project, crs=crs)
    return SurveySources(
        traps=project.traps,
        usage=project.usage,
        detections=project.detections,
        title=Path(path).resolve().stem,
        crs=place.get("crs"),
        to_crs=place.get("to_crs"),
        mask=None if cells is None else lambda traps: read_mask(cells, crs=traps.crs),
        notes=(f"Read as {found.form}.", *project.notes),
    )


def sheets_as_tables(sources: SurveySources) -> SurveySources:
    """Sheets of a workbook as tables that are called by what they hold, so that rows are told.

    Parameters
    ----------
    sources
        With files of any kind.
    """
    kinds = {"traps": "traps", "usage": "deployments", "detections": "detections"}
    changed: dict[str, TableInput] = {}
    for role, kind in kinds.items():
        given = getattr(sources, role)
        if isinstance(given, str | Path) and Path(given).suffix.lower() in EXCEL:
            table = table_of(given, kind)
            if table is not None:
                table.attrs["source"] = f"{Path(given).name} ({kind})"
                changed[role] = table
    return replace(sources, **changed)  # type: ignore[arg-type]


def table_of(given: TableInput, kind: str) -> pd.DataFrame | None:
    """A table with the row numbers of its file, or None where it cannot be read as one.

    Parameters
    ----------
    given
        File or table.
    kind
        ``"traps"``, ``"deployments"`` or ``"detections"``.
    """
    ending = Path(given).suffix.lower() if isinstance(given, str | Path) else ""
    if ending in _LAYERS or not isinstance(given, str | Path | pd.DataFrame):
        return None
    needed = ["individual", "trap"] if kind == "detections" else ["trap"]
    required = needed if ending in EXCEL else []
    try:
        table = read_table(given, columns=aliases(kind), required=required, label=LABELS[kind])
    except ScrError:
        return None
    table.attrs["source"] = source_name(given, LABELS[kind])
    return table
