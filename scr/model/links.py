"""Link functions, stable at both ends."""

import numpy as np
from numpy.typing import NDArray


def expit(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of a logit.

    Parameters
    ----------
    logit
        Any shape.

    Examples
    --------
    >>> float(expit(np.array(0.0)))
    0.5
    """
    return np.exp(log_expit(logit))


def log_expit(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of the probability of a logit.

    Parameters
    ----------
    logit
        Any shape.

    Examples
    --------
    >>> float(log_expit(np.array(-800.0)))
    -800.0
    """
    return -np.logaddexp(0.0, -np.asarray(logit, dtype=np.float64))
