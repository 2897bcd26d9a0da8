import errno
import os
import stat

import pytest

from scr.errors import ScrError
from scr.io import whole_files
from scr.io.whole_files import write_bytes, write_text


def full_after(n_bytes):
    """A disk that takes so many bytes, and keeps half a file."""

    def put(path, content):
        path.write_bytes(bytes(content)[:n_bytes])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return put


def test_write_bytes__a_full_disk_is_told_in_words_and_the_older_file_stays(tmp_path, monkeypatch):
    path = write_text(tmp_path / "summary.csv", "old\n")
    monkeypatch.setattr(whole_files, "_put", full_after(3))

    with pytest.raises(
        ScrError, match=r"summary\.csv cannot be written: the disk is full.*0\.0 MB"
    ):
        write_bytes(path, b"new content")

    assert path.read_text(encoding="utf-8") == "old\n"
    assert [item.name for item in tmp_path.iterdir()] == ["summary.csv"]


def test_write_bytes__makes_the_folder_and_leaves_no_draft(tmp_path):
    path = write_bytes(tmp_path / "new" / "map.png", memoryview(b"x"))
    assert path.read_bytes() == b"x"
    assert [item.name for item in path.parent.iterdir()] == ["map.png"]


def test_write_bytes__a_file_in_place_of_the_folder_is_told_in_words(tmp_path):
    write_text(tmp_path / "results", "a file")
    with pytest.raises(ScrError, match=r"results.*cannot be written"):
        write_text(tmp_path / "results" / "summary.csv", "x")


def test_write_text__is_utf_8_with_line_ends_of_one_sign(tmp_path):
    path = write_text(tmp_path / "names.csv", "Ünzel\nбарс\n")
    assert path.read_bytes() == "Ünzel\nбарс\n".encode()
    assert stat.S_ISREG(path.stat().st_mode)
