"""Chains by PyMC's own No-U-Turn sampler, on the PyMC model."""

import warnings
from typing import Any

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from scr.fit.chains import STATS, ChainPlan, Chains, kept
from scr.fit.pymc_model import COMPILE_MODE, pymc_model
from scr.fit.whitened import Whitened
from scr.model.default_prior import model_prior


def pymc_chains(whitened: Whitened, plan: ChainPlan) -> Chains:
    """Run PyMC's own sampler from the mode, scaled by the curvature there.

    Parameters
    ----------
    whitened
        The log posterior, its mode and curvature.
    plan
        Chains and draws. With more than one at a time PyMC runs chains in processes.
    """
    target = whitened.target
    problem = target.problem
    prior = model_prior(problem.design, target.coordinates)
    model = pymc_model(problem, prior)
    contrasts = prior.under(target.coordinates.to_coefficients).contrasts
    root = contrasts @ whitened.factor
    with model, warnings.catch_warnings():
        # PyMC judges the chains by limits of its own; ours are in scr.fit.diagnostics.
        warnings.filterwarnings("ignore", category=UserWarning, module="pymc")
        step = pm.NUTS(scaling=root @ root.T, is_cov=True, mode=COMPILE_MODE)
        trace: Any = pm.sample(
            draws=plan.draws,
            tune=plan.tune,
            chains=plan.chains,
            cores=plan.cores,
            random_seed=plan.seed,
            progressbar=plan.progress,
            step=step,
            initvals=_values(model, contrasts @ whitened.centre),
            compute_convergence_checks=False,
            quiet=not plan.progress,
        )
    blocks = [trace["posterior"][parameter].to_numpy() for parameter in problem.design.blocks]
    return kept(
        np.concatenate(blocks, axis=-1), trace["sample_stats"], {name: name for name in STATS}
    )


def _values(model: pm.Model, contrasts: NDArray[np.float64]) -> dict[Any, NDArray[np.float64]]:
    """Values of the random variables, of which the contrasts are the sequence."""
    sizes = [model.initial_point()[variable.name].shape for variable in model.free_RVs]
    ends = np.cumsum([int(np.prod(shape)) for shape in sizes])[:-1]
    parts = np.split(contrasts, ends)
    return {
        variable: part.reshape(shape)
        for variable, part, shape in zip(model.free_RVs, parts, sizes, strict=True)
    }
