"""Wrong survey.toml and plan.toml, made from sound ones: keys, values, tables, names of files."""

import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import numpy as np

type Rng = np.random.Generator
type Tree = dict[str, Any]

NUMBERS = (
    0, -1, 1, 2, 3, 7, 365, 10**6, 10**9, 2**31, 2**63, 10**30, 10**400, -(10**18), 0.0, -0.0, 0.5,
    1e-320, 1e-9, 1e9, 1e15, 1e200, 1e308, -1e308, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
TEXTS = (
    "", " ", "x", "NA", "auto", "none", "nan", "local", "week", "month", "noon", "nearest", "0",
    "~", "EPSG:4326", "EPSG:32652", "EPSG:32635", "EPSG:99999", "epsg", "WGS 84", "+proj=utm",
    "PROJCS[", "30min", "0min", "-1h", "1e9d", "99999999999d", "one hour", "1 month", "nan min",
    "left", "LEFT", "both", "\x00", "\n", "\t", "é", "e\u0301", "豹", "😀", "\u202e", "\ufeff",
    "../stations.csv", "./", ".", "..", "/", "~/x", "/dev/null", "stations.csv/", "a/b/c.csv",
    "C:\\data\\x.csv", "con", "x" * 300, "x" * 5000, "%s{}", "$x$", "<b>x</b>", "[red]x[/red]",
    "[/]", "[link=http://x]", "\x1b[31m", "reserve.geojson", "lake.gpkg", "forest.tif",
    "2024-05-01", "2024-02-30", "0001-01-01", "9999-12-31", "01/02/2024",
)  # fmt: skip
FORMULAS = (
    "", "1", "~", "~ ", "~~ 1", "~ 0", "~ -1", "~ 1 + 1", "~ forest", "forest", "~ FOREST", "~ sex",
    "~ session", "~ x + y", "~ poly(forest, 2)", "~ poly(forest, 50)", "~ poly(forest, -1)",
    "~ bs(forest, df=4)", "~ bs(forest, df=1000)", "~ s(forest)", "~ I(forest^2)", "~ I(forest**2)",
    "~ scale(forest) * sex", "~ log(forest)", "~ log(-forest)", "~ exp(forest)", "~ 1/0",
    "~ 1/forest",
    "~ forest:forest", "~ forest*road*x*y", "~ scale(scale(forest))", "~ C(forest)", "~ (1|forest)",
    "~ b", "~ bk", "~ t", "~ lure", "~ nothing", "~ `forest`", "~ `a b`", "y ~ forest", "~ (forest",
    "~ forest)", "~ forest +", "~ forest ** 99", "~ forest + " * 400 + "1", "~ " + "(" * 500,
    "~ __import__('os')", "~ forest.__class__", "~ lambda: 1", "~ forest[0]", "~ 'a'", "~ 1e400",
    "~ é", "~ forest\x00", "~ forest\n+ road", "~ offset(forest)", "~ exp(exp(exp(forest)))",
    "~ center(forest)", "~ standardize(forest)", "~ Q('forest')", "~ forest == 1", "~ forest > 3",
    "~ {forest}", "~ .", "~ sex + sex", "~ scale(1)", "~ scale()", "~ poly()", "~ poly(forest)",
    "~ log(0)", "~ sqrt(-1 * forest)", "~ forest - forest", "~ 0 + forest", "~ 0 + sex",
    "~ forest / road", "~ forest %in% road", "~ x", "~ scale(x) + scale(y)", "~ scale(road, 3)",
)  # fmt: skip
KEYS = (
    "", " ", "x", "forest", "road", "sex", "station", "density", "density.Intercept",
    "lambda0.sex[T.M]",
    "density.forest", "density.nothing", "sigma", "nothing.at.all", "..", "é", "e\u0301", "Forest",
    "a b", "a-b", "1", "\x00", "[x]", "mean", "sd", "family", "df", "raster", "distance_to", "name",
    "crs", "to_crs", "traps", "usage", "cells", "bounded", "fill", "nodata", "band", "grid", "fit",
    "normal", "k" * 3000, "session", "x", "y", "area_km2", "n_cells", "__class__", "individual",
)  # fmt: skip


def _pick(rng: Rng, values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def value(rng: Rng) -> Any:
    """Any value that TOML can hold."""
    moments = [date(2024, 5, 1), date(1, 1, 1), date(9999, 12, 31), datetime(2024, 5, 1, 10),
               time(10, 0)]  # fmt: skip
    how = int(rng.integers(10))
    if how < 3:
        return _pick(rng, NUMBERS)
    if how < 6:
        return _pick(rng, TEXTS)
    if how == 6:
        return _pick(rng, FORMULAS)
    if how == 7:
        return _pick(rng, [True, False, *moments])
    inner = [value(rng) for _ in range(int(rng.integers(4)))]
    return inner if how == 8 else {_pick(rng, KEYS): one for one in inner}


def toml_of(tree: Tree) -> str:
    """A tree of tables as TOML, inner tables inline.

    Parameters
    ----------
    tree
        Tables by name.
    """
    plain = [f"{_key(k)} = {_inline(v)}" for k, v in tree.items() if not isinstance(v, dict)]
    for name, table in tree.items():
        if isinstance(table, dict):
            plain.append(f"[{_key(name)}]")
            plain += [f"{_key(k)} = {_inline(v)}" for k, v in table.items()]
    return "\n".join(plain) + "\n"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _text(text: str) -> str:
    def escaped(letter: str) -> str:
        return f"\\u{ord(letter):04x}" if ord(letter) < 32 or letter in '"\\\x7f' else letter

    return '"' + "".join(map(escaped, text)) + '"'


def _inline(given: Any) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        return _text(given)
    if isinstance(given, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in given.items()) + " }"
    if isinstance(given, list):
        return "[" + ", ".join(map(_inline, given)) + "]"
    if isinstance(given, date | time):
        return given.isoformat()
    return repr(given)


def _places(tree: Tree) -> list[tuple[Tree, str]]:
    """Every key with the table that holds it."""
    found: list[tuple[Tree, str]] = []
    for key, inner in tree.items():
        found.append((tree, key))
        if isinstance(inner, dict):
            found += _places(inner)
    return found


def _removed(tree: Tree, rng: Rng) -> None:
    table, key = _pick(rng, _places(tree))
    del table[key]


def _misspelt(tree: Tree, rng: Rng) -> None:
    table, key = _pick(rng, _places(tree))
    spelt = [key[:-1], key + "s", key.upper(), key.replace("_", "-"), _pick(rng, KEYS)]
    table[_pick(rng, spelt)] = table.pop(key)


def _replaced(tree: Tree, rng: Rng) -> None:
    table, key = _pick(rng, _places(tree))
    table[key] = value(rng)


def _number(tree: Tree, rng: Rng) -> None:
    places = [(t, k) for t, k in _places(tree) if type(t[k]) in (int, float)]
    if places:
        table, key = _pick(rng, places)
        table[key] = _pick(rng, NUMBERS)


def _swapped(tree: Tree, rng: Rng) -> None:
    """Two values, most often files, stand in each other's place."""
    places = [(t, k) for t, k in _places(tree) if isinstance(t[k], str) and "." in t[k]]
    if len(places) > 1:
        (one, a), (two, b) = (_pick(rng, places) for _ in range(2))
        one[a], two[b] = two[b], one[a]


def _formula(tree: Tree, rng: Rng) -> None:
    model = tree.setdefault("model", {})
    if isinstance(model, dict):
        names = ["density", "lambda0", "g0", "sigma", "z", "share"]
        model[_pick(rng, names)] = _pick(rng, FORMULAS)


def _prior(tree: Tree, rng: Rng) -> None:
    model = tree.setdefault("model", {})
    priors = model.setdefault("priors", {}) if isinstance(model, dict) else {}
    if isinstance(priors, dict):
        keys = ["mean", "sd", "family", "df"]
        entry: Tree = {"mean": 0.0, "sd": 1.0, "family": _pick(rng, ["normal", "student_t", "x"])}
        entry[_pick(rng, keys)] = _pick(rng, NUMBERS) if rng.random() < 0.7 else value(rng)
        names = ["density.Intercept", "density.forest", "lambda0.Intercept", "lambda0.sex[T.M]",
                 "sigma.Intercept", "share.Intercept", _pick(rng, KEYS)]  # fmt: skip
        priors[_pick(rng, names)] = entry


def _added(tree: Tree, rng: Rng) -> None:
    """A key of the program, or none of it, that was not there."""
    tables = [tree, *(t for t in tree.values() if isinstance(t, dict))]
    _pick(rng, tables)[_pick(rng, KEYS)] = value(rng)


def _nested(tree: Tree, rng: Rng) -> None:
    """A table where a value is wanted, or a list of tables for a table."""
    table, key = _pick(rng, _places(tree))
    table[key] = _pick(rng, [[table[key]], {key: table[key]}, [[table[key]]], [table[key]] * 3, []])


def chosen(options: Tree) -> Callable[[Tree, Rng], None]:
    """Sets one key of the program to one of the values that it may have, or nearly may have.

    Parameters
    ----------
    options
        Values by ``table.key``.
    """

    def change(tree: Tree, rng: Rng) -> None:
        name = _pick(rng, list(options))
        table, key = name.split(".", 1)
        inside = tree.setdefault(table, {}) if table else tree
        if isinstance(inside, dict):
            inside[key] = _pick(rng, options[name])

    return change


SURVEY_OPTIONS: Tree = {
    "survey.detector": ["proximity", "count", "binomial_count"],
    "survey.independence": ["30min", "1h", "0min", "1d", "400d"],
    "survey.occasion_days": [1, 3, 7, 59, 60, 61, 10_000, "week", "month", 10**9, 2**40],
    "survey.first_day": [date(2024, 5, 1), date(2024, 6, 1), date(1900, 1, 1), date(9999, 12, 31),
                         date(1, 1, 1), "2024-04-01", "x"],
    "survey.day_starts": ["noon", "midnight"],
    "survey.missing_sex": [[], ["F"], ["F", "M"], "M", [""], ["\x00"]],
    "survey.day_first": [True, False],
    "survey.drop_outside": [True, False],
    "survey.flank": ["left", "right"],
    "survey.species": ["Panthera pardus", [], ["a", "b"], ""],
    "survey.identities": ["identities.csv", "detections.csv", "forest.tif"],
    "survey.observation_level": ["event", "media"],
    "survey.nodata": [{"lure": 0}, {"x": 1}, {"nothing": -9999}, {"lure": float("nan")}, {}],
    "survey.crs": ["local", "EPSG:4326", "EPSG:32635", "EPSG:3857"],
    "survey.to_crs": ["local", "EPSG:32652", "EPSG:4326"],
    "survey.traps": ["points.gpkg", "points.geojson", "lake.gpkg", "reserve.geojson", "mask.csv",
                     "forest.tif", "survey.toml", "."],
    "survey.detections": ["numbered.csv", "stations.csv", "identities.csv", "lake.gpkg",
                          "mask.csv"],
    "survey.deployments": ["usage.csv", "stations.csv", "detections.csv", "forest.tif"],
    "survey.usage": ["usage.csv", "deployments.csv", "mask.csv"],
    "mask.buffer": [1, 100, 1e5, 1e6, 1e7, 1e300, float("inf"), float("nan"), 1e-300],
    "mask.spacing": [1e-300, 1e-3, 0.5, 50, 3999, 5000, 1e6, 1e300, float("inf"), float("nan")],
    "mask.habitat": ["lake.gpkg", "reserve.geojson", ["reserve.gpkg", "lake.gpkg"], [],
                     "points.gpkg", "stations.csv", "forest.tif"],
    "mask.exclude": ["reserve.geojson", "lake.gpkg", [], "points.gpkg", "mask.csv"],
    "mask.bounded": [True, False],
    "mask.nodata": [{"forest": 3}, {"forest": float("nan")}, {"x": 1}],
    "mask.fill": [{"forest": "nearest"}, {"forest": float("inf")}, {"x": 1}],
    "covariates.forest": [{"raster": "forest.tif", "band": 2}, {"raster": "forest.tif",
                          "band": 10**9},
                          {"raster": "forest.tif", "fill": float("inf")}, {"raster": "lake.gpkg"},
                          {"raster": "forest.tif", "categorical": True},
                          {"distance_to": "forest.tif"},
                          {"raster": "forest.tif", "nodata": [0, float("nan")]},
                          {"raster": "stations.csv"}, {"distance_to": "stations.csv"},
                          {"raster": "."}, {"distance_to": "."}],
    "covariates.x": [{"raster": "forest.tif"}, {"distance_to": "lake.gpkg"}],
    "covariates.sex": [{"distance_to": "points.geojson"}],
    "covariates.session": [{"distance_to": "reserve.shp"}],
    "model.detection": ["half_normal", "exponential", "hazard_rate", "hazard_exponential",
                        "annular_normal", "cumulative_gamma", "hazard_variable_power", "x", ""],
    "model.classes": ["sex", "lure", "session", "", "x"],
    "fit.engine": ["mle", "laplace", "nuts", "auto"],
    "fit.seed": [-1, 0, 2**32, 2**64, 10**400],
    "fit.chains": [1, 10**9, 10**30],
    "report.reserve": ["lake.gpkg", "points.gpkg", "stations.csv", "forest.tif", "reserve.shp"],
    "report.reserve_name": ["", "\x00", "lake", "park", "a/b", "x" * 400, "[bold]"],
    "zones.file": ["reserve.geojson", "lake.gpkg", "points.gpkg", "stations.csv", "forest.tif"],
    "zones.name": ["name", "", "nothing", "geometry", "station"],
    ".output": ["results", ".", "..", "stations.csv", "/", "\x00", "x" * 300, ""],
    ".title": ["", "\x00", "[bold", "é" * 100],
}  # fmt: skip
"""Keys that a survey.toml may have, with values that lead to other code."""

PLAN_OPTIONS: Tree = {
    "mask.buffer": [1, 1e5, 1e300, float("nan"), float("inf"), -1, "x"],
    "mask.spacing": [1e-3, 50, 1e300, float("nan"), 0, -1, "x"],
    "mask.habitat": ["lake.gpkg", ["reserve.gpkg"], [], "forest.tif", 3],
    "mask.exclude": [["reserve.geojson"], "lake.gpkg", [3], [["lake.gpkg"]]],
    "covariates.forest": [{"raster": "forest.tif", "band": 2}, {"raster": 3},
                          {"raster": "lake.gpkg"},
                          {"raster": "forest.tif", "fill": "x"}, {"raster": "forest.tif",
                          "band": "x"},
                          {"raster": "forest.tif", "nodata": "x"},
                          {"raster": "forest.tif", "categorical": "x"}],
    "model.detection": ["half_normal", "hazard_rate", "x", 3],
    "model.classes": ["sex", "lure", "", 3],
    "parameters.density": [0, -1, 1e300, float("nan"), float("inf"), "x", {"normal": [0, 0]},
                           {"normal": [0]}, {"normal": ["a", "b"]}, {"normal": 3}, {"normal": []}],
    "parameters.sigma": [0, -1, 1e300, 1e-300, float("nan"), {"normal": [8, -1]},
                         {"normal": [float("nan"), 1]}, {"normal": [1e300, 1]}],
    "parameters.lambda0": [0, 1e300, float("inf"), {"normal": {"mean": 0, "sd": 1}}],
    "parameters.share": [0, 1, 2, -1, float("nan")],
    "parameters.fit": ["fit.nc", "forest.tif", "stations.csv", 3, "", "."],
    "survey.detector": ["proximity", "count", "binomial_count", "x", 3],
    "survey.n_occasions": [0, -1, 1.5, float("nan"), float("inf"), "x", 10**9, 10**400, [3]],
    "survey.occasion_days": [0, -1, 0.5, float("nan"), "week", 10**9],
    "survey.unknown_sex": [-1, 2, float("nan"), "x"],
    "equipment.failure": [-1, 1, 2, float("nan"), "x", [1]],
    "equipment.one_flank": [-1, 0, 2, float("nan"), "x"],
    "prices.station": [-1, float("nan"), float("inf"), "x", 1e308],
    "prices.battery_days": [0, -1, float("nan"), "x"],
    "prices.visits": [-1, 1.5, float("nan"), "x"],
    "study.grid": [{"density": [1, 2]}, {"density": []}, {"density": 3}, {"x": [1]}, [], 3,
                   {"n_occasions": ["a"]}],
    ".reserve": ["lake.gpkg", "points.gpkg", "stations.csv", "forest.tif", "", ".", 3, ["x"],
                 "\x00"],
    ".crs": ["local", "EPSG:4326", "EPSG:32635", 32652, "", "x", True, []],
    ".exclude": ["lake.gpkg", ["lake.gpkg"], [3], {"a": 1}, ["reserve.gpkg"], 3],
    ".title": ["", 3, "\x00", []],
    ".reserve_name": [3, "", "\x00", []],
}  # fmt: skip
"""Keys that a plan.toml may have, with values that lead to other code and wrong ones."""

_OF_TREES = (_removed, _misspelt, _replaced, _number, _swapped, _added, _nested)


def wrong_configuration(content: bytes, rng: Rng, *, plan: bool = False) -> bytes:
    """A survey.toml or plan.toml with one to three faults, or settings that are seldom tried.

    Parameters
    ----------
    content
        A sound one.
    rng
        Generator.
    plan
        Whether it is a plan.
    """
    tree = tomllib.loads(content.decode("utf-8"))
    of_options = chosen(PLAN_OPTIONS if plan else SURVEY_OPTIONS)
    changes = [*_OF_TREES, _formula, *([] if plan else [_prior]), *[of_options] * 5]
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        if _places(tree):
            _pick(rng, changes)(tree, rng)
    text = toml_of(tree)
    if rng.random() < 0.05:
        text = _pick(rng, [
            text + "[[survey]]\n", "a = " + "[" * 20_000, "x = " + "9" * 5000 + "\n" + text,
            text + "x" + ".a" * 5000 + " = 1\n", text + text, text.replace("\n", "\r"),
            "[survey\n" + text, text.replace('"', "'"), text + "a = 1_000_\n", "[[fit]]\n" + text,
        ])  # fmt: skip
    return text.encode("utf-8", errors="surrogatepass")
