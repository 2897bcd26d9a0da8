from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scr.checking.check_survey import check_survey
from scr.checking.sources import SurveySources, sources_of_project
from scr.habitat.build import build_mask
from scr.model.spec import ModelSpec

CONTROL = Path(__file__).parents[1] / "cases" / "00-base" / "input"


def table(name):
    frame = pd.read_csv(CONTROL / f"{name}.csv", dtype=str)
    frame.attrs["source"] = f"{name}.csv"
    return frame


@pytest.fixture
def tables():
    return {
        "traps": table("stations"),
        "usage": table("deployments"),
        "detections": table("detections"),
    }


def checked(tables, **more):
    choices = {
        "mask": lambda traps: build_mask(traps, buffer=6000, spacing=500),
        "spec": ModelSpec,
    }
    return check_survey(SurveySources(**tables, crs="EPSG:32652", **{**choices, **more}))


def kinds(found, severity="error"):
    return [trouble.kind for trouble in found.of_severity(severity)]


def accounted(found):
    rows = found.rows
    return rows.n_used + sum(len(which) for _, which in rows.dropped) == rows.n_read


def test_check_survey__the_control_has_no_error_and_no_warning(tables):
    found = checked(tables)
    assert found.troubles == ()
    assert found.verdict == "Nothing is wrong with these files."
    assert (found.rows.n_read, found.rows.n_used) == (55, 55)
    assert not found.partial


def test_check_survey__errors_of_all_kinds_are_found_at_once_with_their_rows(tables):
    seen = tables["detections"]
    station = seen.columns[[c.lower() in ("station", "trap") for c in seen.columns]][0]
    time = seen.columns[[c.lower() in ("datetime", "date") for c in seen.columns]][0]
    seen.loc[3, "individual"] = None  # row 5
    seen.loc[[7, 9], station] = "Z99"  # rows 9 and 11
    seen.loc[12, time] = "2031-01-01 10:00"  # row 14
    found = checked(tables)
    by_kind = {t.kind: t.rows for t in found.of_severity("error")}
    assert sorted(by_kind.values()) == [(5,), (9, 11), (14,)]
    assert found.partial
    assert found.survey.sessions[0].captures.n_detections == 51
    assert found.rows.n_read == 55
    assert accounted(found)
    assert {rows for _, rows in found.rows.dropped} == set(by_kind.values())
    assert all(t.source == "detections.csv" and t.remedy for t in found.of_severity("error"))


def test_check_survey__a_station_with_an_error_takes_its_rows_along(tables):
    x = next(c for c in tables["traps"].columns if c.lower() in ("x", "easting"))
    name = tables["traps"].iloc[4, 0]
    tables["traps"].loc[4, x] = None
    found = checked(tables)
    assert len(kinds(found)) == 1
    assert name not in found.traps.names
    lost = (table("detections") == name).any(axis=1).sum()
    assert found.rows.n_used == 55 - lost
    assert accounted(found)
    assert any("stations.csv" in why for why, _ in found.rows.dropped) == bool(lost)


def test_check_survey__an_error_of_a_deployment_is_no_error_of_its_detections(tables):
    end = next(c for c in tables["usage"].columns if c.lower() in ("end", "retrieval"))
    tables["usage"].loc[0, end] = None
    found = checked(tables)
    assert kinds(found) == ["deployment without a date"]
    assert found.of_severity("error")[0].rows == (2,)
    assert found.survey is not None
    assert accounted(found)


def test_check_survey__a_table_that_is_none_leaves_stations_and_effort_to_look_at(tables):
    tables["detections"] = tables["detections"].rename(columns={"individual": "beast"})
    found = checked(tables)
    assert kinds(found) == ["column missing"]
    assert found.survey.sessions[0].usage.effort.sum() > 1800
    assert found.survey.n_individuals == 0
    assert (found.rows.n_read, found.rows.n_used) == (55, 0)


def test_check_survey__without_stations_only_the_errors_are_told(tables):
    tables["traps"] = tables["traps"].iloc[:, :1]
    found = checked(tables)
    assert kinds(found) == ["no coordinates"]
    assert found.traps is None
    assert found.survey is None
    assert found.session_facts == []


def test_check_survey__mask_and_model_are_checked_although_the_detections_have_an_error(tables):
    tables["detections"].loc[3, "individual"] = None

    def no_mask(traps):
        return build_mask(traps, buffer=-1, spacing=500)

    found = checked(tables, mask=no_mask)
    assert len(kinds(found)) == 2
    found = checked(tables, spec=lambda: ModelSpec(density="~ forrest"))
    assert any("forrest" in trouble.found for trouble in found.of_severity("error"))


