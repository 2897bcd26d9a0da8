"""``scr init``: a folder to start from."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from scr.cli.messages import say
from scr.errors import ScrError

TEMPLATES = ("survey.toml", "stations.csv", "deployments.csv", "detections.csv")

Folder = Annotated[Path, typer.Argument(help="Folder to write into; made where absent.")]


def init(folder: Folder = Path()) -> None:
    """Write a commented survey.toml and example tables to replace by your own.

    Files that are there already are left as they are.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file. Give the name of a folder to write the templates into."
        raise ScrError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    source = files("scr.cli") / "templates"
    for name in TEMPLATES:
        target = folder / name
        try:
            with target.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write((source / name).read_text(encoding="utf-8"))
        except FileExistsError:
            say(f"  kept    {target} (it was there already)")
        else:
            say(f"  wrote   {target}")
    survey = folder / "survey.toml"
    say(f"Replace the examples by your own data, edit {survey}, then: scr check {survey}")
