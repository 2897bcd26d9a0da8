"""``scr layouts power``: what surveys will show, by expected information and by simulation."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer

from scr.cli.layout_options import LayoutFiles, PlanFile, Seed

Change = Annotated[
    float | None,
    typer.Option(help="Change to be detected, -0.2 for a loss of 20 %; over years, over all."),
]
Years = Annotated[
    list[int] | None,
    typer.Option("--year", help="A year with a survey; name all. They are fitted together."),
]
Stations = Annotated[
    Literal["same", "other"] | None,
    typer.Option(help="The same stations every year, or the layouts in turn."),
]
Target = Annotated[
    float | None,
    typer.Option(help="Search for the surveys, days and stations that give this power, as 0.8."),
]
Repeats = Annotated[
    int, typer.Option(min=0, help="Simulated surveys of each scenario; 0 for none.")
]


def power(
    plan: PlanFile,
    layouts: LayoutFiles,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the study.")] = Path("study"),
    change: Change = None,
    years: Years = None,
    stations: Stations = None,
    target: Target = None,
    repeats: Repeats = 100,
    engine: Annotated[Literal["mle", "laplace", "nuts"], typer.Option(help="How to fit.")] = "mle",
    workers: Annotated[int | None, typer.Option(help="Processes; all cores if left out.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    seed: Seed = 1,
) -> None:
    """Power to detect a change; surveys are simulated and fitted, and what was stopped goes on."""
    import_module("scr.cli.power_study").study_power(
        plan,
        layouts,
        out,
        monitored={"change": change, "years": years, "stations": stations},
        target=target,
        simulated={
            "n_repeats": repeats,
            "engine": engine,
            "seed": seed,
            "n_workers": workers,
            "scheduler": scheduler,
        },
    )
