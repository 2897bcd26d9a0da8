"""A good survey in a folder, and what is found in it once a trouble has been put there."""

import re
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.habitat.checks import check_traps_near
from scr.project.configuration import Configuration, read_configuration
from scr.survey.individuals import MISSING_SEX
from scr.survey.occasion_rule import OccasionRule
from scr.survey.reading import ReadingChoices, SurveyFiles, examine_survey
from scr.survey.reading_captures import RecordRule
from scr.survey.troubles import Trouble, trouble_of, trouble_of_note
from scr.survey.visits import IndependenceRule

CRS = "EPSG:32652"
EAST, NORTH = 680_000, 4_770_000
"""South-western station, metres."""

TOML = f"""title = "A good survey"
[survey]
traps = "stations.csv"
deployments = "deployments.csv"
detections = "detections.csv"
crs = "{CRS}"
[mask]
buffer = 9_000
spacing = 1_000
exclude = ["lake.geojson"]
[covariates]
forest = {{ raster = "forest.tif" }}
[model]
density = "~ forest"
lambda0 = "~ sex"
[report]
reserve = "reserve.geojson"
"""


def stations() -> pd.DataFrame:
    """Twenty-five stations on a square lattice, two kilometres apart."""
    east, north = np.meshgrid(np.arange(5) * 2000, np.arange(5) * 2000)
    names = [f"K{k:02d}" for k in range(1, 26)]
    return pd.DataFrame({"station": names, "x": EAST + east.ravel(), "y": NORTH + north.ravel()})


def deployments() -> pd.DataFrame:
    """Two cameras at every station, from 2 May to 15 July, and one failure."""
    names = np.repeat(stations()["station"].to_numpy(), 2)
    table = pd.DataFrame(
        {"station": names, "camera": ["A", "B"] * 25, "start": "2024-05-02", "end": "2024-07-15"}
    )
    table["problem1_from"], table["problem1_to"] = "", ""
    table.loc[[4, 5], "problem1_from"] = "2024-06-01"
    table.loc[[4, 5], "problem1_to"] = "2024-06-05"
    return table


def detections() -> pd.DataFrame:
    """Fourteen animals, six nights each, at the four stations nearest to their centres."""
    xy = stations()[["x", "y"]].to_numpy()
    rng = np.random.default_rng(20)
    centres = np.column_stack([EAST + rng.uniform(0, 8000, 14), NORTH + rng.uniform(0, 8000, 14)])
    rows = []
    for i, centre in enumerate(centres):
        near = np.argsort(np.hypot(*(xy - centre).T))[:4]
        for night, day in enumerate(np.sort(rng.choice(70, 6, replace=False))):
            when = pd.Timestamp("2024-05-03") + pd.Timedelta(
                days=int(day), hours=20 + int(rng.integers(0, 4)), minutes=int(rng.integers(0, 60))
            )
            station = f"K{near[night % 4] + 1:02d}"
            failed = station == "K03" and "2024-06-01" <= str(when)[:10] <= "2024-06-05"
            if not failed:
                rows.append((f"L{i + 1:02d}", station, when, "FM"[i % 2]))
    table = pd.DataFrame(rows, columns=["individual", "station", "datetime", "sex"])
    table = table.sort_values("datetime", kind="stable").reset_index(drop=True)
    table["datetime"] = table["datetime"].dt.strftime("%Y-%m-%d %H:%M")
    return table


def reserve() -> shapely.Polygon:
    """A park round the stations, with a village left out."""
    park = shapely.box(EAST - 3000, NORTH - 3000, EAST + 11_000, NORTH + 11_000)
    return park.difference(shapely.box(EAST + 2500, NORTH + 2500, EAST + 3500, NORTH + 3500))


def write_shape(path: Path, *shapes: shapely.Geometry, crs: str | None = CRS) -> None:
    """A layer of polygons, lines or points."""
    path.unlink(missing_ok=True)
    layer = gpd.GeoDataFrame({"name": [path.stem] * len(shapes)}, geometry=list(shapes), crs=crs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a layer without a coordinate system
        layer.to_file(path)


def write_raster(path: Path, values: np.ndarray | None = None, **more: object) -> None:
    """A raster over the whole mask, of 500 m pixels."""
    if values is None:
        rows, columns = np.mgrid[0:70, 0:70]
        values = ((rows * 3 + columns * 5) % 97).astype("float32")
    profile = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1,
        "dtype": values.dtype, "crs": CRS, "nodata": None,
        "transform": from_origin(EAST - 13_500, NORTH + 21_500, 500, 500),
    } | more  # fmt: skip
    colours = profile.pop("colours", None)
    path.unlink(missing_ok=True)
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(values, 1)
        if colours:
            raster.write_colormap(1, colours)


