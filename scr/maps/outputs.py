"""Everything a fit has to say, in two folders: one to share and one to keep."""

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from scr.errors import MaskError, PrivacyWarning
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.io.rasters import write_geotiff
from scr.io.results_folder import KEPT, PRIVATE, PUBLIC, new_results
from scr.io.whole_files import check_file_names, file_name
from scr.maps.figure_set import write_figures, write_sessions
from scr.maps.geopackage import centre_layers, trap_layer, write_geopackage, zone_layer
from scr.maps.grid import grid_of
from scr.maps.manifest import write_manifests
from scr.maps.map_set import (
    MapSet,
    outlines_of,
    write_contact_sheets,
    write_private_maps,
    write_public_maps,
)
from scr.maps.netcdf import write_netcdf
from scr.maps.outlines_of_stations import check_outlines
from scr.maps.public import PUBLIC_COLUMNS
from scr.maps.public_numbers import grounds_of
from scr.maps.second_process import InThisProcess
from scr.maps.surface_files import write_surface
from scr.maps.surface_set import Surfaces, surfaces_of
from scr.maps.tables import fit_facts, write_csv, write_json
from scr.maps.trend_numbers import trend_numbers
from scr.maps.written import Asked, Numbers, Outputs, numbers_of
from scr.posterior.abundance import (
    abundance,
    abundance_draws,
    sexes_counted,
    summarise_abundance,
)
from scr.posterior.activity_centres import ActivityCentres, activity_centres, animals_detected
from scr.posterior.belief import stamped, unbelievable
from scr.posterior.contours import contours
from scr.posterior.place import places_to_report, session_names
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.surface import Surface
from scr.posterior.zones import Regions, zones_on
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY


@dataclass(frozen=True, eq=False)
class _Report:
    """What the writing of all results shares."""

    fit: Fit
    asked: Asked
    maps: MapSet
    drawing: Executor

    def path(self, where: str, name: str, session: str | None = None) -> Path:
        return self.maps.path(where, name, session)

    @property
    def banner(self) -> str | None:
        return self.asked.banner


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
        asked = Asked(staged, region, title, banner, seed, max_draws)
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
    report = _report_of(fit, asked, drawing)
    for where in (PUBLIC, PRIVATE):
        (asked.folder / where).mkdir(parents=True, exist_ok=True)
    fit.save(asked.folder / KEPT)  # first: it may have taken a night
    if fit.point is None and draws is None:
        thetas = thinned(fit.draws, asked.max_draws)
        draws = realised_draws(fit, thetas, np.random.default_rng(asked.seed))
    table, files = _write_abundance(report, draws)
    drawn = [_ask_for_figures(report)]
    trend = trend_numbers(
        fit, asked.region, asked.trend, seed=asked.seed, max_draws=asked.max_draws, draws=draws
    )
    numbers, shared = numbers_of(
        fit,
        table,
        asked.region,
        banner=asked.banner,
        animals=asked.animals,
        trend=trend,
        by_sex=sexes_counted(fit, asked.region, seed=asked.seed, draws=draws),
    )
    for told in shared.withheld:
        warnings.warn(told, PrivacyWarning, stacklevel=2)
    files += _write_tables(report, numbers, shared)
    drawn.append(_ask_for_sessions(report, numbers, shared))
    surfaces = surfaces_of(
        fit,
        asked.region,
        draws=draws,
        max_draws=asked.max_draws,
        timeline=None if trend is None else trend.timeline,
    )
    report = replace(report, maps=replace(report.maps, limits=surfaces.limits()))
    drawn += _ask_for_maps(report, surfaces)
    centres = [activity_centres(fit, session) for session in session_names(fit)]
    edges = [contours(item) for item in centres]
    drawn += _ask_for_sheets(report, centres, edges)
    files += _write_surfaces(report, surfaces)
    for item in centres:
        files += _write_centres(report, item)
    animals = pd.concat(edges, ignore_index=True)
    files += _write_geopackages(report, numbers, shared, centres, animals)
    return Outputs([*files, asked.folder / KEPT], drawn, numbers, shared, draws, surfaces)


