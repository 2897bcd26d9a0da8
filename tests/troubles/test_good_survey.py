"""The good survey, and the demonstration, are read without a word of warning."""

import shutil
from pathlib import Path

import scr.demo


def test_good_survey__is_read_without_an_error_or_a_warning(good):
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], [])
    assert len(found.survey.sessions[0].traps) == 25
    assert found.survey.n_individuals == 14
    assert found.survey.sessions[0].usage.effort.sum() == 25 * 75 - 5


def test_good_survey__passes_scr_check(good):
    checked = good.checked()
    assert checked.exit_code == 0
    assert "arning" not in checked.output


def test_demo__is_read_without_an_error_or_a_warning(good):
    shutil.rmtree(good.folder)
    shutil.copytree(Path(scr.demo.__file__).parent / "data", good.folder)
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], [])
    assert found.survey.n_individuals > 20
