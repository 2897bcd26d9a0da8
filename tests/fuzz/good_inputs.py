"""Sound input of every kind that a reader takes, small, from which wrong input is made."""

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from openpyxl import Workbook
from rasterio.transform import from_origin

CRS = "EPSG:32652"
ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "scr" / "demo" / "data"
FORMATS = ROOT.parent / "shared" / "reference" / "formats"
CASES = ROOT / "tests" / "cases"

_ANIMALS = ("Ada", "Bo", "Cy", "Di", "Ed", "Fay")
_START = pd.Timestamp("2024-05-02")


def stations() -> pd.DataFrame:
    """Twelve stations, two kilometres apart."""
    east, north = np.meshgrid(np.arange(4) * 2000.0, np.arange(3) * 2000.0)
    return pd.DataFrame(
        {
            "station": [f"K{k:02d}" for k in range(1, 13)],
            "x": 680_000.0 + east.ravel(),
            "y": 4_770_000.0 + north.ravel(),
            "lure": ["no", "yes"] * 6,
        }
    )


def deployments() -> pd.DataFrame:
    """Two months at every station, with one failure."""
    names = stations()["station"]
    table = pd.DataFrame({"station": names, "start": "2024-05-02", "end": "2024-06-30"})
    table["problem1_from"] = ""
    table["problem1_to"] = ""
    table.loc[3, ["problem1_from", "problem1_to"]] = ["2024-05-20", "2024-05-25"]
    return table


