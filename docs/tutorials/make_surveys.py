"""Make the surveys of the tutorials: everything in ``tutorials/data`` is simulated here.

Seeds were fixed before any fit was made of what they give.
"""

import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from openpyxl import Workbook
from pyproj import Transformer
from rasterio.transform import from_origin
from scipy.ndimage import gaussian_filter
from shapely.geometry import Polygon

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

DATA = Path(__file__).parent / "data"
CRS = "EPSG:32718"
CORNER = np.array([520_000.0, 9_640_000.0])
"""South-west corner of the stations, in the Amazon, where nothing of this was surveyed."""


def grid(columns: int, rows: int, *, spacing: float, seed: int) -> NDArray[np.float64]:
    """Stations on a grid, each moved by up to a fifth of the spacing, as trails demand."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(columns) * spacing, np.arange(rows) * spacing)
    xy = np.column_stack([x.ravel(), y.ravel()])
    return np.round(CORNER + xy + rng.uniform(-0.2, 0.2, xy.shape) * spacing)


def worked(n: int, days: int, *, seed: int, failing: int) -> tuple[NDArray[np.float64], list[int]]:
    """Days worked by each station, of which some failed early; day of failure, or -1."""
    rng = np.random.default_rng(seed)
    effort = np.ones((n, days))
    failed = [-1] * n
    for i in rng.choice(n, failing, replace=False):
        failed[i] = int(rng.integers(10, days - 10))
        effort[i, failed[i] :] = 0
    return effort, failed


def simulated(
    traps: scr.Traps,
    effort: list[NDArray[np.float64]],
    mask: scr.HabitatMask,
    spec: scr.ModelSpec,
    coefficients: dict[str, float],
    *,
    seed: int,
    **options: float,
) -> scr.Survey:
    """A survey of animals that are made up."""
    plan = plan_survey(traps, [Usage(days) for days in effort])
    made, _ = scr.simulate_survey(plan, mask, spec, coefficients=coefficients, seed=seed, **options)
    return made


def tables(
    survey: scr.Survey, failed: list[list[int]], first: list[str], *, seed: int, animal: str
) -> dict[str, pd.DataFrame]:
    """Stations, deployments and detections as a field project has them."""
    rng = np.random.default_rng(seed)
    several = len(survey.sessions) > 1
    stations, deployments, detections = [], [], []
    for session, ends, day_one in zip(survey.sessions, failed, first, strict=True):
        label = {"session": session.name} if several else {}
        start, days = pd.Timestamp(day_one), session.usage.effort.shape[1]
        for name, (x, y), end in zip(session.traps.names, session.traps.xy, ends, strict=True):
            stations.append({**label, "station": name, "x": int(x), "y": int(y)})
            last = start + pd.Timedelta(days=days - 1)
            problem = "" if end < 0 else f"{start + pd.Timedelta(days=end):%Y-%m-%d}"
            deployments.append(
                {
                    **label,
                    "station": name,
                    "start": f"{start:%Y-%m-%d}",
                    "end": f"{last:%Y-%m-%d}",
                    "problem1_from": problem,
                    "problem1_to": "" if end < 0 else f"{last:%Y-%m-%d}",
                }
            )
        captures = session.captures
        sexes = captures.covariates.get("sex") if len(captures.covariates.columns) else None
        for i, s, k in zip(captures.individual, captures.occasion, captures.trap, strict=True):
            when = start + pd.Timedelta(days=int(s), minutes=int(rng.integers(24 * 60)))
            number = "".join(c for c in str(captures.individuals[i]) if c.isdigit())
            row = {
                **label,
                "individual": f"{animal}{int(number):02d}",
                "station": session.traps.names[k],
                "datetime": f"{when:%Y-%m-%d %H:%M}",
            }
            if sexes is not None:
                value = sexes.iloc[i]
                row["sex"] = "" if pd.isna(value) else value
            detections.append(row)
    found = pd.DataFrame(detections).sort_values("datetime", kind="stable")
    return {
        "stations": pd.DataFrame(stations),
        "deployments": pd.DataFrame(deployments),
        "detections": found,
    }


def write(folder: str, given: dict[str, pd.DataFrame]) -> Path:
    """CSV files of a survey."""
    target = DATA / folder
    target.mkdir(parents=True, exist_ok=True)
    for name, table in given.items():
        table.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")
    return target


def names_of(n: int, letter: str = "S") -> NDArray[np.object_]:
    """Names of stations."""
    return np.array([f"{letter}{i + 1:02d}" for i in range(n)], dtype=object)


def write_polygon(path: Path, corners: list[tuple[float, float]], name: str) -> None:
    """A reserve, by corners in metres from the first station."""
    outline = Polygon([(CORNER[0] + x, CORNER[1] + y) for x, y in corners])
    gpd.GeoDataFrame({"name": [name]}, geometry=[outline], crs=CRS).to_file(path)


RESERVE = [(-1500, -1000), (4000, -2200), (10_500, -1200), (11_000, 3000), (9000, 6500),
           (3500, 6800), (-1200, 5200)]  # fmt: skip


def first_density() -> None:
    """Ocelots: 40 stations, 60 days, the same density everywhere."""
    xy = grid(8, 5, spacing=1200.0, seed=1)
    effort, failed = worked(len(xy), 60, seed=2, failing=4)
    traps = scr.Traps(names=names_of(len(xy)), xy=xy, crs=CRS)
    mask = scr.build_mask(traps, buffer=6000, spacing=400)
    truth = {
        "density.Intercept": math.log(0.25),
        "lambda0.Intercept": math.log(0.04),
        "sigma.Intercept": math.log(900.0),
    }
    survey = simulated(traps, [effort], mask, scr.ModelSpec(), truth, seed=3)
    made = tables(survey, [failed], ["2025-06-01"], seed=4, animal="O")
    target = write("first_density", made)
    write_polygon(target / "reserve.gpkg", RESERVE, "Rio Claro")
    other_formats(made)


def forest_of(path: Path, *, seed: int) -> None:
    """Forest cover in per cent, of a landscape that is made up."""
    side, cells = 250.0, (130, 150)
    noise = np.random.default_rng(seed).standard_normal(cells)
    smooth = gaussian_filter(noise, 9)
    cover = 100 / (1 + np.exp(-2.2 * smooth / smooth.std()))
    place = from_origin(CORNER[0] - 13_000, CORNER[1] + 19_000, side, side)
    shape = {"height": cells[0], "width": cells[1], "count": 1}
    kind = {"driver": "GTiff", "dtype": "uint8", "crs": CRS, "transform": place, "nodata": 255}
    with rasterio.open(path, "w", **shape, **kind, compress="deflate") as file:
        file.write(np.round(cover).astype(np.uint8), 1)


def covariates_and_a_map() -> None:
    """Jaguarundis that prefer forest: 63 stations, 45 days."""
    folder = DATA / "covariates_and_a_map"
    folder.mkdir(parents=True, exist_ok=True)
    forest_of(folder / "forest.tif", seed=21)
    xy = grid(9, 7, spacing=1300.0, seed=22)
    effort, failed = worked(len(xy), 45, seed=23, failing=5)
    traps = scr.Traps(names=names_of(len(xy)), xy=xy, crs=CRS)
    mask = scr.build_mask(traps, buffer=6000, spacing=500)
    mask = scr.sample_raster(mask, folder / "forest.tif", name="forest")
    spec = scr.ModelSpec(density="~ scale(forest)")
    truth = {
        "density.Intercept": math.log(0.2),
        "density.scale(forest)": 0.8,
        "lambda0.Intercept": math.log(0.05),
        "sigma.Intercept": math.log(950.0),
    }
    survey = simulated(traps, [effort], mask, spec, truth, seed=24)
    write("covariates_and_a_map", tables(survey, [failed], ["2025-07-10"], seed=25, animal="J"))
    corners = [(x, 1.35 * y + 300) for x, y in RESERVE]
    write_polygon(folder / "reserve.gpkg", corners, "Rio Claro")


def sexes_and_few_data() -> None:
    """Eleven or so tigrinas at 25 stations; some of unknown sex."""
    xy = grid(5, 5, spacing=1400.0, seed=31)
    effort, failed = worked(len(xy), 70, seed=32, failing=2)
    traps = scr.Traps(names=names_of(len(xy)), xy=xy, crs=CRS)
    mask = scr.build_mask(traps, buffer=7000, spacing=500)
    spec = scr.ModelSpec(lambda0="~ sex", sigma="~ sex")
    truth = {
        "density.Intercept": math.log(0.14),
        "lambda0.Intercept": math.log(0.02),
        "lambda0.sex[T.M]": 0.2,
        "sigma.Intercept": math.log(900.0),
        "sigma.sex[T.M]": 0.4,
        "share.Intercept": -0.2,
    }
    survey = simulated(traps, [effort], mask, spec, truth, seed=33, unknown_sex=0.15)
    write("sexes_and_few_data", tables(survey, [failed], ["2025-03-15"], seed=34, animal="T"))


def two_sessions() -> None:
    """The same 36 stations in two years; the second has fewer animals."""
    xy = grid(6, 6, spacing=1200.0, seed=41)
    names = names_of(len(xy))
    years = ("2023", "2025")
    efforts, ends = zip(
        *(worked(len(xy), 50, seed=42 + i, failing=3) for i in range(2)), strict=True
    )
    traps = scr.Traps(
        names=np.concatenate([names, names]),
        xy=np.concatenate([xy, xy]),
        crs=CRS,
        session=np.repeat(np.array(years, dtype=object), len(xy)),
    )
    mask = scr.build_mask(traps, buffer=6000, spacing=500)
    spec = scr.ModelSpec(density="~ session")
    truth = {
        "density.Intercept": math.log(0.4),
        "density.session[T.2025]": math.log(0.6),
        "lambda0.Intercept": math.log(0.04),
        "sigma.Intercept": math.log(950.0),
    }
    survey = simulated(traps, list(efforts), mask, spec, truth, seed=45)
    days = ["2023-06-01", "2025-06-01"]
    target = write(
        "two_sessions_and_a_trend", tables(survey, list(ends), days, seed=46, animal="M")
    )
    write_polygon(target / "reserve.gpkg", RESERVE, "Rio Claro")


def which_cameras_where() -> None:
    """A reserve and its roads, without a survey."""
    for page in ("which_cameras_where", "power_of_monitoring"):
        target = DATA / page
        target.mkdir(parents=True, exist_ok=True)
        write_polygon(
            target / "reserve.gpkg", [(2.2 * x, 2.2 * y) for x, y in RESERVE], "Rio Claro"
        )


def other_formats(made: dict[str, pd.DataFrame]) -> None:
    """The ocelots again, as four programs write them."""
    root = DATA / "other_formats"
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(made["stations"]["x"], made["stations"]["y"])
    place = dict(zip(made["stations"]["station"], zip(lon, lat, strict=True), strict=True))
    _camtrap_dp(root / "camtrap_dp", made, place)
    _wildlife_insights(root / "wildlife_insights", made, place)
    _camtrapr(root / "camtrapr", made)
    root.mkdir(exist_ok=True)
    book = Workbook()
    book.remove(book.active)
    for name, table in made.items():
        sheet = book.create_sheet(name)
        sheet.append(list(table.columns))
        for row in table.itertuples(index=False):
            sheet.append(list(row))
    book.properties.created = book.properties.modified = pd.Timestamp("2025-09-01")
    book.save(root / "survey.xlsx")


def _camtrap_dp(folder: Path, made: dict[str, pd.DataFrame], place: dict[str, tuple]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    deployments = [
        {
            "deploymentID": f"d{i}",
            "locationID": row.station,
            "latitude": round(place[row.station][1], 6),
            "longitude": round(place[row.station][0], 6),
            "deploymentStart": f"{row.start}T00:00:00-05:00",
            "deploymentEnd": f"{row.problem1_from or '2025-07-31'}T00:00:00-05:00",
        }
        for i, row in enumerate(made["deployments"].itertuples(), start=1)
    ]
    of_station = {d["locationID"]: d["deploymentID"] for d in deployments}
    observations = [
        {
            "observationID": f"o{i}",
            "deploymentID": of_station[row.station],
            "eventStart": f"{row.datetime.replace(' ', 'T')}:00-05:00",
            "eventEnd": f"{row.datetime.replace(' ', 'T')}:00-05:00",
            "observationLevel": "event",
            "observationType": "animal",
            "scientificName": "Leopardus pardalis",
            "individualID": row.individual,
        }
        for i, row in enumerate(made["detections"].itertuples(), start=1)
    ]
    pd.DataFrame(deployments).to_csv(folder / "deployments.csv", index=False)
    pd.DataFrame(observations).to_csv(folder / "observations.csv", index=False)
    resources = [{"name": n, "path": f"{n}.csv"} for n in ("deployments", "observations")]
    package = {"name": "rio-claro", "profile": "1.0.2", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(package, indent=1), encoding="utf-8")


def _wildlife_insights(
    folder: Path, made: dict[str, pd.DataFrame], place: dict[str, tuple]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    deployments = [
        {
            "project_id": "rio_claro",
            "deployment_id": f"{row.station}_2025",
            "placename": row.station,
            "longitude": round(place[row.station][0], 6),
            "latitude": round(place[row.station][1], 6),
            "start_date": f"{row.start} 00:00:00",
            "end_date": f"{row.problem1_from or '2025-07-31'} 00:00:00",
        }
        for row in made["deployments"].itertuples()
    ]
    images = [
        {
            "deployment_id": f"{row.station}_2025",
            "image_id": f"i{i}",
            "timestamp": f"{row.datetime}:00",
            "genus": "Leopardus",
            "species": "pardalis",
            "sex": "",
            "age": "Adult",
            "individual_id": row.individual,
            "is_blank": 0,
        }
        for i, row in enumerate(made["detections"].itertuples(), start=1)
    ]
    pd.DataFrame(deployments).to_csv(folder / "deployments.csv", index=False)
    pd.DataFrame(images).to_csv(folder / "images.csv", index=False)


def _camtrapr(folder: Path, made: dict[str, pd.DataFrame]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = made["stations"].merge(made["deployments"], on="station")
    pd.DataFrame(
        {
            "Station": table["station"],
            "utm_y": table["y"],
            "utm_x": table["x"],
            "Setup_date": table["start"],
            "Retrieval_date": table["end"],
            "Problem1_from": table["problem1_from"],
            "Problem1_to": table["problem1_to"],
        }
    ).to_csv(folder / "camtraps.csv", index=False)
    found = made["detections"]
    pd.DataFrame(
        {
            "Station": found["station"],
            "Species": "Leopardus pardalis",
            "Individual": found["individual"],
            "DateTimeOriginal": found["datetime"] + ":00",
        }
    ).to_csv(folder / "recordTable.csv", index=False)


def main() -> None:
    first_density()
    covariates_and_a_map()
    sexes_and_few_data()
    two_sessions()
    which_cameras_where()


if __name__ == "__main__":
    main()
