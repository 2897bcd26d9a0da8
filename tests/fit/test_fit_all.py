import warnings

import numpy as np
import pytest

import scr
from scr.errors import ConvergenceWarning, FitError
from scr.fit import fit_all as module
from scr.fit.fit_all import STOPPED, Fits

SPECS = {
    "constant": scr.ModelSpec(),
    "no such column": scr.ModelSpec(density="~ forest"),
    "elevation": scr.ModelSpec(density="~ elev"),
    "exponential": scr.ModelSpec(detection="hazard_exponential"),
}


@pytest.fixture(scope="module")
def told(small):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fits = scr.fit_all(*small, SPECS, engine="mle", check_mask=False)
    return fits, [str(item.message) for item in caught]


def test_fit_all__fits_are_those_made_alone(small, told):
    fits, _ = told
    assert list(fits) == ["constant", "elevation", "exponential"]
    for name, fit in fits.items():
        alone = scr.fit_mle(*small, SPECS[name], check_mask=False)
        np.testing.assert_array_equal(fit.point, alone.point)


def test_fit_all__a_failure_is_kept_apart_and_told(told):
    fits, messages = told
    assert list(fits.failures) == ["no such column"]
    assert "forest" in fits.failures["no such column"]
    assert sum("'no such column' was not fitted" in text for text in messages) == 1
    comparison = scr.compare(fits)
    assert list(comparison.failures) == ["no such column"]
    assert "no such column" in repr(comparison)


def test_fit_all__says_why_when_nothing_could_be_fitted(small):
    with pytest.raises(FitError, match=r"None of 1 models was fitted.*forest"):
        scr.fit_all(*small, {"a": scr.ModelSpec(density="~ forest")}, engine="mle")


def test_fit_all__names_models_of_a_list_by_their_formulas(small):
    specs = [scr.ModelSpec(), scr.ModelSpec(density="~ elev")]
    fits = scr.fit_all(*small, specs, engine="mle", check_mask=False)
    assert list(fits) == ["constant, hazard_half_normal", "density ~ elev, hazard_half_normal"]
    with pytest.raises(FitError, match="have the formulas of another"):
        scr.fit_all(*small, [scr.ModelSpec(), scr.ModelSpec()], engine="mle")
    with pytest.raises(FitError, match="no models to fit"):
        scr.fit_all(*small, {}, engine="mle")


def test_fit_all__draws_do_not_depend_on_what_is_fitted_beside(small):
    specs = {name: SPECS[name] for name in ("constant", "elevation")}
    one, two = (
        scr.fit_all(*small, specs, draws=200, check_mask=False, cores=cores) for cores in (1, 2)
    )
    for name in specs:
        np.testing.assert_array_equal(one[name].draws, two[name].draws)


def test_fit_all__goes_on_from_what_was_kept(small, tmp_path, monkeypatch):
    specs = {name: SPECS[name] for name in ("constant", "elevation")}
    options = {"engine": "mle", "check_mask": False, "keep": tmp_path}
    first = scr.fit_all(*small, specs, **options)
    fitted = []
    monkeypatch.setattr(
        module,
        "fit_mle",
        lambda *data, **rest: fitted.append(data[2]) or scr.fit_mle(*data, **rest),
    )

    other = {**specs, "elevation": scr.ModelSpec(density="~ elev", sigma="~ 1", number="binomial")}
    again = scr.fit_all(*small, other, **options)

    assert fitted == [other["elevation"]]  # that file held another model of the name
    np.testing.assert_array_equal(again["constant"].point, first["constant"].point)
    assert again.saved == {name: (tmp_path / f"{name}.nc").read_bytes() for name in specs}
    assert scr.compare(first).saved == first.saved
    assert first.saved["constant"] == again.saved["constant"]


def test_fit_all__stopped_gives_what_it_has(small, monkeypatch):
    def interrupted(*data, **options):
        if data[2].density != "~ 1":
            raise KeyboardInterrupt
        return scr.fit_mle(*data, **options)

    monkeypatch.setattr(module, "fit_mle", interrupted)
    with pytest.warns(ConvergenceWarning, match="stopped before"):
        fits = scr.fit_all(*small, SPECS, engine="mle", check_mask=False, cores=1)
    assert list(fits) == ["constant"]
    assert fits.stopped
    assert set(fits.failures.values()) == {STOPPED}
    assert not Fits({}).stopped
