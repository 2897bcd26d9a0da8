"""Remedies of messages in the words of survey.toml: ``nodata=-9999`` as ``nodata = -9999``."""

import re

_ARGUMENT = re.compile(
    r"""(?<![\w."'/{-])(?P<name>[a-z][a-z_0-9]*)="""
    r"""(?P<value>\{[^{}]*\}|\[[^\[\]]*\]|'[^']*'|"[^"]*"|[-+]?\d[\d.e+]*\d|\d|[A-Za-z]+)?"""
)
_WORDS = {"True": "true", "False": "false"}
_PAIR = re.compile(r"""["']([^"']*)["']: """)
_BARE = re.compile(r"[A-Za-z0-9_-]+")


_WITHIN_CALL = re.compile(r"\w\([^()]*$")


def as_keys(message: str) -> str:
    """A message of a function, which names its arguments, as one that names keys of survey.toml.

    Parameters
    ----------
    message
        Any text. An argument without a value loses its sign; true, false, quotation marks and
        values by name are written as TOML has them.

    Examples
    --------
    >>> as_keys("Give nodata=-9999 or categorical=True; name the system as crs=.")
    'Give nodata = -9999 or categorical = true; name the system as crs.'
    >>> as_keys("read it with fill={'forest': 'nearest'}")
    'read it with fill = { forest = "nearest" }'
    """
    return _ARGUMENT.sub(_key, message)


def _key(found: re.Match[str]) -> str:
    name, value = found["name"], found["value"]
    if _WITHIN_CALL.search(found.string[: found.start()]):  # as in bs(forest, df=4)
        return found[0]
    if value is None:
        return name
    value = _WORDS.get(value, value)
    if value.startswith("{"):
        inside = _PAIR.sub(lambda pair: f"{_quoted(pair[1])} = ", value[1:-1].strip())
        value = f"{{ {inside} }}"
    return f"{name} = {value.replace(chr(39), chr(34))}"


def _quoted(name: str) -> str:
    return name if _BARE.fullmatch(name) else f'"{name}"'
