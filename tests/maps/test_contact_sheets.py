from dataclasses import replace

import numpy as np
import pytest
import shapely

from scr.habitat.region import Region
from scr.maps.figures.contact_sheets import PER_PAGE, contact_sheets, save_contact_sheets
from scr.maps.figures.plots import MapStyle
from scr.posterior.activity_centres import activity_centres
from scr.posterior.contours import contours


@pytest.fixture
def centres(make_fit):
    found = activity_centres(make_fit(), "2024", max_draws=2)
    names = tuple(f"{name} {i}" for i in range(4) for name in found.individuals)
    return replace(found, individuals=names, probability=np.tile(found.probability, (4, 1)))


@pytest.fixture
def pages(centres):
    traps = centres.mask.xy[::30]
    ground = centres.mask.xy
    box = [*ground.min(axis=0), *ground.max(axis=0)]
    park = Region("Far Valley Reserve", shapely.box(*box), crs=centres.mask.crs)
    style = MapStyle(subject="Far Valley", banner="SIMULATED", width_mm=174)
    return list(
        contact_sheets(centres, contours(centres), traps=traps, regions=[park], style=style)
    )


def test_contact_sheets__every_animal_has_a_map_named_after_it(pages, centres):
    titles = [axes.get_title(loc="left") for page in pages for axes in page.axes]
    assert [title for title in titles if title] == list(centres.individuals)
    assert len(pages) == -(-len(centres.individuals) // PER_PAGE)


def test_contact_sheets__all_maps_have_one_scale_of_ground_and_colours(pages):
    maps = [axes for page in pages for axes in page.axes if axes.get_title(loc="left")]
    widths = [np.ptp(axes.get_xlim()) for axes in maps]
    np.testing.assert_allclose(widths, widths[0])
    assert len({axes.images[0].norm.vmax for axes in maps}) == 1


def test_contact_sheets__texts_stand_apart(pages, assert_texts_apart):
    for page in pages:
        texts = assert_texts_apart(page)
        assert "SIMULATED" in texts
        assert "Stations" in texts


def test_save_contact_sheets__is_one_pdf_the_same_each_time(pages, tmp_path):
    one = save_contact_sheets(iter(pages), tmp_path / "a.pdf").read_bytes()
    two = save_contact_sheets(iter(pages), tmp_path / "b.pdf").read_bytes()
    assert one == two
    assert one.count(b"/Type /Page\n") + one.count(b"/Type /Page ") == len(pages)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf", "b.pdf"]
