"""A model of one's own in PyMC: two reserves that share a distribution of sigma.

Used by the tests; run as a script it writes ``own_model.md``.
"""

import inspect
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pymc as pm

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
PAGE = FOLDER / "own_model.md"


def two_reserves() -> dict[str, tuple[scr.Survey, scr.HabitatMask]]:
    """Two surveys that are made up: 36 stations 2 km apart, and 16; sigma 1.8 and 2.4 km."""
    found = {}
    for k, (name, side, sigma) in enumerate((("Alder", 6, 1800.0), ("Birch", 4, 2400.0))):
        x, y = np.meshgrid(2000.0 * np.arange(side), 2000.0 * np.arange(side))
        xy = np.column_stack([x.ravel(), y.ravel()])
        names = np.array([f"{name}{i + 1}" for i in range(len(xy))], dtype=object)
        traps = scr.Traps(names=names, xy=xy, crs="local")
        mask = scr.build_mask(traps, buffer=9000, spacing=1000)
        plan = plan_survey(traps, Usage(np.full((len(xy), 3), 20.0)))
        truth = {
            "density.Intercept": np.log(0.06),
            "lambda0.Intercept": np.log(0.03),
            "sigma.Intercept": np.log(sigma),
        }
        made = scr.simulate_survey(plan, mask, scr.ModelSpec(), coefficients=truth, seed=71 + k)
        found[name] = (made[0], mask)
    return found


def model_of_reserves(reserves: dict[str, tuple[scr.Survey, scr.HabitatMask]]) -> pm.Model:
    """Each reserve has a density and a scale; scales come from one distribution."""
    with pm.Model() as model:
        mean = pm.Normal("log_sigma_mean", np.log(2000), 0.5)
        spread = pm.HalfNormal("log_sigma_sd", 0.3)
        log_lambda0 = pm.Normal("log_lambda0", np.log(0.03), 0.7)
        for name, (survey, mask) in reserves.items():
            offset = pm.Normal(f"{name}_offset", 0, 1)
            sigma = pm.Deterministic(f"{name}_sigma", pm.math.exp(mean + spread * offset))
            density = pm.LogNormal(f"{name}_density", np.log(0.05), 0.7)
            scr.SpatialCapture(
                f"{name}_captures",
                survey,
                mask,
                coefficients={
                    "density": pm.math.log(density),
                    "lambda0": log_lambda0,
                    "sigma": pm.math.log(sigma),
                },
                rows=500,
            )
    return model


def sampled(
    model: pm.Model, *, draws: int, tune: int, chains: int = 4, **options: Any
) -> tuple[Any, float]:
    """Chains, two at a time, and the seconds they took."""
    with model:
        start = perf_counter()
        trace = pm.sample(
            draws,
            tune=tune,
            chains=chains,
            cores=2,
            nuts_sampler="pymc",
            **options,
            random_seed=1,
            progressbar=False,
            quiet=True,
        )
    return trace, perf_counter() - start


def replicates(model: pm.Model, trace: Any) -> dict[str, Any]:
    """Numbers of animals detected in surveys drawn before and after the data."""
    with model:
        before = pm.sample_prior_predictive(200, random_seed=2)
        after = pm.sample_posterior_predictive(
            trace.isel(draw=slice(None, None, 10)), random_seed=3, progressbar=False
        )
    names = [variable.name for variable in model.observed_RVs]
    return {
        name: {
            "before": _n_detected(before["prior_predictive"][name]),
            "after": _n_detected(after["posterior_predictive"][name]),
        }
        for name in names
    }


def _n_detected(drawn: Any) -> np.ndarray[Any, Any]:
    """Rows with a detection in each draw."""
    values = drawn.to_numpy()
    number: np.ndarray[Any, Any] = (values.sum(axis=-1) > 0).sum(axis=-1).ravel()
    return number


def page() -> str:
    """The page, with the model as it ran."""
    reserves = two_reserves()
    model = model_of_reserves(reserves)
    trace, _ = sampled(model, draws=500, tune=500, target_accept=0.95)
    drawn = replicates(model, trace)
    scales = [
        f"| {name} | {survey.n_individuals} | {_interval(trace['posterior'][f'{name}_sigma'], 0)} |"
        f" {_counts(drawn[f'{name}_captures']['before'])} |"
        f" {_counts(drawn[f'{name}_captures']['after'])} |"
        for name, (survey, _) in reserves.items()
    ]
    return "\n".join(
        [
            "# A model of your own",
            "",
            "Made by `docs/own_model.py`. `scr.SpatialCapture` is a distribution of PyMC: the value"
            " is an array of counts, a row for each animal and zeros in the rows of those not seen;"
            " activity centres are summed out over the mask. Its parameters are any expressions, so"
            " that several surveys can share what you let them share.",
            "",
            "## Two reserves that share a distribution of sigma",
            "",
            "Both are made up, with sigma 1,800 and 2,400 m.",
            "",
            "```python",
            inspect.getsource(model_of_reserves).rstrip(),
            "```",
            "",
            "`pm.sample_prior_predictive` and `pm.sample_posterior_predictive` draw whole surveys."
            " Numbers of animals detected in them, median and 95 % interval:",
            "",
            "| reserve | animals detected | sigma, m | detected in surveys of the prior |"
            " of the posterior |",
            "|---|---|---|---|---|",
            *scales,
            "",
            "More animals in a draw than `rows` is an error. PyTensor warns that it calls Python to"
            " draw.",
            "",
            "Sessions that share a distribution need no model of your own: `(1 | session)` in a"
            " formula does it, as for [27 reserves](reserves.md). What is shown here is for models"
            " that formulas cannot say.",
            "",
        ]
    )


def _interval(draws: Any, digits: int) -> str:
    low, middle, high = np.quantile(draws.to_numpy(), [0.025, 0.5, 0.975])
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _counts(numbers: np.ndarray[Any, Any]) -> str:
    low, middle, high = np.quantile(numbers, [0.025, 0.5, 0.975])
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
