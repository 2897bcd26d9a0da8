"""Names that count one animal twice or nobody as one: labels, flanks, letters that look alike."""

import pytest

import scr
from scr.errors import SurveyWarning
from scr.survey.unknown_labels import unknown_labels

SEEN = "detections.csv"


def renamed(good, names, rows=None):
    """Other names for animals of the good survey, in all rows or in some."""
    table = good.table(SEEN)
    chosen = table.index if rows is None else [row - 2 for row in rows]
    table.loc[chosen, "individual"] = table.loc[chosen, "individual"].replace(names)
    good.save(SEEN, table)


def spelled(text):
    """Text whose arguments are written as keys and as Python alike."""
    return text.replace(" = ", "=").replace("'", '"')


def hold(survey, kind, *words, commands=True):
    """A warning with these words in Python, by ``scr check`` and by ``scr fit``, and no error.

    What the commands say is the line of the trouble: one survey of each kind is given to them.
    """
    found = survey.found()
    assert [t.kind for t in found.of("error")] == [], found.text
    told = [t for t in found.of("warning") if t.kind == kind]
    assert len(told) == 1, found.text
    assert told[0].rows
    assert told[0].remedy
    outputs = (survey.checked().words, survey.begun().words) if commands else ()
    for output in (told[0].line, *outputs):
        assert [word for word in words if spelled(word) not in spelled(output)] == [], output
    return found, told[0]


def read(survey, **choices):
    traps = scr.read_traps(survey.path("stations.csv"), crs="EPSG:32652")
    return scr.read_survey(
        survey.path(SEEN), traps, usage=survey.path("deployments.csv"), **choices
    )


def test_labels_not_known__the_label_is_named_with_its_rows(troubled):
    survey = troubled("labels-not-known")
    found, told = hold(survey, "label is no animal", "'Unk_03'", "57, 58, 59, 60, 61, 62")
    assert told.rows == (57, 58, 59, 60, 61, 62)
    assert found.survey.n_individuals == 14
    with pytest.warns(SurveyWarning, match="Unk_03"):
        read(survey)


LABELS = """
Unk_03|unknown_1|U|Uncertain|Tiger sp|cf. Dara|0|blurry|SIN ID|Desconocido|sin identificar|Inconnu
nicht bestimmt|Неизвестный|未识别|Unidentified|unknown male|unk-F1|Dara?|-1|999|9999|xx|No ID|UNID-2
Not ID'd|não identificado|non identifié|onbekend|sconosciuto|nieznany|tidak diketahui|不明|미확인
Неопознан|bilinmeyen|Okänd|Unmarked|unnamed 4|sp. 1|Tiger|adult female|NN|indet.|Unknown (blurry)
"""


SOUND = """
Tiger 1|Male_3|U12|Ind04|Union|Una|Noa|Blanca|One Eye|T-12|Bad Boy|Old Male 2|Ноа|XX1
"""


def listed(text):
    return [label for line in text.split("\n") for label in line.split("|") if label]


@pytest.mark.parametrize("label", listed(LABELS))
def test_unknown_labels__in_many_languages(label):
    assert unknown_labels(["Dara", label, "L01"]) == [label]


@pytest.mark.parametrize("label", ["Desconocido", "未识别", "0"])
def test_label__is_flagged_in_its_rows(good, label):
    renamed(good, {"L01": label})
    _, told = hold(good, "label is no animal", repr(label), commands=label == "未识别")
    assert told.rows == (6, 9, 12, 24, 57, 73)


def test_label__names_that_are_sound_are_not_flagged(good):
    table = good.table(SEEN)
    names = dict(zip(sorted(table["individual"].unique()), listed(SOUND), strict=True))
    renamed(good, names)
    assert good.found().of("warning") == []


@pytest.mark.parametrize("first", [1, 90])
def test_label__numbers_that_go_on_are_not_flagged(good, first):
    names = sorted(good.table(SEEN)["individual"].unique())
    renamed(good, {name: str(first + k) for k, name in enumerate(names)})
    assert good.found().of("warning") == []


