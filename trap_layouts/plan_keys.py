"""The keys of a plan: which there are, and what kind of value each holds."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from scr.errors import LayoutError
from scr.io.map_layers import SHAPES
from trap_layouts.assumptions import Equipment
from trap_layouts.cost import Prices


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number.

    Parameters
    ----------
    value
        Anything.
    """
    return type(value) in (int, float) and math.isfinite(value)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number that can be counted to.

    Parameters
    ----------
    value
        Anything.
    """
    return is_number(value) and value == int(value) and abs(value) < 2**31


def is_prior(value: Any) -> bool:
    """Whether a value is a normal prior, ``{ normal = [mean, sd] }``.

    Parameters
    ----------
    value
        Anything.
    """
    pair = value.get("normal") if isinstance(value, dict) and len(value) == 1 else None
    return isinstance(pair, list) and len(pair) == 2 and all(map(is_number, pair))


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_nodata(value: Any) -> bool:
    return all(
        type(one) is float or is_number(one)
        for one in (value if isinstance(value, list) else [value])
    )


def _is_cameras(value: Any) -> bool:
    return type(value) is int and value in (1, 2)


def _is_grid(value: Any) -> bool:
    return isinstance(value, dict) and all(
        bool(numbers) and _list_of(is_number)(numbers) for numbers in value.values()
    )


class _Kind(NamedTuple):
    """What fits a key, and how to say it."""

    fits: Callable[[Any], bool]
    words: str


_TEXT = _Kind(_is_text, "text, in quotation marks")
_FILES = _Kind(_list_of(_is_text), 'a list of files, as in ["lake.gpkg"]')
_NUMBER = _Kind(is_number, "a number")
_WHOLE = _Kind(is_whole, "a whole number")
_AROUND = _Kind(lambda value: value in ("stations", "reserve"), '"stations" or "reserve"')
_YEARS = _Kind(_list_of(is_whole), "a list of years, as in [2026, 2028, 2030]")
_AGAIN = _Kind(lambda value: value in ("same", "other"), '"same" or "other"')
_BOTH = _Kind(lambda value: value == "both", '"both"; leave it out where one flank is used')
_CAMERAS = _Kind(
    lambda value: isinstance(value, list) and bool(value) and all(map(_is_cameras, value)),
    "a list of 1 and 2, as in [1, 2]",
)
_GRID = _Kind(_is_grid, "lists of numbers by name, as in { density = [0.5, 1.0] }")

_TABLES: dict[str, dict[str, _Kind]] = {
    "": dict.fromkeys(("title", "reserve", "reserve_name", "crs"), _TEXT) | {"exclude": _FILES},
    "mask": {
        "buffer": _NUMBER, "spacing": _NUMBER, "exclude": _FILES, "habitat": _FILES,
        "around": _AROUND,
    },
    "model": dict.fromkeys(
        ("density", "lambda0", "g0", "a0", "sigma", "sigmak", "z", "share", "pmix", "detection",
         "classes", "number"),
        _TEXT,
    ) | {"nodes": _WHOLE},
    "survey": {
        "detector": _TEXT, "n_occasions": _WHOLE, "occasion_days": _NUMBER, "unknown_sex": _NUMBER,
        "flank": _BOTH,
    },
    "equipment": {field.name: _NUMBER for field in fields(Equipment)},
    "prices": {field.name: _NUMBER for field in fields(Prices)},
    "stations": {
        "candidates": _TEXT, "fixed": _TEXT, "network": _TEXT, "reach": _NUMBER, "least": _NUMBER,
    },
    "maps": dict.fromkeys(("relief", *SHAPES, "label"), _TEXT) | {"zones": _FILES},
    "study": {"grid": _GRID, "change": _NUMBER, "years": _YEARS, "stations": _AGAIN,
              "cameras": _CAMERAS},
}  # fmt: skip
_FREE = ("parameters", "covariates")
_OF_COVARIATE = {
    "raster": _TEXT,
    "band": _WHOLE,
    "fill": _Kind(lambda value: value == "nearest" or is_number(value), 'a number, or "nearest"'),
    "categorical": _Kind(lambda value: isinstance(value, bool), "true or false"),
    "nodata": _Kind(_is_nodata, "a number, or a list of numbers"),
}


def check_keys(content: Mapping[str, Any], name: str) -> None:
    """Raise where a plan has keys that are not known, or values of the wrong kind.

    Parameters
    ----------
    content
        The plan as read.
    name
        Of its file.

    Raises
    ------
    LayoutError
        Naming every such key.
    """
    for table in (*_TABLES, *_FREE):
        if table and not isinstance(content.get(table, {}), dict):
            msg = f"{name}: {table} is no table. Write [{table}] in a line, and its keys below it."
            raise LayoutError(msg)
    wrong = [key for key in content if key not in {*_TABLES[""], *_TABLES, *_FREE} - {""}]
    for table in filter(None, _TABLES):
        wrong += [f"{table}.{key}" for key in content.get(table, {}) if key not in _TABLES[table]]
    covariates = content.get("covariates", {})
    for column, entry in covariates.items():
        if not isinstance(entry, Mapping) or "raster" not in entry:
            msg = (
                f"{name}: [covariates] {column} names no raster. Write it as in "
                f'{column} = {{ raster = "{column}.tif" }}.'
            )
            raise LayoutError(msg)
        wrong += [f"covariates.{column}.{key}" for key in entry if key not in _OF_COVARIATE]
    if wrong:
        listed = {**_TABLES, "covariates": _OF_COVARIATE} if covariates else _TABLES
        allowed = "; ".join(
            f"[{table}] {', '.join(keys)}" if table else ", ".join(keys)
            for table, keys in listed.items()
        )
        msg = f"{name} has keys that are not known: {', '.join(wrong)}. Known are: {allowed}."
        raise LayoutError(msg)
    faults = list(_of_wrong_kind(content))
    if faults:
        msg = f"{name} has values of the wrong kind: {'; '.join(faults)}. Correct them."
        raise LayoutError(msg)


def _of_wrong_kind(content: Mapping[str, Any]) -> Iterator[str]:
    tables = {table: content.get(table, {}) if table else content for table in _TABLES}
    found = [(table, tables[table], kinds) for table, kinds in _TABLES.items()]
    found += [
        (f"covariates.{column}", entry, _OF_COVARIATE)
        for column, entry in content.get("covariates", {}).items()
    ]
    if "fit" in content.get("parameters", {}):
        found.append(("parameters", content["parameters"], {"fit": _TEXT}))
    for table, values, kinds in found:
        for key, kind in kinds.items():
            if key in values and not kind.fits(values[key]):
                label = f"[{table}] {key}" if table else key
                yield f"{label} = {values[key]!r} must be {kind.words}"
