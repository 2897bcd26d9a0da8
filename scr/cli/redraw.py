"""``scr map``: maps and tables of a fit that is kept, without fitting again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import scr
from scr.cli.configuration import Configuration, read_configuration
from scr.cli.inputs import read_reserve
from scr.cli.messages import say, working
from scr.errors import FitError

if TYPE_CHECKING:
    from scr.fit.result import Fit
    from scr.habitat.region import Region

KEPT = Path("private", "fit.nc")
"""Where a folder of results keeps the fit."""

SurveyToml = Annotated[Path, typer.Argument(help="The survey.toml, or the folder that holds it.")]
FromOption = Annotated[
    Path | None,
    typer.Option("--fit", help="A fit kept elsewhere than in the folder of results."),
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder to draw into; that of the survey.toml if left out.")
]
RegionOption = Annotated[
    Path | None, typer.Option(help="Another polygon to report the number of animals for.")
]


def redraw(
    survey_toml: SurveyToml,
    fit: FromOption = None,
    out: OutOption = None,
    region: RegionOption = None,
) -> None:
    """Draw maps and write tables again from a fit that is kept, without fitting again."""
    configuration = read_configuration(survey_toml)
    path = fit or configuration.output / KEPT
    if not path.is_file():
        msg = f"There is no fit {path}. Run 'scr fit {survey_toml}' first, or name one by --fit."
        raise FitError(msg)
    with working("Reading the fit"):
        fitted = scr.load_fit(path)
        reserve = read_reserve(configuration, fitted.survey.crs, other=region)
    folder = out or configuration.output
    write_results(fitted, configuration, folder=folder, reserve=reserve)
    say_where(folder)


def write_results(
    fitted: "Fit", configuration: Configuration, *, folder: Path, reserve: "Region | None"
) -> None:
    """Write all results into a folder.

    Parameters
    ----------
    fitted
        The fit.
    configuration
        The survey.toml: title and banner.
    folder
        Folder of results.
    reserve
        Where the number of animals is reported; over the whole mask where None.
    """
    with working("Writing maps and tables"):
        scr.write_outputs(
            fitted,
            folder,
            region=reserve,
            title=configuration.title,
            banner=configuration.banner or None,
            seed=configuration.fit.seed,
        )


def say_where(folder: Path) -> None:
    """Say where the results are, as the last line.

    Parameters
    ----------
    folder
        Folder of results.
    """
    say(
        f"Results are in {folder}: {folder / 'public'} can be shared, "
        f"{folder / 'private'} shows stations and single animals."
    )
