r"""The term of the number of animals detected, and what it makes of the gradient.

With n animals detected, :math:`\Lambda` expected to be, and :math:`N = \sum a D` living there:

===========  ==========================================================================
poisson      :math:`-\Lambda`
binomial     :math:`\log[N! / (N-n)!] - n \log N + (N-n) \log(1 - \Lambda / N)`
conditional  :math:`-n \log\Lambda`
===========  ==========================================================================

beside :math:`\sum_i \log L_i`, and less log n! but where it is conditional. L_i has
:math:`a D_m` in it, and so N too: -n log N takes it out where that is fixed.

References
----------
Borchers & Efford (2008) Biometrics 64:377-385, equations 4, 5 and 9.
"""

import numpy as np
from scipy.special import digamma, gammaln

from scr.likelihood.kernel.arrays import Floats, Packed
from scr.model.number import Number


def number_terms(
    number: Number, n_detected: Floats, expected: Floats, living: Floats
) -> tuple[Floats, Floats, Floats]:
    """The term of each session, and its slopes to Lambda and to N.

    Parameters
    ----------
    number
        What is said of the number of animals.
    n_detected, expected, living
        n, Lambda and N of each session, shape (n_sessions,).

    Returns
    -------
    tuple
        Each of shape (n_sessions,); the term is -inf where a binomial N is below n.
    """
    none = np.zeros_like(expected)
    if number == "poisson":
        return -expected, none - 1.0, none
    with np.errstate(divide="ignore", invalid="ignore"):
        if number == "conditional":
            some = n_detected > 0
            log_expected = np.log(expected, where=some, out=np.zeros_like(expected))
            slope = np.divide(-n_detected, expected, where=some, out=np.zeros_like(expected))
            return -n_detected * log_expected, slope, none
        missed, unseen = living - n_detected, living - expected
        log_unseen = np.log1p(-expected / living)
        term = gammaln(living + 1.0) - gammaln(missed + 1.0) - n_detected * np.log(living)
        term = np.where(missed >= 0.0, term + missed * log_unseen, -np.inf)
        to_living = digamma(living + 1.0) - digamma(missed + 1.0) - n_detected / living
        to_living += log_unseen + missed * expected / (living * unseen)
        return term, -missed / unseen, to_living


def weigh_number(
    packed: Packed, share: Floats, weight: Floats, expected: Floats, to: tuple[Floats, ...]
) -> Floats:
    """The term of each session; turns the gradient of -Lambda into that of the term.

    Parameters
    ----------
    packed
        Data.
    share
        Shares of the classes, shape (n_sessions, n_classes).
    weight
        D a in packed order, shape (1 or n_classes, n_cells of all sessions).
    expected
        Lambda of each session.
    to
        Gradient of -Lambda to log share, log(D a) and H of every field, changed in place.
    """
    if packed.number == "poisson":
        return -expected
    start = packed.sessions.cell
    living = np.empty_like(expected)
    for s in range(len(expected)):
        of_class = weight[:, start[s] : start[s + 1]].sum(axis=1)
        living[s] = share[s] @ np.broadcast_to(of_class, share[s].shape)
    n_detected = np.bincount(packed.animals.session, minlength=len(expected)).astype(np.float64)
    term, to_expected, to_living = number_terms(packed.number, n_detected, expected, living)
    if not np.isfinite(term).all():
        return term
    to_share, to_log_weight, to_hazard = to
    to_hazard *= -to_expected[packed.fields.session][:, None]
    to_share *= -to_expected[:, None]
    for s in range(len(expected)):
        cells = slice(start[s], start[s + 1])
        of_class = share[s] if len(weight) > 1 else np.ones(1)
        to_log_weight[:, cells] *= -to_expected[s]
        to_log_weight[:, cells] += to_living[s] * of_class[:, None] * weight[:, cells]
        to_share[s] += to_living[s] * share[s] * weight[:, cells].sum(axis=1)
    return term
