"""Sex and other covariates have one value for an animal."""

import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.tables import read_table
from scr.survey.individuals import individual_covariates


def covariates(sessions=None, **columns):
    table = read_table(pd.DataFrame(columns, dtype=object))
    labels = pd.Series(sessions or ["1"] * len(table), index=table.index, dtype=object)
    return individual_covariates(table, labels, source="d.csv")


def test_individual_covariates__spellings_of_sex_are_one():
    frame, notes = covariates(individual=list("abcde"), sex=["F", "female", "m", "U", None])
    assert frame["sex"].tolist()[:3] == ["F", "F", "M"]
    assert frame["sex"].isna().tolist() == [False, False, False, True, True]
    assert notes == ("d.csv: sex is unknown for 2 of 5 animals.",)


def test_individual_covariates__one_row_may_tell_the_sex():
    frame, notes = covariates(individual=["a", "a"], sex=["unknown", "M"])
    assert frame["sex"].tolist() == ["M"]
    assert notes == ()


def test_individual_covariates__two_sexes_are_an_error():
    with pytest.raises(
        SurveyError, match=r"d\.csv: 1 animal has.*'a' \('F' in row 2; 'M' in row 4\)"
    ):
        covariates(individual=["a", "b", "a"], sex=["F", "M", "M"])


def test_individual_covariates__two_sexes_in_two_sessions_are_an_error():
    with pytest.raises(SurveyError, match="'F' in row 2, session 'n'; 'M' in row 3, session 's'"):
        covariates(["n", "s"], individual=["1", "1"], sex=["F", "M"])


def test_individual_covariates__a_sex_known_in_one_session_is_known_in_the_other():
    frame, notes = covariates(["n", "s", "s"], individual=["1", "1", "2"], sex=["", "M", "?"])
    assert frame.loc[("n", "1"), "sex"] == "M"
    assert frame.loc[("s", "2"), "sex"] is None
    assert notes == (
        "d.csv: the sex of '1' (n) is taken from another session that tells it.",
        "d.csv: sex is unknown for 1 of 2 animals.",
    )


def test_individual_covariates__what_varies_is_left_out_and_said():
    frame, notes = covariates(individual=["a", "a"], file=["p1", "p2"], weight=["12.5", None])
    assert frame["weight"].tolist() == [12.5]
    assert "file" not in frame.columns
    assert notes == ("d.csv: 'file' differ between rows of one animal and are not used.",)
