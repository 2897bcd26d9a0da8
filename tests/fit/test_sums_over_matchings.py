"""Fits of both flanks: all engines agree, draws are reweighted, and pairs have probabilities."""

import numpy as np
import pytest

from scr.errors import FitError
from scr.fit.laplace import fit_laplace
from scr.fit.leave_one_out import leave_one_out
from scr.fit.log_posterior import LogPosterior
from scr.fit.mle import fit_mle
from scr.fit.modes import posterior_modes
from scr.fit.nuts import fit_nuts
from scr.fit.pymc_model import build_pymc_model
from scr.fit.saving import load_fit
from scr.fit.sums_over_matchings import (
    EXACT_AT_MODE,
    WIDEST,
    for_draws,
    reweighted,
    widest_at,
    with_sum,
)
from scr.habitat.mask import HabitatMask
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import build_problem, value_and_gradient, with_widest
from scr.model.spec import ModelSpec
from scr.posterior.abundance import abundance
from scr.posterior.activity_centres import activity_centre
from scr.posterior.flank_pairs import animals_photographed, flank_pairs
from scr.posterior.realised import realised_draws
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.sides import n_of_sides
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SPEC = ModelSpec(lambda0="~ side")
TRUE = {
    "density.Intercept": np.log(0.12),
    "lambda0.Intercept": np.log(0.03),
    "lambda0.side[T.both]": np.log(1.6),
    "lambda0.side[T.single]": np.log(0.2),
    "sigma.Intercept": np.log(1500.0),
}


def survey_and_mask(seed: int = 2) -> tuple[Survey, HabitatMask]:
    x, y = np.meshgrid(np.arange(6) * 2000.0, np.arange(4) * 2000.0)
    xy = np.column_stack([x.ravel(), y.ravel()])
    edge = np.arange(-4500.0, 14501.0, 1000.0)
    grid = np.column_stack([part.ravel() for part in np.meshgrid(edge, edge[edge < 10501])])
    mask = HabitatMask(xy=grid, cell_area=np.ones(len(grid)), crs="local", spacing=1000.0)
    rng = np.random.default_rng(seed)
    two = (rng.random((len(xy), 30)) < 0.2).astype(np.float64)
    traps = Traps(names=[f"K{k}" for k in range(len(xy))], xy=xy, crs="local")
    plan = plan_survey(traps, Usage(np.ones_like(two)), two_cameras=[two])
    return simulate_survey(plan, mask, SPEC, coefficients=TRUE, seed=seed)[0], mask


SURVEY, MASK = survey_and_mask()


@pytest.fixture(scope="module")
def laplace():
    return fit_laplace(SURVEY, MASK, SPEC, draws=1500, check_mask=False)


def test_simulate_survey__parts_animals_without_a_picture_of_both_sides():
    complete, left, right = n_of_sides(SURVEY.sessions[0])
    names = SURVEY.sessions[0].captures.individuals.tolist()

    assert min(complete, left, right) >= 4
    assert sum(name.endswith("(left)") for name in names) == left
    assert sum(name.endswith("(right)") for name in names) == right


def test_fit_mle__finds_a_maximum_with_exact_sums(laplace):
    fit = fit_mle(SURVEY, MASK, SPEC)

    assert fit.problem.packed.sides.widest == WIDEST
    _, gradient = value_and_gradient(fit.problem, fit.point)
    assert np.abs(gradient).max() < 1e-3
    inside = np.abs(fit.point - [TRUE[n] for n in fit.coefficient_names])
    assert (inside < 4 * fit.coefficients["se"]).all()


def test_fit_laplace__bethe_with_reweighting_gives_the_exact_posterior(laplace, monkeypatch):
    monkeypatch.setattr("scr.fit.sums_over_matchings.EXACT_AT_MODE", -1)
    rough = fit_laplace(SURVEY, MASK, SPEC, draws=1500, check_mask=False)

    assert rough.problem.packed.sides.widest == 0
    spread = laplace.draws.std(axis=0)
    away = np.abs(rough.draws.mean(axis=0) - laplace.draws.mean(axis=0)) / spread
    assert away.max() < 0.15  # the error of a mean of 1,500 draws is 0.03 spreads
    np.testing.assert_allclose(rough.draws.std(axis=0), spread, rtol=0.15)


def test_fit_nuts__agrees_with_laplace_when_its_draws_are_reweighted(laplace, monkeypatch):
    monkeypatch.setattr("scr.fit.sums_over_matchings.EXACT_AT_MODE", -1)
    fit = fit_nuts(SURVEY, MASK, SPEC, draws=700, chains=2, check_mask=False, progress=False)

    assert [check.passed for check in fit.checks if check.name == "matchings"] == [True]
    away = np.abs(fit.draws.mean(axis=0) - laplace.draws.mean(axis=0)) / laplace.draws.std(axis=0)
    assert away.max() < 0.25


