"""Every number that is written for the public, against the table of docs/safety.md.

A number of a file is named by the file and its place in it: a column of a table, a key of a JSON
file, a variable or attribute of a netCDF file, a band or tag of a raster, a field of a layer, a
heading of a table of the page. The table has a row for each, with what the number follows from and
why it may be shared; a number without a row fails, and so does a row without a number.

Then a survey is written twice, with one station moved by less than sigma and the same posterior:
what differs is a function of the place of a single station.
"""

import json
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
import xarray as xr

from scr.checking.doubts import Doubts
from scr.fit.checks import Check
from scr.fit.digests import digest_of_fit
from scr.habitat.region import Region
from scr.io.results_folder import PUBLIC
from scr.likelihood.problem import build_problem
from scr.maps.results.prior_words import priors_in_words
from scr.model.default_prior import model_prior
from scr.posterior.responses import covariate_responses
from scr.report.results import write_results

SAFETY = Path(__file__).resolve().parents[2] / "docs" / "safety.md"
PARK = shapely.box(712_000, 4_713_000, 720_000, 4_721_000)


class Tables(HTMLParser):
    """Cells of the tables of a page by section, each under the heading of its column or row."""

    def __init__(self):
        super().__init__()
        self.section, self.row, self.headings, self.cells = "top", None, [], {}

    def handle_starttag(self, tag, attrs):
        if tag == "section":
            self.section = dict(attrs)["id"]
        elif tag == "tr":
            self.row = []
        elif tag in {"th", "td"} and self.row is not None:
            self.row.append([tag, ""])

    def handle_endtag(self, tag):
        if tag != "tr":
            return
        kinds = [kind for kind, _ in self.row]
        texts = [text.strip() for _, text in self.row]
        if "td" not in kinds:
            self.headings = texts
        elif kinds == ["th", "td"]:
            self.cells.setdefault(f"{self.section}: {texts[0]}", []).append(texts[1])
        else:
            for heading, text in zip(self.headings, texts, strict=True):
                self.cells.setdefault(f"{self.section}: {heading}", []).append(text)
        self.row = None

    def handle_data(self, data):
        if self.row:
            self.row[-1][1] += data


