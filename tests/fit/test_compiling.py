import scr
from scr.fit import compiling
from scr.likelihood.problem import build_problem


def test_fit__marks_what_it_has_compiled(monkeypatch, tmp_path, small):
    monkeypatch.setattr(compiling, "marker", lambda law: tmp_path / f"{law}.ready")
    survey, mask = small
    problem = build_problem(survey, mask, scr.ModelSpec())
    assert not compiling.is_ready(problem)
    scr.fit_mle(survey, mask, scr.ModelSpec())
    assert compiling.is_ready(problem)
