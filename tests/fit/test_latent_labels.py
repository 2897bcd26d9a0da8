from dataclasses import replace

import numpy as np
import pytest

import scr
from scr.errors import FormulaError
from scr.fit.checks_of_modes import check_modes, check_other_maxima, check_starts
from scr.fit.labellings import class_means
from scr.fit.latent_labels import by_intensity, differ, latent_labels, latent_matrices
from scr.fit.latent_starts import latent_starts
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.modes import ModeMasses, modes_of, peaks_of
from scr.fit.node_check import node_checks
from scr.fit.pymc_model import COMPILE_MODE
from scr.likelihood.problem import build_problem, value_and_gradient

MODELS = {
    "h2": scr.ModelSpec(lambda0="~ h2", sigma="~ h2"),
    "h3 in sigma": scr.ModelSpec(sigma="~ h3"),
    "individual": scr.ModelSpec(lambda0="~ individual", nodes=5),
    "h2 and individual": scr.ModelSpec(lambda0="~ h2 + individual", nodes=3),
}


def target_of(data, spec, **more):
    return LogPosterior(build_problem(*data, spec), **more)


def somewhere(design, seed=1):
    rng = np.random.default_rng(seed)
    level = {"density": 0.3, "lambda0": -2.6, "sigma": 6.4}
    return np.array(
        [
            level.get(name.split(".")[0], 0.0) * name.endswith("Intercept") + rng.normal(0, 0.4)
            for name in design.coefficient_names
        ]
    )


@pytest.mark.parametrize("name", MODELS)
def test_latent_matrices__leave_likelihood_and_prior_as_they_are(small, name):
    target = target_of(small, MODELS[name])
    u = target.of(somewhere(target.problem.design))
    value, gradient = target(u)
    n_exchanges = {"h2": 2, "h3 in sigma": 6, "individual": 2, "h2 and individual": 4}[name]
    assert len(target.exchanges) == n_exchanges
    assert len({tuple(np.round(matrix @ u, 6)) for matrix in target.exchanges}) == n_exchanges
    for matrix in target.exchanges:
        other, slope = target(matrix @ u)
        assert other == pytest.approx(value, rel=1e-10)
        np.testing.assert_allclose(matrix.T @ slope, gradient, rtol=1e-7, atol=1e-7)


def test_log_posterior__of_unequal_priors_is_their_mean_over_labellings(small):
    prior = {"lambda0.Intercept": scr.Normal(-3.0, 0.2), "pmix.Intercept": scr.Normal(1.0, 0.5)}
    target = target_of(small, scr.ModelSpec(lambda0="~ h2", priors=prior))
    theta = somewhere(target.problem.design)
    values = dict(zip(target.problem.design.coefficient_names, theta, strict=True))
    exchanged = values | {
        "lambda0.Intercept": values["lambda0.Intercept"] + values["lambda0.h2[T.2]"],
        "lambda0.h2[T.2]": -values["lambda0.h2[T.2]"],
        "pmix.Intercept": -values["pmix.Intercept"],
    }
    both = [
        float(target.prior.log_density(np.array(list(each.values()))))
        for each in (values, exchanged)
    ]
    likelihood, _ = value_and_gradient(target.problem, theta)
    assert target(target.of(theta))[0] == pytest.approx(
        likelihood + np.logaddexp(*both) - np.log(2), rel=1e-10
    )


def test_latent_labels__with_one_parameter_are_in_its_order(small):
    design = target_of(small, scr.ModelSpec(lambda0="~ h3")).problem.design
    thetas = np.array([somewhere(design, seed) for seed in range(40)])
    mode = by_intensity(design).given(thetas[0])
    labels = latent_labels(design, mode, 0.1 * np.eye(len(mode)))
    given = labels.given(thetas)
    means = class_means(design, given, "lambda0", of="group")
    assert (np.diff(means) >= 0).all()
    assert labels.holds(given).all()
    assert 0 < labels.holds(thetas).mean() < 0.6
    np.testing.assert_allclose(by_intensity(design).given(thetas), given)
    before = class_means(design, thetas, "lambda0", of="group")
    np.testing.assert_allclose(means, np.sort(before))


