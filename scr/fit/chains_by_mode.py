"""Chains of the No-U-Turn sampler in each mode, and their draws shared out by the modes' masses.

A chain hardly ever passes from one mode to another, so that the share of draws of each mode says
where chains started and not how probable it is. Chains therefore run in every mode, and of the
draws that belong to a mode as many are kept as its mass says. Within a mode draws are those of
the sampler; between modes the masses are those of importance sampling from t's about all modes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from scr.fit.chains import ChainPlan, Chains
from scr.fit.diagnostics import chain_diagnostics
from scr.fit.importance import nearest_peak, sample_about_modes
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import Mode
from scr.fit.modes import ModeMasses, peaks_of, weigh_modes
from scr.fit.whitened import Whitened, whiten

Sampler = Callable[[Whitened, ChainPlan], Chains]
"""Runs chains that start about a mode."""

_PROPOSAL_DRAWS = 4000
_LEAST_LENGTH = 0.5


@dataclass(frozen=True, eq=False)
class ChainsOfModes:
    """Draws of all modes, and what their chains say.

    Parameters
    ----------
    chains
        Chains, each with draws of all modes in the right shares.
    diagnostics
        R-hat, the largest of any mode, and effective draws of each coefficient.
    masses
        Probability of each mode, or None where there is one.
    n_divergent
        Draws of all chains whose trajectory diverged.
    n_made, n_planned
        Draws made and planned, over all modes.
    """

    chains: Chains
    diagnostics: pd.DataFrame
    masses: ModeMasses | None
    n_divergent: int
    n_made: int
    n_planned: int


def chains_of_modes(
    target: LogPosterior, modes: Sequence[Mode], sampler: Sampler, plan: ChainPlan
) -> ChainsOfModes:
    """Run chains in each mode. Where there is one, they are the chains of the sampler as they are.

    Parameters
    ----------
    target
        The log posterior.
    modes
        Its modes, at least one.
    sampler
        Runs chains that start about a mode.
    plan
        Chains and draws of the result. With several modes each has at least two chains, and more
        by its mass, so that more may run in all.
    """
    names = target.problem.design.coefficient_names
    if len(modes) == 1:
        chains = sampler(whiten(target, modes[0].point, modes[0].vcov), plan)
        return of_one_mode(chains, names, n_planned=plan.draws * plan.chains)
    rng = np.random.default_rng([plan.seed, len(modes)])
    peaks = peaks_of(modes, pooled=target.pooled)
    weighted = sample_about_modes(
        lambda points: target.many(points)[0], peaks, draws=_PROPOSAL_DRAWS, rng=rng
    )
    masses = weigh_modes(peaks, weighted)
    runs, n_planned = [], 0
    for number, (mode, mass) in enumerate(zip(modes, masses.mass, strict=True)):
        n_chains = max(min(2, plan.chains), round(plan.chains * float(mass)))
        own = replace(
            plan,
            chains=n_chains,
            cores=min(n_chains, plan.cores),
            seed=plan.seed + number,
            finished=None,  # chains of one mode alone are no posterior
        )
        n_planned += own.chains * own.draws
        runs.append(sampler(whiten(target, mode.point, mode.vcov), own))
        if runs[-1].theta.shape[:2] != (own.chains, own.draws):
            break  # interrupted
    return _shared_out(
        target,
        runs,
        masses,
        effective=weighted.effective,
        plan=plan,
        n_planned=n_planned,
        rng=rng,
    )


def of_one_mode(chains: Chains, names: tuple[str, ...], *, n_planned: int) -> ChainsOfModes:
    """Chains as they are, with what they say.

    Parameters
    ----------
    chains
        Chains of the only mode.
    names
        Names of the coefficients.
    n_planned
        Draws planned.
    """
    n_made = chains.theta.shape[0] * chains.theta.shape[1]
    diverged = int(chains.stats["diverging"].sum())
    return ChainsOfModes(
        chains, chain_diagnostics(chains.theta, names), None, diverged, n_made, n_planned
    )


def _shared_out(
    target: LogPosterior,
    runs: Sequence[Chains],
    masses: ModeMasses,
    *,
    effective: float,
    plan: ChainPlan,
    n_planned: int,
    rng: np.random.Generator,
) -> ChainsOfModes:
    names = target.problem.design.coefficient_names
    thetas = [theta for run in runs for theta in run.theta]
    belongs = [nearest_peak(masses.peaks, target.of(theta)) for theta in thetas]
    pool, of_pool = np.concatenate(thetas), np.concatenate(belongs)
    table, kept = [], []
    visited = np.array([number for number in range(len(masses.peaks)) if (of_pool == number).any()])
    lost = 1 - float(masses.mass[visited].sum())
    share = masses.mass[visited] / masses.mass[visited].sum()
    n_kept = min(plan.chains * plan.draws, len(pool)) // plan.chains * plan.chains
    ends = np.round(np.cumsum(share) * n_kept).astype(np.int64)
    for number, n in zip(visited, np.diff(ends, prepend=0), strict=True):
        own = np.flatnonzero(of_pool == number)
        kept.append(own[np.arange(n) * len(own) // max(n, 1)])
        parts = [theta[nearest == number] for theta, nearest in zip(thetas, belongs, strict=True)]
        table.append(chain_diagnostics(_equally_long(parts), names))
    rows = rng.permutation(np.concatenate(kept))
    shape = (plan.chains, n_kept // plan.chains)
    stats = {
        str(name): np.concatenate([run.stats[name].to_numpy().ravel() for run in runs])[rows]
        for name in runs[0].stats.data_vars
    }
    variables = {name: (["chain", "draw"], told.reshape(shape)) for name, told in stats.items()}
    coords = {"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
    return ChainsOfModes(
        Chains(pool[rows].reshape(*shape, -1), xr.Dataset(variables, coords)),
        _together(table, share, effective=effective),
        replace(masses, error=masses.error + lost),
        sum(int(run.stats["diverging"].sum()) for run in runs),
        len(pool),
        n_planned,
    )


def _equally_long(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Draws of one mode as chains of one length, those with few of them left out."""
    lengths = np.array([len(part) for part in parts])
    chosen = [part for part in parts if len(part) >= _LEAST_LENGTH * lengths.max()]
    shortest = min(len(part) for part in chosen)
    return np.stack([part[:shortest] for part in chosen])


def _together(
    tables: Sequence[pd.DataFrame], share: NDArray[np.float64], *, effective: float
) -> pd.DataFrame:
    """R-hat of the mode where it is largest; effective draws of a sum over strata.

    The shares of the modes are themselves known from so many effective draws of importance
    sampling, and no mean is known better than from these.
    """
    result = pd.concat([table["rhat"] for table in tables], axis=1).max(axis=1).to_frame("rhat")
    for name in ("ess_bulk", "ess_tail"):
        each = np.array([table[name].to_numpy() for table in tables])
        result[name] = np.minimum(1 / (share**2 @ (1 / each)), effective)
    return result
