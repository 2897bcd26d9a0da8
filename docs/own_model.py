"""Models of one's own in PyMC: two reserves that share a scale, and 27 that share a density.

Used by the tests; run as a script it writes ``own_model.md``. The 27 reserves are those of Rogan et
al. (2022); they are read from the folder given, and left as they are in the page without one.
"""

import inspect
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import pymc as pm

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
PAGE = FOLDER / "own_model.md"
TABLE = FOLDER / "validation" / "reserves.csv"

LARGEST_R_HAT = 1.01
_TOO_SHORT = " The chains are too short for a paper: let them run longer."


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


def read_leopards(folder: Path) -> tuple[scr.Survey, scr.HabitatMask]:
    """27 protected areas: one session each, counts over all days, sexes partly unknown."""
    tables = {
        name: pd.read_csv(folder / f"{name}.csv", dtype={"trap": str, "individual": str})
        for name in ("traps", "detections")
    }
    traps = scr.read_traps(tables["traps"], crs="local")
    survey = scr.read_survey(tables["detections"], traps, usage=tables["traps"], detector="count")
    return survey, scr.build_mask(traps, buffer=15_000, spacing=1_000)


def model_of_leopards(survey: scr.Survey, mask: scr.HabitatMask) -> pm.Model:
    """Log densities of the reserves from one normal; lambda0 and sigma by sex in all."""
    with pm.Model(coords={"reserve": [session.name for session in survey.sessions]}) as model:
        mean = pm.Normal("log_density_mean", np.log(0.05), 1)
        spread = pm.HalfNormal("log_density_sd", 1)
        density = pm.Normal("log_density", mean, spread, dims="reserve")
        scr.SpatialCapture(
            "captures",
            survey,
            mask,
            spec=scr.ModelSpec(density="~ 0 + session", lambda0="~ sex", sigma="~ sex"),
            coefficients={
                "density": density,
                "lambda0": pm.Normal("log_lambda0", [np.log(0.03), 0], [1, 1]),
                "sigma": pm.Normal("log_sigma", [np.log(2000), 0], [0.7, 0.7]),
                "share": pm.Normal("logit_males", 0, 1.5),
            },
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


def densities_of_leopards(folder: Path) -> pd.DataFrame:
    """Animals per 100 km2 in each of the 27 reserves, and how the sampling went.

    Parameters
    ----------
    folder
        Where traps.csv and detections.csv are.
    """
    survey, mask = read_leopards(folder)
    trace, seconds = sampled(model_of_leopards(survey, mask), draws=200, tune=200, chains=2)
    density = 100.0 * np.exp(trace["posterior"]["log_density"])
    lower, median, upper = density.quantile([0.025, 0.5, 0.975], dim=("chain", "draw")).to_numpy()
    r_hat = az.rhat(trace)
    return pd.DataFrame(
        {
            "reserve": [session.name.rsplit("_", 1)[0] for session in survey.sessions],
            "year": [session.name.rsplit("_", 1)[1] for session in survey.sessions],
            "animals": [session.captures.n_individuals for session in survey.sessions],
            "median": median,
            "lower": lower,
            "upper": upper,
            "r_hat": max(float(values.max()) for values in r_hat.dataset.values()),
            "divergences": int(trace["sample_stats"]["diverging"].sum()),
            "seconds": seconds,
        }
    )


def page_of(leopards: pd.DataFrame | None) -> str:
    """The page, with the models as they ran.

    Parameters
    ----------
    leopards
        From ``densities_of_leopards``; None where they have not been sampled.
    """
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
            *([] if leopards is None else _of_leopards(leopards)),
        ]
    )


def _of_leopards(leopards: pd.DataFrame) -> list[str]:
    first = leopards.iloc[0]
    rows = [
        f"| {row.reserve} | {row.year} | {row.animals} | {row.median:.2f} |"
        f" {row.lower:.2f} to {row.upper:.2f} |"
        for row in leopards.itertuples()
    ]
    return [
        "## 27 reserves that share a distribution of density",
        "",
        "Leopards in South African protected areas (Rogan et al. 2022): one survey, a session"
        f" for each reserve, {leopards['animals'].sum()} animals. Two reserves without a"
        " detection have densities too.",
        "",
        "```python",
        inspect.getsource(model_of_leopards).rstrip(),
        "```",
        "",
        f"Two chains of 200 draws after 200 steps took {first['seconds']:.0f} s on two cores:"
        f" R-hat at most {first['r_hat']:.3f}, {first['divergences']} divergences."
        + ("" if first["r_hat"] <= LARGEST_R_HAT else _TOO_SHORT),
        "",
        "| reserve | year | animals detected | per 100 km2 | 95 % |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]


def _interval(draws: Any, digits: int) -> str:
    low, middle, high = np.quantile(draws.to_numpy(), [0.025, 0.5, 0.975])
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _counts(numbers: np.ndarray[Any, Any]) -> str:
    low, middle, high = np.quantile(numbers, [0.025, 0.5, 0.975])
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        densities_of_leopards(Path(sys.argv[1])).to_csv(TABLE, index=False, float_format="%.4g")
    table = pd.read_csv(TABLE, dtype={"year": str}) if TABLE.exists() else None
    PAGE.write_text(page_of(table), encoding="utf-8")
