"""What there is to doubt stands in both reports, without names in the public one."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import scr
from scr.checking.doubts import Doubts, doubts_before, doubts_of, sentences
from scr.fit.checks import Check
from scr.posterior.belief import NOT_CREDIBLE
from scr.report.page import write_report
from scr.survey.troubles import Trouble


@pytest.fixture(scope="module")
def few():
    """Three animals at the nodes of a grid, told by maximum likelihood."""
    x, y = np.meshgrid(np.arange(5) * 2000.0, np.arange(5) * 2000.0)
    traps = scr.Traps(names=[f"post-{k:02d}" for k in range(25)],
                      xy=np.column_stack([x.ravel(), y.ravel()]), crs="local")  # fmt: skip
    rows = [(f"animal-{i}", f"post-{k:02d}", s + 1)
            for i, ks in enumerate([(6, 7, 6, 11), (17, 18, 13, 18), (8, 9, 8, 13)])
            for s, k in enumerate(ks)]  # fmt: skip
    seen = pd.DataFrame(rows, columns=["individual", "trap", "occasion"])
    survey = scr.read_survey(seen, traps, usage=20)
    survey = replace(survey, doubts={"names alike": "d.csv: 'animal-1' and 'animal-I' (row 3)."})
    mask = scr.build_mask(traps, buffer=6000, spacing=1000)
    return scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)


def words(path):
    return " ".join(path.read_text(encoding="utf-8").split())


def test_doubts_before__are_those_of_the_check(few):
    kinds = {trouble.kind for trouble in doubts_before(few.survey, few.mask, few.spec)}
    assert "few data" in kinds


def test_doubts_of__the_data_are_doubted_after_the_fit_too(few):
    doubts = doubts_of(few)
    assert {"few data", "names alike"} <= {trouble.kind for trouble in doubts.of_data}
    assert doubts.unbelievable == ()
    public = "\n".join(doubts.lines(public=True))
    assert "3 animals with 9 recaptures" in public
    assert "Names alike: see the private report." in public
    for hidden in ("animal-", "post-", "row 3"):
        assert hidden not in public
    assert "'animal-I' (row 3)" in "\n".join(doubts.lines(public=False))


def test_write_report__doubts_stand_at_the_top_and_under_checks(few, tmp_path, no_figures):
    for public in (True, False):
        page = words(write_report(few, tmp_path / f"{public}.html", public=public))
        assert "3 animals with 9 recaptures" in page
        assert "warnings: see Checks." in page
        assert "All checks that could be made were passed" not in page
        assert ("animal-I" in page) != public
        assert "cannot be believed" not in page


def test_write_report__a_sound_fit_has_passed_all(few, tmp_path, monkeypatch, no_figures):
    monkeypatch.setattr("scr.report.page.doubts_of", lambda *_: Doubts((), (), (), ()))
    page = words(write_report(few, tmp_path / "page.html", public=True))
    assert "All checks that could be made were passed" in page
    assert "see Checks." not in page
    failed = Check("mask_wider", 0.4, 0.1, passed=False, message="Widen the buffer.")
    page = words(write_report(replace(few, checks=(failed,)), tmp_path / "page.html", public=True))
    assert "All checks that could be made were passed" not in page
    assert "1 warning: see Checks." in page


def test_write_report__what_cannot_be_believed_is_said_first_and_stamped(few, tmp_path):
    wide = few.point.copy()
    wide[list(few.coefficient_names).index("sigma.Intercept")] = np.log(9000.0)
    fit = replace(few, point=wide, draws=few.draws + (wide - few.point))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        written = scr.write_results(fit, tmp_path, banner="SIMULATED", doubts=doubts_of(fit))
    assert written
    for where in ("public", "private"):
        page = words(tmp_path / where / "report.html")
        assert f"{NOT_CREDIBLE}. SIMULATED" in page
        first = page.index("These estimates cannot be believed. Do not use them.")
        assert (
            first
            < page.index("Sigma not credible.")
            < page.index("These numbers answer different questions")
        )
        assert f"{NOT_CREDIBLE}. SIMULATED" in words(tmp_path / where / "abundance.csv")
        assert "cannot tell it" in (tmp_path / where / "summary.json").read_text("utf-8")
    assert "8 km across" not in words(tmp_path / "public" / "report.html")


def test_public_line__only_the_kind_where_no_text_is_for_the_public():
    trouble = Trouble("warning", "row twice", "d.csv", (3,), "d.csv: 'x' (row 3).", "Look.")
    assert trouble.public_line == "row twice: see the private report."
    assert trouble.private_line == "row twice. d.csv: 'x' (row 3). Look."
    assert sentences([trouble, trouble], public=True) == ["Row twice: see the private report."]