def test_check_survey__a_narrow_mask_and_few_data_are_warnings(tables):
    tables["detections"] = tables["detections"].iloc[:8]
    tables["detections"].attrs["source"] = "detections.csv"
    found = checked(tables, mask=lambda traps: build_mask(traps, buffer=800, spacing=400))
    assert "few data" in kinds(found, "warning")
    assert "mask too narrow" in kinds(found, "warning")
    assert found.n_errors == 0


def test_check_survey__sheets_of_one_workbook_are_told_apart(tables, tmp_path):
    tables["detections"].loc[3, "individual"] = None
    tables["usage"].loc[0, "end"] = None
    book = tmp_path / "survey.xlsx"
    names = {"traps": "stations", "usage": "deployments", "detections": "detections"}
    with pd.ExcelWriter(book) as writer:
        for role, sheet in names.items():
            tables[role].to_excel(writer, sheet_name=sheet, index=False)
    found = checked(dict.fromkeys(tables, book))
    rows = {t.source: t.rows for t in found.of_severity("error")}
    assert rows == {"survey.xlsx (deployments)": (2,), "survey.xlsx (detections)": (5,)}
    assert found.rows.n_read == 55
    assert accounted(found)


@pytest.mark.parametrize("seed", range(10))
def test_check_survey__no_row_is_lost_whatever_is_wrong(tables, seed):
    rng = np.random.default_rng(seed)
    cells = (None, "zz", "-1", "1e9", "2031-01-01", "K01 ", "01/02/2024", "0", "o'hara", "x" * 50)
    for _ in range(rng.integers(1, 8)):
        frame = tables[rng.choice(list(tables))]
        row, column = rng.integers(len(frame)), rng.integers(frame.shape[1])
        frame.iloc[row, column] = cells[rng.integers(len(cells))]
    found = checked(tables, mask=None, spec=None)
    if found.rows is None:
        assert found.n_errors
        return
    dropped = [row for _, rows in found.rows.dropped for row in rows]
    assert len(dropped) == len(set(dropped))
    assert found.rows.n_read == 55
    assert found.rows.n_used == 55 - len(dropped)
    counts = [session.captures.count.sum() for session in found.survey.sessions]
    assert found.rows.n_records == sum(counts) <= found.rows.n_used


def test_sources_of_project__a_folder_of_tables(tmp_path):
    for name, frame in {n: table(n) for n in ("stations", "deployments", "detections")}.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    found = check_survey(sources_of_project(tmp_path, crs="EPSG:32652"))
    assert found.rows.n_used == 55
    assert found.mask is None
    assert np.isfinite(found.sigma)
    assert "buffer that suits it" in found.scale


def test_check_survey__identities_and_flanks_are_read_as_in_a_fit(tables):
    seen = tables["detections"]
    seen["flank"] = "both"
    first, second = seen["individual"].unique()[:2]
    seen.loc[seen["individual"] == first, "flank"] = "right"
    names = pd.DataFrame({"individual": [second], "becomes": ["Eva"]})
    found = checked(tables, choices={"flank": "left", "identities": names, "occasion_days": "week"})
    assert found.of_severity("error") == []
    (session,) = found.survey.sessions
    assert "Eva" in session.captures.individuals
    assert not {first, second} & set(session.captures.individuals)
    assert session.usage.occasion_days == 7


def test_check_survey__identities_of_rows_with_an_error_are_no_error_of_their_own(tables):
    seen = tables["detections"]
    name = seen["individual"].iloc[0]
    station = seen.columns[[c.lower() in ("station", "trap") for c in seen.columns]][0]
    seen.loc[0, station] = "Z99"  # row 2
    names = pd.DataFrame({"individual": [name], "becomes": ["Eva"], "row": ["2"]})
    found = checked(tables, choices={"identities": names})
    assert [t.rows for t in found.of_severity("error")] == [(2,)]
    assert found.survey.sessions[0].captures.n_detections == 54


def test_check_survey__says_that_a_response_cannot_be_learnt(tables):
    # In one long occasion nothing came before.
    found = checked(tables, spec=lambda: ModelSpec(lambda0="~ bk"), choices={"occasion_days": 1000})
    (error,) = found.of_severity("error")
    assert "bk, which is 0 for every animal" in error.line
