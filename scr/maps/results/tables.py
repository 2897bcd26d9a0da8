"""Summary tables: what was identified, how dense animals are, how many live in a named region."""

import json
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scr.fit.result import Fit
from scr.io.cells import csv_of
from scr.io.whole_files import write_text
from scr.maps.public import rounded
from scr.maps.results.prior_words import priors_in_words
from scr.posterior.detectability import detection_parameters, effective_sampling_area
from scr.posterior.thinning import method_of
from scr.survey.detectors import worded
from scr.survey.totals import totals_of
from scr.units import REPORTED_DENSITY, per_100_km2

SUMMARY = ("quantity", "region", "session", "estimate", "lower", "upper", "unit")
"""Columns of the summary table."""

_DIGITS = 6
_PLACES = ("x", "y")
_AREA_SAMPLED = "effective sampling area"


def summary_table(
    fit: Fit, abundance: pd.DataFrame, *, detection: list[dict[str, Any]] | None = None
) -> pd.DataFrame:
    """Animals identified, density, animals living in each region, and how they were detected.

    These are different numbers: animals identified may live outside a region that has traps, and
    density is that of the habitat, not the animals identified by the area of the traps.

    Parameters
    ----------
    fit
        A fitted model.
    abundance
        What ``scr.abundance`` returned for it.
    detection
        From ``rows_of_detection``, where they are at hand.

    Returns
    -------
    DataFrame
        Columns ``SUMMARY``; lower and upper are 95 % limits, missing for counts.
    """
    detection = rows_of_detection(fit) if detection is None else detection
    rows = [*_identified(fit), *_of_regions(abundance), *detection]
    return pd.DataFrame(rows, columns=list(SUMMARY))


def _identified(fit: Fit) -> list[dict[str, Any]]:
    sessions = fit.survey.sessions
    if any(session.sides is not None for session in sessions):
        return _photographed(fit)
    found = {session.name: session.captures.n_individuals for session in sessions}
    everywhere = worded("all stations", sessions[0].traps.searched)
    if len(sessions) > 1:
        found[", ".join(found)] = totals_of(fit.survey).n_animals
    return [
        {
            "quantity": "animals identified",
            "region": everywhere,
            "session": label,
            "estimate": float(number),
            "unit": "animals",
        }
        for label, number in found.items()
    ]


def _photographed(fit: Fit) -> list[dict[str, Any]]:
    """Bounds of the number of animals, where left and right sides may be of one."""
    return [
        {
            "quantity": f"animals photographed, at {bound}",
            "region": "all stations",
            "session": session.name,
            "estimate": float(number),
            "unit": "animals",
        }
        for session in fit.survey.sessions
        if session.sides is not None
        for bound, number in (
            ("least", session.sides.photographed.least),
            ("most", session.sides.photographed.most),
        )
    ]


