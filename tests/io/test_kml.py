"""Places from Google Earth: what they hold, and files that are made to do harm."""

import zipfile

import numpy as np
import pytest
import shapely

import scr
import trap_layouts
from scr.errors import MaskError, SurveyError
from scr.io.crs import reproject_points
from scr.io.kml import read_kml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACE = 'xmlns="http://www.opengis.net/kml/2.2"'
UTM = "EPSG:32652"


def document(*placemarks, head=HEAD):
    body = "".join(placemarks)
    return f"{head}<kml {SPACE}><Document><Folder>{body}</Folder></Document></kml>"


def point(name, lon, lat, **data):
    extended = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in data.items())
    return (
        f"<Placemark><name>{name}</name><ExtendedData>{extended}</ExtendedData>"
        f"<Point><coordinates>{lon},{lat},15</coordinates></Point></Placemark>"
    )


def ring(*corners):
    text = " ".join(f"{lon},{lat}" for lon, lat in corners)
    return f"<LinearRing><coordinates>\n {text}\n</coordinates></LinearRing>"


def box(west, south, east, north):
    return ring((west, south), (east, south), (east, north), (west, north), (west, south))


def polygon(name, outer, *holes):
    inner = "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in holes)
    return (
        f"<Placemark><name>{name}</name><Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>"
        f"{inner}</Polygon></Placemark>"
    )


STATIONS = document(
    point("K01", 128.21, 37.04, cameras=2, habitat="ridge"),
    point("K02", 128.24, 37.05, cameras=1, habitat="stream"),
    point("K03", 128.26, 37.04, cameras=2, habitat="ridge"),
)
CORE, EDGE = box(128.2, 37.0, 128.3, 37.1), box(128.24, 37.04, 128.26, 37.06)


def save(folder, name, text):
    path = folder / name
    if path.suffix == ".kmz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("files/photo.png", b"no picture")
            archive.writestr("doc.kml", text)
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["stations.kml", "stations.kmz", "stations.KMZ"])
def test_read_traps__placemarks_are_stations(name, tmp_path):
    path = save(tmp_path, name.lower(), STATIONS).rename(tmp_path / name)
    traps = scr.read_traps(path, to_crs=UTM)
    lonlat = reproject_points(traps.xy, UTM, "EPSG:4326")
    assert traps.names.tolist() == ["K01", "K02", "K03"]
    assert lonlat.T[0] == pytest.approx([128.21, 128.24, 128.26], abs=1e-9)
    assert lonlat.T[1] == pytest.approx([37.04, 37.05, 37.04], abs=1e-9)
    assert traps.covariates["habitat"].tolist() == ["ridge", "stream", "ridge"]
    layout = trap_layouts.read_layout(path, to_crs=UTM)
    assert layout.cameras.tolist() == [2, 1, 2]
    assert layout.xy == pytest.approx(traps.xy)


def test_read_traps__kml_needs_a_system_in_metres(tmp_path):
    with pytest.raises(MaskError, match=r"stations.kml is in longitude and latitude.*EPSG:32652"):
        scr.read_traps(save(tmp_path, "stations.kml", STATIONS))


@pytest.mark.parametrize("name", ["zones.kml", "zones.kmz"])
def test_read_zones__polygons_with_holes_by_their_names(name, tmp_path):
    path = save(tmp_path, name, document(polygon("Core", CORE, EDGE), polygon("Edge", EDGE)))
    zones = scr.read_zones(path, name="name", crs=UTM)
    # A degree is 111.0 km of latitude and 88.9 km of longitude at 37.05 north.
    whole, hole = 11.10 * 8.90, 2.220 * 1.780
    assert zones["Core"].area_km2 == pytest.approx(whole - hole, rel=3e-3)
    assert zones["Edge"].area_km2 == pytest.approx(hole, rel=3e-3)
    reserve = scr.read_reserve(path, crs=UTM)
    assert reserve.area_km2 == pytest.approx(whole, rel=3e-3)


