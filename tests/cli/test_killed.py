"""Commands killed at random moments, and disks that fill up: every named file is whole, of one run.

The ordinary tests kill and fill once; the slow ones as often as docs/safety.md says.
"""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import scr
from scr.checking.doubts import Doubts
from scr.cli.main import app
from scr.io import whole_files
from scr.io.results_folder import KEPT, PRIVATE, PUBLIC, UNFINISHED, alone_in
from scr.io.whole_files import DRAFT

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "leopard_like"
SEED = 20_261_130
FEW, MANY = 1, 20

SURVEY = """
title = "Run {run}"
[survey]
traps = "traps.csv"
usage = "traps.csv"
detections = "detections.csv"
crs = "local"
[mask]
cells = "mask.csv"
[fit]
engine = "laplace"
seed = {run}
"""


def write_survey(folder, run):
    (folder / "survey.toml").write_text(SURVEY.format(run=run), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    for name in ("traps.csv", "detections.csv", "mask.csv"):
        shutil.copyfile(GOLDEN / name, tmp_path / name)
    write_survey(tmp_path, 1)
    return tmp_path


def started(*arguments):
    command = [sys.executable, "-m", "scr.cli.main", *map(str, arguments)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, start_new_session=True, **quiet)


def finished_in(*arguments):
    """Seconds that a command takes."""
    begin = time.monotonic()
    with started(*arguments) as process:
        assert process.wait() == 0
    return time.monotonic() - begin


def of_one_run(results):
    """The run of a folder of results, of which every file is whole and listed."""
    with alone_in(results):  # a run cut off while it was put in place is finished first
        pass
    runs, found = set(), set()
    for part in (PUBLIC, PRIVATE):
        told = json.loads((results / part / "manifest.json").read_text(encoding="utf-8"))
        runs.add((told["run"], told["seed"]))
        files = {
            path.relative_to(results / part).as_posix(): path
            for path in (results / part).rglob("*")
            if path.is_file() and path.name != "manifest.json"
        }
        assert set(files) == set(told["files"])
        for name, path in files.items():
            assert sha256(path.read_bytes()).hexdigest() == told["files"][name], name
        found |= set(files)
    assert len(runs) == 1
    assert len(found) > 30
    if (results / UNFINISHED / KEPT).exists():
        scr.load_fit(results / UNFINISHED / KEPT)
    return runs.pop()


def gone(pid):
    """Whether a process group is empty within the time that a busy machine may need."""
    for _ in range(600):
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def kill_at_random_moments(command, folder, results, *, seconds, times):
    of_one_run(results)
    moments = np.random.default_rng(SEED).uniform(0.0, seconds, times)
    for run, moment in enumerate(moments, start=2):
        if command == "fit":
            write_survey(folder, run)
        process = started(command, folder)
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)  # the process that draws is left to find out
        process.wait()
        assert gone(process.pid), f"idle processes after a kill at {moment:.2f} s"
        of_one_run(results)
    assert CliRunner().invoke(app, [command, str(folder)]).exit_code == 0
    of_one_run(results)
    assert not (results / UNFINISHED).exists()
    assert not list(results.rglob(f"*{DRAFT}"))


def test_killed__results_are_of_one_run(folder):
    seconds = finished_in("fit", folder)
    kill_at_random_moments("fit", folder, folder / "results", seconds=seconds, times=FEW)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["fit", "map", "report"])
def test_killed__results_are_of_one_run_twenty_times(command, folder):
    if command != "fit":
        assert finished_in("fit", folder) > 0
    seconds = finished_in(command, folder)
    kill_at_random_moments(command, folder, folder / "results", seconds=seconds, times=MANY)


@pytest.mark.slow
def test_killed__study_goes_on_without_loss_and_leaves_no_idle_workers(tmp_path):
    demo = tmp_path / "demo"
    assert CliRunner().invoke(app, ["demo", str(demo)]).exit_code == 0
    plan, layout = demo / "layouts" / "plan.toml", demo / "layouts" / "grid.csv"
    asked = ["layouts", "power", plan, layout, "--repeats", 30, "--workers", 2, "--out"]
    whole, study = tmp_path / "whole", tmp_path / "study"
    seconds = finished_in(*asked, whole)
    for moment in np.random.default_rng(SEED).uniform(0.0, seconds / 4, MANY):
        process = started(*asked, study)
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert gone(process.pid), f"idle workers after a kill at {moment:.2f} s"
        for path in study.rglob("*.parquet"):
            pd.read_parquet(path)
    finished_in(*asked, study)
    assert not list(study.rglob(f"*{DRAFT}"))
    pd.testing.assert_frame_equal(
        *(pd.read_parquet(place / "results.parquet") for place in (whole, study))
    )


