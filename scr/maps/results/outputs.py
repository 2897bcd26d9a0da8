"""Everything a fit has to say, in two folders: one to share and one to keep."""

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np
import pandas as pd

from scr.errors import PrivacyWarning
from scr.fit.comparison import Comparison
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.io.results_folder import KEPT, PRIVATE, PUBLIC, new_results
from scr.io.whole_files import check_file_names
from scr.maps.figures.figure_set import write_figures, write_sessions
from scr.maps.figures.map_set import (
    MapSet,
    outlines_of,
    write_contact_sheets,
    write_private_maps,
    write_public_maps,
)
from scr.maps.results.manifest import write_manifests
from scr.maps.results.outlines_of_stations import check_layers, check_outlines
from scr.maps.results.result_files import (
    Report,
    write_abundance,
    write_centres,
    write_geopackages,
    write_models,
    write_surfaces,
    write_tables,
)
from scr.maps.results.second_process import InThisProcess
from scr.maps.results.surface_set import Surfaces, surfaces_of
from scr.maps.results.written import (
    Asked,
    Numbers,
    Outputs,
    averaged_numbers,
    averaged_with,
    numbers_of,
)
from scr.maps.trend_numbers import trend_numbers
from scr.posterior.abundance import sexes_counted
from scr.posterior.activity_centres import ActivityCentres, activity_centres
from scr.posterior.belief import stamped, unbelievable
from scr.posterior.contours import contours
from scr.posterior.place import session_names
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.zones import Regions


def write_outputs(
    fit: Fit,
    folder: str | Path,
    *,
    region: Regions | None = None,
    title: str | None = None,
    banner: str | None = None,
    seed: int = 1,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
    models: Comparison | None = None,
) -> tuple[Path, ...]:
    """Write maps, tables and the fit into the folders ``public`` and ``private``.

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
        Name of the survey, put on every map.
    banner
        Text stamped on every figure, table and raster, such as ``"SIMULATED"``. Estimates that
        cannot be believed are stamped so too.
    seed
        Seed of the draws of realised density.
    max_draws
        Draws used, evenly spaced among those of the fit.
    draws
        Draws of realised density made before, to be used instead.
    models
        Models of the same data, from ``compare``.

    Returns
    -------
    tuple
        The files. In ``public`` no station and no animal can be found: expected density where its
        outline does not depend on the stations, its limits, numbers of animals, the detection
        function. ``private`` has all surfaces, stations and animals, and the fit itself.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted, or an outline drawn from the stations.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    banner = stamped(banner, unbelievable(fit, region))
    with new_results(Path(folder)) as staged:
        asked = Asked(staged, region, title, banner, seed, max_draws, models=models)
        files = outputs_of(fit, asked, InThisProcess(), draws=draws).all_files()
        files = (*write_manifests(fit, staged), *files)
    return tuple(Path(folder, path.relative_to(staged)) for path in files)


def outputs_of(
    fit: Fit, asked: Asked, drawing: Executor, *, draws: RealisedDraws | None = None
) -> Outputs:
    """Write what ``write_outputs`` does, and keep what was worked out for it.

    Parameters
    ----------
    fit
        A fitted model.
    asked
        Where results go, and what they are about.
    drawing
        Draws the figures.
    draws
        Draws of realised density made before, to be used instead.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted, or an outline drawn from the stations.
    ScrError
        If two sessions or two regions would have files of one name.
    """
    check_file_names(session_names(fit), "sessions")
    if isinstance(asked.region, Mapping):
        check_file_names(asked.region, "regions")
    check_outlines(fit.survey, asked.region, fit.mask.crs)
    if asked.look.layers is not None:
        check_layers(fit.survey, asked.look.layers)
    report = _report_of(fit, asked, drawing)
    for where in (PUBLIC, PRIVATE):
        (asked.folder / where).mkdir(parents=True, exist_ok=True)
    fit.save(asked.folder / KEPT)  # first: it may have taken a night
    if fit.point is None and draws is None:
        thetas = thinned(fit.draws, asked.max_draws)
        draws = realised_draws(fit, thetas, np.random.default_rng(asked.seed))
    table, files = write_abundance(report, draws)
    drawn = [_ask_for_figures(report)]
    trend = trend_numbers(
        fit, asked.region, asked.trend, seed=asked.seed, max_draws=asked.max_draws, draws=draws
    )
    models = averaged_with(asked.models, fit, draws)
    surfaces = surfaces_of(
        fit,
        asked.region,
        draws=draws,
        max_draws=asked.max_draws,
        timeline=None if trend is None else trend.timeline,
        models=models,
    )
    report = report.with_limits(surfaces)
    drawn += _ask_for_maps(report, surfaces)
    centres = [activity_centres(fit, session) for session in session_names(fit)]
    edges = [contours(item) for item in centres]
    drawn += _ask_for_sheets(report, centres, edges)
    numbers, shared = numbers_of(
        fit,
        table,
        asked.region,
        banner=asked.banner,
        animals=asked.animals,
        trend=trend,
        by_sex=sexes_counted(fit, asked.region, seed=asked.seed, draws=draws),
        models=asked.models,
        averaged=averaged_numbers(
            models, asked.region, seed=asked.seed, max_draws=asked.max_draws, draws=draws
        ),
    )
    drawn.append(_ask_for_sessions(report, numbers, shared))
    files += write_models(report)
    for told in shared.withheld:
        warnings.warn(told, PrivacyWarning, stacklevel=2)
    files += write_tables(report, numbers, shared)
    files += write_surfaces(report, surfaces)
    for item in centres:
        files += write_centres(report, item)
    animals = pd.concat(edges, ignore_index=True)
    files += write_geopackages(report, numbers, shared, centres, animals)
    return Outputs([*files, asked.folder / KEPT], drawn, numbers, shared, draws, surfaces)


def _report_of(fit: Fit, asked: Asked, drawing: Executor) -> Report:
    maps = MapSet(
        folder=asked.folder,
        regions=outlines_of(asked.region),
        title=asked.title,
        banner=asked.banner,
        xy_of_traps={
            session.name: session.traps.xy if session.traps.parts is None else session.traps.parts
            for session in fit.survey.sessions
        },
        look=asked.look,
    )
    return Report(fit, asked, maps, drawing)


def _ask_for_figures(report: Report) -> Future[list[Path]]:
    return report.drawing.submit(
        write_figures,
        report.fit,
        report.asked.folder,
        regions=report.maps.regions,
        subject=report.asked.title,
        banner=report.banner,
        layers=report.asked.look.layers,
    )


def _ask_for_sessions(report: Report, numbers: Numbers, shared: Numbers) -> Future[list[Path]]:
    told = {where: (n.table, n.trend) for where, n in ((PUBLIC, shared), (PRIVATE, numbers))}
    texts = {"subject": report.asked.title, "banner": report.banner}
    return report.drawing.submit(write_sessions, report.asked.folder, told, **texts)


def _ask_for_maps(report: Report, surfaces: Surfaces) -> list[Future[list[Path]]]:
    writers = ((write_public_maps, surfaces.public), (write_private_maps, surfaces.private))
    return [
        report.drawing.submit(writer, report.maps, surface, name)
        for writer, named in writers
        for name, surface in named
    ]


def _ask_for_sheets(
    report: Report, centres: Sequence[ActivityCentres], edges: Sequence[pd.DataFrame]
) -> list[Future[list[Path]]]:
    return [
        report.drawing.submit(
            write_contact_sheets, report.maps, item, of_item, report.label_of(item)
        )
        for item, of_item in zip(centres, edges, strict=True)
        if item.individuals
    ]
