"""Everything that is written for the public is searched for stations and animals.

Searched are file names, text, tags, metadata, compressed streams, arrays of numbers, tables, arrays
embedded in pages, and marks that are drawn where stations stand. Coordinates are told by the
survey's system, in metres or kilometres, by longitude and latitude, and as on web maps; numbers on
the grid of the cells may be shown. Each way to hide a place is planted once, and must be found.
"""

import base64
import gzip
import json
import re
import shutil
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
import xarray as xr
from affine import Affine
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin
from pyproj import Transformer
from scipy.spatial import KDTree

from scr.habitat.region import Region
from scr.io.rasters import write_geotiff
from scr.maps.figures.plots import save_figure
from scr.posterior.activity_centres import activity_centres
from scr.report.results import write_results

NUMBER = re.compile(r"\d{1,3}(?:[,'\u2009\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
RUN_OF_TEXT = re.compile(rb"[\x09\x0a\x0d\x20-\x7e\x80-\xff]{5,}")
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
USE = re.compile(r'<use[^>]*?x="([-\d.]+)"[^>]*?y="([-\d.]+)"', re.DOTALL)
STEPS = re.compile(r"(?:1 0 0 1 [-\d.]+ [-\d.]+ cm\s+/\w+ Do\s*)+")
STEP = re.compile(r"1 0 0 1 ([-\d.]+) ([-\d.]+) cm")
CLOSE_M, CLOSE_DEGREES, COARSEST_DEGREES, LEAST_M = 1.0, 1e-5, 0.5e-4, 20_000


@dataclass(frozen=True, eq=False)
class Secrets:
    """Stations and centres of animals, and the grid that may be shown."""

    names: tuple[str, ...]
    stations: np.ndarray
    metres: np.ndarray
    degrees: np.ndarray
    mercator: np.ndarray
    spacing: float
    corner: np.ndarray

    def off_the_grid(self, values):
        """Whether numbers lie neither on a centre nor on an edge of a cell."""
        half = self.spacing / 2
        rest = (np.asarray(values)[..., None] - self.corner) / half
        return (np.abs(rest - np.round(rest)) * half > CLOSE_M).all(axis=-1)


def secrets_of(fit):
    session = fit.survey.sessions[0]
    centres = activity_centres(fit, session.name)
    peaks = [
        centres.mask.xy[centres.surface(a).summary["mean"].argmax()] for a in centres.individuals
    ]
    table = centres.table.filter(regex="^(x|y|mean_x|mean_y)$").to_numpy()
    places = np.concatenate([session.traps.xy, peaks, table.reshape(-1, 2)])

    def told(crs):
        return Transformer.from_crs(fit.mask.crs, crs, always_xy=True).transform(*places.T)

    return Secrets(
        names=(*map(str, session.traps.names), *map(str, session.captures.individuals)),
        stations=session.traps.xy,
        metres=np.unique(places),
        degrees=np.unique(told("EPSG:4326")),
        mercator=np.unique(told("EPSG:3857")),
        spacing=fit.mask.spacing,
        corner=fit.mask.xy[0],
    )  # fmt: skip


def nearest(values, known):
    """Distance of each number to the nearest of the sorted known ones."""
    i = np.clip(np.searchsorted(known, values), 1, len(known) - 1)
    return np.minimum(np.abs(values - known[i - 1]), np.abs(values - known[i]))


def numbers_found(values, tolerance, secrets):
    """Which numbers tell a coordinate, each known to its tolerance (in its own unit)."""
    values = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        near = nearest(values, secrets.metres) <= np.maximum(tolerance, CLOSE_M)
        near |= nearest(1000 * values, secrets.metres) <= np.maximum(1000 * tolerance, CLOSE_M)
        metres = np.where(np.abs(values) < LEAST_M, 1000 * values, values)
        found = near & secrets.off_the_grid(metres)
        exact = np.asarray(tolerance) <= COARSEST_DEGREES
        found |= exact & (nearest(values, secrets.degrees) <= tolerance + 1e-9)
        return found | (nearest(values, secrets.mercator) <= np.minimum(tolerance, CLOSE_M))


def exactness(token, spacing):
    """How far a written number may be from what it tells; None where it is too coarse to tell."""
    decimals = 0 if "e" in token.lower() else len(token.partition(".")[2])
    if float(token) >= LEAST_M:  # metres: rounded finer than a tenth of a cell
        return max(0.5 * 10.0**-decimals, spacing / 20)
    return 0.5 * 10.0**-decimals if decimals >= 2 else None


def in_text(text, secrets):
    """Names, and numbers as exact as their decimals say."""
    for name in secrets.names:
        if re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text, re.IGNORECASE):
            yield f"the name {name!r}"
    plain = [re.sub(r"[,'\u2009\u202f]", "", token) for token in NUMBER.findall(text)]
    known = [(float(token), exactness(token, secrets.spacing)) for token in plain]
    if known := [pair for pair in known if pair[1] is not None]:
        values, exact = np.array(known).T
        for value in np.unique(values[numbers_found(values, exact, secrets)]):
            yield f"the number {value:.10g}"
    marks = [np.array(USE.findall(text), dtype=np.float64).reshape(-1, 2)]  # SVG, then PDF
    marks += [np.array(STEP.findall(run), np.float64).cumsum(axis=0) for run in STEPS.findall(text)]
    if drawn(np.concatenate(marks), secrets.stations):
        yield "marks drawn where stations stand"


