"""All results of a fit: maps, tables, figures and reports, in two folders."""

from concurrent.futures import Executor
from pathlib import Path

from scr.checking.doubts import Doubts, doubts_of
from scr.checking.scrutiny import Scrutiny
from scr.fit.comparison import Comparison
from scr.fit.result import Fit
from scr.io.map_layers import MapLook
from scr.io.results_folder import new_results
from scr.maps.results.check_files import write_fit_checks
from scr.maps.results.manifest import write_manifests
from scr.maps.results.outputs import outputs_of
from scr.maps.results.second_process import InThisProcess
from scr.maps.results.written import ANIMALS, Asked
from scr.model.labels import Labels
from scr.posterior.belief import stamped
from scr.posterior.zones import Regions
from scr.report.page import write_reports_of
from scr.survey.wanted_trend import WantedTrend


def write_results(
    fit: Fit,
    folder: str | Path,
    *,
    region: Regions | None = None,
    title: str | None = None,
    banner: str | None = None,
    seed: int = 1,
    max_draws: int = 1000,
    animals: str | None = None,
    drawing: Executor | None = None,
    doubts: Doubts | None = None,
    trend: WantedTrend | None = None,
    labels: Labels | None = None,
    look: MapLook | None = None,
    models: Comparison | None = None,
    scrutiny: Scrutiny | None = None,
) -> tuple[Path, ...]:
    """Write everything into ``public`` and ``private``: ``write_outputs``, and a report in each.

    Parameters
    ----------
    fit
        A fitted model.
    folder
        Folder of results, made if need be. All files take the place of those of the last run in
        one step, when the last of them is there; files that no run wrote stay.
    region
        Where the number of animals is reported, as in ``abundance``.
    title
        Name of the survey.
    banner
        Text stamped on everything, such as ``"SIMULATED"``. Estimates that cannot be believed are
        stamped so too.
    seed
        Seed of the draws of realised density, which maps, tables and reports share.
    max_draws
        Draws used, evenly spaced among those of the fit.
    animals
        What the animals are called in the answers, in the plural; ``"animals"`` if left out.
    drawing
        Draws the figures, as ``second_process`` of ``scr.maps`` gives it; this process if left
        out.
    doubts
        What there is to doubt, as ``doubts_of`` of ``scr.report`` gives it; worked out if left
        out.
    trend
        Which sessions to compare and when they were; all of them, where they can be, if left out.
    labels
        What covariates are called, with their units; as kept with the fit if left out.
    look
        Layers and size of the maps, as ``load_project`` has them in ``map_look``; maps without
        layers, as wide as a column, if left out.
    models
        Models of the same data, from ``compare``.
    scrutiny
        What checks of the fit found, as ``scrutinise`` of ``scr.checking`` gives it; the page is
        silent on them if left out.

    Returns
    -------
    tuple
        The files; the last two are ``public/report.html`` and ``private/report.html``.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    fit = fit.labelled(labels)
    if doubts is None:
        doubts = doubts_of(fit, region)
    with new_results(Path(folder)) as staged:
        asked = Asked(
            staged,
            region,
            title,
            stamped(banner, doubts.unbelievable),
            seed,
            max_draws,
            tuple(doubts.lines(public=False)),
            tuple(doubts.lines(public=True)),
            animals or ANIMALS,
            trend,
            look or MapLook(),
            models,
        )
        outputs = outputs_of(fit, asked, drawing or InThisProcess())
        checks = _write_checks(asked, scrutiny)
        reports = write_reports_of(fit, asked, outputs, doubts, scrutiny=scrutiny)
        files = (*write_manifests(fit, staged), *outputs.all_files(), *checks, *reports)
    return tuple(Path(folder, path.relative_to(staged)) for path in files)


def _write_checks(asked: Asked, scrutiny: Scrutiny | None) -> list[Path]:
    """Table and figure of the checks, for the project alone."""
    if scrutiny is None or scrutiny.checks is None:
        return []
    return write_fit_checks(scrutiny.checks, asked.folder, subject=asked.title, banner=asked.banner)
