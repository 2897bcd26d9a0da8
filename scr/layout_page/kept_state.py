"""The state of the page, kept beside the plan so that closing a tab loses nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scr.errors import LayoutError, ScrError
from scr.io.whole_files import write_text
from scr.layout_page.board import Board
from scr.layout_page.desk import PRESENT, Desk
from scr.survey.traps import Traps
from trap_layouts.layout import Layout, check_near

_FORMAT = "layout page 1"


@dataclass(frozen=True, eq=False)
class KeptState:
    """What a tab shows.

    Parameters
    ----------
    board
        The layout that is being made.
    kept
        Layouts kept under a name.
    values
        Assumptions other than the plan's, by name.
    """

    board: Board
    kept: Mapping[str, Layout] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


def state_file(desk: Desk) -> Path:
    """Where the state is kept: beside the plan.

    Parameters
    ----------
    desk
        The plan.
    """
    return desk.path.with_name(f"{desk.path.stem}.page.json")


def write_state(desk: Desk, state: KeptState) -> None:
    """Keep a state.

    Parameters
    ----------
    desk
        The plan.
    state
        What is shown.

    Raises
    ------
    ScrError
        If the folder of the plan cannot be written.
    """
    content = {
        "format": _FORMAT,
        "plan": _identity(desk),
        "present": _as_rows(state.board.layout),
        "locked": sorted(state.board.locked),
        "kept": {name: _as_rows(layout) for name, layout in state.kept.items()},
        "values": dict(state.values),
    }
    write_text(state_file(desk), json.dumps(content, indent=1) + "\n")


def read_state(desk: Desk) -> KeptState | None:
    """The state that was kept, or None where there is none.

    Parameters
    ----------
    desk
        The plan.

    Raises
    ------
    LayoutError
        If the file is no state of the page, or that of another plan.
    """
    path = state_file(desk)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = content["format"] == _FORMAT
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        known = False
    if not known:
        msg = (
            f"{path.name} is no state of the layout page, or is damaged. It is left as it is, and "
            "changes are not kept while it is there: move it to another folder."
        )
        raise LayoutError(msg)
    if content.get("plan") != _identity(desk):
        msg = (
            f"{path.name} holds layouts of another plan. It is left as it is, and changes are not "
            "kept while it is there: move it to another folder."
        )
        raise LayoutError(msg)
    try:
        layout = _from_rows(PRESENT, content["present"], desk)
        kept = {name: _from_rows(name, rows, desk) for name, rows in content["kept"].items()}
        values = {str(key): float(value) for key, value in content["values"].items()}
        locked = frozenset(map(str, content["locked"])) | desk.fixed
        desk.assume(whole_occasions(values))
    except (ScrError, ValueError, TypeError, KeyError, AttributeError) as error:
        msg = (
            f"{path.name} cannot be used with this plan: {error} It is left as it is, and changes "
            "are not kept while it is there: move it to another folder."
        )
        raise LayoutError(msg) from error
    return KeptState(Board(layout, locked & frozenset(layout.traps.names)), kept, values)


def whole_occasions(values: Mapping[str, float]) -> dict[str, float]:
    """Values with occasions as a whole number.

    Parameters
    ----------
    values
        By name.
    """
    return {key: int(v) if key == "n_occasions" else float(v) for key, v in values.items()}


def _identity(desk: Desk) -> dict[str, Any]:
    reserve = desk.plan.reserve
    bounds = [round(float(edge)) for edge in reserve.geometry.bounds]
    return {"reserve": reserve.name, "crs": str(reserve.crs), "bounds": bounds}


def _as_rows(layout: Layout) -> list[list[Any]]:
    cameras = np.asarray(layout.cameras)
    return [
        [str(name), float(x), float(y), int(number)]
        for name, (x, y), number in zip(layout.traps.names, layout.xy, cameras, strict=True)
    ]


def _from_rows(name: str, rows: list[list[Any]], desk: Desk) -> Layout:
    names, x, y, cameras = zip(*rows, strict=True)
    covariates = desk.start.traps.covariates
    if len(covariates.columns):
        place = {str(one): i for i, one in enumerate(desk.start.traps.names)}
        covariates = covariates.iloc[[place[str(one)] for one in names]]
    traps = Traps(
        names=np.array(names, dtype=object),
        xy=np.column_stack([x, y]).astype(np.float64),
        crs=desk.plan.crs,
        covariates=covariates,
        source=name,
    )
    layout = Layout(name, traps, np.array(cameras))
    check_near(layout, desk.plan.reserve)
    return layout
