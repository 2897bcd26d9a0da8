from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from scr.fit.chains import ChainPlan, Chains
from scr.fit.chains_by_mode import chains_of_modes
from scr.fit.mode import Mode

CENTRES = np.array([-5.0, 5.0])
SD = np.array([1.0, 0.5])
MASS = np.array([0.25, 0.75])
PLAN = ChainPlan(draws=500, tune=0, chains=4, cores=1, seed=1, progress=False)


def many(points):
    """A quarter of a normal about -5 and three quarters of a narrower one about 5."""
    away = (points - CENTRES) / SD
    return np.log((MASS / SD * np.exp(-0.5 * away**2)).sum(axis=1) + 1e-300), None


def modes():
    return tuple(
        Mode(
            point=np.array([centre]),
            value=float(np.log(mass / sd)),
            vcov=np.array([[sd**2]]),
            gain=0.0,
            flat=np.zeros(1),
            n_evaluations=1,
        )
        for centre, sd, mass in zip(CENTRES, SD, MASS, strict=True)
    )


TARGET = SimpleNamespace(
    many=many,
    of=lambda theta: theta,
    pooled=None,
    problem=SimpleNamespace(design=SimpleNamespace(coefficient_names=("x",))),
)


def sampler(n_kept=None):
    """Independent draws of the mode where a chain starts."""
    ran = []

    def run(whitened, plan):
        ran.append(plan)
        n_draws = plan.draws if n_kept is None else n_kept
        rng = np.random.default_rng(plan.seed)
        sd = SD[np.abs(CENTRES - whitened.centre[0]).argmin()]
        theta = whitened.centre + sd * rng.standard_normal((plan.chains, n_draws, 1))
        lp = ("chain", "draw"), theta[..., 0]
        diverging = ("chain", "draw"), np.zeros(theta.shape[:2], dtype=bool)
        return Chains(theta, xr.Dataset({"lp": lp, "diverging": diverging}))

    run.ran = ran
    return run


def test_chains_of_modes__draws_are_shared_out_by_mass_and_not_by_chains():
    run = sampler()
    result = chains_of_modes(TARGET, modes(), run, PLAN)

    assert [plan.chains for plan in run.ran] == [2, 3]
    theta = result.chains.theta
    assert theta.shape == (4, 500, 1)
    error = 4 * result.masses.error
    assert (theta > 0).mean() == pytest.approx(0.75, abs=error)
    assert theta.mean() == pytest.approx(2.5, abs=10 * error)
    assert theta[theta > 0].std() == pytest.approx(0.5, rel=0.1)
    np.testing.assert_array_equal(result.chains.stats["lp"], theta[..., 0])
    # Every chain has both modes: none is cut off from the other.
    assert ((theta > 0).mean(axis=(1, 2)) > 0.6).all()
    assert result.diagnostics.loc["x", "rhat"] < 1.02  # two chains of 500 independent draws
    assert 400 < result.diagnostics.loc["x", "ess_bulk"] < 4000
    assert (result.n_made, result.n_planned) == (2500, 2500)


def test_chains_of_modes__one_mode_leaves_the_chains_as_they_are():
    run = sampler()
    result = chains_of_modes(TARGET, modes()[1:], run, PLAN)
    assert result.masses is None
    assert run.ran == [PLAN]
    assert (result.chains.theta > 0).all()


def test_chains_of_modes__an_interruption_leaves_modes_out_and_says_so():
    run = sampler(n_kept=100)
    result = chains_of_modes(TARGET, modes(), run, PLAN)
    assert len(run.ran) == 1
    assert result.n_made < result.n_planned
    assert result.masses.error > 0.7  # the mass of the mode that was not visited
    assert (result.chains.theta < 0).all()
