from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from scr.errors import FitError
from scr.habitat.mask import MaskExtent
from scr.likelihood.reference import p_dot
from scr.model.spec import ModelSpec
from scr.posterior.buffers import esa_by_buffer
from scr.posterior.detectability import effective_sampling_area

POINT = np.array([np.log(0.3), np.log(0.1), np.log(900.0)])


def within(make_mask, traps, buffer, **fields):
    square = make_mask(16, 16, origin=(-4500.0, -4500.0))
    distance, _ = cKDTree(np.array(traps)).query(square.xy)
    return replace(
        square,
        xy=square.xy[distance <= buffer],
        cell_area=1.0,
        covariates=square.covariates.iloc[: int((distance <= buffer).sum())],
        extent=MaskExtent(buffer=buffer),
        **fields,
    )


@pytest.fixture
def fit_on(make_fit, make_mask, make_session):
    traps = [(2500.0, 2500.0), (4500.0, 2500.0), (2500.0, 4500.0)]
    session = make_session("1", traps, [(0, 0, 0), (0, 1, 1)])

    def make(**fields):
        mask = within(make_mask, traps, 3000.0, **fields)
        return make_fit(session, mask, ModelSpec(), point=POINT, vcov=1e-3 * np.eye(3))

    return make


def test_esa_by_buffer__at_the_buffer_used_is_the_esa_of_the_fit(fit_on):
    fit = fit_on()
    curve = esa_by_buffer(fit)
    assert curve.used == 3000.0
    assert curve.wider
    at_used = curve.table[curve.table["buffer_m"] <= 3000.0 * (1 + 1e-9)].iloc[-1]
    (esa,) = effective_sampling_area(fit).to_dict("records")
    near = fit.mask.xy[cKDTree(fit.survey.sessions[0].traps.xy).query(fit.mask.xy)[0] <= 3000.0]
    assert len(near) == len(fit.mask)
    for column in ("median", "lower", "upper"):
        assert at_used[column] == pytest.approx(esa[column], rel=0.02)


def test_esa_by_buffer__is_the_sum_of_the_plain_p_dot_within_each_distance(fit_on):
    fit = fit_on(bounded=True)
    curve = esa_by_buffer(fit)
    assert not curve.wider
    (data,) = fit.problem.sessions
    seen = p_dot(data, fit.problem.design.arrays(POINT), fit.spec.family)[0]
    distance, _ = cKDTree(fit.survey.sessions[0].traps.xy).query(fit.mask.xy)
    for row in curve.table.itertuples():
        expected = seen[distance <= row.buffer_m * (1 + 1e-9)].sum()
        assert row.median == pytest.approx(expected, rel=1e-9)


def test_esa_by_buffer__rises_and_its_band_holds_it(fit_on):
    table = esa_by_buffer(fit_on()).table
    assert (np.diff(table["median"]) >= 0).all()
    assert table["buffer_m"].iloc[-1] > 4000
    # Where no cell is nearer, the area is 0 and so are its limits.
    assert (table["lower"] <= table["median"]).all()
    assert (table["median"] <= table["upper"]).all()


def test_esa_by_buffer__names_the_sessions_there_are(fit_on):
    with pytest.raises(FitError, match="no session '2'; it has '1'"):
        esa_by_buffer(fit_on(), session="2")
