"""``scr demo``: the bundled survey, fitted, with the estimates beside the truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import scr.demo
import scr.project
from scr.cli.fitting import fit_and_write
from scr.cli.messages import show_table
from scr.cli.redraw import say_where
from scr.errors import ScrError
from scr.project.configuration import Configuration, read_configuration

if TYPE_CHECKING:
    from scr.fit.result import Fit

Folder = Annotated[Path, typer.Argument(help="Folder to copy the survey into.")]


def demo(folder: Folder = Path("leopard_demo")) -> None:
    """Copy the bundled survey into a folder, fit it, and show the estimates beside the truth."""
    _refuse_to_replace(folder)
    configuration = read_configuration(scr.demo.copy_demo(folder))
    fitted, _ = fit_and_write(configuration, configuration.output)
    truth = scr.demo.read_truth(folder)
    show_table(
        ["", "estimate", "95 % interval", "truth"],
        [*_coefficients(fitted, truth), *_abundance(fitted, configuration, truth)],
        title=f"{configuration.banner}: estimates beside the truth",
    )
    say_where(configuration.output)


def _refuse_to_replace(folder: Path) -> None:
    bundled = scr.demo.data_folder()
    files = sorted(file for file in bundled.rglob("*") if file.is_file())
    names = [file.relative_to(bundled) for file in files]
    others = [
        str(name)
        for name, file in zip(names, files, strict=True)
        if (folder / name).is_file() and (folder / name).read_bytes() != file.read_bytes()
    ]
    if others:
        msg = (
            f"{folder} holds files of the same names as the demo that are not the demo's: "
            f"{', '.join(others)}. Name another folder for the demo, as in 'scr demo elsewhere'."
        )
        raise ScrError(msg)


def _coefficients(fitted: "Fit", truth: dict[str, Any]) -> list[tuple[str, ...]]:
    estimates = fitted.coefficients[["estimate", "lower", "upper"]].to_dict("index")
    rows: list[tuple[str, ...]] = []
    for name, value in truth["coefficients"].items():
        found = estimates[name]
        interval = f"{found['lower']:.2f} to {found['upper']:.2f}"
        rows.append((name, f"{found['estimate']:.2f}", interval, f"{value:.2f}"))
    return rows


def _abundance(
    fitted: "Fit", configuration: Configuration, truth: dict[str, Any]
) -> list[tuple[str, ...]]:
    reserve = scr.project.reserve_of(configuration, fitted.survey.crs)
    table = scr.abundance(fitted, region=reserve, seed=configuration.fit.seed)
    parameters = truth["parameters"]
    true = {
        "expected N": parameters["expected_N_reserve"],
        "realised N": parameters["realised_N_reserve"],
    }
    return [
        (
            f"{row.estimand}, {row.region}",
            f"{row.median:.1f}",
            f"{row.lower:.1f} to {row.upper:.1f}",
            f"{true[str(row.estimand)]:.1f}",
        )
        for row in table.itertuples()
    ]
