"""Notes that a user puts among the attributes of ``fit.idata``: kept whole, or refused by name."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from scr.errors import FitError

_NOTES = "notes_json"
_LONGEST = 10_000


def take_notes(tree: xr.DataTree) -> xr.Dataset:
    """Take attributes that netCDF cannot hold out of a tree, and give them as one text.

    Parameters
    ----------
    tree
        Groups that are to be written; changed.

    Returns
    -------
    Dataset
        What ``put_notes`` takes.

    Raises
    ------
    FitError
        Naming an attribute that cannot be kept.
    """
    notes: dict[str, dict[str, Any]] = {}
    for place, attrs in _attributes(tree):
        for name in [name for name, value in attrs.items() if not _is_plain(name, value)]:
            notes.setdefault(place, {})[str(name)] = _as_json(attrs.pop(name), name, place)
    text = np.frombuffer(json.dumps(notes).encode(), dtype=np.uint8)
    return xr.Dataset({_NOTES: (f"{_NOTES}_byte", text)})


def put_notes(tree: xr.DataTree, notes: xr.Dataset) -> None:
    """Put attributes back to where ``take_notes`` took them from.

    Parameters
    ----------
    tree
        Groups that were read; changed.
    notes
        What ``take_notes`` gave.
    """
    kept = json.loads(notes[_NOTES].to_numpy().tobytes())
    for place, attrs in _attributes(tree):
        attrs.update(kept.get(place, {}))


def _attributes(tree: xr.DataTree) -> Iterator[tuple[str, dict[Any, Any]]]:
    for node in tree.subtree:
        yield node.path, node.attrs
        for name, variable in node.variables.items():
            yield f"{node.path}:{name}", variable.attrs


def _is_plain(name: object, value: object) -> bool:
    """Whether netCDF gives a value back as it was."""
    if not isinstance(name, str) or "\0" in name or "/" in name or not name:
        return False
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST and "\0" not in value and value.isprintable()
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, int):
        return abs(value) < 2**63
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iuf" and 0 < value.nbytes <= _LONGEST
    return isinstance(value, float | np.number)


def _as_json(value: object, name: object, place: str) -> Any:
    plain = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    try:
        if not isinstance(name, str):
            raise TypeError  # noqa: TRY301
        return json.loads(json.dumps(plain))
    except (TypeError, ValueError, RecursionError) as error:
        msg = (
            f"The attribute {name!r} of fit.idata (group {place}) is a {type(value).__name__}, "
            "which a file cannot hold. Make it text, numbers, or lists or dictionaries of these "
            "under a name that is text, or delete it, and save again."
        )
        raise FitError(msg) from error
