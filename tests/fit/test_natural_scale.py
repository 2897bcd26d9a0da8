import numpy as np
import pytest

import scr
from scr.fit.natural_scale import plain_estimates


def rows_of(fit):
    return plain_estimates(fit).set_index("quantity")


def test_plain_estimates__are_those_of_the_coefficients(small):
    # One formula "~ 1" each: the estimates are powers of the coefficients, intervals log-normal.
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)

    rows, table = rows_of(fit), fit.coefficients
    for quantity, name, scale in (
        ("density", "density", 100.0), ("lambda0", "lambda0", 1.0), ("sigma", "sigma", 1.0),
    ):  # fmt: skip
        expected = scale * np.exp(table.loc[f"{name}.Intercept", ["estimate", "lower", "upper"]])
        found = rows.loc[quantity, ["estimate", "lower", "upper"]]
        np.testing.assert_allclose(found.astype(float), expected, rtol=1e-4)
    animals = rows.loc["expected animals in the mask", "estimate"]
    assert animals == pytest.approx(rows.loc["density", "estimate"] * fit.mask.area / 100)


def test_plain_estimates__of_draws_are_their_medians(small):
    fit = scr.fit_laplace(*small, scr.ModelSpec(), seed=1, check_mask=False)

    sigma = rows_of(fit).loc["sigma"]
    expected = np.quantile(np.exp(fit.draws[:, -1]), [0.025, 0.5, 0.975])
    found = sigma[["lower", "estimate", "upper"]].astype(float)
    np.testing.assert_allclose(found, expected, rtol=0.05)


def test_repr__of_a_fit_is_short_and_in_plain_units(small):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)

    shown = repr(fit)
    assert len(shown.splitlines()) <= 8
    assert "animals per 100 km2 (" in shown
    assert "AIC" in shown
    assert "Intercept" not in shown
    assert fit._repr_html_().count("<tr>") == 5


def test_repr__of_survey_mask_and_traps_holds_no_array(small):
    survey, mask = small
    for record in (survey, mask, survey.sessions[0].traps):
        assert len(repr(record).splitlines()) <= 8
        assert "array(" not in repr(record)
    assert f"{survey.n_individuals} animals identified" in repr(survey)
    assert f"{len(mask)} cells of 400 m" in repr(mask)


def test_html__escapes_names():
    named = scr.HabitatMask(xy=[[0.0, 0.0]], cell_area=1.0, crs="local").with_covariate(
        "<b>", [1.0]
    )
    assert "<b>" not in named._repr_html_()
    assert "&lt;b&gt;" in named._repr_html_()


@pytest.mark.filterwarnings("ignore::scr.errors.ConvergenceWarning")
def test_plain_estimates__of_latent_groups_and_effects(small):
    fit = scr.fit_mle(*small, scr.ModelSpec(lambda0="~ h2 + individual", nodes=3), check_mask=False)
    table = plain_estimates(fit).set_index("quantity")
    b = fit.coefficients["estimate"]
    second = 1 / (1 + np.exp(-b["pmix.Intercept"]))
    lambda0 = np.exp(b["lambda0.Intercept"] + b["lambda0.h2[T.2]"])
    expected = {
        "lambda0, group 1": np.exp(b["lambda0.Intercept"]),
        "lambda0, group 2": lambda0,
        "sigma, group 2": np.exp(b["sigma.Intercept"]),
        "share, group 1": 1 - second,
        "share, group 2": second,
        "individual": b["lambda0.individual"],
    }
    for name, value in expected.items():
        assert table.loc[name, "estimate"] == pytest.approx(value, rel=1e-9), name
    shares = table.filter(like="share", axis=0)
    assert ((shares["lower"] >= 0) & (shares["upper"] <= 1)).all()
    se = fit.coefficients.loc["lambda0.individual", "se"]
    assert table.loc["individual", "upper"] == pytest.approx(
        b["lambda0.individual"] + 1.959964 * se, rel=1e-6
    )
    assert table.loc["individual", "lower"] >= 0
