"""Power to detect a change of abundance between two surveys of one layout."""

import numpy as np

from scr.errors import LayoutError
from scr.posterior.log_linear import power_of_trend


def power_to_detect(change: float, *, rse: float, alpha: float = 0.05) -> float:
    r"""Probability that two surveys show a change that there is.

    The log of N is estimated with standard error s in the first survey. Information is
    proportional to density, so that in the second it is :math:`s / \sqrt{1 + r}`, and

    .. math::
        z = \frac{|\log(1 + r)|}{s \sqrt{1 + 1/(1 + r)}}, \qquad
        \text{power} = \Phi(z - z_{\alpha/2}) + \Phi(-z - z_{\alpha/2}).

    The two surveys are taken as independent; sharing detection parameters gives more power.

    Parameters
    ----------
    change
        Relative change r: -0.3 is a loss of 30 %, 0.5 a gain of a half; above -1, not 0.
    rse
        Relative standard error of N in the first survey (of its log).
    alpha
        Level of the two-sided test.

    Raises
    ------
    LayoutError
        If the change is -1 or less or 0, or alpha no probability.

    References
    ----------
    Gerrodette (1987) Ecology 68:1364-1372; Efford & Boulanger (2019) Methods Ecol. Evol.
    10:1529-1535, for RSE in SCR.

    Examples
    --------
    >>> round(power_to_detect(-0.5, rse=0.15), 3)
    0.761
    """
    if not (change > -1 and change != 0 and 0 < alpha < 1):
        msg = (
            f"change={change:g}, alpha={alpha:g}: the relative change must be above -1 and not 0 "
            "(-0.3 for a loss of 30 %), the level between 0 and 1."
        )
        raise LayoutError(msg)
    return power_of_trend(change, np.array([0.0, 1.0]), rse=rse, alpha=alpha)