def test_build_pymc_model__has_the_log_posterior_of_the_fit(laplace):
    model = build_pymc_model(SURVEY, MASK, SPEC)
    target, log_posterior = LogPosterior(laplace.problem), model.compile_logp()
    values = []
    for draw in laplace.draws[:2]:
        point = model.initial_point()
        vector = target.prior.contrasts @ draw
        for name in point:
            block = target.problem.design.blocks[name.removesuffix("_contrasts")]
            point[name] = vector[block] if name.endswith("_contrasts") else draw[block]
        values.append(log_posterior(point))
    expected = [target(target.of(draw))[0] for draw in laplace.draws[:2]]
    assert values[0] - values[1] == pytest.approx(expected[0] - expected[1], rel=1e-8)


def test_with_sum__is_exact_where_the_mode_is_narrow():
    target = LogPosterior(build_problem(SURVEY, MASK, SPEC))
    chosen = with_sum(target, posterior_modes, None)
    mode = posterior_modes(chosen)[0]

    assert widest_at(chosen.inside, mode.point) <= EXACT_AT_MODE
    assert chosen.problem.packed.sides.widest == WIDEST


def test_for_draws__estimates_have_the_exact_sum_as_their_mean():
    problem = with_widest(build_problem(SURVEY, MASK, SPEC), 0)
    target = LogPosterior(problem)
    theta = np.array([TRUE[name] for name in problem.design.coefficient_names])
    near = np.array([theta + 1e-9 * k for k in range(300)])  # as many draws of random numbers
    estimated = for_draws(target).many(target.of(near))[0]
    exact = LogPosterior(with_widest(problem, 20)).many(target.of(theta[None]))[0]

    ratio = np.exp(estimated - exact)
    assert ratio.std() > 0
    assert abs(ratio.mean() - 1.0) < 4 * ratio.std() / np.sqrt(len(ratio))


def test_reweighted__keeps_draws_in_order_within_their_chain(laplace):
    target = LogPosterior(with_widest(laplace.problem, 0))
    theta = laplace.draws[:400].reshape(2, 200, -1)
    rows, check = reweighted(target, theta, seed=1)

    assert rows.shape == (2, 200)
    assert (np.diff(rows, axis=1) >= 0).all()
    assert check.passed


def test_load_fit__has_the_same_sums(laplace, tmp_path):
    laplace.save(tmp_path / "fit.nc")
    again = load_fit(tmp_path / "fit.nc")

    assert again.problem.packed.sides.widest == laplace.problem.packed.sides.widest
    assert flank_pairs(again, max_draws=5).equals(flank_pairs(laplace, max_draws=5))


def test_flank_pairs__are_sorted_probabilities_of_one_partner_at_most(laplace):
    table = flank_pairs(laplace)

    assert table["probability"].is_monotonic_decreasing
    assert table.groupby("left")["probability"].sum().max() <= 1 + 1e-9
    assert table.groupby("right")["probability"].sum().max() <= 1 + 1e-9
    named = [
        left.removesuffix(" (left)") == right.removesuffix(" (right)")
        for left, right in zip(table["left"], table["right"], strict=True)
    ]
    expected = table["probability"].to_numpy()
    sd = np.sqrt((expected * (1 - expected)).sum())
    assert abs(sum(named) - expected.sum()) < 4 * sd


def test_animals_photographed__lies_between_the_least_and_the_most(laplace):
    row = animals_photographed(laplace).iloc[0]

    assert row["least"] <= row["lower"] <= row["median"] <= row["upper"] <= row["most"]
    pairs = flank_pairs(laplace)["probability"].sum()
    assert row["median"] == pytest.approx(row["most"] - pairs, abs=1.5)


def test_realised_draws__count_an_animal_of_two_sides_once(laplace):
    draws = realised_draws(laplace, laplace.draws[:100], np.random.default_rng(1))
    complete, left, right = n_of_sides(SURVEY.sessions[0])
    n_hidden = (draws.centres[0] < 0).sum(axis=1)

    assert n_hidden.max() <= min(left, right)
    n_pairs = np.mean(
        [
            sum(pairs.probability().sum() for pairs in pairs_of(laplace.problem, theta))
            for theta in laplace.draws[:100]
        ]
    )
    assert n_hidden.mean() == pytest.approx(n_pairs, abs=4 * n_hidden.std() / 10 + 1e-9)
    counted = draws.counts(0).sum(axis=1) - draws.missed[0].sum(axis=1)
    np.testing.assert_array_equal(counted, complete + left + right - n_hidden)


def test_activity_centre__of_a_left_animal_is_a_probability(laplace):
    name = next(n for n in SURVEY.sessions[0].captures.individuals if n.endswith("(left)"))
    surface = activity_centre(laplace, name, max_draws=10)

    total = (surface.summary["mean"] * surface.mask.cell_area).sum() / 100
    assert total == pytest.approx(1.0, rel=1e-6)


def test_abundance__realised_n_is_near_expected_n(laplace):
    table = abundance(laplace).set_index("estimand")

    assert table.loc["realised N", "mean"] == pytest.approx(
        table.loc["expected N", "mean"], rel=0.1
    )


def test_leave_one_out__is_refused(laplace):
    with pytest.raises(FitError, match="may be one"):
        leave_one_out(laplace)
