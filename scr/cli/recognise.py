"""``scr init --from``: a survey.toml for data in any format that can be read."""

from pathlib import Path
from typing import TYPE_CHECKING

import scr.io
from scr.cli.csv_files import write_csv
from scr.cli.messages import say
from scr.errors import ScrError

if TYPE_CHECKING:
    from scr.io.observation_level import ObservationLevel
    from scr.io.project import ProjectTables

_ROUND = """\
[mask]                              # where activity centres can lie: cells round the stations
buffer = 15_000                     # metres; 4 to 5 sigma, the scale of an animal's movements
spacing = 1_000                     # metres; at most half a sigma
"""
_CELLS = """[mask]
cells = "mask.csv"                  # where activity centres can lie, as the data give it
"""
_FILES = {"traps": "stations.csv", "usage": "deployments.csv", "detections": "detections.csv"}


def init_from(
    data: Path,
    folder: Path,
    *,
    crs: str | None = None,
    species: str | None = None,
    observation_level: "ObservationLevel | None" = None,
) -> None:
    """Write the tables of a project in the standard columns, and the survey.toml that reads them.

    Parameters
    ----------
    data
        Folder, zip file or workbook of the project.
    folder
        Folder to write into; made where absent.
    crs
        Coordinate system of x and y, where the format does not tell it.
    species
        The species meant, where there are several.
    observation_level
        As in ``read_camtrap_dp``.

    Raises
    ------
    ScrError
        If the format is not known or cannot be read, or a file to write is there already.
    """
    found = scr.io.recognise(data)
    say(f"  found   {found.form} in {', '.join(file.name for file in found.files)}")
    project = found.read(species, observation_level=observation_level)
    folder.mkdir(parents=True, exist_ok=True)
    usage_key = "deployments" if {"start", "end"} <= set(project.usage.columns) else "usage"
    names = _FILES | {"usage": f"{usage_key}.csv"}
    names |= {} if project.mask is None else {"mask": "mask.csv"}
    there = [name for name in (*names.values(), "survey.toml") if (folder / name).exists()]
    if there:
        msg = (
            f"{folder} has {', '.join(there)} already, which would be written over. "
            "Give the name of a new folder."
        )
        raise ScrError(msg)
    for table, name in names.items():
        write_csv(folder / name, getattr(project, table))
        say(f"  wrote   {folder / name}")
    (folder / "survey.toml").write_text(
        survey_toml(project, names=names, usage_key=usage_key, crs=crs), encoding="utf-8"
    )
    say(f"  wrote   {folder / 'survey.toml'}")
    for note in project.notes:
        say(f"  note: {note}")
    say(f"Edit {folder / 'survey.toml'}, then: scr check {folder / 'survey.toml'}")


def survey_toml(
    project: "ProjectTables", *, names: dict[str, str], usage_key: str, crs: str | None
) -> str:
    """The survey.toml of a project.

    Parameters
    ----------
    project
        Its tables.
    names
        File of each of them.
    usage_key
        ``"deployments"`` or ``"usage"``.
    crs
        Coordinate system given by the user.
    """
    ((key, system),) = scr.io.place_of_project(project, crs=crs).items()
    if key == "to_crs":
        line = f'to_crs = "{system}"              # longitude and latitude are changed to this'
    elif system == "local":
        line = 'crs = "local"               # or that of x and y, as "EPSG:32652"'
    else:
        line = f'crs = "{system}"'
    return f"""# Written by scr init from {project.form}.
#   scr check survey.toml    reads everything and says what it found
#   scr fit survey.toml      fits the model and writes maps and tables

[survey]
traps = "{names["traps"]}"
{usage_key} = "{names["usage"]}"
detections = "{names["detections"]}"
{line}

{_CELLS if "mask" in names else _ROUND}
[model]
density = "~ 1"
lambda0 = "~ 1"
sigma = "~ 1"
"""
