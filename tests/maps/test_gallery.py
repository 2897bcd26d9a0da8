import ast
import re
from dataclasses import replace

import make_gallery
import pytest
import shapely
from matplotlib.figure import Figure

import scr
from scr.habitat.region import Region
from scr.io.map_layers import MapLook
from scr.model.default_prior import model_prior
from scr.model.spec import ModelSpec

PICTURES = sorted(make_gallery.FIGURES.glob("*"))


def test_page__is_the_one_in_the_folder():
    assert make_gallery.PAGE.read_text(encoding="utf-8") == make_gallery.page()


def test_page__has_each_picture_and_no_other_lies_about():
    shown = re.findall(r"!\[.*?\]\((.*?)\)", make_gallery.page())
    assert sorted(make_gallery.HERE / path for path in shown) == PICTURES


def test_pictures__are_small():
    sizes = [path.stat().st_size for path in PICTURES]
    assert max(sizes) < 150_000
    assert sum(sizes) < 2_000_000


def test_page__shows_every_plot():
    modules = (make_gallery.HERE.parent / "scr" / "maps" / "figures").glob("*.py")
    code = "\n".join(module.read_text(encoding="utf-8") for module in modules)
    plots = re.findall(r"^def (plot_\w+)\(", code, re.MULTILINE)
    plots.remove("plot_survey")  # drawn for the page of scr check alone
    plots.remove("plot_fit_checks")  # drawn for the private report alone
    assert len(plots) >= 9
    assert [name for name in plots if f"{name}(" not in make_gallery.page()] == []
    public = [name for name in scr.__all__ if name.startswith("plot_")]
    assert [name for name in public if f"scr.{name}(" not in make_gallery.page()] == []


def test_start__is_code():
    assert ast.parse(make_gallery.START)


def test_entries__each_makes_a_figure_with_the_banner_at_its_width(
    make_fit, make_problem_with, texts_of
):
    fit = make_fit()
    spec = ModelSpec(density="~ north", lambda0="~ sex", sigma="~ sex")
    fit = make_problem_with(fit, fit.mask, spec)
    reserve = Region("Reserve", shapely.box(712e3, 4_713e3, 719e3, 4_718e3), crs="EPSG:32652")
    names = {
        "scr": scr,
        "fit": replace(fit, prior=model_prior(fit.problem.design)),
        "reserve": reserve,
        "look": MapLook(),
        "session": fit.survey.sessions[0],
        "years": make_fit(names=("2022", "2024"), density="~ north + session"),
        "column": {"banner": "SIMULATED", "width_mm": 85},
        "page": {"banner": "SIMULATED", "width_mm": 174},
    }
    for entry in make_gallery.ENTRIES:
        exec(entry.code, names)
        figure = names.pop("figure")
        assert isinstance(figure, Figure), entry.name
        width = 174 if "**page" in entry.code else 85
        assert figure.get_figwidth() * 25.4 == pytest.approx(width), entry.name
        assert "SIMULATED" in [text for text, _ in texts_of(figure)], entry.name
