"""The report: one HTML file that opens from disk, with a map to explore and the text to cite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.habitat.region import Region
from scr.maps.figure_set import write_figures
from scr.maps.interactive import inline_scripts, interactive_map
from scr.maps.writing import write_text
from scr.posterior.abundance import abundance, abundance_draws, summarise_abundance
from scr.posterior.place import places_to_report
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.thinning import method_of, thinned
from scr.posterior.zones import Regions
from scr.report.facts import facts_of_fit
from scr.report.layers import private_layers, public_layers
from scr.report.methods import methods_of
from scr.report.pictures import Picture, pictures_in

REPORT = "report.html"
"""Name of the page in each folder of results."""

_DIGITS = 4
_PUBLIC_AUDIENCE = (
    "For the public: no station and no single animal can be found from this page. Made by scr from "
    "camera-trap detections, by spatial capture-recapture."
)
_PRIVATE_AUDIENCE = (
    "Private: this page shows stations and single animals. The page in the folder public can be "
    "shared. Made by scr, by spatial capture-recapture."
)


@dataclass(frozen=True, eq=False)
class _Page:
    """What both pages of a fit share."""

    fit: Fit
    folder: Path
    regions: tuple[Region, ...]
    table: pd.DataFrame
    draws: RealisedDraws | None
    title: str
    banner: str | None


def write_report(
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
    """Write ``public/report.html`` and ``private/report.html`` into a folder of results.

    Parameters
    ----------
    fit
        A fitted model; nothing is fitted again.
    folder
        Folder of results. Pictures that ``write_outputs`` made there are taken into the page; if
        there are none, the figures are drawn first.
    region
        Where the number of animals is reported, as in ``abundance``.
    title
        Name of the survey.
    banner
        Text at the top of the page, such as ``"SIMULATED"``.
    seed
        Seed of the draws of realised abundance and density.
    max_draws
        Draws used, evenly spaced among those of the fit.
    draws
        Draws of realised density made before, as ``realised_draws`` gives them; made by seed and
        max_draws if left out.

    Returns
    -------
    tuple
        The two files, each whole in itself: they open from disk without a network. The public one
        holds only what the folder ``public`` may hold.

    Raises
    ------
    FitError
        If the folder is a file.
    MaskError
        If a region has no habitat that can be counted.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file; the report needs a folder of results. Give another name."
        raise FitError(msg)
    if draws is None and fit.point is None:
        draws = realised_draws(fit, thinned(fit.draws, max_draws), np.random.default_rng(seed))
    table = _abundance(fit, region, draws=draws, seed=seed)
    name = title or "Spatial capture-recapture"
    page = _Page(fit, folder, _outlines(region), table, draws, name, banner)
    if (folder / "private" / "figures").is_dir():
        return _write_both(page, folder)
    with TemporaryDirectory() as drawn:
        write_figures(fit, drawn, regions=page.regions, subject=title, banner=banner)
        return _write_both(page, Path(drawn))


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


def _outlines(region: Regions | None) -> tuple[Region, ...]:
    given = region.values() if isinstance(region, Mapping) else [region]
    return tuple(item for item in given if isinstance(item, Region))


def _write_both(page: _Page, drawn: Path) -> tuple[Path, ...]:
    shared, kept = (
        [page.folder / where, page.folder / where / "figures", drawn / where / "figures"]
        for where in ("public", "private")
    )
    public = _html(page, pictures_in(*shared), private=False)
    private = _html(page, pictures_in(*kept, *shared), private=True)
    return (
        write_text(page.folder / "public" / REPORT, public),
        write_text(page.folder / "private" / REPORT, private),
    )


def _html(page: _Page, pictures: Sequence[Picture], *, private: bool) -> str:
    fit = page.fit
    facts = facts_of_fit(fit)
    chart = _map(page, private=private)
    checks = facts.checks
    content: dict[str, Any] = {
        "title": page.title,
        "banner": page.banner,
        "audience": _PRIVATE_AUDIENCE if private else _PUBLIC_AUDIENCE,
        "contents": _contents(chart is not None),
        "headlines": _headlines(page),
        "map": chart,
        "scripts": inline_scripts() if chart else "",
        "abundance": _shown(_abundance_shown(page.table)),
        "method": f"By {method_of(fit)}.",
        "figures": pictures,
        "data": _shown(facts.data),
        "notes": fit.survey.notes if private else (),
        "model": facts.model,
        "has_priors": bool(fit.priors),
        "coefficients": _shown(facts.coefficients),
        "not_passed": [check.message for check in fit.checks if not check.passed],
        "checks": _shown(checks) if len(checks) else {"headings": [], "numbers": [], "rows": []},
        "methods": methods_of(fit, page.table),
        "reproduction": facts.reproduction,
    }
    return _render("page.html.j2", content)


def _render(template: str, content: Mapping[str, Any]) -> str:
    here = files("scr.report")
    text = here.joinpath(template).read_text(encoding="utf-8")
    css = here.joinpath("page.css").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text).render(css=css, **content)


def _contents(has_map: bool) -> list[tuple[str, str]]:
    names = {
        "map": "Map",
        "abundance": "Abundance",
        "figures": "Figures",
        "data": "Data",
        "model": "Model",
        "checks": "Checks",
        "methods": "Methods",
        "reproduction": "To do it again",
    }
    return [(key, name) for key, name in names.items() if has_map or key != "map"]


def _map(page: _Page, *, private: bool) -> dict[str, str] | None:
    if private:
        layers = private_layers(page.fit, page.draws)
        traps: NDArray[np.float64] | None = np.unique(
            np.concatenate([session.traps.xy for session in page.fit.survey.sessions]), axis=0
        )
    else:
        layers, traps = public_layers(page.fit, page.regions), None
    if not layers:
        return None
    script, place = interactive_map(layers, regions=page.regions, traps=traps)
    explanation = (
        "Drag to move, scroll or pinch to zoom, hover or tap a cell for its numbers. Coordinates "
        f"are of {page.fit.mask.crs}. Each layer says what it estimates."
    )
    return {"script": script, "place": place, "explanation": explanation}


def _headlines(page: _Page) -> list[dict[str, str]]:
    items = [
        {
            "value": str(page.fit.survey.n_individuals),
            "meaning": "animals identified at all stations",
            "interval": "counted, not estimated",
        }
    ]
    for row in page.table.head(4).to_dict("records"):
        name = "expected" if row["estimand"] == "expected N" else "realised"
        limits = f"{row['lower']:.1f} to {row['upper']:.1f} (95 %)"
        items.append(
            {
                "value": f"{row['median']:.1f}",
                "meaning": f"animals living in {row['region']}, {name}",
                "interval": limits,
            }
        )
    return items


def _abundance_shown(table: pd.DataFrame) -> pd.DataFrame:
    names = {
        "session": "session",
        "region": "region",
        "estimand": "estimand",
        "median": "median",
        "lower": "lower",
        "upper": "upper",
        "area_km2": "area, km²",
        "n_detected": "identified in it",
    }
    return table[list(names)].rename(columns=names)


def _shown(table: pd.DataFrame) -> dict[str, Any]:
    """Headings and cells as text; which columns are numbers."""
    numbers = [str(name) for name in table if pd.api.types.is_numeric_dtype(table[name])]
    rows = [
        {str(name): _cell(value) for name, value in row.items()} for row in table.to_dict("records")
    ]
    return {"headings": [str(name) for name in table], "numbers": numbers, "rows": rows}


def _cell(value: object) -> str:
    if isinstance(value, float | np.floating):
        return "" if not np.isfinite(value) else f"{value:,.{_DIGITS}g}"
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)
