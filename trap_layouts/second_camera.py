"""Layouts with one camera and with two at every station, and what the second one buys."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from trap_layouts.criteria_in_words import IN_PER_CENT, shown_value
from trap_layouts.layout import Layout

_ONE, _TWO = ", 1 camera", ", 2 cameras"
_NAMES = {
    "rse": "the RSE",
    "animals": "the expected number of animals",
    "power": "power",
    "cost": "the cost",
}


def by_cameras(layouts: Sequence[Layout], cameras: Sequence[int]) -> list[Layout]:
    """Each layout with so many cameras at every station.

    One whose stations differ in cameras stays beside these as it is.

    Parameters
    ----------
    layouts
        The layouts.
    cameras
        1, 2 or both; the layouts are given back where it is empty.
    """
    if not cameras:
        return list(layouts)
    found = []
    for layout in layouts:
        if len(np.unique(np.asarray(layout.cameras))) > 1:
            found.append(layout)
        for number in sorted(set(cameras)):
            name = layout.name + (_ONE if number == 1 else _TWO)
            everywhere = np.full(len(layout), number)
            found.append(replace(layout, name=name, cameras=everywhere))
    return found


def second_cameras(table: pd.DataFrame) -> list[str]:
    """What a second camera at every station buys, in a sentence for each layout.

    Parameters
    ----------
    table
        Of a ``Comparison`` of layouts from ``by_cameras``.
    """
    said = []
    names = [name.removesuffix(_ONE) for name in table.index if name.endswith(_ONE)]
    for name in names:
        if name + _TWO not in table.index:
            continue
        one, two = table.loc[name + _ONE], table.loc[name + _TWO]
        more = two["cameras"] - one["cameras"]
        parts = [
            f"{words} goes from {shown_value(column, one[column])} to "
            f"{_with_unit(column, two[column])}"
            for column, words in _NAMES.items()
            if column in table.columns
        ]
        said.append(f"{name}: with a second camera ({more:.0f} more), {', '.join(parts)}.")
    return said


def _with_unit(criterion: str, value: float) -> str:
    return shown_value(criterion, value) + (" %" if criterion in IN_PER_CENT else "")
