import numpy as np
import pandas as pd
import pytest

from scr.errors import FitError
from scr.model.mask_bias import expected_density, guess_detection
from scr.model.spec import ModelSpec
from scr.posterior.abundance import abundance
from scr.posterior.belief import NOT_CREDIBLE, stamped, unbelievable
from scr.posterior.realised import realised_draws

SIGMA = 900.0
RECORDS = [(i, s, (2 * i + s % 2) % 9) for i in range(8) for s in range(4)]


@pytest.fixture
def session(make_session):
    """Nine stations 1 km apart, eight animals with four records each."""
    return make_session(
        "1", [(2500 + 1000 * (k % 3), 2500 + 1000 * (k // 3)) for k in range(9)], RECORDS
    )


def fitted(make_fit, make_mask, session, *, density=0.5, sigma=SIGMA, n_draws=400):
    point = [np.log(density), np.log(0.3), np.log(sigma)]
    mask = make_mask(9, 9)
    return make_fit(session, mask, ModelSpec(), point=point, vcov=1e-4 * np.eye(3))


def kinds(fit):
    return [trouble.kind for trouble in unbelievable(fit)]


def test_expected_density__is_that_of_the_animals_by_the_area_that_detects_them(
    make_fit, make_mask, session
):
    fit = fitted(make_fit, make_mask, session)
    guess = guess_detection(fit.survey, fit.mask)
    distance = np.hypot(*(fit.mask.xy[:, None] - session.traps.xy).transpose(2, 0, 1))
    hazard = guess.intensity * 4 * np.exp(-(distance**2) / (2 * guess.sigma**2))
    area = (fit.mask.cell_area * (1 - np.exp(-hazard.sum(axis=1)))).sum()
    assert expected_density(fit.survey, fit.mask, guess) == pytest.approx(8 / area, rel=1e-9)


def test_unbelievable__fifty_times_the_density_of_the_counts(make_fit, make_mask, session):
    fit = fitted(make_fit, make_mask, session)
    expected = expected_density(fit.survey, fit.mask, guess_detection(fit.survey, fit.mask))
    assert kinds(fitted(make_fit, make_mask, session, density=49 * expected)) == []
    much = fitted(make_fit, make_mask, session, density=51 * expected)
    (trouble,) = unbelievable(much)
    assert trouble.kind == "density not credible"
    assert f"{5100 * expected:,.3g} animals per 100 km2" in trouble.public
    assert "more than 50 times" in trouble.line
    assert trouble.remedy


def test_unbelievable__without_recaptures_one_in_five_hundred_has_to_be_seen(
    make_fit, make_mask, make_session
):
    # All 81 cells of 1 km2 are within reach; 4 animals seen once each.
    single = make_session(
        "1", [(2500, 2500), (4500, 2500), (2500, 4500), (4500, 4500)],
        [(i, i, i) for i in range(4)],
    )  # fmt: skip
    most = 500 * 4 / 81
    assert kinds(fitted(make_fit, make_mask, single, density=0.99 * most)) == []
    assert kinds(fitted(make_fit, make_mask, single, density=1.01 * most)) == [
        "density not credible"
    ]


def test_unbelievable__sigma_wider_than_the_array(make_fit, make_mask, session):
    assert kinds(fitted(make_fit, make_mask, session, sigma=1990.0)) == []
    (trouble,) = unbelievable(fitted(make_fit, make_mask, session, sigma=2010.0))
    assert trouble.kind == "sigma not credible"
    assert "2 km across" in trouble.line
    assert "2 km across" not in trouble.public_line


def test_stamped__says_it_before_the_banner_of_the_user(make_fit, make_mask, session):
    troubles = unbelievable(fitted(make_fit, make_mask, session, sigma=2010.0))
    assert stamped("SIMULATED", ()) == "SIMULATED"
    assert stamped(None, ()) is None
    assert stamped(None, troubles) == NOT_CREDIBLE
    assert stamped("SIMULATED", troubles) == f"{NOT_CREDIBLE}. SIMULATED"


@pytest.mark.parametrize("top", [80.0, 2000.0])
def test_abundance__never_counts_animals_that_cannot_be(make_fit, make_mask, session, top):
    # Slope 2.5 over a covariate of 0 to 1, and a few cells of 80: exp(200); of 2000: infinite.
    elev = np.linspace(0, 1, 81)
    elev[:3] = top
    mask = make_mask(9, 9, covariates=pd.DataFrame({"elev": elev}))
    point = [np.log(0.5), 2.5, np.log(0.3), np.log(SIGMA)]
    spec = ModelSpec(density="~ elev")
    fit = make_fit(session, mask, spec, point=point, vcov=1e-4 * np.eye(4))
    with pytest.raises(FitError, match=rf"elev: .* in the mask.*0 to {top:g}|elev: .*{top:g} in"):
        abundance(fit)
    drawn = make_fit(session, mask, spec, draws=fit.draws)
    with pytest.raises(FitError, match="which cannot be"):
        realised_draws(drawn, drawn.draws[:5], np.random.default_rng(1))


def test_unbelievable__a_ring_wider_than_the_array(make_fit, make_mask, session):
    spec = ModelSpec(detection="hazard_annular_normal")
    point = [np.log(0.5), np.log(0.3), np.log(SIGMA), np.log(2010.0)]
    fit = make_fit(session, make_mask(9, 9), spec, point=point, vcov=1e-8 * np.eye(4))
    assert kinds(fit) == ["z not credible"]


def test_unbelievable__sigma_of_what_no_animal_met_does_not_count(
    make_fit, make_mask, make_session, session
):
    # B without b cannot be: its sigma of 4.5 km is none of the survey's.
    some = make_session("1", session.traps.xy, [row for row in RECORDS if row[1] != 1])
    spec = ModelSpec(sigma="~ b + B")
    point = [np.log(0.5), np.log(0.3), np.log(SIGMA), -1.6, 1.6]
    fit = make_fit(some, make_mask(9, 9), spec, point=point, vcov=1e-8 * np.eye(5))
    assert kinds(fit) == []
