import json

import numpy as np
import pandas as pd
import pytest

from scr.habitat.build import build_mask
from scr.model.spec import ModelSpec
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.movements import movements_of
from scr.survey.reading import read_survey
from scr.survey.reading_traps import read_traps
from scr.survey.traps import Traps
from scr.survey.usage import Usage


def two_stations(apart):
    xy = np.array([[0.0, 0.0], [apart, 0.0]])
    return Traps(names=["A", "B"], xy=xy, crs="local")


def seen(places, individual="x"):
    return pd.DataFrame(
        {"individual": individual, "trap": list(places), "occasion": range(1, len(places) + 1)}
    )


def test_movements_of__two_stations_have_a_closed_form():
    # Pairs at one station and at two are as 1 to q = exp(-d^2 / 4 sigma^2), so that the spread
    # squared is (d^2 / 4) q / (1 + q). Six detections at A and two at B: 1.5 d^2 over 2 x 7.
    apart = 2000.0
    survey = read_survey(seen("AAAAAABB"), two_stations(apart), usage=8, detector="count")
    found = movements_of(survey)
    share = 4 * (1.5 / 14)
    q = share / (1 - share)
    assert found.spread == pytest.approx(apart * np.sqrt(1.5 / 14))
    assert found.n_recaptures == 7
    assert found.sigma == pytest.approx(apart / (2 * np.sqrt(-np.log(q))), rel=2e-3)


def test_movements_of__no_movement_or_too_few_recaptures_tell_no_sigma():
    traps = two_stations(2000.0)
    assert movements_of(read_survey(seen("AAAAAAAA"), traps, usage=8)).sigma is None
    assert movements_of(read_survey(seen("AABA"), traps, usage=8)).sigma is None


def test_movements_of__an_array_smaller_than_a_home_range_cannot_tell():
    # As many detections at either end as at random: any large sigma gives that.
    assert movements_of(read_survey(seen("ABABABAB"), two_stations(100.0), usage=8)).sigma is None


@pytest.mark.parametrize("spacing", [1000.0, 2000.0])
def test_movements_of__finds_the_sigma_that_surveys_were_simulated_with(spacing):
    x, y = np.meshgrid(np.arange(7) * spacing, np.arange(7) * spacing)
    xy = np.column_stack([x.ravel(), y.ravel()])
    traps = Traps(names=[str(k) for k in range(49)], xy=xy, crs="local")
    mask = build_mask(traps, buffer=6000, spacing=500)
    plan = plan_survey(traps, Usage(np.ones((49, 60))))
    truth = {"density.Intercept": -1.5, "lambda0.Intercept": -4.0, "sigma.Intercept": np.log(1500)}
    surveys = [
        simulate_survey(plan, mask, ModelSpec(), coefficients=truth, seed=seed)[0]
        for seed in range(8)
    ]
    found = [movements_of(survey) for survey in surveys]
    sigma = np.mean([of_one.sigma for of_one in found])
    assert sigma == pytest.approx(1500.0, rel=0.1)
    assert abs(sigma - 1500) < abs(np.mean([of_one.spread for of_one in found]) - 1500) / 1.5


@pytest.mark.parametrize(
    ("name", "detector", "row"),
    [("captdata", "multi", "HN"), ("stoat_prox", "proximity", "HN"),
     ("tiger_nagarahole_count", "count", "HHN_poisson")],
)  # fmt: skip
def test_movements_of__is_near_the_sigma_that_secr_estimated(reference, name, detector, row):
    folder = reference / name
    traps = read_traps(folder / "traps.csv", crs="local")
    found = movements_of(
        read_survey(folder / "detections.csv", traps, usage=folder / "traps.csv", detector=detector)
    )
    model = json.loads((folder / "secr_reference.json").read_text(encoding="utf-8"))["models"][row]
    (fitted,) = (np.exp(c["beta"]) for c in model["beta"] if c["row"] == "sigma")
    assert found.sigma == pytest.approx(fitted, rel=0.1)
    assert abs(found.sigma - fitted) < abs(found.spread - fitted)
