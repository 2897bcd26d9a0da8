from base64 import b64decode
from dataclasses import replace

import pytest

from scr.report.pictures import pictures_in, within_room


@pytest.fixture
def folders(tmp_path):
    """A folder of maps and one of figures, with files that say their name."""
    maps, figures = tmp_path / "private", tmp_path / "private" / "figures"
    figures.mkdir(parents=True)
    for folder, names in (
        (maps, ("expected_density", "expected_density_cv", "realised_density_2024", "other")),
        (figures, ("effort_2024", "lambda0_by_covariate", "expected_density_with_cv")),
    ):
        for name in names:
            (folder / f"{name}.png").write_bytes(name.encode())
    return maps, figures


def content(picture):
    head, _, data = picture.source.partition(",")
    assert head == "data:image/png;base64"
    return b64decode(data).decode()


def test_pictures_in__takes_those_with_a_caption_in_their_order(folders):
    found = pictures_in(*folders)
    assert [content(picture) for picture in found] == [
        "expected_density_with_cv",
        "realised_density_2024",
        "lambda0_by_covariate",
        "effort_2024",
    ]
    assert found[1].caption.endswith("Session 2024.")
    assert found[2].caption.startswith("Detection rate (lambda0) by covariate")
    assert [picture.wide for picture in found] == [True, False, False, True]


def test_pictures_in__first_folder_with_a_name_wins(folders, tmp_path):
    public = tmp_path / "public"
    public.mkdir()
    (public / "expected_density_with_cv.png").write_bytes(b"public one")
    assert content(pictures_in(public, *folders)[0]) == "public one"


def test_pictures_in__region_of_given_cells_is_named(tmp_path):
    (tmp_path / "expected_density_of_next-valley.png").write_bytes(b"x")
    (picture,) = pictures_in(tmp_path)
    assert picture.caption.endswith("Region next-valley.")


def test_within_room__keeps_those_that_fit_in_their_order(folders):
    found = pictures_in(*folders)
    sizes = [len(picture.source) for picture in found]
    assert within_room(found, sum(sizes)) == found
    assert within_room(found, sum(sizes) - 1) == found[:-1]
    wide = replace(found[0], source="x" * 10_000)
    assert within_room([wide, *found[1:]], 9_999) == found[1:]
    assert within_room(found, 0) == []
