"""Everything a fit has to say, in two folders: one to share and one to keep."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import FitError, MaskError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.rasters import write_geotiff
from scr.maps.contact_sheets import contact_sheets, save_contact_sheets
from scr.maps.figure_set import write_figures
from scr.maps.geopackage import centre_layers, trap_layer, write_geopackage, zone_layer
from scr.maps.grid import grid_of
from scr.maps.layout import PAGE_WIDTH_MM
from scr.maps.netcdf import write_netcdf
from scr.maps.plots import MapStyle, plot_surface, save_figure
from scr.maps.public import PUBLIC_COLUMNS, public_surface
from scr.maps.side_by_side import plot_with_uncertainty
from scr.maps.surface_files import write_surface
from scr.maps.tables import fit_facts, summary_table, write_csv, write_json
from scr.maps.writing import file_name
from scr.posterior.abundance import abundance, abundance_draws, summarise_abundance
from scr.posterior.activity_centres import ActivityCentres, activity_centres, animals_detected
from scr.posterior.contours import contours
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import detectability_surface, largest_sigma
from scr.posterior.footprint import footprint
from scr.posterior.place import density_varies_by_session, place_of, places_to_report, session_names
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.surface import Surface
from scr.posterior.thinning import thinned
from scr.posterior.zones import Regions, zones_on
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY

PUBLIC, PRIVATE = "public", "private"
"""Folders of results: what can be shared, and everything."""

_PRIVATE_DPI = 200
_SHOWN = {
    "expected_density": ("median", "cv"),
    "realised_density": ("mean",),
    "detectability": ("median",),
}
"""Columns of each surface that have a map of their own."""


@dataclass(frozen=True, eq=False)
class _Report:
    """What the writing of all results shares."""

    fit: Fit
    folder: Path
    regions: tuple[Region, ...]
    title: str | None
    banner: str | None

    def path(self, where: str, name: str, session: str | None) -> Path:
        label = "" if session is None else f"_{file_name(session)}"
        stem, ending = name.rsplit(".", 1)
        return self.folder / where / f"{stem}{label}.{ending}"

    def style(self) -> MapStyle:
        return MapStyle(banner=self.banner, subject=self.title)

    def traps(self, session: str | None) -> NDArray[np.float64]:
        sessions = self.fit.survey.sessions
        xy = [item.traps.xy for item in sessions if session in {None, item.name}]
        return np.unique(np.concatenate(xy), axis=0)


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
        Folder of results, made if need be. Each file is written whole or not at all.
    region
        Where the number of animals is reported, as in ``abundance``.
    title
        Name of the survey, put on every map.
    banner
        Text stamped on every figure, table and raster, such as ``"SIMULATED"``.
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
        If a region has no habitat that can be counted.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    report = _Report(fit, Path(folder), _outlines(region), title, banner)
    for where in (PUBLIC, PRIVATE):
        (report.folder / where).mkdir(parents=True, exist_ok=True)
    if fit.point is None and draws is None:
        thetas = thinned(fit.draws, max_draws)
        draws = realised_draws(fit, thetas, np.random.default_rng(seed))
    table, files = _write_abundance(report, region, draws=draws, seed=seed)
    files += _write_tables(report, table)
    surfaces = _surfaces(fit, region, draws=draws, max_draws=max_draws)
    kept = report.folder / PRIVATE / "fit.nc"
    # Compiled code works out what the file of the fit holds while Python draws.
    with ThreadPoolExecutor(1) as beside:
        inference_data = beside.submit(lambda: fit.idata)
        files += _draw(report, region, table, surfaces)
        inference_data.result()
    fit.save(kept)
    return (*files, kept)


def _draw(
    report: _Report, region: Regions | None, table: pd.DataFrame, surfaces: "_Surfaces"
) -> list[Path]:
    """Maps, figures and layers of what was worked out."""
    fit = report.fit
    files: list[Path] = []
    for name, surface in surfaces.public:
        files += _write_public(report, surface, name)
    for name, surface in surfaces.private:
        files += _write_private(report, surface, name)
    files += _write_netcdf(report, PUBLIC, surfaces.public)
    files += _write_netcdf(report, PRIVATE, surfaces.private)
    centres = [activity_centres(fit, session) for session in session_names(fit)]
    edges = [contours(item) for item in centres]
    for item, of_item in zip(centres, edges, strict=True):
        files += _write_centres(report, item, of_item)
    animals = centre_layers(fit, centres, pd.concat(edges, ignore_index=True))
    files += _write_geopackages(report, region, table, animals)
    files += write_figures(
        fit, report.folder, regions=report.regions, subject=report.title, banner=report.banner
    )
    return files


def _outlines(region: Regions | None) -> tuple[Region, ...]:
    given = region.values() if isinstance(region, Mapping) else [region]
    return tuple(item for item in given if isinstance(item, Region))


def _sessions_of_expected_density(fit: Fit) -> tuple[str | None, ...]:
    try:
        place_of(fit)
    except FitError:
        return tuple(session_names(fit))
    return (None,)


def _write_abundance(
    report: _Report, region: Regions | None, *, draws: RealisedDraws | None, seed: int
) -> tuple[pd.DataFrame, list[Path]]:
    """Numbers of animals; and their joint draws, where there is a posterior."""
    files: list[Path] = []
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
    for where in (PUBLIC, PRIVATE):
        path = report.folder / where / "abundance.csv"
        files.append(write_csv(table, path, banner=report.banner))
    return table, files


def _write_tables(report: _Report, table: pd.DataFrame) -> list[Path]:
    fit, banner = report.fit, report.banner
    files: list[Path] = []
    summary = summary_table(fit, table)
    facts = fit_facts(fit, title=report.title, banner=banner)
    files += [
        write_csv(summary, report.folder / where / "summary.csv", banner=banner)
        for where in (PUBLIC, PRIVATE)
    ]
    private = {**facts, "notes": list(fit.notes), "summary": summary, "abundance": table}
    public = {**facts, "summary": summary, "abundance": table}
    files.append(write_json(public, report.folder / PUBLIC / "summary.json"))
    files.append(write_json(private, report.folder / PRIVATE / "summary.json"))
    coefficients = fit.coefficients.reset_index(names="coefficient")
    files.append(
        write_csv(coefficients, report.folder / PRIVATE / "coefficients.csv", banner=banner)
    )
    animals = report.folder / PRIVATE / "animals.csv"
    files.append(write_csv(animals_detected(fit), animals, banner=banner))
    return files


@dataclass(frozen=True, eq=False)
class _Surfaces:
    """Surfaces by the name of their files, session left out, in the order in which they are made.

    Parameters
    ----------
    private, public
        For each folder, names and surfaces.
    """

    private: list[tuple[str, Surface]]
    public: list[tuple[str, Surface]]


def _surfaces(
    fit: Fit, region: Regions | None, *, draws: RealisedDraws | None, max_draws: int
) -> _Surfaces:
    private: list[tuple[str, Surface]] = []
    public: list[tuple[str, Surface]] = []
    outlines, sigma = _outlines(region), largest_sigma(fit)
    for session in _sessions_of_expected_density(fit):
        expected = density_surface(fit, session=session, max_draws=max_draws)
        private.append(("expected_density", expected))
        shown = public_surface(expected, outlines, sigma=sigma)
        if shown is not None:
            public.append(("expected_density", shown))
    public += _of_cells(fit, region, max_draws=max_draws)
    for session in places_to_report(fit):
        private.append(("realised_density", realised_density(fit, session=session, draws=draws)))
        private.append(("detectability", detectability_surface(fit, session=session)))
    return _Surfaces(private, public)


def _of_cells(fit: Fit, region: Regions | None, *, max_draws: int) -> list[tuple[str, Surface]]:
    """Expected density on the cells of regions given with covariates, which no station shaped."""
    given = region if isinstance(region, Mapping) else {"region": region}
    session = _sessions_of_expected_density(fit)[0]
    found = []
    for name, cells in given.items():
        if isinstance(cells, HabitatMask):
            surface = density_surface(fit, mask=cells, session=session, max_draws=max_draws)
            label = surface.session if density_varies_by_session(fit) else None
            surface = replace(surface, session=label, support=None)
            found.append((f"expected_density_of_{file_name(name)}", surface))
    return found


def _write_public(report: _Report, surface: Surface, name: str) -> list[Path]:
    figure = plot_surface(surface, regions=report.regions, style=report.style())
    figures = [
        save_figure(figure, report.path(PUBLIC, f"{name}.{ending}", surface.session))
        for ending in ("png", "pdf")
    ]
    path = report.path(PUBLIC, f"{name}.tif", surface.session)
    files = write_surface(surface, path, columns=PUBLIC_COLUMNS, banner=report.banner)
    return [*figures, *files]


def _write_private(report: _Report, surface: Surface, name: str) -> list[Path]:
    """A surface with stations: raster, table, and figures."""
    session, traps = surface.session, report.traps(surface.session)
    path = report.path(PRIVATE, f"{name}.tif", session)
    files = write_surface(surface, path, banner=report.banner)
    for column in _SHOWN[name]:
        figure = plot_surface(
            surface, column=column, regions=report.regions, traps=traps, style=report.style()
        )
        label = "" if column == surface.headline else f"_{column}"
        path = report.path(PRIVATE, f"{name}{label}.png", session)
        files.append(save_figure(figure, path, dpi=_PRIVATE_DPI))
    if name == "expected_density":
        style = replace(report.style(), width_mm=PAGE_WIDTH_MM)
        both = plot_with_uncertainty(surface, regions=report.regions, traps=traps, style=style)
        path = report.path(PRIVATE, "figures/expected_density_with_cv.png", session)
        files.append(save_figure(both, path, dpi=_PRIVATE_DPI))
    return files


def _write_netcdf(
    report: _Report, where: str, surfaces: Sequence[tuple[str, Surface]]
) -> list[Path]:
    if not surfaces:
        return []
    named = {
        name if surface.session is None else f"{name}_{file_name(surface.session)}": surface
        for name, surface in surfaces
    }
    path = report.folder / where / "surfaces.nc"
    columns = PUBLIC_COLUMNS if where == PUBLIC else None
    return [write_netcdf(named, path, columns=columns, title=report.title, banner=report.banner)]


def _write_geopackages(
    report: _Report,
    region: Regions | None,
    table: pd.DataFrame,
    animals: Mapping[str, gpd.GeoDataFrame],
) -> list[Path]:
    """Zones for all; stations and animals beside them for the project."""
    fit = report.fit
    grounds = _grounds(region, fit.mask.crs)
    whole = grounds or {zone.name: zone.ground for zone in zones_on(fit.mask, None)}
    layers = {
        "zones": zone_layer(table, whole, fit.mask.crs),
        "traps": trap_layer(fit),
        **animals,
    }
    path = report.folder / PRIVATE / "survey.gpkg"
    files = [write_geopackage(layers, path, banner=report.banner)]
    if grounds:
        zones = {"zones": zone_layer(table, grounds, fit.mask.crs)}
        path = report.folder / PUBLIC / "zones.gpkg"
        files.append(write_geopackage(zones, path, banner=report.banner))
    return files


def _grounds(region: Regions | None, crs: str) -> dict[str, BaseGeometry]:
    """Outlines of the regions given, none for the mask, whose outline follows the stations."""
    if region is None:
        return {}
    if isinstance(region, Region | HabitatMask):
        name = region.name if isinstance(region, Region) else region.source
        region = {name: region}
    return {
        name: footprint(item) if isinstance(item, HabitatMask) else item.in_crs(crs).geometry
        for name, item in region.items()
    }


def _write_centres(report: _Report, centres: ActivityCentres, edges: pd.DataFrame) -> list[Path]:
    """A table of all animals, a raster with a band for each, and pages of maps."""
    if not centres.individuals:
        return []
    label = centres.session if len(report.fit.survey.sessions) > 1 else None
    path = report.path(PRIVATE, "activity_centres.csv", label)
    files = [write_csv(centres.table, path, banner=report.banner)]
    style = replace(report.style(), width_mm=PAGE_WIDTH_MM)
    pages = contact_sheets(
        centres, edges, traps=report.traps(label), regions=report.regions, style=style
    )
    files.append(save_contact_sheets(pages, report.path(PRIVATE, "activity_centres.pdf", label)))
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
