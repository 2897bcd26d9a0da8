import json
from dataclasses import replace
from io import BytesIO

import arviz as az
import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import Point

import scr
from scr.errors import FitError, FormulaError
from scr.fit.records import from_groups, to_groups
from scr.fit.seal import opened, sealed
from scr.model.labels import Label
from scr.survey.usage import Usage


def through_file(record, path):
    groups = {f"/{name}": group for name, group in to_groups(record, "kept").items()}
    xr.DataTree.from_dict(groups).to_netcdf(path, engine="h5netcdf")
    with xr.open_datatree(path, engine="h5netcdf") as opened:
        return from_groups(opened.load(), "kept")


def test_save__load_fit_gives_back_a_posterior_by_sex(two_sessions, by_sex, tmp_path):
    fit = scr.fit_laplace(*two_sessions, by_sex, draws=200, check_mask=True)
    fit = fit.labelled({"sex": Label("Sex", levels={"F": "females"}), "elev": Label("é", "m")})
    fit.save(tmp_path / "fit.nc")

    again = scr.load_fit(tmp_path / "fit.nc")

    np.testing.assert_array_equal(again.draws, fit.draws)
    pd.testing.assert_frame_equal(again.coefficients, fit.coefficients)
    assert again.idata.equals(fit.idata)
    assert again.spec == fit.spec
    assert again.labels == fit.labels
    assert again.priors == fit.priors
    assert again.log_likelihood == fit.log_likelihood
    assert (again.seed, again.engine, again.n_chains) == (1, "laplace", 1)
    assert repr(again.checks) == repr(fit.checks)
    for ours, theirs in zip(again.survey.sessions, fit.survey.sessions, strict=True):
        pd.testing.assert_frame_equal(ours.captures.covariates, theirs.captures.covariates)
        pd.testing.assert_frame_equal(ours.traps.covariates, theirs.traps.covariates)
        np.testing.assert_array_equal(ours.usage.effort, theirs.usage.effort)
        np.testing.assert_array_equal(ours.captures.individuals, theirs.captures.individuals)
    pd.testing.assert_frame_equal(again.mask.covariates, fit.mask.covariates)


def test_save__keeps_point_and_vcov_of_maximum_likelihood(small, tmp_path):
    fit = scr.fit_mle(*small, scr.ModelSpec(density="~ scale(elev)"))
    fit.save(tmp_path / "fit.nc")

    again = scr.load_fit(tmp_path / "fit.nc")

    np.testing.assert_array_equal(again.point, fit.point)
    np.testing.assert_array_equal(again.vcov, fit.vcov)
    assert again.aic == fit.aic
    # Constants of scale() hold on another mask too.
    part = scr.HabitatMask(
        fit.mask.xy[:9], 0.16, "local", spacing=400.0, covariates=fit.mask.covariates[:9]
    )
    np.testing.assert_array_equal(
        again.problem.design.predict_log_density(again.point, part),
        fit.problem.design.predict_log_density(fit.point, part),
    )


def test_save__file_is_read_by_arviz(small, tmp_path):
    fit = scr.fit_laplace(*small, scr.ModelSpec(), draws=200, check_mask=False)
    fit.save(tmp_path / "fit.nc")

    with az.from_netcdf(tmp_path / "fit.nc") as idata:
        summary = az.summary(idata, var_names=["density", "sigma"], ci_prob=0.95)
        assert list(summary.index) == ["density[Intercept]", "sigma[Intercept]"]


