from types import SimpleNamespace

import pandas as pd
import pytest

from scr.report.headlines import headlines_of


def rows(session, region, *, realised=True):
    number = {"session": session, "region": region, "lower": 5.0, "upper": 20.0, "area_km2": 200.0}
    expected = number | {"estimand": "expected N", "median": 10.0}
    return [expected, *([number | {"estimand": "realised N", "median": 12.0}] if realised else [])]


def cards(fit, *found):
    return headlines_of(fit, SimpleNamespace(table=pd.DataFrame([r for f in found for r in f])))


def test_headlines_of__one_place_has_a_card_for_each_number(fit):
    told = cards(fit, rows("2024", "Park"))
    assert [card["value"] for card in told] == ["29", "5.00", "10.0", "12"]
    assert told[1]["interval"].startswith("2.50 to 10.0 (95")
    assert told[3]["meaning"] == "animals estimated to live in Park during the survey"


@pytest.mark.parametrize("sessions", [["2024"], ["2021", "2022", "2023", "2024"]])
def test_headlines_of__no_session_and_no_region_is_left_out(fit, sessions):
    regions = [f"Zone {k}" for k in range(5)]
    places = [(session, region) for session in sessions for region in regions]
    told = cards(fit, *[rows(*place, realised=place[1] != "Zone 4") for place in places])
    assert len(told) == 1 + len(places)
    for (session, region), card in zip(places, told[1:], strict=True):
        assert region in card["meaning"]
        assert (f"session {session}" in card["meaning"]) == (len(sessions) > 1)
        assert "5.00 (2.50 to 10.0) per 100 km²" in card["more"]
        living = region != "Zone 4"
        assert card["value"] == ("12" if living else "10.0")
        assert ("estimated to live" in card["meaning"]) == living
