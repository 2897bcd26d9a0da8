"""Tables, rasters and layers of all results, written for the public and for the project."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from scr.errors import MaskError
from scr.fit.result import Fit
from scr.io.rasters import write_geotiff
from scr.io.results_folder import MODELS, PRIVATE, PUBLIC
from scr.io.whole_files import file_name, write_bytes
from scr.maps.figures.map_set import MapSet
from scr.maps.grid import grid_of
from scr.maps.public import PUBLIC_COLUMNS
from scr.maps.results.geopackage import centre_layers, trap_layer, write_geopackage, zone_layer
from scr.maps.results.netcdf import write_netcdf
from scr.maps.results.public_numbers import grounds_of
from scr.maps.results.surface_files import write_surface
from scr.maps.results.surface_set import Surfaces
from scr.maps.results.tables import fit_facts, write_csv, write_json
from scr.maps.results.written import Asked, Numbers
from scr.posterior.abundance import abundance, abundance_draws, summarise_abundance
from scr.posterior.activity_centres import ActivityCentres, animals_detected
from scr.posterior.flank_pairs import animals_photographed, flank_pairs, uses_both_flanks
from scr.posterior.place import places_to_report
from scr.posterior.realised import RealisedDraws
from scr.posterior.surface import Surface
from scr.posterior.zones import zones_on
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY


@dataclass(frozen=True, eq=False)
class Report:
    """What the writing of all results shares.

    Parameters
    ----------
    fit
        The fit.
    asked
        What is wanted of it, and where.
    maps
        What all maps share.
    drawing
        Draws the figures.
    """

    fit: Fit
    asked: Asked
    maps: MapSet
    drawing: Executor

    def path(self, where: str, name: str, session: str | None = None) -> Path:
        """As ``MapSet.path``."""
        return self.maps.path(where, name, session)

    @property
    def banner(self) -> str | None:
        """Text stamped on everything."""
        return self.asked.banner

    def label_of(self, centres: ActivityCentres) -> str | None:
        """The session of activity centres, where there are several."""
        return centres.session if len(self.fit.survey.sessions) > 1 else None

    def with_limits(self, surfaces: Surfaces) -> "Report":
        """The same with the limits of colours of surfaces."""
        limits, wide = surfaces.limits(), surfaces.wide_limits()
        return replace(self, maps=replace(self.maps, limits=limits, wide_limits=wide))


def write_abundance(report: Report, draws: RealisedDraws | None) -> tuple[pd.DataFrame, list[Path]]:
    """Numbers of animals; and their joint draws, where there is a posterior.

    Parameters
    ----------
    report
        What is written.
    draws
        Draws of realised density; None after maximum likelihood.
    """
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


def write_tables(report: Report, numbers: Numbers, shared: Numbers) -> list[Path]:
    """Numbers and estimates as tables, and all of them in one file.

    Parameters
    ----------
    report
        What is written.
    numbers, shared
        For the project and for the public.
    """
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
    return files + (_write_flanks(report) if uses_both_flanks(fit) else [])


def _write_flanks(report: Report) -> list[Path]:
    """How many animals were photographed; for the project also which sides may be one animal."""
    number = animals_photographed(report.fit)
    files = [
        write_csv(number, report.path(where, "animals_photographed.csv"), banner=report.banner)
        for where in (PUBLIC, PRIVATE)
    ]
    path = report.path(PRIVATE, "flank_pairs.csv")
    return [*files, write_csv(flank_pairs(report.fit), path, banner=report.banner)]


def write_models(report: Report) -> list[Path]:
    """The fits of models that were compared, and the Pareto k of each animal. Private.

    Parameters
    ----------
    report
        What is written.
    """
    models, files = report.asked.models, list[Path]()
    if models is None:
        return files
    folder = report.asked.folder / PRIVATE / MODELS
    folder.mkdir(parents=True, exist_ok=True)
    for name, fit in models.fits.items():
        path = folder / f"{file_name(name)}.nc"
        if name in models.saved:
            write_bytes(path, models.saved[name])
        else:
            fit.save(path)
        files.append(path)
    if models.left_out:
        table = models.pareto_k.reset_index(names="individual")
        path = report.path(PRIVATE, "models_pareto_k.csv")
        files.append(write_csv(table, path, banner=report.banner))
    return files


def _write_more(report: Report, numbers: Numbers, where: str) -> list[Path]:
    """Numbers by sex, changes between sessions, and the power of such surveys to show one."""
    return [
        write_csv(table, report.path(where, f"{name}.csv"), banner=report.banner)
        for name, table in numbers.tables().items()
        if name not in {"summary", "abundance"} and len(table)
    ]


def write_surfaces(report: Report, surfaces: Surfaces) -> list[Path]:
    """Rasters, tables and styles of each surface; all of a folder in one netCDF file.

    Parameters
    ----------
    report
        What is written.
    surfaces
        The surfaces.
    """
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
    report: Report,
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


def write_geopackages(
    report: Report,
    numbers: Numbers,
    shared: Numbers,
    centres: Sequence[ActivityCentres],
    edges: pd.DataFrame,
) -> list[Path]:
    """Zones for all; stations and animals beside them for the project.

    Parameters
    ----------
    report
        What is written.
    numbers, shared
        Numbers of animals for the project and for the public.
    centres
        Activity centres of each session.
    edges
        Their contours.
    """
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


def write_centres(report: Report, centres: ActivityCentres) -> list[Path]:
    """A table of all animals, and a raster with a band for each.

    Parameters
    ----------
    report
        What is written.
    centres
        Activity centres of a session.
    """
    if not centres.individuals:
        return []
    label = report.label_of(centres)
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
