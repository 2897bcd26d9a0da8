"""Chains of the No-U-Turn sampler, by nutpie in threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import nutpie
import xarray as xr
from numpy.typing import NDArray
from nutpie.compiled_pyfunc import from_pyfunc

from scr.errors import FitError
from scr.fit.whitened import Whitened

_NUTPIE_STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "logp": "lp",
    "depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
}
STATS = tuple(_NUTPIE_STATS.values())
"""What is kept of each draw beside the coefficients, where a sampler tells it."""


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
    return kept(trace["posterior"]["theta"].to_numpy(), trace["sample_stats"], _NUTPIE_STATS)


def kept(theta: NDArray[np.float64], stats: Any, names: Mapping[str, str]) -> Chains:
    """Chains of equal length: as many whole draws as an interruption leaves.

    Parameters
    ----------
    theta
        Coefficients, shape (n_chains, n_draws, n_coefficients), NaN where there is no draw.
    stats
        What the sampler says of each draw, dims (chain, draw).
    names
        Our names by those of the sampler.

    Raises
    ------
    FitError
        If there is no draw.
    """
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
