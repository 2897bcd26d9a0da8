"""``[[models]]``: several models, each as ``[model]`` but for the keys that it names itself."""

from collections.abc import Mapping
from typing import Any

from scr.io.whole_files import file_name
from scr.project.toml_tables import TableReader

_INSTEAD = (("lambda0", "g0", "a0"), ("sigma", "sigmak"))
"""Keys of which one replaces the others."""


def blocks_of_models(
    reader: TableReader, content: Mapping[str, Any], base: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Keys of each model by its name; what is wrong is noted by the reader.

    Parameters
    ----------
    reader
        Notes faults.
    content
        The whole file.
    base
        Keys of ``[model]``. Its priors are left to what makes the models.
    """
    blocks = content.get("models", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        reader.faults.append(
            "models: write each model as a table [[models]], in double brackets, with name and "
            "the keys in which it differs from [model]."
        )
        return {}
    found: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for number, block in enumerate(blocks, start=1):
        name = block.get("name")
        if not isinstance(name, str) or not name.strip():
            reader.faults.append(f"[[models]] {number}: lacks name, what the model is called.")
            continue
        plain = file_name(name).casefold()
        if plain in taken:
            reader.faults.append(
                f"[[models]] {number}: {name!r} is the name of another model, or too much like it "
                "for the name of a file."
            )
        taken.add(plain)
        found[name] = _completed(block, base)
    if len(blocks) == 1:
        reader.faults.append(
            "[[models]] has one model alone. Add those that it is to be compared with, or write "
            "its keys under [model]."
        )
    return found


def _completed(block: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    replaced = {key for group in _INSTEAD if set(group) & set(block) for key in group}
    kept = {key: value for key, value in base.items() if key not in replaced and key != "priors"}
    return {**kept, **{key: value for key, value in block.items() if key != "name"}}
