import os
import sys
import time
import warnings

import pytest
import shapely

from scr.errors import MaskWarning, ScrError
from scr.habitat.region import Region
from scr.io.whole_files import write_text
from scr.maps.results.second_process import InThisProcess, second_process
from scr.report.results import write_results

WHOLE = 10_000 * "whole\n"


def process_after(*, seconds=0.0):
    time.sleep(seconds)
    return os.getpid()


def refuse():
    msg = "A figure cannot be drawn. Draw another."
    raise ScrError(msg)


def warn_and_answer():
    sys.stdout.write("what is printed is no answer")
    warnings.warn(MaskWarning("The mask is narrow."), stacklevel=1)
    warnings.warn("a library speaks", UserWarning, stacklevel=1)
    return "drawn"


def leave_unless(pid):
    if os.getpid() != pid:
        os._exit(1)
    return pid


def write_for_long(folder):
    for number in range(1_000_000):
        write_text(folder / f"{number}.csv", WHOLE)


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_second_process__jobs_are_done_elsewhere_one_after_the_other(two_cores):
    with second_process() as drawing:
        done = []
        jobs = [drawing.submit(process_after, seconds=s) for s in (0.1, 0.0)]
        for job in jobs:
            job.add_done_callback(done.append)
        pids = {job.result() for job in jobs}

    assert len(pids) == 1
    assert os.getpid() not in pids
    assert done == jobs


def test_second_process__an_error_keeps_its_kind_and_says_where_it_was(two_cores):
    with second_process() as drawing, pytest.raises(ScrError, match="Draw another") as raised:
        drawing.submit(refuse).result()

    assert "in refuse" in raised.value.__notes__[0]


def test_second_process__warnings_of_the_package_arrive_and_no_others(two_cores):
    with second_process() as drawing, pytest.warns(MaskWarning, match="narrow") as caught:
        assert drawing.submit(warn_and_answer).result() == "drawn"

    assert len(caught) == 1


def test_second_process__what_it_does_not_answer_is_done_here(two_cores):
    with second_process() as drawing:
        assert drawing.submit(leave_unless, os.getpid()).result() == os.getpid()
        assert drawing.submit(process_after).result() == os.getpid()


def test_second_process__what_cannot_be_sent_is_done_here(two_cores):
    def of_this_test():
        return os.getpid()

    with second_process() as drawing:
        assert drawing.submit(of_this_test).result() == os.getpid()


def test_second_process__leaving_early_ends_it(two_cores):
    def interrupted():
        with second_process() as drawing:
            pids.append(drawing.submit(process_after).result())
            jobs.append(drawing.submit(process_after, seconds=600.0))
            raise KeyboardInterrupt

    pids, jobs = [], []
    with pytest.raises(KeyboardInterrupt):
        interrupted()

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    # On a busy machine it may not even have been sent.
    assert jobs[0].cancelled() or jobs[0].exception() is not None


def test_second_process__ended_while_it_writes_leaves_whole_files_alone(two_cores, tmp_path):
    with second_process() as drawing:
        drawing.submit(write_for_long, tmp_path)
        while len(list(tmp_path.glob("*.csv"))) < 5:
            time.sleep(0.01)

    written = list(tmp_path.glob("*.csv"))
    assert written
    assert {path.read_text(encoding="utf-8") for path in written} == {WHOLE}
    n_at_end = len(written)
    time.sleep(0.2)
    assert len(list(tmp_path.glob("*.csv"))) == n_at_end


@pytest.mark.parametrize("cores", [1, None])
def test_second_process__one_core_needs_none(monkeypatch, cores):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    with second_process() as drawing:
        assert isinstance(drawing, InThisProcess)


def test_second_process__that_cannot_be_started_is_done_without(two_cores, monkeypatch):
    monkeypatch.setattr("sys.executable", "/no/such/python")

    with second_process() as drawing:
        assert drawing.submit(process_after).result() == os.getpid()


def test_write_results__pictures_are_the_same_from_a_second_process(make_fit, tmp_path, two_cores):
    fit = make_fit()
    outline = shapely.box(712_000, 4_713_000, 719_500, 4_718_000)
    park = Region("Far Valley Reserve", outline, crs="EPSG:32652")

    alone = write_results(fit, tmp_path / "alone", region=park, max_draws=30)
    with second_process() as drawing:
        beside = write_results(fit, tmp_path / "beside", region=park, max_draws=30, drawing=drawing)

    names = [path.relative_to(tmp_path / "alone") for path in alone]
    assert names == [path.relative_to(tmp_path / "beside") for path in beside]
    pictures = [name for name in names if name.suffix in {".png", ".svg", ".pdf"}]
    assert len(pictures) > 20
    for name in pictures:
        assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "beside" / name).read_bytes()
