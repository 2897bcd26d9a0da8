"""``scr fit``: from a survey.toml to maps and tables."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import scr.fit
import scr.survey
from scr.cli.check import FILE_HELP
from scr.cli.doubting import end_where_not_credible, warn_before
from scr.cli.kept_inputs import check_apart
from scr.cli.messages import say, show_table, working
from scr.cli.modelling import fit_models, reported_in
from scr.cli.provenance import digests_of_inputs, inputs_of
from scr.cli.redraw import say_where, write_results
from scr.io.results_folder import KEPT, UNFINISHED, alone_in
from scr.maps.results.second_process import second_process
from scr.project.configuration import Configuration, Engine, FitKeys, read_configuration
from scr.survey.detectors import worded

if TYPE_CHECKING:
    from scr.checking.doubts import Doubts
    from scr.fit.result import Fit
    from scr.project.loading import Project

    Keep = Callable[[Fit], Path]

LARGEST_K_HAT = 0.7
"""Pareto k-hat above which importance sampling is not trusted."""

MOST_COEFFICIENTS = 15
"""Number of coefficients up to which importance sampling is tried."""

_FINE = 0.01

EngineOption = Annotated[
    Engine | None,
    typer.Option(help="How to fit; in place of engine in the survey.toml.", show_default=False),
]
ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        help="A line of [model] in place of that in the survey.toml, as 'density ~ forest'; "
        "may be given several times.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(help="Folder of results; in place of output in the survey.toml."),
]
CoefficientsOption = Annotated[
    bool,
    typer.Option(
        "--coefficients",
        help="Print the coefficients of the formulas too; coefficients.csv has them always.",
    ),
]
SeedOption = Annotated[int | None, typer.Option(help="In place of seed in the survey.toml.")]


def fit(
    survey_toml: Annotated[Path, typer.Argument(help=FILE_HELP)],
    model: ModelOption = None,
    engine: EngineOption = None,
    out: OutOption = None,
    seed: SeedOption = None,
    coefficients: CoefficientsOption = False,
) -> None:
    """Fit the model and write maps, tables and the posterior."""
    configuration = read_configuration(survey_toml).with_fit(engine=engine, seed=seed)
    configuration = configuration.with_model(model or ())
    folder = out or configuration.output
    fitted, doubts = fit_and_write(configuration, folder)
    if coefficients:
        _show_coefficients(fitted)
    say_where(folder)
    end_where_not_credible(doubts)


def fit_and_write(configuration: Configuration, folder: Path) -> "tuple[Fit, Doubts]":
    """Fit as a survey.toml says, show the estimates, write all results.

    Parameters
    ----------
    configuration
        The survey.toml.
    folder
        Folder of results.

    Returns
    -------
    tuple
        The fit, and what there is to doubt in it.
    """
    if configuration.banner:
        say(configuration.banner, style="bold")
    check_apart(folder, inputs_of(configuration))
    with second_process() as drawing, alone_in(folder):
        return _fit_and_write(configuration, folder, drawing)


def _fit_and_write(
    configuration: Configuration, folder: Path, drawing: Executor
) -> "tuple[Fit, Doubts]":
    with working("Reading the survey, laying the mask"):
        project = scr.load_project(configuration)
    for note in project.notes:
        say(f"  note: {note}")
    # Imported where it is needed: it brings the mathematics along.
    checks = import_module("scr.checking.before_fit")
    checks.check_before_fit(
        *project.data,
        regions=project.regions,
        folder=folder,
        trend=configuration.wanted_trend,
        layers=project.map_look.layers,
    )
    made_from = digests_of_inputs(configuration)
    totals = scr.survey.totals_of(project.survey)
    searched = project.survey.sessions[0].traps.searched
    say(
        f"{scr.survey.animals_seen(project.survey.sessions)} identified, "
        f"{totals.n_detections} detections, "
        f"{worded(f'{totals.n_stations} stations', searched)}; "
        f"{len(project.mask):,} cells, {project.mask.area:,.0f} km2"
    )
    warn_before(project)

    def keep(fitted: "Fit") -> Path:
        """Save what there is of the fit, where 'scr map' goes on from."""
        path = folder / UNFINISHED / KEPT
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(fitted, made_from=made_from).save(path)
        return path

    comparison = None
    if project.models:
        comparison = fit_models(configuration, project, folder)
        name = reported_in(configuration, comparison)
        say(f"Reporting {name} in full")
        project = replace(project, spec=project.models[name])
    fitted = replace(_fit(configuration.fit, project, keep), made_from=made_from)
    doubts = write_results(
        fitted,
        configuration,
        folder=folder,
        reserve=project.regions,
        look=project.map_look,
        drawing=drawing,
        models=comparison,
    )
    told = tuple(check.message for check in fitted.checks if check.passed and check.is_told)
    say(str(replace(scr.fit.fit_shown(fitted), remarks=told)))
    return fitted, doubts


def _fit(keys: FitKeys, project: "Project", keep: "Keep") -> "Fit":
    fitted: Fit
    if keys.engine == "mle":
        say("Fitting by maximum likelihood")
        fitted = scr.fit_mle(*project.data, seed=keys.seed, progress=True)
    elif keys.engine == "laplace":
        fitted = _fit_laplace(project, keys.seed)
    elif keys.engine == "nuts":
        fitted = _fit_nuts(project, keys, keep)
    else:
        fitted = _fit_auto(project, keys, keep)
    return fitted


def _fit_auto(project: "Project", keys: FitKeys, keep: "Keep") -> "Fit":
    n_coefficients = len(project.spec.coefficient_names(project.survey, project.mask))
    if n_coefficients > MOST_COEFFICIENTS:
        say(f"{n_coefficients} coefficients are many for importance sampling: using NUTS")
        return _fit_nuts(project, keys, keep)
    fitted = _fit_laplace(project, keys.seed)
    k_hat = next(check.value for check in fitted.checks if check.name == "k_hat")
    if k_hat <= LARGEST_K_HAT:
        return fitted
    path = keep(fitted)
    say(
        f"Importance sampling is not enough (k-hat {k_hat:.2f}, above {LARGEST_K_HAT}): going on "
        f"to NUTS. What there is was kept in {path}; after Ctrl-C, 'scr map' draws it."
    )
    return _fit_nuts(project, keys, keep)


def _fit_laplace(project: "Project", seed: int) -> "Fit":
    say("Fitting by Laplace importance sampling")
    fitted: Fit = scr.fit_laplace(*project.data, seed=seed, progress=True)
    return fitted


def _fit_nuts(project: "Project", keys: FitKeys, keep: "Keep") -> "Fit":
    say(f"Fitting by NUTS, {keys.chains} chains")
    fitted: Fit = scr.fit_nuts(
        *project.data,
        seed=keys.seed,
        chains=keys.chains,
        draws=keys.draws,
        tune=keys.tune,
        progress=True,
        keep=keep,
    )
    return fitted


def _show_coefficients(fitted: "Fit") -> None:
    table = fitted.coefficients
    show_table(
        ["coefficient (link scale)", "estimate", "se", "95 % interval"],
        [
            (
                str(name),
                _shown(row.estimate, row.se),
                _shown(row.se, row.se),
                f"{_shown(row.lower, row.se)} to {_shown(row.upper, row.se)}",
            )
            for name, row in table.iterrows()
        ],
    )


def _shown(value: float, se: float) -> str:
    """Three decimals, or three digits where the unit of a covariate makes coefficients small."""
    return f"{value:.3f}" if se >= _FINE else f"{value:.3g}"
