"""What a fit was made from, and whether it has changed since."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scr.cli.messages import say
from scr.project.configuration import Configuration

if TYPE_CHECKING:
    from scr.fit.result import Fit

_PART_OF_SHAPEFILE = {".shp", ".dbf", ".shx", ".prj", ".cpg"}


def digests_of_inputs(configuration: Configuration) -> dict[str, str]:
    """SHA-256 of survey.toml and of every file that it names, by table and key.

    Parameters
    ----------
    configuration
        The survey.toml.
    """
    return {key: _digest(path) for key, path in inputs_of(configuration).items()}


def inputs_of(configuration: Configuration) -> dict[str, Path]:
    """survey.toml and every file that it names, by table and key.

    Parameters
    ----------
    configuration
        The survey.toml.
    """
    found = {"survey.toml": configuration.path}
    for table in fields(configuration):
        if table.name not in {"path", "output"}:
            found |= _of(getattr(configuration, table.name), table.name)
    return found


def say_what_changed(fitted: "Fit", configuration: Configuration) -> None:
    """Say which files are not those that a fit was made from.

    Parameters
    ----------
    fitted
        The fit that is kept.
    configuration
        The survey.toml as it is now.
    """
    now, then = digests_of_inputs(configuration), fitted.made_from
    if not then:
        return
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    if changed:
        say(
            f"Changed since the fit: {', '.join(changed)}. What is drawn is the fit as it was, "
            "with title, reserve, zones and trend as they are now. Run 'scr fit' to fit what the "
            "files hold now.",
            style="yellow",
        )


def _of(value: Any, name: str) -> dict[str, Path]:
    if isinstance(value, Path):
        return {name: value}
    if is_dataclass(value):
        members = {key.name: getattr(value, key.name) for key in fields(value)}
    elif isinstance(value, Mapping):
        members = dict(value)
    elif isinstance(value, tuple):
        members = {str(number): item for number, item in enumerate(value, start=1)}
    else:
        return {}
    return {
        key: path
        for member, item in members.items()
        for key, path in _of(item, f"{name}.{member}").items()
    }


def _digest(path: Path) -> str:
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = sorted(
            part
            for part in path.parent.glob(f"{path.stem}.*")
            if part.suffix.lower() in _PART_OF_SHAPEFILE
        )
    total = sha256()
    for part in parts:
        if part.is_file():
            total.update(part.read_bytes())
    return total.hexdigest()
