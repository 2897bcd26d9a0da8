"""Tables of the R package oSCR: the encounter data file (edf) and trap deployment files (tdf)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.project import ProjectTables, named_table, of_session
from scr.io.tables import numbers, read_table

FORM = "oSCR"
_EDF = {
    "session": ("sess",),
    "individual": ("ind", "id", "animal", "animal id", "individual id"),
    "occasion": ("occ",),
    "trap": ("detector", "trap id", "site", "station"),
}
_TDF = {
    "trap": ("trap id", "detector", "site", "station", "id"),
    "x": ("easting", "utm x", "x coord"),
    "y": ("northing", "utm y", "y coord"),
}
_SEPARATORS = ("/", "sep", "separator")


@memory_told(SurveyError)
def read_oscr(edf: str | Path, tdf: str | Path | Sequence[str | Path]) -> ProjectTables:
    """Encounters and trap deployments as oSCR has them.

    Parameters
    ----------
    edf
        Encounters: session, individual, occasion, trap, perhaps sex.
    tdf
        For each session, in order, a file with trap, x and y, then one column per occasion
        (1 where used), then perhaps a column of ``/`` and trap covariates.

    Returns
    -------
    ProjectTables
        Crs is not told by these files.

    Raises
    ------
    SurveyError
        If a column is absent, or sessions and files differ in number.

    References
    ----------
    Sutherland, Royle & Linden (2019) Ecography 42:1459-1469.
    """
    path = Path(edf)
    seen = read_table(path, columns=_EDF, required=["individual", "occasion", "trap"])
    files = [Path(tdf)] if isinstance(tdf, str | Path) else [Path(file) for file in tdf]
    labels = [str(k + 1) for k in range(len(files))]
    if "session" not in seen.columns:
        seen["session"] = "1"
    named = sorted(seen["session"].dropna().unique(), key=lambda label: (len(label), label))
    if not set(named) <= set(labels):
        if len(named) != len(files):
            msg = (
                f"{path.name} has sessions {', '.join(map(repr, named[:10]))}, but {len(files)} "
                "trap deployment files were given. Give one for each session, in order."
            )
            raise SurveyError(msg, kind="sessions and trap files differ", source=path.name)
        labels = [str(label) for label in named]
    places, efforts = [], []
    for label, file in zip(labels, files, strict=True):
        table = read_table(file, columns=_TDF, required=["trap", "x", "y"])
        used, covariates = _columns(table, source=file.name)
        effort = pd.DataFrame(
            np.column_stack([numbers(table, c, source=file.name) for c in used]),
            columns=[f"u{k + 1}" for k in range(len(used))],
            index=table.index,
        )
        effort.insert(0, "trap", table["trap"])
        effort.insert(0, "session", label)
        efforts.append(effort)
        stations = table[["trap", "x", "y", *covariates]]
        places.append(of_session(stations, label, source=file.name))
    name = ", ".join(file.name for file in files)
    return ProjectTables(
        form=FORM,
        traps=named_table(pd.concat(places), name),
        usage=named_table(pd.concat(efforts), name),
        detections=named_table(seen, path.name),
    )


def _columns(table: pd.DataFrame, *, source: str) -> tuple[list[str], list[str]]:
    """Columns of occasions, and those of covariates behind the separator."""
    rest = [str(c) for c in table.columns if c not in ("trap", "x", "y")]
    cut = next(
        (
            k
            for k, c in enumerate(rest)
            if c.lower() in _SEPARATORS
            or ((table[c].dropna() == "/").all() and table[c].notna().any())
        ),
        len(rest),
    )
    used = rest[:cut]
    if not used:
        msg = (
            f"{source} has no column of occasions behind the coordinates. Give one per occasion, "
            "1 where the trap was used and 0 where not."
        )
        raise SurveyError(msg, kind="no usage", source=source)
    return used, rest[cut + 1 :]
