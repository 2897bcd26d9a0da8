"""Compare this package with figures recorded from other programs, and write validation.md.

    python docs/validation.py                  everything (an hour)
    python docs/validation.py points fits      some sections again; the others as they were

Needs ../shared/reference beside the checkout. Each section is kept as a table in docs/validation/.
"""

import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from recorded_figures import RecordedModel, recorded_models, recorded_region_n
from recovery import coverage, study
from reference_surveys import (
    READERS,
    constants,
    effective_area,
    expected_n,
    log_mean_density,
    read_reference,
    region_raster_path,
    snow_leopard_region,
)
from tiger_posterior import ours as our_tigers
from tiger_posterior import recorded as recorded_tigers

import scr
from scr.errors import MaskWarning

HERE = Path(__file__).resolve().parent
TABLES = HERE / "validation"
ENGINE_MODELS = {"snow_leopards": ["m0", "m1"], "tiger_nagarahole": ["HHN"], "phinda": ["by sex"]}


def points() -> pd.DataFrame:
    """Log-likelihood at given coefficients."""
    rows = []
    for name in READERS:
        for model in recorded_models(name):
            if not model.points:
                continue
            survey, mask = read_reference(name, detector=model.detector)
            for number, (coefficients, recorded) in enumerate(model.points, start=1):
                ours = scr.log_likelihood(survey, mask, model.spec, coefficients=coefficients)
                ours += constants(survey)
                rows.append(
                    {
                        "survey": name,
                        "model": model.label,
                        "point": number,
                        "recorded": f"{recorded:.9f}",
                        "ours": f"{ours:.9f}",
                        "relative difference": f"{abs(ours / recorded - 1):.0e}",
                    }
                )
    return pd.DataFrame(rows)


def _fitted(model: RecordedModel) -> scr.Fit:
    survey, mask = read_reference(model.survey, detector=model.detector)
    return scr.fit_mle(survey, mask, model.spec, check_mask=False)


def fits() -> pd.DataFrame:
    """Maximum likelihood: log-likelihood and every coefficient."""
    rows = []
    for name in READERS:
        for model in recorded_models(name):
            fit = _fitted(model)
            ours = fit.log_likelihood + constants(fit.survey)
            rows.append(
                {
                    "survey": name,
                    "model": model.label,
                    "figure": "log-likelihood",
                    "recorded": f"{model.log_likelihood:.6f}",
                    "ours": f"{ours:.6f}",
                    "difference": f"{ours - model.log_likelihood:.0e}",
                    "recorded SE": "",
                    "our SE": "",
                }
            )
            for coefficient, (estimate, se) in model.estimates.items():
                found = fit.coefficients.loc[coefficient]
                rows.append(
                    {
                        "survey": name,
                        "model": model.label,
                        "figure": f"`{coefficient}`",
                        "recorded": f"{estimate:.5f}",
                        "ours": f"{found['estimate']:.5f}",
                        "difference": f"{(found['estimate'] - estimate) / se:.0e} SE",
                        "recorded SE": f"{se:.5f}",
                        "our SE": f"{found['se']:.5f}",
                    }
                )
    return pd.DataFrame(rows)


def wholes() -> pd.DataFrame:
    """Animals expected on the mask, and the effective sampling area."""
    rows = []
    for name in READERS:
        for model in recorded_models(name):
            if model.expected_n is None or model.esa is None:
                continue
            fit = _fitted(model)
            pairs = ((model.expected_n, expected_n(fit)), (model.esa, effective_area(fit)))
            row = {"survey": name, "model": model.label}
            for what, (recorded, ours) in zip(("expected N", "esa, km2"), pairs, strict=True):
                row |= {
                    f"{what}, recorded": f"{recorded:.6g}",
                    f"{what}, ours": f"{ours:.6g}",
                    f"{what}, difference": f"{100 * (ours / recorded - 1):.4f} %",
                }
            rows.append(row)
    return pd.DataFrame(rows)


def extrapolation() -> pd.DataFrame:
    """Snow leopards in the region, and from the raster; density of Phinda by sex."""
    rows = []
    region = snow_leopard_region()
    for model in recorded_models("snow_leopards"):
        recorded = recorded_region_n(model.label)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MaskWarning)
            table = scr.abundance(_fitted(model), region, session="1")
        ours = table.loc[table["estimand"] == "expected N", "median"].iloc[0]
        rows.append((f"snow leopards {model.label}: expected N in the region", recorded, ours))
    survey, mask = read_reference("snow_leopards")
    mask, region = (
        scr.sample_raster(cells, region_raster_path(), name="elevation") for cells in (mask, region)
    )
    fit = scr.fit_mle(survey, mask, scr.ModelSpec(density="~ scale(elevation)"))
    log_density = fit.problem.design.predict_log_density(fit.point, region)
    maximum = fit.log_likelihood + constants(survey)
    n = float(np.exp(log_density) @ region.cell_area)
    rows.append(("snow leopards, elevation from the raster: log-likelihood", -254.63, maximum))
    rows.append(("snow leopards, elevation from the raster: expected N in the region", 260, n))
    by_sex = next(m for m in recorded_models("phinda") if m.label == "by sex")
    density = 100 * np.exp(_fitted(by_sex).coefficients["estimate"]["density.Intercept"])
    rows.append(("Phinda by sex, full mixture: animals per 100 km2", 8.18, density))
    return pd.DataFrame(
        [(what, f"{recorded:.6g}", f"{ours:.4f}") for what, recorded, ours in rows],
        columns=["figure", "recorded", "ours"],
    )


