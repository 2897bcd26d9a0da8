from dataclasses import replace
from xml.etree import ElementTree

import pytest

from scr.maps.figures.figure_set import write_figures
from scr.model.default_prior import model_prior

PLACES = ("station-", "Bek", "712", "4712", "4 712")


@pytest.fixture(scope="module")
def cached():
    return {}


@pytest.fixture
def written(make_fit, tmp_path_factory, cached):
    """A fit with priors and the folder of its figures, written once for all tests."""
    if not cached:
        folder = tmp_path_factory.mktemp("figures")
        fit = make_fit()
        fit = replace(fit, prior=model_prior(fit.problem.design))
        files = write_figures(fit, folder, subject="Far Valley", banner="SIMULATED")
        cached.update(folder=folder, files=files)
    return cached["folder"], cached["files"]


def words_of(svg):
    return " ".join("".join(text.itertext()) for text in ElementTree.parse(svg).getroot().iter())


def test_write_figures__lists_every_file_and_leaves_nothing_else(written):
    folder, files = written
    assert {path for path in folder.rglob("*") if path.is_file()} == set(files)
    assert len(files) == len(set(files))
    found = {str(path.relative_to(folder)) for path in files}
    public = ("detection_function", "density_by_covariate", "prior_and_posterior")
    private = (
        "effort",
        "movements",
        "sampling_area_by_buffer",
        "density_by_covariate",
        "lambda0_by_covariate",
    )
    assert found == {
        f"{where}/figures/{name}.{ending}"
        for where, names in (("public", public), ("private", private))
        for name in names
        for ending in ("png", "pdf", "svg")
    }


def test_write_figures__public_words_name_no_station_animal_or_place(written):
    folder, _ = written
    for path in (folder / "public" / "figures").glob("*.svg"):
        words = words_of(path)
        assert "SIMULATED" in words
        assert not [place for place in PLACES if place in words], path
    assert "station-00" in words_of(folder / "private" / "figures" / "effort.svg")


def test_write_figures__public_responses_do_not_show_where_stations_stand(written):
    folder, _ = written
    name = "density_by_covariate.svg"
    assert "Cells within" in words_of(folder / "private" / "figures" / name)
    assert "Cells" not in words_of(folder / "public" / "figures" / name)


def test_write_figures__density_along_coordinates_is_private(make_fit, make_problem_with, tmp_path):
    fit = make_fit()
    spec = replace(fit.spec, density="~ scale(x)", lambda0="~ 1")
    moved = make_problem_with(fit, fit.mask, spec)
    files = {str(path.relative_to(tmp_path)) for path in write_figures(moved, tmp_path)}
    assert "private/figures/density_by_covariate.png" in files
    assert "public/figures/density_by_covariate.png" not in files


def test_write_figures__each_session_has_its_own(make_fit, tmp_path):
    files = write_figures(make_fit(names=("2023", "2024/25"), engine="mle"), tmp_path)
    names = {path.name for path in files}
    assert {"effort_2023.png", "effort_2024-25.png", "detection_function_2023.pdf"} <= names
    assert "prior_and_posterior.png" not in names


def test_write_figures__writes_the_formats_asked_for_alone(make_fit, tmp_path):
    files = write_figures(make_fit(), tmp_path, formats=("svg",))
    assert {path.suffix for path in files} == {".svg"}
    assert {path.parent.parent.name for path in files} == {"public", "private"}


def test_write_figures__what_names_stations_is_private(make_fit, tmp_path, without_pictures):
    fit = make_fit()
    names = (*fit.coefficient_names[:-1], "lambda0.post[station-00]:bk")
    design = replace(fit.problem.design, coefficient_names=names)
    problem = replace(fit.problem, design=design)
    fit = replace(fit, problem=problem, prior=replace(model_prior(fit.problem.design), names=names))
    files = write_figures(fit, tmp_path, formats=["png"])
    (figure,) = [path for path in files if path.stem == "prior_and_posterior"]
    assert figure.parent.parent.name == "private"
