"""``scr init``: a folder to start from."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer

from scr.cli.messages import say
from scr.cli.place import asked_zone, in_terminal, zone_at
from scr.cli.recognise import init_from
from scr.errors import ScrError

_EXAMPLE_ZONE = "EPSG:32643"
"""Of the example tables."""

TEMPLATES = ("survey.toml", "stations.csv", "deployments.csv", "detections.csv")

Folder = Annotated[Path, typer.Argument(help="Folder to write into; made where absent.")]


Data = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="Data to start from: a Camtrap DP package, a Wildlife Insights download, camtrapR, "
        "secr or oSCR tables, a workbook, or a folder of CSV files.",
    ),
]
Crs = Annotated[
    str | None, typer.Option(help="With --from: coordinate system of x and y, as EPSG:32652.")
]
Place = Annotated[
    str | None,
    typer.Option(
        help="A place in the study area, longitude and latitude in degrees, as '131.2, 43.1'; "
        "asked for in a terminal if left out.",
        show_default=False,
    ),
]
Species = Annotated[str | None, typer.Option(help="With --from: the species meant.")]
Level = Annotated[
    Literal["event", "media"] | None,
    typer.Option(
        help="With --from: rows of Camtrap DP observations to read, event or media; left out, "
        "those of events if there are any.",
    ),
]


def init(
    folder: Folder = Path(),
    *,
    place: Place = None,
    data: Data = None,
    crs: Crs = None,
    species: Species = None,
    observation_level: Level = None,
) -> None:
    """Write a commented survey.toml and example tables to replace by your own.

    Files that are there already are left as they are. With --from, write the tables of your data
    and the survey.toml that reads them, with a buffer and cells that suit the survey.
    """
    if data is not None:
        init_from(data, folder, crs=crs, species=species, observation_level=observation_level)
        return
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file. Give the name of a folder to write the templates into."
        raise ScrError(msg)
    zone = zone_wanted(place)
    folder.mkdir(parents=True, exist_ok=True)
    source = files("scr.cli") / "templates"
    for name in TEMPLATES:
        target = folder / name
        try:
            with target.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(in_zone((source / name).read_text(encoding="utf-8"), zone))
        except FileExistsError:
            say(f"  kept    {target} (it was there already)")
        else:
            say(f"  wrote   {target}")
    survey = folder / "survey.toml"
    say(f"Replace the examples by your own data, edit {survey}, then: scr check {survey}")


def zone_wanted(place: str | None) -> str | None:
    """The UTM zone of a place given, or asked for in a terminal; None where there is none.

    Parameters
    ----------
    place
        Longitude and latitude in degrees, or None.
    """
    if place is not None:
        return zone_at(place)
    return asked_zone() if in_terminal() else None


def in_zone(template: str, zone: str | None) -> str:
    """A template whose coordinates are in the zone of the study area.

    Parameters
    ----------
    template
        Text of a file.
    zone
        Authority code; None leaves it as it is.
    """
    return template if zone is None else template.replace(_EXAMPLE_ZONE, zone)
