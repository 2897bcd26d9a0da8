"""The text of a plan with other values: remarks, order and all else stay as they are."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from scr.errors import LayoutError

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$")


def with_values(text: str, values: Mapping[tuple[str, str], float | str]) -> str:
    r"""The text of a plan in which keys have other values.

    Parameters
    ----------
    text
        A plan, TOML.
    values
        New values by table and key. A key that is absent is added to its table, and a table that is
        absent to the end.

    Raises
    ------
    LayoutError
        If a value cannot be put into the text, as where a table stands in one line.

    Examples
    --------
    >>> with_values("[survey]\nn_occasions = 90  # nights\n", {("survey", "n_occasions"): 60})
    '[survey]\nn_occasions = 60  # nights\n'
    """
    lines = text.splitlines()
    for (table, key), value in values.items():
        _put(lines, table, key, _toml(value))
    found = "\n".join(lines) + "\n"
    wanted = tomllib.loads(text)
    for (table, key), value in values.items():
        wanted.setdefault(table, {})[key] = value
    try:
        same = tomllib.loads(found) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        listed = ", ".join(f"[{table}] {key} = {_toml(v)}" for (table, key), v in values.items())
        msg = f"The plan's text cannot be changed line by line. Change it by hand: {listed}."
        raise LayoutError(msg)
    return found


def _put(lines: list[str], table: str, key: str, value: str) -> None:
    heads = [
        (i, match[1].strip()) for i, line in enumerate(lines) if (match := _HEADER.match(line))
    ]
    starts = [i for i, name in heads if name == table]
    written = key if re.fullmatch(r"[\w-]+", key) else f'"{key}"'
    if not starts:
        lines += ["", f"[{table}]", f"{written} = {value}"]
        return
    end = min((i for i, _ in heads if i > starts[0]), default=len(lines))
    entry = re.compile(rf"(\s*(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')\s*=\s*)")
    for i in range(starts[0] + 1, end):
        if match := entry.match(lines[i]):
            rest = lines[i][match.end() :]
            remark = re.search(r"\s*#.*$", rest)
            lines[i] = match[1] + value + (remark[0] if remark else "")
            return
    lines.insert(starts[0] + 1, f"{written} = {value}")


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
