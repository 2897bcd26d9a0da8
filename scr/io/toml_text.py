"""TOML files as tables, where every fault of the text is a ValueError."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MOST = 2**63 - 1
"""Greatest whole number of TOML."""


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ValueError
        If it is not UTF-8 (UnicodeDecodeError), not TOML, nested more deeply than can be followed,
        or holds a whole number beyond 64 bits, which no reader of TOML needs to take, or a null
        character, which no name of a file or column can hold.
    """
    text = path.read_text(encoding="utf-8-sig")
    too_long = "a whole number in it has more digits than TOML allows (18)"
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        msg = "lists or tables in it stand in each other too many times"
        raise ValueError(msg) from None
    except ValueError:  # Python reads no whole number of more than some thousand digits
        raise ValueError(too_long) from None
    for value in _values(content):
        if isinstance(value, int) and not -_MOST - 1 <= value <= _MOST:
            raise ValueError(too_long)
        if isinstance(value, str) and "\x00" in value:
            msg = f"{value!r} holds the character \\x00, which can be in no name"
            raise ValueError(msg)
    return content


def _values(content: dict[str, Any]) -> Iterator[Any]:
    """Every key and value, however deep."""
    left: list[Any] = [content]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += (*value, *value.values())
        elif isinstance(value, list):
            left += value
        else:
            yield value
