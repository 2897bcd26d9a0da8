"""Choosing among models: the demo's table, and what weights were worth in simulated surveys.

Run as a script it writes ``validation/choosing_models.csv`` and ``choosing_models.md``.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import scr
import scr.demo
from scr.errors import ScrWarning
from scr.fit.comparison import Comparison
from scr.fit.plug_in import plug_in_of
from scr.fit.result import Fit
from scr.posterior.averaging import averaged_estimate
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "choosing_models.csv"
PAGE = FOLDER / "choosing_models.md"

N_SURVEYS = 100
FIRST_SEED = 420_001
SLOPES = {"no effect": 0.0, "a weak effect": 0.25, "a clear effect": 0.7}
"""Slope of log density on the covariate, which has standard deviation 1 over the mask."""

TRUTH = {
    "density.Intercept": np.log(0.25),
    "lambda0.Intercept": np.log(0.05),
    "sigma.Intercept": np.log(800.0),
}
SPECS = {"constant": scr.ModelSpec(), "slope": scr.ModelSpec(density="~ hill")}
Z_95 = 1.96
SIX = {
    "elevation and border": {"density": "~ scale(elevation) + beyond_border"},
    "elevation": {"density": "~ scale(elevation)"},
    "border": {"density": "~ beyond_border"},
    "forest and border": {"density": "~ scale(forest) + beyond_border"},
    "constant": {"density": "~ 1"},
    "sexes move alike": {"density": "~ scale(elevation) + beyond_border", "sigma": "~ 1"},
}
"""Six models of the demo; in all lambda0 differs between the sexes, and sigma where not said."""


def place() -> tuple[scr.Survey, scr.HabitatMask]:
    """Forty-nine stations for 40 days, with a covariate that rises to the east, and waves."""
    axis = 1200.0 * np.arange(7)
    x, y = np.meshgrid(axis, axis)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    traps = scr.Traps(names=[f"T{k}" for k in range(len(xy))], xy=xy, crs="local")
    mask = scr.build_mask(traps, buffer=3500, spacing=500)
    hill = mask.xy[:, 0] / 4000 + np.sin(mask.xy[:, 1] / 1500)
    mask = mask.with_covariate("hill", (hill - hill.mean()) / hill.std())
    return plan_survey(traps, Usage(np.full((len(xy), 4), 10.0))), mask


def number_in_the_east(fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Expected number of animals in the eastern half at the estimate, and its standard error."""
    point, root = plug_in_of(fit)
    columns = fit.problem.design.density_columns
    block = fit.problem.design.blocks["density"]
    east = fit.mask.xy[:, 0] > np.median(fit.mask.xy[:, 0])
    cells = np.exp(columns[east] @ point[block]) * fit.mask.cell_area[east]
    slope = cells @ columns[east]
    return np.array([cells.sum()]), np.array([np.linalg.norm(slope @ root[block])])


def holds(value: np.ndarray, error: np.ndarray, truth: float) -> bool:
    """Whether the log-normal 95 % interval of an estimate holds the truth."""
    return bool(abs(np.log(truth / value[0])) < Z_95 * error[0] / value[0])


def study(n_surveys: int = N_SURVEYS) -> pd.DataFrame:
    """Simulate surveys with each slope, fit both models, compare them by AIC.

    Returns
    -------
    DataFrame
        One row per survey: slope, n (animals), weight (of the model with the slope), p_value (of
        the likelihood ratio), and whether the interval of the number in the eastern half holds the
        truth: best (of the model AIC prefers), averaged, and slope_model.
    """
    plan, mask = place()
    hill = mask.covariates["hill"].to_numpy(dtype=np.float64)
    east = mask.xy[:, 0] > np.median(mask.xy[:, 0])
    rows = []
    for kind, slope in SLOPES.items():
        truth = float(np.exp(TRUTH["density.Intercept"] + slope * hill[east])
                      @ mask.cell_area[east])  # fmt: skip
        for seed in range(FIRST_SEED, FIRST_SEED + n_surveys):
            survey, _ = scr.simulate_survey(
                plan, mask, SPECS["slope"], coefficients={**TRUTH, "density.hill": slope}, seed=seed
            )
            fits = scr.fit_all(survey, mask, SPECS, engine="mle", check_mask=False)
            found = scr.compare(fits)
            numbers = {name: number_in_the_east(fit) for name, fit in found.fits.items()}
            mean = averaged_estimate(*zip(*numbers.values(), strict=True), [*found.weights])
            rows.append(
                {
                    "kind": kind,
                    "n": survey.n_individuals,
                    "weight": found.weights["slope"],
                    "p_value": fits["slope"].likelihood_ratio(fits["constant"]).p_value,
                    "best": holds(*numbers[next(iter(found.fits))], truth),
                    "averaged": holds(*mean, truth),
                    "slope_model": holds(*numbers["slope"], truth),
                }
            )
    return pd.DataFrame(rows)


