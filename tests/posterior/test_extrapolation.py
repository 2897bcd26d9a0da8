import warnings

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import MaskWarning
from scr.habitat.region import Region
from scr.model.labels import Label
from scr.model.spec import ModelSpec
from scr.posterior.abundance import abundance
from scr.posterior.extrapolation import extrapolation, extrapolation_troubles, shares_in_words

SIGMA = 400.0
SLOPE = 0.5


@pytest.fixture
def narrow(make_session):
    """Two squares of stations 200 m apart: cells within 600 m of one are within reach."""
    square = np.array([(0, 0), (200, 0), (0, 200), (200, 200)])
    traps = np.concatenate([square + np.array((2500, y)) for y in (400, 5400)])
    return make_session("1", traps, [(0, 0, 0), (0, 1, 1), (1, 2, 5)])


@pytest.fixture
def covariates(make_mask):
    x = make_mask(7, 6).xy[:, 0]
    return pd.DataFrame({"forest": x / 1000, "soil": np.where(x > 6000, "swamp", "loam")})


def fitted(make_fit, make_mask, session, covariates, *, density="~ forest", slopes=(SLOPE,)):
    point = [np.log(0.3), *slopes, np.log(0.1), np.log(SIGMA)]
    mask = make_mask(7, 6, covariates=covariates)
    return make_fit(
        session, mask, ModelSpec(density=density), point=point, vcov=1e-4 * np.eye(len(point))
    )


def share_of(table, covariate, region="habitat mask"):
    rows = table[(table["covariate"] == covariate) & (table["region"] == region)]
    return float(rows["share"].iloc[0])


def test_extrapolation__share_is_that_of_the_sum_of_density(
    make_fit, make_mask, narrow, covariates
):
    # Within reach are the cells at x = 2500 alone: forest 2.5. All others have other values.
    fit = fitted(make_fit, make_mask, narrow, covariates)
    table = extrapolation(fit)
    density = np.exp(SLOPE * np.arange(0.5, 7.0))
    expected = 1 - density[2] / density.sum()
    for name in ("forest", "any", "jointly"):
        assert share_of(table, name) == pytest.approx(expected, rel=1e-9)
    assert table["sampled"].tolist()[0] == "2.5 to 2.5"
    assert table["found"].tolist()[0] == "0.5 to 6.5"


def test_extrapolation__each_region_has_its_own(make_fit, make_mask, narrow, covariates):
    fit = fitted(make_fit, make_mask, narrow, covariates)
    regions = {
        "near": Region("near", shapely.box(2000, 0, 3000, 6000), "local"),
        "half": Region("half", shapely.box(2000, 0, 4000, 6000), "local"),
    }
    table = extrapolation(fit, regions)
    assert share_of(table, "forest", "near") == 0.0
    expected = np.exp(SLOPE) / (1 + np.exp(SLOPE))
    assert share_of(table, "forest", "half") == pytest.approx(expected, rel=1e-9)


def test_extrapolation__labels_never_near_a_station_count_too(
    make_fit, make_mask, narrow, covariates
):
    fit = fitted(make_fit, make_mask, narrow, covariates, density="~ soil", slopes=(np.log(3.0),))
    # One column of seven is swamp, three times as dense.
    assert share_of(extrapolation(fit), "soil") == pytest.approx(3 / 9, rel=1e-9)


def test_extrapolation__a_density_that_is_constant_has_no_rows(
    make_fit, make_mask, narrow, covariates
):
    fit = fitted(make_fit, make_mask, narrow, covariates, density="~ 1", slopes=())
    assert len(extrapolation(fit)) == 0
    table = abundance(fit)
    assert (table[["share_unsampled", "share_unsampled_jointly"]] == 0).all(axis=None)


def test_extrapolation__densities_that_would_overflow_still_have_a_share(
    make_fit, make_mask, narrow, covariates
):
    fit = fitted(make_fit, make_mask, narrow, covariates, slopes=(200.0,))
    assert share_of(extrapolation(fit), "forest") == pytest.approx(1.0)


def test_abundance__warns_of_a_large_share_with_number_and_remedy(
    make_fit, make_mask, narrow, covariates
):
    fit = fitted(make_fit, make_mask, narrow, covariates)
    with pytest.warns(MaskWarning, match=r"forest 9\d % \(2.5 to 2.5 within reach.*Set stations"):
        table = abundance(fit)
    assert table["share_unsampled"].iloc[0] == pytest.approx(share_of(extrapolation(fit), "any"))
    near = Region("near", shapely.box(2000, 0, 3000, 6000), "local")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        abundance(fit, near)


def test_extrapolation_troubles__the_public_gets_tenths_and_no_values(
    make_fit, make_mask, narrow, covariates
):
    table = extrapolation(fitted(make_fit, make_mask, narrow, covariates))
    (trouble,) = extrapolation_troubles(table, {})
    assert "about 90 %" in trouble.public
    for hidden in ("2.5", f"{100 * share_of(table, 'forest'):.0f} %"):
        assert hidden in trouble.line
        assert hidden not in trouble.public
    assert shares_in_words(table, {}) == ["habitat mask: forest 95 %, jointly 95 %"]
    assert shares_in_words(table, {}, public=True) == [
        "habitat mask: forest about 90 %, jointly about 90 %"
    ]


def test_shares_in_words__regions_and_sessions_of_equal_shares_are_told_once():
    rows = [
        (session, region, covariate, share)
        for session in ("2023", "2024")
        for region, share in (("park", 0.0), ("west", 0.0), ("east", 0.3))
        for covariate in ("forest", "any", "jointly")
    ]
    table = pd.DataFrame(rows, columns=["session", "region", "covariate", "share"])
    labels = {"forest": Label("Forest cover", "%")}
    assert shares_in_words(table, labels) == [
        "park, west: Forest cover 0 %, jointly 0 %",
        "east: Forest cover 30 %, jointly 30 %",
    ]
    table.loc[(table["session"] == "2024") & (table["region"] == "west"), "share"] = 0.5
    assert shares_in_words(table, labels)[:2] == [
        "park, west (2023): Forest cover 0 %, jointly 0 %",
        "west (2024): Forest cover 50 %, jointly 50 %",
    ]
