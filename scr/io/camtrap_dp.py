"""Camtrap DP packages: deployments and observations of the TDWG standard, version 1."""

import warnings
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from scr.errors import SurveyError, SurveyWarning
from scr.io.bounds import memory_told
from scr.io.camtrap_failures import failures_of_deployments, with_failures
from scr.io.camtrap_package import (
    DEPLOYMENT_NAMES,
    FAILURE_NAMES,
    FORM,
    OBSERVATION_NAMES,
    CamtrapFiles,
    camtrap_files,
)
from scr.io.clock import read_iso, shifted, wall_text
from scr.io.observation_level import LEVEL, ObservationLevel, one_level
from scr.io.packages import Package, open_package, package_table
from scr.io.project import (
    ProjectTables,
    named_table,
    one_species,
    require_columns,
    unidentified_note,
)
from scr.io.tables import COUNTING, row_list

_SAME_PLACE_M = 25.0
_METRES_PER_DEGREE = 111_195.0
_FLANK = r"(?:flank|side)\s*[:=]\s*(left|right|both)"
_FEW_NAMES = 10
_MOST_NAMED_SO = 0.5


@memory_told(SurveyError)
def read_camtrap_dp(
    path: str | Path,
    *,
    species: str | None = None,
    observation_level: ObservationLevel | None = None,
) -> ProjectTables:
    """Stations, deployments and named animals of a Camtrap DP package.

    A station is a location (``locationID``, else ``locationName``). Every time is put on the clock
    of its own deployment, at the offset from UTC with which that starts, whatever mixture of
    offsets and UTC the package has. Where cameras failed, by columns failureStart and failureEnd
    of the deployments, a tag ``cameraFailure:2024-06-01/2024-06-05``, or a table of the package
    with deploymentID, failureStart and failureEnd, that time is no effort.

    Parameters
    ----------
    path
        The folder, the zip file or the ``datapackage.json``; loose tables of this form are told
        by their columns. media.csv may be absent.
    species
        Scientific name, where animals of several species are named.
    observation_level
        ``"event"`` or ``"media"``; left out, rows of events if any of them names an animal, else
        those of media. Never both.

    Returns
    -------
    ProjectTables
        With lon and lat; detections have sex, life_stage and flank where the package tells them
        (a tag ``flank:left``, ``flank:right`` or ``flank:both``).

    Raises
    ------
    SurveyError
        If the package or a table of it cannot be read or is too large, is of another version than
        1.0, names files outside of it, lacks a column, has times or places that are none, or
        observations of deployments that are not there.

    References
    ----------
    Bubnicki et al. (2024) Remote Sens. Ecol. Conserv. 10:283-295.
    """
    package = open_package(path)
    files = camtrap_files(package)
    if files is None:
        msg = (
            f"{package.name} has no datapackage.json, nor tables of deployments and observations "
            "of this form. Give the folder or zip file of a Camtrap DP package."
        )
        raise SurveyError(msg, kind="no package", source=package.name)
    deployments, source = _deployments(package, files)
    start, start_timed, offset = _times(deployments["deploymentStart"], source=source)
    end, end_timed, end_offset = _times(deployments["deploymentEnd"], source=source)
    deployments["trap"], notes = _stations(deployments, source=source)
    usage = pd.DataFrame(
        {
            "trap": deployments["trap"],
            "deployment": deployments["deploymentID"],
            "start": wall_text(start, start_timed).to_numpy(),
            "end": wall_text(shifted(end, offset - end_offset), end_timed).to_numpy(),
        },
        index=deployments.index,
    )
    traps = deployments.drop_duplicates("trap")[["trap", "longitude", "latitude"]]
    traps = traps.rename(columns={"longitude": "lon", "latitude": "lat"})
    deployed = pd.DataFrame({"trap": deployments["trap"], "clock": offset})
    deployed.index = pd.Index(deployments["deploymentID"])
    usage, failed = _failures(package, files, deployments, usage=usage, deployed=deployed)
    detections, seen = _detections(
        package, files, deployed, species=species, observation_level=observation_level
    )
    issues = _issues(deployments, source=source)
    return ProjectTables(
        form=FORM,
        traps=named_table(traps, source),
        usage=named_table(usage, source),
        detections=detections,
        notes=(*files.notes, *notes, *issues, *failed, *seen),
    )


def _deployments(package: Package, files: CamtrapFiles) -> tuple[pd.DataFrame, str]:
    table = package_table(package, files.deployments, names=DEPLOYMENT_NAMES, others=True)
    source = f"{package.name}: {PurePosixPath(files.deployments).name}"
    require_columns(table, list(DEPLOYMENT_NAMES)[:5], source=source, form=FORM)
    _check_ids(table, source=source)
    return table, source


