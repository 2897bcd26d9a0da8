"""``scr layouts init``: a plan to start from."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from scr.cli.messages import say
from scr.cli.start import Place, in_zone, zone_wanted
from scr.errors import LayoutError

PLAN = "plan.toml"

Folder = Annotated[Path, typer.Argument(help="Folder to write into; made where absent.")]


def init_plan(folder: Folder = Path(), *, place: Place = None) -> None:
    """Write a commented plan.toml, by which layouts are generated, compared and optimised."""
    target = folder / PLAN
    if target.exists():
        msg = f"{target} is there already. Name another folder, or move it."
        raise LayoutError(msg)
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file. Give the name of a folder to write the plan into."
        raise LayoutError(msg)
    zone = zone_wanted(place)
    folder.mkdir(parents=True, exist_ok=True)
    template = (files("scr.cli") / "templates" / PLAN).read_text(encoding="utf-8")
    with target.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(in_zone(template, zone))
    say(f"  wrote   {target}")
    say(
        f"Put the reserve beside it as reserve.gpkg, edit {target}, then: "
        f"scr layouts generate {target} --out {folder / 'grid.csv'}"
    )
