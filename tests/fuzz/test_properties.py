"""What must not matter to a survey: order, spelling of a file, format of dates, names, origin."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import scr

DAY_ZERO = pd.Timestamp("2024-02-20")
FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%d-%B-%Y"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]
MARKS = [",", ";", "\t"]

always = settings(deadline=None, derandomize=True, max_examples=8)

letters = st.text("ABCXYZabc0189 é._-", min_size=1, max_size=6).map(str.strip).filter(
    lambda name: name and name.lower() not in {"na", "nan", "none"}
)  # fmt: skip


@st.composite
def surveys(draw):
    """Tables of stations, deployments and detections that fit together."""
    n_stations = draw(st.integers(2, 6))
    names = draw(st.lists(letters, min_size=n_stations, max_size=n_stations, unique=True))
    metres = st.floats(-5e5, 5e6, allow_nan=False).map(lambda v: round(v, 2))
    stations = pd.DataFrame(
        {
            "station": names,
            "x": draw(st.lists(metres, min_size=n_stations, max_size=n_stations)),
            "y": draw(st.lists(metres, min_size=n_stations, max_size=n_stations)),
        }
    )
    deployed, seen = [], []
    animals = draw(st.lists(letters, min_size=1, max_size=4, unique=True))
    sexes = {animal: draw(st.sampled_from(["F", "M", ""])) for animal in animals}
    for name in names:
        first, length = draw(st.integers(0, 9)), draw(st.integers(2, 40))
        deployed.append((name, first, first + length))
        for day in draw(st.lists(st.integers(first, first + length), max_size=5)):
            animal = draw(st.sampled_from(animals))
            minute = draw(st.integers(0, 1439))
            seen.append((animal, name, day, minute, sexes[animal]))
    return (
        stations,
        pd.DataFrame(deployed, columns=["station", "start", "end"]),
        pd.DataFrame(seen, columns=["individual", "station", "day", "minute", "sex"]),
    )


def dated(survey, pattern="%Y-%m-%d"):
    """The tables with dates as text."""
    stations, deployed, seen = (table.copy() for table in survey)
    for column in ("start", "end"):
        days = DAY_ZERO + pd.to_timedelta(deployed[column], "D")
        deployed[column] = days.dt.strftime(pattern)
    when = DAY_ZERO + pd.to_timedelta(seen["day"], "D") + pd.to_timedelta(seen["minute"], "min")
    seen["datetime"] = when.dt.strftime(f"{pattern} %H:%M") if len(seen) else ""
    return stations, deployed, seen.drop(columns=["day", "minute"])


def read(tables, *, detector="proximity", write=None):
    """The survey of three tables, by way of files."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.csv" for name in ("stations", "deployments", "detections")]
        for table, path in zip(tables, paths, strict=True):
            (write or plain)(table, path)
        traps = scr.read_traps(paths[0], crs="local")
        choice = {} if detector == "proximity" else {"independence": "0min"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scr.ScrWarning)  # odd names are suspected
            return scr.read_survey(paths[2], traps, usage=paths[1], detector=detector, **choice)


def plain(table, path):
    table.to_csv(path, index=False)


def facts(survey):
    """What a survey says, whatever the order of its stations and animals."""
    session = survey.sessions[0]
    traps, captures = session.traps, session.captures
    sex = captures.covariates.get("sex", pd.Series([None] * captures.n_individuals))
    records = {
        (str(captures.individuals[i]), int(s), str(traps.names[k]), int(n))
        for i, s, k, n in zip(
            captures.individual, captures.occasion, captures.trap, captures.count, strict=True
        )
    }
    return {
        "places": {
            str(name): tuple(xy) for name, xy in zip(traps.names, traps.xy.tolist(), strict=True)
        },
        "effort": {
            str(name): row
            for name, row in zip(traps.names, session.usage.effort.tolist(), strict=True)
        },
        "first": str(session.usage.first_day),
        "records": records,
        "sex": {
            str(name): value if isinstance(value, str) else None
            for name, value in zip(captures.individuals, sex, strict=True)
        },
    }


@always
@given(surveys(), st.randoms(use_true_random=False))
def test_read_survey__order_of_rows_and_columns_does_not_matter(survey, random):
    tables = dated(survey)
    shuffled = []
    for table in tables:
        rows, columns = list(range(len(table))), list(table.columns)
        random.shuffle(rows)
        random.shuffle(columns)
        shuffled.append(table.iloc[rows][columns])
    assert facts(read(shuffled)) == facts(read(tables))