@contextmanager
def small_disk(folder, size):
    """A folder on a disk of so many bytes; where none can be mounted, writing that fails so."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    quiet = {"capture_output": True}
    if shutil.which("mount") and subprocess.run(mount, check=False, **quiet).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    put, left = whole_files._put, [size]

    def counted(path, content):
        left[0] -= len(content)
        if left[0] < 0:
            path.write_bytes(bytes(content)[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(path, content)

    whole_files._put = counted
    try:
        yield
    finally:
        whole_files._put = put


def fill(fit, place, size):
    """Write results on a disk that is too small, twice: what is there is whole, or nothing is."""
    with small_disk(place, size):
        for _ in range(2):
            with pytest.raises(scr.ScrError, match="the disk is full"):
                scr.write_results(fit, place / "results", max_draws=50)
            named = {
                path.relative_to(place / "results").as_posix()
                for path in (place / "results").rglob("*")
                if path.is_file() and path.name != ".lock"
            }
            assert named <= {f"{UNFINISHED}/{KEPT.as_posix()}"}
            if named:
                scr.load_fit(place / "results" / UNFINISHED / KEPT)


@pytest.fixture(scope="module")
def fit():
    traps = scr.read_traps(GOLDEN / "traps.csv", crs="local")
    survey = scr.read_survey(GOLDEN / "detections.csv", traps, usage=GOLDEN / "traps.csv")
    mask = scr.read_mask(GOLDEN / "mask.csv", crs="local")
    return scr.fit_laplace(survey, mask, scr.ModelSpec(), draws=500, check_mask=False)


def test_full_disk__is_told_in_words_and_nothing_looks_finished(fit, tmp_path):
    fill(fit, tmp_path / "small", 3_000_000)


@pytest.mark.slow
def test_full_disk__of_ten_sizes(fit, tmp_path):
    for size in np.geomspace(50_000, 6_000_000, 10).astype(int):
        fill(fit, tmp_path / str(size), int(size))


def test_fit__a_disk_with_too_little_room_is_refused_before_the_fit(folder):
    with small_disk(folder / "disk", 4_000_000):
        result = CliRunner().invoke(app, ["fit", str(folder), "--out", str(folder / "disk" / "r")])
        if os.path.ismount(folder / "disk"):
            assert result.exit_code == 1
            assert "MB free, and the results may take" in result.stderr
            assert "--out" in result.stderr
        else:  # writing fails in the stand-in only once there is something to write
            assert "the disk is full" in result.stderr


@pytest.mark.usefixtures("without_pictures")
def test_map__says_what_changed_since_the_fit_and_goes_on_from_a_run_cut_off(folder, monkeypatch):
    assert CliRunner().invoke(app, ["fit", str(folder), "--engine", "mle"]).exit_code == 0
    with monkeypatch.context() as patch:  # what is said comes before anything is written
        patch.setattr("scr.cli.redraw.write_results", lambda *_, **__: Doubts((), (), (), ()))
        result = CliRunner().invoke(app, ["map", str(folder)])
    assert result.exit_code == 0
    assert "Changed since the fit" not in result.output

    with (folder / "detections.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    write_survey(folder, 3)
    results = folder / "results"
    (results / UNFINISHED / KEPT).parent.mkdir(parents=True)
    (results / KEPT).replace(results / UNFINISHED / KEPT)
    result = CliRunner().invoke(app, ["map", str(folder)])
    assert result.exit_code == 0
    assert "Changed since the fit: survey.detections, survey.toml." in result.output
    assert "The last run was cut off after its fit: going on from" in result.output
    assert (results / KEPT).is_file()
    assert not (results / UNFINISHED).exists()


def test_fit__sessions_that_would_share_files_are_refused_before_the_fit(folder):
    traps = pd.read_csv(folder / "traps.csv", dtype=str)
    detections = pd.read_csv(folder / "detections.csv", dtype=str)
    for table, name in ((traps, "traps.csv"), (detections, "detections.csv")):
        both = [table.assign(session=session) for session in ("North 1", "North-1")]
        pd.concat(both).to_csv(folder / name, index=False)
    result = CliRunner().invoke(app, ["fit", str(folder)])
    assert result.exit_code == 1
    assert "'North 1' and 'North-1' would have files of one name" in result.stderr
    assert not (folder / "results" / PUBLIC).exists()
