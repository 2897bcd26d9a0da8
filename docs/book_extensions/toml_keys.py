"""The keys of survey.toml and plan.toml: kinds and defaults from the code, words from templates."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from numpydoc.docscrape import NumpyDocString

from scr.model.labels import Label
from scr.model.spec import ModelSpec
from scr.project import configuration as keys
from scr.survey.reading import read_survey
from trap_layouts import plan_keys
from trap_layouts.assumptions import Equipment, assume
from trap_layouts.cost import Prices

SURVEY: dict[str, type] = {
    "survey": keys.SurveyKeys,
    "mask": keys.MaskKeys,
    "covariates.<name>": keys.CovariateKeys,
    "model": keys.ModelKeys,
    "model.priors.<coefficient>": keys.PriorKeys,
    "comparison": keys.ComparisonKeys,
    "labels.<covariate>": Label,
    "fit": keys.FitKeys,
    "report": keys.ReportKeys,
    "maps": keys.MapsKeys,
    "zones": keys.ZonesKeys,
    "trend": keys.TrendKeys,
}
"""Tables of survey.toml and the record that each is read into."""

_BESIDE = {
    ("survey", "nodata"): "What means no data in a covariate of the stations; nan: every value "
    "is true",
    ("mask", "fill"): "For columns of `cells` that have empty cells: a number, or the value of the "
    "nearest cell",
    ("model", "priors"): "Priors in place of the default ones: see below",
    ("covariates.<name>", "raster"): "Raster, of which each cell of the mask takes the mean; of "
    "classes the largest",
    ("covariates.<name>", "distance_to"): "Layer, to whose nearest feature the distance in metres "
    "is taken; in place of a raster",
    ("covariates.<name>", "band"): "Band of the raster, from 1",
    ("covariates.<name>", "fill"): "For cells without data: a number, or the value of the nearest "
    "cell",
    ("covariates.<name>", "categorical"): "true for classes, false for numbers; told from the "
    "raster if left out",
    ("covariates.<name>", "nodata"): "What means no data, beside what the raster says",
    (
        "covariates.<name>",
        "scales",
    ): "Metres: columns `<name>_500` and so on of the raster smoothed "
    "by kernels of these widths, for `scale_of()`",
    ("model.priors.<coefficient>", "mean"): "Mean, on the scale of the formula",
    ("model.priors.<coefficient>", "sd"): "Standard deviation; for Student's t its scale",
    ("model.priors.<coefficient>", "family"): "Normal, or Student's t",
    ("model.priors.<coefficient>", "df"): "Degrees of freedom of Student's t",
    ("covariates", "raster"): "Raster, of which each cell of the mask takes the mean",
    ("covariates", "band"): "Band of the raster, from 1",
    ("covariates", "fill"): "For cells without data: a number, or the value of the nearest cell",
    ("covariates", "categorical"): "true for classes, false for numbers",
    ("covariates", "nodata"): "What means no data, beside what the raster says",
    ("study", "grid"): "Values of parameters, or of keys of [survey]: every combination is "
    "simulated by `scr layouts power`",
    ("parameters", "<name>"): "Each parameter of the model: density in animals per 100 km², "
    "lambda0 per day, sigma in metres, or coefficients by name; a number, or a prior "
    "`{ normal = [mean, sd] }` on the link scale",
}
"""Words for keys that the templates show by an example alone."""

_BESIDE |= {
    ("survey", "collapse_days"): "Read daily detections as one count of days for each station",
    ("fit", "engine"): "How to fit: maximum likelihood, Laplace importance sampling, NUTS; auto is "
    "laplace, then nuts where that is not enough",
    ("fit", "chains"): "Chains of nuts",
    ("fit", "draws"): "Draws of each chain of nuts",
    ("fit", "tune"): "Steps of each chain before them",
    ("maps", "water"): "Polygons of lakes and sea",
    ("maps", "rivers"): "Lines of rivers",
    ("maps", "roads"): "Lines of roads",
    ("maps", "borders"): "Lines of borders",
    (
        "maps",
        "size",
    ): "Width of the maps: a column of a journal (85 mm), a page (174 mm), or a sheet A4",
    ("zones", "file"): "Layer of more areas where the number is reported: districts, sides of a "
    "border; they may overlap",
    ("mask", "around"): "What the mask is round: every station, or the whole reserve",
    ("stations", "candidates"): "Places where stations may stand; a grid if left out",
    ("stations", "fixed"): "Stations that stand already and stay",
    ("stations", "network"): "Trails or roads near which stations stand",
    ("stations", "reach"): "Furthest from these, metres",
    ("stations", "least"): "Least distance between stations, metres",
    ("maps", "relief"): "Raster of heights, for hills as light and shadow",
    ("maps", "towns"): "Points of towns, the most important first",
    ("maps", "label"): "Column with the names",
    ("maps", "zones"): "Layers of zones to be shown",
    ("study", "change"): "Relative change of N to be noticed, such as -0.3",
    ("parameters", "fit"): "In place of all these, the fit of an earlier survey",
}
_DOCUMENTED = {"survey": read_survey, "model": ModelSpec}
"""Whose docstrings say more of the keys of a table than its template."""
_NOT_ALIKE = ("traps", "usage", "detections", "nodata", "priors")

_TABLE = re.compile(r"(?:# )?\[{1,2}([\w.]+)\]{1,2}\s*(?:# (.*))?")
_KEY = re.compile(r'(?:# )?(\w+) = (?:"[^"]*"|\[.*?\]|\{.*\}|[^#]*?)\s*(?:# ?(.*))?')
_MORE = re.compile(r"(?:#?\s{8,})# ?(.*)|#\s{8,}(\S.*)")


class Key(NamedTuple):
    """A key, as a reader meets it."""

    name: str
    kind: str
    default: str
    meaning: str


def survey_tables() -> dict[str, list[Key]]:
    """The keys of survey.toml by table, those above the first table under ``""``."""
    words = template_words("survey.toml")
    heading = [
        Key(name, "text", "", words[("", name)])
        for name in ("title", "animals", "banner", "output")
    ]
    tables = {"": heading}
    for table, record in SURVEY.items():
        hints = get_type_hints(record)
        told = {**_docstring(record), **{k: w for (t, k), w in words.items() if t == table}}
        told |= _documented(table)
        told |= {k: w for (t, k), w in _BESIDE.items() if t == table}
        tables[table] = [
            Key(
                item.name,
                kind_of(hints[item.name], item),
                default_of(item),
                told.get(item.name, ""),
            )
            for item in fields(record)
        ]
    return tables


def plan_tables() -> dict[str, list[Key]]:
    """The keys of plan.toml by table."""
    words = template_words("plan.toml")
    told = {
        **{("survey", k): w for k, w in _docstring(assume).items()},
        **{("equipment", k): w for k, w in _docstring(Equipment).items()},
        **{("prices", k): w for k, w in _docstring(Prices).items()},
        **{key: word for key, word in words.items() if word},
        **{("model", k): w for k, w in _documented("model").items()},
        **_BESIDE,
    }
    tables = {
        table: [Key(name, kind.words, "", told.get((table, name), "")) for name, kind in of.items()]
        for table, of in plan_keys._TABLES.items()
    }
    of_covariate = plan_keys._OF_COVARIATE.items()
    tables["covariates.<name>"] = [
        Key(name, kind.words, "", told.get(("covariates", name), "")) for name, kind in of_covariate
    ]
    tables["parameters"] = [
        Key("<name>", "a number, or a prior", "", told[("parameters", "<name>")]),
        Key("fit", "text, in quotation marks", "", told.get(("parameters", "fit"), "")),
    ]
    return tables


def template_words(name: str) -> dict[tuple[str, str], str]:
    """What a template says of each key, by table and key."""
    text = (files("scr.cli") / "templates" / name).read_text(encoding="utf-8")
    found: dict[tuple[str, str], str] = {}
    table, last = "", None
    for line in text.splitlines():
        if more := _MORE.fullmatch(line):
            if last is not None:
                found[last] = f"{found[last]} {more[1] or more[2]}".strip()
        elif heading := _TABLE.fullmatch(line):
            table, last = heading[1], None
        elif key := _KEY.fullmatch(line):
            last = (table, key[1])
            found.setdefault(last, key[2] or "")
    return found


def kind_of(hint: Any, item: Field[Any] | None = None) -> str:
    """The type of a key in words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return " or ".join(kind_of(one) for one in arguments if one is not type(None))
    if origin is Literal:
        return ", ".join(f'`"{one}"`' for one in arguments)
    if origin is tuple:
        return f"{kind_of(arguments[0])}, or a list"
    if origin is Mapping:
        return f"{kind_of(arguments[1])}, by name"
    plain = {Path: "file", str: "text", float: "number", int: "whole number", bool: "true or false"}
    above = " above 0" if item is not None and "above" in item.metadata else ""
    return {**plain, date: "day"}.get(hint, "table") + above


def default_of(item: Field[Any]) -> str:
    """What holds where a key is left out."""
    if item.default is MISSING:
        return "" if item.default_factory is not MISSING else "needed"
    if item.default is None or item.default == ():
        return ""
    if isinstance(item.default, bool):
        return f"`{str(item.default).lower()}`"
    if isinstance(item.default, str):
        return f'`"{item.default}"`' if item.default else ""
    return f"`{item.default}`"


def _documented(table: str) -> dict[str, str]:
    """Words of the docstring of what reads a table."""
    if table not in _DOCUMENTED:
        return {}
    told = _docstring(_DOCUMENTED[table]).items()
    return {name: text.replace("True", "true") for name, text in told if name not in _NOT_ALIKE}


def _docstring(record: Any) -> dict[str, str]:
    told = NumpyDocString(record.__doc__ or "")["Parameters"]
    return {name: " ".join(lines) for entry, _, lines in told for name in entry.split(", ")}
