import pytest

from scr.maps.writing import write_text, written_whole


def test_written_whole__keeps_the_older_file_where_writing_fails(tmp_path):
    path = write_text(tmp_path / "summary.csv", "old\n")

    def fail_half_way():
        with written_whole(path) as draft:
            draft.write_text("half", encoding="utf-8")
            raise OSError

    with pytest.raises(OSError):
        fail_half_way()
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [item.name for item in tmp_path.iterdir()] == ["summary.csv"]


def test_written_whole__makes_the_folder_and_keeps_the_ending(tmp_path):
    with written_whole(tmp_path / "new" / "map.png") as draft:
        assert draft.suffix == ".png"
        draft.write_bytes(b"x")
    assert (tmp_path / "new" / "map.png").read_bytes() == b"x"
