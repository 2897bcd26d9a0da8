"""Sessions are checked against each other once."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage


def session(name="1", effort=((2, 0), (1, 3)), *, trap=0, occasion=0, count=1, crs="local"):
    traps = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [900.0, 0.0]]), crs=crs)
    captures = CaptureHistory(
        individuals=["x"], individual=[0], occasion=[occasion], trap=[trap], count=[count]
    )
    return Session(name, traps, Usage(effort=np.array(effort)), captures)


def test_session__refuses_a_detection_where_usage_is_0():
    with pytest.raises(SurveyError, match="'x' at trap 'A', occasion 2"):
        session(occasion=1)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"effort": ((1, 1),)}, "1 rows but there are 2 traps"),
        ({"trap": 5}, "outside 0..1"),
        ({"occasion": 2}, r"outside 1\.\.2"),
    ],
)
def test_session__names_the_fault(changed, word):
    with pytest.raises(SurveyError, match=word):
        session(**changed)


@pytest.mark.parametrize(
    ("sessions", "more", "word"),
    [
        ([], {}, "sessions with different names"),
        ([session(), session()], {}, "different names"),
        ([session(), session("2", crs="EPSG:32652")], {}, "EPSG:32652, local"),
        ([session(count=2)], {}, "presence alone"),
        ([session()], {"detector": "sound"}, "'sound' is not known"),
        ([session()], {"covariates": pd.DataFrame({"a": [1, 2]})}, "2 rows of session"),
        ([session(count=3)], {"detector": "binomial_count"}, "count 3, effort 2"),
        ([session(effort=((1.5, 0), (1, 3)))], {"detector": "binomial_count"}, "effort 1.5"),
    ],
)
def test_survey__names_the_fault(sessions, more, word):
    with pytest.raises(SurveyError, match=word):
        Survey(sessions, **more)


def test_survey__sums_animals_over_sessions():
    assert Survey([session(), session("2")]).n_individuals == 2