@dataclass
class GoodSurvey:
    """The folder of a survey, with ways to spoil it and to read it."""

    folder: Path

    def path(self, name: str) -> Path:
        """Path of one of its files."""
        return self.folder / name

    def write(self, name: str, text: str) -> None:
        """Write a file as text."""
        self.path(name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str, *, count: int = 1) -> None:
        """Replace text of a file, which has to be there."""
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, count))

    def table(self, name: str) -> pd.DataFrame:
        """A table as text; row i of it is row i + 2 of the file."""
        return pd.read_csv(self.path(name), dtype=str, keep_default_na=False)

    def save(self, name: str, table: pd.DataFrame) -> None:
        """Write a table."""
        table.to_csv(self.path(name), index=False)

    def set(self, name: str, rows: list[int], **cells: object) -> None:
        """Set cells in rows of a table, counted as in a spreadsheet."""
        table = self.table(name)
        for column, value in cells.items():
            if column not in table.columns:
                table[column] = ""
            table.loc[[row - 2 for row in rows], column] = value
        self.save(name, table)

    def append(self, name: str, **cells: object) -> int:
        """Add a row to a table and return its number."""
        table = self.table(name)
        table.loc[len(table)] = [str(cells.get(column, "")) for column in table.columns]
        self.save(name, table)
        return len(table) + 1

    def key(self, table: str, line: str) -> None:
        """Add a line to a table of the survey.toml."""
        self.replace("survey.toml", f"[{table}]\n", f"[{table}]\n{line}\n")

    def shape(self, name: str, *shapes: shapely.Geometry, crs: str | None = CRS) -> None:
        """Write a layer."""
        write_shape(self.path(name), *shapes, crs=crs)

    def raster(self, name: str, values: np.ndarray | None = None, **more: object) -> None:
        """Write a raster."""
        write_raster(self.path(name), values, **more)

    def found(self) -> "Found":
        """What reading it through Python tells."""
        return read(read_configuration(self.folder))

    def checked(self) -> "Checked":
        """What ``scr check`` tells."""
        run = CliRunner().invoke(app, ["check", str(self.folder), "--no-html"])
        crash = run.exception
        assert crash is None or isinstance(crash, SystemExit), repr(crash)
        return Checked(run.exit_code, run.output)

    def begun(self) -> "Checked":
        """What ``scr fit`` tells before it fits; ends with 0 where it would fit."""

        def stop(*_: object, **__: object) -> None:
            raise SystemExit(0)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scr, "fit_mle", stop)
            run = CliRunner().invoke(app, ["fit", str(self.folder), "--engine", "mle"])
        crash = run.exception
        assert crash is None or isinstance(crash, SystemExit), repr(crash)
        return Checked(run.exit_code, run.output)


@dataclass
class Found:
    """Troubles of a survey, and the survey where it could be read."""

    troubles: list[Trouble] = field(default_factory=list)
    survey: scr.Survey | None = None
    mask: scr.HabitatMask | None = None
    reserve: scr.Region | None = None

    def of(self, severity: str) -> list[Trouble]:
        """Troubles of one severity."""
        return [trouble for trouble in self.troubles if trouble.severity == severity]

    @property
    def text(self) -> str:
        """All that was said."""
        return "\n".join(f"{t.severity} ({t.kind}): {t.line}" for t in self.troubles)


@dataclass
class Checked:
    """How ``scr check`` ended and what it said."""

    exit_code: int
    output: str

    @property
    def words(self) -> str:
        """Its output without the breaks of lines."""
        return " ".join(self.output.split())


def read(keys: Configuration) -> Found:
    """Everything that a survey.toml names, read by the public functions."""
    found = Found()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", scr.ScrWarning)
        try:
            _read(keys, found)
        except scr.ScrError as error:
            found.troubles.append(trouble_of(error))
    for warning in caught:
        assert issubclass(warning.category, scr.ScrWarning), warning
        told = trouble_of(scr.ScrError(str(warning.message), kind="warned"))
        found.troubles.append(replace(told, severity="warning"))
    return found


