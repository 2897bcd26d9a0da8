"""Sexes and movements that look wrong."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from scr.survey.dates import Moments
from scr.survey.individuals import sex_of
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, suspicion

_FASTEST_KM_PER_H = 15.0
_FAR_KM = 2.0


def suspect_sexes(
    table: pd.DataFrame, *, missing_sex: Collection[str], source: str
) -> list[Trouble]:
    """Codes of sex that were changed or are not known.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    missing_sex
        Texts that mean an unknown sex.
    source
        Name of the table.
    """
    if "sex" not in table.columns:
        return []
    cells = table["sex"]
    codes = {str(cell): sex_of(cell, missing_sex) for cell in cells.dropna().unique()}
    troubles: list[Trouble] = []
    mapped = [
        f"{code!r} as {sex}" for code, sex in codes.items() if sex in ("F", "M") and sex != code
    ]
    if mapped:
        text = f"{source}: sex is read {', '.join(mapped)}."
        troubles.append(Trouble("note", "sex codes", source, (), text))
    odd = [code for code, sex in codes.items() if sex is not None and sex not in ("F", "M")]
    if odd:
        rows = cells.index[cells.isin(odd)]
        troubles.append(
            suspicion(
                "sex code not known",
                source,
                rows,
                found=f"sex {', '.join(map(repr, odd[:10]))} is not known and makes a class of "
                "its own",
                remedy="Write F, M, or nothing where it is unknown; or give missing_sex=.",
            )
        )
    return troubles


def suspect_movements(
    table: pd.DataFrame,
    matched: pd.DataFrame,
    *,
    moments: Moments | None,
    sessions: Mapping[str, Traps],
    source: str,
) -> list[Trouble]:
    """Animals that would have moved faster than any can.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    matched
        Session and trap of each row.
    moments
        Their times, or None.
    sessions
        Traps of each session.
    source
        Name of the table.
    """
    if moments is None or not moments.timed.any():
        return []
    xy = np.full((len(table), 2), np.nan)
    for label, traps in sessions.items():
        mine = (matched["session"] == label).to_numpy()
        xy[mine] = traps.xy[matched["trap"].to_numpy()[mine]]
    frame = pd.DataFrame(
        {"who": table["individual"].astype(str).to_numpy(), "when": moments.wall,
         "x": xy[:, 0], "y": xy[:, 1], "row": table.index}
    )[moments.timed].sort_values(["who", "when"], kind="stable")  # fmt: skip
    same = frame["who"].eq(frame["who"].shift())
    hours = frame["when"].diff().dt.total_seconds() / 3600
    km = np.hypot(frame["x"].diff(), frame["y"].diff()) / 1000
    fast = same & (km > _FAR_KM) & (km > _FASTEST_KM_PER_H * hours)
    if not fast.any():
        return []
    worst = [
        f"{who!r} {far:.1f} km in {hour * 60:.0f} minutes (row {row})"
        for who, far, hour, row in zip(
            frame["who"][fast], km[fast], hours[fast], frame["row"][fast], strict=True
        )
    ]
    return [
        suspicion(
            "faster than an animal",
            source,
            frame["row"][fast],
            found=f"{len(worst)} animals were at two stations too soon after each other: "
            f"{'; '.join(worst[:10])}",
            remedy="Check who was photographed, and the clocks and names of the two stations.",
        )
    ]