@always
@given(surveys(), st.sampled_from(ENCODINGS), st.sampled_from(MARKS), st.booleans(), st.booleans())
def test_read_survey__spelling_of_the_files_does_not_matter(
    survey, encoding, mark, quoted, windows
):
    tables = dated(survey)

    def write(table, path):
        table.to_csv(
            path,
            index=False,
            sep=mark,
            encoding=encoding,
            decimal="," if mark == ";" else ".",
            quoting=1 if quoted else 0,
            lineterminator="\r\n" if windows else "\n",
        )

    assert facts(read(tables, write=write)) == facts(read(tables))


@always
@given(surveys(), st.sampled_from(FORMATS), st.sampled_from(FORMATS))
def test_read_survey__format_of_dates_does_not_matter(survey, one, other):
    stations, deployed, _ = dated(survey, one)
    seen = dated(survey, other)[2]
    decided = deployed.copy()
    # A day above twelve in each file decides between day and month.
    decided.loc[len(decided)] = [stations["station"][0], *_span("2024-02-21", "2024-02-25", one)]
    row = ["Last", stations["station"][0], "", _moment("2024-02-23", other)]
    seen.loc[len(seen)] = row
    wanted = dated(survey)
    wanted[1].loc[len(deployed)] = [stations["station"][0], "2024-02-21", "2024-02-25"]
    wanted[2].loc[len(seen) - 1] = ["Last", stations["station"][0], "", "2024-02-23 12:00"]
    assert facts(read((stations, decided, seen))) == facts(read(wanted))


def _span(start, end, pattern):
    return [pd.Timestamp(day).strftime(pattern) for day in (start, end)]


def _moment(day, pattern):
    return pd.Timestamp(f"{day} 12:00").strftime(f"{pattern} %H:%M")


@always
@given(surveys(), st.data())
def test_read_survey__a_deployment_split_in_two_leaves_effort(survey, data):
    stations, deployed, seen = survey
    k = data.draw(st.integers(0, len(deployed) - 1))
    name, start, end = deployed.iloc[k]
    cut = data.draw(st.integers(int(start), int(end) - 1))
    parts = pd.DataFrame([(name, start, cut), (name, cut + 1, end)], columns=deployed.columns)
    split = pd.concat([deployed.drop(index=k), parts], ignore_index=True)
    assert facts(read(dated((stations, split, seen)))) == facts(read(dated(survey)))


@always
@given(surveys(), st.randoms(use_true_random=False))
def test_read_survey__names_of_stations_do_not_matter(survey, random):
    names = list(survey[0]["station"])
    other = list(names)
    random.shuffle(other)
    to = dict(zip(names, other, strict=True))
    back = {new: old for old, new in to.items()}
    renamed = [table.assign(station=table["station"].map(to)) for table in dated(survey)]
    found, wanted = facts(read(renamed)), facts(read(dated(survey)))
    for part in ("places", "effort"):
        assert {back[name]: value for name, value in found[part].items()} == wanted[part]
    assert {(a, s, back[k], n) for a, s, k, n in found["records"]} == wanted["records"]


@always
@given(surveys(), st.integers(-400_000, 400_000), st.integers(-400_000, 400_000))
def test_read_survey__the_origin_of_coordinates_does_not_matter(survey, east, north):
    tables = dated(survey)
    moved = (tables[0].assign(x=tables[0]["x"] + east, y=tables[0]["y"] + north), *tables[1:])
    found, wanted = facts(read(moved)), facts(read(tables))
    shift = np.array([east, north])
    for name, place in wanted.pop("places").items():
        assert np.allclose(found["places"][name], place + shift, rtol=0, atol=1e-6)
    found.pop("places")
    assert found == wanted


@always
@given(surveys(), st.sampled_from(["2024-02-21", "2024-03-31", "2024-12-31"]))
def test_read_survey__the_day_of_the_year_does_not_matter(survey, day):
    tables = dated(survey)
    days = (pd.Timestamp(day) - DAY_ZERO).days
    stations, deployed, seen = survey
    later = (
        stations,
        deployed.assign(start=deployed["start"] + days, end=deployed["end"] + days),
        seen.assign(day=seen["day"] + days),
    )
    found, wanted = facts(read(dated(later))), facts(read(tables))
    first = np.datetime64(wanted.pop("first")) + np.timedelta64(days, "D")
    assert np.datetime64(found.pop("first")) == first
    assert found == wanted


@always
@given(surveys())
def test_read_survey__no_detection_is_lost(survey):
    tables = dated(survey)
    counted = read(tables, detector="count")
    assert counted.sessions[0].captures.n_detections == len(tables[2])


@always
@given(surveys())
def test_read_survey__effort_is_the_days_deployed(survey):
    session = read(dated(survey)).sessions[0]
    days = dict(zip(survey[1]["station"], survey[1]["end"] - survey[1]["start"] + 1, strict=True))
    assert session.usage.effort.sum(axis=1).tolist() == [days[name] for name in session.traps.names]
