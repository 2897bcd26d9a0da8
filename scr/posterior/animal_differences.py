"""What each animal detected tells of its latent group, and of its effect on detection."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.likelihood.centres import class_probabilities


def animal_differences(fit: Fit, *, max_draws: int = 200) -> pd.DataFrame:
    r"""Probability that each animal detected is of each latent group, and its mean effect.

    .. math:: \Pr(u \mid y_i) \propto \psi_u \sum_m a D_m \Pr(y_i \mid m, u)

    averaged over draws; at the estimate for maximum likelihood. Not for the public: it names
    animals.

    Parameters
    ----------
    fit
        A fitted model with ``h2``, ``h3`` or ``individual`` in its formulas.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        One row per animal and session: session, individual, n_detections; ``group_1`` and so on
        with latent groups, summing to 1; ``effect`` on log lambda0 (logit g0) where animals have
        one, drawn towards 0 as an animal tells little.

    Raises
    ------
    FitError
        If the model takes animals of a sex to be alike.

    References
    ----------
    Pledger (2000) Biometrics 56:434-442, section 3.
    """
    classes = fit.problem.design.classes
    if classes.n_groups * classes.n_nodes == 1:
        msg = (
            "The model takes animals of a sex to be alike, so that none differs from another. "
            "Name h2, h3 or individual in a formula of detection, as in lambda0 = '~ h2'."
        )
        raise FitError(msg)
    thetas = thinned(fit.draws, max_draws) if fit.point is None else fit.point[None]
    of_group = classes.group[:, None] == np.arange(classes.n_groups)
    node = classes.nodes[classes.node]
    sd_at = fit.coefficient_names.index(fit.spec.effect_name) if fit.spec.has_individual else 0

    def at(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        probability = class_probabilities(fit.problem, theta)
        effect = theta[sd_at] * (probability @ node)
        return np.column_stack([probability @ of_group, effect])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        mean = np.mean(list(pool.map(at, thetas)), axis=0)
    table = _animals(fit)
    if classes.n_groups > 1:
        for group in range(classes.n_groups):
            table[f"group_{group + 1}"] = mean[:, group]
    if fit.spec.has_individual:
        table["effect"] = mean[:, -1]
    return table


def _animals(fit: Fit) -> pd.DataFrame:
    """Session, name and detections of each animal, in the order of the likelihood."""
    frames = []
    for index, session in enumerate(fit.problem.design.survey.sessions):
        captures = session.captures
        detections = np.bincount(
            captures.individual, captures.count, minlength=captures.n_individuals
        )
        frames.append(
            pd.DataFrame(
                {
                    "session": fit.survey.sessions[fit.problem.session_of[index]].name,
                    "individual": captures.individuals,
                    "n_detections": detections.astype(np.int64),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
