"""Which file of a Camtrap DP package is which, with or without its datapackage.json."""

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scr.errors import ScrError, SurveyError
from scr.io.archives import check_name
from scr.io.bounds import MOST_PLAIN_BYTES, bounded
from scr.io.packages import DAMAGED, Package, package_header
from scr.schema import plain

FORM = "Camtrap DP"
VERSIONS = ("1.0", "1.0.1", "1.0.2")

DEPLOYMENT_NAMES = {
    "deploymentID": (),
    "latitude": (),
    "longitude": (),
    "deploymentStart": ("start",),
    "deploymentEnd": ("end",),
    "locationID": (),
    "locationName": (),
    "timestampIssues": (),
    "deploymentTags": ("tags",),
    "deploymentComments": ("comments",),
}
"""Columns of deployments, with their names before version 1."""

OBSERVATION_NAMES = {
    "deploymentID": (),
    "eventStart": ("timestamp",),
    "individualID": (),
    "observationType": (),
    "scientificName": (),
    "sex": (),
    "lifeStage": (),
    "mediaID": (),
    "observationTags": (),
    "observationLevel": (),
    "eventID": ("sequenceID",),
    "observationID": (),
}
"""Columns of observations, with their names before version 1."""

FAILURE_NAMES = {
    "deploymentID": (),
    "failureStart": ("failureFrom", "problemStart", "problemFrom", "start", "from", "startDate"),
    "failureEnd": ("failureTo", "problemEnd", "problemTo", "end", "to", "endDate"),
}
"""Columns of a table of the times in which cameras did not work."""

_VERSION = re.compile(r"camtrap-dp/v?(\d[\w.-]*)/")
_FAILURE = re.compile(r"fail|malfunction|problem|outage|downtime|gap|inactive", re.IGNORECASE)
_TABLES = (".csv", ".csv.gz", ".txt", ".tsv")
_DATA = (*_TABLES, ".xlsx", ".xlsm", ".gpx")


@dataclass(frozen=True)
class CamtrapFiles:
    """The tables of a package by what they are, as paths in it.

    Parameters
    ----------
    deployments, observations
        Always there.
    media
        Where there is one.
    failures
        Tables of the times in which cameras did not work.
    notes
        Which file was taken for what, where no datapackage.json says so, and files not used.
    """

    deployments: str
    observations: str
    media: str | None
    failures: tuple[str, ...]
    notes: tuple[str, ...]


def camtrap_files(package: Package) -> CamtrapFiles | None:
    """The tables of a package, or None where it holds none of this form.

    Parameters
    ----------
    package
        The package.

    Raises
    ------
    SurveyError
        If datapackage.json cannot be read, is of a version that is not read, or names files
        outside the package; or several files are of one kind.
    """
    described = package.find("datapackage.json")
    return _loose(package) if described is None else _described(package, described)


def _described(package: Package, described: str) -> CamtrapFiles:
    content, listed = _content(package, described)
    _check_version(content, package.name)
    paths = {
        name: path
        for name, given in listed.items()
        if (path := _path(name, given, described=described, source=package.name))
    }
    for needed in ("deployments", "observations"):
        if needed not in paths:
            msg = (
                f"{package.name}: datapackage.json names no resource {needed!r}; it has "
                f"{', '.join(map(repr, listed)) or 'none'}. Export the package as Camtrap DP 1.0."
            )
            raise SurveyError(msg, kind="no package", source=package.name)
    failures = tuple(
        path
        for name, path in paths.items()
        if name not in ("deployments", "observations", "media")
        and _is_failures(package, path, name)
    )
    media = paths.get("media")
    used = {paths["deployments"], paths["observations"], media, *failures}
    return CamtrapFiles(
        paths["deployments"], paths["observations"], media, failures, _unused(package, used)
    )


