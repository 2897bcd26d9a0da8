import numpy as np
import pytest

from scr.errors import FitError
from scr.likelihood.reference import history_log_probability
from scr.model.spec import ModelSpec
from scr.posterior.activity_centres import activity_centre, activity_centres, animals_detected
from scr.survey.survey import Survey

BY_SEX = ModelSpec(density="~ x", lambda0="~ sex", sigma="~ sex")
THETA = np.array([np.log(0.3), 0.0002, np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])


@pytest.fixture
def fit(make_fit, make_mask, sexed_session):
    return make_fit(
        sexed_session, make_mask(7, 6), BY_SEX, point=THETA, vcov=1e-4 * np.diag(THETA**2)
    )


def test_activity_centre__is_bayes_rule_over_cells_and_classes(fit):
    design, (data,) = fit.problem.design, fit.problem.sessions
    arrays = design.arrays(THETA)
    weight = np.exp(arrays.log_density[0] + arrays.log_share[0][:, None])
    joint = weight * np.exp(history_log_probability(data, arrays, fit.spec.family, animal=2))

    surface = activity_centre(fit, "1-2", max_draws=5)  # its sex is unknown

    expected = joint.sum(axis=0) / joint.sum()
    np.testing.assert_allclose(surface.summary["mean"], 100 * expected, rtol=1e-8)
    assert surface.estimand == "activity centre of 1-2"


def test_activity_centre__sums_to_one_animal(make_fit, make_mask, sexed_session):
    draws = THETA * np.random.default_rng(1).normal(1, 0.03, (60, 7))
    fit = make_fit(sexed_session, make_mask(14, 12, spacing=500.0), BY_SEX, draws=draws)
    surface = activity_centre(fit, "1-0")
    assert surface.summary["mean"].sum() / 100 * 0.25 == pytest.approx(1.0)


def test_activity_centre__names_the_animals_there_are(fit):
    with pytest.raises(FitError, match=r"No animal 'Bek'.*'1-0', '1-1', '1-2'"):
        activity_centre(fit, "Bek")


def test_activity_centre__of_a_later_session_uses_the_cells_of_that_session(
    make_fit, make_mask, make_session
):
    traps = [(2500, 2500), (4500, 2500)]
    sessions = (
        make_session("2023", traps, [(0, 0, 0), (1, 1, 1)]),
        make_session("2024", traps, [(0, 0, 1)]),
    )
    point = [np.log(0.3), np.log(0.1), np.log(1200.0)]
    mask = make_mask(7, 6)
    fit = make_fit(Survey(sessions), mask, ModelSpec(), point=point, vcov=1e-4 * np.eye(3))
    surface = activity_centre(fit, "2024-0", max_draws=3)
    best = mask.xy[surface.summary["mean"].to_numpy().argmax()]
    assert np.hypot(*(best - [4500, 2500])) <= 1000
    assert surface.session == "2024"


def test_activity_centres__rows_are_the_maps_of_single_animals(make_fit, make_mask, make_session):
    traps = [(2500, 2500), (4500, 2500)]
    sessions = (
        make_session("2023", traps, [(0, 0, 0), (1, 1, 1)]),
        make_session("2024", traps, [(0, 0, 1)]),
    )
    centre = np.array([np.log(0.3), np.log(0.1), np.log(1200.0)])
    draws = centre + np.random.default_rng(2).normal(0, 0.1, (8, 3))
    fit = make_fit(Survey(sessions), make_mask(7, 6), ModelSpec(), draws=draws)
    for label in ("2023", "2024"):
        centres = activity_centres(fit, label)
        for name, probability in zip(centres.individuals, centres.probability, strict=True):
            single = activity_centre(fit, name).summary["mean"]
            np.testing.assert_allclose(100 * probability, single, rtol=1e-9)


def test_activity_centres__table_has_mean_and_spread_of_draws(fit):
    centres = activity_centres(fit, "1")
    rng = np.random.default_rng(3)
    for row, probability in zip(centres.table.itertuples(), centres.probability, strict=True):
        drawn = centres.mask.xy[rng.choice(42, 20_000, p=probability)]
        np.testing.assert_allclose([row.x, row.y], drawn.mean(axis=0), atol=40)
        spread = np.sqrt(((drawn - drawn.mean(axis=0)) ** 2).sum(axis=1).mean())
        assert row.spread_m == pytest.approx(spread, rel=0.03)


def test_animals_detected__counts_detections_and_traps(fit):
    table = animals_detected(fit)
    assert table["individual"].tolist() == ["1-0", "1-1", "1-2"]
    assert table["n_detections"].tolist() == [2, 1, 2]
    assert table["n_traps"].tolist() == [2, 1, 2]
