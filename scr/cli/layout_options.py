"""Options and arguments that the commands on layouts share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan of the survey, TOML.")]
LayoutFiles = Annotated[
    list[Path],
    typer.Argument(metavar="LAYOUT...", help="Stations: .csv, .gpkg, .geojson, .kml, .gpx."),
]
Network = Annotated[Path | None, typer.Option(help="Trails or roads (lines).")]
Reach = Annotated[float, typer.Option(help="Furthest from trail or road, metres.")]
Least = Annotated[float, typer.Option(help="Least distance between stations, metres.")]
Seed = Annotated[int, typer.Option(help="Seed of all random numbers.")]
Cameras = Annotated[int, typer.Option(help="Cameras at each station, 1 or 2.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="File to write.")]
Fixed = Annotated[Path | None, typer.Option(help="Stations that stand already.")]
Candidates = Annotated[
    Path | None, typer.Option(help="Places where stations may stand; a grid if left out.")
]
OfGrid = Annotated[float, typer.Option(help="Of the grid of candidates, metres.")]
Most = Annotated[int | None, typer.Option(help="Most stations.")]
Criterion = Annotated[
    Literal["rse", "min_nr", "animals", "recaptures", "moves", "at_two", "coverage"],
    typer.Option(help="What the stations are chosen for; min_nr is the rule of thumb for the RSE."),
]
Exchanges = Annotated[int, typer.Option(help="Exchanges of stations tried for the RSE.")]
Rivals = Annotated[
    list[Path] | None,
    typer.Option("--rival", help="A layout that takes part for the RSE; name several."),
]
Balance = Annotated[float, typer.Option(help="Weight of spatial balance, 0 to 1.")]
Starts = Annotated[int, typer.Option(help="Starts of the search.")]
Kicks = Annotated[int, typer.Option(help="Kicks of each start.")]
