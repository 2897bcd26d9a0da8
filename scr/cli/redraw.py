"""``scr map``: maps, tables and reports of a fit that is kept, without fitting again."""

import json
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import scr.project
from scr.cli.doubting import end_where_not_credible, refusing, tell_doubts
from scr.cli.kept_inputs import check_apart
from scr.cli.messages import say, working
from scr.cli.modelling import kept_models
from scr.cli.provenance import inputs_of, say_what_changed
from scr.errors import FitError
from scr.io.results_folder import KEPT, PRIVATE, alone_in, kept_fit
from scr.maps.results.second_process import second_process
from scr.project.configuration import Configuration, read_configuration

if TYPE_CHECKING:
    from scr.checking.doubts import Doubts
    from scr.checking.scrutiny import Scrutiny
    from scr.fit.comparison import Comparison
    from scr.fit.result import Fit
    from scr.habitat.region import Region
    from scr.io.map_layers import MapLook

    type Regions = Region | dict[str, Region] | None

SurveyToml = Annotated[Path, typer.Argument(help="The survey.toml, or the folder that holds it.")]
FromOption = Annotated[
    Path | None,
    typer.Option("--fit", help="A fit kept elsewhere than in the folder of results."),
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder to draw into; that of the survey.toml if left out.")
]
RegionOption = Annotated[
    Path | None, typer.Option(help="Other polygons to report the number of animals for.")
]
RegionNameOption = Annotated[
    str | None,
    typer.Option(help="Column of --region with the name of each zone; one area if left out."),
]


def redraw(
    survey_toml: SurveyToml,
    fit: FromOption = None,
    out: OutOption = None,
    region: RegionOption = None,
    region_name: RegionNameOption = None,
) -> None:
    """Draw maps and write tables and reports again from a fit that is kept, without fitting."""
    configuration = read_configuration(survey_toml)
    folder = out or configuration.output
    check_apart(folder, inputs_of(configuration))
    with second_process() as drawing, alone_in(folder):
        fitted, reserve = read_kept(
            survey_toml, configuration, fit=fit, region=region, region_name=region_name
        )
        look = scr.project.map_look_of(configuration, fitted.mask, reserve)
        doubts = write_results(
            fitted,
            configuration,
            folder=folder,
            reserve=reserve,
            look=look,
            drawing=drawing,
            models=None if fit else kept_models(configuration, configuration.output),
        )
    say_where(folder)
    end_where_not_credible(doubts)


def read_kept(
    survey_toml: Path,
    configuration: Configuration,
    *,
    fit: Path | None,
    region: Path | None,
    region_name: str | None = None,
) -> "tuple[Fit, Regions]":
    """The fit that is kept, and the regions of its report.

    Parameters
    ----------
    survey_toml
        As the user gave it.
    configuration
        What it holds.
    fit
        A fit kept elsewhere than in the folder of results.
    region
        Polygons in place of those that the survey.toml names.
    region_name
        Column of them with the name of each zone; all are one area if left out.

    Raises
    ------
    FitError
        If there is no fit.
    """
    path = fit or kept_fit(configuration.output)
    if path is None or not path.is_file():
        wanted = path or configuration.output / KEPT
        msg = f"There is no fit {wanted}. Run 'scr fit {survey_toml}' first, or name one by --fit."
        raise FitError(msg)
    if fit is None and path != configuration.output / KEPT:
        say(f"The last run was cut off after its fit: going on from {path}")
    with working("Reading the fit"):
        fitted: Fit = scr.load_fit(path)
        say_what_changed(fitted, configuration)
        crs = fitted.survey.crs
        if region is not None and region_name is not None:
            return fitted, scr.read_zones(region, name=region_name, crs=crs)
        reserve = scr.project.reserve_of(configuration, crs, other=region)
        regions = (
            reserve if region is not None else scr.project.regions_of(configuration, reserve, crs)
        )
    return fitted, regions


def write_results(
    fitted: "Fit",
    configuration: Configuration,
    *,
    folder: Path,
    reserve: "Regions",
    look: "MapLook",
    drawing: Executor,
    models: "Comparison | None" = None,
) -> "Doubts":
    """Say what there is to doubt in a fit, and write all results into a folder.

    Parameters
    ----------
    fitted
        The fit.
    configuration
        The survey.toml: title, banner and what is asked of a trend.
    folder
        Folder of results.
    reserve
        Where the number of animals is reported; over the whole mask where None.
    look
        Layers and size of the maps.
    drawing
        Draws the figures.
    models
        Models that were compared, or None.

    Returns
    -------
    Doubts
        What was said.
    """
    fitted = fitted.labelled(configuration.labels)
    with working("Looking at what the estimates rest on"):
        doubts: Doubts = scr.checking.doubts_of(fitted, reserve)
    tell_doubts(fitted, doubts)
    scrutiny = scrutinised(fitted, configuration)
    with working("Writing maps, tables and reports"), refusing(doubts):
        scr.write_results(
            fitted,
            folder,
            region=reserve,
            title=configuration.title,
            banner=configuration.banner or None,
            seed=configuration.fit.seed,
            animals=configuration.animals or None,
            drawing=drawing,
            doubts=doubts,
            trend=configuration.wanted_trend,
            look=look,
            scrutiny=scrutiny,
            models=models,
        )
    for sentence in answers_in(folder):
        say(sentence, style="bold")
    return doubts


def scrutinised(fitted: "Fit", configuration: Configuration) -> "Scrutiny | None":
    """Check the fit where the survey.toml asks for it, and say what was found.

    Parameters
    ----------
    fitted
        The fit.
    configuration
        The survey.toml.
    """
    if not configuration.fit.check_fit:
        return None
    with working("Checking the fit against simulated surveys"):
        scrutiny: Scrutiny = scr.checking.scrutinise(fitted, seed=configuration.fit.seed)
    say(scrutiny.verdict)
    return scrutiny


def answers_in(folder: Path) -> list[str]:
    """The answers of the results in a folder, a sentence each.

    Parameters
    ----------
    folder
        Folder of results.
    """
    text = (folder / PRIVATE / "summary.json").read_text(encoding="utf-8")
    answers: list[str] = json.loads(text)["answers"]
    return answers


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
