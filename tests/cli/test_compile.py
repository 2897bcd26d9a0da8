import pytest
from typer.testing import CliRunner

from scr.cli.main import app
from scr.fit import compiling
from scr.fit.compiling import small_problems
from scr.model.detection import DETECTION_FUNCTIONS


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Another folder of what has been compiled, for marks alone: code stays where it is."""
    monkeypatch.setattr(compiling, "marker", lambda law: tmp_path / f"{law}.ready")
    return tmp_path


def ran(*arguments):
    result = CliRunner().invoke(app, ["compile", *arguments])
    return result.exit_code, result.output


def test_compile__is_done_once_for_each_way(folder):
    code, said = ran()
    assert code == 0
    assert said.count("compiled") == 4
    assert "regular masks" in said
    assert "any mask" in said
    assert "any mask, both flanks" in said
    code, said = ran("hazard_half_normal")
    assert said.count("ready") == 4
    assert "compiled" not in said
    assert len(list(folder.iterdir())) == 4


def test_compile__refuses_what_is_no_detection_function(folder):
    code, said = ran("hazard_half_normal", "halfnormal")
    assert code == 1
    assert "is not a detection function here" in said
    assert list(folder.iterdir()) == []


def test_small_problems__are_one_of_each_way():
    ways = {
        name: [problem.packed.is_lattice for problem in small_problems(name)]
        for name in DETECTION_FUNCTIONS
    }
    assert ways.pop("hazard_half_normal") == [True, False, True, False]
    assert all(way == [False, False] for way in ways.values())


def test_compile__says_where_nothing_can_be_kept(monkeypatch):
    monkeypatch.setattr(compiling, "marker", lambda law: None)
    code, said = ran()
    assert code == 1
    assert "no folder in which what is compiled could be kept" in " ".join(said.split())
    assert "ready" not in said


def test_make_ready__without_compiling_leaves_no_mark(folder, monkeypatch):
    monkeypatch.setattr(compiling.config, "DISABLE_JIT", 1)
    compiling.make_ready(small_problems("hazard_half_normal")[0])
    assert list(folder.iterdir()) == []
