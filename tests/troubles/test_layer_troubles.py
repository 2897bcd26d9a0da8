"""Troubles of polygons, rasters and masks."""

import numpy as np
import pytest
import shapely
from rasterio.transform import from_origin
from shapely import MultiPolygon, Polygon, box

import scr

EAST, NORTH = 680_000, 4_770_000
RESERVE, RASTER, CELLS = "reserve.geojson", "forest.tif", "cells.csv"
PARK = box(EAST - 3000, NORTH - 3000, EAST + 11_000, NORTH + 11_000)


def reserve(*shapes, crs="EPSG:32652"):
    return lambda good: good.shape(RESERVE, *shapes, crs=crs)


def both(*seeds):
    def seed(good):
        for one in seeds:
            one(good)

    return seed


def pixels(change, **more):
    """The raster with other values."""

    def seed(good):
        rows, columns = np.mgrid[0:70, 0:70]
        values = ((rows * 3 + columns * 5) % 97).astype("float32")
        good.raster(RASTER, np.asarray(change(values)), **more)

    return seed


def holes(values):
    values[20:26, 20:30] = np.nan
    return values


def undeclared(values):
    values[20:26, 20:30] = -9999
    return values


def habitat(*shapes):
    def seed(good):
        good.shape("habitat.geojson", *shapes)
        good.key("mask", 'habitat = "habitat.geojson"')

    return seed


