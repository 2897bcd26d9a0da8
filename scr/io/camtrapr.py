"""Tables of the R package camtrapR: stations, records, and the camera-operation matrix."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.csv_text import csv_records, decoded
from scr.io.project import ProjectTables, named_table, one_species, unidentified_note
from scr.io.tables import COUNTING, numbers, read_table, row_list
from scr.schema import aliases, plain

FORM = "camtrapR"
_PER_CAMERA = re.compile(
    r"(camera.*|setup.*|retrieval.*|start.*|end.*|(problem|failure).*\d*(from|to))", re.IGNORECASE
)
_INDIVIDUAL = ("individual", "metadata_individual", "animal", "individual id", "animal id")
_SEX = ("sex", "metadata_sex")
_FLANK = ("flank", "metadata_flank", "side", "metadata_side")
_TIME = ("datetimeoriginal", "datetime")


@memory_told(SurveyError)
def read_camtrapr(
    stations: str | Path,
    records: str | Path,
    *,
    operation: str | Path | None = None,
    species: str | None = None,
) -> ProjectTables:
    """Stations, effort and records of named animals from camtrapR's tables.

    Parameters
    ----------
    stations
        Station table: Station, coordinates, Setup_date, Retrieval_date, Problem1_from and so on;
        perhaps camera and session.
    records
        Record table with Station, Individual (or metadata_individual) and DateTimeOriginal.
    operation
        Camera-operation matrix (rows ``Station``, ``Station__CAM_x`` or ``Station__SESS_x``, one
        column per day), in place of the dates of the stations.
    species
        The one wanted, where the records have several.

    Returns
    -------
    ProjectTables
        Sessions of the records are told by their times where the table does not name them.

    Raises
    ------
    SurveyError
        If a table cannot be read or lacks a column.

    References
    ----------
    Niedballa et al. (2016) Methods Ecol. Evol. 7:1457-1462.
    """
    name = Path(stations).name
    table = read_table(stations, columns=aliases("deployments"), required=["trap"])
    own = [c for c in table.columns if not _PER_CAMERA.fullmatch(plain(str(c)))]
    traps = table[own].drop_duplicates()
    usage = table if operation is None else _operation(Path(operation))
    detections, notes = _records(Path(records), species=species)
    usage_name = name if operation is None else Path(operation).name
    return ProjectTables(
        form=FORM,
        traps=named_table(traps, name),
        usage=named_table(usage, usage_name),
        detections=detections,
        notes=notes,
    )


def _records(path: Path, *, species: str | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    table = read_table(path, columns={"trap": ("station",), "species": ("species",)},
                       required=["trap"])  # fmt: skip
    found = {plain(str(column)): str(column) for column in table.columns}

    def first(names: tuple[str, ...]) -> str | None:
        return next((found[plain(n)] for n in names if plain(n) in found), None)

    animal, moment = first(_INDIVIDUAL), first(_TIME)
    if animal is None or moment is None:
        lacking = "Individual" if animal is None else "DateTimeOriginal"
        msg = (
            f"{path.name} lacks a column {lacking}. Columns found: "
            f"{', '.join(map(repr, table.columns))}. Make the table with recordTableIndividual."
        )
        raise SurveyError(msg, kind="column missing", source=path.name)
    named = table[animal].notna()
    notes = unidentified_note(table, named, source=path.name, what=animal)
    table = table[named]
    table, more = one_species(table, "species", species=species, source=path.name)
    frame = pd.DataFrame(
        {"individual": table[animal], "trap": table["trap"], "datetime": table[moment]}
    )
    session = first(("session", "session id", "season"))
    for inside, column in (("session", session), ("sex", first(_SEX)), ("flank", first(_FLANK))):
        if column is not None:
            frame[inside] = table[column]
    return named_table(frame, path.name), (*notes, *more)


def _operation(path: Path) -> pd.DataFrame:
    """A camera-operation matrix as a usage table: one row per station, not set up being 0."""
    raw = read_table(_labelled(path), text=None)
    parts = raw["label"].str.split("__")
    frame = pd.DataFrame({"trap": parts.str[0]}, index=raw.index)
    session = raw["label"].str.extract(r"__SESS_(.*?)(?:__CAM_.*)?$", expand=False)
    if session.notna().any():
        frame["session"] = session
    days = [c for c in raw.columns if c != "label"]
    if not days or not len(raw) or raw["label"].isna().any():
        msg = (
            f"{path.name} is no camera-operation matrix: its first column names stations, each "
            "other one is a day. Make it again with cameraOperation."
        )
        raise SurveyError(msg, kind="no usage", source=path.name)
    values = np.column_stack([numbers(raw, c, source=path.name) for c in days])
    wrong = raw.index[(values < 0).any(axis=1)]
    if len(wrong):
        msg = (
            f"{path.name}: effort below 0 in {row_list(wrong)}. Make the matrix again with "
            f"cameraOperation. {COUNTING}"
        )
        raise SurveyError(msg, kind="usage missing or negative", source=path.name, rows=wrong)
    effort = pd.DataFrame(np.minimum(np.nan_to_num(values), 1.0), columns=days, index=raw.index)
    keys = [c for c in ("session", "trap") if c in frame.columns]
    whole = pd.concat([frame, effort], axis=1)
    firsts = pd.Series(whole.index, index=whole.index).groupby([whole[k] for k in keys]).first()
    merged = whole.groupby(keys, sort=False)[days].max()
    merged.index = merged.index.set_names(keys)
    result = merged.reset_index()
    result.index = pd.Index(firsts.loc[merged.index].to_numpy(), name="row")
    return result


def _labelled(path: Path) -> pd.DataFrame:
    """The matrix as R writes it, its first column being row names without a heading."""
    records, _ = csv_records(decoded(path), source=path.name)
    (_, header), *rows = [(n, r) for n, r in enumerate(records, start=1) if any(r)]
    width = max((len(cells) for _, cells in rows), default=len(header))
    names = header if len(header) < width else header[1:]  # write.table names no column of labels
    long = [number for number, cells in rows if any(cells[len(names) + 1 :])]
    if long:
        msg = (
            f"{path.name} has more cells than days in {row_list(long)}. Write the matrix "
            f"again with write.csv. {COUNTING}"
        )
        raise SurveyError(msg, kind="more cells than columns", source=path.name, rows=long)
    return pd.DataFrame(
        [(cells + [""] * len(names))[: len(names) + 1] for _, cells in rows],
        columns=["label", *names],
        index=pd.Index([number for number, _ in rows], name="row", dtype=np.int64),
        dtype=object,
    )
