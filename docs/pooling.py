"""How well the distribution that ten sessions share is found, and whether it helps.

Used by the tests; run as a script it writes ``validation/pooling.csv`` and ``pooling.md``.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import scr
from scr.errors import ScrWarning
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "pooling.csv"
PAGE = FOLDER / "pooling.md"

SPEC = scr.ModelSpec(density="~ (1 | session)")
APART = scr.ModelSpec(density="~ session")
N_SESSIONS, N_SURVEYS = 10, 30
MEAN, SD = -3.0, 0.6
K_HAT_LIMIT = 0.7

TRUTH = {
    "density.Intercept": MEAN,
    "density.session_sd": SD,
    "lambda0.Intercept": float(np.log(0.06)),
    "sigma.Intercept": float(np.log(1000.0)),
}


def survey_of(seed: int) -> tuple[scr.Survey, scr.HabitatMask, dict[str, float]]:
    """Ten sessions of 16 stations 1.5 km apart for 20 days, about four animals in each.

    Parameters
    ----------
    seed
        Seed of the effects of sessions, the animals and their detections.

    Returns
    -------
    tuple
        The survey, its mask, and the coefficients with the effects of sessions.
    """
    x, y = (axis.ravel() for axis in np.meshgrid(1500.0 * np.arange(4), 1500.0 * np.arange(4)))
    xy = [np.stack([x + 30_000.0 * k, y], axis=1) for k in range(N_SESSIONS)]
    traps = scr.Traps(
        names=[f"T{k}" for k in range(16)] * N_SESSIONS,
        xy=np.concatenate(xy),
        session=np.repeat([f"S{k:02d}" for k in range(N_SESSIONS)], 16),
        crs="local",
    )
    mask = scr.build_mask(traps, buffer=4000, spacing=750)
    plan = plan_survey(traps, [Usage(np.full((16, 4), 5.0))] * N_SESSIONS)
    survey, truth = scr.simulate_survey(plan, mask, SPEC, coefficients=TRUTH, seed=seed)
    return survey, mask, dict(truth.coefficients)


def judge(seed: int) -> dict[str, float]:
    """What the fits of one survey say of what is true.

    Parameters
    ----------
    seed
        Of the survey.
    """
    survey, mask, truth = survey_of(seed)
    log_d = MEAN + np.array([v for k, v in truth.items() if k.startswith("density.session[")])
    pooled, apart = (_fitted(survey, mask, spec) for spec in (SPEC, APART))
    logs, logs_apart = _log_densities(pooled), _log_densities(apart)
    lower, upper = np.quantile(logs, [0.025, 0.975], axis=1)
    sd = pooled.coefficients.loc["density.session_sd"]
    detected = np.array([session.captures.n_individuals for session in survey.sessions])
    return {
        "seed": seed,
        "animals": int(detected.sum()),
        "sessions_without": int((detected == 0).sum()),
        "engine": pooled.engine,
        "sd": sd["estimate"],
        "sd_lower": sd["lower"],
        "sd_upper": sd["upper"],
        "sd_held": bool(sd["lower"] <= SD <= sd["upper"]),
        "densities_held": float(((lower <= log_d) & (log_d <= upper)).mean()),
        "rmse": float(np.sqrt(((np.median(logs, axis=1) - log_d) ** 2).mean())),
        "rmse_apart": float(np.sqrt(((np.median(logs_apart, axis=1) - log_d) ** 2).mean())),
        "spread": float(np.std(np.median(logs, axis=1), ddof=1)),
        "spread_apart": float(np.std(np.median(logs_apart, axis=1), ddof=1)),
    }


def _fitted(survey: scr.Survey, mask: scr.HabitatMask, spec: scr.ModelSpec) -> scr.Fit:
    """By importance sampling, or by NUTS where that does not reach."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)
        fit = scr.fit_laplace(survey, mask, spec, draws=2000, check_mask=False)
        if fit.k_hat <= K_HAT_LIMIT:
            return fit
        return scr.fit_nuts(
            survey, mask, spec, draws=500, tune=150, chains=2, check_mask=False, progress=False
        )


def _log_densities(fit: scr.Fit) -> np.ndarray:
    """Log density of each session, shape (n_sessions, n_draws)."""
    design = fit.problem.design
    return np.array([design.log_density(fit.draws, k)[:, 0] for k in range(N_SESSIONS)])


def page_of(table: pd.DataFrame) -> str:
    """The page.

    Parameters
    ----------
    table
        A row for each survey, from ``judge``.
    """
    n, held, densities = len(table), int(table["sd_held"].sum()), table["densities_held"].mean()
    rmse, apart = (float(np.sqrt((table[k] ** 2).mean())) for k in ("rmse", "rmse_apart"))
    return "\n".join(
        [
            "# How well a shared distribution is recovered",
            "",
            f"Made by `docs/pooling.py`: {n} simulated surveys of {N_SESSIONS} sessions each, whose"
            f" log densities are normal with standard deviation {SD}. A survey has"
            f" {table['animals'].median():.0f} detected animals (median; {table['animals'].min()}"
            f" to {table['animals'].max()}), and {table['sessions_without'].mean():.1f} sessions"
            ' without one on average. Each is fitted with `density = "~ (1 | session)"`, and with'
            ' `"~ session"`, which gives every session a density of its own; default priors.'
            f" Importance sampling sufficed (k-hat at most {K_HAT_LIMIT}) for"
            f" {int((table['engine'] == 'laplace').sum())} of the pooled fits, NUTS made the rest.",
            "",
            "| | |",
            "|---|---|",
            f"| 95 % intervals of the standard deviation that hold it | {held} of {n} |",
            f"| medians of the standard deviation, mean | {table['sd'].mean():.2f} |",
            f"| 95 % intervals of log densities that hold them | {100 * densities:.1f} % of"
            f" {n * N_SESSIONS} |",
            f"| root mean squared error of log density, pooled | {rmse:.2f} |",
            f"| of its own for each session | {apart:.2f} |",
            f"| standard deviation of the ten estimates, pooled | {table['spread'].mean():.2f} |",
            f"| of its own for each session | {table['spread_apart'].mean():.2f} |",
            "",
            "Estimates that share a distribution lie nearer to each other than those of sessions on"
            " their own, and nearer to the truth.",
            "",
        ]
    )


if __name__ == "__main__":
    n_surveys = int(sys.argv[1]) if len(sys.argv) > 1 else N_SURVEYS
    results = pd.DataFrame([judge(seed) for seed in range(1, n_surveys + 1)])
    results.to_csv(RESULTS, index=False, float_format="%.4g")
    PAGE.write_text(page_of(results), encoding="utf-8")
