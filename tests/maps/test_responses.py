from dataclasses import replace

import numpy as np
import pytest

from scr.errors import FitError
from scr.maps.figures.responses import plot_covariate_response
from scr.model.labels import Label
from scr.model.spec import ModelSpec
from scr.posterior.responses import covariate_responses


def test_plot_covariate_response__line_and_band_are_the_numbers_computed(make_fit):
    fit = make_fit()
    axes = plot_covariate_response(fit, "density").axes[0]
    table = covariate_responses(fit, "density").of[0].table
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_xdata(), table["value"])
    np.testing.assert_allclose(line.get_ydata(), table["median"])
    (band,) = [c for c in axes.collections if c.get_label() != "rug" and len(c.get_paths()) == 1]
    drawn = band.get_paths()[0].vertices
    assert drawn[:, 1].max() == pytest.approx(table["upper"].max())
    assert drawn[:, 1].min() == pytest.approx(table["lower"].min())


def test_plot_covariate_response__levels_are_points_with_bars(make_fit):
    fit = make_fit()
    axes = plot_covariate_response(fit, "lambda0").axes[0]
    table = covariate_responses(fit, "lambda0").of[0].table
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["F", "M"]
    points, bars = axes.containers[0].lines[0], axes.containers[0].lines[2][0]
    np.testing.assert_allclose(points.get_ydata(), table["median"])
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends, table[["lower", "upper"]])


def test_plot_covariate_response__covariates_and_levels_are_called_by_their_labels(
    make_fit, texts_of
):
    sex = Label("Sex", levels={"F": "females", "M": "males"})
    fit = make_fit().labelled({"sex": sex, "north": Label("Way north", "10 km")})
    axes = plot_covariate_response(fit, "lambda0").axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["females", "males"]
    figure = plot_covariate_response(fit, "density")
    assert figure.axes[0].get_xlabel() == "Way north (10 km)"
    assert "Density against Way north" in " ".join(text for text, _ in texts_of(figure))


def test_plot_covariate_response__years_from_dates_are_told_by_their_sessions(
    make_fit, make_problem_with
):
    plain = make_fit(names=("first", "second"))
    sessions = []
    for session, day in zip(plain.survey.sessions, ("2023-09-10", "2024-03-01"), strict=True):
        usage = replace(session.usage, first_day=np.datetime64(day))
        sessions.append(replace(session, usage=usage))
    dated = replace(plain, survey=replace(plain.survey, sessions=tuple(sessions)))
    fit = make_problem_with(dated, plain.mask, ModelSpec(density="~ year", lambda0="~ sex"))
    axes = plot_covariate_response(fit, "density").axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["first", "second"]
    assert axes.get_xlabel() == "Year"


def test_plot_covariate_response__rug_marks_the_mask_and_what_is_near_stations(make_fit):
    fit = make_fit()
    response = covariate_responses(fit, "density").of[0]
    with_rug = plot_covariate_response(fit, "density").axes[0]
    marks = [c.get_segments() for c in with_rug.collections if len(c.get_paths()) > 1]
    every, near = (np.array([segment[0, 0] for segment in segments]) for segments in marks)
    np.testing.assert_allclose(every, np.unique(response.values))
    np.testing.assert_allclose(near, np.unique(response.near))
    assert near.min() > every.min()


def test_plot_covariate_response__without_rug_nothing_tells_where_stations_stand(
    make_fit, texts_of
):
    fit = make_fit()
    figure = plot_covariate_response(fit, "density", rug=False)
    assert all(len(c.get_paths()) == 1 for c in figure.axes[0].collections)
    assert not any("station" in text for text, _ in texts_of(figure))


def test_plot_covariate_response__a_constant_parameter_is_an_error(make_fit):
    with pytest.raises(FitError, match="the same everywhere"):
        plot_covariate_response(make_fit(), "sigma")


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
@pytest.mark.parametrize("parameter", ["density", "lambda0"])
@pytest.mark.parametrize("engine", ["laplace", "mle"])
def test_plot_covariate_response__texts_stay_on_the_sheet_and_apart(
    parameter, width_mm, engine, make_fit, assert_texts_apart
):
    fit = make_fit(engine=engine)
    assert_texts_apart(
        plot_covariate_response(
            fit, parameter, subject="Far valleys", banner="SIMULATED", width_mm=width_mm
        )
    )


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_plot_covariate_response__many_covariates_and_long_levels_fit(
    width_mm, make_fit, make_problem_with, assert_texts_apart
):
    fit = make_fit()
    land = np.array(
        ["deciduous broadleaf forest", "evergreen needleleaf forest", "cropland mosaic"]
    )
    mask = fit.mask.with_covariate("land_cover_of_the_region", land[np.arange(len(fit.mask)) % 3])
    mask = mask.with_covariate("roughness", np.random.default_rng(1).normal(0, 1e-4, len(mask)))
    spec = replace(fit.spec, density="~ north + roughness + land_cover_of_the_region + scale(x)")
    wide = make_problem_with(fit, mask, spec)
    figure = plot_covariate_response(
        wide, subject="Far valleys", banner="SIMULATED", width_mm=width_mm
    )
    words = assert_texts_apart(figure)
    assert {"north", "roughness", "x"} <= set(words)