def compared_demo() -> tuple[Comparison, Fit, Fit]:
    """The six models of the demo; and by maximum likelihood the first of them and the constant."""
    project = scr.load_project(scr.demo.data_folder())
    specs = {
        name: scr.ModelSpec(**{"lambda0": "~ sex", "sigma": "~ sex", **formulas})
        for name, formulas in SIX.items()
    }
    data = (project.survey, project.mask)
    comparison = scr.compare(scr.fit_all(*data, specs, draws=1000, check_mask=False))
    chosen = {name: specs[name] for name in ("elevation and border", "constant")}
    mle = scr.fit_all(*data, chosen, engine="mle", check_mask=False)
    return comparison, mle["elevation and border"], mle["constant"]


def page(results: pd.DataFrame, comparison: Comparison, large: Fit, small: Fit) -> str:
    """The page."""
    test, limits = large.likelihood_ratio(small), large.profile()
    border = limits.loc["density.beyond_border"]
    normal = large.coefficients.loc["density.beyond_border"]
    text = (FOLDER / "choosing_models.template.md").read_text(encoding="utf-8")
    table = comparison.table.assign(weight=comparison.weights)
    return text.format(
        models="\n".join(_model_rows(table)),
        n_surveys=len(results) // len(SLOPES),
        study="\n".join(_study_rows(results)),
        statistic=f"{test.statistic:.1f}",
        df=test.df,
        p_value=f"{test.p_value:.2g}",
        profile=f"{border['lower']:.2f} to {border['upper']:.2f}",
        wald=f"{normal['lower']:.2f} to {normal['upper']:.2f}",
        estimate=f"{border['estimate']:.2f}",
        smallest=int(results["n"].min()),
        largest=int(results["n"].max()),
        **_weak_effect(results),
    )


def _weak_effect(results: pd.DataFrame) -> dict[str, str]:
    """Shares of the surveys with a weak effect, for the text."""
    part = results[results["kind"] == "a weak effect"]
    shares = {
        "weak_seen": (part["weight"] > 0.5).mean(),
        "weak_best": part["best"].mean(),
        "weak_averaged": part["averaged"].mean(),
        "weak_full": part["slope_model"].mean(),
    }
    return {name: f"{share:.0%}".replace("%", " %") for name, share in shares.items()}


def _model_rows(table: pd.DataFrame) -> list[str]:
    heading = (
        "| model | coefficients | delta AIC | AIC weight | elpd difference (se) | largest k | "
        "stacking weight |"
    )
    rows = [heading, "|---|---|---|---|---|---|---|"]
    for name, row in table.iterrows():
        rows.append(
            f"| {name} | {row['n_coefficients']:.0f} | {row['delta_aic']:.1f} | "
            f"{row['weight_aic']:.2f} | {row['elpd_difference']:.1f} "
            f"({row['se_difference']:.1f}) | {row['largest_k']:.2f} | "
            f"{row['weight_stacking']:.2f} |"
        )
    return rows


def _study_rows(results: pd.DataFrame) -> list[str]:
    rows = [
        "| truth | AIC prefers the slope | p < 0.05 | weight of the slope, quartiles | interval "
        "holds: model preferred | averaged | model with the slope |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, slope in SLOPES.items():
        part = results[results["kind"] == kind]
        low, middle, high = part["weight"].quantile([0.25, 0.5, 0.75])
        shares = [part[name].mean() for name in ("best", "averaged", "slope_model")]
        rows.append(
            f"| {kind} ({slope:g}) | {(part['weight'] > 0.5).mean():.0%} | "
            f"{(part['p_value'] < 0.05).mean():.0%} | {low:.2f}, {middle:.2f}, {high:.2f} | "
            + " | ".join(f"{share:.0%}" for share in shares)
            + " |"
        )
    return [row.replace("%", " %") for row in rows]


def main() -> None:
    """Run the study, or take it from its file (``page``), and write the page."""
    if "page" not in sys.argv:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ScrWarning)
            study().to_csv(RESULTS, index=False, float_format="%.6g")
    PAGE.write_text(page(pd.read_csv(RESULTS), *compared_demo()), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
