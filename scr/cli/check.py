"""``scr check``: read everything, say what was found, fit nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

import scr
from scr.cli.configuration import read_configuration
from scr.cli.inputs import Inputs, read_inputs
from scr.cli.messages import say, show_table

if TYPE_CHECKING:
    from scr.survey.survey import Session, Survey

_MOST_COLUMNS = 4

FILE_HELP = "The survey.toml, or the folder that holds it."


def check(survey_toml: Annotated[Path, typer.Argument(help=FILE_HELP)]) -> None:
    """Read the survey, the mask and the model, and say what was found. Fits nothing."""
    configuration = read_configuration(survey_toml)
    if configuration.banner:
        say(configuration.banner, style="bold")
    inputs = read_inputs(configuration)
    _show_sessions(inputs.survey, configuration.title)
    show_table(["mask and model", ""], _mask_rows(inputs), words=True)
    for advice in _advice(inputs):
        say(f"  consider: {advice}", style="yellow")
    say(f"Nothing is wrong with these files. Next: scr fit {survey_toml}", style="green")


def _show_sessions(survey: "Survey", title: str) -> None:
    labels = [session.name for session in survey.sessions]
    facts = [_facts(session) for session in survey.sessions]
    if len(labels) > _MOST_COLUMNS:
        rows = [[label, *fact.values()] for label, fact in zip(labels, facts, strict=True)]
        show_table(["session", *facts[0]], rows, title=title)
    else:
        rows = [[name, *(fact[name] for fact in facts)] for name in facts[0]]
        show_table(["session", *labels], rows, title=title)


def _facts(session: "Session") -> dict[str, str]:
    captures, effort = session.captures, session.usage.effort
    places = [
        len(np.unique(captures.trap[captures.individual == i]))
        for i in range(captures.n_individuals)
    ]
    return {
        "stations": f"{len(session.traps)}",
        "occasions": f"{effort.shape[1]}",
        "effort (days)": f"{effort.sum():,.0f}",
        "animals identified": f"{captures.n_individuals}",
        "detections": f"{captures.n_detections}",
        "recaptures": f"{captures.n_detections - captures.n_individuals}",
        "animals seen at 2 or more stations": f"{sum(n > 1 for n in places)}",
    }


def _mask_rows(inputs: Inputs) -> list[tuple[str, str]]:
    mask = inputs.mask
    cells = f"{len(mask):,}"
    if mask.spacing is not None:
        cells += f" of {mask.spacing:g} m"
    rows = [
        ("coordinate system", inputs.survey.crs),
        ("cells of the mask", cells),
        ("area of the mask", f"{mask.area:,.0f} km2"),
    ]
    for name in mask.covariates.columns:
        column = mask.covariates[name]
        rows.append((str(name), f"{column.min():.4g} to {column.max():.4g}"))
    if inputs.reserve is not None:
        rows.append((f"area of {inputs.reserve.name}", f"{inputs.reserve.area_km2:,.0f} km2"))
    rows.extend((parameter, formula) for parameter, formula in inputs.spec.formulas.items())
    rows.append(("detection function", inputs.spec.detection))
    names = inputs.spec.coefficient_names(inputs.survey, mask)
    rows.append((f"{len(names)} coefficients", ", ".join(names)))
    return rows


def _advice(inputs: Inputs) -> tuple[str, ...]:
    sigma = scr.guess_sigma(inputs.survey, detection=inputs.spec.detection)
    advice: tuple[str, ...] = scr.mask_advice(
        inputs.mask, inputs.traps, sigma=sigma, detection=inputs.spec.detection
    )
    if not advice:
        return ()
    return (
        *advice,
        f"(Sigma is taken to be {sigma:,.0f} m until a fit tells better.)",
    )
