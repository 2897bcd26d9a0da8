"""What a report shows, put into its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, StrictUndefined

from scr.checking.doubts import Doubts, sentences
from scr.checking.scrutiny import Scrutiny
from scr.fit.comparison import Comparison
from scr.fit.result import Fit
from scr.habitat.region import Region
from scr.maps.figures.furniture import crs_name
from scr.maps.figures.interactive import inline_scripts, interactive_map
from scr.maps.results.written import Numbers
from scr.model.labels import (
    PARAMETERS,
    Labels,
    class_in_words,
    covariate_in_words,
    level_in_words,
)
from scr.model.sampled_ground import share_in_words
from scr.posterior.abundance import SHARE_UNSAMPLED
from scr.posterior.activity_centres import animals_detected
from scr.posterior.realised import RealisedDraws
from scr.posterior.surface import Surface
from scr.posterior.thinning import method_of
from scr.report.change import change_shown
from scr.report.facts import facts_of_fit
from scr.report.flank_words import flank_tables
from scr.report.headlines import ESTIMANDS, density_in_words, headlines_of
from scr.report.layers import Expected, private_layers, public_layers
from scr.report.methods import methods_of
from scr.report.models import models_shown
from scr.report.pictures import Picture, within_room
from scr.report.scrutiny_shown import ScrutinyShown, scrutiny_shown
from scr.report.stations_shown import stations_shown
from scr.survey.detectors import worded

_ROOM = 4_800_000
"""Bytes for the map and the figures; tables and text are small beside them."""

_DENSITY = "per 100 km²"
_DIGITS, _WHOLE_FROM = 3, 100.0
_PUBLIC_AUDIENCE = (
    "For the public: no station and no single animal can be found from this page. Made by scr, by "
    "spatial capture-recapture."
)
_PRIVATE_AUDIENCE = (
    "Private: this page shows stations and single animals. The page in the folder public can be "
    "shared. Made by scr, by spatial capture-recapture."
)
_NO_MAP = (
    "There is no map on this page: the habitat mask ends at one distance from the stations, and no "
    "part of it is wide enough to be shown without showing where they stood. Name a region that "
    "the mask covers."
)
_HOW = (
    "With a mouse: drag to move, ctrl and wheel to zoom, point at a cell for its numbers. On a "
    "touch screen: two fingers move and zoom, one finger scrolls the page, tap on a cell"
)
_METHODS = {
    "posterior": "Posterior medians with 95 % credible intervals.",
    "maximum likelihood, plug-in": "Maximum likelihood estimates with 95 % confidence intervals.",
}
_SECTIONS = {
    "map": "Map",
    "abundance": "Abundance",
    "change": "Change",
    "estimates": "Density and detection",
    "figures": "Figures",
    "data": "Data",
    "animals": "Animals",
    "model": "Model",
    "checks": "Checks",
    "methods": "Methods",
    "reproduction": "Reproducibility",
}


@dataclass(frozen=True, eq=False)
class Page:
    """What both pages of a fit share.

    Parameters
    ----------
    fit
        The fit.
    regions
        Outlines of the regions.
    numbers, shared
        Numbers of animals and estimates, for the project and for the public.
    expected
        Expected density.
    draws
        Draws of realised density, or None after maximum likelihood.
    realised
        Realised density of each session that has its own; worked out where it is shown if None.
    title, banner
        Texts at the top.
    doubts
        What there is to doubt in it.
    models
        Models of the same data, from ``compare``; None where there are no others. Likelihoods are
        private, as they would tell whether a guess of the data is right.
    scrutiny
        What checks of the fit found; None where none were made.
    """

    fit: Fit
    regions: tuple[Region, ...]
    numbers: Numbers
    shared: Numbers
    expected: Expected
    draws: RealisedDraws | None
    realised: tuple[Surface, ...] | None
    title: str
    banner: str | None
    doubts: Doubts
    models: Comparison | None = None
    scrutiny: Scrutiny | None = None


def html_of(
    page: Page, pictures: Sequence[Picture], chart: dict[str, str] | None, *, public: bool
) -> str:
    """The page as HTML.

    Parameters
    ----------
    page
        What it is about.
    pictures
        Its figures.
    chart
        From ``chart_of``.
    public
        Whether it may show no station and no single animal.
    """
    fit = page.fit
    numbers = page.shared if public else page.numbers
    facts = facts_of_fit(fit, public=public)
    scripts = inline_scripts() if chart else ""
    room = _ROOM - len(scripts) - (len(chart["script"]) if chart else 0)
    shown = within_room(pictures, room)
    change = change_shown(numbers.trend)
    models = None if page.models is None else models_shown(page.models, public=public)
    scrutiny = scrutiny_shown(page.scrutiny, numbers.table, public=public)
    empty = {"figures": not pictures, "animals": public, "change": change is None}
    content: dict[str, Any] = {
        "title": page.title,
        "banner": page.banner,
        "audience": _PUBLIC_AUDIENCE if public else _PRIVATE_AUDIENCE,
        "contents": [(key, name) for key, name in _SECTIONS.items() if not empty.get(key)],
        "answers": numbers.answers,
        "headlines": headlines_of(fit, numbers),
        "map": chart,
        "no_map": _NO_MAP,
        "scripts": scripts,
        "abundance": _shown(_abundance_shown(numbers.table)),
        "by_sex": None
        if numbers.by_sex is None
        else _shown(_abundance_shown(numbers.by_sex, fit.labels)),
        "change": change,
        "changes": None if change is None or change.table is None else _shown(change.table),
        "power": None if change is None or change.power is None else _shown(change.power),
        "method": _METHODS[method_of(fit)],
        "estimates": _shown(_estimates_shown(numbers.summary, fit)),
        "figures": shown,
        "n_left_out": len(pictures) - len(shown),
        "data": _shown(facts.data),
        "notes": () if public else (*fit.survey.notes, *fit.mask.notes, *page.shared.withheld),
        "animals": None if public else _shown(_animals_shown(fit)),
        **{name: _shown(table) for name, table in flank_tables(fit, public=public).items()},
        "model": {name: _cell(text) for name, text in facts.model.items()},
        "models": None if models is None else _shown(models.table, as_text=models.numbers),
        "averaged": None
        if numbers.averaged is None
        else _shown(_abundance_shown(numbers.averaged)),
        "said_of_models": () if models is None else models.sentences,
        "scrutiny": scrutiny,
        "scrutinised": _scrutiny_tables(scrutiny),
        "has_priors": fit.prior is not None,
        "coefficients": None if facts.coefficients is None else _shown(facts.coefficients),
        "not_believed": sentences(page.doubts.unbelievable, public=public),
        "doubts": page.doubts.lines(public=public),
        "shares": dict.fromkeys(page.doubts.public_shares if public else page.doubts.shares),
        "not_passed": [check.message for check in fit.every_check if not check.passed],
        "told": [check.message for check in fit.every_check if check.passed and check.is_told],
        "checks": _shown(facts.checks),
        "methods": methods_of(fit, numbers, scrutiny=page.scrutiny, public=public),
        "reproduction": facts.reproduction,
    }
    return _render("page.html.j2", content)


def _render(template: str, content: Mapping[str, Any]) -> str:
    here = files("scr.report")
    text, css, copying = (
        here.joinpath(name).read_text(encoding="utf-8")
        for name in (template, "page.css", "copying.js")
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text).render(css=css, copying=copying, **content)


def chart_of(page: Page, *, public: bool) -> dict[str, str] | None:
    """The map to explore, as pieces of HTML; None where no cell can be shown.

    Parameters
    ----------
    page
        What the page is about.
    public
        Whether it may show no station and no single animal.
    """
    stations = None
    if public:
        layers = public_layers(page.fit, page.expected, page.regions)
    else:
        layers = private_layers(page.fit, page.expected, page.draws, realised=page.realised)
        stations = stations_shown(page.fit.survey)
    if not layers:
        return None
    script, place = interactive_map(layers, regions=page.regions, stations=stations)
    explanation = (
        f"{_HOW}{'' if public else ', or on a station for its name and effort'}. "
        f"Coordinates: {crs_name(page.fit.mask.crs)}. Each layer says what it estimates."
    )
    shown = {id(layer.surface): layer.surface.mask for layer in layers}
    if any(mask.spacing != page.fit.mask.spacing for mask in shown.values()):
        explanation += (
            " To keep the page small, each square is the mean over several cells of the habitat "
            "mask; the rasters hold every cell."
        )
    return {"script": script, "place": place, "explanation": explanation}


def _scrutiny_tables(shown: ScrutinyShown | None) -> list[tuple[str, str, dict[str, Any]]]:
    """Heading, explanation and table of each part of the checks that there is to show."""
    parts = [] if shown is None else shown.parts
    return [(name, told, _shown(table)) for name, told, table in parts]


def _animals_shown(fit: Fit) -> pd.DataFrame:
    """Animals with their covariates in words."""
    table = animals_detected(fit)
    stations = worded("stations", fit.survey.sessions[0].traps.searched)
    counts = {"n_detections": "detections", "n_traps": stations}
    names = {name: covariate_in_words(name, fit.labels) for name in fit.labels}
    for name in set(table) & set(fit.labels):
        known = table[name].notna()
        words = [level_in_words(str(name), level, fit.labels) for level in table[name]]
        table[name] = pd.Series(words, dtype=object).where(known, None)
    return _without_lone_session(table).rename(columns=names | counts)


def _abundance_shown(table: pd.DataFrame, labels: Labels | None = None) -> pd.DataFrame:
    names = {
        "session": "session",
        "region": "region",
        **({"sex": "sex"} if "sex" in table else {}),
        "estimand": "number of animals",
        "median": "median",
        "lower": "lower",
        "upper": "upper",
        "area_km2": "area, km²",
        _DENSITY: _DENSITY,
        "n_detected": "identified in it",
    }
    if "sex" in table:
        table = table.assign(sex=[level_in_words("sex", s, labels or {}) for s in table["sex"]])
    rows = table.to_dict("records")
    dense = [density_in_words(row) if row["estimand"] == "expected N" else "" for row in rows]
    table = table.assign(**{_DENSITY: dense}, estimand=table["estimand"].map(ESTIMANDS))
    shares = table[SHARE_UNSAMPLED].map(
        lambda share: share if isinstance(share, str) else share_in_words(share)
    )
    if (table[SHARE_UNSAMPLED] != 0).any():
        names[SHARE_UNSAMPLED] = "share of it where covariates were not sampled"
        table = table.assign(**{SHARE_UNSAMPLED: shares})
    return _without_lone_session(table[list(names)].rename(columns=names))


def _estimates_shown(summary: pd.DataFrame, fit: Fit) -> pd.DataFrame:
    """Density, effective sampling area and detection; numbers of animals have a table already."""
    counts = summary["quantity"].str.startswith("animals")
    shown = summary[~counts].reset_index(drop=True)
    words = [_quantity(name, fit) for name in shown["quantity"]]
    shown = shown.assign(quantity=words)
    return _without_lone_session(shown.assign(unit=shown["unit"].replace("1", "")))


def _quantity(name: str, fit: Fit) -> str:
    """A parameter with its symbol, and of which class it is."""
    parameter, _, of_class = name.partition(", ")
    if parameter not in PARAMETERS:
        return name
    class_named = class_in_words(of_class, fit.labels)
    if parameter == "share":
        return f"Share of {class_named}"
    return f"{PARAMETERS[parameter]}, {class_named}" if of_class else PARAMETERS[parameter]


def _without_lone_session(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns="session") if len(table["session"].dropna().unique()) <= 1 else table


def _shown(table: pd.DataFrame, *, as_text: Sequence[str] = ()) -> dict[str, Any]:
    """Headings and cells as text; which columns are numbers, those that are text already too."""
    numbers = [str(name) for name in table if pd.api.types.is_numeric_dtype(table[name])]
    numbers += as_text
    rows = [
        {str(name): _cell(value) for name, value in row.items()} for row in table.to_dict("records")
    ]
    return {"headings": [str(name) for name in table], "numbers": numbers, "rows": rows}


def _cell(value: object) -> str:
    if isinstance(value, float | np.floating):
        number = float(value)
        if not np.isfinite(number):
            return ""
        return f"{number:,.0f}" if abs(number) >= _WHOLE_FROM else f"{number:.{_DIGITS}g}"
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value).replace("km2", "km²")
