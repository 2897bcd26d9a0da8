"""Frozen records as netCDF groups, field by field, and back again without loss."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from shapely.geometry.base import BaseGeometry

from scr.habitat.mask import HabitatMask, MaskExtent
from scr.model.priors import Normal, Prior, StudentT
from scr.survey.captures import CaptureHistory
from scr.survey.fixes import Fixes
from scr.survey.sided_records import Sides
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

_RECORDS = {
    record.__name__: record
    for record in (
        Survey,
        Session,
        Traps,
        Usage,
        CaptureHistory,
        Fixes,
        Sides,
        HabitatMask,
        MaskExtent,
    )
}
_PRIORS: dict[str, type[Prior]] = {"Normal": Normal, "StudentT": StudentT}
_RECORD = "record"
_FIELDS = "fields_json"


def to_groups(record: Any, path: str) -> dict[str, xr.Dataset]:
    """Groups that hold a record and, beside it, the records in it.

    Arrays become variables; a table becomes one variable per numeric column; everything else is
    text in JSON, in which numbers keep all their digits.

    Parameters
    ----------
    record
        A frozen dataclass: a survey or a mask, or a part of one.
    path
        Name of its group.
    """
    variables: dict[str, Any] = {}
    simple: dict[str, Any] = {}
    groups: dict[str, xr.Dataset] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, pd.DataFrame):
            simple[field.name] = _put_table(field.name, value, variables)
        elif isinstance(value, np.ndarray):
            simple[field.name] = _put_array(field.name, value, variables)
        elif type(value).__name__ in _RECORDS:
            simple[field.name] = {"kind": "group"}
            groups |= to_groups(value, f"{path}.{field.name}")
        elif isinstance(value, tuple) and value and type(value[0]).__name__ in _RECORDS:
            simple[field.name] = {"kind": "groups", "length": len(value)}
            for index, part in enumerate(value):
                groups |= to_groups(part, f"{path}.{field.name}_{index}")
        else:
            simple[field.name] = _put_simple(value)
    # Not an attribute: netCDF attributes end at 64 kB, which the outline of a coast exceeds.
    text = np.frombuffer(json.dumps(simple).encode(), dtype=np.uint8)
    variables[_FIELDS] = (f"{_FIELDS}_byte", text)
    return {path: xr.Dataset(variables, attrs={_RECORD: type(record).__name__}), **groups}


def from_groups(tree: xr.DataTree, path: str) -> Any:
    """The record that ``to_groups`` wrote.

    Parameters
    ----------
    tree
        All groups of the file.
    path
        Name of its group.
    """
    group = tree[path].to_dataset()
    record = _RECORDS[group.attrs[_RECORD]]
    known = {field.name: field for field in dataclasses.fields(record)}
    values: dict[str, Any] = {}
    for name, how in json.loads(group[_FIELDS].to_numpy().tobytes()).items():
        if how["kind"] == "table":
            values[name] = _take_table(how, group)
        elif how["kind"] == "array":
            array = group[name].to_numpy()
            values[name] = array.astype(object) if how["text"] else array
        elif how["kind"] == "group":
            values[name] = from_groups(tree, f"{path}.{name}")
        elif how["kind"] == "groups":
            numbers = range(how["length"])
            values[name] = tuple(from_groups(tree, f"{path}.{name}_{index}") for index in numbers)
        else:
            values[name] = _take_simple(how)
    result: Any = record(**{name: value for name, value in values.items() if known[name].init})
    for name, value in values.items():
        if not known[name].init:
            object.__setattr__(result, name, value)
    return result


def prior_to_text(prior: Prior) -> dict[str, Any]:
    """A prior as plain values.

    Parameters
    ----------
    prior
        A record of ``scr.model.priors``.
    """
    return {"family": type(prior).__name__, **dataclasses.asdict(prior)}


def prior_from_text(values: Mapping[str, Any]) -> Prior:
    """The prior that ``prior_to_text`` wrote.

    Parameters
    ----------
    values
        Family and numbers.
    """
    numbers = {name: value for name, value in values.items() if name != "family"}
    return _PRIORS[values["family"]](**numbers)


def _put_array(name: str, array: Any, variables: dict[str, Any]) -> dict[str, Any]:
    text = array.dtype == object
    stored = array
    if text:
        stored = np.array([str(value) for value in array.ravel()], dtype=str).reshape(array.shape)
    variables[name] = ([f"{name}_{axis}" for axis in range(array.ndim)], stored)
    return {"kind": "array", "text": bool(text)}


def _put_table(name: str, table: pd.DataFrame, variables: dict[str, Any]) -> dict[str, Any]:
    columns = []
    for index, label in enumerate(table.columns):
        column = table[label]
        how: dict[str, Any] = {"name": str(label), "dtype": str(column.dtype)}
        if isinstance(column.dtype, pd.CategoricalDtype):
            how["categories"] = column.cat.categories.tolist()
            how["ordered"] = bool(column.cat.ordered)
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
            how["variable"] = f"{name}_column_{index}"
            variables[how["variable"]] = ([f"{name}_row"], column.to_numpy())
        else:
            present = column.notna()
            how["values"] = [
                _plain(value) if there else None
                for value, there in zip(column, present, strict=True)
            ]
        columns.append(how)
    return {"kind": "table", "n_rows": len(table), "columns": columns}


def _take_table(how: Mapping[str, Any], group: xr.Dataset) -> pd.DataFrame:
    table = pd.DataFrame(index=range(how["n_rows"]))
    for column in how["columns"]:
        if "variable" in column:
            values: Any = group[column["variable"]].to_numpy()
        elif "categories" in column:
            kind = pd.CategoricalDtype(column["categories"], ordered=column["ordered"])
            values = pd.Categorical(column["values"], dtype=kind)
        else:
            values = pd.Series(column["values"], dtype=object).astype(column["dtype"])
        table[column["name"]] = values
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _put_simple(value: Any) -> dict[str, Any]:
    if isinstance(value, BaseGeometry):
        return {"kind": "geometry", "value": shapely.to_wkb(value, hex=True)}
    if isinstance(value, np.datetime64):
        return {"kind": "time", "value": str(value)}
    if isinstance(value, tuple):
        return {"kind": "tuple", "value": list(value)}
    if isinstance(value, Mapping):
        return {"kind": "mapping", "value": dict(value)}
    return {"kind": "value", "value": value}


def _take_simple(how: Mapping[str, Any]) -> Any:
    value = how["value"]
    match how["kind"]:
        case "geometry":
            return shapely.from_wkb(value)
        case "time":
            return np.datetime64(value)
        case "tuple":
            return tuple(value)
        case "mapping":
            return {
                name: tuple(item) if isinstance(item, list) else item
                for name, item in value.items()
            }
    return value