def cells(change=None, *, spacing=1000, columns="x,y,forest"):
    """A ready mask in place of the one that is built."""

    def seed(good):
        rows = [
            [x, y, (x // 1000 + y // 1000) % 13]
            for y in range(NORTH - 9500, NORTH + 18_000, spacing)
            for x in range(EAST - 9500, EAST + 18_000, spacing)
        ]
        rows = rows if change is None else change(rows)
        text = "\n".join(",".join(map(str, row)) for row in rows)
        good.write(CELLS, f"{columns}\n{text}\n")
        own = good.path("survey.toml").read_text(encoding="utf-8")
        start, end = own.index("[mask]"), own.index("[model]")
        good.write("survey.toml", f'{own[:start]}[mask]\ncells = "{CELLS}"\n{own[end:]}')

    return seed


def set_cell(row, column, value):
    def change(rows):
        rows[row - 2][column] = value
        return rows

    return change


def far_away(rows):
    return [[x + 300_000, y, f] for x, y, f in rows]


def with_area(area):
    return lambda rows: [[*row, area] for row in rows]


BOW_TIE = Polygon([(EAST, NORTH), (EAST + 9000, NORTH + 9000), (EAST + 9000, NORTH),
                   (EAST, NORTH + 9000)])  # fmt: skip
OVERLAP = box(EAST + 9000, NORTH - 3000, EAST + 15_000, NORTH + 11_000)

KINDS = {
    "a polygon that crosses itself": (
        reserve(BOW_TIE),
        ("error", "invalid polygon", RESERVE, (1,), ("Self-intersection", "km2", "corners")),
    ),
    "two polygons that overlap": (
        reserve(PARK, OVERLAP),
        ("warning", "warned", "", (), (RESERVE, "rows 1 and 2", "28 km2", "counted once")),
    ),
    "a line for a polygon": (
        reserve(shapely.LineString([(EAST, NORTH), (EAST + 9000, NORTH)])),
        ("error", "no polygon", RESERVE, (), ("LineString", "closed polygon")),
    ),
    "an empty polygon": (
        reserve(PARK, Polygon()),
        ("error", "feature without a shape", RESERVE, (2,), ("row 2", "delete")),
    ),
    "a polygon without area": (
        reserve(Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH)])),
        ("error", "invalid polygon", RESERVE, (1,), ("Correct the order",)),
    ),
    "a reserve elsewhere": (
        reserve(shapely.affinity.translate(PARK, 0, 900_000)),
        (
            "error",
            "stations outside the reserve",
            "stations.csv",
            tuple(range(2, 27)),
            ("25 of 25", RESERVE, "km away"),
        ),
    ),
    "text for a polygon": (
        lambda good: good.write(RESERVE, "this is no polygon"),
        ("error", "unreadable vector file", RESERVE, (), ("GeoPackage",)),
    ),
    "habitat without a station": (
        habitat(box(EAST + 50_000, NORTH, EAST + 60_000, NORTH + 9000)),
        ("error", "no cell left", "stations.csv", (), ("habitat", "overlap")),
    ),
    "habitat that leaves stations out": (
        habitat(box(EAST - 20_000, NORTH + 1000, EAST + 30_000, NORTH + 30_000)),
        ("note", "reading", "", (), ("5 of 25 traps lie in no cell", "'K01' (row 2)")),
    ),
    "pixels without data": (
        pixels(holes, nodata=float("nan")),
        (
            "error",
            "cells without a value",
            RASTER,
            (),
            ("8 of 606 cells", "1.3 % of its area", "fill"),
        ),
    ),
    "no data that is not declared": (
        pixels(undeclared),
        ("error", "undeclared nodata", RASTER, (), ("-9999", "60 pixels", "Declare")),
    ),
    "a raster that ends early": (
        pixels(lambda values: values[:40]),
        ("error", "cells without a value", RASTER, (), ("of 606 cells", "fill")),
    ),
    "a raster elsewhere": (
        pixels(lambda values: values, crs="EPSG:32630"),
        ("error", "raster elsewhere", RASTER, (), ("none of the 606 cells", "study area")),
    ),
    "a raster without a system": (
        pixels(lambda values: values, crs=None),
        ("error", "no coordinate system", RASTER, (), ("EPSG:32652", "Save the raster")),
    ),
    "classes": (
        pixels(
            lambda values: (values % 4).astype("uint8"),
            colours={k: (k, k, k, 255) for k in range(4)},
        ),
        ("error", "classes cannot be averaged", RASTER, (), ("colour table", "categorical")),
    ),
    "a band that is not there": (
        lambda good: good.replace("survey.toml", '"forest.tif"', '"forest.tif", band = 2'),
        ("error", "no such band", RASTER, (), ("1 bands", "band 2")),
    ),
    "a damaged raster": (
        lambda good: good.path(RASTER).write_bytes(good.path(RASTER).read_bytes()[:9000]),
        ("error", "damaged raster", RASTER, (), ("cut short", "again")),
    ),
    "text for a raster": (
        lambda good: good.write(RASTER, "this is no raster"),
        ("error", "unreadable raster", RASTER, (), ("GeoTIFF",)),
    ),
    "complex numbers": (
        pixels(lambda values: values.astype("complex64")),
        ("error", "complex raster", RASTER, (), ("complex",)),
    ),
    "pixels filled": (
        both(
            pixels(holes, nodata=float("nan")),
            lambda good: good.replace("survey.toml", '"forest.tif"', '"forest.tif", fill = 7'),
        ),
        ("note", "reading", "", (), ("8 of 606 cells", "filled with 7")),
    ),
    "a covariate misspelt": (
        lambda good: good.replace("survey.toml", '"~ forest"', '"~ forrest"'),
        ("error", "not readable", "", (), ("forrest", "forest")),
    ),
    "a cell without its covariate": (
        cells(set_cell(5, 2, "")),
        ("error", "covariate not usable", CELLS, (), ("missing in 1 of 784", "row 5", "fill")),
    ),
    "a covariate of -9999": (
        cells(set_cell(5, 2, -9999)),
        ("error", "covariate not usable", CELLS, (), ("-9999 in 1 of 784", "row 5")),
    ),
    "a cell without x": (
        cells(set_cell(5, 0, "")),
        ("error", "blank coordinate", CELLS, (5,), ("1 of 784 cells",)),
    ),
    "a cell of letters": (
        cells(set_cell(5, 0, "west")),
        ("error", "not a number", CELLS, (5,), ("'west'",)),
    ),
    "a cell twice": (
        cells(lambda rows: [*rows, rows[3]]),
        ("error", "cell twice", CELLS, (786,), ("1 cells occur twice", "Remove")),
    ),
    "hectares called km2": (
        cells(with_area(100), columns="x,y,forest,area_km2"),
        ("error", "area against spacing", CELLS, (), ("100 km2", "1 km2 is 100 ha")),
    ),
    "a cell without area": (
        cells(with_area(0), columns="x,y,forest,area_km2"),
        ("error", "cell without area", CELLS, tuple(range(2, 786)), ("no area above 0",)),
    ),
    "a mask elsewhere": (
        cells(far_away),
        (
            "error",
            "stations far from the mask",
            "stations.csv",
            tuple(range(2, 27)),
            (CELLS, "25 of 25", "surrounds all"),
        ),
    ),
    "a buffer of no width": (
        lambda good: good.replace("survey.toml", "buffer = 9_000", "buffer = 100"),
        ("error", "no cell left", "stations.csv", (), ("buffer",)),
    ),
    "cells beyond counting": (
        lambda good: good.replace("survey.toml", "spacing = 1_000", "spacing = 1"),
        ("error", "too many cells", "stations.csv", (), ("cells of 1 m", "try spacing")),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_layer__trouble_is_named(name, expect):
    expect(*KINDS[name])


def test_layer__a_hole_is_no_part_of_the_reserve(good):
    assert good.found().reserve.area_km2 == pytest.approx(14**2 - 1)


def test_layer__overlapping_polygons_count_once(good):
    reserve(PARK, OVERLAP)(good)
    assert good.found().reserve.area_km2 == pytest.approx(18 * 14)


def test_layer__another_system_is_the_same_reserve(good):
    layer = scr.read_reserve(good.path(RESERVE), crs="EPSG:32652")
    good.shape("degrees.geojson", layer.in_crs("EPSG:32653").geometry, crs="EPSG:32653")
    again = scr.read_reserve(good.path("degrees.geojson"), crs="EPSG:32652")
    assert again.area_km2 == pytest.approx(layer.area_km2, rel=1e-4)


@pytest.mark.parametrize("cut", [True, False])
def test_layer__a_polygon_across_the_antimeridian_keeps_its_area(tmp_path, good, cut):
    # 0.2 degrees of longitude at the equator, 0.1 of latitude: 22.26 by 11.06 km on the ellipsoid.
    west, east = box(179.9, 0, 180, 0.1), box(-180, 0, -179.9, 0.1)
    whole = Polygon([(179.9, 0), (-179.9, 0), (-179.9, 0.1), (179.9, 0.1)])
    good.shape("island.geojson", MultiPolygon([west, east]) if cut else whole, crs="EPSG:4326")
    island = scr.read_reserve(good.path("island.geojson"), crs="EPSG:32660")
    assert island.area_km2 == pytest.approx(22.264 * 11.057, rel=0.01)


def test_layer__a_raster_shifted_by_half_a_cell_is_weighted_by_area(good):
    # Values rise by 2 per pixel eastwards, so a shift of half a pixel changes means by exactly 1.
    columns = np.mgrid[0:70, 0:70][1].astype("float32") * 2
    good.raster(RASTER, columns)
    whole = good.found().mask.covariates["forest"]
    good.raster(RASTER, columns, transform=from_origin(EAST - 13_250, NORTH + 21_500, 500, 500))
    moved = good.found().mask.covariates["forest"]
    assert (moved + 1).to_numpy() == pytest.approx(whole.to_numpy())
