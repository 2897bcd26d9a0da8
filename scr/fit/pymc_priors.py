"""Random variables of PyMC for the priors of a model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor
from numpy.typing import NDArray

from scr.model.joint_prior import JointPrior
from scr.model.pool_names import GROUP
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
        return _with_sessions(parameter, prior, block)
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


def _with_sessions(parameter: str, prior: JointPrior, block: slice) -> Any:
    """Contrasts, standard deviation of sessions and their effects, made of standard normals."""
    terms = [name.removeprefix(f"{parameter}.") for name in prior.names[block]]
    sd_at = prior.kinds[block].index("sd")
    records, contrasts = prior.records[block], prior.contrasts[block, block][:sd_at, :sd_at]
    model: Any = pm.modelcontext(None)
    model.add_coord(f"{parameter}_term", terms)
    model.add_coord(f"{parameter}_contrast", terms[:sd_at])
    if GROUP not in model.coords:
        sessions = [term.removeprefix(f"{GROUP}[").removesuffix("]") for term in terms[sd_at + 1 :]]
        model.add_coord(GROUP, sessions)
    fixed = _independent(
        f"{parameter}_contrasts",
        records[:sd_at],
        terms=terms[:sd_at],
        dims=f"{parameter}_contrast",
    )
    sd = _above_zero(f"{parameter}_session_sd", records[sd_at])
    effects = sd * pm.Normal(f"{parameter}_session_offset", 0.0, 1.0, dims=GROUP)
    back = pt.as_tensor(np.linalg.inv(contrasts))
    coefficients = pt.concatenate([pt.dot(back, fixed), pt.atleast_1d(sd), effects])
    pm.Deterministic(parameter, coefficients, dims=f"{parameter}_term")
    return pt.concatenate([fixed, pt.atleast_1d(sd), effects])


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
