"""Effects that share a distribution, drawn where they are not given."""

from collections.abc import Mapping, Sequence

import numpy as np

from scr.errors import FormulaError
from scr.model.pooling import Pool

_STREAM = 7
"""Random numbers of their own, so that the rest of a survey is as without them."""


def with_effects_of_sessions(
    pools: Sequence[Pool], names: Sequence[str], coefficients: Mapping[str, float], *, seed: int
) -> Mapping[str, float]:
    """Coefficients with the effects of sessions or smooths that were left out, normal about 0.

    Parameters
    ----------
    pools
        Where the effects stand among the coefficients.
    names
        Names of the coefficients.
    coefficients
        Values by name.
    seed
        Seed of the random numbers.

    Raises
    ------
    FormulaError
        If a standard deviation is below 0, or some effects are given and others not.
    """
    rng, drawn = np.random.default_rng([seed, _STREAM]), dict(coefficients)
    for pool in pools:
        effects, name = names[pool.effects], names[pool.sd]
        given = [effect for effect in effects if effect in coefficients]
        at = np.array([coefficients.get(each, 0.0) for each in names])
        values = at[pool.sd] * np.exp(pool.log_relative(at)) * rng.standard_normal(len(effects))
        if coefficients.get(name, 0.0) < 0 or 0 < len(given) < len(effects):
            msg = (
                f"{name} is {coefficients.get(name, 'not given')}, and {len(given)} of the "
                f"{len(effects)} effects of {pool.term} are given. The standard deviation must be "
                "0 or more. Give all effects, or none: then they are drawn."
            )
            raise FormulaError(msg)
        if not given:
            drawn |= dict(zip(effects, values.tolist(), strict=True))
    return drawn