def test_latent_labels__follow_the_parameter_that_sets_groups_apart(small):
    # Groups that differ in sigma and hardly in lambda0 keep the order of sigma.
    design = target_of(small, MODELS["h2"]).problem.design
    mode = np.array([0.3, -2.6, 0.02, 6.0, 0.8, 0.0])
    labels = latent_labels(design, mode, 0.01 * np.eye(6))
    draw = np.array([0.3, -2.6, -0.05, 6.0, 0.8, 0.0])
    np.testing.assert_array_equal(labels.given(draw), draw)
    exchanged = np.array([0.3, -2.65, 0.05, 6.8, -0.8, 0.0])
    np.testing.assert_allclose(labels.given(exchanged), draw)


def test_latent_labels__effects_are_at_least_0(small):
    design = target_of(small, MODELS["h2 and individual"]).problem.design
    thetas = np.array([somewhere(design, seed) for seed in range(30)])
    given = by_intensity(design).given(thetas)
    effect, h2 = (design.coefficient_names.index(f"lambda0.{n}") for n in ("individual", "h2[T.2]"))
    assert (given[:, [effect, h2]] >= 0).all()
    assert (thetas[:, effect] < 0).any()
    np.testing.assert_allclose(given[:, effect], np.abs(thetas[:, effect]))


def test_latent_matrices__refuse_formulas_that_treat_groups_unlike(small):
    def second(group):
        return (np.asarray(group) == "2").astype(float)

    survey, mask = small
    traps = survey.sessions[0].traps
    lure = np.arange(len(traps)) % 3.0
    session = replace(
        survey.sessions[0], traps=replace(traps, covariates=traps.covariates.assign(lure=lure))
    )
    spec = scr.ModelSpec(lambda0="~ lure:second(h2)", transforms={"second": second})
    problem = build_problem(replace(survey, sessions=(session,)), mask, spec)
    with pytest.raises(FormulaError, match="treat latent groups unlike"):
        latent_matrices(problem.design)


def test_starting_points__are_several_and_differ_between_groups(small):
    target = target_of(small, MODELS["h2"])
    points = target.coefficients(np.array(starting_points(target)))
    table = dict(zip(target.problem.design.coefficient_names, points.T, strict=True))
    assert len(points) == 4
    assert (table["lambda0.h2[T.2]"] > 1).all()
    assert sorted(np.sign(table["sigma.h2[T.2]"])) == [-1, -1, 1, 1]
    assert len(set(np.round(table["pmix.Intercept"], 6))) == 2
    named = starting_points(target, {"sigma.Intercept": 6.0})
    np.testing.assert_allclose(target.coefficients(np.array(named))[:, 3], 6.0)
    design = target_of(small, scr.ModelSpec()).problem.design
    assert len(latent_starts(design, np.zeros(3))) == 1


@pytest.mark.parametrize("name", ["h2", "individual"])
def test_modes_of__have_the_labels_and_each_is_found_once(small, name):
    target = target_of(small, MODELS[name])
    modes = modes_of(target)
    labels = by_intensity(target.problem.design)
    assert labels.holds(target.coefficients(modes[0].point))
    for number, mode in enumerate(modes):
        for other in modes[number + 1 :]:
            assert not any(mode.holds(matrix @ other.point) for matrix in target.exchanges)
    assert sum(mode.n_searches for mode in modes) <= len(starting_points(target))


def test_many__is_minus_infinity_at_points_with_other_labels(small):
    target = target_of(small, MODELS["h2"])
    labelled = target.labelled(modes_of(target))
    u = target.of(labelled.labels.given(somewhere(target.problem.design)))
    pair = np.stack([u, target.exchanges[1] @ u])
    assert np.isfinite(target.many(pair)[0]).all()
    np.testing.assert_array_equal(np.isfinite(labelled.many(pair)[0]), [True, False])


