"""Troubles of identity: names of animals and stations, sexes, flanks, young, sessions."""

import pandas as pd
import pytest

import scr
from scr.errors import SurveyError

SEEN = "detections.csv"
SET = "deployments.csv"
NEW = 86
"""Row of a detection that is added."""


def seen(**cells):
    """One more detection."""
    row = {"individual": "L01", "station": "K01", "datetime": "2024-06-20 22:00", "sex": "F"}
    return lambda good: good.append(SEEN, **(row | cells))


def put(*rows, **cells):
    """Cells of the detections."""
    return lambda good: good.set(SEEN, list(rows), **cells)


def both(*seeds):
    def seed(good):
        for one in seeds:
            one(good)

    return seed


def leading_zeros(good):
    """Stations 01, 02, ... which a spreadsheet made 1, 2, ... in the detections."""
    for file in ("stations.csv", SET):
        table = good.table(file)
        good.save(file, table.assign(station=table["station"].str[1:]))
    table = good.table(SEEN)
    good.save(SEEN, table.assign(station=table["station"].str[1:].str.lstrip("0")))


def sessions(good):
    """The same survey as two sessions, of which the second has no animals of its own."""
    for file in (SET, SEEN):
        table = good.table(file)
        table.insert(0, "session", "2024")
        good.save(file, table)
    table = good.table(SET)
    early = table.assign(session="2023")
    for column in ("start", "end", "problem1_from", "problem1_to"):
        early[column] = early[column].str.replace("2024", "2023")
    good.save(SET, pd.concat([table, early]))


def two_names(good):
    seen(individual="l01")(good)
    seen(individual="L 02", station="K24", datetime="2024-06-21 22:00", sex="M")(good)


def half_known(good):
    table = good.table(SEEN)
    flanks = {"L01": "left", "L02": "right"}
    good.save(SEEN, table.assign(flank=table["individual"].map(flanks).fillna("both")))


def only_in_detections(good):
    table = good.table(SEEN)
    table.insert(0, "session", ["2023"] * 40 + ["2024"] * 44)
    good.save(SEEN, table)


def sex_by_session(good):
    sessions(good)
    good.append(
        SEEN, session="2023", individual="L01", station="K02", datetime="2023-06-01 22:00", sex="M"
    )


def of_stations(good):
    """Stations named anew in each session, so that the station tells the session."""
    table = good.table("stations.csv")
    other = table.assign(session="b", x=(table["x"].astype(int) + 50_000).astype(str))
    good.save("stations.csv", pd.concat([table.assign(session="a"), other]))


def covariates_of_sessions(text):
    def seed(good):
        sessions(good)
        good.write("years.csv", text)
        good.key("survey", 'session_covariates = "years.csv"')

    return seed


ROWS_L01 = (6, 9, 12, 24, 57, 73)


def identities(rows):
    """A table of names to mend, named by the survey.toml."""

    def seed(good):
        good.write("names.csv", f"individual,becomes,row\n{rows}")
        good.key("survey", 'identities = "names.csv"')

    return seed


