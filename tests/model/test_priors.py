import numpy as np
import pytest
from scipy import stats
from scipy.optimize import check_grad

import scr
from scr.model.design import build_design
from scr.model.priors import default_priors, log_prior, log_prior_gradient, model_priors
from scr.simulate.surveys import plan_survey


def lattice_survey(*, n=3, spacing=2000.0, effort=30.0, extra=()):
    x, y = np.meshgrid(np.arange(n) * spacing, np.arange(n) * spacing)
    xy = np.concatenate([np.stack([x.ravel(), y.ravel()], axis=1), np.reshape(extra, (-1, 2))])
    traps = scr.Traps(names=[f"T{k}" for k in range(len(xy))], xy=xy, crs="local")
    mask = scr.build_mask(traps, buffer=4000, spacing=1000)
    return plan_survey(traps, scr.Usage(np.full((len(xy), 1), effort))), mask


def test_default_priors__follow_spacing_and_effort():
    # DESIGN section 6, worked by hand for traps 2 km apart with 30 days each.
    survey, mask = lattice_survey()
    priors = default_priors(build_design(survey, mask, scr.ModelSpec()))

    assert priors["sigma.Intercept"].mean == pytest.approx(np.log(2000))
    assert priors["sigma.Intercept"].sd == 1.0
    assert priors["density.Intercept"].mean == pytest.approx(np.log(0.25 / 4))
    assert priors["density.Intercept"].sd == 2.0
    assert priors["lambda0.Intercept"].mean == pytest.approx(-np.log(30))
    assert priors["lambda0.Intercept"].sd == 2.0


def test_default_priors__do_not_see_cameras_that_share_a_station():
    survey, mask = lattice_survey(extra=[[0.0, 0.0], [2000.0, 0.0]])

    priors = default_priors(build_design(survey, mask, scr.ModelSpec()))

    assert priors["sigma.Intercept"].mean == pytest.approx(np.log(2000))


def test_default_priors__slopes_have_one_sd_of_the_column():
    survey, mask = lattice_survey()
    elevation = np.linspace(200, 3000, len(mask))
    mask = mask.with_covariate("elev", elevation)

    priors = default_priors(build_design(survey, mask, scr.ModelSpec(density="~ elev")))

    assert priors["density.elev"] == scr.Normal(0.0, 1 / np.std(elevation, ddof=1))


def test_default_priors__levels_without_intercept_have_the_prior_of_a_level():
    survey, mask = lattice_survey()
    west = np.where(mask.xy[:, 0] < 2000, "west", "east")
    mask = mask.with_covariate("side", west)

    priors = default_priors(build_design(survey, mask, scr.ModelSpec(density="~ 0 + side")))

    assert {prior.sd for name, prior in priors.items() if name.startswith("density")} == {2.0}


def test_default_priors__need_a_distance_between_traps():
    traps = scr.Traps(names=["A"], xy=np.zeros((1, 2)), crs="local")
    mask = scr.build_mask(traps, buffer=4000, spacing=1000)
    survey = plan_survey(traps, scr.Usage(np.ones((1, 5))))

    with pytest.raises(scr.FormulaError, match="Give a prior for every coefficient"):
        default_priors(build_design(survey, mask, scr.ModelSpec()))


def test_model_priors__replaces_by_name():
    survey, mask = lattice_survey()
    own = scr.Normal(8.0, 0.1)
    spec = scr.ModelSpec(priors={"sigma.Intercept": own})

    priors = model_priors(build_design(survey, mask, spec))

    assert priors["sigma.Intercept"] == own
    assert priors["density.Intercept"].sd == 2.0


def test_model_priors__lists_the_names_there_are():
    survey, mask = lattice_survey()
    spec = scr.ModelSpec(priors={"sigma": scr.Normal(8.0, 0.1)})

    with pytest.raises(scr.FormulaError, match=r"'sigma'.*'sigma.Intercept'"):
        model_priors(build_design(survey, mask, spec))


@pytest.mark.parametrize(
    ("prior", "distribution"),
    [
        (scr.Normal(1.0, 2.0), stats.norm(1.0, 2.0)),
        (scr.StudentT(-1.0, 0.5, 4.0), stats.t(4.0, loc=-1.0, scale=0.5)),
    ],
)
def test_log_density__is_that_of_scipy(prior, distribution):
    values = np.linspace(-6, 6, 25)

    np.testing.assert_allclose(prior.log_density(values), distribution.logpdf(values), rtol=1e-12)


def test_log_prior_gradient__is_the_slope_of_log_prior():
    priors = [scr.Normal(1.0, 2.0), scr.StudentT(-1.0, 0.5, 4.0)]

    error = check_grad(
        lambda theta: float(log_prior(priors, theta)),
        lambda theta: log_prior_gradient(priors, theta),
        np.array([0.3, 0.7]),
    )

    assert error < 1e-6


@pytest.mark.parametrize("scales", [{"sd": 0.0}, {"sd": -1.0}, {"sd": np.nan}])
def test_normal__refuses_a_scale_that_is_not_above_zero(scales):
    with pytest.raises(scr.FormulaError, match="above 0"):
        scr.Normal(0.0, **scales)
