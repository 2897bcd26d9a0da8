"""Each small survey behaves as its expected.json says, through Python and through ``scr check``.

The surveys stand beside this file: ``case.md`` tells the trouble, ``input/`` holds it.
"""

import json
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.habitat.checks import check_traps_near
from scr.model.mask_advice import mask_advice

CASES = Path(__file__).parent
NAMES = sorted(path.parent.name for path in CASES.glob("*/expected.json"))
ZONE = {"46-longitude-latitude-swapped": "EPSG:32736"}
"""Projected system of each case that is not in EPSG:32652."""
IN_RESERVE = {"53-centres-in-the-lagoon"}
"""Cases whose mask is cut at the reserve."""
NOT_A_SURVEY = {"64-hectares-and-home-ranges"}
SIX_KM = {"buffer": 6000, "spacing": 500}


@dataclass
class Result:
    """What one way of reading a case gave."""

    error: str = ""
    said: list[str] = field(default_factory=list)
    values: dict = field(default_factory=dict)

    @property
    def text(self):
        return "\n".join([self.error, *self.said])


def expected(case):
    return json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))


def folder(case):
    return CASES / case / "input"


def usage_file(case):
    for name in ("deployments.csv", "usage.csv"):
        if (folder(case) / name).exists():
            return folder(case) / name
    return None


def read(case):
    """Traps, survey, reserve and mask, as a user would read them."""
    inputs, zone = folder(case), ZONE.get(case, "EPSG:32652")
    degrees = "longitude" in (inputs / "stations.csv").read_text(encoding="utf-8").split("\n")[0]
    crs = {"to_crs": zone} if degrees else {"crs": zone}
    reserve = None
    traps = scr.read_traps(inputs / "stations.csv", **crs)
    if (inputs / "reserve.geojson").exists():
        reserve = scr.read_reserve(inputs / "reserve.geojson", crs=zone)
        check_traps_near(traps, reserve)
    survey = scr.read_survey(inputs / "detections.csv", traps, usage=usage_file(case))
    if (inputs / "mask.csv").exists():
        mask = scr.read_mask(inputs / "mask.csv", crs=zone)
    else:
        mask = scr.build_mask(traps, **SIX_KM, habitat=reserve if case in IN_RESERVE else None)
    return traps, survey, reserve, mask


def formulas(case):
    if case == "57-misspelt-covariate":
        models = json.loads((folder(case) / "model.json").read_text(encoding="utf-8"))["models"]
        return [model["density"] for model in models]
    return ["~ forest" if case == "40-mask-cells-without-covariate" else "~ 1"]


def by_python(case):
    result = Result()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", scr.ScrWarning)
            traps, survey, reserve, mask = read(case)
            for density in formulas(case):
                scr.ModelSpec(density=density).coefficient_names(survey, mask)
    except scr.ScrError as error:
        result.error = str(error)
        return result
    advice = mask_advice(mask, traps, sigma=scr.guess_sigma(survey))
    result.said = [*survey.notes, *mask.notes, *advice, *map(str, (w.message for w in caught))]
    result.values = facts(survey, reserve, mask)
    return result


def facts(survey, reserve, mask):
    effort = [session.usage.effort for session in survey.sessions]
    captures = [session.captures for session in survey.sessions]
    values = {
        "n": sum(c.n_individuals for c in captures),
        "detections": sum(c.n_detections for c in captures),
        "stations": sum(len(session.traps) for session in survey.sessions),
        "camera_days_end_included": sum(t.sum() for t in effort),
        "effort_days_total": sum(t.sum() for t in effort),
        "effort_days_K01": effort[0][0].sum(),
        "effort_K01_2024-05-02": effort[0][0, 0],
        "K01_start": str(survey.sessions[0].usage.first_day.astype("datetime64[D]")),
        "K01_end": str(
            (
                survey.sessions[0].usage.first_day + np.flatnonzero(effort[0][0] > 0)[-1] * DAY
            ).astype("datetime64[D]")
        ),
        "animals_at_two_or_more_stations": sum(
            int((pd.Series(c.trap).groupby(c.individual).agg(lambda t: len(set(t))) > 1).sum())
            for c in captures
        ),
        "rows": sum(c.n_detections for c in captures),
        "distinct_animal_station_day_local": sum(len(c.trap) for c in captures),
        "mask_cells": len(mask),
        "cells": len(mask),
        "mask_area_km2": mask.area,
        "reserve_area_km2": reserve.area_km2 if reserve is not None else np.nan,
    }
    for session in survey.sessions:
        values[f"n_{session.name}"] = session.captures.n_individuals
        if "sex" in session.captures.covariates:
            sex = session.captures.covariates["sex"]
            values[f"females_{session.name}"] = int((sex == "F").sum())
            values[f"males_{session.name}"] = int((sex == "M").sum())
    return values


DAY = np.timedelta64(1, "D")


def by_check(case, tmp_path):
    (tmp_path / "survey.toml").write_text(survey_toml(case), encoding="utf-8")
    run = CliRunner().invoke(app, ["check", "--no-html", str(tmp_path / "survey.toml")])
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    said = run.output.splitlines()
    return Result(error=run.stderr if run.exit_code else "", said=said)


def survey_toml(case):
    inputs, zone = folder(case), ZONE.get(case, "EPSG:32652")
    usage = usage_file(case)
    crs = "to_crs" if case in ZONE else "crs"
    lines = [
        "[survey]",
        f'traps = "{(inputs / "stations.csv").as_posix()}"',
        f'detections = "{(inputs / "detections.csv").as_posix()}"',
        f'{usage.stem} = "{usage.as_posix()}"',
        f'{crs} = "{zone}"',
        "[mask]",
    ]
    reserve = inputs / "reserve.geojson"
    if (inputs / "mask.csv").exists():
        lines += [f'cells = "{(inputs / "mask.csv").as_posix()}"']
    else:
        lines += [f"{key} = {value}" for key, value in SIX_KM.items()]
        if case in IN_RESERVE:
            lines += [f'habitat = "{reserve.as_posix()}"']
    lines += ["[model]", f'density = "{formulas(case)[-1]}"']
    if reserve.exists():
        lines += ["[report]", f'reserve = "{reserve.as_posix()}"']
    return "\n".join(lines)


def check_message(result, case):
    for name in expected(case)["message_names"]:
        assert name in result.text, f"{name!r} is not named in: {result.text}"


def check_outcome(result, case):
    outcome = expected(case)["outcome"]
    if outcome == "error":
        assert result.error, f"no error: {result.text}"
    elif outcome in ("value", "warning", "value_and_warning", "error_or_value"):
        assert not result.error
    if outcome != "value":
        check_message(result, case)


@pytest.mark.parametrize("case", sorted(set(NAMES) - NOT_A_SURVEY))
def test_case__through_python(case):
    result = by_python(case)
    check_outcome(result, case)
    if result.error:
        return
    tolerance = expected(case)["rtol"]
    held = 0
    for name, value in expected(case)["values"].items():
        if name in result.values:
            wanted = value if isinstance(value, str) else pytest.approx(value, rel=tolerance)
            assert result.values[name] == wanted, name
            held += 1
    assert held or case in ("43-raster-in-another-crs", "62-abundance-beyond-the-mask")


@pytest.mark.parametrize("case", sorted(set(NAMES) - NOT_A_SURVEY))
def test_case__through_scr_check(case, tmp_path):
    check_outcome(by_check(case, tmp_path), case)


def test_case__control_is_read_without_a_word():
    result = by_python("00-base")
    assert (result.error, result.said) == ("", [])
