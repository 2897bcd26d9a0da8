"""Rasters and layers that would lead elsewhere: to the network, to other files, to code."""

import json
import socket
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from rasterio.transform import from_origin
from typer.testing import CliRunner

from scr.cli.main import app
from scr.errors import MaskError, SurveyError
from scr.io.rasters import raster_place, read_band
from scr.io.vectors import read_layer, read_points, read_polygon

CRS = "EPSG:32652"
SQUARE = shapely.box(680_000, 4_770_000, 690_000, 4_780_000)


@pytest.fixture
def address():
    """An address at which nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()


def tif(path, **tags):
    values = np.arange(90_000.0).reshape(300, 300)
    with rasterio.open(
        path, "w", driver="GTiff", height=300, width=300, count=1, dtype="float64", crs=CRS,
        transform=from_origin(670_000, 4_800_000, 100, 100),
    ) as dataset:  # fmt: skip
        dataset.write(values, 1)
        if tags:
            dataset.update_tags(ns="OVERVIEWS", **tags)
            dataset.update_tags(1, ns="OVERVIEWS", **tags)
    return values


def vrt(source):
    return (
        '<VRTDataset rasterXSize="300" rasterYSize="300"><SRS>EPSG:32652</SRS><GeoTransform>'
        "670000,100,0,4800000,0,-100</GeoTransform>"
        '<VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename>'
        f"{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
        "</VRTDataset>"
    )


def wms(address):
    return (
        f'<GDAL_WMS><Service name="TMS"><ServerUrl>{address}/${{z}}/${{x}}/${{y}}.png</ServerUrl>'
        "</Service><DataWindow><UpperLeftX>670000</UpperLeftX><UpperLeftY>4800000</UpperLeftY>"
        "<LowerRightX>700000</LowerRightX><LowerRightY>4770000</LowerRightY><TileLevel>2"
        "</TileLevel></DataWindow><Projection>EPSG:32652</Projection></GDAL_WMS>"
    )


RASTERS = {
    "a list of rasters": lambda path, to: path.write_text(vrt(f"/vsicurl/{to}/a.tif")),
    "a list of rasters after blanks": lambda path, to: path.write_text(
        "\n\n  " + vrt(f"/vsicurl/{to}/a.tif")
    ),
    "a list of rasters after other text": lambda path, to: path.write_text(
        "II*" + vrt(f"/vsicurl/{to}/a.tif")
    ),
    "a list of rasters that begins as a grid": lambda path, to: path.write_text(
        "ncols 300\n" + vrt(f"/vsicurl/{to}/a.tif")
    ),
    "a map service": lambda path, to: path.write_text(wms(to)),
    "a coverage service": lambda path, to: path.write_text(
        f"<WCS_GDAL><ServiceURL>{to}/wcs?</ServiceURL><CoverageName>a</CoverageName></WCS_GDAL>"
    ),
    "a tile service": lambda path, to: path.write_text(
        f"<GDAL_WMTS><GetCapabilitiesUrl>{to}/wmts</GetCapabilitiesUrl></GDAL_WMTS>"
    ),
    "a catalogue": lambda path, to: path.write_text(
        f'{{"type": "FeatureCollection", "stac_version": "1.0.0", "features": [{{"assets": '
        f'{{"a": {{"href": "{to}/a.tif", "proj:epsg": 32652}}}}}}]}}'
    ),
    "commands": lambda path, to: path.write_text(
        f'{{"type": "gdal_streamed_alg", "command_line": "gdal raster read {to}/a.tif"}}'
    ),
    "a zip": lambda path, to: zipfile.ZipFile(path, "w").close(),
    "a page": lambda path, to: path.write_text(f'<html><a href="{to}">moved</a></html>'),
}


@pytest.mark.parametrize("kind", RASTERS)
@pytest.mark.parametrize("name", ["forest.tif", "forest.vrt", "forest.asc", "forest.grid"])
def test_read_band__reaches_nothing_but_the_file(kind, name, tmp_path, address):
    RASTERS[kind](tmp_path / name, address)

    for read in (read_band, raster_place):
        with pytest.raises(MaskError, match=r"forest\.\w+ cannot be read as a raster"):
            read(tmp_path / name)


@pytest.mark.parametrize("ending", [".ovr", ".msk"])
def test_read_band__refuses_a_file_beside_it_that_leads_elsewhere(ending, tmp_path, address):
    tif(tmp_path / "forest.tif")
    (tmp_path / f"forest.tif{ending}").write_text(vrt(f"/vsicurl/{address}/a.tif"))

    with pytest.raises(MaskError, match=rf"forest.tif\{ending}, beside forest.tif.*Delete it"):
        read_band(tmp_path / "forest.tif")


@pytest.mark.parametrize("where", ["inside", "beside"])
def test_read_band__refuses_overviews_that_are_elsewhere(where, tmp_path, address):
    named = f"/vsicurl/{address}/a.tif"
    tif(tmp_path / "forest.tif", **({"OVERVIEW_FILE": named} if where == "inside" else {}))
    if where == "beside":
        (tmp_path / "forest.tif.aux.xml").write_text(
            '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">'
            f"{named}</MDI></Metadata></PAMDataset>"
        )

    with pytest.raises(MaskError, match=r"which is not opened\. Delete the \.aux\.xml file"):
        read_band(tmp_path / "forest.tif")


def test_read_band__overviews_made_beside_a_raster_are_no_trouble(tmp_path):
    values = tif(tmp_path / "forest.tif")
    with rasterio.Env(TIFF_USE_OVR=True), rasterio.open(tmp_path / "forest.tif", "r+") as dataset:
        dataset.build_overviews([2, 4])

    assert (tmp_path / "forest.tif.ovr").exists()
    np.testing.assert_array_equal(read_band(tmp_path / "forest.tif").values, values)


def test_read_band__a_block_that_unpacks_to_gigabytes_is_refused_unread(tmp_path):
    # A tile of 20,480 by 20,480 pixels, of which a window of a few would unpack the whole.
    path, side = tmp_path / "bomb.tif", 20_480
    with rasterio.open(
        path, "w", driver="GTiff", height=side, width=side, count=1, dtype="uint8", crs=CRS,
        transform=from_origin(670_000, 4_800_000, 5, 5), tiled=True, blockxsize=side,
        blockysize=side, compress="deflate", sparse_ok=True,
    ):  # fmt: skip
        pass
    assert path.stat().st_size < 10_000
    with pytest.raises(MaskError, match=r"bomb.tif is packed in blocks of 419 MB.*TILED=YES"):
        read_band(path, bounds=(671_000, 4_790_000, 672_000, 4_791_000))


@pytest.mark.parametrize("driver", ["GTiff", "HFA", "AAIGrid", "EHdr", "SAGA", "RRASTER"])
def test_read_band__reads_the_formats_that_it_names(driver, tmp_path):
    values = tif(tmp_path / "a.tif")
    ending = {
        "GTiff": "tif", "HFA": "img", "AAIGrid": "asc", "EHdr": "bil", "SAGA": "sdat",
        "RRASTER": "grd",
    }[driver]  # fmt: skip
    with (
        rasterio.open(tmp_path / "a.tif") as a,
        rasterio.open(tmp_path / "b.tif", "w", **a.profile | {"dtype": "float32"}) as b,
    ):
        b.write(a.read().astype("float32"))
    rasterio.shutil.copy(tmp_path / "b.tif", tmp_path / f"c.{ending}", driver=driver)

    found = read_band(tmp_path / f"c.{ending}")

    np.testing.assert_allclose(found.values, values, rtol=1e-6)
    assert found.crs is not None


ADDRESSES = [
    "{0}/forest.tif", "/vsicurl/{0}/forest.tif", "/vsizip/x.zip/forest.tif", "/vsizip/{0}/x.zip/a",
    "vrt://{0}/forest.tif", "WMS:{0}", 'NETCDF:"{0}":forest', "PG:host=127.0.0.1", "zip+{0}/x.zip",
    "s3://bucket/forest.tif", "OAPIF:{0}", "MYSQL:x,host=127.0.0.1", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("named", ADDRESSES)
def test_doors__open_no_address(named, address):
    named = named.format(address)
    with pytest.raises(MaskError, match="is an address and not a file"):
        read_band(named)
    with pytest.raises(MaskError, match="is an address and not a file"):
        read_polygon(named, crs=CRS)
    with pytest.raises(SurveyError, match="is an address and not a file"):
        read_points(named)


def layer_vrt(address):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{address}/a.shp'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )


def in_geojson(**members):
    point = {"type": "Point", "coordinates": [128.0, 43.0]}
    feature = {"type": "Feature", "properties": {"a": 1}, "geometry": point}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **members})


LAYERS = {
    "a list of layers": layer_vrt,
    "a list within JSON": lambda to: '{"a": "' + layer_vrt(to).replace('"', "'") + '"}',
    "a map service": lambda to: f"<OGRWFSDataSource><URL>{to}/wfs</URL></OGRWFSDataSource>",
    "a schema elsewhere": lambda to: (
        '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi='
        f'"http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x {to}/x.xsd"/>'
    ),
    "a linked system": lambda to: in_geojson(
        crs={"type": "link", "properties": {"href": f"{to}/crs", "type": "proj4"}}
    ),
    "a system by address": lambda to: in_geojson(
        crs={"type": "name", "properties": {"name": f"{to}/crs/4326"}}
    ),
    "commands": lambda to: (
        f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector read {to}/a.shp"}}'
    ),
    "a page": lambda to: f'<html><a href="{to}">moved</a></html>',
    "a catalogue": lambda to: f'{{"links": [{{"href": "{to}"}}], "collections": []}}',
    "entities": lambda to: (
        f'<!DOCTYPE a [<!ENTITY b SYSTEM "{to}/b">]><OGRVRTDataSource>&b;</OGRVRTDataSource>'
    ),
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("name", ["area.gpkg", "area.geojson", "area.shp"])
def test_read_layer__reaches_nothing_but_the_file(kind, name, tmp_path, address):
    (tmp_path / name).write_text(LAYERS[kind](address))

    with pytest.raises(MaskError, match="cannot be read as a vector file"):
        read_layer(tmp_path / name, crs=None)


@pytest.mark.parametrize(
    "made",
    [
        "CREATE VIEW more AS SELECT fid, geom, ogr_geocode('here') AS place FROM area",
        "CREATE VIRTUAL TABLE more USING fts4(a)",
    ],
)
def test_read_layer__refuses_tables_that_are_worked_out(made, tmp_path):
    path = tmp_path / "area.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[SQUARE], crs=CRS).to_file(path, layer="area")
    with sqlite3.connect(path) as package:
        package.execute(made)
    package.close()

    with pytest.raises(MaskError, match=r"views or virtual tables \(more"):
        read_layer(path, crs=None)


def test_read_layer__refuses_a_zip_in_words(tmp_path):
    with zipfile.ZipFile(tmp_path / "area.zip", "w") as archive:
        archive.writestr("area.geojson", in_geojson())

    with pytest.raises(MaskError, match="unpack it and name the file in it"):
        read_layer(tmp_path / "area.zip", crs=None)


def test_read_geojson__is_what_gdal_reads(tmp_path):
    table = gpd.GeoDataFrame(
        {
            "name": ["a", None, "ü"],
            "n": [1, 2, 3],
            "x": [0.5, None, 1e-9],
            "ok": [True, False, True],
        },
        geometry=[SQUARE, shapely.MultiPoint([(680_000, 4_770_000)]), None],
        crs=CRS,
    )
    table.to_file(tmp_path / "a.geojson")

    ours, theirs = (
        read_layer(tmp_path / "a.geojson", crs=None),
        gpd.read_file(tmp_path / "a.geojson"),
    )

    assert list(ours.columns) == list(theirs.columns)
    assert ours.crs == theirs.crs
    assert ours.geometry.to_wkt().tolist() == theirs.geometry.to_wkt().tolist()
    for column in ("name", "n", "x", "ok"):
        assert repr(ours[column].tolist()) == repr(theirs[column].tolist())


def test_read_geojson__without_a_system_is_in_degrees(tmp_path):
    (tmp_path / "a.geojson").write_text("﻿" + in_geojson(), encoding="utf-8")

    table, crs = read_points(tmp_path / "a.geojson")

    assert (crs, table["x"].tolist(), table["y"].tolist()) == ("EPSG:4326", [128.0], [43.0])


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '{"type": "FeatureCollection"}', '{"type": "FeatureCollection", "features": [1]}',
     '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}', "[" * 100_000, '{"a":' * 100_000,
     '{"type": "Feature", "geometry": {"type": "Point", "coordinates": ["a", 1]}}',
     '{"type": "Feature", "geometry": null, "properties": 5}',
     '{"type": "Point", "coordinates": [1, 2], "crs": 5}'],
)  # fmt: skip
def test_read_geojson__refuses_what_is_none(text, tmp_path):
    (tmp_path / "a.geojson").write_text(text)

    with pytest.raises(MaskError, match="cannot be read as a vector file"):
        read_layer(tmp_path / "a.geojson", crs=None)


def test_doors__are_the_only_ones():
    found = [
        path.name
        for folder in ("scr", "trap_layouts")
        for path in Path(folder).rglob("*.py")
        if "demo" not in path.parts
        and any(
            word in path.read_text(encoding="utf-8")
            for word in ("rasterio.open(", "gpd.read_file", "pyogrio.read", "pyogrio.list")
        )
    ]
    assert sorted(found) == ["raster_door.py", "vector_door.py"]


@pytest.mark.parametrize("command", ["check", "fit"])
@pytest.mark.parametrize("what", ["forest.tif", "reserve.geojson"])
def test_doors__are_those_of_the_command_line(what, command, tmp_path, address):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "stations.csv").write_text(
        "station,x,y\n" + "".join(f"K{i},{680_000 + i % 3 * 2000},{4_770_000 + i // 3 * 2000}\n"
                                  for i in range(9))
    )  # fmt: skip
    (folder / "deployments.csv").write_text(
        "station,start,end\n" + "".join(f"K{i},2024-05-02,2024-07-15\n" for i in range(9))
    )
    (folder / "detections.csv").write_text(
        "individual,station,datetime\n"
        + "".join(f"A{i % 3},K{i},2024-06-0{i + 1} 22:00\n" for i in range(9))
    )
    tif(folder / "forest.tif")
    gpd.GeoDataFrame(geometry=[SQUARE], crs=CRS).to_file(folder / "reserve.geojson")
    (folder / what).write_text(
        vrt(f"/vsicurl/{address}/a.tif") if what == "forest.tif" else layer_vrt(address)
    )
    (folder / "survey.toml").write_text(
        f'title = "S"\n[survey]\ntraps = "stations.csv"\ndeployments = "deployments.csv"\n'
        f'detections = "detections.csv"\ncrs = "{CRS}"\n[mask]\nbuffer = 9000\nspacing = 1000\n'
        '[covariates]\nforest = { raster = "forest.tif" }\n[model]\ndensity = "~ forest"\n'
        '[report]\nreserve = "reserve.geojson"\n'
    )

    run = CliRunner().invoke(app, [command, str(folder)])

    assert run.exit_code == 1
    assert isinstance(run.exception, SystemExit), repr(run.exception)
    assert f"{what} cannot be read as a" in " ".join(run.output.split())
