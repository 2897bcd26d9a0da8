"""Downloads of Wildlife Insights: deployments.csv and images.csv."""

from pathlib import Path, PurePosixPath

import pandas as pd

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.packages import open_package, package_table
from scr.io.project import (
    ProjectTables,
    named_table,
    one_species,
    require_columns,
    unidentified_note,
)
from scr.io.tables import COUNTING, row_list

FORM = "Wildlife Insights"
_DEPLOYMENTS = ("deployment_id", "placename", "longitude", "latitude", "start_date", "end_date")
_IMAGES = (
    "deployment_id", "timestamp", "genus", "species", "sex", "age", "individual_id", "is_blank",
)  # fmt: skip
_WORKING = "camera functioning"


@memory_told(SurveyError)
def read_wildlife_insights(path: str | Path, *, species: str | None = None) -> ProjectTables:
    """Stations, deployments and named animals of a Wildlife Insights download.

    Parameters
    ----------
    path
        Folder or zip file with deployments.csv and images.csv (or images_<n>.csv).
    species
        Genus and species, where animals of several species are named.

    Returns
    -------
    ProjectTables
        Stations are places (``placename``), with lon and lat; times are those of the cameras.

    Raises
    ------
    SurveyError
        If a table is absent, cannot be read or lacks a column, or images belong to deployments
        that are not there.
    """
    package = open_package(path)
    file = package.find("deployments.csv")
    images = sorted(
        f
        for f in package.files
        if PurePosixPath(f).name.lower().startswith("images") and f.lower().endswith(".csv")
    )
    if file is None or not images:
        absent = "deployments.csv" if file is None else "images.csv"
        msg = f"{package.name} has no {absent}. Give the folder or zip file as it was downloaded."
        raise SurveyError(msg, kind="no package", source=package.name)
    source = f"{package.name}: {PurePosixPath(file).name}"
    deployments = package_table(package, file, names=dict.fromkeys(_DEPLOYMENTS, ()), others=True)
    require_columns(deployments, _DEPLOYMENTS, source=source, form=FORM)
    names = deployments["placename"].fillna(deployments["deployment_id"])
    usage = pd.DataFrame(
        {
            "trap": names,
            "deployment": deployments["deployment_id"],
            "start": deployments["start_date"],
            "end": deployments["end_date"],
        }
    )
    traps = pd.DataFrame(
        {"trap": names, "lon": deployments["longitude"], "lat": deployments["latitude"]}
    ).drop_duplicates()
    homes = pd.Series(names.to_numpy(), index=deployments["deployment_id"].to_numpy())
    homes = homes[~homes.index.duplicated()]
    parts = [package_table(package, image, names=dict.fromkeys(_IMAGES, ())) for image in images]
    label = f"{package.name}: {PurePosixPath(images[0]).name}"
    seen, notes = _detections(pd.concat(parts), homes, species=species, source=label)
    return ProjectTables(
        form=FORM,
        traps=named_table(traps, source),
        usage=named_table(usage, source),
        detections=seen,
        notes=(*_failed(deployments, source=source), *notes),
    )


def _failed(deployments: pd.DataFrame, *, source: str) -> tuple[str, ...]:
    column = "camera_functioning"
    if column not in deployments.columns:
        return ()
    state = deployments[column].fillna(_WORKING).str.lower()
    failed = deployments.index[state != _WORKING]
    if not len(failed):
        return ()
    return (
        f"{source}: the camera failed in {row_list(failed)}, but the table does not say when. The "
        "whole deployment counts as effort: correct end_date to the last day it worked.",
    )


def _detections(
    images: pd.DataFrame, homes: pd.Series, *, species: str | None, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    require_columns(images, ("deployment_id", "timestamp"), source=source, form=FORM)
    blank: tuple[str, ...] = ()
    if "is_blank" in images.columns:
        empty = images["is_blank"].fillna("0") == "1"
        if empty.any():
            blank = (
                f"{source}: {int(empty.sum()):,} of {len(images):,} rows are blank images and are "
                "left out.",
            )
        images = images[~empty]
    named = images.get("individual_id", pd.Series(float("nan"), index=images.index)).notna()
    notes = unidentified_note(images, named, source=source, what="individual_id")
    images = images[named.to_numpy()]
    if {"genus", "species"} <= set(images.columns):
        whole = images["genus"].fillna("") + " " + images["species"].fillna("")
        images = images.assign(scientific=whole.str.strip())
    images, more = one_species(images, "scientific", species=species, source=source)
    unknown = ~images["deployment_id"].isin(homes.index)
    if unknown.any():
        rows = images.index[unknown]
        msg = (
            f"{source}: {row_list(rows)} belong to deployments that are not in deployments.csv: "
            f"{', '.join(map(repr, images['deployment_id'][unknown].unique()[:10]))}. Download "
            f"the project again. {COUNTING}"
        )
        raise SurveyError(msg, kind="unknown deployment", source=source, rows=rows)
    frame = pd.DataFrame(
        {
            "individual": images.get("individual_id", pd.Series(dtype=object)),
            "trap": homes.reindex(images["deployment_id"]).to_numpy(),
            "datetime": images["timestamp"],
        },
        index=images.index,
    )
    for column, inside in (("sex", "sex"), ("age", "life_stage")):
        if column in images.columns:
            frame[inside] = images[column]
    frame.index = pd.Index(frame.index, name="row")
    return named_table(frame, source), (*blank, *notes, *more)
