"""Text files of the R package secr: trap layouts and captures, read and written."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.errors import SurveyError
from scr.io.bounds import MOST_OCCASIONS, memory_told
from scr.io.project import ProjectTables, named_table, of_session
from scr.io.secr_lines import (
    LINES,
    capture_names,
    check_any,
    check_names,
    layout_columns,
    read_lines,
)
from scr.io.tables import row_list

FORM = "secr text"
CaptureForm = Literal["trapID", "XY"]
"""Whether captures name their detector, or give its coordinates."""

_BINARY = re.compile(r"[01]+")
_NO_CAPTURE = "NONE"
_SAME_PLACE_M = 0.01


def looks_like_secr(captures: Path, traps: Sequence[Path]) -> bool:
    """Whether files hold lines of session, animal, occasion, detector, and of detector, x, y.

    Parameters
    ----------
    captures, traps
        As in ``read_secr``.
    """
    try:
        seen = capture_names(read_lines(captures), 4)[0]
        places = [layout_columns(read_lines(file)) for file in traps]
    except SurveyError:
        return captures.suffix.lower() == ".txt"  # read_secr tells what is wrong with it
    times = [_number(parts[2]) for _, parts in seen if len(parts) > 3]
    xy = [_number(c) for text, _ in places for _, parts in text for c in parts[1:3]]
    return bool(times) and bool(np.isfinite(times).all() and np.isfinite(xy).all())


@memory_told(SurveyError)
def read_secr(
    captures: str | Path,
    traps: str | Path | Sequence[str | Path],
    *,
    form: CaptureForm = "trapID",
    covariates: Sequence[str] = (),
    trap_covariates: Sequence[str] = (),
    n_occasions: int | None = None,
) -> ProjectTables:
    """Captures and trap layouts in the formats that secr and DENSITY share.

    Parameters
    ----------
    captures
        Lines of session, animal, occasion and detector (or x and y), then covariates of the
        animal. An animal called ``NONE`` stands for a session without captures. The first line may
        be a header, with or without a remark mark (#).
    traps
        Lines of detector, x, y, then usage (one number per occasion, or one word of 0 and 1), then
        ``/`` and covariates. One file for all sessions, or one for each in order. Under a header
        columns that are not called as occasions (1, u1, usage) are covariates without a ``/``.
    form
        ``"trapID"`` or ``"XY"``.
    covariates, trap_covariates
        Names of the covariates; left out, those of the header, else ``covariate1``, ...
    n_occasions
        Number of occasions where there is no usage; else the last one with a capture.

    Returns
    -------
    ProjectTables
        Crs is not told by these files.

    Raises
    ------
    SurveyError
        If a line has too few or too many parts, a number is none, coordinates are those of no
        detector, or the detectors are polygons or the captures telemetry.

    References
    ----------
    Efford (2025) secr 5: data input.
    """
    captured = Path(captures)
    files = [Path(traps)] if isinstance(traps, str | Path) else [Path(t) for t in traps]
    detections = _captures(captured, form=form, names=covariates)
    sessions = list(dict.fromkeys(detections["session"]))
    if len(files) not in (1, len(sessions)):
        msg = (
            f"{captured.name} has {len(sessions)} sessions, but {len(files)} trap files were given."
            " Give one for all, or one for each in order of appearance."
        )
        raise SurveyError(msg, kind="sessions and trap files differ", source=captured.name)
    layouts = [_layout(file, names=trap_covariates) for file in files]
    layout_of = dict(
        zip(sessions, layouts if len(layouts) > 1 else layouts * len(sessions), strict=True)
    )
    if form == "XY":
        detections = _at_detectors(detections, layout_of, source=captured.name)
    real = detections[detections["individual"] != _NO_CAPTURE]
    last = int(real["occasion"].max()) if len(real) else 1
    count = max(n_occasions or 0, last) if n_occasions is None else n_occasions
    traps_all, usage_all = [], []
    for k, (label, (places, effort)) in enumerate(layout_of.items()):
        file = files[k if len(files) > 1 else 0]
        traps_all.append(of_session(places, str(label), source=file.name))
        whole = effort if effort.shape[1] else np.ones((len(places), count))
        table = pd.DataFrame(whole, columns=[f"u{k + 1}" for k in range(whole.shape[1])])
        table.insert(0, "trap", places["trap"].to_numpy())
        table.insert(0, "session", label)
        table.index = places.index
        usage_all.append(table)
    name = ", ".join(file.name for file in files)
    return ProjectTables(
        form=FORM,
        traps=named_table(pd.concat(traps_all), name),
        usage=named_table(pd.concat(usage_all), name),
        detections=named_table(real, captured.name),
    )


def _raise_lines(problem: str, rows: Sequence[int], *, path: Path, remedy: str, kind: str) -> None:
    if rows:
        msg = f"{path.name}: {row_list(rows).replace('row', 'line')} {problem}. {remedy} {LINES}"
        raise SurveyError(msg, kind=kind, source=path.name, rows=rows)


def _captures(path: Path, *, form: CaptureForm, names: Sequence[str]) -> pd.DataFrame:
    fixed = 4 if form == "trapID" else 5
    lines, told = capture_names(read_lines(path), fixed)
    check_any(lines, path)
    names = names or told
    _raise_lines(
        f"have fewer than {fixed} parts",
        [number for number, parts in lines if len(parts) < fixed],
        path=path,
        remedy="A capture is session, animal, occasion, and detector or x and y.",
        kind="line too short",
    )
    widest = max(len(parts) for _, parts in lines)
    given = [parts + ["NA"] * (widest - len(parts)) for _, parts in lines]
    place = ["trap"] if form == "trapID" else ["x", "y"]
    own = [*names, *(f"covariate{k + 1}" for k in range(len(names), widest - fixed))]
    columns = ["session", "individual", "occasion", *place, *own[: widest - fixed]]
    check_names(columns, path)
    frame = pd.DataFrame(
        given, columns=columns,
        index=pd.Index([number for number, _ in lines], name="row"), dtype=object,
    )  # fmt: skip
    for column in ("occasion", *place):
        if column == "trap":
            continue
        values = pd.to_numeric(frame[column], errors="coerce")
        bad = frame.index[~np.isfinite(values.to_numpy(np.float64))].tolist()
        _raise_lines(f"have no number as {column}", bad, path=path,
                     remedy="Correct them.", kind="not a number")  # fmt: skip
        frame[column] = values
    gone = frame["occasion"] < 0  # an occasion below 0 is one at which the animal was removed
    if gone.any():
        alive = frame["alive"] if "alive" in frame.columns else pd.Series("TRUE", frame.index)
        frame["alive"] = alive.mask(gone, "FALSE")
        frame["occasion"] = frame["occasion"].abs()
    late = frame.index[frame["occasion"] > MOST_OCCASIONS].tolist()
    _raise_lines(f"have an occasion beyond {MOST_OCCASIONS:,}", late, path=path,
                 remedy="Number the occasions of a session from 1.",
                 kind="unknown occasion")  # fmt: skip
    frame["occasion"] = frame["occasion"].astype(np.int64)
    return frame.replace("NA", np.nan)


def _layout(path: Path, *, names: Sequence[str]) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Detectors with covariates, and their usage, shape (n_traps, n_occasions), perhaps empty."""
    lines, told = layout_columns(read_lines(path))
    check_any(lines, path)
    names = names or told
    short = [number for number, parts in lines if len(parts) < 3]
    _raise_lines("have fewer than 3 parts", short, path=path,
                 remedy="A detector is a name, x and y.", kind="line too short")  # fmt: skip
    split = _words_of_digits([_at_slash(parts[3:]) for _, parts in lines])
    index = pd.Index([number for number, _ in lines], name="row")
    frame = pd.DataFrame([parts[:3] for _, parts in lines], columns=["trap", "x", "y"],
                         index=index, dtype=object)  # fmt: skip
    unplaced = [
        n
        for n, (_, parts) in zip(index, lines, strict=True)
        if not np.isfinite([_number(cell) for cell in parts[1:3]]).all()
    ]
    _raise_lines("have no number as x or y", unplaced, path=path,
                 remedy="A detector is a name, x and y.", kind="not a number")  # fmt: skip
    if frame["trap"].duplicated().any() and (frame["trap"].value_counts() >= 3).all():
        msg = (
            f"{path.name} gives several corners for each name, as secr does for polygons and "
            "transects. Only detectors at points can be read; give the places of the cameras."
        )
        raise SurveyError(msg, kind="polygon detectors", source=path.name)
    numbers = [[_number(cell) for cell in usage] for usage, _ in split]
    widths = [len(row) for row in numbers]
    usual = max(set(widths), key=widths.count)
    uneven = [n for n, width in zip(index, widths, strict=True) if width != usual]
    _raise_lines(f"give usage for another number of occasions than {usual}", uneven, path=path,
                 remedy="Give every occasion, 0 where a detector was not used. Of a word of 0 and "
                 "1 a spreadsheet drops the zeros in front: make that column text.",
                 kind="occasion left out")  # fmt: skip
    effort = np.array(numbers, dtype=np.float64).reshape(len(lines), usual)
    unread = index[~np.isfinite(effort).all(axis=1)].tolist()
    _raise_lines("have usage that is no number", unread, path=path,
                 remedy="Put covariates behind a /.", kind="not a number")  # fmt: skip
    widest = max(len(values) for _, values in split)
    own = [names[k] if k < len(names) else f"covariate{k + 1}" for k in range(widest)]
    check_names([*frame.columns, *own], path)
    for k, name in enumerate(own):
        frame[name] = [v[k] if k < len(v) and v[k] != "NA" else np.nan for _, v in split]
    return frame, effort


def _at_slash(cells: list[str]) -> tuple[list[str], list[str]]:
    """Usage before the slash, covariates after it."""
    joined = [piece for cell in cells for piece in re.split(r"(/)", cell) if piece]
    cut = joined.index("/") if "/" in joined else len(joined)
    return joined[:cut], joined[cut + 1 :]


def _words_of_digits(
    split: list[tuple[list[str], list[str]]],
) -> list[tuple[list[str], list[str]]]:
    """A lone word of 0 and 1 for every detector is one digit for each occasion."""
    words = all(len(usage) == 1 and _BINARY.fullmatch(usage[0]) for usage, _ in split)
    if not words or all(len(usage[0]) == 1 for usage, _ in split):
        return split
    return [(list(usage[0]), covariates) for usage, covariates in split]


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _at_detectors(
    detections: pd.DataFrame,
    layouts: dict[str, tuple[pd.DataFrame, NDArray[np.float64]]],
    *,
    source: str,
) -> pd.DataFrame:
    """The detector that stands where each capture was made."""
    named = []
    for label, rows in detections.groupby("session", sort=False):
        places = layouts[str(label)][0]
        xy = places[["x", "y"]].astype(float).to_numpy()
        real = (rows["individual"] != _NO_CAPTURE).to_numpy()
        distance, nearest = cKDTree(xy).query(rows[["x", "y"]].astype(float).to_numpy())
        far = rows.index[(distance > _SAME_PLACE_M) & real]
        if len(far):
            msg = (
                f"{source}: {row_list(far).replace('row', 'line')} give coordinates at which no "
                f"detector stands. Correct them, or read telemetry and searches of areas with secr "
                f"itself. {LINES}"
            )
            raise SurveyError(msg, kind="no detector there", source=source, rows=far)
        named.append(rows.assign(trap=places["trap"].to_numpy()[nearest]))
    return pd.concat(named).drop(columns=["x", "y"]).loc[detections.index]
