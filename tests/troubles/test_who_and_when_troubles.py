"""Species, columns of one meaning, titles, services, seasons, AM and PM, days as headers."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.checking.check_survey import check_survey
from scr.checking.sources import sources_of_project
from scr.errors import SurveyError
from scr.io.cell_text import tidy
from scr.survey.columns_agree import check_columns_agree
from scr.survey.dates import with_time
from scr.survey.day_headers import day_headers
from scr.survey.matching import match_rows
from scr.survey.suspect_effort import suspect_seasons
from scr.survey.suspect_stations import suspect_stations

SEEN, SET, PLACES, USED = "detections.csv", "deployments.csv", "stations.csv", "usage.csv"


def spelled(text):
    """Text whose arguments are written as keys and as Python alike."""
    return text.replace(" = ", "=").replace("'", '"')


def refused(survey, kind, *words):
    """An error with these words, in Python, by ``scr check`` and by ``scr fit``."""
    found = survey.found()
    (told,) = found.of("error")
    assert told.kind == kind, told
    checked, begun = survey.checked(), survey.begun()
    assert 0 not in (checked.exit_code, begun.exit_code)
    for output in (told.line, checked.words, begun.words):
        assert [word for word in words if spelled(word) not in spelled(output)] == [], output


def warned(survey, kind, *words):
    """A warning with these words, in Python, by ``scr check`` and by ``scr fit``, and no error."""
    found = survey.found()
    assert found.of("error") == [], found.text
    told = [t for t in found.of("warning") if t.kind == kind]
    assert len(told) == 1, found.text
    assert told[0].remedy
    checked, begun = survey.checked(), survey.begun()
    assert (checked.exit_code, begun.exit_code) == (0, 0)
    for output in (told[0].line, checked.words, begun.words):
        assert [word for word in words if spelled(word) not in spelled(output)] == [], output
    return found


def silent(survey):
    """No error and no warning, in Python, by ``scr check`` and by ``scr fit``."""
    found = survey.found()
    assert (found.of("error"), found.of("warning")) == ([], []), found.text
    checked, begun = survey.checked(), survey.begun()
    assert (checked.exit_code, begun.exit_code) == (0, 0)
    assert "arning" not in checked.output
    told = [line for line in begun.output.splitlines() if "Warning" in line and ".csv: " in line]
    assert told == []
    return found


def change(survey, name, **columns):
    """Columns of a table made from the table."""
    table = survey.table(name)
    survey.save(name, table.assign(**{c: made(table) for c, made in columns.items()}))


# Species


def test_two_species__are_listed_with_counts_and_one_is_chosen(troubled):
    survey = troubled("two-species")
    refused(
        survey,
        "several species",
        "'Panthera tigris' (13 animals, 55 rows)",
        "'Panthera pardus' (6 animals, 26 rows)",
        "species='Panthera tigris'",
    )
    survey.key("survey", "species='Panthera tigris'")
    found = survey.found()
    assert found.of("error") == []
    assert (found.survey.n_individuals, found.survey.sessions[0].captures.n_detections) == (13, 55)
    assert survey.checked().exit_code == survey.begun().exit_code == 0
    assert "26 rows of other species" in survey.begun().words


def test_two_species__in_a_folder_without_a_survey_toml(troubled, tmp_path):
    survey = troubled("two-species")
    survey.path("survey.toml").unlink()
    found = check_survey(sources_of_project(survey.folder, crs="EPSG:32652"))
    assert any("2 species" in t.line for t in found.of_severity("error"))
    sources = sources_of_project(survey.folder, crs="EPSG:32652", species="panthera tigris")
    chosen = check_survey(sources)
    assert chosen.survey.n_individuals == 13


def species_of(*names):
    """Names of species in turn, animal by animal."""

    def made(table):
        codes = pd.factorize(table["individual"])[0]
        return [names[code % len(names)] for code in codes]

    return made


def test_species__of_one_kind_however_written_is_silent(good):
    change(good, SEEN, species=species_of("Panthera pardus", "panthera  pardus", "PANTHERA_PARDUS"))
    silent(good)


def test_species__blank_where_the_animal_has_it_in_another_row(good):
    change(good, SEEN, scientific_name=species_of("Lynx lynx"))
    good.set(SEEN, [2, 3, 4], scientific_name="")
    good.key("survey", 'species = "lynx lynx"')
    assert silent(good).survey.n_individuals == 14


def test_species__several_ways_of_writing_are_chosen_together(good):
    change(good, SEEN, taxon=species_of("leopard", "Panthera pardus", "dhole"))
    refused(good, "several species", "3 species", "'dhole' (4 animals")
    good.key("survey", 'species = ["Leopard", "Panthera pardus"]')
    assert good.found().survey.n_individuals == 10


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("species", "species not found", "'lynx lynx' (14 animals"),
        ("comment", "column missing", ""),
    ],
)
def test_species__chosen_and_not_there(good, column, kind, words):
    change(good, SEEN, **{column: species_of("lynx lynx")})
    good.key("survey", 'species = "Panthera uncia"')
    refused(good, kind, "Panthera uncia", words)


# Columns of one meaning


def other(column, row, value):
    """The same as a column but for one row of the file."""

    def made(table):
        cells = table[column].copy()
        cells[row - 2] = value
        return cells

    return made


@pytest.mark.parametrize(
    ("name", "columns", "words"),
    [
        (SEEN, {"animal_id": other("individual", 7, "L99")}, ("'animal_id'", "'L99'", "row 7")),
        (SEEN, {"Trap ID": other("station", 3, "K25")}, ("'Trap ID'", "'K25'", "row 3")),
        (SEEN, {"gender": other("sex", 4, "")}, None),
        (SEEN, {"gender": other("sex", 4, "X")}, ("'gender'", "'X'", "row 4")),
        (PLACES, {"easting": other("x", 5, "680123")}, ("'easting'", "'680123'", "row 5")),
        (PLACES, {"utm_y": other("y", 5, "4770")}, ("'utm_y'", "'4770'", "row 5")),
    ],
)
def test_columns_of_one_meaning__that_disagree_are_refused(good, name, columns, words):
    change(good, name, **columns)
    if words is None:
        silent(good)
    else:
        refused(good, "columns disagree", name, *words)


def test_columns_of_one_meaning__with_codes_for_names_are_silent(good):
    change(
        good,
        SEEN,
        animal_id=lambda t: pd.factorize(t["individual"])[0] + 1,
        id=lambda t: np.arange(len(t)),
        gender=lambda t: t["sex"].replace({"F": "female", "M": "male"}),
    )
    change(good, PLACES, id=lambda t: np.arange(len(t)), easting=lambda t: t["x"] + ".3")
    silent(good)


def test_columns_of_one_meaning__animal_ids_that_split_and_join_are_refused():
    table = pd.DataFrame(
        {"individual": list("AAABBBCC"), "animal_id": ["1", "1", "2", "2", "2", "2", "3", "3"]},
        index=range(2, 10),
    )
    with pytest.raises(SurveyError, match=r"row 4 \(row 4\)") as error:
        check_columns_agree(table, {"individual": ("individual", "animal id")}, source="seen.csv")
    assert error.value.kind == "columns disagree"


def test_columns_of_one_meaning__ends_that_differ_are_warned_of(good):
    change(good, SET, retrieval_date=other("end", 4, "2024-07-20"))
    warned(good, "columns disagree", "'retrieval_date'", "2024-07-20", "row 4")


def test_date_and_datetime__that_disagree_are_warned_of(good):
    change(good, SEEN, date=lambda t: t["datetime"].str[:10])
    silent(good)
    good.set(SEEN, [5, 9], date="2024-06-03")
    warned(good, "columns disagree", "'2024-06-03'", "rows 5, 9", "datetime")


# Names of stations


def test_stations__two_cameras_of_one_station_are_named(good):
    table = good.table(PLACES)
    extra = table.iloc[:3].assign(
        station=["K01b", "K02b", "K03b"], x=lambda t: (t["x"].astype(int) + 6).astype(str)
    )
    good.save(PLACES, pd.concat([table, extra]))
    warned(good, "stations a few metres apart", "3 pairs", "'K01' and 'K01b', 6 m", "one name")


def lattice(step, n=6):
    east, north = np.meshgrid(np.arange(n) * step, np.arange(n) * step)
    return np.column_stack([east.ravel(), north.ravel()]).astype(float)


@pytest.mark.parametrize("step", [2.0, 30.0, 80.0, 3000.0])
def test_suspect_stations__a_dense_lattice_is_silent(step):
    xy = lattice(step)
    traps = scr.Traps(names=[f"T{k}" for k in range(len(xy))], xy=xy, crs="local")
    assert suspect_stations(traps) == []


def test_suspect_stations__pairs_everywhere_are_found():
    xy = np.concatenate([lattice(2000.0, 4), lattice(2000.0, 4) + 8.0])
    traps = scr.Traps(names=[f"T{k}" for k in range(len(xy))], xy=xy, crs="local")
    (told,) = suspect_stations(traps)
    assert "16 pairs" in told.found
    assert "11 m" in told.found


def test_suspect_stations__names_alike_are_told():
    traps = scr.Traps(
        names=["K1", "K01", "К2", "K2", "K3"], xy=lattice(2000.0)[:5], crs="local", source="a.csv"
    )
    (told,) = suspect_stations(traps)
    assert told.kind == "names alike"
    assert "'K1' and 'K01'; 'К2' (CYRILLIC CAPITAL LETTER KA) and 'K2'" in told.found


def test_match_rows__a_name_in_another_alphabet_is_told_from_the_known_one():
    traps = scr.Traps(names=["K1", "K2"], xy=lattice(2000.0)[:2], crs="local")
    table = pd.DataFrame({"trap": ["К1"]}, index=[2])
    with pytest.raises(SurveyError, match="known: 'K1'"):
        match_rows(table, {"1": traps}, source="seen.csv")


@pytest.mark.parametrize(
    "spoilt", ["K\N{ZERO WIDTH SPACE}16", "\N{NO-BREAK SPACE}K16", "K16\ufeff"]
)
def test_stations__invisible_characters_are_passed_over(good, spoilt):
    good.set(SEEN, [2], station=spoilt)
    assert good.table(SEEN)["station"][0] == spoilt
    assert good.found().survey.n_individuals == 14


def test_names__composed_and_decomposed_accents_are_one(good):
    rows = [6, 9, 12, 24, 57, 73]
    good.set(SEEN, rows[:3], individual="Jos\u00e9")
    good.set(SEEN, rows[3:], individual="Jose\u0301")
    assert silent(good).survey.n_individuals == 14
    assert tidy("Jose\u0301") == "Jos\u00e9"


# Title rows


def test_title_row__is_suspected_and_quoted(troubled):
    survey = troubled("title-row")
    refused(
        survey,
        "title above the header",
        "'Karan Reserve camera stations 2024'",
        "row 3 like the header ('station', 'x', 'y')",
    )
    lines = survey.path(PLACES).read_text(encoding="utf-8").split("\n")
    survey.write(PLACES, "\n".join(lines[2:]))
    assert silent(survey).survey.n_individuals == 13


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (SEEN, "Leopards, 2024\n"),
        (SET, "# exported by a program\n# on a day\n"),
        (PLACES, "Camp\n"),
    ],
)
def test_title_row__in_any_table_and_of_any_width(good, name, title):
    good.write(name, title + good.path(name).read_text(encoding="utf-8"))
    refused(good, "title above the header", name, title.split("\n")[0].split(",")[0], "'station'")


def test_title_row__above_semicolons(good):
    text = good.path(PLACES).read_text(encoding="utf-8").replace(",", ";")
    good.write(PLACES, "Stations of the park\n" + text)
    refused(good, "title above the header", "'Stations of the park'", "'station', 'x', 'y'")


def test_title_row__in_a_workbook(good):
    table = good.table(PLACES)
    sheet = pd.DataFrame([list(table.columns), *table.to_numpy()], columns=["Park 2024", "", ""])
    sheet.to_excel(good.path("stations.xlsx"), index=False)
    good.replace("survey.toml", f'"{PLACES}"', '"stations.xlsx"')
    refused(good, "title above the header", "'Park 2024'", "row 2", "'station', 'x', 'y'")


def test_title_row__in_a_folder_without_a_survey_toml(good):
    good.path("survey.toml").unlink()
    good.write(SEEN, "My leopards\n" + good.path(SEEN).read_text(encoding="utf-8"))
    with pytest.raises(SurveyError, match="'My leopards', looks like a title"):
        sources_of_project(good.folder, crs="EPSG:32652")


# Services and seasons


def test_same_day_service__is_silent(troubled):
    found = silent(troubled("same-day-service"))
    effort = found.survey.sessions[0].usage.effort
    assert effort.max() == 1
    assert effort[0].sum() == 76  # 2 May to 16 July, the day of the service once


@pytest.mark.parametrize(
    ("end", "start", "told"),
    [("2024-06-15 10:30", "2024-06-15 11:00", False),
     ("2024-06-15 11:30", "2024-06-15 11:00", False),
     ("2024-06-15", "2024-06-16", False), ("2024-06-16", "2024-06-15", True),
     ("2024-06-16 09:00", "2024-06-15 09:00", True)],
)  # fmt: skip
def test_service__of_one_day_is_silent_and_longer_is_an_overlap(good, end, start, told):
    table = good.table(SET).drop(columns=["camera", "problem1_from", "problem1_to"])
    table = table[::2]
    timed = " 00:00" if ":" in end else ""
    first = table.assign(start=table["start"] + timed, end=end)
    second = table.assign(start=start, end="2024-07-15" + (" 23:59" if timed else ""))
    good.save(SET, pd.concat([first, second]))
    found = good.found()
    assert found.of("error") == [], found.text
    assert ("deployments overlap" in [t.kind for t in found.of("warning")]) == told


def test_two_years_no_session__the_gap_and_the_remedy_are_told(troubled):
    survey = troubled("two-years-no-session")
    warned(
        survey,
        "seasons in one session",
        "2023-07-19 to 2024-05-02 (288 days)",
        "444 days",
        "column 'session'",
    )
    change(survey, SET, session=lambda t: t["start"].str[:4])
    found = silent(survey)
    assert [session.name for session in found.survey.sessions] == ["2023", "2024"]


@pytest.mark.parametrize(("gap", "n"), [(59, 0), (60, 1), (150, 1)])
def test_suspect_seasons__two_months_without_a_camera(gap, n):
    first = np.array([["2024-01-01", "2024-03-01"]], "M8[us]")
    second = first[:, 1:] + np.array([[gap, gap + 60]]) * np.timedelta64(1, "D")
    assert len(suspect_seasons(np.concatenate([second, first]), source="a.csv")) == n


def by_day(survey, days, used):
    """Usage by day in place of the deployments."""
    table = pd.DataFrame(used, columns=days)
    table.insert(0, "station", survey.table(PLACES)["station"])
    survey.save(USED, table)
    survey.replace("survey.toml", f'deployments = "{SET}"', f'usage = "{USED}"')


def test_seasons__in_a_table_of_usage(good):
    days = pd.date_range("2024-05-02", "2025-01-20")
    used = np.ones((25, len(days)), dtype=int)
    used[:, 75:250] = 0
    by_day(good, days.strftime("%Y-%m-%d"), used)
    warned(good, "seasons in one session", "2024-07-16 to 2025-01-07 (175 days)", "'session'")


# Effort that is nothing but the detections


def test_usage_only_where_detected__is_told_with_numbers(troubled):
    survey = troubled("usage-only-where-detected")
    warned(
        survey, "effort only where detected", "55 station-occasions of 1,950", "100 %", "all days"
    )


def test_effort__of_deployments_that_last_a_detection(good):
    table = good.table(SEEN)
    days = table["datetime"].str[:10]
    rows = pd.DataFrame({"station": table["station"], "start": days, "end": days})
    good.save(SET, rows.drop_duplicates())
    warned(good, "effort only where detected", "100 %")


def test_effort__of_stations_with_a_detection_alone(good):
    seen = good.table(SEEN)
    good.save(SEEN, seen[~seen["station"].isin(["K01", "K02", "K03", "K04", "K05", "K06"])])
    kept = set(good.table(SEEN)["station"])
    table = good.table(SET)
    good.save(SET, table[table["station"].isin(kept)])
    found = good.found()
    kinds = [t.kind for t in found.of("warning")]
    assert "effort only where detected" in kinds, found.text


def test_effort__of_stations_that_worked_in_another_session_is_silent(good):
    seen = good.table(SEEN)
    good.save(SEEN, seen[~seen["station"].isin(["K01", "K02", "K03", "K04", "K05", "K06"])])
    table = good.table(SET)
    kept = table["station"].isin(set(good.table(SEEN)["station"]))
    dates = ["start", "end", "problem1_from", "problem1_to"]
    before = table[~kept].assign(session="2023")
    before[dates] = before[dates].apply(lambda cells: cells.str.replace("2024", "2023"))
    good.save(SET, pd.concat([table[kept].assign(session="2024"), before]))
    found = good.found()
    assert found.of("error") == [], found.text
    assert "effort only where detected" not in [t.kind for t in found.of("warning")]


def test_effort__with_failures_and_stations_without_detection_is_silent(good):
    seen = good.table(SEEN)
    good.save(SEEN, seen[~seen["station"].isin(["K01", "K02"])])
    kinds = [t.kind for t in good.found().of("warning")]
    assert "effort only where detected" not in kinds


# Times


def test_ampm_in_a_column_of_its_own__is_read_as_in_one_column(troubled):
    survey = troubled("ampm-in-a-column-of-its-own")
    wanted = silent(survey).survey.sessions[0].captures
    table = survey.table(SEEN)
    clock = table["time"].str.split(" ", expand=True)
    survey.save(SEEN, table.assign(time=clock[0], **{"AM/PM": clock[1]}))
    found = survey.found()
    captures = found.survey.sessions[0].captures
    assert (captures.occasion == wanted.occasion).all()
    together = table.assign(datetime=table["date"] + " " + table["time"])
    survey.save(SEEN, together.drop(columns=["date", "time"]))
    captures = survey.found().survey.sessions[0].captures
    assert (captures.occasion == wanted.occasion).all()


def test_ampm__that_does_not_fit_shows_all_three(troubled):
    survey = troubled("ampm-in-a-column-of-its-own")
    table = survey.table(SEEN)
    clock = table["time"].str.split(" ", expand=True)
    clock.loc[3, 0] = "13:49:00"
    survey.save(SEEN, table.assign(time=clock[0], am_pm=clock[1]))
    refused(survey, "unreadable date", "'08/05/2024 13:49:00 AM'", "row 5")


@pytest.mark.parametrize(
    ("date", "time", "half", "joined"),
    [("2024-05-02", "7:05", "pm", "2024-05-02 7:05 pm"),
     ("2024-05-02", "7:05 AM", "AM", "2024-05-02 7:05 AM"),
     ("2024-05-02 00:00:00", "1899-12-30 19:05:00", None, "2024-05-02 19:05:00"),
     ("2024-05-02", None, "PM", "2024-05-02"),
     ("2024-05-02", "07:05:00 p. m.", None, "2024-05-02 07:05:00 p. m.")],
)  # fmt: skip
def test_with_time__joins_what_stands_apart(date, time, half, joined):
    cells = [pd.Series([cell], dtype=object) for cell in (date, time, half)]
    assert with_time(*cells).tolist() == [joined]


def test_times__of_deployments_beside_their_dates_are_used(good):
    table = good.table(SET).drop(columns=["problem1_from", "problem1_to"])
    table = table.rename(columns={"start": "start_date", "end": "end_date"})
    good.save(SET, table.assign(start_time="12:00 PM", end_time="06:00 PM"))
    found = silent(good)
    effort = found.survey.sessions[0].usage.effort
    assert effort[0, 0] == 0.5
    assert effort[0, -1] == 0.75
    assert "times of start are those of the column 'start_time'" in found.text


def test_offsets__hours_apart_in_the_detections_are_refused(good):
    table = good.table(SEEN)
    zone = ["+09:00" if k % 2 else "Z" for k in range(len(table))]
    good.save(SEEN, table.assign(datetime=table["datetime"].str.replace(" ", "T") + ":00" + zone))
    refused(good, "unknown clock", SEEN, "+00:00, +09:00")


def test_offsets__of_summer_time_are_silent(good):
    table = good.table(SEEN)
    zone = ["+09:00" if k % 2 else "+10:00" for k in range(len(table))]
    good.save(SEEN, table.assign(datetime=table["datetime"].str.replace(" ", "T") + ":00" + zone))
    silent(good)


def test_offsets__hours_apart_in_the_deployments_are_warned_of(good):
    table = good.table(SET).drop(columns=["problem1_from", "problem1_to"])
    zone = np.where(table.index < 4, "Z", "+09:00")
    good.save(
        SET,
        table.assign(start=table["start"] + "T06:00" + zone, end=table["end"] + "T18:00" + zone),
    )
    warned(good, "offsets mixed", "+00:00, +09:00", "rows 2, 3, 4, 5")


FORMS = ["%Y-%m-%d", "%Y/%m/%d", "X%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y",
         "%d %b %Y", "%d-%b-%Y", "X%d.%b.%Y", "%d %B %Y", "%Y-%m-%d 00:00:00"]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_day_headers__in_every_form_that_dates_are_read_in(form):
    days = pd.date_range("2024-05-02", "2024-07-15")
    found = day_headers(["trap", *days.strftime(form), "lure"], source="usage.csv")
    assert list(found) == list(days.strftime(form))
    assert np.array_equal(list(found.values()), days.to_numpy("M8[D]"))


def test_day_headers__of_a_spreadsheet_are_day_numbers():
    found = day_headers(["trap", "45414", "45415"], source="usage.csv")
    assert [str(day) for day in found.values()] == ["2024-05-02", "2024-05-03"]
    assert day_headers(["trap", "45414"], source="usage.csv") == {}


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "45414"])
def test_usage__by_days_of_any_form_is_the_same_effort(good, form):
    days = pd.date_range("2024-05-02", "2024-07-15")
    names = days.strftime(form) if "%" in form else [str(45414 + k) for k in range(len(days))]
    by_day(good, names, np.ones((25, len(days)), dtype=int))
    found = silent(good)
    usage = found.survey.sessions[0].usage
    assert usage.effort.shape == (25, 75)
    assert str(usage.first_day)[:10] == "2024-05-02"


@pytest.mark.parametrize("first", [True, False])
def test_day_headers__days_that_follow_each_other_tell_day_from_month(first):
    form = "%d/%m/%Y" if first else "%m/%d/%Y"
    names = pd.date_range("2024-05-01", "2024-05-09").strftime(form)
    assert str(next(iter(day_headers(names, source="a.csv").values()))) == "2024-05-01"


@pytest.mark.parametrize(
    ("names", "day_first", "kind"),
    [(["02/05/2024"], None, "undecided day and month"),
     (["13/05/2024", "05/14/2024"], None, "contradicting day and month"),
     (["13/05/2024", "14/05/2024"], False, "contradicting day and month"),
     (["2024-06-30", "2024-06-31"], None, "no such day")],
)  # fmt: skip
def test_day_headers__that_cannot_be_days_are_named(names, day_first, kind):
    with pytest.raises(SurveyError) as error:
        day_headers(names, day_first=day_first, source="usage.csv")
    assert error.value.kind == kind
    assert repr(names[0]) in str(error.value) or repr(names[-1]) in str(error.value)
