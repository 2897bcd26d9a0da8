"""Studies: the same results however they are run, stopped and resumed."""

import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from scr.errors import LayoutError
from trap_layouts import studies
from trap_layouts.power import Scenario
from trap_layouts.studies import read_results, run_study
from trap_layouts.summaries import summarise


@pytest.fixture
def scenario(small_layout, plan):
    return Scenario("nine", small_layout, plan(parameters={"density": 6.0}))


def test_run_study__two_workers_give_the_results_of_one(scenario, tmp_path):
    one = run_study([scenario], tmp_path / "one", n_repeats=4, n_workers=1)
    two = run_study([scenario], tmp_path / "two", n_repeats=4, n_workers=2)
    pd.testing.assert_frame_equal(one, two)
    assert one["seed"].nunique() == 4


def test_run_study__stopped_is_resumed_without_loss_or_repetition(scenario, tmp_path, monkeypatch):
    whole = run_study([scenario], tmp_path / "whole", n_repeats=6, n_workers=1)
    calls = []
    real = studies.simulate_and_fit

    def counted(scenario, repeat, **more):
        calls.append(repeat)
        return real(scenario, repeat, **more)

    def stop(done, wanted):
        if done == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(studies, "simulate_and_fit", counted)
    with pytest.raises(KeyboardInterrupt):
        run_study([scenario], tmp_path / "cut", n_repeats=6, n_workers=1, report=stop)
    assert len(read_results(tmp_path / "cut")) == 3
    resumed = run_study([scenario], tmp_path / "cut", n_repeats=6, n_workers=1)
    pd.testing.assert_frame_equal(resumed, whole)
    assert sorted(calls) == list(range(6))


def test_run_study__can_be_continued_with_more_repeats(scenario, tmp_path):
    run_study([scenario], tmp_path / "a", n_repeats=2, n_workers=1)
    more = run_study([scenario], tmp_path / "a", n_repeats=3, n_workers=1)
    assert more["repeat"].tolist() == [0, 1, 2]
    assert (tmp_path / "a" / "results.parquet").exists()


def test_run_study__folder_of_another_study_is_refused(scenario, small_layout, plan, tmp_path):
    run_study([scenario], tmp_path, n_repeats=1, n_workers=1)
    with pytest.raises(LayoutError, match="another study: seed differ"):
        run_study([scenario], tmp_path, n_repeats=1, seed=2)
    other = Scenario("nine", small_layout, plan(parameters={"density": 5.0}))
    with pytest.raises(LayoutError, match="another study: scenarios differ"):
        run_study([other], tmp_path, n_repeats=1)


def test_run_study__names_that_repeat_are_refused(scenario, tmp_path):
    with pytest.raises(LayoutError, match="2 scenarios, 1 names"):
        run_study([scenario, scenario], tmp_path)


def test_run_study__scheduler_that_does_not_answer_is_named(scenario, tmp_path, monkeypatch):
    class Silent:
        @staticmethod
        def Client(address, timeout):
            raise TimeoutError(address)

    monkeypatch.setattr(studies, "import_module", lambda name: Silent)
    with pytest.raises(LayoutError, match=r"No Dask scheduler answers at tcp://nowhere:1"):
        run_study([scenario], tmp_path, n_repeats=1, scheduler="tcp://nowhere:1")


def test_run_study__without_distributed_the_error_names_the_extra(scenario, tmp_path, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(studies, "import_module", absent)
    with pytest.raises(LayoutError, match=r"scr-density\[cluster\]"):
        run_study([scenario], tmp_path, n_repeats=1, scheduler="tcp://nowhere:1")


def test_summarise__against_numbers_worked_by_hand():
    results = pd.DataFrame(
        {
            "scenario": ["a"] * 4,
            "repeat": range(4),
            "fitted": [True, True, True, False],
            "animals": [10, 12, 8, 2],
            "true_n": [20.0] * 4,
            "n": [22.0, 18.0, 26.0, np.nan],
            "log_se": [0.1, 0.2, 0.4, np.nan],
            "lower": [18.0, 14.0, 21.0, np.nan],
            "upper": [26.0, 22.0, 31.0, np.nan],
        }
    )
    found = summarise(results).iloc[0]
    assert found["failures"] == 1
    assert found["bias"] == pytest.approx(0.1)
    assert found["rse"] == pytest.approx(0.2)
    assert found["rmse"] == pytest.approx(np.sqrt((0.01 + 0.01 + 0.09) / 3))
    assert found["coverage"] == pytest.approx(2 / 3)


CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    print(cluster.scheduler_address, flush=True)
    print(*[worker.pid for worker in cluster.workers.values()], flush=True)
    sys.stdin.read()
    cluster.close()
"""


def test_summarise__error_of_the_median_is_that_of_the_density_at_the_median():
    # In large samples 1 / (2 f sqrt(n)), with f = 1 / (m s sqrt(2 pi)) for a log-normal.
    rng, errors = np.random.default_rng(5), []
    for _ in range(60):
        log_se = 0.2 * np.exp(rng.normal(0, 0.3, 500))
        table = pd.DataFrame(
            {"scenario": "a", "fitted": True, "animals": 10, "true_n": 20.0, "n": 20.0}
            | {"log_se": log_se, "lower": 10.0, "upper": 30.0}
        )
        errors.append(summarise(table).iloc[0]["rse_error"])
    assert np.mean(errors) == pytest.approx(0.2 * 0.3 * np.sqrt(np.pi / 2 / 500), rel=0.08)


@pytest.mark.slow
def test_run_study__on_a_cluster_of_which_a_worker_is_killed_gives_the_same(scenario, tmp_path):
    pytest.importorskip("distributed")
    here = run_study([scenario], tmp_path / "here", n_repeats=40, n_workers=1)
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as cluster:
        address = cluster.stdout.readline().strip()
        workers = [int(pid) for pid in cluster.stdout.readline().split()]
        killed = []

        def kill_one(done, wanted):
            if done == 10:
                os.kill(workers[0], signal.SIGKILL)
                killed.append(done)

        there = run_study(
            [scenario], tmp_path / "there", n_repeats=40, scheduler=address, report=kill_one
        )
        cluster.stdin.close()
    assert killed == [10]
    pd.testing.assert_frame_equal(there, here)
