"""Everything a fit has to say, in two folders: one to share and one to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError, MaskError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.rasters import write_geotiff
from scr.maps.figure_set import write_figures
from scr.maps.grid import grid_of
from scr.maps.layout import PAGE_WIDTH_MM
from scr.maps.plots import MapStyle, bounds_of_mass, plot_surface, save_figure
from scr.maps.public import PUBLIC_COLUMNS, public_surface
from scr.maps.rasters import write_raster
from scr.maps.side_by_side import plot_with_uncertainty
from scr.maps.tables import fit_facts, summary_table, write_csv, write_json
from scr.maps.writing import file_name
from scr.posterior.abundance import abundance, abundance_draws, summarise_abundance
from scr.posterior.activity_centres import ActivityCentres, activity_centres, animals_detected
from scr.posterior.density import density_surface, realised_density
from scr.posterior.detectability import (
    detectability_surface,
    largest_sigma,
)
from scr.posterior.place import density_varies_by_session, place_of, places_to_report, session_names
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.surface import Surface
from scr.posterior.thinning import thinned
from scr.posterior.zones import Regions
from scr.units import REPORTED_DENSITY

PUBLIC, PRIVATE = "public", "private"
"""Folders of results: what can be shared, and everything."""

_ANIMAL_DPI = 150


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
    draws = None
    if fit.point is None:
        thetas = thinned(fit.draws, max_draws)
        draws = realised_draws(fit, thetas, np.random.default_rng(seed))
    table, files = _write_abundance(report, region, draws=draws, seed=seed)
    files += _write_tables(report, table)
    for session in _sessions_of_expected_density(fit):
        files += _write_expected(report, session, max_draws=max_draws)
    files += _write_regions(report, region, max_draws=max_draws)
    for session in places_to_report(fit):
        files += _write_realised(report, session, draws=draws)
    for session in session_names(fit):
        files += _write_session(report, session)
    files += write_figures(fit, folder, regions=report.regions, subject=title, banner=banner)
    kept = report.folder / PRIVATE / "fit.nc"
    fit.save(kept)
    return (*files, kept)


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


def _write_expected(report: _Report, session: str | None, *, max_draws: int) -> list[Path]:
    surface = density_surface(report.fit, session=session, max_draws=max_draws)
    files = _write_surface(report, surface, "expected_density", ("median", "cv"))
    style = replace(report.style(), width_mm=PAGE_WIDTH_MM)
    both = plot_with_uncertainty(
        surface, regions=report.regions, traps=report.traps(surface.session), style=style
    )
    path = report.path(PRIVATE, "figures/expected_density_with_cv.png", surface.session)
    files.append(save_figure(both, path))
    public = public_surface(surface, report.regions, sigma=largest_sigma(report.fit))
    if public is None:
        return files
    return [*files, *_write_public(report, public, "expected_density")]


def _write_regions(report: _Report, region: Regions | None, *, max_draws: int) -> list[Path]:
    """Expected density on the cells of regions given with covariates, which no station shaped."""
    given = region if isinstance(region, Mapping) else {"region": region}
    session = _sessions_of_expected_density(report.fit)[0]
    files = []
    for name, cells in given.items():
        if isinstance(cells, HabitatMask):
            surface = density_surface(report.fit, mask=cells, session=session, max_draws=max_draws)
            if not density_varies_by_session(report.fit):
                surface = replace(surface, session=None)
            files += _write_public(report, surface, f"expected_density_of_{file_name(name)}")
    return files


def _write_public(report: _Report, surface: Surface, name: str) -> list[Path]:
    figure = plot_surface(surface, regions=report.regions, style=report.style())
    figures = [
        save_figure(figure, report.path(PUBLIC, f"{name}.{ending}", surface.session))
        for ending in ("png", "pdf")
    ]
    path = report.path(PUBLIC, f"{name}.tif", surface.session)
    return [*figures, _write_cells(report, surface, path, columns=PUBLIC_COLUMNS)]


def _write_realised(
    report: _Report, session: str | None, *, draws: RealisedDraws | None
) -> list[Path]:
    realised = realised_density(report.fit, session=session, draws=draws)
    seen = detectability_surface(report.fit, session=session)
    return [
        *_write_surface(report, realised, "realised_density", ("mean",)),
        *_write_surface(report, seen, "detectability", ("median",)),
    ]


def _write_surface(
    report: _Report, surface: Surface, name: str, columns: Sequence[str]
) -> list[Path]:
    """A surface with stations: raster, and a figure of each column named."""
    session = surface.session
    path = report.path(PRIVATE, f"{name}.tif", session)
    files = [_write_cells(report, surface, path, columns=list(surface.summary.columns))]
    for column in columns:
        figure = plot_surface(
            surface,
            column=column,
            regions=report.regions,
            traps=report.traps(session),
            style=report.style(),
        )
        label = "" if column == surface.headline else f"_{column}"
        files.append(save_figure(figure, report.path(PRIVATE, f"{name}{label}.png", session)))
    return files


def _write_cells(report: _Report, surface: Surface, path: Path, *, columns: Sequence[str]) -> Path:
    """A GeoTIFF, or a table of cells where they lie on no lattice along the axes."""
    try:
        grid_of(surface.mask)
    except MaskError:
        xy = pd.DataFrame(surface.mask.xy, columns=["x", "y"])
        table = xy.join(surface.summary[list(columns)])
        return write_csv(table, path.with_suffix(".csv"), banner=report.banner)
    return write_raster(surface, path, columns=columns, banner=report.banner)


def _write_session(report: _Report, session: str) -> list[Path]:
    """The centres of the animals detected."""
    label = session if len(report.fit.survey.sessions) > 1 else None
    centres = activity_centres(report.fit, session)
    return _write_centres(report, centres, label) if centres.individuals else []


def _write_centres(report: _Report, centres: ActivityCentres, label: str | None) -> list[Path]:
    """A table of all animals, a raster with a band for each, and a figure of each."""
    path = report.path(PRIVATE, "activity_centres.csv", label)
    files = [write_csv(centres.table, path, banner=report.banner)]
    surfaces = {name: centres.surface(name) for name in centres.individuals}
    traps = report.traps(label)
    for stem, surface in zip(_file_names(list(surfaces)), surfaces.values(), strict=True):
        style = replace(report.style(), bounds=bounds_of_mass(surface))
        figure = plot_surface(surface, regions=report.regions, traps=traps, style=style)
        path = report.path(PRIVATE, f"activity_centres/{stem}.png", label)
        files.append(save_figure(figure, path, dpi=_ANIMAL_DPI))
    try:
        grid = grid_of(centres.mask)
    except MaskError:
        return files
    tags = {"ESTIMAND": "activity centre of each animal", "UNITS": REPORTED_DENSITY}
    if report.banner is not None:
        tags["BANNER"] = report.banner
    raster = write_geotiff(
        report.path(PRIVATE, "activity_centres.tif", label),
        {name: grid.filled(item.summary["mean"].to_numpy()) for name, item in surfaces.items()},
        transform=grid.transform,
        crs=centres.mask.crs,
        units=REPORTED_DENSITY,
        tags=tags,
    )
    return [*files, raster]


def _file_names(names: Sequence[str]) -> list[str]:
    """A file name for each animal; numbered where two would be alike on any disk."""
    slugs = [file_name(name) for name in names]
    folded = [slug.casefold() for slug in slugs]
    return [
        slug if folded.count(fold) == 1 else f"{slug}-{i + 1}"
        for i, (slug, fold) in enumerate(zip(slugs, folded, strict=True))
    ]
