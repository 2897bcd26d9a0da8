"""TOML files as tables, where every fault of the text is a ValueError."""

import tomllib
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
        or holds a whole number beyond 64 bits, which no reader of TOML needs to take.
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
    if _has_long_number(content):
        raise ValueError(too_long)
    return content


def _has_long_number(content: dict[str, Any]) -> bool:
    left: list[Any] = [content]
    while left:
        value = left.pop()
        if isinstance(value, dict | list):
            left += value.values() if isinstance(value, dict) else value
        elif isinstance(value, int) and not -_MOST - 1 <= value <= _MOST:
            return True
    return False
