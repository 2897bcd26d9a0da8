"""secr's text files: the figures secr gives for them, and a round trip that changes nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scr.errors import SurveyError
from scr.io.secr_text import read_secr
from scr.survey.captures import CaptureHistory
from scr.survey.formats import survey_from_project
from scr.survey.secr_files import write_secr
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SURVEYS = {
    "captdata": ("capt.txt", "trap.txt", "XY"),
    "stoat": ("stoatcapt.txt", "stoattrap.txt", "trapID"),
}


def read(folder, name):
    captures, traps, form = SURVEYS[name]
    project = read_secr(folder / captures, folder / traps, form=form)
    return survey_from_project(project, crs="local", detector="multi").sessions[0]


@pytest.mark.parametrize("name", sorted(SURVEYS))
def test_read_secr__gives_the_recorded_figures(reference, name):
    session = read(reference / "formats" / "secr_text", name)
    recorded = json.loads((reference / name / "secr_reference.json").read_text(encoding="utf-8"))
    assert session.captures.n_individuals == recorded["n_animals"]
    assert session.captures.n_detections == recorded["n_detections"]
    assert session.usage.effort.shape == (recorded["n_traps"], recorded["n_occasions"])
    assert (session.usage.effort == 1).all()


@pytest.mark.parametrize("name", sorted(SURVEYS))
def test_read_secr__gives_every_capture_and_every_trap_that_secr_has(reference, name):
    session = read(reference / "formats" / "secr_text", name)
    captures, traps = session.captures, session.traps
    found = sorted(
        zip(
            captures.individuals[captures.individual],
            captures.occasion + 1,
            traps.names[captures.trap],
            captures.count,
            strict=True,
        )
    )
    recorded = pd.read_csv(reference / name / "detections.csv", dtype={"ID": str, "trap": str})
    columns = ["ID", "occasion", "trap", "count"]
    assert found == sorted(recorded[columns].itertuples(index=False, name=None))
    places = pd.read_csv(reference / name / "traps.csv", dtype={"trap": str})
    assert traps.names.tolist() == places["trap"].tolist()
    assert (traps.xy == places[["x", "y"]].to_numpy()).all()


NAMES = st.text("ABCDEFGHXYZabcxyz0123456789_.-", min_size=1, max_size=6).filter(
    lambda text: text.lower() not in {"na", "nan", "n/a", "none", "null", "nat", "-"}
)
NUMBERS = st.floats(-1e7, 1e7, allow_nan=False).map(lambda x: x + 0.0)
EFFORT = st.one_of(st.just(1.0), st.integers(1, 400).map(float), st.floats(1e-3, 99.0))


@st.composite
def sessions(draw, name, n_covariates, shift):
    """A session of any names, coordinates, efforts, counts and covariates."""
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    n_traps, n_occasions = len(names), draw(st.integers(1, 4))
    places = st.tuples(NUMBERS, NUMBERS)
    xy = np.array(draw(st.lists(places, min_size=n_traps, max_size=n_traps, unique=True)))
    effort = np.array(
        draw(
            st.lists(
                st.lists(st.one_of(st.just(0.0), EFFORT), min_size=n_occasions,
                         max_size=n_occasions),
                min_size=n_traps, max_size=n_traps,
            )
        )
    )  # fmt: skip
    effort[0, 0] = 1.0
    at = draw(st.lists(st.sampled_from(np.argwhere(effort > 0).tolist()), max_size=8))
    animals = draw(st.lists(NAMES.filter(lambda text: text != "NONE"), min_size=len(at),
                            max_size=len(at)))  # fmt: skip
    keys = sorted({(animal, k, s) for animal, (k, s) in zip(animals, at, strict=True)})
    known = list(dict.fromkeys(animal for animal, _, _ in keys))
    counts = draw(st.lists(st.integers(1, 3), min_size=len(keys), max_size=len(keys)))
    sexes = [("F", "M", None)[(sum(map(ord, animal)) + shift) % 3] for animal in known]
    covariates = {
        f"c{j}": np.array(draw(st.lists(NUMBERS, min_size=n_traps, max_size=n_traps)))
        for j in range(n_covariates)
    }
    history = CaptureHistory(
        np.array(known, dtype=object),
        np.array([known.index(animal) for animal, _, _ in keys], dtype=np.int64),
        np.array([s for _, _, s in keys], dtype=np.int64),
        np.array([k for _, k, _ in keys], dtype=np.int64),
        np.array(counts, dtype=np.int64),
        pd.DataFrame({"sex": pd.Series(sexes, dtype=object)}),
        np.array(draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known))), bool),
    )
    traps = Traps(names, xy, "local", [name] * n_traps, pd.DataFrame(covariates))
    return Session(name, traps, Usage(effort), history)


@st.composite
def surveys(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.casefold))
    n_covariates = draw(st.integers(0, 2))
    shift = draw(st.integers(0, 2))  # an animal has one sex in all sessions
    drawn = tuple(draw(sessions(name, n_covariates, shift)) for name in names)
    return Survey(drawn, detector="count")


def records(session):
    captures = session.captures
    return {
        (str(captures.individuals[i]), int(s), str(session.traps.names[k])): int(n)
        for i, s, k, n in zip(
            captures.individual, captures.occasion, captures.trap, captures.count, strict=True
        )
    }


@pytest.mark.filterwarnings("ignore::scr.errors.SurveyWarning")
@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(survey=surveys())
def test_write_secr__what_is_written_is_read_back_exactly(tmp_path, survey):
    folder = tmp_path / "files"
    captures, *layouts = write_secr(survey, folder)
    n_covariates = survey.sessions[0].traps.covariates.shape[1]
    project = read_secr(
        captures,
        layouts,
        covariates=["sex"],
        trap_covariates=[f"c{j}" for j in range(n_covariates)],
    )
    again = survey_from_project(project, crs="local", detector="count")
    assert [s.name for s in again.sessions] == [s.name for s in survey.sessions]
    for old, new in zip(survey.sessions, again.sessions, strict=True):
        assert new.traps.names.tolist() == old.traps.names.tolist()
        assert (new.traps.xy == old.traps.xy).all()
        assert (new.usage.effort == old.usage.effort).all()
        for column in old.traps.covariates:
            assert (
                pd.to_numeric(new.traps.covariates[column]).to_numpy()
                == old.traps.covariates[column].to_numpy()
            ).all()
        assert records(new) == records(old)
        gone = dict(zip(old.captures.individuals, old.captures.removed, strict=True))
        assert dict(zip(new.captures.individuals, new.captures.removed, strict=True)) == gone
        sexes = dict(
            zip(old.captures.individuals, old.captures.covariates.get("sex", []), strict=True)
        )
        for name, sex in zip(
            new.captures.individuals, new.captures.covariates.get("sex", []), strict=True
        ):
            assert (None if pd.isna(sex) else sex) == sexes[name]


def test_read_secr__a_covariate_named_as_a_column_of_secr_is_told(tmp_path):
    traps, placed = tmp_path / "traps.txt", tmp_path / "placed.csv"
    traps.write_text("a 0 0\nb 0 500\n", encoding="utf-8")
    placed.write_text("session,ID,occasion,trap,alive,x\n1,A,1,0,0,7\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=r"placed\.csv has two columns named 'x'"):
        read_secr(placed, traps, form="XY")
    named = tmp_path / "named.txt"
    named.write_text("#session ID occasion trap sex sex\n1 A 1 a F F\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=r"named\.txt has two columns named 'sex'"):
        read_secr(named, traps)


def test_read_secr__a_covariate_of_detectors_never_takes_the_place_of_coordinates(tmp_path):
    traps, named = tmp_path / "traps.txt", tmp_path / "named.txt"
    traps.write_text("#trap x y / y\na 0 0 / 9\nb 0 500 / 9\n", encoding="utf-8")
    named.write_text("1 A 1 a\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=r"traps\.txt has two columns named 'y'"):
        read_secr(named, traps)


def test_read_secr__an_occasion_below_zero_is_one_of_removal(tmp_path):
    traps, seen = tmp_path / "traps.txt", tmp_path / "seen.txt"
    traps.write_text("a 0 0\nb 0 500\n", encoding="utf-8")
    seen.write_text("1 A 1 a\n1 A -3 b\n1 B 4 a\n", encoding="utf-8")
    survey = survey_from_project(read_secr(seen, traps), crs="local", detector="multi")
    assert survey.sessions[0].captures.removed.tolist() == [True, False]
    assert survey.sessions[0].captures.occasion.tolist() == [0, 2, 3]
    seen.write_text("1 A -1 a\n1 A 3 b\n1 B 4 a\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=r"seen\.txt: 'A' was detected in row 2, after a capture"):
        survey_from_project(read_secr(seen, traps), crs="local")
