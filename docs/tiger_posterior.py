"""The tigers' posterior by nimbleSCR, with data augmentation, against ours.

With N uniform (its psi), p0 and sigma uniform, the other posterior is ours under priors that are
flat in density, g0 and sigma: a Poisson N whose mean is uniform is itself uniform. Ours is drawn
with flat priors on the link scales and weighted by the Jacobian D g0 (1 - g0) sigma.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from recorded_figures import recorded_models
from reference_surveys import REFERENCE, read_reference
from scipy.special import expit

import scr
from scr.posterior.abundance import abundance_draws


def recorded(root: Path = REFERENCE) -> pd.DataFrame:
    """Posterior by nimbleSCR: N, sigma in metres and p0, with mean, sd, quantiles and ess.

    Parameters
    ----------
    root
        Where the folder is.
    """
    path = root / "tiger_bayes" / "tiger_nimbleSCR.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    table = pd.DataFrame(record["posterior"]).set_index("par").loc[["N", "sigma", "p0"]]
    return table.assign(ess=[record["ess"][name] for name in table.index])


def ours(draws: int = 4000) -> pd.DataFrame:
    """The same from Laplace importance sampling and joint draws of realised N.

    Parameters
    ----------
    draws
        Draws of the coefficients.
    """
    (model,) = recorded_models("tiger_bayes")
    survey, mask = read_reference("tiger_bayes")
    flat = {name: scr.Normal(0.0, 100.0) for name in model.estimates}
    fit = scr.fit_laplace(survey, mask, replace(model.spec, priors=flat), draws=draws, seed=1)
    n = abundance_draws(fit, max_draws=draws).realised.iloc[:, 0].to_numpy(dtype=np.float64)
    log_density, logit_g0, log_sigma = fit.draws.T
    g0 = expit(logit_g0)
    weight = np.exp(log_density + log_sigma) * g0 * (1 - g0)
    weight /= weight.sum()
    values = {"N": n, "sigma": np.exp(log_sigma), "p0": g0}
    rows = {name: _summary(value, weight) for name, value in values.items()}
    return pd.DataFrame(rows).T.assign(ess=1 / (weight**2).sum())


def _summary(value: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    mean = weight @ value
    order = np.argsort(value)
    below = np.cumsum(weight[order])
    quantiles = {
        f"{100 * p:g}%": value[order][np.searchsorted(below, p)] for p in (0.025, 0.5, 0.975)
    }
    return {"mean": mean, "sd": np.sqrt(weight @ (value - mean) ** 2), **quantiles}