def _report_of(fit: Fit, asked: Asked, drawing: Executor) -> _Report:
    maps = MapSet(
        folder=asked.folder,
        regions=outlines_of(asked.region),
        title=asked.title,
        banner=asked.banner,
        xy_of_traps={session.name: session.traps.xy for session in fit.survey.sessions},
    )
    return _Report(fit, asked, maps, drawing)


def _ask_for_figures(report: _Report) -> Future[list[Path]]:
    return report.drawing.submit(
        write_figures,
        report.fit,
        report.asked.folder,
        regions=report.maps.regions,
        subject=report.asked.title,
        banner=report.banner,
    )


def _ask_for_sessions(report: _Report, numbers: Numbers, shared: Numbers) -> Future[list[Path]]:
    told = {where: (n.table, n.trend) for where, n in ((PUBLIC, shared), (PRIVATE, numbers))}
    texts = {"subject": report.asked.title, "banner": report.banner}
    return report.drawing.submit(write_sessions, report.asked.folder, told, **texts)


def _ask_for_maps(report: _Report, surfaces: Surfaces) -> list[Future[list[Path]]]:
    writers = ((write_public_maps, surfaces.public), (write_private_maps, surfaces.private))
    return [
        report.drawing.submit(writer, report.maps, surface, name)
        for writer, named in writers
        for name, surface in named
    ]


def _ask_for_sheets(
    report: _Report, centres: Sequence[ActivityCentres], edges: Sequence[pd.DataFrame]
) -> list[Future[list[Path]]]:
    return [
        report.drawing.submit(
            write_contact_sheets, report.maps, item, of_item, _label_of(report, item)
        )
        for item, of_item in zip(centres, edges, strict=True)
        if item.individuals
    ]


def _label_of(report: _Report, centres: ActivityCentres) -> str | None:
    """The session, where there are several."""
    return centres.session if len(report.fit.survey.sessions) > 1 else None


def _write_abundance(
    report: _Report, draws: RealisedDraws | None
) -> tuple[pd.DataFrame, list[Path]]:
    """Numbers of animals; and their joint draws, where there is a posterior."""
    files: list[Path] = []
    region, seed = report.asked.region, report.asked.seed
    if draws is None:
        table = abundance(report.fit, region, seed=seed)
    else:
        tables = []
        for session in places_to_report(report.fit):
            drawn = abundance_draws(report.fit, region, session=session, seed=seed, draws=draws)
            tables.append(summarise_abundance(drawn))
            named = {"expected": drawn.expected, "realised": drawn.realised}
            joint = pd.concat([part.add_prefix(f"{name} ") for name, part in named.items()], axis=1)
            path = report.path(PRIVATE, "abundance_draws.csv", session)
            files.append(write_csv(joint, path, banner=report.banner))
        table = pd.concat(tables, ignore_index=True)
    return table, files


def _write_tables(report: _Report, numbers: Numbers, shared: Numbers) -> list[Path]:
    fit, banner, asked = report.fit, report.banner, report.asked
    files: list[Path] = []
    for where, told in ((PUBLIC, shared), (PRIVATE, numbers)):
        files.append(write_csv(told.table, report.path(where, "abundance.csv"), banner=banner))
        files.append(write_csv(told.summary, report.path(where, "summary.csv"), banner=banner))
        files += _write_more(report, told, where)
    private = {
        **fit_facts(fit, title=asked.title, banner=banner),
        "answers": list(numbers.answers),
        "doubts": list(asked.doubts),
        "notes": [*fit.notes, *shared.withheld],
        **numbers.tables(),
    }
    public = {
        **fit_facts(fit, title=asked.title, banner=banner, public=True),
        "answers": list(shared.answers),
        "doubts": list(asked.public_doubts),
        **shared.tables(),
    }
    files.append(write_json(public, report.path(PUBLIC, "summary.json")))
    files.append(write_json(private, report.path(PRIVATE, "summary.json")))
    coefficients = fit.coefficients.reset_index(names="coefficient")
    path = report.path(PRIVATE, "coefficients.csv")
    files.append(write_csv(coefficients, path, banner=banner))
    path = report.path(PRIVATE, "animals.csv")
    files.append(write_csv(animals_detected(fit), path, banner=banner))
    return files


