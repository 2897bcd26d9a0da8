"""``scr init --from``: a survey.toml for data in any format that can be read."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import scr.io
import scr.survey
from scr.cli.csv_files import write_csv
from scr.cli.messages import say
from scr.cli.place import asked_system, in_terminal
from scr.errors import ScrError, ScrWarning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scr.io.observation_level import ObservationLevel
    from scr.io.project import ProjectTables

_ROUND = """\
[mask]                              # where activity centres can lie: cells round the stations
buffer = {buffer:<26_.0f} # metres; {why}
spacing = {spacing:<25_.0f} # metres; at most half a sigma, the scale of an animal's movements
"""
_USUAL = {"buffer": 15_000.0, "spacing": 1_000.0}
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
    system = _system_of(project, crs=crs)
    mask = _CELLS if "mask" in names else proposed_mask(project, system)
    for table, name in names.items():
        write_csv(folder / name, getattr(project, table))
        say(f"  wrote   {folder / name}")
    (folder / "survey.toml").write_text(
        survey_toml(project, names=names, usage_key=usage_key, system=system, mask=mask),
        encoding="utf-8",
    )
    say(f"  wrote   {folder / 'survey.toml'}")
    for note in project.notes:
        say(f"  note: {note}")
    say(f"Edit {folder / 'survey.toml'}, then: scr check {folder / 'survey.toml'}")


def _system_of(project: "ProjectTables", *, crs: str | None) -> dict[str, str]:
    """Arguments of ``read_traps``, asked for in a terminal where nothing tells them."""
    system = scr.io.place_of_project(project, crs=crs)
    named = {"x", "y"} <= set(project.traps.columns)
    if crs is None and system.get("crs") == "local" and named and in_terminal():
        try:
            xy = project.traps[["x", "y"]].to_numpy(dtype=float)
        except ValueError:  # which cells are no numbers is told by who reads them
            return system
        return {"crs": asked_system(xy)}
    return system


def proposed_mask(project: "ProjectTables", system: "Mapping[str, str]") -> str:
    """The table of the mask, with a buffer and cells that suit the survey.

    Parameters
    ----------
    project
        Its tables.
    system
        Arguments of ``read_traps``: ``crs`` or ``to_crs``; none where no coordinates can be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ScrWarning)  # scr check is what tells them
            survey = scr.survey.survey_from_project(project, drop_outside=True, **system)
        traps = survey.sessions[0].traps
        say(f"  place   stations lie at {scr.io.place_in_words(traps.xy, traps.crs)} ({traps.crs})")
        sigma = scr.guess_sigma(survey)
    except ScrError as fault:
        say(f"  mask    buffer and spacing could not be proposed: {fault}")
        return _ROUND.format(**_USUAL, why="4 to 5 sigma; scr check says what suits the survey")
    chosen = {"buffer": scr.advise_buffer(sigma), "spacing": scr.advise_spacing(sigma)}
    why = f"4 sigma; sigma, first estimate: {sigma:,.0f}"
    say(
        f"  mask    buffer {chosen['buffer']:,.0f} m and cells of {chosen['spacing']:,.0f} m are "
        f"proposed (sigma, first estimate: {sigma:,.0f} m)"
    )
    return _ROUND.format(**chosen, why=why)


def survey_toml(
    project: "ProjectTables",
    *,
    names: "Mapping[str, str]",
    usage_key: str,
    system: "Mapping[str, str]",
    mask: str,
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
    system
        Arguments of ``read_traps``: ``crs`` or ``to_crs``; none where no coordinates can be read.
    mask
        The table of the mask.
    """
    if not system:
        line = '# to_crs = "EPSG:32652"     # once they can be read: the zone of lon and lat'
    elif "to_crs" in system:
        line = f'to_crs = "{system["to_crs"]}"       # longitude and latitude are changed to this'
    elif system["crs"] == "local":
        line = 'crs = "local"               # or that of x and y, as "EPSG:32652"'
    else:
        line = f'crs = "{system["crs"]}"'
    return f"""# Written by scr init from {project.form}.
#   scr check survey.toml    reads everything and says what it found
#   scr fit survey.toml      fits the model and writes maps and tables

[survey]
traps = "{names["traps"]}"
{usage_key} = "{names["usage"]}"
detections = "{names["detections"]}"
{line}

{mask}
[model]
density = "~ 1"
lambda0 = "~ 1"
sigma = "~ 1"
"""