def _of_regions(abundance: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for row in abundance.to_dict("records"):
        area = float(row["area_km2"])
        region = f"{row['region']} ({area:,.0f} km2)"
        where = {"region": region, "session": row["session"]}
        limits = {name: float(row[name]) for name in ("lower", "upper")}
        number = {"estimate": float(row["median"]), **limits}
        if row["estimand"] == "expected N":
            if not pd.isna(row["n_detected"]):
                identified = {"estimate": float(row["n_detected"]), "unit": "animals"}
                rows.append({"quantity": "animals identified in region", **where, **identified})
            density = {name: per_100_km2(value / area) for name, value in number.items()}
            rows.append(
                {"quantity": "expected density", **where, **density, "unit": REPORTED_DENSITY}
            )
        name = "expected" if row["estimand"] == "expected N" else "realised"
        rows.append(
            {"quantity": f"animals living in region, {name}", **where, **number, "unit": "animals"}
        )
    return rows


def rows_of_detection(fit: Fit) -> list[dict[str, Any]]:
    """Rows of ``summary_table`` on how animals were detected.

    Parameters
    ----------
    fit
        A fitted model.
    """
    rows = [
        {
            "quantity": _AREA_SAMPLED,
            "session": row["session"],
            "estimate": row["median"],
            "lower": row["lower"],
            "upper": row["upper"],
            "unit": "km2",
        }
        for row in effective_sampling_area(fit).to_dict("records")
    ]
    for row in detection_parameters(fit).to_dict("records"):
        of_class = f", {row['class']}" if row["class"] else ""
        rows.append(
            {
                "quantity": f"{row['parameter']}{of_class}",
                "session": row["session"],
                "estimate": row["median"],
                "lower": row["lower"],
                "upper": row["upper"],
                "unit": row["unit"],
            }
        )
    return rows


def public_summary(summary: pd.DataFrame) -> pd.DataFrame:
    """A summary table as it is shared: to three digits, the area sampled to two.

    Parameters
    ----------
    summary
        From ``summary_table``, of the numbers of animals that may be shared.
    """
    counted = summary["unit"] == "animals"
    whole = counted & summary["lower"].isna()
    area = summary["quantity"] == _AREA_SAMPLED
    shared = summary.copy()
    for name in ("estimate", "lower", "upper"):
        to_three = rounded(summary[name]).where(~area, rounded(summary[name], digits=2))
        shared[name] = to_three.where(~whole, summary[name])
    return shared


def write_csv(table: pd.DataFrame, path: str | Path, *, banner: str | None = None) -> Path:
    """A table as CSV, whole or not at all.

    Parameters
    ----------
    table
        The table; its index is not written. Numbers are rounded to six digits, coordinates in
        columns x and y to decimetres.
    path
        File to write.
    banner
        Text repeated in a last column ``note``, such as ``"SIMULATED"``.
    """
    written = {
        name: table[name].map("{:.1f}".format) if name in _PLACES else _rounded(table[name])
        for name in map(str, table)
        if name in _PLACES or table[name].dtype.kind == "f"
    }
    stamped = table.assign(**written)
    if banner is not None:
        stamped = stamped.assign(note=banner)
    return write_text(path, csv_of(stamped))


def _rounded(numbers: "pd.Series[float]") -> list[str]:
    """Numbers as text, none where one is missing; ``to_csv`` takes much longer for the same."""
    form = f"%.{_DIGITS}g"
    return ["" if isnan(number) else form % number for number in numbers.tolist()]


def write_json(facts: Mapping[str, Any], path: str | Path) -> Path:
    """Facts and tables as JSON, whole or not at all; what is missing becomes null.

    Parameters
    ----------
    facts
        Text, numbers and tables by name.
    path
        File to write.
    """
    plain = {
        name: _records(value) if isinstance(value, pd.DataFrame) else value
        for name, value in facts.items()
    }
    return write_text(path, json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def fit_facts(
    fit: Fit, *, title: str | None = None, banner: str | None = None, public: bool = False
) -> dict[str, Any]:
    """What a fit was, in a few plain facts without places.

    Parameters
    ----------
    fit
        A fitted model.
    title, banner
        Texts of the report.
    public
        Whether to leave out the log-likelihood, by which a guess of the data could be tried.
    """
    likelihood = {} if public else {"log_likelihood": float(fit.log_likelihood), "aic": fit.aic}
    return {
        "title": title,
        "banner": banner,
        "engine": fit.engine,
        "method": method_of(fit),
        "formulas": dict(fit.spec.formulas),
        "detection": fit.spec.detection,
        "coordinate_system": fit.mask.crs,
        "priors": priors_in_words(fit),
        **likelihood,
        "n_draws": len(fit.draws),
        "seed": fit.seed,
        "checks_not_passed": [check.message for check in fit.every_check if not check.passed],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            str(name): None if isinstance(value, float) and not np.isfinite(value) else value
            for name, value in row.items()
        }
        for row in table.to_dict("records")
    ]