def drawn(marks, stations):
    """Whether some scale and place puts most stations on marks."""
    marks = np.unique(marks.round(3), axis=0)
    if len(marks) < 0.8 * len(stations):
        return False
    tree, best = KDTree(marks), 0.0
    apart = np.hypot(*(stations[:, None] - stations).transpose(2, 0, 1))
    a, b = np.unravel_index(apart.argmax(), apart.shape)
    step = marks[None] - marks[:, None]  # (n_marks, n_marks, 2)
    length = np.hypot(*step.transpose(2, 0, 1))
    for flip in ([1, 1], [1, -1]):
        pattern = (stations - stations[a]) * flip
        way = pattern[b] / apart[a, b]
        across = np.abs(step @ np.array([-way[1], way[0]]))
        for i, j in np.argwhere((step @ way > 20) & (across < 0.01 * length)):
            mapped = marks[i] + pattern * length[i, j] / apart[a, b]
            best = max(best, float((tree.query(mapped)[0] < 0.01 * length[i, j]).mean()))
    return best >= 0.8


def in_array(values, secrets):
    """Numbers of an array that are a coordinate to the metre."""
    values = np.asarray(values, dtype=np.float64).ravel()
    values = np.abs(values[np.isfinite(values)])
    tolerance = np.where(values < LEAST_M, CLOSE_DEGREES, CLOSE_M)
    for value in np.unique(values[numbers_found(values, tolerance, secrets)]):
        yield f"the number {value:.10g} in an array"


