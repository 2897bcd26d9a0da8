import numpy as np
import pytest
import shapely

import scr
from scr.errors import FitError
from scr.posterior.realised import realised_draws
from scr.posterior.sexes import share_of_sex

SEXED = scr.ModelSpec(lambda0="~ sex")
POINT = [np.log(0.3), np.log(0.1), 0.4, np.log(1200.0), -0.6]
"""Log D, log lambda0 of females, difference of males, log sigma, logit share of males."""

PARK = scr.Region("park", shapely.box(0, 0, 4000, 6000), crs="local")


@pytest.fixture
def bayes(make_fit, make_mask, sexed_session):
    draws = np.random.default_rng(2).multivariate_normal(POINT, 0.02 * np.eye(5), 500)
    return make_fit(sexed_session, make_mask(7, 6), SEXED, draws=draws)


def test_realised_draws__sexes_add_up_to_all_animals_in_every_cell_and_draw(bayes):
    draws = realised_draws(bayes, bayes.draws[:200], np.random.default_rng(1))
    females, males = draws.counts(0, 0), draws.counts(0, 1)
    np.testing.assert_array_equal(females + males, draws.counts(0))
    assert females.min() >= 0
    assert males.min() >= 0


def test_realised_draws__known_sexes_are_kept_and_the_missed_follow_the_model(bayes):
    draws = realised_draws(bayes, np.tile(POINT, (4000, 1)), np.random.default_rng(1))
    assert (draws.classes[0][:, 0] == 0).all()
    assert (draws.classes[0][:, 1] == 1).all()
    males = draws.missed_second[0].sum() / draws.missed[0].sum()
    # Males are detected more easily, so that fewer of those missed are males.
    share = 1 / (1 + np.exp(0.6))
    assert 0.8 * share < males < share


def test_abundance__expected_numbers_of_the_sexes_are_their_shares(bayes):
    table = scr.abundance(bayes, PARK, by_sex=True)
    assert table["sex"].tolist() == ["F", "F", "M", "M"]
    columns = bayes.problem.design.columns("share")
    share = share_of_sex(bayes, bayes.draws, 1, columns=columns)[0]
    number = 24 * np.exp(bayes.draws[:, 0])
    males = table[(table["sex"] == "M") & (table["estimand"] == "expected N")].iloc[0]
    assert males["median"] == pytest.approx(np.median(number * share))
    females = table[(table["sex"] == "F") & (table["estimand"] == "expected N")].iloc[0]
    assert females["upper"] == pytest.approx(np.quantile(number * (1 - share), 0.975))


def test_abundance__the_means_of_the_sexes_add_up(bayes):
    whole = scr.abundance(bayes, PARK).groupby("estimand")["mean"].sum()
    parts = scr.abundance(bayes, PARK, by_sex=True).groupby("estimand")["mean"].sum()
    assert parts.to_numpy() == pytest.approx(whole.to_numpy(), rel=1e-9)


def test_abundance__animals_of_known_sex_are_counted_as_detected(bayes):
    table = scr.abundance(bayes, by_sex=True)
    detected = table.groupby("sex")["n_detected"].first()
    assert detected.to_dict() == {"F": 1, "M": 1}
    assert scr.abundance(bayes)["n_detected"].iloc[0] == 3


def test_abundance__by_sex_after_maximum_likelihood_has_the_delta_interval(
    make_fit, make_mask, sexed_session
):
    vcov = np.diag([0.04, 0.02, 0.02, 0.01, 0.09])
    fit = make_fit(sexed_session, make_mask(7, 6), SEXED, point=POINT, vcov=vcov)
    row = scr.abundance(fit, by_sex=True).iloc[2]
    assert (row["sex"], row["estimand"]) == ("M", "expected N")
    share = 1 / (1 + np.exp(0.6))
    assert row["median"] == pytest.approx(42 * 0.3 * share)
    se = np.sqrt(0.04 + 0.09 * (1 - share) ** 2)
    assert row["upper"] == pytest.approx(42 * 0.3 * share * np.exp(1.959964 * se), rel=1e-5)


def test_abundance__a_model_without_sexes_is_refused(make_fit, make_mask, sexed_session):
    fit = make_fit(
        sexed_session, make_mask(7, 6), scr.ModelSpec(), draws=np.tile(POINT[:3], (9, 1))
    )
    with pytest.raises(FitError, match="tells no sexes apart"):
        scr.abundance(fit, by_sex=True)
