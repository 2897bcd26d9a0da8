import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scr.errors import ScrError
from scr.io import results_folder
from scr.io.results_folder import (
    EARLIER,
    KEPT,
    PRIVATE,
    PUBLIC,
    UNFINISHED,
    alone_in,
    files_of,
    kept_fit,
    new_results,
)
from scr.io.whole_files import check_file_names, write_text


def write_run(staged, run, names=("map.csv",)):
    for part in (PUBLIC, PRIVATE):
        for name in names:
            write_text(staged / part / name, run)
        write_text(staged / part / "summary.json", run)
        listed = {"run": run, "files": dict.fromkeys([*names, "summary.json"], "digest")}
        write_text(staged / part / "manifest.json", json.dumps(listed))


def visible(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {".lock", "manifest.json"}
    }


def test_new_results__what_the_last_run_wrote_and_this_one_does_not_is_gone(tmp_path):
    for run, names in (("first", ("map.csv", "old.csv")), ("second", ("map.csv",))):
        with new_results(tmp_path) as staged:
            write_run(staged, run, names)

    assert visible(tmp_path) == {
        f"{part}/{name}": "second"
        for part in (PUBLIC, PRIVATE)
        for name in ("map.csv", "summary.json")
    }


def test_new_results__files_of_the_user_stay_and_those_made_of_ours_go(tmp_path):
    write_text(tmp_path / PRIVATE / "check.html", "page")  # before any run
    with new_results(tmp_path) as staged:
        write_run(staged, "first")
    write_text(tmp_path / PUBLIC / "notes" / "mine.txt", "mine")
    write_text(tmp_path / PUBLIC / "map.csv.aux.xml", "made by another program of the old map")
    write_text(tmp_path / "letter.txt", "beside")
    with new_results(tmp_path) as staged:
        write_run(staged, "second")

    found = visible(tmp_path)
    assert found["public/notes/mine.txt"] == "mine"
    assert found["private/check.html"] == "page"
    assert found["letter.txt"] == "beside"
    assert "public/map.csv.aux.xml" not in found
    assert not (tmp_path / UNFINISHED).exists()


def test_new_results__a_run_without_a_manifest_is_set_aside_whole(tmp_path):
    for number in (1, 2):
        shutil.rmtree(tmp_path / PUBLIC, ignore_errors=True)
        write_text(tmp_path / PUBLIC / "summary.json", f"of version 0.1.0, {number}")
        with new_results(tmp_path) as staged:
            write_run(staged, "new")

    found = visible(tmp_path)
    assert found["public/summary.json"] == "new"
    assert found[f"{EARLIER}/public/summary.json"] == "of version 0.1.0, 1"
    assert found[f"{EARLIER}/public-2/summary.json"] == "of version 0.1.0, 2"


def test_new_results__what_fails_leaves_the_last_run_and_the_new_fit(tmp_path):
    with new_results(tmp_path) as staged:
        write_run(staged, "first")

    def fail():
        with new_results(tmp_path) as staged:
            write_text(staged / KEPT, "the fit of a night")
            write_run(staged, "second")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    found = visible(tmp_path)
    assert found.pop(f"{UNFINISHED}/private/fit.nc") == "the fit of a night"
    assert set(found.values()) == {"first"}
    assert kept_fit(tmp_path) == tmp_path / UNFINISHED / KEPT


def test_new_results__keeping_adds_to_the_last_run(tmp_path):
    with new_results(tmp_path) as staged:
        write_run(staged, "first")
    with new_results(tmp_path, keeping=True) as staged:
        assert (staged / PUBLIC / "map.csv").read_text(encoding="utf-8") == "first"
        write_text(staged / PUBLIC / "report.html", "page")
        write_run(staged, "first", ("map.csv", "report.html"))

    assert set(files_of(tmp_path / PUBLIC)) == {"map.csv", "report.html", "summary.json"}


@pytest.mark.parametrize("step", range(12))
def test_new_results__cut_off_while_put_in_place_is_finished_by_the_next(
    tmp_path, monkeypatch, step
):
    """Whatever move of files was the last, the next command goes on from there."""
    with new_results(tmp_path) as staged:
        write_run(staged, "first")
    moves = iter(range(1000))

    def counted(move):
        def inner(*arguments, **options):
            if next(moves) >= step:
                raise KeyboardInterrupt
            return move(*arguments, **options)

        return inner

    def second():
        with new_results(tmp_path) as staged:
            write_run(staged, "second")
            monkeypatch.setattr(Path, "replace", counted(Path.replace))
            monkeypatch.setattr(Path, "unlink", counted(Path.unlink))
            monkeypatch.setattr(Path, "mkdir", counted(Path.mkdir))
            monkeypatch.setattr(results_folder.shutil, "rmtree", counted(shutil.rmtree))

    try:
        second()
    except KeyboardInterrupt:
        pass
    finally:
        monkeypatch.undo()

    with alone_in(tmp_path):
        runs = {
            json.loads((tmp_path / part / "manifest.json").read_text(encoding="utf-8"))["run"]
            for part in (PUBLIC, PRIVATE)
        }
    assert len(runs) == 1
    assert {
        text for name, text in visible(tmp_path).items() if name.startswith(("public", "private"))
    } == runs


def test_alone_in__a_second_run_is_refused_and_a_killed_one_frees_the_folder(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from scr.io.results_folder import alone_in\n"
        "with alone_in(Path(sys.argv[1])):\n"
        "    print('at it', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline().strip() == "at it"
        with (
            pytest.raises(ScrError, match="Another run of scr"),
            alone_in(tmp_path),
        ):
            pass
        other.kill()
        other.wait()
    with alone_in(tmp_path), alone_in(tmp_path):  # one run may ask twice
        pass


def test_alone_in__a_file_of_that_name_is_told_in_words(tmp_path):
    path = write_text(tmp_path / "results", "a file")
    with pytest.raises(ScrError, match="cannot be written"), alone_in(path):
        pass


@pytest.mark.parametrize(
    "names", [("North 1", "North-1"), ("north", "North"), ("a/b", "a-b"), ("лес 1", "Лес-1")]
)
def test_check_file_names__names_that_would_be_one_file_are_refused(names):
    with pytest.raises(ScrError, match=r"sessions .* would have files of one name"):
        check_file_names(names, "sessions")


def test_check_file_names__different_names_and_repeats_are_fine():
    check_file_names(["2024", "2025", "Север", "Запад", "2024"], "sessions")
