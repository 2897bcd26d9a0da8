"""``scr layouts page``: stations moved on a map in the browser."""

from pathlib import Path
from typing import Annotated

import typer

import scr.layout_page
from scr.cli.layout_options import PlanFile
from scr.cli.messages import say, working

Start = Annotated[
    Path | None,
    typer.Argument(metavar="[LAYOUT]", help="Stations to start from; a grid if left out."),
]
Port = Annotated[int, typer.Option(help="Port of the page; a free one if left out.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Print the address, open no browser.")]


def page(plan: PlanFile, layout: Start = None, *, port: Port = 0, no_open: NoOpen = False) -> None:
    """Move stations on a map in the browser, and see at once what that does; Ctrl-C ends it."""
    with working("Reading the plan"):
        desk = scr.layout_page.open_desk(plan, layout)
        serving = scr.layout_page.open_page(desk, port=port)
    say(f"The layout page is at {serving.address}")
    say("It can be reached from this computer alone, by this address. Ctrl-C ends it.")
    serving.run(browser=not no_open)
    say("The page has ended. What was on it is kept beside the plan.")
