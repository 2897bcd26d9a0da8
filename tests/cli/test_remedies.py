"""Every remedy that a message of the command line names is a key that survey.toml takes."""

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import scr
from scr.checking.keys_in_words import as_keys
from scr.project.configuration import (
    ComparisonKeys,
    CovariateKeys,
    FitKeys,
    MaskKeys,
    ModelKeys,
    ReportKeys,
    SurveyKeys,
    TrendKeys,
    ZonesKeys,
)
from scr.project.toml_tables import TableReader

TABLES = (
    *(SurveyKeys, MaskKeys, CovariateKeys, ModelKeys, ComparisonKeys, FitKeys),
    *(ReportKeys, TrendKeys, ZonesKeys),
)
KEYS = {item.name for table in TABLES for item in fields(table)}
NOT_TOLD = {
    "session": "names a column of read_traps, or a session of a fit; no key gives either",
    "species": "an option of scr check and scr init --from",
    "region": "an argument of abundance; [report] and [zones] cannot be empty by mistake",
    "rows": "an argument of SpatialCapture",
    "coefficients": "an argument of log_likelihood and of the PyMC model",
    "starting": "an argument of fit_mle",
    "specs": "an argument of fit_all",
    "sampler": "an argument of fit_nuts",
    "transforms": "an argument of ModelSpec",
    "standardise": "an argument of sample_raster, of a region given as a mask",
    "constants": "an argument of HabitatMask, of a region given as a mask",
    "weights": "an argument of compare",
    "df": "written inside a formula",
    "k": "written inside a formula",
    "extrapolation": "written inside a formula",
}
"""Arguments that messages name, which nothing in a survey.toml can bring about."""
NAMED = re.compile(r"(?<![\w.<+-])([a-z][a-z_0-9]*)=(?=[\w'\"{\[. ,;:)-]|$)")
MODULES = ("io", "survey", "habitat", "model", "project", "fit", "posterior", "report", "cli")


def texts_of(path):
    """Texts of messages: those that hold a blank, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "9" for p in node.values]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in notes:
            yield str(node.value)


def named_in_messages():
    """Each argument that a message names, with the module that does."""
    package = Path(scr.__file__).parent
    found = {}
    for module in MODULES:
        for path in sorted((package / module).rglob("*.py")):
            for text in texts_of(path):
                if " " in text.strip() and not re.search(r"<\w|&\w+=|%[a-z]|\\[wsb]", text):
                    for name in NAMED.findall(text):
                        found.setdefault(name, f"{path.name}: {text[:80]}")
    return found


def test_remedies__every_argument_named_is_a_key():
    found = named_in_messages()
    assert {"nodata", "fill", "categorical", "day_first", "crs", "area_km2"} <= set(found)
    unknown = {name: where for name, where in found.items() if name not in KEYS | set(NOT_TOLD)}
    assert unknown == {}
    assert set(NOT_TOLD) <= set(found)


@pytest.mark.parametrize(
    ("kind", "told", "value"),
    [
        (CovariateKeys, "nodata=-9999", (-9999.0,)),
        (CovariateKeys, "nodata=[-9999, 1e+20]", (-9999.0, 1e20)),
        (CovariateKeys, "categorical=True", True),
        (CovariateKeys, "categorical=False", False),
        (CovariateKeys, 'fill="nearest"', "nearest"),
        (CovariateKeys, "fill=3", 3.0),
        (MaskKeys, "area_km2=1.0", 1.0),
        (MaskKeys, "bounded=True", True),
        (MaskKeys, 'fill={"forest": "nearest"}', {"forest": "nearest"}),
        (MaskKeys, 'nodata={"forest": -9999}', {"forest": (-9999.0,)}),
        (SurveyKeys, 'nodata={"canopy": -999}', {"canopy": (-999.0,)}),
        (SurveyKeys, "day_first=True", True),
        (SurveyKeys, "day_first=False", False),
        (SurveyKeys, "drop_outside=True", True),
        (SurveyKeys, 'day_starts="midnight"', "midnight"),
        (SurveyKeys, 'occasion_days="week"', "week"),
        (SurveyKeys, 'independence="30min"', "30min"),
        (SurveyKeys, "detector='count'", "count"),
        (SurveyKeys, 'flank="left"', "left"),
        (SurveyKeys, "crs='EPSG:4326'", "EPSG:4326"),
        (SurveyKeys, 'crs="local"', "local"),
        (ModelKeys, "detection='hazard_rate'", "hazard_rate"),
        (ModelKeys, "classes='sex'", "sex"),
    ],
)
def test_remedies__are_taken_as_they_are_told(kind, told, value, tmp_path):
    faults = []
    table = tomllib.loads(as_keys(f"Give {told} there.").removeprefix("Give ").split(" there.")[0])
    required = {"traps": "a.csv", "detections": "a.csv"} if kind is SurveyKeys else {}
    (tmp_path / "a.csv").touch()
    record = TableReader(tmp_path, faults).record(kind, {**required, **table}, "table")
    assert faults == []
    (name,) = table
    assert getattr(record, name) == value
