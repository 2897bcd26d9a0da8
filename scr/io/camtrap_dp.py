"""Camtrap DP packages: deployments and observations of the TDWG standard, version 1."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.clock import read_iso, shifted, wall_text
from scr.io.packages import DAMAGED, Package, open_package, package_table
from scr.io.project import (
    ProjectTables,
    named_table,
    one_species,
    require_columns,
    unidentified_note,
)
from scr.io.tables import COUNTING, row_list

FORM = "Camtrap DP"
_DEPLOYMENTS = ("deploymentID", "latitude", "longitude", "deploymentStart", "deploymentEnd")
_OBSERVATIONS = ("deploymentID", "eventStart", "individualID")
_OPTIONAL = (
    "observationType", "scientificName", "sex", "lifeStage", "mediaID", "observationTags",
    "observationLevel", "eventID",
)  # fmt: skip
_SAME_PLACE_M = 25.0
_METRES_PER_DEGREE = 111_195.0
_FLANK = r"(?:flank|side)\s*[:=]\s*(left|right|both)"


def read_camtrap_dp(path: str | Path, *, species: str | None = None) -> ProjectTables:
    """Stations, deployments and named animals of a Camtrap DP package.

    A station is a location (``locationID``, else ``locationName``). Every time is put on the clock
    of its own deployment, at the offset from UTC with which that starts, whatever mixture of
    offsets and UTC the package has.

    Parameters
    ----------
    path
        The folder, the zip file or the ``datapackage.json``.
    species
        Scientific name, where animals of several species are named.

    Returns
    -------
    ProjectTables
        With lon and lat; detections have sex, life_stage and flank where the package tells them
        (a tag ``flank:left``, ``flank:right`` or ``flank:both``).

    Raises
    ------
    SurveyError
        If the package or a table of it cannot be read, lacks a column, has times or places that
        are none, or observations of deployments that are not there.

    References
    ----------
    Bubnicki et al. (2024) Remote Sens. Ecol. Conserv. 10:283-295.
    """
    package = open_package(path)
    paths = _resources(package)
    deployments = package_table(package, paths["deployments"])
    source = f"{package.name}: {PurePosixPath(paths['deployments']).name}"
    require_columns(deployments, _DEPLOYMENTS, source=source, form=FORM)
    _check_ids(deployments, source=source)
    start, start_timed, offset = _times(deployments["deploymentStart"], source=source)
    end, end_timed, end_offset = _times(deployments["deploymentEnd"], source=source)
    end = shifted(end, offset - end_offset)
    deployments["trap"], notes = _stations(deployments, source=source)
    usage = pd.DataFrame(
        {
            "trap": deployments["trap"],
            "deployment": deployments["deploymentID"],
            "start": wall_text(start, start_timed).to_numpy(),
            "end": wall_text(end, end_timed).to_numpy(),
        },
        index=deployments.index,
    )
    traps = deployments.drop_duplicates("trap")[["trap", "longitude", "latitude"]]
    traps = traps.rename(columns={"longitude": "lon", "latitude": "lat"})
    clocks = pd.Series(offset, index=deployments["deploymentID"].to_numpy())
    homes = pd.Series(deployments["trap"].to_numpy(), index=deployments["deploymentID"].to_numpy())
    detections, more = _detections(
        package, paths, pd.DataFrame({"trap": homes, "clock": clocks}), species=species
    )
    notes = (*notes, *_issues(deployments, source=source), *more)
    return ProjectTables(
        form=FORM,
        traps=named_table(traps, source),
        usage=named_table(usage, source),
        detections=detections,
        notes=notes,
    )


def _resources(package: Package) -> dict[str, str]:
    """Path of each table that the datapackage.json names."""
    name, described = package.name, package.find("datapackage.json")
    if described is None:
        msg = (
            f"{name} has no datapackage.json. Give the folder or zip file of a Camtrap DP package."
        )
        raise SurveyError(msg, kind="no package", source=name)
    try:
        with package.open(described) as stream:
            content: Any = json.loads(stream.read().decode("utf-8-sig"))
        listed = {str(r["name"]): r.get("path", "") for r in content["resources"]}
    except (ValueError, TypeError, AttributeError, KeyError, *DAMAGED) as fault:
        msg = (
            f"{name}: datapackage.json does not list resources as it should ({fault}). "
            "Export the package again."
        )
        raise SurveyError(msg, kind="no package", source=name) from fault
    folder = PurePosixPath(described).parent
    paths = {
        resource: (folder / str(path[0] if isinstance(path, list) and path else path)).as_posix()
        for resource, path in listed.items()
        if path
    }
    for needed in ("deployments", "observations"):
        if needed not in paths:
            msg = (
                f"{name}: datapackage.json names no resource {needed!r}; it has "
                f"{', '.join(map(repr, listed)) or 'none'}. Export the package as Camtrap DP 1.0."
            )
            raise SurveyError(msg, kind="no package", source=name)
    return paths


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
            f"{source}: {cells.name} is no time such as 2024-05-31T14:05:00+09:00 in "
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
    package: Package, paths: Mapping[str, str], deployed: pd.DataFrame, *, species: str | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    columns = (*_OBSERVATIONS, *_OPTIONAL)
    table = package_table(package, paths["observations"], columns=columns)
    source = f"{package.name}: {PurePosixPath(paths['observations']).name}"
    require_columns(table, ("deploymentID", "eventStart"), source=source, form=FORM)
    table, others = _animals(table, source=source)
    ids = table.get("individualID", pd.Series(np.nan, index=table.index, dtype=object))
    notes = (*others, *unidentified_note(table, ids.notna(), source=source, what="individualID"))
    table = table[ids.notna().to_numpy()]
    table, more = one_species(table, "scientificName", species=species, source=source)
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
    lapse = _time_lapse(package, paths, table)
    if lapse:
        more = (
            *more,
            f"{source}: {lapse} detections are on time-lapse images; they count as any other.",
        )
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


def _time_lapse(package: Package, paths: Mapping[str, str], table: pd.DataFrame) -> int:
    """Detections on images that no animal triggered."""
    if "media" not in paths or "mediaID" not in table.columns or not len(table):
        return 0
    media = package_table(package, paths["media"], columns=("mediaID", "captureMethod"))
    if not {"mediaID", "captureMethod"} <= set(media.columns):
        return 0
    lapse = set(media["mediaID"][media["captureMethod"] == "timeLapse"])
    return int(table["mediaID"].isin(lapse).sum())