def in_json(value, place=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from in_json(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for inner in value:
            yield from in_json(inner, f"{place}[]")
    else:
        yield place, value


def in_page(path):
    parser = Tables()
    parser.feed(path.read_text(encoding="utf-8"))
    yield from parser.cells.items()


def in_raster(path):
    with rasterio.open(path) as dataset:
        for name, band in zip(dataset.descriptions, dataset.read(), strict=True):
            yield f"band {name}", band.tolist()
        yield "transform", list(dataset.transform)
        for key, value in dataset.tags().items():
            yield f"tag {key}", value


def in_netcdf(path):
    with xr.open_dataset(path) as data:
        for name, variable in data.variables.items():
            yield f"variable {name}", np.nan_to_num(variable.to_numpy(), nan=-1.0).tolist()
        for name, value in data.attrs.items():
            yield f"attribute {name}", str(value)


def in_layers(path):
    for layer in pyogrio.list_layers(path)[:, 0]:
        table = pyogrio.read_dataframe(path, layer=layer)
        for name in table:
            yield f"{layer}.{name}", [str(value) for value in table[name]]


def in_table(path):
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in table:
        yield name, table[name].tolist()


LIMIT = re.compile(r" to [\d,]+(?=\) lived in)")
"""The upper limit of realised N in a sentence."""

READERS = {
    ".csv": in_table,
    ".json": lambda path: in_json(json.loads(path.read_text(encoding="utf-8"))),
    ".html": in_page,
    ".tif": in_raster,
    ".nc": in_netcdf,
    ".gpkg": in_layers,
}


def numbers_of(folder):
    """Everything in a folder by its name, with its values in order."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        reader = READERS.get(path.suffix)
        if reader is None:  # pictures and styles
            found[name] = [path.read_bytes()]
            continue
        for place, value in reader(path):
            found.setdefault(f"{name}: {place}", []).append(value)
    return found


def rows_of_table():
    """First column of the table of the public numbers: patterns in backticks."""
    text = SAFETY.read_text(encoding="utf-8")
    begin, end = (f"<!-- public numbers: {word} -->" for word in ("begin", "end"))
    lines = text[text.index(begin) : text.index(end)].splitlines()
    cells = [line.split(" | ")[0] for line in lines if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@pytest.fixture
def moved(place):
    """The same fit with one station somewhere else, draws and coefficients left as they are."""
    _, mask_round = place

    def move(fit, shift):
        xy = fit.survey.sessions[0].traps.xy.copy()
        xy[0] += shift
        survey = replace(
            fit.survey,
            sessions=tuple(
                replace(session, traps=replace(session.traps, xy=xy))
                for session in fit.survey.sessions
            ),
        )
        mask = mask_round(xy)
        problem = build_problem(survey, mask, fit.spec)
        return replace(
            fit,
            survey=survey,
            mask=mask,
            problem=problem,
            prior=model_prior(problem.design),
            checks=(Check("k_hat", 0.1234, 0.7, passed=True, message="Pareto k is 0.12."),),
        )

    return move


@pytest.fixture(scope="module")
def kept():
    return {}


NO_DOUBTS = Doubts((), (), (), ())
SURVEYS = {"one year": {}, "two years": {"names": ("2023", "2024"), "density": "~ north + session"}}


@pytest.fixture
def pair_of(make_fit, moved, tmp_path_factory, kept):
    """Public numbers of a survey, and of the same with a station moved by a fifth of sigma."""

    def numbers(survey):
        if survey in kept:
            return kept[survey]
        kept[survey] = []
        for name, shift in (("first", (0.0, 0.0)), ("second", (300.0, -200.0))):
            folder = tmp_path_factory.mktemp(name)
            park = Region("Park", PARK, crs="EPSG:32652")
            fit = moved(make_fit(**SURVEYS[survey]), shift)
            # What is doubted of numbers that are made up is told of one survey.
            doubts = NO_DOUBTS if survey == "two years" else None
            write_results(fit, folder, region=park, title="Far Valley", max_draws=40, doubts=doubts)
            kept[survey].append(numbers_of(folder / PUBLIC))
        return kept[survey]

    return numbers


@pytest.fixture(params=SURVEYS)
def pair(request, pair_of):
    return pair_of(request.param)


def test_audit__every_number_has_its_row(pair):
    rows, found = rows_of_table(), set(pair[0])
    assert [n for n in sorted(found) if not any(fnmatchcase(n, row) for row in rows)] == []


def test_audit__two_outputs_that_differ_in_one_station_differ_in_nothing_else(pair):
    first, second = pair
    assert first.keys() == second.keys()
    digests = ("manifest.json: *",)
    different = [
        name
        for name in first
        if first[name] != second[name] and not any(fnmatchcase(name, row) for row in digests)
    ]
    # The limit of realised N is a whole number of animals that the posterior gives.
    answers = "summary.json: answers[]"
    told, again = ([LIMIT.sub("", text) for text in one[answers]] for one in (first, second))
    assert told == again
    of_limit = [name for name in different if name.endswith("upper") or name == answers]
    drawn = [name for name in different if name.startswith("figures/animals_by_session.")]
    assert set(different) <= {*of_limit, *(drawn if of_limit else [])}
    for name in of_limit:
        assert np.abs(as_numbers(first[name]) - as_numbers(second[name])).max() <= 1


def test_audit__every_row_has_its_number(pair_of):
    found = set().union(*(pair_of(survey)[0] for survey in SURVEYS))
    assert [row for row in rows_of_table() if not any(fnmatchcase(n, row) for n in found)] == []


@pytest.mark.usefixtures("without_pictures")
def test_audit__a_guess_of_a_station_cannot_be_tried_by_the_digest_of_the_fit(make_fit, tmp_path):
    # Whoever knows all but one station guesses it, and fits again: the seed gives the same draws.
    fit = make_fit()
    write_results(fit, tmp_path)
    digest = digest_of_fit(make_fit())
    assert digest == digest_of_fit(fit)
    texts = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    told = {path.relative_to(tmp_path).parts[0] for path, text in texts.items()
            if digest.encode() in text}  # fmt: skip
    assert told == {"private"}


def as_numbers(values):
    """All that is a number among values of any form."""
    return np.array(
        [float(x) for x in re.findall(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", str(values))]
    )


def test_audit__priors_are_the_same_for_grids_of_all_spacings_that_round_to_one(make_fit, place):
    traps_on_grid, _ = place
    told = set()
    for stretch in (0.98, 1.0, 1.2):
        fit = make_fit()
        session = fit.survey.sessions[0]
        corner = traps_on_grid()[0]
        traps = replace(session.traps, xy=corner + stretch * (traps_on_grid() - corner))
        survey = replace(fit.survey, sessions=(replace(session, traps=traps),))
        problem = build_problem(survey, fit.mask, fit.spec)
        fit = replace(fit, survey=survey, problem=problem, prior=model_prior(problem.design))
        told.add(tuple(priors_in_words(fit).items()))
    assert len(told) == 1


def test_audit__response_curves_end_at_the_same_values_wherever_the_outer_station_stood(
    make_fit, moved
):
    ends = set()
    for shift in ((0.0, 0.0), (300.0, -600.0), (-800.0, 200.0)):
        (response,) = covariate_responses(moved(make_fit(), shift), "density", public=True).of
        ends.add((response.table["value"].min(), response.table["value"].max()))
    assert len(ends) == 1
