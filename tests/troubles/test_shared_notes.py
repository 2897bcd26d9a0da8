"""Notes of a user in fit.idata, as in ../shared/troubles/save-with-attributes, and relatives."""

import json
import shutil
from datetime import date

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.errors import FitError


@pytest.fixture(scope="module")
def shared_fit(troubles):
    folder = troubles / "save-with-attributes"
    traps = scr.read_traps(folder / "stations.csv", crs="EPSG:32652")
    survey = scr.read_survey(folder / "detections.csv", traps, usage=folder / "deployments.csv")
    mask = scr.read_mask(folder / "mask.csv", crs="EPSG:32652")
    return folder, scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)


@pytest.fixture
def noted(shared_fit):
    """The folder and the fit, with no notes yet."""
    folder, fit = shared_fit
    vars(fit).pop("idata", None)
    return folder, fit


def test_save__keeps_a_plain_note(noted, tmp_path):
    _, fit = noted
    fit.idata.attrs["project"] = "Karan"

    fit.save(tmp_path / "a.nc")

    assert scr.load_fit(tmp_path / "a.nc").idata.attrs["project"] == "Karan"


def test_save__keeps_every_note_of_the_folder(noted, tmp_path):
    folder, fit = noted
    notes = json.loads((folder / "attributes.json").read_text(encoding="utf-8"))
    fit.idata.attrs.update(notes)

    fit.save(tmp_path / "a.nc")

    again = scr.load_fit(tmp_path / "a.nc").idata.attrs
    assert {name: again[name] for name in notes} == notes
    assert {name: fit.idata.attrs[name] for name in notes} == notes
    with az.from_netcdf(tmp_path / "a.nc") as idata:
        assert idata.attrs["project"] == "Karan 2024"


RELATIVES = {
    "long": "x" * 200_000,
    "empty": "",
    "lines": "one\ntwo\ttabs\0 and a nul",
    "a/b": "a name with a slash",
    "large": 2**70,
    "numbers": [1, 2.5, float("inf")],
    "deep": {"a": [{"b": None}]},
    "not finite": float("-inf"),
}


@pytest.mark.parametrize("name", RELATIVES)
def test_save__keeps_notes_wherever_they_are(name, noted, tmp_path):
    _, fit = noted
    fit.idata.attrs[name] = RELATIVES[name]
    fit.idata["posterior"].attrs[name] = RELATIVES[name]
    fit.idata["posterior"]["sigma"].attrs[name] = RELATIVES[name]

    fit.save(tmp_path / "a.nc")

    again = scr.load_fit(tmp_path / "a.nc").idata
    places = [again.attrs, again["posterior"].attrs, again["posterior"]["sigma"].attrs]
    assert [place[name] for place in places] == [RELATIVES[name]] * 3


def test_save__keeps_arrays_and_groups_of_a_user(noted, tmp_path):
    _, fit = noted
    fit.idata.attrs["edges"] = np.array([1.0, 2.5])
    fit.idata.attrs["flags"] = np.array([True, False])
    fit.idata["mine"] = xr.DataTree(xr.Dataset({"a": ("x", [1, 2])}))

    fit.save(tmp_path / "a.nc")

    again = scr.load_fit(tmp_path / "a.nc").idata
    np.testing.assert_array_equal(again.attrs["edges"], [1.0, 2.5])
    assert again.attrs["flags"] == [True, False]
    assert again["mine"]["a"].values.tolist() == [1, 2]


@pytest.mark.parametrize("value", [date(2024, 5, 1), object(), {1, 2}, b"bytes", lambda: 0, 1j])
def test_save__refuses_by_name_what_it_cannot_keep(value, noted, tmp_path):
    _, fit = noted
    fit.idata["posterior"].attrs["when"] = value

    with pytest.raises(FitError, match=r"'when' of fit\.idata \(group /posterior\)"):
        fit.save(tmp_path / "a.nc")

    assert not (tmp_path / "a.nc").exists()
    assert fit.idata["posterior"].attrs["when"] is value


def pairs():
    """A dataset with an index of several levels."""
    levels = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["one", "two"])
    return xr.Dataset(coords=xr.Coordinates.from_pandas_multiindex(levels, "x"))


@pytest.mark.parametrize(
    "held", [xr.Dataset({"a": ("x", np.array([{}, object()]))}), pairs()], ids=["objects", "levels"]
)
def test_save__refuses_a_group_that_a_file_cannot_hold(held, noted, tmp_path):
    _, fit = noted
    fit.idata["mine"] = xr.DataTree(held)

    with pytest.raises(FitError, match="a netCDF file cannot"):
        fit.save(tmp_path / "a.nc")


def test_load_fit__a_note_is_never_run(noted, tmp_path):
    _, fit = noted
    mark = tmp_path / "mark"
    evil = f"!!python/object/apply:pathlib.Path.touch [{mark}]"
    fit.idata.attrs["note"] = {"__reduce__": evil, "py/object": evil}

    fit.save(tmp_path / "a.nc")
    again = scr.load_fit(tmp_path / "a.nc")

    assert again.idata.attrs["note"] == {"__reduce__": evil, "py/object": evil}
    assert not mark.exists()


@pytest.mark.usefixtures("without_pictures")
def test_scr_map__keeps_the_notes_of_a_fit_that_it_draws_again(troubles, tmp_path):
    for name in ("stations.csv", "deployments.csv", "detections.csv", "mask.csv"):
        shutil.copyfile(troubles / "save-with-attributes" / name, tmp_path / name)
    (tmp_path / "survey.toml").write_text(
        '[survey]\ntraps = "stations.csv"\ndeployments = "deployments.csv"\n'
        'detections = "detections.csv"\ncrs = "EPSG:32652"\n[mask]\ncells = "mask.csv"\n'
        '[fit]\nengine = "mle"\n',
        encoding="utf-8",
    )
    notes = json.loads(
        (troubles / "save-with-attributes" / "attributes.json").read_text(encoding="utf-8")
    )
    assert CliRunner().invoke(app, ["fit", str(tmp_path)]).exit_code == 0
    kept = tmp_path / "results" / "private" / "fit.nc"
    fit = scr.load_fit(kept)
    fit.idata.attrs.update(notes)
    fit.save(kept)

    drawn = CliRunner().invoke(app, ["map", str(tmp_path)])

    assert drawn.exit_code == 0, drawn.output
    again = scr.load_fit(kept).idata.attrs
    assert {name: again[name] for name in notes} == notes