KINDS = {
    "another station": (
        put(2, 7, station="Q9"),
        ("error", "unknown station", SEEN, (2, 7), ("'Q9'", "stations.csv", "exactly")),
    ),
    "station in small letters": (
        put(2, 7, station="k16"),
        ("error", "unknown station", SEEN, (2, 7), ("'k16'", "known: 'K16'")),
    ),
    "station with a blank": (
        put(2, station="K 16"),
        ("error", "unknown station", SEEN, (2,), ("'K 16'", "known: 'K16'")),
    ),
    "leading zeros lost": (
        leading_zeros,
        ("error", "unknown station", SEEN, None, ("leading zeros", "known: '01'", "as text")),
    ),
    "blank station": (
        put(2, 7, station=""),
        ("error", "blank station", SEEN, (2, 7), ("station", "Fill it in")),
    ),
    "blank animal": (
        put(2, 7, individual=""),
        ("error", "blank individual", SEEN, (2, 7), ("'individual'", "not identified")),
    ),
    "Unidentified": (
        both(seen(individual="Unidentified"), seen(individual="unknown male", station="K24")),
        ("warning", "label is no animal", SEEN, (86, 87), ("'Unidentified'", "'unknown male'")),
    ),
    "names alike": (
        two_names,
        ("warning", "names alike", SEEN, None, ("'L01' and 'l01'", "'L02' and 'L 02'")),
    ),
    "two animals in a cell": (
        seen(individual="L01/L02"),
        ("warning", "several animals in one cell", SEEN, (NEW,), ("'L01/L02'", "row of its own")),
    ),
    "two sexes": (
        put(6, 12, sex="M"),
        ("error", "two sexes", SEEN, ROWS_L01, ("'L01'", "'M' in row 6", "'F' in row 9")),
    ),
    "another sex in another session": (
        sex_by_session,
        ("error", "two sexes", SEEN, (*ROWS_L01, NEW), ("'L01'", "session '", "name of its own")),
    ),
    "a code of sex not known": (
        both(put(*ROWS_L01, sex="2"), lambda g: g.replace("survey.toml", "~ sex", "~ 1")),
        ("warning", "sex code not known", SEEN, ROWS_L01, ("'2'", "missing_sex")),
    ),
    "codes of sex": (
        put(*ROWS_L01, sex="hembra"),
        ("note", "sex codes", SEEN, (), ("'hembra' as F",)),
    ),
    "sex not known": (
        put(*ROWS_L01, sex="?"),
        ("note", "reading", SEEN, (), ("sex is unknown for 1 of 14 animals",)),
    ),
    "one flank only": (
        half_known,
        ("warning", "one flank only", SEEN, None, ("L01", "L02", 'flank="left"')),
    ),
    "a flank chosen": (
        both(half_known, lambda g: g.key("survey", 'flank = "left"')),
        ("note", "reading", SEEN, (), ("other flank alone", "L02", "left out")),
    ),
    "a flank chosen without its column": (
        lambda good: good.key("survey", 'flank = "left"'),
        ("error", "column missing", SEEN, (), ("no column 'flank'",)),
    ),
    "identities mended": (
        identities("L14,L12,\n"),
        ("note", "reading", SEEN, (), ("'L14' is merged into 'L12'", "names.csv")),
    ),
    "identities that are not there": (
        identities("Nobody,L01,\nL01,Eva,7\n"),
        ("error", "identity not found", "names.csv", (2, 3), ("rows 2, 3", SEEN)),
    ),
    "a code of flank not known": (
        lambda good: good.set(SEEN, [2, 3], flank="upside"),
        ("warning", "flank code not known", SEEN, (2, 3), ("'upside'", "left, right or both")),
    ),
    "a cub": (
        both(seen(individual="C1", sex="", life_stage=""), put(NEW, life_stage="cub")),
        ("note", "reading", SEEN, (), (f"row {NEW}", "C1", "left out", "life stage")),
    ),
    "an age not known": (
        put(2, 3, life_stage="gamma"),
        ("warning", "life stage not known", SEEN, (2, 3), ("'gamma'", "adult")),
    ),
    "cub and adult": (
        both(put(*ROWS_L01, life_stage="adult"), put(6, life_stage="cub")),
        ("warning", "life stage contradicts itself", SEEN, ROWS_L01, ("'L01'", "young")),
    ),
    "removed and seen again": (
        put(9, alive="FALSE"),
        ("error", "detected after removal", SEEN, ROWS_L01[2:], ("'L01'", "'alive'", "removed")),
    ),
    "removed at the end": (
        put(ROWS_L01[-1], alive="FALSE"),
        ("note", "reading", SEEN, (), ("1 animal was removed", "count", "when it began")),
    ),
    "no count": (
        put(2, 7, count="0"),
        ("error", "count not a number of detections", SEEN, tuple(range(2, 86)), ("'count'",)),
    ),
    "count of letters": (
        both(put(*range(2, 86), count="1"), put(2, 7, count="many")),
        ("error", "not a number", SEEN, (2, 7), ("'many'",)),
    ),
    "in two places at once": (
        both(seen(station="K21"), seen(station="K05", datetime="2024-06-20 22:10")),
        ("warning", "faster than an animal", SEEN, (87,), ("'L01'", "km in 10 minutes")),
    ),
    "a row twice": (
        seen(station="K16", individual="L03", datetime="2024-05-04 20:47"),
        ("note", "row twice", SEEN, (NEW,), ("repeat",)),
    ),
    "sessions only in detections": (
        only_in_detections,
        ("error", "sessions only in detections", SEEN, (), ("'2023', '2024'", "stations.csv")),
    ),
    "a session not known": (
        both(sessions, put(2, 7, session="2022")),
        ("error", "unknown session", SEEN, (2, 7), ("2022", "'2024', '2023'")),
    ),
    "a session blank": (
        both(sessions, put(2, 7, session="")),
        ("error", "blank session", SEEN, (2, 7), ("session", "Fill it in")),
    ),
    "a session without deployments": (
        of_stations,
        ("error", "session not told", SET, None, ("'K01'", "'a', 'b'", "column 'session'")),
    ),
    "a session without animals": (
        sessions,
        ("note", "reading", SEEN, (), ("no animal was detected in session '2023'",)),
    ),
    "covariates of a session twice": (
        covariates_of_sessions("session,effort\n2023,1\n2024,2\n2024,3\n"),
        ("error", "session twice", "years.csv", (3, 4), ("one row per session",)),
    ),
    "covariates of a session absent": (
        covariates_of_sessions("session,effort\n2024,2\n"),
        ("error", "session without covariates", "years.csv", (), ("'2023'",)),
    ),
    "a covariate that varies": (
        both(put(*range(2, 86), weight="40"), put(6, weight="50")),
        ("note", "reading", SEEN, (), ("'weight'", "not used")),
    ),
    "no animal at all": (
        both(
            lambda good: good.save(SEEN, good.table(SEEN).iloc[:0]),
            lambda good: good.replace("survey.toml", "~ sex", "~ 1"),
        ),
        ("note", "reading", SEEN, (), ("no animal was detected at all",)),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_identity__trouble_is_named(name, expect):
    expect(*KINDS[name])


def read(good, **choices):
    traps = scr.read_traps(good.path("stations.csv"), crs="EPSG:32652")
    return scr.read_survey(good.path(SEEN), traps, usage=good.path(SET), **choices)


def test_identity__merges_and_splits_are_logged(good):
    names = pd.DataFrame(
        {"individual": ["L14", "L01", "L03"], "becomes": ["L12", "Eva", "Bo"], "row": ["", "6", ""]}
    )
    survey = read(good, identities=names)
    notes = "\n".join(survey.notes)
    assert survey.n_individuals == 14
    for words in ("'L14' is merged into 'L12'", "row 6 of 'L01' is given to 'Eva'",
                  "'L03' is renamed 'Bo'"):  # fmt: skip
        assert words in notes


def test_identity__names_are_mended_without_a_column_of_rows(good):
    names = pd.DataFrame({"individual": ["L14"], "becomes": ["L12"]})
    assert read(good, identities=names).n_individuals == 13


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("Nobody", "L01", ""), ("L02", "Bo", "")], ("row 2", SEEN)),
        ([("L01", "Eva", "7")], ("row 2", SEEN)),
        ([("L01", "", "")], ("row 2", "no new name")),
        ([("L01", "L02", ""), ("L02", "L03", "")], ("rows 2, 3", "'L02'", "at once")),
    ],
)
def test_identity__wrong_identities_are_named(good, rows, words):
    names = pd.DataFrame(rows, columns=["individual", "becomes", "row"])
    with pytest.raises(SurveyError) as error:
        read(good, identities=names)
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)


def test_identity__a_flank_chosen_leaves_the_others_out_and_says_so(good):
    half_known(good)
    survey = read(good, flank="left")
    assert survey.n_individuals == 13
    assert any("other flank alone" in note and "L02" in note for note in survey.notes)


def test_identity__a_flank_without_its_column_is_named(good):
    with pytest.raises(SurveyError, match="no column 'flank'"):
        read(good, flank="left")


def test_identity__names_that_are_numbers_stay_text(good):
    table = good.table(SEEN)
    good.save(SEEN, table.assign(individual=table["individual"].str[1:]))
    assert read(good).sessions[0].captures.individuals[0] == "03"


def test_identity__occasions_and_stations_come_from_the_deployments(good):
    table = good.table(SEEN)
    good.save(SEEN, table.iloc[:5])
    session = read(good).sessions[0]
    assert session.usage.effort.shape == (25, 75)


def test_identity__a_session_covariate_named_as_a_place_is_refused(good):
    covariates_of_sessions("session,x\n2023,1\n2024,2\n")(good)
    checked = good.checked()
    assert checked.exit_code == 1
    assert "session covariates are named x" in checked.words