def _failures(
    package: Package,
    files: CamtrapFiles,
    deployments: pd.DataFrame,
    *,
    usage: pd.DataFrame,
    deployed: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Deployments with the times in which their cameras failed, and notes."""
    source = f"{package.name}: {PurePosixPath(files.deployments).name}"
    own, notes = failures_of_deployments(deployments, source=source)
    tables = [(source, own)]
    for file in files.failures:
        table = package_table(package, file, names=FAILURE_NAMES)
        name = f"{package.name}: {PurePosixPath(file).name}"
        tables.append((name, table.set_axis(["deploymentID", "start", "end"], axis=1)))
    for name, given in tables:
        if not len(given):
            continue
        clock = deployed["clock"].reindex(given["deploymentID"]).to_numpy(np.float64)
        failures = given[["deploymentID"]].copy()
        for side in ("start", "end"):
            wall, timed, offset = _times(given[side], source=name)
            failures[side] = wall_text(shifted(wall, clock - offset), timed).to_numpy()
        usage = with_failures(usage, failures, source=name)
        notes = (*notes, f"{name}: {len(failures)} failures of cameras are no effort.")
    return usage, notes


def _check_ids(deployments: pd.DataFrame, *, source: str) -> None:
    ids = deployments["deploymentID"]
    for bad, fault in ((ids.isna(), "no deploymentID"), (ids.duplicated(), "one already used")):
        if bad.any():
            rows = deployments.index[bad]
            msg = (
                f"{source}: {row_list(rows)} have {fault}. Give each deployment its own. {COUNTING}"
            )
            raise SurveyError(msg, kind="deployment not identified", source=source, rows=rows)


def _times(cells: pd.Series, *, source: str) -> tuple[Any, Any, Any]:
    read = read_iso(cells)
    if read is None:
        rows = cells.index.to_numpy(np.int64)
        lone = [
            int(row)
            for row, cell in zip(rows, cells, strict=True)
            if read_iso(pd.Series([cell], dtype=object)) is None
        ]
        first = str(cells.loc[lone[0]]) if lone else ""
        msg = (
            f"{source}: {cells.name} is not a valid time, e.g. 2024-05-31T14:05:00+09:00, in "
            f"{row_list(lone)}, such as {first!r}. Correct it and export again. {COUNTING}"
        )
        raise SurveyError(msg, kind="unreadable date", source=source, rows=lone)
    return read


def _stations(deployments: pd.DataFrame, *, source: str) -> tuple[pd.Series, tuple[str, ...]]:
    """A name for each place: that of the location, numbered where it moved."""
    names = pd.Series(np.nan, index=deployments.index, dtype=object)
    for column in ("locationID", "locationName", "deploymentID"):
        if column in deployments.columns:
            names = names.fillna(deployments[column])
    lon, lat = (
        pd.to_numeric(deployments[column], errors="coerce").to_numpy(np.float64)
        for column in ("longitude", "latitude")
    )
    bad = ~((np.abs(lon) <= 360) & (np.abs(lat) <= 90))
    if bad.any():
        rows = deployments.index[bad]
        msg = (
            f"{source}: latitude or longitude is missing or not in degrees in "
            f"{row_list(rows)}. Correct it. {COUNTING}"
        )
        raise SurveyError(msg, kind="blank coordinate", source=source, rows=rows)
    x = lon * np.cos(np.radians(lat)) * _METRES_PER_DEGREE
    y = lat * _METRES_PER_DEGREE
    moved = []
    given = names.astype(str).to_numpy(dtype=object).copy()
    for name, rows in pd.Series(range(len(given))).groupby(given, sort=False).groups.items():
        places: list[int] = []
        for row in rows:
            near = [p for p in places if np.hypot(x[row] - x[p], y[row] - y[p]) <= _SAME_PLACE_M]
            if not near:
                places.append(row)
            number = places.index(near[0]) if near else len(places) - 1
            given[row] = f"{name} ({number + 1})" if number else str(name)
        if len(places) > 1:
            moved.append(str(name))
    notes: tuple[str, ...] = ()
    if moved:
        notes = (
            f"{source}: {len(moved)} locations moved by more than {_SAME_PLACE_M:.0f} m between "
            f"deployments and count as stations of their own, numbered: {', '.join(moved[:10])}.",
        )
    return pd.Series(given, index=deployments.index, dtype=object), notes


def _issues(deployments: pd.DataFrame, *, source: str) -> tuple[str, ...]:
    if "timestampIssues" not in deployments.columns:
        return ()
    doubtful = deployments["timestampIssues"].fillna("").str.lower() == "true"
    if not doubtful.any():
        return ()
    return (
        f"{source}: timestampIssues is set for {row_list(deployments.index[doubtful])}: the clock "
        "of these cameras was doubtful. Check their times.",
    )


def _detections(
    package: Package,
    files: CamtrapFiles,
    deployed: pd.DataFrame,
    *,
    species: str | None,
    observation_level: ObservationLevel | None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    table = package_table(package, files.observations, names=OBSERVATION_NAMES)
    source = f"{package.name}: {PurePosixPath(files.observations).name}"
    require_columns(table, ("deploymentID", "eventStart"), source=source, form=FORM)
    table, others = _animals(table, source=source)
    ids = table.get("individualID", pd.Series(np.nan, index=table.index, dtype=object))
    notes = (*others, *unidentified_note(table, ids.notna(), source=source, what="individualID"))
    table = table[ids.notna().to_numpy()]
    table, more = one_species(table, "scientificName", species=species, source=source)
    table, levels, doubts = one_level(
        table, LEVEL, level=observation_level, source=source, individual="individualID"
    )
    told = tuple(" ".join(doubt) for doubt in doubts)
    for doubt in (*told, *_named_by_row(table, source=source)):
        warnings.warn(doubt, SurveyWarning, stacklevel=4)
    more = (*more, *levels)
    unknown = ~table["deploymentID"].isin(deployed.index)
    if unknown.any():
        rows = table.index[unknown]
        named = ", ".join(map(repr, table["deploymentID"][unknown].unique()[:10]))
        msg = (
            f"{source}: {row_list(rows)} belong to deployments that are not in the package: "
            f"{named}. Export the package again with all deployments. {COUNTING}"
        )
        raise SurveyError(msg, kind="unknown deployment", source=source, rows=rows)
    wall, timed, offset = _times(table["eventStart"], source=source)
    own = deployed["clock"].reindex(table["deploymentID"]).to_numpy(np.float64)
    frame = pd.DataFrame(
        {
            "individual": table.get("individualID", pd.Series(dtype=object)),
            "trap": deployed["trap"].reindex(table["deploymentID"]).to_numpy(),
            "datetime": wall_text(shifted(wall, own - offset), timed).to_numpy(),
        },
        index=table.index,
    )
    for column, inside in (("sex", "sex"), ("lifeStage", "life_stage")):
        if column in table.columns:
            frame[inside] = table[column]
    if "observationTags" in table.columns:
        flank = table["observationTags"].astype("str").str.lower().str.extract(_FLANK, expand=False)
        if flank.notna().any():
            frame["flank"] = flank
    more = (*more, *_time_lapse(package, files.media, table, source=source))
    return named_table(frame, source), (*notes, *more)


def _animals(table: pd.DataFrame, *, source: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Observations of animals, and a note that counts those of other types."""
    if "observationType" not in table.columns:
        return table, ()
    counts = (
        table["observationType"].fillna("no type").value_counts().drop("animal", errors="ignore")
    )
    if not len(counts):
        return table, ()
    listed = ", ".join(f"{name} {n:,}" for name, n in counts.items())
    note = (
        f"{source}: {int(counts.sum()):,} of {len(table):,} rows are no observations of animals "
        f"and are left out ({listed})."
    )
    return table[table["observationType"] == "animal"], (note,)


def _named_by_row(table: pd.DataFrame, *, source: str) -> tuple[str, ...]:
    """A doubt where the names of animals are the identifiers of rows."""
    names = table.get("individualID", pd.Series(dtype=object))
    for column in ("observationID", "eventID", "mediaID"):
        if len(names) < _FEW_NAMES or column not in table.columns:
            continue
        same = names == table[column]
        if same.mean() > _MOST_NAMED_SO:
            return (
                f"{source}: individualID is the {column} in {int(same.sum()):,} of "
                f"{len(table):,} rows, so it names rows and not animals: no animal is seen twice, "
                "and nothing can be estimated. Name each animal by one individualID throughout.",
            )
    return ()


def _time_lapse(
    package: Package, media: str | None, table: pd.DataFrame, *, source: str
) -> tuple[str, ...]:
    """A note on detections on images that no animal triggered; media may be absent."""
    if media not in package.files or "mediaID" not in table.columns or not len(table):
        return ()
    columns: dict[str, tuple[str, ...]] = {"mediaID": (), "captureMethod": ()}
    images = package_table(package, str(media), names=columns)
    if not set(columns) <= set(images.columns):
        return ()
    lapse = set(images["mediaID"][images["captureMethod"] == "timeLapse"])
    count = int(table["mediaID"].isin(lapse).sum())
    if not count:
        return ()
    return (f"{source}: {count} detections are on time-lapse images; they count as any other.",)
