"""Tables of a TOML file as records, with every fault noted at once."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from scr.errors import ScrError
from scr.io.toml_text import read_toml


def parse_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ScrError
        If it is not there, not text, or not TOML; with the line.
    """
    if not path.is_file():
        msg = (
            f"There is no file {path}. Give the path of a survey.toml, or of the folder that holds "
            "it; 'scr init' writes one to start from."
        )
        raise ScrError(msg)
    try:
        return read_toml(path)
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text ({error.reason} at byte {error.start}). Save it as UTF-8."
        raise ScrError(msg) from error
    except ValueError as error:
        msg = (
            f"{path} is not valid TOML: {error}. Text needs quotation marks, a list needs square "
            "brackets, and \\ in a path is written / or the path is put between single quotes."
        )
        raise ScrError(msg) from error


@dataclass(frozen=True)
class TableReader:
    """Turns tables into records, noting every fault instead of stopping at the first.

    Parameters
    ----------
    folder
        Folder that file names are relative to.
    faults
        Grows by one line for each fault.
    """

    folder: Path
    faults: list[str]

    def subtable(self, table: Mapping[str, Any], key: str, where: str = "") -> dict[str, Any]:
        """The table under a key, empty where there is none.

        Parameters
        ----------
        table
            What holds it.
        key
            Its key.
        where
            Its full name, for the message; the key if left out.
        """
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.faults.append(
            f"{where or key}: is {value!r}, but must be a table [{where or key}] with keys."
        )
        return {}

    def check_keys(self, table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        """Note keys that are not known, with the nearest that is.

        Parameters
        ----------
        table
            A table.
        known
            Keys that it may have.
        where
            Its full name.
        """
        for key in table:
            if key in known:
                continue
            close = get_close_matches(key, known, n=1, cutoff=0.6)
            advice = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known)}."
            self.faults.append(f"{_label(where, key)}: not a key here. {advice}")

    def entries(self, kind: type, table: Mapping[str, Any], where: str) -> dict[str, Any]:
        """A table of tables, each as a record, by name.

        Parameters
        ----------
        kind
            A dataclass.
        table
            The table of tables.
        where
            Its full name.
        """
        result = {}
        for name in table:
            entry = self.subtable(table, name, f"{where}.{name}")
            if isinstance(table[name], dict):
                result[name] = self.record(kind, entry, f"{where}.{name}")
        return result

    def record(self, kind: type, table: Mapping[str, Any], where: str) -> Any:
        """A table as a record, or None where a key that it needs is missing or wrong.

        Parameters
        ----------
        kind
            A dataclass; the types of its fields say what a key holds, ``metadata["above"]`` what
            a number must exceed.
        table
            The table.
        where
            Its full name.
        """
        hints = get_type_hints(kind)
        self.check_keys(table, tuple(hints), where)
        values = {}
        for item in fields(kind):
            if item.name not in table:
                if item.default is MISSING and item.default_factory is MISSING:
                    self.faults.append(f"{_label(where, item.name)}: is missing.")
                continue
            try:
                value = self._convert(table[item.name], hints[item.name])
                _check_range(value, item.metadata)
            except _WrongValueError as fault:
                self.faults.append(
                    f"{_label(where, item.name)}: is {table[item.name]!r}, but {fault}."
                )
            else:
                values[item.name] = value
        try:
            return kind(**values)
        except TypeError:  # a required key is missing or wrong, and noted already
            return None

    def _convert(self, value: Any, hint: Any) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in {Union, UnionType}:
            return self._any_of(value, [a for a in arguments if a is not type(None)])
        if origin is Literal:
            if value not in arguments:
                msg = f"must be one of {', '.join(map(repr, arguments))}"
                raise _WrongValueError(msg)
            return value
        if origin is tuple:
            listed = value if isinstance(value, list) else [value]
            return tuple(self._convert(one, arguments[0]) for one in listed)
        if origin is Mapping:
            return self._named(value, arguments[1])
        return self._file(value) if hint is Path else _plain(value, hint)

    def _named(self, value: Any, hint: Any) -> dict[str, Any]:
        """Values by name."""
        if not isinstance(value, dict):
            msg = "must be a value for each name, as in { forest = -9999 }"
            raise _WrongValueError(msg)
        return {name: self._convert(one, hint) for name, one in value.items()}

    def _any_of(self, value: Any, hints: list[Any]) -> Any:
        """A value of the first kind that it fits."""
        wrong: list[str] = []
        for hint in hints:
            try:
                return self._convert(value, hint)
            except _WrongValueError as fault:
                wrong.append(str(fault))
        more = [fault.removeprefix("must be ") for fault in wrong[1:]]
        raise _WrongValueError(", or ".join([wrong[0], *more]))

    def _file(self, value: Any) -> Path:
        if not isinstance(value, str):
            msg = "must be the name of a file, in quotation marks"
            raise _WrongValueError(msg)
        path = self.folder / value
        try:
            there = path.exists()
        except (OSError, ValueError):  # a name too long, or with a null in it
            there = False
        if there:
            return path
        present = [p.name for p in self.folder.iterdir()] if self.folder.is_dir() else []
        close = get_close_matches(value, present, n=1, cutoff=0.6)
        advice = f"; did you mean {close[0]!r}?" if close else ""
        msg = f"there is no such file in {self.folder.resolve()}{advice}"
        raise _WrongValueError(msg)


class _WrongValueError(Exception):
    """What a value must be."""


_KINDS: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "text, in quotation marks"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
    date: ((date,), "a day, as in 2024-02-01"),
}


def _plain(value: Any, hint: Any) -> Any:
    """Text, a number, a day, or true or false."""
    if hint not in _KINDS:
        return value
    accepted, words = _KINDS[hint]
    if type(value) not in accepted:
        msg = f"must be {words}"
        raise _WrongValueError(msg)
    return value if type(value) is hint else hint(value)


def _check_range(value: Any, limits: Mapping[Any, Any]) -> None:
    if "above" in limits and isinstance(value, int | float) and not value > limits["above"]:
        msg = f"must be above {limits['above']}"
        raise _WrongValueError(msg)


def _label(where: str, key: str) -> str:
    return f"[{where}] {key}" if where else key