def _content(package: Package, described: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What datapackage.json holds, and the path of each resource as it stands."""
    name = package.name
    source = f"{name}: datapackage.json"
    try:
        with bounded(package.open(described), source=source, most=MOST_PLAIN_BYTES) as stream:
            content: Any = json.loads(stream.read().decode("utf-8-sig"))
        return content, {str(r["name"]): r.get("path", "") for r in content["resources"]}
    except ScrError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError, *DAMAGED) as fault:
        msg = (
            f"{name}: datapackage.json does not list resources as it should ({fault}). "
            "Export the package again."
        )
        raise SurveyError(msg, kind="no package", source=name) from fault


def _check_version(content: dict[str, Any], source: str) -> None:
    found = _VERSION.search(str(content.get("profile", "")))
    if found is None or found.group(1).startswith("1."):
        return
    *rest, last = VERSIONS
    msg = (
        f"{source} is Camtrap DP version {found.group(1)}; versions {', '.join(rest)} and {last} "
        f"are read. Export it again as version {last}."
    )
    raise SurveyError(msg, kind="version not read", source=source)


def _path(resource: str, given: Any, *, described: str, source: str) -> str:
    """Path of a resource inside the package, "" where it has none."""
    parts = given if isinstance(given, list) else [given]
    if not parts or not parts[0]:
        return ""
    if len(parts) > 1:
        msg = (
            f"{source}: {resource} is in {len(parts)} files: {', '.join(map(repr, parts[:10]))}. "
            "Join them into one file, and name that in datapackage.json."
        )
        raise SurveyError(msg, kind="table in several files", source=source)
    path = str(parts[0])
    if re.match(r"[a-zA-Z][\w+.-]+://", path):
        if resource not in ("deployments", "observations"):
            return ""
        msg = (
            f"{source}: {resource} is at {path!r}, and nothing is fetched from the network. "
            "Download that file into the package, and write its name in datapackage.json."
        )
        raise SurveyError(msg, kind="path out of the package", source=source)
    check_name(path, source=f"{source}: datapackage.json")
    return (PurePosixPath(described).parent / path).as_posix()


def _loose(package: Package) -> CamtrapFiles | None:
    headers = {
        file: {plain(name) for name in package_header(package, file)}
        for file in package.files
        if file.lower().endswith(_TABLES)
    }
    deployments = [f for f, h in headers.items() if _fits(h, DEPLOYMENT_NAMES, 5)]
    observations = [
        f
        for f, h in headers.items()
        if f not in deployments
        and _fits(h, OBSERVATION_NAMES, 2)
        and h & {"individualid", "observationid", "scientificname"}
    ]
    if not deployments or not observations:
        return None
    for what, found in (("deployments", deployments), ("observations", observations)):
        if len(found) > 1:
            msg = (
                f"{package.name} has no datapackage.json and {len(found)} files of {what}: "
                f"{', '.join(found[:10])}. Join them, or give a folder with one of them."
            )
            raise SurveyError(msg, kind="several files of one kind", source=package.name)
    media = next((f for f, h in headers.items() if {"mediaid", "capturemethod"} <= h), None)
    others = [f for f in headers if f not in (*deployments, *observations, media)]
    failures = tuple(f for f in others if _is_failures(package, f, PurePosixPath(f).name))
    taken = (
        f"{package.name} has no datapackage.json: {deployments[0]} is taken for its deployments, "
        f"{observations[0]} for its observations."
    )
    used = {deployments[0], observations[0], media, *failures}
    return CamtrapFiles(
        deployments[0], observations[0], media, failures, (taken, *_unused(package, used))
    )


def _fits(header: set[str], names: dict[str, tuple[str, ...]], n_needed: int) -> bool:
    """Whether a header has the first so many columns of a table, by any of their names."""
    needed = list(names.items())[:n_needed]
    return all(header & {plain(n) for n in (inside, *accepted)} for inside, accepted in needed)


def _is_failures(package: Package, file: str, name: str) -> bool:
    if not file.lower().endswith(_TABLES):
        return False
    try:
        header = {plain(column) for column in package_header(package, file)}
    except (FileNotFoundError, KeyError):
        return False
    told = _FAILURE.search(name) or any(_FAILURE.search(column) for column in header)
    return bool(told) and _fits(header, FAILURE_NAMES, 3)


def _unused(package: Package, used: set[str | None]) -> tuple[str, ...]:
    left = [f for f in package.files if f not in used and f.lower().endswith(_DATA)]
    if not left:
        return ()
    more = f" and {len(left) - 10} more" if len(left) > 10 else ""
    return (f"{package.name}: not used: {', '.join(left[:10])}{more}.",)