def _read(keys: Configuration, found: Found) -> None:
    own = keys.survey
    traps = scr.read_traps(own.traps, crs=own.crs, to_crs=own.to_crs, nodata=own.nodata)
    if keys.report.reserve is not None:
        found.reserve = scr.read_reserve(keys.report.reserve, crs=traps.crs)
        _note(found, check_traps_near(traps, found.reserve))
    examined = examine_survey(
        SurveyFiles(
            own.detections, own.deployments or own.usage, own.session_covariates, own.identities
        ),
        traps,
        choices=ReadingChoices(
            OccasionRule(own.occasion_days, own.day_starts, own.day_first, first_day=own.first_day),
            RecordRule(
                own.detector, IndependenceRule(own.independence), own.missing_sex or MISSING_SEX
            ),
            drop_outside=own.drop_outside,
            flank=own.flank,
            species=own.species,
        ),
    )
    found.survey = examined.survey
    found.troubles += examined.troubles
    _note(found, found.survey.notes)
    if keys.mask.cells is not None:
        mask = scr.read_mask(
            keys.mask.cells,
            crs=traps.crs,
            area_km2=keys.mask.area_km2,
            fill=keys.mask.fill,
            nodata=keys.mask.nodata,
        )
    else:
        mask = scr.build_mask(
            traps,
            buffer=keys.mask.buffer,
            spacing=keys.mask.spacing,
            habitat=list(keys.mask.habitat) or None,
            exclude=list(keys.mask.exclude) or None,
        )
    for name, covariate in keys.covariates.items():
        mask = scr.sample_raster(
            mask,
            covariate.raster,
            name=name,
            band=covariate.band,
            fill=covariate.fill,
            categorical=covariate.categorical,
            nodata=covariate.nodata,
        )
    found.mask = mask
    _note(found, mask.notes)
    model = keys.model
    spec = scr.ModelSpec(density=model.density, lambda0=model.lambda0, sigma=model.sigma)
    spec.coefficient_names(found.survey, mask)
    _note(found, spec.unused_columns(found.survey, mask))


def _note(found: Found, notes: tuple[str, ...]) -> None:
    found.troubles += [trouble_of_note(note) for note in notes]


@pytest.fixture(autouse=True)
def _one_process(one_process: None) -> None:
    """Commands of these tests start no second process."""


@pytest.fixture(scope="session")
def sound_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the good survey."""
    survey = GoodSurvey(tmp_path_factory.mktemp("sound"))
    survey.save("stations.csv", stations())
    survey.save("deployments.csv", deployments())
    survey.save("detections.csv", detections())
    survey.shape("reserve.geojson", reserve())
    survey.shape(
        "lake.geojson", shapely.box(EAST + 9000, NORTH - 6000, EAST + 11_000, NORTH - 5000)
    )
    survey.raster("forest.tif")
    survey.write("survey.toml", TOML)
    return survey.folder


@pytest.fixture
def troubled(troubles: Path, tmp_path: Path) -> Callable[[str], GoodSurvey]:
    """A survey of ../shared/troubles by its name, in a folder that may be changed."""

    def copied(name: str) -> GoodSurvey:
        folder = tmp_path / name
        shutil.copytree(troubles / name, folder, copy_function=shutil.copyfile)
        folder.chmod(0o755)
        return GoodSurvey(folder)

    return copied


@pytest.fixture
def good(sound_files: Path, tmp_path: Path) -> GoodSurvey:
    """A survey with nothing wrong in it."""
    return GoodSurvey(Path(shutil.copytree(sound_files, tmp_path / "survey")))


type Told = tuple[str, str, str, tuple[int, ...] | None, tuple[str, ...]]
"""Severity, kind, file, all rows (None where too many to list), and further words to be told."""


def _plain(words: str) -> str:
    """Words that are the same whether arguments of Python or keys of survey.toml stand in them."""
    return words.replace(" = ", "=").replace('"', "'").lower()


def hold(good: GoodSurvey, told: Told) -> Found:
    """Hold what is told of a survey against what has to be."""
    severity, kind, source, rows, words = told
    found = good.found()
    wanted = [t for t in found.of(severity) if t.kind == kind and t.source.startswith(source)]
    assert wanted, f"{severity} of kind {kind!r} in {source} not among:\n{found.text}"
    trouble = wanted[0]
    assert rows is None or trouble.rows == rows, trouble
    assert rows is not None or trouble.rows, trouble
    lacking = [word for word in words if word not in trouble.line]
    assert not lacking, f"{lacking} not in: {trouble.line}"
    assert source in trouble.line
    named = re.split(r"[^0-9]+", trouble.line)
    assert [row for row in trouble.rows[:10] if str(row) not in named] == [], trouble.line
    if severity != "note":
        assert trouble.remedy, trouble
        others = [t for t in found.troubles if t.severity != "note" and t is not trouble]
        assert others == [], found.text
    checked = good.checked()
    assert (checked.exit_code == 0) == (severity != "error"), checked.output
    said = _plain(checked.words)
    lacking = [word for word in (source, *words) if _plain(word) not in said]
    assert not lacking, f"{lacking} not in: {checked.output}"
    return found


@pytest.fixture
def expect(good: GoodSurvey) -> Callable[[Callable[[GoodSurvey], object], Told], Found]:
    """Put a trouble into the good survey, and hold what is told of it against what has to be."""

    def put(seed: Callable[[GoodSurvey], object], told: Told) -> Found:
        seed(good)
        return hold(good, told)

    return put
