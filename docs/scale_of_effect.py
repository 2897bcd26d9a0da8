"""Whether the scale at which a covariate acts on density is found again in simulated surveys.

Run as a script it writes ``validation/scale_of_effect.csv`` and ``scale_of_effect.md``; with the
table there, it goes on where it was stopped.
"""

import tempfile
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from affine import Affine

import scr
from scr.errors import ScrWarning
from scr.io.rasters import write_geotiff
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "scale_of_effect.csv"
TEMPLATE = FOLDER / "scale_of_effect.template.md"
PAGE = FOLDER / "scale_of_effect.md"

LAYERS = (250, 500, 1000, 2000)
FORMULA = f"~ scale_of({', '.join(f'forest_{scale}' for scale in LAYERS)})"
TRUTHS = {(700, 0.8): range(401, 421), (1400, 0.8): range(401, 421), (700, 0.0): range(401, 411)}
"""Seeds of the surveys of each true scale, metres, and slope per standard deviation."""

N_DRAWS = 1000
_PIXEL = 100.0


@lru_cache
def ground() -> tuple[scr.Traps, scr.HabitatMask]:
    """81 stations 1 km apart, and cells with layers of a patchy raster, those of the truth too."""
    x, y = (axis.ravel() for axis in np.meshgrid(1000.0 * np.arange(9), 1000.0 * np.arange(9)))
    names = [f"T{k:02d}" for k in range(81)]
    traps = scr.Traps(names=names, xy=np.stack([x, y], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=2000, spacing=500)
    values = np.random.default_rng(1).uniform(size=(280, 280))
    place = Affine(_PIXEL, 0, -10_000.0, 0, -_PIXEL, 18_000.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forest.tif"
        write_geotiff(path, {"forest": values}, transform=place, crs="local", units="1")
        mask = scr.sample_raster(mask, path, name="forest", scales=LAYERS)
        for metres in {metres for metres, _ in TRUTHS}:
            mask = scr.sample_raster(mask, path, name="truth", scales=(metres,), standardise=True)
    return traps, mask


def survey_of(metres: int, slope: float, seed: int) -> scr.Survey:
    """80 days in which density follows the raster as it is at one scale.

    Parameters
    ----------
    metres, slope
        The scale, and the slope per standard deviation.
    seed
        Of the animals and their detections.
    """
    traps, mask = ground()
    truth = {
        "density.Intercept": float(np.log(0.8)),
        f"density.truth_{metres}": slope,
        "lambda0.Intercept": float(np.log(0.05)),
        "sigma.Intercept": float(np.log(500.0)),
    }
    survey, _ = scr.simulate_survey(
        plan_survey(traps, [Usage(np.full((81, 8), 10.0))]),
        mask,
        scr.ModelSpec(density=f"~ truth_{metres}"),
        coefficients=truth,
        seed=seed,
    )
    return survey


def judge(metres: int, slope: float, seed: int) -> dict[str, object]:
    """Estimates of scale and slope from one survey.

    Parameters
    ----------
    metres, slope, seed
        Of the survey.
    """
    survey, (_, mask) = survey_of(metres, slope, seed), ground()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)
        fit = scr.fit_laplace(
            survey, mask, scr.ModelSpec(density=FORMULA), draws=N_DRAWS, check_mask=False, cores=1,
            seed=seed,
        )  # fmt: skip
    (scale,) = fit.problem.design.density.scales
    place = fit.coefficient_names.index(f"density.{scale.names[1]}")
    of_scale = np.quantile(scale.metres(fit.draws[:, place]), [0.025, 0.5, 0.975])
    of_slope = np.quantile(fit.draws[:, place - 1], [0.025, 0.5, 0.975])
    (check,) = [check for check in fit.checks if check.name == "scale_of_effect"]
    return {
        "true_scale": metres,
        "true_slope": slope,
        "seed": seed,
        "animals": survey.n_individuals,
        "scale_lower": of_scale[0],
        "scale": of_scale[1],
        "scale_upper": of_scale[2],
        "slope_lower": of_slope[0],
        "slope": of_slope[1],
        "slope_upper": of_slope[2],
        "identified": check.passed,
        "k_hat": fit.k_hat,
    }


def run(path: Path = RESULTS) -> pd.DataFrame:
    """Work out what is not in the file yet, row by row.

    Parameters
    ----------
    path
        The file.
    """
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    keys = ["true_scale", "true_slope", "seed"]
    done = set(table[keys].itertuples(index=False, name=None)) if len(table) else set()
    for (metres, slope), seeds in TRUTHS.items():
        for seed in seeds:
            if (metres, slope, seed) not in done:
                row = pd.DataFrame([judge(metres, slope, seed)])
                table = pd.concat([table, row], ignore_index=True)
                table.to_csv(path, index=False, float_format="%.6g")
    return table


def page_of(table: pd.DataFrame) -> str:
    """The page.

    Parameters
    ----------
    table
        From ``run``.
    """
    rows = [
        "| true scale | true slope | surveys | animals | scale, median of estimates (middle nine "
        "tenths) | intervals that hold the scale | slope, mean of estimates | intervals that hold "
        "the slope | said to be identified | largest k-hat |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (metres, slope), of in table.groupby(["true_scale", "true_slope"], sort=False):
        low, middle, high = of["scale"].quantile([0.05, 0.5, 0.95])
        held = ((of["scale_lower"] <= metres) & (metres <= of["scale_upper"])).sum()
        of_slope = ((of["slope_lower"] <= slope) & (slope <= of["slope_upper"])).sum()
        no_scale = slope == 0
        told = "none" if no_scale else f"{metres:,} m"
        spread = f"{middle:,.0f} m ({low:,.0f} to {high:,.0f})"
        rows.append(
            f"| {told} | {slope:g} | {len(of)} | {of['animals'].median():.0f} | {spread} | "
            f"{'' if no_scale else f'{held} of {len(of)}'} | {of['slope'].mean():.2f} | "
            f"{of_slope} of {len(of)} | {of['identified'].sum()} of {len(of)} | "
            f"{of['k_hat'].max():.2f} |"
        )
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.replace("@TABLE@", "\n".join(rows)).replace("@N_DRAWS@", f"{N_DRAWS:,}")


if __name__ == "__main__":
    PAGE.write_text(page_of(run()), encoding="utf-8")
