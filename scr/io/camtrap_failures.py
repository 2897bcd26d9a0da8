"""Times in which cameras of a Camtrap DP package did not work, as columns of problems."""

import re

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list
from scr.schema import plain

_COLUMN = re.compile(r"(?:camera)?(?:failure|problem|malfunction|outage)(\d*)(start|from|end|to)")
_INTERVAL = re.compile(
    r"(?:fail|malfunction|problem|not[ _-]?working)[^|:=]*[:=]\s*([^\s/|]+)\s*/\s*([^\s/|]+)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"fail|malfunction|defect|stolen|vandal|(?:camera|sensor|lens)\W+(?:was |is )?broke|"
    r"(?:not|stopped) (?:working|functioning)|"
    r"batter\w* (?:was |is |were )?(?:dead|empty|flat|out)|(?:dead|empty|flat) batter|"
    r"card (?:was |is )?full|full (?:sd )?card|en panne|defekt|ausgefallen|kapot|gestolen",
    re.IGNORECASE,
)


def failures_of_deployments(
    deployments: pd.DataFrame, *, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Failures that the deployments themselves carry, in columns or in tags.

    Parameters
    ----------
    deployments
        With deploymentID and, perhaps, columns such as failureStart and failureEnd (numbered
        where there are several) and a tag such as ``cameraFailure:2024-06-01/2024-06-05``.
    source
        Name of the file.

    Returns
    -------
    failures
        Columns deploymentID, start and end, indexed by row of the file.
    notes
        Deployments whose tags or comments speak of a failure without saying when.
    """
    parts = []
    numbered: dict[str, dict[str, str]] = {}
    for column in deployments.columns:
        found = _COLUMN.fullmatch(plain(str(column)))
        if found:
            side = "start" if found.group(2) in ("start", "from") else "end"
            numbered.setdefault(found.group(1), {})[side] = str(column)
    for sides in numbered.values():
        if len(sides) == 2:
            part = deployments[["deploymentID", sides["start"], sides["end"]]]
            part = part.set_axis(["deploymentID", "start", "end"], axis=1)
            parts.append(part.dropna(subset=["start", "end"], how="all"))
    texts = [c for c in ("deploymentTags", "deploymentComments") if c in deployments.columns]
    told = pd.Series("", index=deployments.index, dtype=object)
    for column in texts:
        told = told + " | " + deployments[column].fillna("").astype(object)
    tagged = [
        (row, name, *interval)
        for row, name, text in zip(told.index, deployments["deploymentID"], told, strict=True)
        for interval in _INTERVAL.findall(text)
    ]
    if tagged:
        rows, names, starts, ends = zip(*tagged, strict=True)
        parts.append(
            pd.DataFrame(
                {"deploymentID": names, "start": starts, "end": ends},
                index=pd.Index(rows, name="row"),
                dtype=object,
            )
        )
    known = {row for part in parts for row in part.index}
    loose = told.str.contains(_WORDS, na=False) & ~told.index.isin(known)
    spoken = told[loose]
    notes: tuple[str, ...] = ()
    if len(spoken):
        notes = (
            f"{source}: tags or comments in {row_list(spoken.index)} speak of a camera that did "
            f"not work, such as {_quoted(spoken.iloc[0])}, but not when. The whole deployment "
            "counts as effort: correct deploymentEnd, or add columns failureStart and failureEnd.",
        )
    empty = pd.DataFrame(columns=["deploymentID", "start", "end"], dtype=object)
    return (pd.concat(parts) if parts else empty), notes


def _quoted(text: object) -> str:
    words = " ".join(str(text).replace("|", " ").split())
    return repr(words if len(words) <= 80 else f"{words[:77]}...")


def with_failures(usage: pd.DataFrame, failures: pd.DataFrame, *, source: str) -> pd.DataFrame:
    """Deployments with columns problem1_from, problem1_to and so on.

    Parameters
    ----------
    usage
        With a column deployment.
    failures
        Columns deploymentID, start and end, on the clock of the deployment.
    source
        Name of the file of the failures.

    Raises
    ------
    SurveyError
        If a failure belongs to no deployment, or lacks its start or end.
    """
    if not len(failures):
        return usage
    unknown = failures.index[~failures["deploymentID"].isin(usage["deployment"])]
    half = failures.index[failures[["start", "end"]].isna().any(axis=1)]
    for rows, fault, remedy in (
        (unknown, "belong to deployments that are not there", "Correct deploymentID."),
        (half, "lack the start or the end of the failure", "Give both."),
    ):
        if len(rows):
            msg = f"{source}: {row_list(rows)} {fault}. {remedy} {COUNTING}"
            raise SurveyError(msg, kind="failure not told", source=source, rows=rows)
    usage = usage.copy()
    first = 1 + sum(bool(re.fullmatch(r"problem\d+_from", str(c))) for c in usage.columns)
    number = failures.groupby("deploymentID").cumcount().to_numpy()
    for k in range(int(number.max()) + 1):
        mine = failures[number == k].set_index("deploymentID")
        for side, column in (("start", "from"), ("end", "to")):
            cells = mine[side].reindex(usage["deployment"]).to_numpy()
            usage[f"problem{first + k}_{column}"] = np.where(pd.isna(cells), "", cells)
    return usage