def engines() -> pd.DataFrame:
    """Log of the mean density by each engine, under priors so wide that they say nothing."""
    rows = []
    for name, labels in ENGINE_MODELS.items():
        for model in recorded_models(name):
            if model.label not in labels:
                continue
            survey, mask = read_reference(name, detector=model.detector)
            wide = {coefficient: scr.Normal(0.0, 100.0) for coefficient in model.estimates}
            spec = replace(model.spec, priors=wide)
            estimate, se = log_mean_density(_fitted(model))
            laplace, _ = log_mean_density(scr.fit_laplace(survey, mask, spec, seed=1))
            nuts, _ = log_mean_density(scr.fit_nuts(survey, mask, spec, seed=1))
            rows.append(
                {
                    "survey": name,
                    "model": model.label,
                    "maximum likelihood (SE)": f"{estimate:.4f} ({se:.4f})",
                    "Laplace median (sd)": f"{np.median(laplace):.4f} ({laplace.std():.4f})",
                    "NUTS median (sd)": f"{np.median(nuts):.4f} ({nuts.std():.4f})",
                    "Laplace less maximum, SE": f"{(np.median(laplace) - estimate) / se:.3f}",
                    "NUTS less maximum, SE": f"{(np.median(nuts) - estimate) / se:.3f}",
                    "NUTS less Laplace, SE": f"{(np.median(nuts) - np.median(laplace)) / se:.3f}",
                }
            )
    return pd.DataFrame(rows)


def tigers() -> pd.DataFrame:
    """The tigers' posterior by nimbleSCR and ours."""
    recorded, found = recorded_tigers(), our_tigers()
    rows = []
    for name, digits in (("N", 1), ("sigma", 0), ("p0", 5)):
        for figure in ("mean", "sd", "2.5%", "50%", "97.5%"):
            pair = (recorded.loc[name, figure], found.loc[name, figure])
            rows.append((name, figure, *(f"{value:.{digits}f}" for value in pair)))
    return pd.DataFrame(rows, columns=["quantity", "figure", "recorded", "ours"])


def recovery() -> pd.DataFrame:
    """Coverage of 95 % intervals over simulated surveys."""
    table = coverage(study()).reset_index()
    for column in ("covered", "least", "most"):
        table[column] = table[column].astype(int).astype(str)
    table["quantity"] = "`" + table["quantity"] + "`"
    return table.round({"error": 4, "error_se": 4}).astype(str)


SECTIONS: dict[str, tuple[Callable[[], pd.DataFrame], str, str]] = {
    "points": (
        points,
        "Log-likelihood at given coefficients",
        "Recorded by secr 5.4.1 (large: by an exact sum) at coefficients stated in its record, so "
        "that no optimiser has a part in it. Ours is `scr.log_likelihood` with the multinomial "
        "and binomial coefficients of the data added, which it leaves out.",
    ),
    "fits": (
        fits,
        "Maximum likelihood",
        "`scr.fit_mle` against secr 5.4.1 on the same files. Density per km2; differences of "
        "coefficients in recorded standard errors. By sex, where some sexes are unknown, "
        "the density differs because secr builds it from the animals of known sex (`hcov`) and "
        "ours is the full mixture; all else agrees.",
    ),
    "wholes": (
        wholes,
        "Animals on the mask, and the effective sampling area",
        "At the maximum, for the surveys whose record has them. Where the number of animals is "
        "conditioned on, they are derived from the animals detected (`scr.abundance`).",
    ),
    "extrapolation": (
        extrapolation,
        "Beyond the mask, from rasters, and by sex",
        "Snow leopards: plug-in expected N in the region of 88,592 km2. From the raster, recorded "
        "figures are for area-weighted cell means.",
    ),
    "engines": (
        engines,
        "Engines against each other",
        "Log of the mean density per km2 over the mask (snow leopards m1: over the region), with "
        "priors N(0, 100) on every coefficient. Posterior medians of skewed posteriors lie off the "
        "maximum; Laplace and NUTS have to agree within Monte Carlo error. Of snow leopards m1 (31 "
        "animals, one slope) NUTS warns of divergences in the long tail that such priors leave to "
        "the slope.",
    ),
    "tigers": (
        tigers,
        "A posterior by data augmentation",
        "tiger_bayes: nimbleSCR (N, p0 and sigma uniform, about 700 effective draws) against "
        "`scr.fit_laplace` and joint draws of realised N, weighted to the same priors. Sigma in "
        "metres.",
    ),
    "recovery": (
        recovery,
        "Simulate and recover",
        "Fifty surveys of 49 stations simulated with known coefficients (density ~ covariate, "
        "sexes, a fifth of them unknown, uneven effort) and fitted by `scr.fit_laplace`: in how "
        "many the 95 % interval holds the truth, the 99.9 % limits of that number if intervals "
        "are right, and the mean error of the median with its standard error. `docs/recovery.py`.",
    ),
}


def write(path: Path = HERE / "validation.md") -> None:
    """Bring the tables of all sections into one page.

    Parameters
    ----------
    path
        The page.
    """
    parts = [
        "# Validation",
        "Made by `docs/validation.py` from the reference surveys in `../shared/reference`. The "
        "tests check the same figures on every run.",
    ]
    for name, (_, title, text) in SECTIONS.items():
        table = pd.read_csv(TABLES / f"{name}.csv", dtype=str, keep_default_na=False)
        header = "| " + " | ".join(table.columns) + " |"
        rule = "|" + "---|" * len(table.columns)
        rows = ["| " + " | ".join(row) + " |" for row in table.itertuples(index=False)]
        parts += [f"## {title}", text, "\n".join([header, rule, *rows])]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    """Make the sections named on the command line, or all of them, and the page."""
    TABLES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or SECTIONS:
        SECTIONS[name][0]().to_csv(TABLES / f"{name}.csv", index=False)
        print(f"{name}: done", flush=True)
    write()


if __name__ == "__main__":
    main()
