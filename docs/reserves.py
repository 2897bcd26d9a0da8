"""27 reserves in one model, whose densities, lambda0 and sigma share distributions.

Leopards in South African protected areas (Rogan et al. 2022). Run as a script with the folder of
``traps.csv`` and ``detections.csv`` it fits them, and writes ``validation/reserves.csv`` and
``reserves.md``: names and densities, no coordinates. Without a folder it writes the page from the
table that is there.
"""

import sys
import warnings
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

import scr
from scr.errors import MaskWarning
from scr.units import per_100_km2

FOLDER = Path(__file__).parent
PAGE = FOLDER / "reserves.md"
TABLE = FOLDER / "validation" / "reserves.csv"

SPEC = scr.ModelSpec(
    density="~ (1 | session)",
    lambda0="~ sex + (1 | session)",
    sigma="~ sex + (1 | session)",
)
DRAWS, WARM_UP, CHAINS = 600, 150, 4
LARGEST_R_HAT, MOST_SECONDS = 1.01, 180.0

_MODEL = """\
spec = scr.ModelSpec(
    density="~ (1 | session)",
    lambda0="~ sex + (1 | session)",
    sigma="~ sex + (1 | session)",
)
fit = scr.fit_nuts(survey, mask, spec, draws={draws}, tune={tune}, chains={chains}, seed=1)"""


def read_leopards(folder: Path) -> tuple[scr.Survey, scr.HabitatMask]:
    """27 protected areas: one session each, counts over all days, sexes partly unknown.

    Parameters
    ----------
    folder
        Where traps.csv and detections.csv are.
    """
    tables = {
        name: pd.read_csv(folder / f"{name}.csv", dtype={"trap": str, "individual": str})
        for name in ("traps", "detections")
    }
    traps = scr.read_traps(tables["traps"], crs="local")
    survey = scr.read_survey(tables["detections"], traps, usage=tables["traps"], detector="count")
    return survey, scr.build_mask(traps, buffer=15_000, spacing=1_000)


def densities_of_leopards(folder: Path) -> pd.DataFrame:
    """Animals per 100 km2 in each of the 27 reserves, and how the sampling went.

    Parameters
    ----------
    folder
        Where traps.csv and detections.csv are.
    """
    survey, mask = read_leopards(folder)
    begun, worked = perf_counter(), process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("default", MaskWarning)
        fit = scr.fit_nuts(
            survey,
            mask,
            SPEC,
            draws=DRAWS,
            tune=WARM_UP,
            chains=CHAINS,
            cores=2,
            seed=1,
            progress=False,
        )
    seconds, of_cores = perf_counter() - begun, process_time() - worked
    design, stats = fit.problem.design, fit.sample_stats
    logs = [design.log_density(fit.draws, index)[:, 0] for index in range(len(survey.sessions))]
    lower, median, upper = np.quantile(per_100_km2(np.exp(logs)), [0.025, 0.5, 0.975], axis=1)
    names = [session.name.rsplit("_", 1) for session in survey.sessions]
    return pd.DataFrame(
        {
            "reserve": [name for name, _ in names],
            "year": [year for _, year in names],
            "animals": [session.captures.n_individuals for session in survey.sessions],
            "median": median,
            "lower": lower,
            "upper": upper,
            **{
                f"{parameter}_sd{end}": fit.coefficients.loc[f"{parameter}.session_sd", column]
                for parameter in ("density", "lambda0", "sigma")
                for end, column in (("", "estimate"), ("_lower", "lower"), ("_upper", "upper"))
            },
            "r_hat": fit.coefficients["rhat"].max(),
            "least_effective": fit.coefficients[["ess_bulk", "ess_tail"]].min().min(),
            **{
                check.name: check.value
                for check in fit.checks
                if check.name in {"mask_wider", "mask_finer"}
            },
            "divergences": int(stats["diverging"].sum()),
            "gradients_of_draws": int(stats["n_steps"].sum()),
            "seconds": seconds,
            "seconds_of_cores": of_cores,
        }
    )


def page_of(table: pd.DataFrame) -> str:
    """The page.

    Parameters
    ----------
    table
        From ``densities_of_leopards``.
    """
    first = table.iloc[0]
    rows = [
        f"| {row.reserve} | {row.year} | {row.animals} | {row.median:.2f} |"
        f" {row.lower:.2f} to {row.upper:.2f} |"
        for row in table.itertuples()
    ]
    spreads = [
        f"| log {name} | {first[f'{name}_sd']:.2f} |"
        f" {first[f'{name}_sd_lower']:.2f} to {first[f'{name}_sd_upper']:.2f} |"
        for name in ("density", "lambda0", "sigma")
    ]
    return "\n".join(
        [
            "# 27 reserves that share distributions",
            "",
            "Made by `docs/reserves.py`. Leopards in South African protected areas (Rogan et al."
            f" 2022): one survey, a session for each reserve, {table['animals'].sum()} animals of"
            " sexes partly unknown. Densities of the reserves have a normal distribution on the"
            " log scale whose mean and standard deviation are estimated, and so have lambda0 and"
            f" sigma. The {(table['animals'] == 0).sum()} reserves without a detection have a"
            " density too: what is known of it is what their cameras did not see, and what the"
            " others are like.",
            "",
            "```python",
            _MODEL.format(draws=DRAWS, tune=WARM_UP, chains=CHAINS),
            "```",
            "",
            f"{CHAINS} chains of {DRAWS} draws after {WARM_UP} steps, two at a time, took"
            f" {first['seconds']:.0f} s from the survey to the fit ({first['seconds_of_cores']:.0f}"
            " s of the cores together), the search for the mode and the checks of the mask"
            f" included: R-hat at most {first['r_hat']:.4f}, {first['least_effective']:.0f}"
            " effective draws or more for every coefficient,"
            f" {first['divergences']} divergences. A buffer wider by half moves the mean density by"
            f" {first['mask_wider']:.2f} of its standard deviation, cells of half the side by"
            f" {first['mask_finer']:.2f}.",
            "",
            "| standard deviation among reserves | median | 95 % |",
            "|---|---|---|",
            *spreads,
            "",
            "| reserve | year | animals detected | per 100 km2 | 95 % |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        found = densities_of_leopards(Path(sys.argv[1]))
        found.to_csv(TABLE, index=False, float_format="%.4g")
        print(found.drop(columns=["reserve", "year", "animals"]).iloc[0].to_string())
    PAGE.write_text(page_of(pd.read_csv(TABLE, dtype={"year": str})), encoding="utf-8")
