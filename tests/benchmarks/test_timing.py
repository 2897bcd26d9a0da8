"""The record that a benchmark leaves, and the table made of it. No time is asserted."""

import json
from importlib import import_module

import pytest


def test_a_result_becomes_rows_of_the_table(tmp_path, monkeypatch, capsys):
    timing, run = import_module("timing"), import_module("run")
    monkeypatch.setattr(timing, "RESULTS", tmp_path)
    rows = [
        timing.Row("fits", "3 s", "2 s", holds=False),
        timing.Row("starts", "1 s", "2 s", holds=True),
        timing.absent("large"),
    ]
    timing.record("some", rows, {"seconds": 3.0})
    result = json.loads((tmp_path / "some.json").read_text(encoding="utf-8"))
    assert result["figures"] == {"seconds": 3.0}
    lines = run.table([result]).splitlines()
    assert lines[0] == "| fits | 3 s | 2 s | **no** | `python benchmarks/some.py` |"
    assert "| yes |" in lines[1]
    assert "not beside the checkout" in lines[2]
    assert "NOT" in capsys.readouterr().out


def test_functions_are_timed_in_turn():
    timing = import_module("timing")
    called = []
    functions = {name: lambda name=name: called.append(name) for name in "ab"}
    best = timing.side_by_side(functions, seconds=0.01, calls=1)
    assert set(best) == {"a", "b"}
    assert called[:4] == ["a", "b", "a", "b"]


def test_seconds_by_the_clock_and_of_cpu():
    timing = import_module("timing")
    done = []
    taken = timing.taken_by(lambda: done.append(1), times=3)
    assert len(done) == 3
    assert taken.wall >= 0.0
    assert taken.cpu >= 0.0
    assert str(timing.Taken(2.0, 1.5)) == "2.00 s (1.50 s of CPU)"


def test_an_answer_of_a_fresh_process_is_its_last_line(tmp_path, monkeypatch):
    timing = import_module("timing")
    script = "import sys\nprint('warm')\nprint('{\"n\": ' + sys.argv[1] + '}')\n"
    (tmp_path / "part.py").write_text(script, encoding="utf-8")
    monkeypatch.setattr(timing, "HERE", tmp_path)
    assert timing.in_fresh_process("part.py", "7") == {"n": 7}


def test_peak_memory_grows_with_what_is_held():
    timing = import_module("timing")
    assert timing.peak_memory_mb() > 10.0


@pytest.mark.parametrize("name", ["fit", "large", "tigers", "sessions", "demo", "start_up"])
def test_every_benchmark_is_in_the_table(name):
    run = import_module("run")
    assert name in run.ORDER
    assert callable(import_module(name).main)
