"""Each reader called as a user would call it, on a folder of files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import good_inputs as good
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from typer.testing import CliRunner

import scr
import trap_layouts
from scr.checking.check_survey import check_survey
from scr.cli.main import app
from scr.cli.sources import sources_of
from scr.habitat.checks import check_traps_near
from scr.habitat.covariates import sample_at_traps
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.camtrapr import read_camtrapr
from scr.io.gpx import read_gpx
from scr.io.oscr import read_oscr
from scr.io.project import ProjectTables
from scr.io.rasters import read_band
from scr.io.recognise import recognise
from scr.io.secr_text import read_secr
from scr.io.spacecap import read_spacecap
from scr.io.wildlife_insights import read_wildlife_insights
from scr.project.configuration import read_configuration
from scr.survey.formats import survey_from_project

CRS = good.CRS
_TRAPS = scr.read_traps(good.stations(), crs=CRS)
_MASK = scr.build_mask(_TRAPS, buffer=3000, spacing=1000)

type Rng = np.random.Generator


@dataclass(frozen=True)
class Target:
    """A reader, its files, and those of them that are made wrong.

    Parameters
    ----------
    write
        Writes sound files into a folder.
    call
        Reads the folder; the generator chooses among settings.
    wrong
        Names of the files to make wrong.
    """

    write: Callable[[Path], None]
    call: Callable[[Path, Rng], object]
    wrong: Sequence[str]


def _traps(folder: Path, rng: Rng) -> None:
    traps = scr.read_traps(folder / "stations.csv", crs=["local", CRS][int(rng.integers(2))])
    scr.build_mask(traps, buffer=3000, spacing=1000)


def _survey(folder: Path, rng: Rng) -> None:
    choices = [
        {}, {"detector": "count", "independence": "30min"}, {"day_starts": "noon"},
        {"occasion_days": 7}, {"drop_outside": True}, {"day_first": True},
        {"identities": folder / "identities.csv"}, {"detector": "binomial_count"},
        {"session_covariates": folder / "sessions.csv"}, {"flank": "left"},
        {"occasion_covariates": folder / "rain.csv"},
        {"occasion_days": "month"}, {"occasion_days": "week", "day_starts": "noon"},
        {"occasion_days": 4, "first_day": "2024-05-01"},
    ]  # fmt: skip
    scr.read_survey(
        folder / "detections.csv",
        _TRAPS,
        usage=folder / "deployments.csv",
        **choices[int(rng.integers(len(choices)))],
    )


def _usage(folder: Path, rng: Rng) -> None:
    detector = ["proximity", "count"][int(rng.integers(2))]
    scr.read_survey(
        folder / "numbered.csv",
        _TRAPS,
        usage=folder / "usage.csv",
        detector=detector,
        trap_occasion_covariates=folder / "bait.csv",
    )


def _toml(folder: Path, _: Rng) -> None:
    scr.load_project(folder / "survey.toml")


def _check(folder: Path, _: Rng) -> None:
    """All that ``scr check`` reads, where it goes on past each error."""
    check_survey(sources_of(read_configuration(folder / "survey.toml")))


def _command(folder: Path, rng: Rng) -> None:
    """``scr check`` itself, or what stands behind it and behind ``scr fit``."""
    how = int(rng.integers(4))
    if how == 0:
        _toml(folder, rng)
    elif how == 1:
        _check(folder, rng)
    else:
        page = ["--no-html"] if rng.random() < 0.8 else ["--html", str(folder / "page.html")]
        _typed("check", folder / "survey.toml", *page)


def _typed(*words: str | Path) -> None:
    """A command as it is typed, which must end with 0 or 1 and no traceback."""
    done = CliRunner().invoke(app, list(map(str, words)))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.exit_code not in (0, 1) or "Traceback" in done.output:
        raise AssertionError(done.output)


def _plan(folder: Path, rng: Rng) -> None:
    """A plan, and all that the commands for layouts make of it before they compare."""
    if rng.random() < 0.2:
        _typed("layouts", "generate", folder / "plan.toml", "--out", folder / "new.csv")
        return
    plan = trap_layouts.read_plan(folder / "plan.toml")
    layout = trap_layouts.read_layout(folder / "stations.csv", to_crs=plan.crs)
    _ = plan.prices
    trap_layouts.allowed_area(plan.reserve, exclude=plan.exclude)
    if rng.random() < 0.5:
        plan.assume(plan.mask_round([layout]), n_draws=3)
    else:
        plan.scenarios([layout])


def _kml(folder: Path, rng: Rng) -> None:
    ending = ["kml", "kmz"][int(rng.integers(2))]
    how = int(rng.integers(4))
    if how == 0:
        scr.read_traps(folder / f"stations.{ending}", to_crs=CRS)
    elif how == 1:
        trap_layouts.read_layout(folder / f"stations.{ending}", to_crs=CRS)
    elif how == 2:
        scr.read_zones(folder / f"park.{ending}", name="name", crs=CRS)
    else:
        scr.read_reserve(folder / f"park.{ending}", crs=CRS)


def _spacecap(folder: Path, rng: Rng) -> None:
    if rng.random() < 0.5:
        project = read_spacecap(folder / "traps.csv", folder / "captures.csv", folder / "cells.csv")
        scr.read_mask(project.mask, crs=CRS)
    else:
        project = recognise(folder).read(None)
    _as_survey(project)


def _as_survey(project: ProjectTables) -> None:
    crs = {"to_crs": CRS} if "lon" in project.traps.columns else {"crs": CRS}
    survey_from_project(project, **crs)


def _camtrap_dp(folder: Path, rng: Rng) -> None:
    path = folder if rng.random() < 0.7 else folder / "datapackage.json"
    species = "Panthera pardus" if rng.random() < 0.3 else None
    level = [None, None, "event", "media"][int(rng.integers(4))]
    _as_survey(read_camtrap_dp(path, species=species, observation_level=level))


def _camtrap_dp_zip(folder: Path, _: Rng) -> None:
    _as_survey(read_camtrap_dp(folder / "package.zip"))


def _camtrapr(folder: Path, rng: Rng) -> None:
    operation = folder / "operation.csv" if rng.random() < 0.5 else None
    _as_survey(read_camtrapr(folder / "camtraps.csv", folder / "records.csv", operation=operation))


def _wildlife_insights(folder: Path, _: Rng) -> None:
    _as_survey(read_wildlife_insights(folder))


def _secr(folder: Path, rng: Rng) -> None:
    if rng.random() < 0.5:
        _as_survey(read_secr(folder / "capt.txt", folder / "trap.txt"))
    else:
        _as_survey(read_secr(folder / "captxy.csv", folder / "trap.txt", form="XY"))


def _oscr(folder: Path, _: Rng) -> None:
    _as_survey(read_oscr(folder / "edf.csv", folder / "tdf.csv"))


def _gpx(folder: Path, rng: Rng) -> None:
    read_gpx(folder / "stations.gpx")
    scr.read_traps(folder / "stations.gpx", to_crs=CRS if rng.random() < 0.7 else None)


def _workbook(folder: Path, _: Rng) -> None:
    book = folder / "survey.xlsx"
    traps = scr.read_traps(book, crs=CRS)
    scr.read_survey(book, traps, usage=book)


def _recognise(folder: Path, rng: Rng) -> None:
    files = sorted(folder.iterdir())
    path = folder if rng.random() < 0.8 else files[int(rng.integers(len(files)))]
    _as_survey(recognise(path).read(None))


def _polygon(folder: Path, rng: Rng) -> None:
    path = folder / f"reserve.{['gpkg', 'geojson', 'shp'][int(rng.integers(3))]}"
    how = int(rng.integers(3))
    if how == 0:
        check_traps_near(_TRAPS, scr.read_reserve(path, crs=CRS))
    elif how == 1:
        scr.build_mask(_TRAPS, buffer=3000, spacing=1000, habitat=path)
    else:
        scr.distance_to(_MASK, path, name="road")


def _points(folder: Path, rng: Rng) -> None:
    path = folder / f"points.{['gpkg', 'geojson'][int(rng.integers(2))]}"
    scr.read_traps(path)
    scr.read_mask(path, crs=CRS)


def _mask(folder: Path, rng: Rng) -> None:
    area = [None, 1.0][int(rng.integers(2))]
    fill = {"forest": "nearest"} if rng.random() < 0.3 else None
    scr.read_mask(folder / "mask.csv", crs=CRS, area_km2=area, fill=fill)


def _raster(folder: Path, rng: Rng) -> None:
    path = folder / "forest.tif"
    if rng.random() < 0.4:
        odd_raster(path, rng)
    how = int(rng.integers(4))
    if how == 0:
        read_band(path)
    elif how == 1:
        sample_at_traps(_TRAPS, path, name="forest")
    else:
        scr.sample_raster(
            _MASK,
            path,
            name="forest",
            fill="nearest" if rng.random() < 0.5 else None,
            categorical=bool(rng.integers(2)),
        )


def odd_raster(path: Path, rng: Rng) -> None:
    """A raster that is well formed and makes no sense."""
    kind = str(rng.choice(["float32", "float64", "uint8", "int16", "complex64", "uint32"]))
    side = int(rng.choice([1, 2, 60]))
    step = [500.0, 1e-12, 1e12, -500.0, 0.001][int(rng.integers(5))]
    west = [668_000.0, 1e300, -1e9, 0.0, 131.0][int(rng.integers(5))]
    values = rng.uniform(0, 100, (side, side)).astype(kind)
    value = [np.nan, np.inf, -np.inf, 1e38, -9999, 0, 255][int(rng.integers(7))]
    if kind.startswith("float"):
        values[:: int(rng.integers(1, 4))] = value
    places = [None, "EPSG:4326", CRS, CRS, "EPSG:3857", "EPSG:32736"]
    with rasterio.open(
        path, "w", driver="GTiff", height=side, width=side, count=1, dtype=kind,
        crs=places[int(rng.integers(6))], transform=Affine(step, 0, west, 0, -step, 4_788_000),
    ) as raster:  # fmt: skip
        raster.write(values, 1)
        if rng.random() < 0.3:
            raster.scales, raster.offsets = (float(rng.choice([0, 1e308, np.nan])),), (1.0,)


def _of(name: str) -> Callable[[Path], None]:
    """Files of a case or of the demonstration, where these are at hand."""
    source = good.DEMO if name == "demo" else good.CASES / name / "input"

    def write(folder: Path) -> None:
        good.write_plain(folder)
        for table in ("stations", "deployments", "detections", "mask"):
            if (source / f"{table}.csv").exists():
                (folder / f"{table}.csv").write_bytes((source / f"{table}.csv").read_bytes())

    return write


def _whole(folder: Path, rng: Rng) -> None:
    traps = scr.read_traps(folder / "stations.csv", crs=CRS)
    survey = scr.read_survey(folder / "detections.csv", traps, usage=folder / "deployments.csv")
    if rng.random() < 0.3:
        scr.guess_sigma(survey.sessions[0].traps)


def _zip_of_package(folder: Path) -> None:
    good.write_camtrap_dp(folder)
    good.zipped(folder, folder / "package.zip")


def _wildlife_zip(folder: Path, _: Rng) -> None:
    good.zipped(folder, folder / "download.zip")
    _as_survey(read_wildlife_insights(folder / "download.zip"))


def _table_given(folder: Path, _: Rng) -> None:
    """Tables that pandas read, with numbers and dates as pandas makes them of them."""
    try:
        frames = [
            pd.read_csv(folder / f"{name}.csv", on_bad_lines="skip")
            for name in ("stations", "deployments", "detections")
        ]
    except (ValueError, OverflowError):
        return
    traps = scr.read_traps(frames[0], crs=CRS)
    scr.read_survey(frames[2], traps, usage=frames[1])


_PLAIN = ("stations.csv", "deployments.csv", "detections.csv")

TARGETS: dict[str, Target] = {
    "traps": Target(good.write_plain, _traps, ["stations.csv"]),
    "detections": Target(good.write_plain, _survey, ["detections.csv"]),
    "deployments": Target(good.write_plain, _survey, ["deployments.csv"]),
    "lists": Target(good.write_plain, _survey, ["identities.csv", "sessions.csv", "rain.csv"]),
    "usage": Target(good.write_plain, _usage, ["usage.csv", "numbered.csv", "bait.csv"]),
    "survey.toml": Target(good.write_plain, _toml, ["survey.toml"]),
    "check": Target(
        good.write_plain,
        _check,
        [*_PLAIN, "sessions.csv", "rain.csv", "reserve.geojson", "lake.gpkg", "forest.tif"],
    ),
    "frames": Target(good.write_plain, _table_given, _PLAIN),
    "demo": Target(_of("demo"), _whole, _PLAIN),
    "case base": Target(_of("00-base"), _whole, _PLAIN),
    "case offsets": Target(_of("20-offset-times"), _whole, _PLAIN),
    "case sessions": Target(_of("28-session-without-captures"), _whole, _PLAIN),
    "camtrap dp": Target(
        good.write_camtrap_dp,
        _camtrap_dp,
        ["deployments.csv", "observations.csv", "media.csv", "datapackage.json"],
    ),
    "camtrap dp zip": Target(_zip_of_package, _camtrap_dp_zip, ["package.zip"]),
    "camtrapr": Target(
        good.write_camtrapr, _camtrapr, ["camtraps.csv", "records.csv", "operation.csv"]
    ),
    "wildlife insights": Target(
        good.write_wildlife_insights, _wildlife_insights, ["deployments.csv", "images.csv"]
    ),
    "wildlife insights zip": Target(
        good.write_wildlife_insights, _wildlife_zip, ["deployments.csv", "images.csv"]
    ),
    "secr": Target(good.write_secr, _secr, ["capt.txt", "captxy.csv", "trap.txt"]),
    "oscr": Target(good.write_oscr, _oscr, ["edf.csv", "tdf.csv"]),
    "gpx": Target(good.write_gpx, _gpx, ["stations.gpx"]),
    "workbook": Target(good.write_workbook, _workbook, ["survey.xlsx"]),
    "polygon": Target(
        good.write_shapes,
        _polygon,
        ["reserve.gpkg", "reserve.geojson", "reserve.shp", "reserve.prj", "reserve.dbf"],
    ),
    "points": Target(good.write_shapes, _points, ["points.gpkg", "points.geojson"]),
    "mask": Target(good.write_shapes, _mask, ["mask.csv"]),
    "raster": Target(
        lambda folder: good.write_raster(folder / "forest.tif"), _raster, ["forest.tif"]
    ),
    "scr check": Target(good.write_plain, _command, ["survey.toml"]),
    "plan": Target(good.write_plain, _plan, ["plan.toml"]),
    "kml": Target(good.write_kml, _kml, ["stations.kml", "stations.kmz", "park.kml", "park.kmz"]),
    "spacecap": Target(good.write_spacecap, _spacecap, ["traps.csv", "captures.csv", "cells.csv"]),
    "recognise secr": Target(good.write_secr, _recognise, ["capt.txt", "trap.txt"]),
    "recognise camtrapr": Target(good.write_camtrapr, _recognise, ["camtraps.csv", "records.csv"]),
    "recognise oscr": Target(good.write_oscr, _recognise, ["edf.csv", "tdf.csv"]),
    "recognise workbook": Target(good.write_workbook, _recognise, ["survey.xlsx"]),
}
"""Every reader, by name."""
