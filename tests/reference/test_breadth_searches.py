"""Log-likelihoods recorded for simulated searches of areas and lines, and for telemetry."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import GeometryCollection, LineString, Polygon

import scr
from scr.survey.captures import CaptureHistory
from scr.survey.fixes import Fixes
from scr.survey.parts import places_of
from scr.survey.survey import Session
from scr.survey.traps import Traps
from scr.survey.usage import Usage

FORMS = {"HHN": "hazard_half_normal", "HEX": "hazard_exponential"}
DETECTORS = {
    "polygon": "polygon",
    "polygonX": "polygon_exclusive",
    "transect": "transect",
    "transectX": "transect_exclusive",
    "telemetry_independent": "proximity",
    "telemetry_concurrent": "proximity",
    "telemetry_dependent": "proximity",
}
MODELS = {
    "polygon": 5, "polygonX": 5, "transect": 2, "transectX": 2, "telemetry_independent": 2,
    "telemetry_concurrent": 2, "telemetry_dependent": 2,
}  # fmt: skip
"""Folders, and how many models they have."""


def read_traps(folder, detector):
    table = pd.read_csv(folder / "traps.csv")
    if "part" not in table:
        return Traps(table["trap"], table[["x", "y"]].to_numpy(), crs="local")
    shape = Polygon if detector.startswith("polygon") else LineString
    corners = {name: rows[["x", "y"]].to_numpy() for name, rows in table.groupby("part")}
    parts = GeometryCollection([shape(xy) for xy in corners.values()])
    return Traps(list(corners), places_of(parts), crs="local", parts=parts)


def read_survey(folder, detector, n_occasions):
    traps = read_traps(folder, detector)
    found = pd.read_csv(folder / "detections.csv", dtype={"individual": str})
    if traps.parts is not None:  # two rows of polygonX name the part in which they do not lie
        away = shapely.distance(
            np.array(traps.parts.geoms)[None, :],
            shapely.points(found[["x", "y"]].to_numpy())[:, None],
        )
        found["trap"] = traps.names[away.argmin(axis=1)]
    found = found.sort_values(["individual", "occasion", "trap"], kind="stable")
    names = sorted(found["individual"].unique(), key=int)
    keys = ["individual", "occasion", "trap"]
    records = found.groupby(keys, sort=False).agg(count=("alive", "size")).reset_index()
    captures = CaptureHistory(
        individuals=np.array(names, dtype=object),
        individual=[names.index(name) for name in records["individual"]],
        occasion=records["occasion"] - 1,
        trap=[list(traps.names).index(name) for name in records["trap"]],
        count=records["count"],
        xy=found[["x", "y"]].to_numpy() if "x" in found else np.zeros((0, 2)),
    )
    fixes = None
    if (folder / "fixes.csv").exists():
        table = pd.read_csv(folder / "fixes.csv")
        telemetry = folder.name.removeprefix("telemetry_")
        fixes = Fixes(table["individual"].to_numpy(), table[["x", "y"]], telemetry)
    usage = Usage(np.ones((len(traps), n_occasions)))
    return scr.Survey((Session("1", traps, usage, captures, fixes=fixes),), detector=detector)


def read_mask(folder):
    table = pd.read_csv(folder / "mask.csv")
    area = table["area_ha"].iloc[0] / 100
    return scr.read_mask(table.drop(columns="area_ha"), crs="local", area_km2=area)


def named(name):
    name = "density" + name[1:] if name.startswith("D") else name
    parameter, _, term = name.partition(".")
    of_factor = {"t2": "t[T.2]", "t3": "t[T.3]", "t4": "t[T.4]", "h22": "h2[T.2]"}
    return f"{parameter}.{of_factor.get(term, 'Intercept') if parameter != 'pmix' else 'Intercept'}"


@pytest.mark.parametrize("name", MODELS)
def test_log_likelihood__equals_the_points_recorded_for_searches_and_fixes(reference, name):
    folder = reference / "breadth" / name
    record = json.loads((folder / "secr_reference.json").read_text(encoding="utf-8"))
    mask, n_models = read_mask(folder), 0
    survey = read_survey(folder, DETECTORS[name], record["occasions"])
    within = {"rel": 1e-9} if name.startswith("telemetry") else {"abs": 1e-4, "rel": 0}
    models = record["models"]
    for model in models.values():
        n_models += 1
        formulas = dict(text.split(" ~ ") for text in model["model"])
        formulas = {part: f"~ {text}" for part, text in formulas.items()}
        formulas["density"] = formulas.pop("D", "~ 1")
        number = "conditional" if model["options"].get("CL") else "poisson"
        spec = scr.ModelSpec(detection=FORMS[model["detectfn"]], number=number, **formulas)
        for point, recorded in zip(model["points"], model["logLik"], strict=True):
            values = dict(zip(map(named, model["beta_names"]), point, strict=True))
            if "density.Intercept" in values:
                values["density.Intercept"] += np.log(100.0)
            found = scr.log_likelihood(survey, mask, spec, coefficients=values)
            assert found + model["logmultinom"] == pytest.approx(recorded, **within)
    assert n_models == MODELS[name]
