"""Animals that were removed at their last capture: dead, or taken away."""

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list
from scr.shown import counted
from scr.survey.occasions import Placed
from scr.survey.outside import Detected

_ALIVE = frozenset({"true", "t", "1", "yes", "y", "alive"})
_GONE = frozenset({"false", "f", "0", "no", "n", "dead", "removed"})


def removed_animals(
    detected: Detected, placed: Placed
) -> tuple[frozenset[tuple[str, str]], tuple[str, ...]]:
    """Animals that one of their rows says were not released.

    Parameters
    ----------
    detected
        The detections.
    placed
        Their occasions.

    Returns
    -------
    removed
        Session and name of each.
    notes
        How many there are, in words, and which were detected in a later session.

    Raises
    ------
    SurveyError
        If a cell of ``alive`` is neither TRUE nor FALSE, or an animal was detected after it was
        removed; names the rows.
    """
    table, source = detected.table, detected.source
    if "alive" not in table.columns:
        return frozenset(), ()
    cells = table["alive"].astype(str).str.strip().str.casefold()
    gone = cells.isin(_GONE).to_numpy()
    odd = table.index[~gone & ~cells.isin(_ALIVE).to_numpy() & table["alive"].notna().to_numpy()]
    if len(odd):
        msg = (
            f"{source}: 'alive' is {table['alive'][odd[0]]!r} in {row_list(odd)}, which is neither "
            f"TRUE nor FALSE. Write FALSE where the animal was removed at that capture. {COUNTING}"
        )
        raise SurveyError(msg, kind="alive not known", source=source, rows=odd)
    if not gone.any():
        return frozenset(), ()
    lost = table.index[gone & ~placed.inside]
    if len(lost):
        msg = (
            f"{source}: 'alive' is FALSE in {row_list(lost)}, outside the time the trap worked, so "
            f"that it is not known when the animal was removed. Correct the time. {COUNTING}"
        )
        raise SurveyError(msg, kind="removal outside effort", source=source, rows=lost)
    when = placed.occasion.astype(np.float64)
    if placed.moments is not None:
        when = placed.moments.wall.astype("datetime64[us]").astype(np.float64)
    rows = pd.DataFrame(
        {
            "session": detected.matched["session"].astype(str),
            "individual": table["individual"].astype(str),
            "when": when,
            "removal": np.where(gone, when, np.inf),
        },
        index=table.index,
    )[placed.inside]
    first = rows.groupby(["session", "individual"])["removal"].transform("min")
    late = rows.index[rows["when"] > first]
    if len(late):
        seen = [str(name) for name in rows["individual"][late].unique()]
        msg = (
            f"{source}: {', '.join(map(repr, seen[:10]))} {'was' if len(seen) == 1 else 'were'} "
            f"detected in {row_list(late)}, after a capture at which 'alive' is FALSE: the animal "
            "was removed then. Correct the name or the time, or write TRUE if it was released. "
            f"{COUNTING}"
        )
        raise SurveyError(msg, kind="detected after removal", source=source, rows=late)
    keys = rows.loc[np.isfinite(rows["removal"]), ["session", "individual"]]
    removed = frozenset(map(tuple, keys.to_numpy().tolist()))
    n = len(removed)
    note = (
        f"{source}: {counted(n, 'animal')} {'was' if n == 1 else 'were'} removed at "
        f"{'its' if n == 1 else 'their'} last capture ('alive' is FALSE), and could not be "
        f"detected after it. {'It counts' if n == 1 else 'They count'} among the animals of the "
        "survey, as living there when it began."
    )
    back = rows["when"] > rows.groupby("individual")["removal"].transform("min")
    if placed.moments is None or not back.any():
        return removed, (note,)
    names = [str(name) for name in rows["individual"][back].unique()]
    return removed, (
        note,
        f"{source}: {', '.join(map(repr, names[:10]))} {'was' if len(names) == 1 else 'were'} "
        f"detected in {row_list(rows.index[back])}, in a later session than that in which "
        "'alive' is FALSE. Sessions are fitted apart, so that nothing follows from it: check the "
        f"name, unless the animal was brought back. {COUNTING}",
    )
