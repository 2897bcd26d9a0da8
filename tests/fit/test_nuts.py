import _thread
import itertools
import signal
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import scr
from scr.errors import ConvergenceWarning, FitError
from scr.fit.chains import ChainPlan, Chains, _waited_for, kept, nutpie_chains
from scr.fit.whitened import Whitened


def test_fit_nuts__draws_do_not_depend_on_cores(small):
    one, two = (
        scr.fit_nuts(
            *small,
            scr.ModelSpec(),
            draws=250,
            tune=100,
            seed=4,
            cores=n,
            check_mask=False,
            progress=False,
        )
        for n in (1, 2)
    )

    np.testing.assert_array_equal(one.draws, two.draws)


def test_fit_nuts__agrees_with_importance_sampling(two_sessions, by_sex):
    fit = scr.fit_nuts(*two_sessions, by_sex, draws=700, seed=2, check_mask=False, progress=False)
    laplace = scr.fit_laplace(*two_sessions, by_sex, seed=2, check_mask=False)

    table, other = fit.coefficients, laplace.coefficients
    # Monte Carlo error of a mean, for both; of an sd, a little less.
    effective = np.minimum(table["ess_bulk"], table["ess_tail"])
    error = np.sqrt(1 / effective + 1 / other["ess_bulk"])
    means = fit.draws.mean(axis=0) - laplace.draws.mean(axis=0)
    assert (np.abs(means) / table["se"] < 4 * error).all()
    assert (np.abs(np.log(table["se"] / other["se"])) < 4 * error).all()
    assert (table["rhat"] < 1.01).all()
    assert fit.n_chains == 4
    assert fit.idata["posterior"].sizes["draw"] == 700
    assert int(fit.sample_stats["diverging"].sum()) == 0


def test_fit_nuts__by_pymc_itself(small):
    with pytest.warns(ConvergenceWarning):
        fit = scr.fit_nuts(
            *small,
            scr.ModelSpec(),
            draws=60,
            tune=60,
            chains=2,
            cores=1,
            sampler="pymc",
            check_mask=False,
            progress=False,
        )
    laplace = scr.fit_laplace(*small, scr.ModelSpec(), draws=1000, check_mask=False)

    assert fit.draws.shape == (120, 3)
    away = (fit.draws.mean(axis=0) - laplace.draws.mean(axis=0)) / laplace.draws.std(axis=0)
    assert (np.abs(away) < 4 / np.sqrt(fit.coefficients["ess_bulk"])).all()


@pytest.fixture
def interruptible():
    """A process started in the background of a shell ignores interruptions; the test needs one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_fit_nuts__interruption_keeps_the_draws_so_far(small, monkeypatch):
    # The interruption comes after so many evaluations: by the clock it could come in compilation,
    # where it can be lost, or on a busy machine before there are draws enough.
    for_one_thread = Whitened.for_one_thread
    left = itertools.count(20_000, -1)

    def counted(whitened):
        log_density = for_one_thread(whitened)

        def log_density_and_interrupt(u):
            if next(left) == 0:
                _thread.interrupt_main()
            return log_density(u)

        return log_density_and_interrupt

    monkeypatch.setattr(Whitened, "for_one_thread", counted)
    with pytest.warns(ConvergenceWarning, match=r"of 8000000 draws .* interrupted"):
        fit = scr.fit_nuts(
            *small,
            scr.ModelSpec(),
            draws=2_000_000,
            tune=50,
            cores=2,
            check_mask=False,
            progress=False,
        )

    assert 0 < len(fit.draws) < 8_000_000
    assert np.isfinite(fit.draws).all()


def test_fit_nuts__refuses_an_unknown_sampler(small):
    with pytest.raises(FitError, match="Use 'nutpie' or 'pymc'"):
        scr.fit_nuts(*small, scr.ModelSpec(), sampler="stan")


def test_kept__most_whole_draws_of_chains_cut_short():
    # Chains of 5, 0, 4 and 1 draws: two chains of 4 hold more than one of 5 or three of 1.
    theta = np.full((4, 5, 2), np.nan)
    for chain, length in enumerate([5, 0, 4, 1]):
        theta[chain, :length] = chain
    stats = xr.Dataset({"diverging": (["chain", "draw"], np.zeros((4, 5), dtype=bool))})

    chains = kept(theta, stats, {"diverging": "diverging"})

    np.testing.assert_array_equal(chains.theta[:, :, 0], [[0.0] * 4, [2.0] * 4])
    assert chains.stats["diverging"].shape == (2, 4)


def test_kept__nothing_is_an_error():
    theta = np.full((2, 3, 1), np.nan)

    with pytest.raises(FitError, match="before its first draw"):
        kept(theta, xr.Dataset(), {})


class Running:
    """A sampler whose chains finish one after the other, however fast the machine is."""

    def __init__(self, theta):
        self.theta, self.n_looks = theta, 0

    @property
    def is_finished(self):
        self.n_looks += 1
        return self.n_looks > 3 * len(self.theta)

    def inspect(self):
        n_chains, n_draws, _ = self.theta.shape
        made = min(self.n_looks * n_draws // 3, n_chains * n_draws)
        if not made:
            raise ValueError
        theta = np.where(np.arange(n_chains * n_draws)[:, None] < made, flat(self.theta), np.nan)
        dims = ["chain", "draw"]
        variables = {"theta": ([*dims, "term"], theta.reshape(self.theta.shape))}
        stats = {"diverging": (dims, np.zeros((n_chains, n_draws), dtype=bool))}
        return xr.DataTree.from_dict(
            {"posterior": xr.Dataset(variables), "sample_stats": xr.Dataset(stats)}
        )

    def wait(self):
        return "all"


def flat(theta):
    return theta.reshape(-1, theta.shape[-1])


def test_waited_for__tells_of_each_chain_that_is_finished_but_the_last(monkeypatch):
    monkeypatch.setattr("scr.fit.chains._SECONDS_BETWEEN_LOOKS", 0.0)
    theta, told = np.random.default_rng(1).normal(size=(3, 40, 2)), []
    plan = ChainPlan(40, 10, 3, 1, 1, progress=False, finished=told.append)

    assert _waited_for(Running(theta), plan) == "all"

    assert [len(chains.theta) for chains in told] == [1, 2]
    for n, chains in enumerate(told, start=1):
        np.testing.assert_array_equal(chains.theta, theta[:n])
        assert chains.stats.sizes == {"chain": n, "draw": 40}


def test_fit_nuts__what_is_kept_of_finished_chains_is_a_fit(small, tmp_path, monkeypatch):
    def sampler(whitened, plan):
        chains = nutpie_chains(whitened, replace(plan, finished=None))
        for n in (1, 2):
            part = chains.stats.isel(chain=slice(n))
            plan.finished(Chains(chains.theta[:n], part))
        return chains

    monkeypatch.setattr("scr.fit.nuts.nutpie_chains", sampler)
    kept = []

    def keep(fit):
        fit.save(tmp_path / "so_far.nc")
        kept.append(fit)

    options = {"draws": 300, "tune": 100, "chains": 3, "cores": 1, "seed": 4, "progress": False}
    fit = scr.fit_nuts(*small, scr.ModelSpec(), **options, check_mask=False, keep=keep)

    assert [part.n_chains for part in kept] == [1, 2]
    for n, part in enumerate(kept, start=1):
        np.testing.assert_array_equal(part.draws, fit.draws[: n * 300])
        assert not next(check for check in part.checks if check.name == "complete").passed
    again = scr.load_fit(tmp_path / "so_far.nc")
    np.testing.assert_array_equal(again.draws, kept[-1].draws)