def test_save__fails_without_leaving_a_file(small, tmp_path, monkeypatch):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    fit.save(tmp_path / "fit.nc")
    before = (tmp_path / "fit.nc").read_bytes()

    def full_disk(path, content):
        path.write_bytes(content[:1000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scr.io.whole_files._put", full_disk)
    with pytest.raises(scr.ScrError, match="the disk is full"):
        fit.save(tmp_path / "fit.nc")

    assert [path.name for path in tmp_path.iterdir()] == ["fit.nc"]
    assert (tmp_path / "fit.nc").read_bytes() == before


def test_save__names_a_folder_that_is_not_there(small, tmp_path):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)

    with pytest.raises(FitError, match="there is no folder"):
        fit.save(tmp_path / "results" / "fit.nc")


@pytest.mark.parametrize("share", [0.001, 0.5, 0.99])
def test_load_fit__refuses_a_file_cut_short(small, tmp_path, share):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    path = tmp_path / "fit.nc"
    fit.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(FitError, match="cut short"):
        scr.load_fit(path)


def test_load_fit__refuses_a_file_damaged_anywhere(small, tmp_path):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    path = tmp_path / "fit.nc"
    fit.save(path)
    whole = path.read_bytes()

    for place in np.random.default_rng(7).choice(len(whole), 200, replace=False):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(FitError, match=r"damaged|not a whole file"):
            scr.load_fit(path)


def test_load_fit__refuses_a_file_that_another_program_wrote_on(small, tmp_path):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    path = tmp_path / "fit.nc"
    fit.save(path)
    xr.Dataset({"mine": ("x", [1.0])}).to_netcdf(path, engine="h5netcdf", mode="a", group="mine")

    with pytest.raises(FitError, match="changed by another program"):
        scr.load_fit(path)


def test_load_fit__refuses_files_of_others(tmp_path):
    text, other = tmp_path / "notes.txt", tmp_path / "other.nc"
    text.write_text("not a fit")
    xr.Dataset({"elevation": ("x", [1.0])}).to_netcdf(other, engine="h5netcdf")

    for path in (text, other):
        with pytest.raises(FitError, match="is not a whole file"):
            scr.load_fit(path)
    with pytest.raises(FitError, match="There is no file"):
        scr.load_fit(tmp_path / "missing.nc")


def test_load_fit__refuses_a_likelihood_that_differs(small, tmp_path, monkeypatch):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    fit.save(tmp_path / "fit.nc")
    monkeypatch.setattr("scr.fit.saving.value_and_gradient", lambda *_: (-1.0, np.zeros(3)))

    with pytest.raises(FitError, match="whose likelihood differs"):
        scr.load_fit(tmp_path / "fit.nc")


def test_to_groups__keep_outlines_days_and_every_kind_of_column(small, tmp_path):
    survey, mask = small
    outline = Point(0, 0).buffer(5000, quad_segs=2000)  # more than 64 kB of text
    table = pd.DataFrame(
        {
            "number": np.arange(len(mask)) / 3,
            "flag": np.arange(len(mask)) % 2 == 0,
            "text": ["forest", "open"] * (len(mask) // 2) + ["open"] * (len(mask) % 2),
        }
    )
    table["kind"] = pd.Categorical(table["text"], categories=["open", "forest"], ordered=True)
    extent = replace(mask.extent, habitat=outline)
    mask = replace(mask, covariates=table, extent=extent, notes=("sea cut out",))
    session = survey.sessions[0]
    usage = Usage(session.usage.effort, first_day=np.datetime64("2024-03-01"))
    survey = replace(survey, sessions=(replace(session, usage=usage),), notes=("a", "b"))

    again = through_file(mask, tmp_path / "mask.nc")
    survey_again = through_file(survey, tmp_path / "survey.nc")

    pd.testing.assert_frame_equal(again.covariates, table)
    assert again.extent.habitat.equals_exact(outline, 0.0)
    assert (again.extent.exclude, again.notes) == (None, ("sea cut out",))
    assert survey_again.sessions[0].usage.first_day == np.datetime64("2024-03-01")
    assert survey_again.notes == ("a", "b")


def test_to_groups__keep_a_session_without_captures(with_captures, tmp_path):
    survey, _ = with_captures(0, [], [], [])

    again = through_file(survey, tmp_path / "survey.nc")

    assert again.n_individuals == 0


def test_save__keeps_removals_and_covariates_of_occasions(small, tmp_path):
    survey, mask = small
    session = survey.sessions[0]
    n_traps, n_occasions = session.usage.effort.shape
    removed = np.arange(session.captures.n_individuals) % 3 == 0
    session = replace(
        session,
        captures=replace(session.captures, removed=removed),
        occasions=pd.DataFrame({"rain": np.arange(n_occasions) / 3.0, "sky": list("abcde")}),
        by_occasion=pd.DataFrame({"bait": ["x", "y"] * (n_traps * n_occasions // 2) + ["x"]}),
        unusable={"moon": "moon.csv: moon is empty in row 3."},
    )
    survey = replace(survey, sessions=(session,), detector="proximity")
    spec = scr.ModelSpec(lambda0="~ rain + bait + b")
    fit = scr.fit_mle(survey, mask, spec, check_mask=False)
    fit.save(tmp_path / "fit.nc")

    again = scr.load_fit(tmp_path / "fit.nc")

    (kept,) = again.survey.sessions
    assert kept.captures.removed.tolist() == removed.tolist()
    pd.testing.assert_frame_equal(kept.occasions, session.occasions)
    pd.testing.assert_frame_equal(kept.by_occasion, session.by_occasion)
    assert kept.unusable == session.unusable
    assert again.log_likelihood == fit.log_likelihood


def test_save__a_survey_by_calendar_months_keeps_them(tmp_path):
    usage = Usage(np.ones((2, 3)), np.datetime64("2024-02-01T12:00", "us"), "month")
    again = through_file(usage, tmp_path / "usage.nc")
    assert again.occasion_days == "month"
    np.testing.assert_array_equal(again.edges, usage.edges)
    np.testing.assert_array_equal(again.effort, usage.effort)


def changed(path, change):
    """A fit whose attributes someone changed, with a digest that fits."""
    content = BytesIO(opened(path.read_bytes(), "fit.nc"))
    with h5py.File(content, "r+") as file:
        change(file)
    path.write_bytes(sealed(content.getvalue()))


@pytest.mark.parametrize("parameter", ["density", "sigma", "share"])
def test_load_fit__runs_nothing_that_a_formula_in_the_file_says(small, tmp_path, parameter):
    path, mark = tmp_path / "fit.nc", tmp_path / "mark"
    scr.fit_mle(*small, scr.ModelSpec(), check_mask=False).save(path)
    formula = f"~ I(elev + 0*__import__('pathlib').Path('{mark}').touch())"

    def change(file):
        spec = json.loads(file["scr/fit"].attrs["spec"]) | {parameter: formula, "classes": "sex"}
        file["scr/fit"].attrs["spec"] = json.dumps(spec)

    changed(path, change)
    with pytest.raises(FormulaError, match=r"fit.nc was not loaded.*calls __import__\(\)"):
        scr.load_fit(path)

    assert not mark.exists()


@pytest.mark.parametrize("words", ['{"density": 5}', '{"priors": {}, "no": 1}', "[]", "{", "null"])
def test_load_fit__refuses_a_model_that_is_none(small, tmp_path, words):
    path = tmp_path / "fit.nc"
    scr.fit_mle(*small, scr.ModelSpec(), check_mask=False).save(path)

    changed(path, lambda file: file["scr/fit"].attrs.modify("spec", words))
    with pytest.raises(FitError, match="does not hold what Fit"):
        scr.load_fit(path)


def test_load_fit__takes_the_functions_of_a_formula_again(small, tmp_path):
    def squared(values):
        return values**2

    path = tmp_path / "fit.nc"
    spec = scr.ModelSpec(density="~ scale(squared(elev))", transforms={"squared": squared})
    fit = scr.fit_mle(*small, spec, check_mask=False)
    fit.save(path)

    with pytest.raises(FitError, match=r"load_fit\(path, transforms=\{'squared': squared\}\)"):
        scr.load_fit(path)
    again = scr.load_fit(path, transforms={"squared": squared})

    np.testing.assert_array_equal(again.draws, fit.draws)
    same = scr.fit_mle(*small, scr.ModelSpec(density="~ scale(I(elev**2))"), check_mask=False)
    np.testing.assert_allclose(again.point, same.point, rtol=1e-6)


def test_save__keeps_a_file_that_is_no_fit(small, tmp_path):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    table, link = tmp_path / "stations.csv", tmp_path / "link.nc"
    table.write_text("station,x,y\n")
    link.symlink_to(table)

    for path in (table, link):
        with pytest.raises(FitError, match="is there already and is no fit"):
            fit.save(path)

    assert table.read_text() == "station,x,y\n"
    fit.save(tmp_path / "fit.nc")
    fit.save(tmp_path / "fit.nc")
    np.testing.assert_array_equal(scr.load_fit(tmp_path / "fit.nc").draws, fit.draws)


def external(file, tmp_path):
    (tmp_path / "secret").write_bytes(b"0123456789abcdef")
    where = [(str(tmp_path / "secret"), 0, 16)]
    file["posterior"].create_dataset("more", shape=(16,), dtype="u1", external=where)


def linked(file, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = np.arange(3.0)
    file["posterior"]["more"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")


def virtual(file, tmp_path):
    linked(file, tmp_path)
    del file["posterior"]["more"]
    layout = h5py.VirtualLayout(shape=(3,), dtype="f8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", shape=(3,))
    file["posterior"].create_virtual_dataset("more", layout)


def bomb(file, _):
    file["posterior"].create_dataset("more", shape=(10**6, 10**6), dtype="f4", chunks=(1000, 1000))


def circle(file, _):
    file["posterior"]["more"] = file["/"]


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (external, "takes its data from another file"),
        (linked, "leads to another place"),
        (virtual, "takes its data from another file"),
        (bomb, "declares 4,000,"),
        (circle, "groups that hold each other"),
    ],
)
def test_load_fit__takes_nothing_from_elsewhere(way, words, small, tmp_path):
    path = tmp_path / "fit.nc"
    scr.fit_mle(*small, scr.ModelSpec(), check_mask=False).save(path)

    changed(path, lambda file: way(file, tmp_path))
    with pytest.raises(FitError, match=f"cannot be read as a fit: .*{words}"):
        scr.load_fit(path)