def test_read_kml__several_parts_and_schema_data(tmp_path):
    text = document(
        '<Placemark><ExtendedData><SchemaData><SimpleData name="site">north</SimpleData>'
        "</SchemaData></ExtendedData><MultiGeometry>"
        f"<Polygon><outerBoundaryIs>{CORE}</outerBoundaryIs></Polygon>"
        f"<Polygon><outerBoundaryIs>{box(129, 37, 129.1, 37.1)}</outerBoundaryIs></Polygon>"
        "</MultiGeometry></Placemark>",
        "<Placemark><name>path</name><LineString><coordinates>0,0 1,1</coordinates></LineString>"
        "</Placemark>",
    )
    frame = read_kml(save(tmp_path, "parts.kml", text), MaskError)
    assert frame["site"].tolist()[0] == "north"
    assert frame.geometry[0].area == pytest.approx(0.02)
    assert frame.geometry[1].equals(shapely.LineString([(0, 0), (1, 1)]))


BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>\n"
)
FAULTS = {
    "an entity bomb": (document(point("&j;", 1, 1), head=BOMB), "document type"),
    "an entity from a file": (
        document(
            point("&x;", 1, 1),
            head='<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        ),
        "document type",
    ),
    "a network link": (
        document("<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"),
        "1 network links, which are not followed",
    ),
    "no placemark": (document(), "no placemark"),
    "no XML": ("station,x,y\nA,1,2\n", "cannot be read as KML"),
    "cut off": (STATIONS[:-60], "cannot be read as KML"),
    "no numbers": (document(point("A", "east", 2)), "cannot be read as KML"),
    "not finite": (document(point("A", "nan", 2)), "no longitude and latitude"),
    "no coordinates": (document("<Placemark><Point/></Placemark>"), "Point has no coordinates"),
    "a corner too few": (document(polygon("A", ring((0, 0), (1, 1)))), "cannot be read as KML"),
    "no outer boundary": (document("<Placemark><Polygon/></Placemark>"), "cannot be read as KML"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("ending", ["kml", "kmz"])
def test_read_kml__faults_are_told_and_nothing_is_opened(fault, ending, tmp_path):
    text, words = FAULTS[fault]
    path = save(tmp_path, f"places.{ending}", text)
    for read in (scr.read_traps, scr.read_reserve, trap_layouts.read_layout):
        with pytest.raises(scr.ScrError, match=words) as error:
            read(path)
        assert str(error.value).startswith(f"places.{ending}")


def test_read_kml__a_placemark_without_a_point_is_named(tmp_path):
    text = document(point("K01", 128, 37), "<Placemark><name>K02</name></Placemark>")
    with pytest.raises(SurveyError, match=r"coordinates that are missing.*'K02'"):
        scr.read_traps(save(tmp_path, "stations.kml", text), to_crs=UTM)


def test_read_kml__a_zip_that_unpacks_to_gigabytes_is_refused_soon(tmp_path):
    path = tmp_path / "bomb.kmz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("doc.kml", "w", force_zip64=True) as file,
    ):
        for _ in range(150):
            file.write(b" " * 1_000_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(MaskError, match=r"bomb.kmz, doc.kml is larger than 100 MB"):
        read_kml(path, MaskError)


def test_read_kml__names_out_of_the_zip_are_refused(tmp_path):
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../doc.kml", document(point("K01", 128, 37)))
    with pytest.raises(MaskError, match="which does not lie in it"):
        read_kml(path, MaskError)


def test_read_kml__damaged_zips_are_told(tmp_path):
    path = save(tmp_path, "stations.kmz", STATIONS)
    whole = path.read_bytes()
    rng = np.random.default_rng(7)
    outcomes = set()
    for _ in range(60):
        content = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            content[place] = rng.integers(0, 256)
        path.write_bytes(bytes(content))
        try:
            read_kml(path, MaskError)
            outcomes.add("read")
        except MaskError:
            outcomes.add("told")
    assert "told" in outcomes
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(MaskError, match=r"holds no \.kml file"):
        read_kml(path, MaskError)