def _write_more(report: _Report, numbers: Numbers, where: str) -> list[Path]:
    """Numbers by sex, changes between sessions, and the power of such surveys to show one."""
    return [
        write_csv(table, report.path(where, f"{name}.csv"), banner=report.banner)
        for name, table in numbers.tables().items()
        if name not in {"summary", "abundance"} and len(table)
    ]


def _write_surfaces(report: _Report, surfaces: Surfaces) -> list[Path]:
    """Rasters, tables and styles of each surface; all of a folder in one netCDF file."""
    files: list[Path] = []
    for where, named, columns in (
        (PUBLIC, surfaces.public, PUBLIC_COLUMNS),
        (PRIVATE, surfaces.private, None),
    ):
        for name, surface in named:
            path = report.path(where, f"{name}.tif", surface.session)
            limits = report.maps.limits[where]
            files += write_surface(
                surface, path, columns=columns, banner=report.banner, limits=limits
            )
        files += _write_netcdf(report, where, named, columns)
    return files


def _write_netcdf(
    report: _Report,
    where: str,
    surfaces: Sequence[tuple[str, Surface]],
    columns: tuple[str, ...] | None,
) -> list[Path]:
    if not surfaces:
        return []
    named = {
        name if surface.session is None else f"{name}_{file_name(surface.session)}": surface
        for name, surface in surfaces
    }
    path, title = report.path(where, "surfaces.nc"), report.asked.title
    return [write_netcdf(named, path, columns=columns, title=title, banner=report.banner)]


def _write_geopackages(
    report: _Report,
    numbers: Numbers,
    shared: Numbers,
    centres: Sequence[ActivityCentres],
    edges: pd.DataFrame,
) -> list[Path]:
    """Zones for all; stations and animals beside them for the project."""
    fit = report.fit
    grounds = grounds_of(report.asked.region, fit.mask.crs)
    whole = grounds or {zone.name: zone.ground for zone in zones_on(fit.mask, None)}
    layers = {
        "zones": zone_layer(numbers.table, whole, fit.mask.crs),
        "traps": trap_layer(fit),
        **centre_layers(fit, centres, edges),
    }
    files = [write_geopackage(layers, report.path(PRIVATE, "survey.gpkg"), banner=report.banner)]
    if grounds:
        zones = {"zones": zone_layer(shared.table, grounds, fit.mask.crs)}
        files.append(
            write_geopackage(zones, report.path(PUBLIC, "zones.gpkg"), banner=report.banner)
        )
    return files


def _write_centres(report: _Report, centres: ActivityCentres) -> list[Path]:
    """A table of all animals, and a raster with a band for each."""
    if not centres.individuals:
        return []
    label = _label_of(report, centres)
    path = report.path(PRIVATE, "activity_centres.csv", label)
    files = [write_csv(centres.table, path, banner=report.banner)]
    try:
        grid = grid_of(centres.mask)
    except MaskError:
        return files
    tags = {"ESTIMAND": "activity centre of each animal", "UNITS": REPORTED_DENSITY}
    if report.banner is not None:
        tags["BANNER"] = report.banner
    density = centres.probability / centres.mask.cell_area * KM2_PER_REPORTED_AREA
    raster = write_geotiff(
        report.path(PRIVATE, "activity_centres.tif", label),
        {n: grid.filled(d) for n, d in zip(centres.individuals, density, strict=True)},
        transform=grid.transform,
        crs=centres.mask.crs,
        units=REPORTED_DENSITY,
        tags=tags,
    )
    return [*files, raster]
