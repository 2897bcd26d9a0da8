"""The report: one HTML file that opens from disk, with a map to explore and the text to cite."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from scr.checking.doubts import Doubts, doubts_of
from scr.checking.scrutiny import Scrutiny
from scr.errors import FitError
from scr.fit.comparison import Comparison
from scr.fit.digests import digest_of_fit
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.io.results_folder import PRIVATE, PUBLIC, new_results
from scr.io.whole_files import write_text
from scr.maps.figures.figure_set import write_figures, write_sessions
from scr.maps.figures.map_set import outlines_of
from scr.maps.results.check_files import write_fit_checks
from scr.maps.results.manifest import digest_of_fit_in, write_manifests
from scr.maps.results.written import (
    ANIMALS,
    Asked,
    Outputs,
    averaged_numbers,
    averaged_with,
    numbers_of,
)
from scr.maps.trend_numbers import trend_numbers
from scr.model.labels import Labels
from scr.posterior.abundance import (
    abundance,
    abundance_draws,
    sexes_counted,
    summarise_abundance,
)
from scr.posterior.belief import stamped
from scr.posterior.place import places_to_report
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.zones import Regions
from scr.report.contents import Page, chart_of, html_of
from scr.report.layers import expected_surfaces, surfaces_at_hand
from scr.report.pictures import Picture, pictures_in
from scr.survey.wanted_trend import WantedTrend

REPORT = "report.html"
"""Name of the page in each folder of results."""

_MAX_DRAWS = 1000
_TITLE = "Spatial capture-recapture"


def write_report(
    fit: Fit,
    path: str | Path,
    *,
    region: Regions | None = None,
    title: str | None = None,
    banner: str | None = None,
    public: bool = False,
    seed: int = 1,
    labels: Labels | None = None,
    models: Comparison | None = None,
    scrutiny: Scrutiny | None = None,
) -> Path:
    """Write a report of a fit: one HTML file that opens from disk without a network.

    Parameters
    ----------
    fit
        A fitted model; nothing is fitted again.
    path
        File to write, whole or not at all.
    region
        Where the number of animals is reported, as in ``abundance``.
    title
        Name of the survey.
    banner
        Text at the top of the page and on its figures, such as ``"SIMULATED"``.
    public
        True for a page from which no station and no single animal can be found: expected density
        where its outline does not depend on the stations, its limits, and numbers of animals.
    seed
        Seed of the draws of realised abundance and density.
    labels
        What covariates are called, with their units; as kept with the fit if left out.
    models
        Models of the same data, from ``compare``.
    scrutiny
        What checks of the fit found, from ``scrutinise``.

    Returns
    -------
    Path
        The file: a map to explore, numbers of animals, figures, data, model, priors, checks, a
        Methods text with references, and versions and digests to do it again.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted.
    """
    fit = fit.labelled(labels)
    page = _page(
        fit,
        region,
        title=title,
        banner=banner,
        draws=_draws(fit, seed),
        seed=seed,
        models=models,
    )
    page = replace(page, scrutiny=scrutiny)
    with TemporaryDirectory() as folder:
        _draw(page, Path(folder))
        chart, pictures = chart_of(page, public=public), _pictures(Path(folder), public=public)
        return write_text(path, html_of(page, pictures, chart, public=public))


def write_reports(
    fit: Fit,
    folder: str | Path,
    *,
    region: Regions | None = None,
    title: str | None = None,
    banner: str | None = None,
    seed: int = 1,
    animals: str | None = None,
    doubts: Doubts | None = None,
    trend: WantedTrend | None = None,
    labels: Labels | None = None,
    models: Comparison | None = None,
    scrutiny: Scrutiny | None = None,
) -> tuple[Path, ...]:
    """Write ``public/report.html`` and ``private/report.html`` into a folder of results.

    Parameters
    ----------
    fit
        A fitted model; nothing is fitted again.
    folder
        Folder of results, of this fit or of none. What else is in it stays.
    region, title, banner, seed
        As for ``write_report``.
    animals
        What the animals are called in the answers, in the plural; ``"animals"`` if left out.
    doubts
        What there is to doubt, from ``doubts_of``; worked out if left out.
    trend
        Which sessions to compare and when they were; all of them, where they can be, if left out.
    labels
        What covariates are called, with their units; as kept with the fit if left out.
    models
        Models of the same data, from ``compare``.
    scrutiny
        What checks of the fit found, from ``scrutinise``.

    Raises
    ------
    FitError
        If the folder holds results of another fit.
    MaskError
        If a region has no habitat that can be counted.
    """
    folder, fit = Path(folder), fit.labelled(labels)
    if digest_of_fit_in(folder / PRIVATE) not in {None, digest_of_fit(fit)}:
        msg = (
            f"{folder} holds the results of another fit, and a folder is of one fit alone. "
            "Write all of them anew by 'scr map' or scr.write_results, or name another folder."
        )
        raise FitError(msg)
    page = _page(
        fit,
        region,
        title=title,
        banner=banner,
        draws=_draws(fit, seed),
        seed=seed,
        animals=animals,
        doubts=doubts,
        trend=trend,
        models=models,
    )
    page = replace(page, scrutiny=scrutiny)
    with TemporaryDirectory() as drawn, new_results(folder, keeping=True) as staged:
        _draw(page, Path(drawn))
        pages = _write_both(page, staged, _charts(page), drawn=Path(drawn))
        write_manifests(fit, staged)
    return tuple(folder / path.relative_to(staged) for path in pages)


def write_reports_of(
    fit: Fit,
    asked: Asked,
    outputs: Outputs,
    doubts: Doubts,
    *,
    scrutiny: Scrutiny | None = None,
) -> tuple[Path, ...]:
    """Write both pages from what ``outputs_of`` worked out, once its figures are drawn.

    Parameters
    ----------
    fit
        The fit.
    asked
        Where results go, and what they are about.
    outputs
        From ``outputs_of``.
    doubts
        From ``doubts_of``.
    scrutiny
        What checks of the fit found, from ``scrutinise``.
    """
    of_fit = outputs.surfaces.named("expected_density")
    page = Page(
        fit=fit,
        regions=outlines_of(asked.region),
        numbers=outputs.numbers,
        shared=outputs.shared,
        expected=surfaces_at_hand(
            fit, asked.region, of_fit, outputs.surfaces.named("density_change")
        ),
        draws=outputs.draws,
        realised=outputs.surfaces.named("realised_density"),
        title=asked.title or _TITLE,
        banner=asked.banner,
        doubts=doubts,
        models=asked.models,
        scrutiny=scrutiny,
    )
    charts = _charts(page)  # made before the figures are waited for
    outputs.all_files()
    return _write_both(page, asked.folder, charts, drawn=asked.folder)


def _draw(page: Page, folder: Path) -> None:
    texts: dict[str, Any] = {"subject": page.title, "banner": page.banner}
    write_figures(page.fit, folder, regions=page.regions, formats=("png",), **texts)
    told = {
        where: (n.table, n.trend) for where, n in ((PUBLIC, page.shared), (PRIVATE, page.numbers))
    }
    write_sessions(folder, told, formats=("png",), **texts)
    if page.scrutiny is not None and page.scrutiny.checks is not None:
        write_fit_checks(page.scrutiny.checks, folder, formats=("png",), table=False, **texts)


def _charts(page: Page) -> dict[str, dict[str, str] | None]:
    return {where: chart_of(page, public=where == PUBLIC) for where in (PUBLIC, PRIVATE)}


def _write_both(
    page: Page, folder: Path, charts: Mapping[str, dict[str, str] | None], *, drawn: Path
) -> tuple[Path, ...]:
    pages = []
    for where, chart in charts.items():
        public = where == PUBLIC
        text = html_of(page, _pictures(drawn, public=public), chart, public=public)
        pages.append(write_text(folder / where / REPORT, text))
    return tuple(pages)


def _draws(fit: Fit, seed: int) -> RealisedDraws | None:
    if fit.point is not None:
        return None
    return realised_draws(fit, thinned(fit.draws, _MAX_DRAWS), np.random.default_rng(seed))


def _page(
    fit: Fit,
    region: Regions | None,
    *,
    title: str | None,
    banner: str | None,
    draws: RealisedDraws | None,
    seed: int,
    animals: str | None = None,
    doubts: Doubts | None = None,
    trend: WantedTrend | None = None,
    models: Comparison | None = None,
) -> Page:
    table = _abundance(fit, region, draws=draws, seed=seed)
    change = trend_numbers(fit, region, trend, seed=seed, max_draws=_MAX_DRAWS, draws=draws)
    if doubts is None:
        doubts = doubts_of(fit, region)
    banner = stamped(banner, doubts.unbelievable)
    numbers, shared = numbers_of(
        fit,
        table,
        region,
        banner=banner,
        animals=animals or ANIMALS,
        trend=change,
        by_sex=sexes_counted(fit, region, seed=seed, draws=draws),
        models=models,
        averaged=averaged_numbers(
            averaged_with(models, fit, draws),
            region,
            seed=seed,
            max_draws=_MAX_DRAWS,
            draws=draws,
        ),
    )
    return Page(
        fit=fit,
        regions=outlines_of(region),
        numbers=numbers,
        shared=shared,
        expected=expected_surfaces(fit, region, None if change is None else change.timeline),
        draws=draws,
        realised=None,
        title=title or _TITLE,
        banner=banner,
        doubts=doubts,
        models=models,
    )


def _pictures(drawn: Path, *, public: bool) -> list[Picture]:
    shared, kept = ([drawn / where, drawn / where / "figures"] for where in (PUBLIC, PRIVATE))
    return pictures_in(*shared) if public else pictures_in(*kept, *shared)


def _abundance(
    fit: Fit, region: Regions | None, *, draws: RealisedDraws | None, seed: int
) -> pd.DataFrame:
    if draws is None:
        return abundance(fit, region, seed=seed)
    tables = [
        summarise_abundance(abundance_draws(fit, region, session=session, seed=seed, draws=draws))
        for session in places_to_report(fit)
    ]
    return pd.concat(tables, ignore_index=True)