def test_build_pymc_model__has_the_log_posterior_and_gives_labels(small):
    spec = MODELS["h2"]
    target, model = target_of(small, spec), scr.build_pymc_model(*small, spec)
    design = target.problem.design
    contrasts = target.prior_inside.prior.contrasts
    function = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)
    theta = by_intensity(design).given(somewhere(design))
    for matrix in latent_matrices(design):
        u = target.of(matrix @ theta)
        value, gradient = function._pytensor_function(contrasts @ u)
        expected, slope = target(u)
        assert value == pytest.approx(expected, rel=1e-9)
        np.testing.assert_allclose(contrasts.T @ gradient, slope, rtol=1e-7, atol=1e-7)
        point = {
            variable.name: (contrasts @ u)[design.blocks[variable.name.removesuffix("_contrasts")]]
            for variable in model.free_RVs
        }
        names = ["lambda0", "sigma", "pmix"]
        given = model.compile_fn(
            [model[name] for name in names],
            inputs=model.free_RVs,
            mode=COMPILE_MODE,
            on_unused_input="ignore",
        )
        found = np.concatenate(given(point))
        wanted = np.concatenate([theta[design.blocks[name]] for name in names])
        np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_node_checks__few_nodes_do_not_pass_and_many_do(small):
    survey, mask = small
    spec = scr.ModelSpec(lambda0="~ individual")
    truth = {"density.Intercept": 0.3, "lambda0.Intercept": -2.6, "lambda0.individual": 1.0,
             "sigma.Intercept": 6.4}  # fmt: skip
    plan = replace(survey, detector="count")
    data = (scr.simulate_survey(plan, mask, spec, coefficients=truth, seed=2)[0], mask)
    for nodes, passed in ((3, False), (31, True)):
        spec = scr.ModelSpec(lambda0="~ individual", nodes=nodes)
        target = target_of(data, spec)
        mode = modes_of(target)[0]
        (check,) = node_checks(target, mode.point, mode.vcov)
        assert check.passed == passed, check.message
        assert f"With {2 * nodes + 1} nodes in place of {nodes}" in check.message
    assert node_checks(target_of(data, scr.ModelSpec()), np.zeros(3), np.eye(3)) == ()


@pytest.mark.filterwarnings("ignore::scr.errors.ConvergenceWarning")
def test_fit_laplace__and_fit_nuts_agree_on_latent_groups(small):
    spec = scr.ModelSpec(lambda0="~ h2")
    laplace = scr.fit_laplace(*small, spec, check_mask=False)
    nuts = scr.fit_nuts(*small, spec, draws=300, chains=2, check_mask=False, progress=False)
    for fit in (laplace, nuts):
        told = {check.name: check.message for check in fit.checks}
        assert "searched for from 2 starting points" in told["starts"]
    one, two = laplace.coefficients, nuts.coefficients
    error = np.hypot(one["se"] / np.sqrt(one["ess_bulk"]), two["se"] / np.sqrt(two["ess_bulk"]))
    assert (np.abs(one["estimate"] - two["estimate"]) < 5 * error).all()


def test_checks_of_modes__tell_how_groups_differ(small):
    target = target_of(small, MODELS["h2"])
    design = target.problem.design
    one = np.array([0.3, -2.6, np.log(3.0), 6.4, np.log(1.5), 0.0])
    two = np.array([0.3, -2.6, 0.0, 6.4, 0.0, 0.0])
    assert differ(design, one)
    assert not differ(design, two)
    mode = modes_of(target)[0]
    modes = [
        replace(mode, point=target.of(one), value=-10.0, n_searches=3),
        replace(mode, point=target.of(two), value=-11.5),
    ]
    (starts,) = check_starts(target, modes)
    told = "lambda0 3 times that of group 1, sigma 1.5 times that of group 1, shares 0.50 and 0.50"
    assert "from 4 starting points, of which 3 led to the highest" in starts.message
    assert f"numbered by lambda0 there, the lowest first: {told}" in starts.message
    assert starts.is_told
    (other,) = check_other_maxima(target, modes)
    assert not other.passed
    assert f"({told}; at the second maximum groups that are alike)" in other.message
    assert "1.5 log units below" in other.message
    assert "Sex" not in other.message
    masses = ModeMasses(peaks_of(modes), np.array([0.8, 0.2]), 0.1)
    (check,) = check_modes(target, np.array([one]), masses)
    assert f"how the latent groups differ ({told}; or groups that are alike)" in check.message
    assert check.message.endswith("Leave latent groups out of the formulas.")
    assert check_starts(target_of(small, MODELS["individual"]), modes) == ()