def test_flank_in_name__pairs_are_named_and_the_flanks_explained(troubled):
    survey = troubled("flank-in-name")
    found, _ = hold(
        survey,
        "flank in the name",
        "'Dara_L' and 'Dara_R'",
        "10 pairs",
        "column flank",
        'flank="left"',
    )
    assert found.survey.n_individuals == 23
    with pytest.warns(SurveyWarning, match="Dara_L"):
        read(survey)


@pytest.mark.parametrize(
    ("left", "right"),
    [("{}_L", "{}_R"), ("{} left", "{} right"), ("{} (izq)", "{} (der)"), ("L-{}", "R-{}"),
     ("{}_gauche", "{}_droite"), ("{} links", "{} rechts"), ("{} Left Flank", "{} Right Flank"),
     ("{} 左", "{} 右"), ("{}.lf", "{}.rf"), ("{} лев", "{} прав")],
)  # fmt: skip
def test_flank_in_name__any_writing_of_a_side_is_suspected(good, left, right):
    table = good.table(SEEN)
    for name, rows in table.groupby("individual").groups.items():
        animal = f"Animal{name[1:]}x"
        table.loc[rows[::2], "individual"] = left.format(animal)
        table.loc[rows[1::2], "individual"] = right.format(animal)
    good.save(SEEN, table)
    hold(good, "flank in the name", "14 pairs", left.format("Animal01x"), commands=False)


def test_flank_in_name__letters_joined_to_numbers_are_suspected_where_there_are_pairs(good):
    renamed(good, {"L01": "R02", "L05": "R06"})
    hold(good, "flank in the name", "2 pairs", "'L02' and 'R02'", "'L06' and 'R06'")


def test_flank_in_name__sides_without_pairs_are_suspected(good):
    names = sorted(good.table(SEEN)["individual"].unique())
    renamed(good, {name: f"{name}_{'LR'[k % 2]}" for k, name in enumerate(names)})
    hold(good, "flank in the name", "7 names tell the left flank", "7 the right", "'L01_L'")


def test_flank_in_name__one_side_alone_is_silent(good):
    names = sorted(good.table(SEEN)["individual"].unique())
    renamed(good, {name: f"{name}_L" for name in names})
    assert good.found().of("warning") == []


def test_animal_names_almost_alike__are_named_with_the_letters_that_differ(troubled):
    survey = troubled("animal-names-almost-alike")
    found, _ = hold(survey, "names alike", "'L1' and 'L01'")
    assert found.survey.n_individuals == 14
    with pytest.warns(SurveyWarning, match="'L01'"):
        read(survey)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Dara", "D\N{CYRILLIC SMALL LETTER A}ra", "CYRILLIC SMALL LETTER A"),
        ("\N{GREEK CAPITAL LETTER ALPHA}ru", "Aru", "GREEK CAPITAL LETTER ALPHA"),
        ("José", "Jose", "'José'"),
        ("B10", "B1O", "'B1O'"),
        ("T11", "T1l", "'T1l'"),
        ("K-007", "k 7", "'K-007'"),
        ("Bek", "B\N{ZERO WIDTH JOINER}ek", "ZERO WIDTH JOINER"),
    ],
)
def test_names_alike__however_they_differ(good, one, other, words):
    renamed(good, {"L03": one})
    renamed(good, {one: other}, rows=[2])
    hold(good, "names alike", words, commands=one == "Bek")


@pytest.mark.parametrize(
    ("one", "other"),
    [("A1", "A10"), ("K1-2", "K12"), ("Bek", "Bel"), ("T1", "T2"), ("Дара", "Dara")],
)
def test_names_alike__other_names_are_silent(good, one, other):
    renamed(good, {"L03": one, "L04": other})
    assert good.found().of("warning") == []
