"""Chains of the No-U-Turn sampler, by nutpie in threads or by PyMC itself."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from numpy.typing import NDArray
from nutpie.compiled_pyfunc import from_pyfunc

from scr.errors import FitError
from scr.fit.whitened import COMPILE_MODE, Whitened
from scr.model.design import Design

_NUTPIE_STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "logp": "lp",
    "depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
}
_PYMC_STATS = {name: name for name in _NUTPIE_STATS.values()}


@dataclass(frozen=True)
class ChainPlan:
    """How many chains of what length.

    Parameters
    ----------
    draws, tune
        Draws of each chain that are kept, and of the warm-up before them.
    chains, cores
        Chains, and how many run at a time.
    seed
        Seed of all random numbers.
    progress
        Whether to show progress.
    """

    draws: int
    tune: int
    chains: int
    cores: int
    seed: int
    progress: bool


@dataclass(frozen=True, eq=False)
class Chains:
    """Draws with what the sampler says of each.

    Parameters
    ----------
    theta
        Coefficients, shape (n_chains, n_draws, n_coefficients).
    stats
        ``diverging`` and others, dims (chain, draw).
    """

    theta: NDArray[np.float64]
    stats: xr.Dataset


def nutpie_chains(whitened: Whitened, plan: ChainPlan) -> Chains:
    """Run chains in threads. An interruption keeps the draws made so far.

    Each chain starts from a draw of the standard normal in the whitened coordinates. The draws do
    not depend on how many chains run at a time.

    Parameters
    ----------
    whitened
        The log posterior.
    plan
        Chains and draws.

    Raises
    ------
    FitError
        If it was interrupted before the first draw.

    References
    ----------
    Hoffman & Gelman (2014) JMLR 15:1593-1623; Seyboldt et al., nutpie.
    """
    n = len(whitened.centre)

    def make_expand(*_: int) -> Any:
        return lambda u, **_: {"theta": whitened.coefficients(u)}

    model = from_pyfunc(
        ndim=n,
        make_logp_fn=whitened.for_one_thread,
        make_expand_fn=make_expand,
        expanded_dtypes=[np.dtype("float64")],
        expanded_shapes=[(n,)],
        expanded_names=["theta"],
        make_initial_point_fn=lambda seed: np.random.default_rng(seed).standard_normal(n),
    )
    trace = nutpie.sample(
        model,
        draws=plan.draws,
        tune=plan.tune,
        chains=plan.chains,
        cores=plan.cores,
        seed=plan.seed,
        progress_bar=plan.progress,
        save_warmup=False,
    )
    return _kept(trace["posterior"]["theta"].to_numpy(), trace["sample_stats"], _NUTPIE_STATS)


def pymc_chains(model: pm.Model, design: Design, whitened: Whitened, *, plan: ChainPlan) -> Chains:
    """Run PyMC's own sampler from the mode, scaled by the curvature there.

    Parameters
    ----------
    model
        The model.
    design
        Order of the coefficients.
    whitened
        Mode and curvature.
    plan
        Chains and draws. With more than one at a time PyMC runs chains in processes.
    """
    vcov = whitened.factor @ whitened.factor.T
    with model, warnings.catch_warnings():
        # PyMC judges the chains by limits of its own; ours are in scr.fit.diagnostics.
        warnings.filterwarnings("ignore", category=UserWarning, module="pymc")
        step = pm.NUTS(scaling=vcov, is_cov=True, mode=COMPILE_MODE)
        trace: Any = pm.sample(
            draws=plan.draws,
            tune=plan.tune,
            chains=plan.chains,
            cores=plan.cores,
            random_seed=plan.seed,
            progressbar=plan.progress,
            step=step,
            compute_convergence_checks=False,
            quiet=not plan.progress,
        )
    blocks = [trace["posterior"][parameter].to_numpy() for parameter in design.blocks]
    return _kept(np.concatenate(blocks, axis=-1), trace["sample_stats"], _PYMC_STATS)


def _kept(theta: NDArray[np.float64], stats: Any, names: dict[str, str]) -> Chains:
    """Chains of equal length: as many whole draws as an interruption leaves."""
    lengths = np.isfinite(theta).all(axis=2).sum(axis=1)
    order = np.argsort(-lengths, kind="stable")
    totals = lengths[order] * np.arange(1, len(order) + 1)
    if totals.max(initial=0) == 0:
        msg = (
            "Sampling was interrupted before its first draw after the warm-up. "
            "Fit again, or use fit_laplace, which is quicker."
        )
        raise FitError(msg)
    n_chains = int(totals.argmax()) + 1
    chains = np.sort(order[:n_chains])
    n_draws = int(lengths[chains].min())
    variables = {
        ours: (["chain", "draw"], stats[theirs].to_numpy()[chains, :n_draws])
        for theirs, ours in names.items()
        if theirs in stats
    }
    coords = {"chain": np.arange(n_chains), "draw": np.arange(n_draws)}
    return Chains(theta[chains, :n_draws], xr.Dataset(variables, coords))