def in_bytes(data, secrets, *, embedded=False):
    """Text and numbers of any bytes, and of what is packed within them."""
    for run in RUN_OF_TEXT.findall(data):
        yield from in_text(run.decode("utf-8", "ignore"), secrets)
    for kind in ("<f8", ">f8") if not embedded else ("<f8", ">f8", "<f4", "<i4"):
        size = int(kind[-1])
        for shift in range(size):
            whole = data[shift : shift + (len(data) - shift) // size * size]
            with np.errstate(invalid="ignore", over="ignore"):
                values = np.frombuffer(whole, kind).astype(np.float64)
                plausible = (np.abs(values) > 1) & (np.abs(values) < 1e8)
            yield from in_array(values[plausible], secrets)
    for packed in STREAM.findall(data):
        yield from in_packed(packed, secrets)
    for encoded in BASE64.findall(data):
        try:
            packed = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        yield from in_packed(packed, secrets)


def in_packed(data, secrets):
    """A compressed stream or an embedded file."""
    if data[:2] == b"\x1f\x8b":
        yield from in_bytes(gzip.decompress(data), secrets, embedded=True)
    elif data[:4] == b"\x89PNG":
        yield from in_png(data, secrets)
    else:
        try:
            yield from in_bytes(zlib.decompress(data), secrets)
        except zlib.error:
            if len(data) >= 64:
                yield from in_bytes(data, secrets, embedded=True)


def in_png(data, secrets):
    with Image.open(BytesIO(data)) as picture:
        yield from in_text(json.dumps({k: str(v) for k, v in picture.info.items()}), secrets)


def in_geotiff(path, secrets):
    with rasterio.open(path) as dataset:
        tags = [dataset.tags(), *(dataset.tags(ns=ns) for ns in dataset.tag_namespaces())]
        tags += [dataset.tags(band) for band in dataset.indexes]
        told = json.dumps([tags, dataset.descriptions, dataset.units])
        yield from in_text(told, secrets)
        yield from in_array([*dataset.transform[:6], *dataset.bounds], secrets)
        yield from in_array(dataset.read(), secrets)
        if abs(dataset.transform.a) < secrets.spacing:
            yield f"pixels of {dataset.transform.a:g} m, finer than the grid"


def in_netcdf(path, secrets):
    with xr.open_dataset(path) as dataset:
        attributes = [dataset.attrs, *(v.attrs for v in dataset.variables.values())]
        yield from in_text(" ".join(map(str, attributes)), secrets)
        for variable in dataset.variables.values():
            if variable.dtype.kind in "fiu":
                yield from in_array(variable.values, secrets)
            else:
                yield from in_text(" ".join(map(str, variable.values.ravel())), secrets)


def in_geopackage(path, secrets):
    with closing(sqlite3.connect(path)) as database:
        tables = [
            name
            for (name,) in database.execute("select name from sqlite_master where type='table'")
        ]
        for table in tables:
            for row in database.execute(f'select * from "{table}"'):
                yield from in_text(
                    " ".join(str(v) for v in row if not isinstance(v, bytes)), secrets
                )


READERS = {".tif": in_geotiff, ".nc": in_netcdf, ".gpkg": in_geopackage}


def leaks(folder, secrets):
    """What a folder tells of stations and animals, by file."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        told = [*in_text(name, secrets)]
        data = path.read_bytes()
        told += in_png(data, secrets) if path.suffix == ".png" else in_bytes(data, secrets)
        if path.suffix in READERS:
            told += READERS[path.suffix](path, secrets)
        found += [f"{name}: {what}" for what in dict.fromkeys(told)]
    return found


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def results(make_fit, tmp_path_factory, kept):
    """Secrets of a survey, and the folder of its results."""
    if not kept:
        fit = make_fit()
        folder = tmp_path_factory.mktemp("results")
        park = Region("Park", shapely.box(712_000, 4_713_000, 719_500, 4_718_000), crs="EPSG:32652")
        write_results(fit, folder, region=park, title="Far Valley", max_draws=30)
        kept.update(secrets=secrets_of(fit), folder=folder)
    return kept["secrets"], kept["folder"]


def test_public__tells_no_station_and_no_animal(results):
    secrets, folder = results
    endings = {path.suffix for path in (folder / "public").rglob("*")}
    assert {".csv", ".json", ".tif", ".png", ".pdf", ".svg", ".html", ".nc", ".gpkg"} <= endings
    assert leaks(folder / "public", secrets) == []


@pytest.mark.parametrize(
    "name", ["activity_centres.tif", "animals.csv", "figures/movements.svg", "report.html"]
)
def test_private__is_found_to_tell_them(results, name, tmp_path):
    secrets, folder = results
    shutil.copy(folder / "private" / name, tmp_path)
    assert leaks(tmp_path, secrets)


def degrees(x, y):
    return Transformer.from_crs("EPSG:32652", "EPSG:4326", always_xy=True).transform(x, y)


def text(told):
    return lambda folder, xy: (folder / "table.csv").write_text(told(*xy[7]))


def page(pack):
    def plant(folder, xy):
        data = base64.b64encode(pack(xy)).decode()
        (folder / "page.html").write_text(f'<script>{{"data": "{data}"}}</script>')

    return plant


def picture(folder, xy):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "seen at station-07", zip=True)
    Image.new("L", (4, 4)).save(folder / "map.png", pnginfo=info)


def document(folder, xy):
    save_figure(Figure(), folder / "map.pdf")
    data = (folder / "map.pdf").read_bytes()
    packed = zlib.compress(b"(Bek 2) Tj " * 9)
    (folder / "map.pdf").write_bytes(data + b"stream\n" + packed + b"\nendstream")


def figure(ending):
    def plant(folder, xy):
        drawing = Figure(figsize=(3, 3))
        drawing.subplots().plot(*(xy / 1000 - 700).T, "o")
        save_figure(drawing, folder / f"map.{ending}")

    return plant


def raster(*, corner=(712_000.0, 4_720_000.0), pixels=None, **tags):
    def plant(folder, xy):
        values = np.ones((4, 4)) if pixels is None else np.full((4, 4), pixels(xy))
        place = xy[7] if corner is None else corner
        transform = Affine.translation(*place) @ Affine.scale(1000, -1000)
        write_geotiff(
            folder / "map.tif",
            {"median": values},
            transform=transform,
            crs="EPSG:32652",
            units="1",
            tags=tags,
        )

    return plant


def table(*, animal="", at=(0, 0)):
    def plant(folder, xy):
        place = [shapely.Point(xy[7] if at is None else at)]
        frame = gpd.GeoDataFrame({"k": [animal]}, geometry=place, crs="EPSG:32652")
        frame.to_file(folder / "zones.gpkg", layer="zones", driver="GPKG")

    return plant


def dataset(**told):
    def plant(folder, xy):
        values = {"median": ("cell", np.linspace(1, 2, 25)), "x": ("cell", xy[:, 0])}
        kept = {k: v for k, v in values.items() if k == "median" or not told}
        xr.Dataset(kept, attrs=told).to_netcdf(folder / "surfaces.nc")

    return plant


PLANTED = {
    "file name": lambda folder, xy: (folder / "density_Bek 1.csv").write_text("cell"),
    "metres": text("{:.1f},{:.1f}".format),
    "ten metres": text(lambda x, y: f"{round(x, -1):.0f} {round(y, -1):.0f}"),
    "thousands": text(lambda x, y: f"'{x:,.0f}'"),
    "kilometres": text(lambda x, y: f"{x / 1000:.3f}"),
    "degrees": text(lambda x, y: "{:.5f};{:.5f}".format(*degrees(x, y))),
    "name in other letters": text(lambda x, y: "STATION-07"),
    "packed array": page(lambda xy: gzip.compress(xy[:, 0].tobytes(), mtime=1)),
    "packed array of floats": page(lambda xy: gzip.compress(xy.astype("<f4").tobytes(), mtime=1)),
    "packed array of degrees": page(lambda xy: gzip.compress(np.array(degrees(*xy.T)).tobytes())),
    "plain array": page(lambda xy: xy.tobytes()),
    "comment of a picture": picture,
    "stream of a document": document,
    "marks of a document": figure("pdf"),
    "marks of a drawing": figure("svg"),
    "tag of a raster": raster(NOTE="near 714137 E"),
    "corner of a raster": raster(corner=None),
    "pixels of a raster": raster(pixels=lambda xy: xy[7, 0]),
    "place in a table": table(at=None),
    "column of a table": table(animal="Bek 3"),
    "attribute": dataset(history="Bek 2 removed"),
    "variable": dataset(),
}


@pytest.mark.parametrize("way", PLANTED)
def test_leaks__find_what_is_planted(results, tmp_path, way):
    secrets, _ = results
    PLANTED[way](tmp_path, secrets.stations)
    assert leaks(tmp_path, secrets)


def test_leaks__pass_over_what_lies_on_the_grid(results, tmp_path):
    secrets, _ = results
    raster(NOTE="cells of 1000 m")(tmp_path, secrets.stations)
    (tmp_path / "cells.csv").write_text("x,y,median\n712500,4713500,1.234567\n712000,4713000,2\n")
    assert leaks(tmp_path, secrets) == []
