"""Records that count far more than the others, on which sigma would hang."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scr.survey.captures import CaptureHistory
from scr.survey.occasions import Placed
from scr.survey.outside import Detected
from scr.survey.troubles import Trouble, suspicion

_LEAST_RECORDS, _LEAST_COUNT = 5, 10
_TIMES, _USUAL = 10, 0.9


def suspect_counts(
    captures: Mapping[str, CaptureHistory], detected: Detected, placed: Placed
) -> list[Trouble]:
    """Records of ten detections or more, and ten times what nine in ten records have at most.

    Parameters
    ----------
    captures
        Capture history of each session.
    detected
        The detections.
    placed
        Their occasions.
    """
    tables = [
        pd.DataFrame(
            {
                "session": label,
                "individual": history.individuals[history.individual],
                "occasion": history.occasion,
                "trap": history.trap,
                "count": history.count,
            }
        )
        for label, history in captures.items()
    ]
    records = pd.concat(tables, ignore_index=True)
    if len(records) < _LEAST_RECORDS:
        return []
    usual = float(np.quantile(records["count"], _USUAL, method="lower"))
    huge = records[records["count"] >= max(_LEAST_COUNT, _TIMES * usual)]
    if not len(huge):
        return []
    keys = ["session", "individual", "occasion", "trap"]
    rows = pd.DataFrame(
        {
            "session": detected.matched["session"].astype(object),
            "individual": detected.table["individual"].astype(str),
            "occasion": placed.occasion,
            "trap": detected.matched["trap"],
            "name": detected.table["trap"].astype(str),
            "row": detected.table.index,
        }
    )[placed.inside].merge(huge, on=keys)
    told = [
        f"{row['individual']!r} at station {row['name']!r}, occasion {row['occasion'] + 1}: "
        f"{row['count']:,}"
        for row in rows.drop_duplicates(keys).to_dict("records")
    ]
    total = int(records["count"].sum())
    share = 100 * float(huge["count"].sum()) / total
    verb = "record counts" if len(told) == 1 else "records count"
    found = (
        f"{len(told)} {verb} far more detections than the others, of which nine in ten count "
        f"{usual:g} or fewer: {'; '.join(told[:10])} ({share:.0f} % of all {total:,} detections)"
    )
    remedy = (
        "Visits are taken to be independent, so that such a record alone can decide sigma. Check "
        "the number; count photographs of one visit once (independence=), or use "
        "detector='proximity'."
    )
    public = (
        f"{len(told)} {verb} far more detections than the others: {share:.0f} % of all {total:,}."
    )
    return [
        suspicion(
            "huge count", detected.source, rows["row"], found=found, remedy=remedy, public=public
        )
    ]
