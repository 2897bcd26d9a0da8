"""Several models of one survey.toml, fitted and compared."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import scr
from scr.cli.messages import say, show_table, working
from scr.errors import FitError
from scr.io.results_folder import MODELS, PRIVATE, UNFINISHED
from scr.io.whole_files import file_name
from scr.project.configuration import Configuration

if TYPE_CHECKING:
    from scr.fit.comparison import Comparison
    from scr.project.loading import Project

DRAWS = 1000
"""Draws of each model that is compared; the one that is reported is fitted again with all."""


def fit_models(configuration: Configuration, project: "Project", folder: Path) -> "Comparison":
    """Fit the models of ``[[models]]``, each failure by itself, and compare them.

    Parameters
    ----------
    configuration
        The survey.toml.
    project
        What it names.
    folder
        Folder of results, where fits are kept as they are made: the next run goes on from them.

    Raises
    ------
    KeyboardInterrupt
        If it was stopped, once what there is is kept.
    FitError
        If no model could be fitted, or not the one to be reported.
    """
    keys = configuration.fit
    engine = "laplace" if keys.engine == "auto" else keys.engine
    options = {
        "laplace": {"draws": DRAWS},
        "nuts": {"draws": keys.draws, "tune": keys.tune, "chains": keys.chains},
        "mle": {},
    }[engine]
    kept = folder / UNFINISHED / MODELS
    say(f"Fitting {len(project.models)} models ({engine})")
    fits = scr.fit_all(
        project.survey,
        project.mask,
        project.models,
        engine=engine,
        seed=keys.seed,
        check_mask=engine == "nuts",
        keep=kept,
        progress=True,
        **options,
    )
    if fits.stopped:
        say(f"Stopped. {len(fits)} fits are kept in {kept}; 'scr fit' goes on from them.")
        raise KeyboardInterrupt
    with working("Comparing the models"):
        comparison = scr.compare(fits, weights=configuration.comparison.weights)
    show_models(comparison)
    reported_in(configuration, comparison)
    return comparison


def reported_in(configuration: Configuration, comparison: "Comparison") -> str:
    """Name of the model that is reported in full: the one asked for, or that weighs most.

    Parameters
    ----------
    configuration
        The survey.toml.
    comparison
        Its models compared.

    Raises
    ------
    FitError
        If the one asked for could not be fitted.
    """
    wanted = configuration.comparison.report
    if wanted is None:
        return next(iter(comparison.fits))
    if wanted not in comparison.fits:
        msg = (
            f"The model to report, {wanted!r}, could not be fitted: "
            f"{comparison.failures.get(wanted, 'no fit of it is kept')} Correct it, or name "
            "another one under [comparison] report."
        )
        raise FitError(msg)
    return wanted


def kept_models(configuration: Configuration, folder: Path) -> "Comparison | None":
    """The models of an earlier run, compared again; None where none are kept.

    Parameters
    ----------
    configuration
        The survey.toml, which names them.
    folder
        Folder of results.
    """
    names = list(configuration.models)
    paths = {name: folder / PRIVATE / MODELS / f"{file_name(name)}.nc" for name in names}
    there = {name: path for name, path in paths.items() if path.is_file()}
    if not there:
        return None
    missing = [name for name in names if name not in there]
    if missing:
        say(f"  note: no fit is kept of {', '.join(map(repr, missing))}")
    with working("Reading the models compared"):
        fits = {name: scr.load_fit(path) for name, path in there.items()}
        return scr.compare(fits, weights=configuration.comparison.weights)


def show_models(comparison: "Comparison") -> None:
    """Print the table of models, and what to know of it.

    Parameters
    ----------
    comparison
        From ``compare``.
    """
    table = comparison.table.assign(weight=comparison.weights)
    columns = {"n_coefficients": "coefficients", "delta_aic": "delta AIC"}
    if comparison.left_out:
        columns |= {
            "elpd_difference": "elpd difference",
            "se_difference": "se",
            "largest_k": "Pareto k",
        }
    columns |= {"weight": "weight"}
    show_table(
        ["model", *columns.values()],
        [
            (str(name), *(_shown(column, float(row[column])) for column in columns))
            for name, row in table.iterrows()
        ],
    )
    for note in comparison.notes:
        say(f"  note: {note}")


def _shown(column: str, value: float) -> str:
    if not math.isfinite(value):
        return ""
    digits = {"n_coefficients": 0, "weight": 2, "largest_k": 2}.get(column, 1)
    return f"{value:.{digits}f}"
