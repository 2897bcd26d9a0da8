import numpy as np

from scr.report.stations_shown import stations_shown


def test_stations_shown__each_place_once_with_the_effort_of_its_sessions(make_fit):
    survey = make_fit(names=("2023", "2024")).survey
    traps = survey.sessions[0].traps
    table = stations_shown(survey)
    np.testing.assert_array_equal(table[["x", "y"]], traps.xy)
    assert table["station"].tolist() == [str(name) for name in traps.names]
    assert set(table["effort"]) == {"30 in 2023; 30 in 2024"}
