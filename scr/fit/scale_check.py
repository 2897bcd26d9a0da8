"""Whether the data tell at which scale a covariate acts on density."""

import numpy as np
from numpy.typing import NDArray

from scr.fit.checks import Check
from scr.model.design import Design
from scr.model.joint_prior import JointPrior

_LARGEST_SHARE = 0.8
"""Posterior sd of the place of a scale, over that of its prior, up to which the data tell of it."""


def scale_checks(
    design: Design, draws: NDArray[np.float64], prior: JointPrior | None
) -> tuple[Check, ...]:
    """One check of each scale of effect; none where there are no scales.

    Where the slope may be 0, covariates at all scales do the same, and the scale follows its prior.

    Parameters
    ----------
    design
        The model with its data.
    draws
        Draws of the posterior, shape (n_draws, n_coefficients).
    prior
        Prior of all coefficients.
    """
    checks = []
    for scale in design.density.scales:
        start = design.blocks["density"].start + scale.place
        slope, place = draws[:, start], draws[:, start + 1]
        record = None if prior is None else prior.records[start + 1]
        share = np.nan if record is None else float(place.std(ddof=1) / record.sd)
        low, high = np.quantile(slope, [0.025, 0.975])
        least, most = np.quantile(scale.metres(place), [0.025, 0.975])
        flat = low <= 0 <= high
        passed = share <= _LARGEST_SHARE and not flat
        message = (
            f"Scale of effect of {scale.text.covariate}: 95 % {least:,.0f} to {most:,.0f} m, among "
            f"columns of {scale.text.metres[0]:,.0f} to {scale.text.metres[-1]:,.0f} m"
        )
        if not passed:
            why = (
                f"its effect may be 0 (slope {low:.2f} to {high:.2f}), where every scale does as "
                "well"
                if flat
                else "the posterior is nearly as wide as the prior"
            )
            message += (
                f". These data do not identify it: {why}. Report the effect of one scale, chosen "
                "beforehand, and no scale"
            )
        checks.append(
            Check("scale_of_effect", share, _LARGEST_SHARE, passed, f"{message}.", is_note=True)
        )
    return tuple(checks)