def detections() -> pd.DataFrame:
    """Thirty detections of six animals."""
    rng = np.random.default_rng(4)
    names = stations()["station"].drop(index=3).to_numpy()
    rows = []
    for k in range(30):
        animal = _ANIMALS[k % 6]
        hours = int(rng.integers(0, 58)) * 24 + 20 + int(rng.integers(0, 3))
        when = _START + pd.Timedelta(hours=hours, minutes=int(rng.integers(0, 60)))
        sex = "FM"[k % 2]
        rows.append((animal, names[(k % 6 + k // 6) % 11], when.strftime("%Y-%m-%d %H:%M"), sex))
    return pd.DataFrame(rows, columns=["individual", "station", "datetime", "sex"])


def usage() -> pd.DataFrame:
    """A column per occasion."""
    table = pd.DataFrame({"station": stations()["station"]})
    for k in range(1, 9):
        table[f"u{k}"] = 7
    return table


def numbered() -> pd.DataFrame:
    """Detections with numbered occasions."""
    seen = detections()
    seen["datetime"] = [str(1 + k % 8) for k in range(len(seen))]
    return seen.rename(columns={"datetime": "occasion"})


def bait() -> pd.DataFrame:
    """A row for each station and numbered occasion."""
    names = stations()["station"]
    table = pd.DataFrame({"station": np.repeat(names, 8), "occasion": np.tile(range(1, 9), 12)})
    return table.assign(bait=["fish", "meat", "fruit"] * 32)


def write_plain(folder: Path) -> None:
    """CSV tables, polygons, a raster, a mask and a survey.toml."""
    stations().to_csv(folder / "stations.csv", index=False)
    deployments().to_csv(folder / "deployments.csv", index=False)
    detections().to_csv(folder / "detections.csv", index=False)
    usage().to_csv(folder / "usage.csv", index=False)
    numbered().to_csv(folder / "numbered.csv", index=False)
    pd.DataFrame({"individual": ["Fay", "Ed"], "becomes": ["Ada", "Eve"], "row": ["", "6"]}).to_csv(
        folder / "identities.csv", index=False
    )
    pd.DataFrame({"session": ["1"], "year": [2024]}).to_csv(folder / "sessions.csv", index=False)
    days = pd.date_range(_START, "2024-06-30").strftime("%Y-%m-%d")
    pd.DataFrame({"date": days, "rain": np.arange(60) % 7}).to_csv(folder / "rain.csv", index=False)
    bait().to_csv(folder / "bait.csv", index=False)
    write_shapes(folder)
    write_raster(folder / "forest.tif")
    (folder / "survey.toml").write_text(SURVEY_TOML, encoding="utf-8")
    (folder / "plan.toml").write_text(PLAN_TOML, encoding="utf-8")


SURVEY_TOML = f"""title = "Small"
[survey]
traps = "stations.csv"
deployments = "deployments.csv"
detections = "detections.csv"
session_covariates = "sessions.csv"
occasion_covariates = "rain.csv"
crs = "{CRS}"
detector = "proximity"
occasion_days = 1
day_starts = "midnight"
[mask]
buffer = 4_000
spacing = 1_000
exclude = ["lake.gpkg"]
[covariates]
forest = {{ raster = "forest.tif" }}
road = {{ distance_to = "lake.gpkg" }}
[model]
density = "~ forest"
lambda0 = "~ sex"
[model.priors]
"density.forest" = {{ mean = 0, sd = 1 }}
[fit]
engine = "auto"
[report]
reserve = "reserve.geojson"
"""


PLAN_TOML = f"""title = "Small"
reserve = "reserve.geojson"
reserve_name = "park"
crs = "{CRS}"
exclude = ["lake.gpkg"]
[mask]
buffer = 4_000
spacing = 1_000
exclude = ["lake.gpkg"]
[covariates]
forest = {{ raster = "forest.tif" }}
[model]
density = "~ scale(forest)"
lambda0 = "~ sex"
[parameters]
density = 0.8
"density.scale(forest)" = {{ normal = [0.4, 0.1] }}
lambda0 = 0.012
"lambda0.sex[T.M]" = 0.2
sigma = 1_500
share = 0.4
[survey]
detector = "proximity"
n_occasions = 90
unknown_sex = 0.2
[equipment]
failure = 0.05
one_flank = 0.6
[prices]
station = 40
camera = 60
km = 1.5
visits = 3
[study]
grid = {{ density = [0.5, 1.0] }}
"""


def write_shapes(folder: Path) -> None:
    """A reserve with a hole, a lake, and the stations as points, in several formats."""
    outer = shapely.box(677_000, 4_767_000, 690_000, 4_778_000)
    reserve = outer.difference(shapely.box(681_000, 4_775_000, 682_000, 4_776_000))
    lake = shapely.box(684_500, 4_773_000, 685_500, 4_773_800)
    area = gpd.GeoDataFrame({"name": ["park"]}, geometry=[reserve], crs=CRS)
    for ending in ("gpkg", "geojson", "shp"):
        area.to_file(folder / f"reserve.{ending}")
    gpd.GeoDataFrame({"name": ["lake"]}, geometry=[lake], crs=CRS).to_file(folder / "lake.gpkg")
    table = stations()
    points = gpd.GeoDataFrame(
        table[["station", "lure"]], geometry=gpd.points_from_xy(table["x"], table["y"]), crs=CRS
    )
    points.to_file(folder / "points.geojson")
    points.to_file(folder / "points.gpkg")
    cells = pd.DataFrame(
        [(x, y, (x + y) % 7) for x in range(676_500, 692_000, 1000)
         for y in range(4_766_500, 4_780_000, 1000)],
        columns=["x", "y", "forest"],
    )  # fmt: skip
    cells.to_csv(folder / "mask.csv", index=False)


def write_raster(path: Path) -> None:
    """A raster that covers the stations and ten kilometres round them."""
    values = np.random.default_rng(7).uniform(0, 100, (60, 60)).astype("float32")
    with rasterio.open(
        path, "w", driver="GTiff", height=60, width=60, count=1, dtype="float32", crs=CRS,
        transform=from_origin(668_000, 4_788_000, 500, 500), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(values, 1)


def write_camtrap_dp(folder: Path) -> None:
    """A Camtrap DP package."""
    if FORMATS.is_dir():
        for file in (FORMATS / "camtrap_dp_example").iterdir():
            shutil.copyfile(file, folder / file.name)
        for name in ("media.csv", "observations.csv"):
            lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
            (folder / name).write_text("".join(lines[:60]), encoding="utf-8")
    seen, place = detections(), stations().set_index("station")
    own = pd.DataFrame(
        {
            "deploymentID": [f"d{k}" for k in range(12)],
            "locationID": place.index,
            "latitude": 43.0 + np.arange(12) * 0.02,
            "longitude": 131.2,
            "deploymentStart": "2024-05-02T00:00:00+10:00",
            "deploymentEnd": ["2024-06-30T12:00:00+10:00"] * 6 + ["2024-06-30T02:00:00Z"] * 6,
        }
    )
    homes = dict(zip(place.index, own["deploymentID"], strict=True))
    observed = pd.DataFrame(
        {
            "observationID": range(len(seen)),
            "deploymentID": seen["station"].map(homes),
            "eventStart": seen["datetime"].str.replace(" ", "T") + ":00+10:00",
            "observationType": "animal",
            "scientificName": "Panthera pardus",
            "sex": seen["sex"].map({"F": "female", "M": "male"}),
            "lifeStage": "adult",
            "mediaID": range(len(seen)),
            "individualID": seen["individual"],
            "observationTags": "flank:left",
        }
    )
    own.to_csv(folder / "deployments.csv", index=False)
    observed.to_csv(folder / "observations.csv", index=False)
    pd.DataFrame({"mediaID": range(len(seen)), "captureMethod": "activityDetection"}).to_csv(
        folder / "media.csv", index=False
    )
    if not (folder / "datapackage.json").exists():
        names = ("deployments", "media", "observations")
        resources = [{"name": name, "path": f"{name}.csv"} for name in names]
        (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))


def write_camtrapr(folder: Path) -> None:
    """A station table, a record table and a camera-operation matrix."""
    place = stations().rename(columns={"station": "Station", "x": "utm_x", "y": "utm_y"})
    place["Setup_date"], place["Retrieval_date"] = "02/05/2024", "30/06/2024"
    place["Problem1_from"], place["Problem1_to"] = "", ""
    place.to_csv(folder / "camtraps.csv", index=False)
    seen = detections().rename(
        columns={"station": "Station", "individual": "Individual", "datetime": "DateTimeOriginal"}
    )
    seen["Species"] = "Panthera pardus"
    seen.to_csv(folder / "records.csv", index=False)
    days = pd.date_range("2024-05-02", "2024-06-30").strftime("%Y-%m-%d")
    matrix = pd.DataFrame(1, index=[f"{s}__CAM_a" for s in place["Station"]], columns=days)
    matrix.to_csv(folder / "operation.csv")


def write_wildlife_insights(folder: Path) -> None:
    """Deployments and images."""
    table, seen = deployments(), detections()
    pd.DataFrame(
        {
            "deployment_id": table["station"] + "_1",
            "placename": table["station"],
            "longitude": 131.2,
            "latitude": 43.0 + np.arange(12) * 0.02,
            "start_date": "2024-05-02 00:00:00",
            "end_date": "2024-06-30 23:59:59",
            "camera_functioning": "Camera Functioning",
        }
    ).to_csv(folder / "deployments.csv", index=False)
    pd.DataFrame(
        {
            "deployment_id": seen["station"] + "_1",
            "timestamp": seen["datetime"] + ":00",
            "genus": "Panthera",
            "species": "pardus",
            "sex": seen["sex"],
            "age": "Adult",
            "individual_id": seen["individual"],
            "is_blank": "0",
        }
    ).to_csv(folder / "images.csv", index=False)


def write_secr(folder: Path) -> None:
    """Captures by name and by place, and a layout with usage and a covariate."""
    place, seen = stations().set_index("station"), numbered()
    lines = [f"{n} {r.x:g} {r.y:g} 11111111 / {r.lure}" for n, r in place.iterrows()]
    (folder / "trap.txt").write_text("# Detector x y usage\n" + "\n".join(lines) + "\n")
    named = [f"1 {a} {o} {s} {x}" for a, s, o, x in seen.to_numpy()]
    (folder / "capt.txt").write_text("# Session ID Occasion Detector sex\n" + "\n".join(named))
    xy = {name: f"{row.x:g},{row.y:g}" for name, row in place.iterrows()}
    placed = [f"1,{a},{o},{xy[s]}" for a, s, o, _ in seen.to_numpy()]
    (folder / "captxy.csv").write_text("\n".join(placed) + "\n")


def write_oscr(folder: Path) -> None:
    """Encounters and a trap deployment file."""
    seen = numbered().rename(columns={"individual": "ind", "station": "trap"})
    seen.insert(0, "session", 1)
    seen.to_csv(folder / "edf.csv", index=False)
    table = stations()[["station", "x", "y"]].rename(columns={"station": "trap"})
    table = table.join(usage().drop(columns="station"))
    table["sep"], table["lure"] = "/", stations()["lure"]
    table.to_csv(folder / "tdf.csv", index=False)


def write_gpx(folder: Path) -> None:
    """Waypoints."""
    points = "\n".join(
        f'<wpt lat="{43.0 + k * 0.02}" lon="131.2"><ele>210</ele><name>K{k + 1:02d}</name></wpt>'
        for k in range(12)
    )
    (folder / "stations.gpx").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="x" '
        f'xmlns="http://www.topografix.com/GPX/1/1">\n{points}\n</gpx>\n'
    )


def write_kml(folder: Path) -> None:
    """Placemarks as Google Earth writes them, plain and zipped, and a polygon with a hole."""
    points = "\n".join(
        f"<Placemark><name>K{k + 1:02d}</name><ExtendedData><Data name='lure'><value>yes</value>"
        f"</Data></ExtendedData><Point><coordinates>131.2,{43.0 + k * 0.02},210</coordinates>"
        "</Point></Placemark>"
        for k in range(12)
    )
    ring = "131.1,42.9 131.4,42.9 131.4,43.3 131.1,43.3 131.1,42.9"
    hole = "131.2,43.0 131.25,43.0 131.25,43.05 131.2,43.05 131.2,43.0"
    park = (
        "<Placemark><name>park</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing>"
        f"<coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>"
    )
    for name, inside in (("stations", points), ("park", park)):
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
            f"<Document><Folder>{inside}</Folder></Document></kml>\n"
        )
        (folder / f"{name}.kml").write_text(text, encoding="utf-8")
        with zipfile.ZipFile(folder / f"{name}.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("doc.kml", text)


def write_spacecap(folder: Path) -> None:
    """Trap deployment, captures and state space."""
    place = stations().drop(columns="lure")
    place.columns = ["LOC_ID", "X_COORD", "Y_COORD"]
    for k in range(1, 9):
        place[str(k)] = 1
    place.to_csv(folder / "traps.csv", index=False)
    seen = numbered()[["station", "individual", "occasion"]]
    seen.columns = ["LOC_ID", "ANIMAL_ID", "SO"]
    seen.to_csv(folder / "captures.csv", index=False)
    cells = [(x, y, int((x + y) % 7 > 0)) for x in range(676_500, 692_000, 1000)
             for y in range(4_766_500, 4_780_000, 1000)]  # fmt: skip
    pd.DataFrame(cells, columns=["X_COORD", "Y_COORD", "HABITAT"]).to_csv(
        folder / "cells.csv", index=False
    )


def write_workbook(folder: Path) -> None:
    """One workbook with three sheets."""
    book = Workbook()
    for name, table in (
        ("stations", stations()),
        ("deployments", deployments()),
        ("detections", detections()),
    ):
        sheet = book.create_sheet(name)
        sheet.append(list(table.columns))
        for row in table.itertuples(index=False):
            sheet.append(list(row))
    del book["Sheet"]
    book.save(folder / "survey.xlsx")


def zipped(folder: Path, target: Path) -> None:
    """A folder as a zip file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            if file.is_file() and file != target:
                archive.write(file, file.name)
