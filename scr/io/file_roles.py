"""Which role a file has been given, by a user; loads no library."""

from collections.abc import Mapping
from pathlib import Path

EXCEL = (".xlsx", ".xlsm")
"""Endings of workbooks that can be read."""

_STATION_ROLES = ("traps", "deployments", "usage")
_OTHER_ROLES = (
    "detections",
    "session_covariates",
    "occasion_covariates",
    "trap_occasion_covariates",
    "identities",
)


def given_twice(files: Mapping[str, object]) -> list[tuple[tuple[str, ...], str]]:
    """Files given for several roles of which one table can have but one.

    Parameters
    ----------
    files
        File by role: traps, deployments, usage, detections, and those of covariates and identities;
        other roles, and what is no path, are passed over.

    Returns
    -------
    list
        Roles and name of each such file. Stations and effort may share a table, and all may share
        a workbook.
    """
    roles: dict[Path, list[str]] = {}
    for role in (*_STATION_ROLES, *_OTHER_ROLES):
        given = files.get(role)
        if isinstance(given, str | Path) and Path(given).suffix.lower() not in EXCEL:
            roles.setdefault(Path(given).resolve(), []).append(role)
    return [
        (tuple(shared), path.name)
        for path, shared in roles.items()
        if len(shared) > 1 and not set(shared) <= set(_STATION_ROLES)
    ]
