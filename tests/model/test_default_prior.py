"""The default prior: its numbers, and what takes the place of it by name."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import check_grad

import scr
from scr.errors import FormulaError
from scr.model.default_prior import model_prior
from scr.model.design import build_design
from scr.model.joint_prior import independent
from scr.model.reach import within_reach
from scr.simulate.surveys import plan_survey
from scr.survey.survey import Session
from scr.survey.usage import Usage


def lattice_survey(*, n=3, spacing=2000.0, effort=30.0, extra=(), buffer=4000):
    x, y = np.meshgrid(np.arange(n) * spacing, np.arange(n) * spacing)
    xy = np.concatenate([np.stack([x.ravel(), y.ravel()], axis=1), np.reshape(extra, (-1, 2))])
    traps = scr.Traps(names=[f"T{k}" for k in range(len(xy))], xy=xy, crs="local")
    mask = scr.build_mask(traps, buffer=buffer, spacing=1000)
    return plan_survey(traps, Usage(np.full((len(xy), 1), effort))), mask


def priors_of(survey, mask, spec):
    return model_prior(build_design(survey, mask, spec)).marginals()


def test_model_prior__follows_spacing_and_effort():
    # DESIGN section 6, worked by hand for traps 2 km apart with 30 days each.
    priors = priors_of(*lattice_survey(), scr.ModelSpec())

    assert priors["sigma.Intercept"].mean == pytest.approx(np.log(2000))
    assert priors["sigma.Intercept"].sd == 1.0
    assert priors["density.Intercept"].mean == pytest.approx(np.log(0.25 / 4))
    assert priors["density.Intercept"].sd == 2.0
    assert priors["lambda0.Intercept"].mean == pytest.approx(-np.log(30))
    assert priors["lambda0.Intercept"].sd == 2.0


def test_model_prior__does_not_see_cameras_that_share_a_station():
    survey, mask = lattice_survey(extra=[[0.0, 0.0], [2000.0, 0.0]])

    assert priors_of(survey, mask, scr.ModelSpec())["sigma.Intercept"].mean == pytest.approx(
        np.log(2000)
    )


@pytest.mark.parametrize("apart", [6.0, 100.0, 200.0])
@pytest.mark.parametrize("group", [1, 2])
def test_model_prior__cameras_in_pairs_or_threes_have_the_spacing_of_the_groups(apart, group):
    # Beside each of nine stations 2 km apart one or two more: the nearest other group is 2 km off.
    x, y = np.meshgrid(np.arange(3) * 2000.0, np.arange(3) * 2000.0)
    corners = np.stack([x.ravel(), y.ravel()], axis=1)
    beside = [corners + [[apart, 0.0], [0.0, apart]][k] for k in range(group)]
    survey, mask = lattice_survey(extra=np.concatenate(beside), buffer=7000)

    prior = priors_of(survey, mask, scr.ModelSpec())
    near = within_reach(build_design(survey, mask, scr.ModelSpec()))

    assert prior["sigma.Intercept"].mean == pytest.approx(np.log(2000))
    assert prior["density.Intercept"].mean == pytest.approx(np.log(0.25 / 4))
    away = np.min([np.hypot(*(mask.xy - trap).T) for trap in survey.sessions[0].traps.xy], axis=0)
    assert near[away <= 2.45 * 2000].all()
    assert not near.all()


def test_model_prior__a_cluster_of_four_and_more_keeps_its_spacing():
    # Two by two stations 500 m apart, the clusters 6 km from each other.
    x, y = np.meshgrid([0.0, 500.0, 6000.0, 6500.0], [0.0, 500.0, 6000.0, 6500.0])
    survey, mask = lattice_survey(n=1, extra=np.stack([x.ravel(), y.ravel()], axis=1)[1:])

    assert priors_of(survey, mask, scr.ModelSpec())["sigma.Intercept"].mean == pytest.approx(
        np.log(500)
    )


@pytest.mark.parametrize("xy", [[(0, 0), (2000, 0)], [(0, 0), (100, 0), (3000, 0)]])
def test_model_prior__few_stations_have_a_spacing(xy):
    survey, mask = lattice_survey(n=1, extra=xy[1:])

    expected = {2: 2000, 3: 3000}[len(xy)]
    assert priors_of(survey, mask, scr.ModelSpec())["sigma.Intercept"].mean == pytest.approx(
        np.log(expected), rel=0.02
    )


def test_model_prior__slope_and_level_are_of_the_cells_within_reach():
    # Traps 2 km apart: cells within 6 km of one. Those further out have values of a thousand.
    survey, mask = lattice_survey(buffer=12_000)
    away = np.min([np.hypot(*(mask.xy - trap).T) for trap in survey.sessions[0].traps.xy], axis=0)
    near = away <= 6000
    elevation = np.where(near, 4200 + 100 * np.sin(mask.xy[:, 0]), 1000.0)
    mask = mask.with_covariate("elev", elevation)

    prior = priors_of(survey, mask, scr.ModelSpec(density="~ elev"))

    mean, sd = elevation[near].mean(), elevation[near].std(ddof=1)
    assert 0.2 < near.mean() < 0.9
    assert prior["density.elev"].mean == pytest.approx(0.0)
    assert prior["density.elev"].sd == pytest.approx(1 / sd)
    # At elevation 0 the two independent parts add up: 2^2 + (mean / sd)^2.
    assert prior["density.Intercept"].mean == pytest.approx(np.log(0.25 / 4))
    assert prior["density.Intercept"].sd == pytest.approx(np.hypot(2.0, mean / sd))


def test_within_reach__a_trap_that_never_worked_reaches_nothing():
    survey, mask = lattice_survey(extra=[[40_000.0, 0.0]])
    session = survey.sessions[0]
    effort = session.usage.effort.copy()
    effort[-1] = 0.0
    idle = Session(session.name, session.traps, Usage(effort), session.captures)

    near = within_reach(build_design(scr.Survey((idle,)), mask, scr.ModelSpec()))

    assert near.any()
    assert mask.xy[near, 0].max() < 20_000


def test_within_reach__holds_the_cell_of_each_trap_however_wide_the_cells():
    # Fours of stations 100 m apart, the fours 30 km apart: reach is 300 m, cells are 5 km wide.
    x, y = np.meshgrid([1000.0, 1100.0, 31_000.0, 31_100.0], [1000.0, 1100.0])
    traps = scr.Traps(list("ABCDEFGH"), np.stack([x.ravel(), y.ravel()], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=20_000, spacing=5000)
    survey = plan_survey(traps, Usage(np.ones((8, 5))))

    near = within_reach(build_design(survey, mask, scr.ModelSpec()))

    assert near.sum() == 2


def test_model_prior__levels_without_intercept_are_about_the_level():
    # Two halves of equal size: the difference is N(0, 4 (n - 1) / n) about a mean with sd 2.
    survey, mask = lattice_survey()
    west = np.where(mask.xy[:, 0] < np.median(mask.xy[:, 0]) + 1, "west", "east")
    mask = mask.with_covariate("side", west)
    design = build_design(survey, mask, scr.ModelSpec(density="~ 0 + side"))
    near = within_reach(design)
    share = (west[near] == "west").mean()

    sides = model_prior(design).marginals()

    n = near.sum()
    sd = np.sqrt(share * (1 - share) * n / (n - 1))
    assert sides["density.side[west]"].sd == pytest.approx(np.hypot(2.0, (1 - share) / sd))
    assert sides["density.side[west]"].mean == pytest.approx(np.log(0.25 / 4))


def test_model_prior__needs_a_distance_between_traps():
    traps = scr.Traps(names=["A"], xy=np.zeros((1, 2)), crs="local")
    mask = scr.build_mask(traps, buffer=4000, spacing=1000)
    survey = plan_survey(traps, Usage(np.ones((1, 5))))

    with pytest.raises(FormulaError, match="Give a prior for every coefficient"):
        priors_of(survey, mask, scr.ModelSpec())


def test_model_prior__replaces_by_name():
    survey, mask = lattice_survey()
    own = scr.Normal(8.0, 0.1)

    priors = priors_of(survey, mask, scr.ModelSpec(priors={"sigma.Intercept": own}))

    assert priors["sigma.Intercept"] == own
    assert priors["density.Intercept"].sd == 2.0


def elevation_and_forest():
    survey, mask = lattice_survey(n=5)
    east, north = mask.xy.T
    mask = mask.with_covariate("elev", 4200 + 300 * np.sin(east / 3000))
    mask = mask.with_covariate("forest", 85 + np.cos(north / 2000) + np.sin(east / 3000))
    return survey, mask


def test_model_prior__a_slope_named_leaves_the_level_and_the_other_slope():
    survey, mask = elevation_and_forest()
    own = scr.StudentT(0.0, 0.01, 3.0)
    spec = scr.ModelSpec(density="~ elev + forest", priors={"density.elev": own})
    design = build_design(survey, mask, spec)
    prior = model_prior(design)
    alone = build_design(survey, mask, scr.ModelSpec(density="~ forest"))

    marginals = prior.marginals()

    assert marginals["density.elev"] == own
    expected = model_prior(alone).marginals()["density.forest"]
    assert marginals["density.forest"].sd == pytest.approx(expected.sd, rel=1e-9)
    assert "density.Intercept" not in marginals  # a sum of normal and t
    assert prior.kinds[:3] == ("level", "own", "slope")
    mean = design.density_columns[within_reach(design)].mean(axis=0)
    np.testing.assert_allclose(prior.contrasts[0, :3], mean)
    assert prior.records[0] == scr.Normal(np.log(0.25 / 4), 2.0)


def test_model_prior__an_intercept_named_is_the_raw_one():
    survey, mask = elevation_and_forest()
    own = scr.Normal(-1.0, 0.3)
    spec = scr.ModelSpec(density="~ elev", priors={"density.Intercept": own})
    prior = model_prior(build_design(survey, mask, spec))
    default = priors_of(survey, mask, scr.ModelSpec(density="~ elev"))

    assert prior.marginals()["density.Intercept"] == own
    assert prior.marginals()["density.elev"].sd == pytest.approx(default["density.elev"].sd)
    assert prior.kinds[:2] == ("own", "slope")


def test_model_prior__one_level_named_leaves_the_others_a_level_each():
    survey, mask = lattice_survey()
    third = np.select([mask.xy[:, 0] < 0, mask.xy[:, 0] < 4000], ["a", "b"], "c")
    mask = mask.with_covariate("part", third.astype(object))
    own = scr.Normal(0.0, 0.1)
    spec = scr.ModelSpec(density="~ 0 + part", priors={"density.part[a]": own})

    priors = priors_of(survey, mask, spec)

    level = scr.Normal(np.log(0.25 / 4), 2.0)
    assert priors["density.part[a]"] == own
    assert priors["density.part[b]"] == level
    assert priors["density.part[c]"] == level


def test_model_prior__lists_the_names_there_are():
    survey, mask = lattice_survey()
    spec = scr.ModelSpec(priors={"sigma": scr.Normal(8.0, 0.1)})

    with pytest.raises(FormulaError, match=r"'sigma'.*'sigma.Intercept'"):
        priors_of(survey, mask, spec)


def test_gradient__is_the_slope_of_log_density():
    survey, mask = elevation_and_forest()
    priors = {"density.elev": scr.StudentT(0.0, 0.01, 3.0)}
    prior = model_prior(
        build_design(survey, mask, scr.ModelSpec(density="~ elev + forest", priors=priors))
    )

    error = check_grad(
        lambda theta: float(prior.log_density(theta)),
        prior.gradient,
        np.array([0.3, 0.001, 0.02, -3.0, 7.0]),
        epsilon=1e-7,
    )

    assert error < 1e-2 * np.linalg.norm(prior.gradient(np.array([0.3, 0.001, 0.02, -3.0, 7.0])))


def test_log_density__of_independent_records_is_their_sum():
    prior = independent({"a": scr.Normal(1.0, 2.0), "b": scr.StudentT(-1.0, 0.5, 4.0)})
    theta = np.array([[0.3, 0.7], [2.0, -1.0]])

    expected = stats.norm(1.0, 2.0).logpdf(theta[:, 0])
    expected += stats.t(4.0, loc=-1.0, scale=0.5).logpdf(theta[:, 1])
    np.testing.assert_allclose(prior.log_density(theta), expected, rtol=1e-12)
