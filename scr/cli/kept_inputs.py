"""Results never take the place of what they are made from."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scr.errors import LayoutError, ScrError
from scr.io.results_folder import EARLIER, PRIVATE, PUBLIC, UNFINISHED
from scr.io.toml_text import read_toml

_IN_FOLDER = re.compile(
    r"(?i)(?:comparison|differences|trade_off|summary|results|budget_.*)\.(?:csv|png|parquet)"
)
"""Files that the commands for layouts write into a folder."""


def check_apart(folder: Path, inputs: Mapping[str, Path]) -> None:
    """Refuse a folder of results that would take the place of an input.

    Parameters
    ----------
    folder
        Folder of results.
    inputs
        Files that are read, by key; the first of them is survey.toml.

    Raises
    ------
    ScrError
        Naming the input.
    """
    survey_toml = next(iter(inputs.values()))
    if _same(folder, survey_toml.parent):
        msg = (
            f"The folder of results is that of {survey_toml.name} itself, where results would "
            'stand among what they are made from. Name a folder of its own: output = "results" in '
            "survey.toml, or --out results."
        )
        raise ScrError(msg, kind="results among inputs", source=survey_toml.name)
    for key, path in inputs.items():
        for part in (PUBLIC, PRIVATE, UNFINISHED, EARLIER):
            if _is_within(path, folder / part):
                msg = (
                    f"{path} ({key}) lies in {folder / part}, where results are written. Move it "
                    "to another folder, or name another folder of results by --out."
                )
                raise ScrError(msg, kind="results among inputs", source=path.name)


def check_not_read(out: Path, plan: Path, *given: Path | None) -> None:
    """Refuse to write layouts over a file that the command reads.

    Parameters
    ----------
    out
        The file that is written, or the folder that files are written into.
    plan
        The plan, whose own files are read too.
    given
        Other files that are read.

    Raises
    ------
    LayoutError
        Naming the file.
    """
    read = [plan, *(path for path in given if path is not None), *_named_in(plan)]
    for path in read:
        is_written = _same(out, path.parent) and _IN_FOLDER.fullmatch(path.name) is not None
        if _same(out, path) or _same(out.with_suffix(".png"), path) or is_written:
            msg = f"--out {out} would write over {path}, which is read. Give it another name."
            raise LayoutError(msg, kind="results among inputs", source=path.name)


def _named_in(plan: Path) -> list[Path]:
    """Files that a plan names."""
    try:
        content = read_toml(plan)
    except (OSError, ValueError):
        return []  # reading the plan says what is wrong with it
    return [plan.parent / text for text in _texts(content) if _is_file(plan.parent / text)]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # a long text, or one that no file can be called


def _parts(path: Path) -> tuple[str, ...]:
    # Without case: on many disks A.csv and a.csv are one file.
    return tuple(part.casefold() for part in path.resolve().parts)


def _same(one: Path, other: Path) -> bool:
    return _parts(one) == _parts(other)


def _is_within(path: Path, folder: Path) -> bool:
    place = _parts(folder)
    return _parts(path)[: len(place)] == place
