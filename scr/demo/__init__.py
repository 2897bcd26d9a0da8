"""A worked example: the files of a survey of simulated leopards, and the truth behind them."""

import json
import shutil
from pathlib import Path
from typing import Any

from scr.errors import ScrError


def data_folder() -> Path:
    """The folder of the bundled survey, to be read but not written to."""
    return Path(__file__).parent / "data"


def copy_demo(folder: str | Path) -> Path:
    """Copy the bundled survey; files of the same names are replaced, others are left alone.

    Parameters
    ----------
    folder
        Where to; it is made if it does not exist.

    Returns
    -------
    Path
        The ``survey.toml`` in it.

    Raises
    ------
    ScrError
        If the place is taken by a file, or cannot be written to.
    """
    target = Path(folder)
    try:
        shutil.copytree(data_folder(), target, copy_function=shutil.copyfile, dirs_exist_ok=True)
    except shutil.Error as error:
        msg = (
            f"{len(error.args[0])} files of the demo could not be copied to {target}: "
            f"{error.args[0][0][2]}. Name a folder that can be made and written to."
        )
        raise ScrError(msg) from error
    except OSError as error:
        msg = (
            f"The demo could not be copied to {target}: {error.strerror or error}. "
            "Name a folder that can be made and written to."
        )
        raise ScrError(msg) from error
    return target / "survey.toml"


def read_truth(folder: str | Path) -> dict[str, Any]:
    """What the demo's survey was simulated from.

    Parameters
    ----------
    folder
        A folder that ``copy_demo`` has written, or ``data_folder()``.

    Returns
    -------
    dict
        ``coefficients`` by name on their link scales; ``parameters`` in the units a report uses;
        ``counts`` of what the survey brought; ``banner``, ``reserve`` and ``seed``.

    Raises
    ------
    ScrError
        If the folder has no ``truth.json``.
    """
    path = Path(folder) / "truth.json"
    if not path.is_file():
        msg = f"{path} does not exist. Copy the demo again with copy_demo, or 'scr demo'."
        raise ScrError(msg)
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return truth
