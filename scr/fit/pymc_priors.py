"""Random variables of PyMC for the priors of a model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor
from numpy.typing import NDArray

from scr.model.joint_prior import JointPrior
from scr.model.pooling import Pool
from scr.model.priors import Normal, Prior, StudentT

pt: Any = pytensor.tensor


def random_vector(
    parameter: str, prior: JointPrior, block: slice, *, is_latent: bool = False
) -> Any:
    """Contrasts of a parameter; its coefficients follow from them where they are not the same.

    Parameters
    ----------
    parameter
        Name of the parameter.
    prior
        Of all coefficients.
    block
        The coefficients of the parameter.
    is_latent
        Whether these change with the labels of latent classes.
    """
    if "sd" in prior.kinds[block]:
        return _with_effects(parameter, prior, block)
    terms = [name.removeprefix(f"{parameter}.") for name in prior.names[block]]
    records, contrasts = prior.records[block], prior.contrasts[block, block]
    pm.modelcontext(None).add_coord(f"{parameter}_term", terms)
    if (contrasts == np.eye(len(terms))).all() and not is_latent:
        return _independent(parameter, records, terms=terms, dims=f"{parameter}_term")
    kinds = prior.kinds[block]
    labels = [
        term if kind == "own" else f"{kind} ({term})"
        for term, kind in zip(terms, kinds, strict=True)
    ]
    pm.modelcontext(None).add_coord(f"{parameter}_contrast", labels)
    vector = _independent(
        f"{parameter}_contrasts", records, terms=labels, dims=f"{parameter}_contrast"
    )
    if not is_latent:
        back = pt.as_tensor(np.linalg.inv(contrasts))
        pm.Deterministic(parameter, pt.dot(back, vector), dims=f"{parameter}_term")
    return vector


def _with_effects(parameter: str, prior: JointPrior, block: slice) -> Any:
    """Contrasts, and for each term the spread of its effects and these, of standard normals."""
    terms = [name.removeprefix(f"{parameter}.") for name in prior.names[block]]
    pools = [pool for pool in prior.pools if pool.parameter == parameter]
    end = pools[0].sd - block.start
    records, contrasts = prior.records[block], prior.contrasts[block, block][:end, :end]
    model: Any = pm.modelcontext(None)
    model.add_coord(f"{parameter}_term", terms)
    model.add_coord(f"{parameter}_contrast", terms[:end])
    fixed = _independent(
        f"{parameter}_contrasts",
        records[:end],
        terms=terms[:end],
        dims=f"{parameter}_contrast",
    )
    effects = [part for pool in pools for part in _effects(parameter, prior, pool)]
    back = pt.as_tensor(np.linalg.inv(contrasts))
    coefficients = pt.concatenate([pt.dot(back, fixed), *effects])
    pm.Deterministic(parameter, coefficients, dims=f"{parameter}_term")
    return pt.concatenate([fixed, *effects])


def _effects(parameter: str, prior: JointPrior, pool: Pool) -> list[Any]:
    """The standard deviation of a term, its log length if it has one, and its effects."""
    model: Any = pm.modelcontext(None)
    dims = pool.term
    if dims not in model.coords:
        names = [name.partition("[")[2].removesuffix("]") for name in prior.names[pool.effects]]
        model.add_coord(dims, names)
    sd = _above_zero(f"{parameter}_{pool.term}_sd", prior.records[pool.sd])
    offsets = pm.Normal(f"{parameter}_{pool.term}_offset", 0.0, 1.0, dims=dims)
    if pool.length is None or pool.spectrum is None:
        return [pt.atleast_1d(sd), sd * offsets]
    record = prior.records[pool.length]
    log_length = _variable(f"{parameter}_{pool.term}_log_length", [record])[0]
    relative = pt.exp(0.5 * pool.spectrum.log_variance_by(log_length, pt))
    return [pt.atleast_1d(sd), pt.atleast_1d(log_length), sd * relative * offsets]


def _above_zero(name: str, record: Prior) -> Any:
    """The part above 0 of a prior."""
    if isinstance(record, Normal):
        return pm.TruncatedNormal(name, record.mean, record.sd, lower=0.0)
    whole = pm.StudentT.dist(nu=record.df, mu=record.mean, sigma=record.sd)
    return pm.Truncated(name, whole, lower=0.0)


def _independent(name: str, records: Sequence[Prior], *, terms: Sequence[str], dims: str) -> Any:
    """One random vector where all priors are of a family, else scalars stacked."""
    if len({type(record) for record in records}) == 1:
        return _variable(name, records, dims=dims)
    scalars = [
        _variable(f"{name}.{term}", [record])[0]
        for term, record in zip(terms, records, strict=True)
    ]
    return pm.Deterministic(name, pt.stack(scalars), dims=dims)


def _variable(name: str, records: Sequence[Prior], *, dims: str | None = None) -> Any:
    mean = np.array([record.mean for record in records])
    sd = np.array([record.sd for record in records])
    shape = {} if dims is not None else {"shape": 1}
    if isinstance(records[0], Normal):
        return pm.Normal(name, mean, sd, dims=dims, **shape)
    df: NDArray[np.float64] = np.array([p.df for p in records if isinstance(p, StudentT)])
    return pm.StudentT(name, nu=df, mu=mean, sigma=sd, dims=dims, **shape)
