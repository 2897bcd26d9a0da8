"""Chains of the No-U-Turn sampler, by nutpie in threads."""

import time
import warnings
from collections.abc import Callable, Mapping
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
_SECONDS_TO_SLEEP, _SECONDS_BETWEEN_LOOKS = 0.02, 2.0

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
    finished
        Called with the chains that are finished, each time there are more of them but not all.
    acceptance
        Mean acceptance that steps are tuned for: the higher, the shorter they are.
    """

    draws: int
    tune: int
    chains: int
    cores: int
    seed: int
    progress: bool
    finished: "Callable[[Chains], None] | None" = None
    acceptance: float = 0.8


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
    running = nutpie.sample(
        model,
        draws=plan.draws,
        tune=plan.tune,
        chains=plan.chains,
        cores=plan.cores,
        seed=plan.seed,
        progress_bar=plan.progress,
        target_accept=plan.acceptance,
        save_warmup=False,
        blocking=False,
    )
    trace = _waited_for(running, plan)
    return kept(trace["posterior"]["theta"].to_numpy(), trace["sample_stats"], _NUTPIE_STATS)


def _waited_for(running: Any, plan: ChainPlan) -> Any:
    n_told, look_again = 0, time.monotonic() + _SECONDS_BETWEEN_LOOKS
    try:
        while not _is_finished(running):
            time.sleep(_SECONDS_TO_SLEEP)
            if plan.finished is None or time.monotonic() < look_again:
                continue
            chains = _finished(running, plan.draws)
            if chains is not None and n_told < len(chains.theta) < plan.chains:
                plan.finished(chains)
                n_told = len(chains.theta)
            look_again = time.monotonic() + _SECONDS_BETWEEN_LOOKS
        return running.wait()
    except KeyboardInterrupt:
        return running.abort()
    except BaseException:
        running.cancel()
        raise


def _finished(running: Any, n_draws: int) -> Chains | None:
    """The chains that have all their draws; None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of chains without a draw so far
            trace = running.inspect()
    except ValueError:  # no chain has a draw
        return None
    theta = trace["posterior"]["theta"].to_numpy()
    whole = np.flatnonzero(np.isfinite(theta).all(axis=2).sum(axis=1) == n_draws)
    if not len(whole):
        return None
    return kept(theta[whole], trace["sample_stats"].isel(chain=whole), _NUTPIE_STATS)


def _is_finished(running: Any) -> bool:
    try:
        return bool(running.is_finished)
    except TimeoutError:  # nutpie 0.16 says so in place of False
        return False


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
