"""Whether sexes that differ over ground are found again in simulated surveys.

Run as a script it writes ``validation/sex_ratio.csv`` and ``sex_ratio.md``; with the table there,
it goes on where it was stopped.
"""

import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

import scr
from scr.errors import ScrWarning
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "sex_ratio.csv"
TEMPLATE = FOLDER / "sex_ratio.template.md"
PAGE = FOLDER / "sex_ratio.md"

SEEDS = range(501, 541)
UNKNOWN = 0.3
SPEC = scr.ModelSpec(density="~ forest", lambda0="~ sex", sigma="~ sex", share="~ forest")
TRUTH = {
    "density.Intercept": -0.3,
    "density.forest": 0.4,
    "lambda0.Intercept": -2.3,
    "lambda0.sex[T.M]": 0.4,
    "sigma.Intercept": 6.2,
    "sigma.sex[T.M]": 0.2,
    "share.Intercept": -0.2,
    "share.forest": 0.8,
}


@lru_cache
def ground() -> tuple[scr.Survey, scr.HabitatMask]:
    """64 stations 900 m apart for 50 days, and forest that rises to the east."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(8) * 900.0, np.arange(8) * 900.0))
    names = [f"T{k:02d}" for k in range(64)]
    traps = scr.Traps(names=names, xy=np.stack([x, y], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=2100, spacing=450)
    mask = mask.with_covariate("forest", (mask.xy[:, 0] - 3150.0) / 2500.0)
    return plan_survey(traps, [Usage(np.full((64, 5), 10.0))]), mask


def judge(seed: int) -> dict[str, object]:
    """Estimates from one survey, and whether intervals hold the truth.

    Parameters
    ----------
    seed
        Of the animals and their detections.
    """
    plan, mask = ground()
    survey, made = scr.simulate_survey(
        plan, mask, SPEC, coefficients=TRUTH, seed=seed, unknown_sex=UNKNOWN
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)
        fit = scr.fit_mle(survey, mask, SPEC, check_mask=False)
        table = scr.abundance(fit, by_sex=True, max_draws=300)
    forest = mask.covariates["forest"].to_numpy()
    logit = TRUTH["share.Intercept"] + TRUTH["share.forest"] * forest
    density = np.exp(TRUTH["density.Intercept"] + TRUTH["density.forest"] * forest)
    row: dict[str, object] = {"seed": seed, "animals": survey.n_individuals}
    for name in ("share.forest", "share.Intercept", "density.forest"):
        found = fit.coefficients.loc[name]
        row[name] = found["estimate"]
        row[f"{name} held"] = bool(found["lower"] <= TRUTH[name] <= found["upper"])
    living = made.animals["sex"].value_counts()
    for sex, share in (("F", expit(-logit)), ("M", expit(logit))):
        truths = {
            "expected N": float((density * share) @ mask.cell_area),
            "realised N": float(living[sex]),
        }
        for estimand, truth in truths.items():
            chosen = (table["sex"] == sex) & (table["estimand"] == estimand)
            of = table[chosen].iloc[0]
            row[f"{estimand} {sex}"] = of["median"] / truth
            row[f"{estimand} {sex} held"] = bool(of["lower"] <= truth <= of["upper"])
    return row


def run(path: Path = RESULTS) -> pd.DataFrame:
    """Work out what is not in the file yet, row by row.

    Parameters
    ----------
    path
        The file.
    """
    table = pd.read_csv(path) if path.exists() else pd.DataFrame({"seed": []})
    for seed in SEEDS:
        if seed not in set(table["seed"]):
            table = pd.concat([table, pd.DataFrame([judge(seed)])], ignore_index=True)
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
        "| quantity | truth | mean of estimates | 95 % intervals that hold the truth |",
        "|---|---|---|---|",
    ]
    for name in ("share.forest", "share.Intercept", "density.forest"):
        held = int(table[f"{name} held"].sum())
        rows.append(
            f"| `{name}` | {TRUTH[name]:g} | {table[name].mean():.2f} | {held} of {len(table)} |"
        )
    for estimand in ("expected N", "realised N"):
        for sex, called in (("F", "females"), ("M", "males")):
            held = int(table[f"{estimand} {sex} held"].sum())
            ratio = table[f"{estimand} {sex}"].mean()
            rows.append(
                f"| {estimand} of {called}, over the truth | 1 | {ratio:.2f} | {held} of "
                f"{len(table)} |"
            )
    words = {
        "TABLE": "\n".join(rows),
        "N": str(len(table)),
        "ANIMALS": f"{table['animals'].median():.0f}",
        "UNKNOWN": f"{100 * UNKNOWN:.0f} %",
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for word, told in words.items():
        text = text.replace(f"@{word}@", told)
    return text


if __name__ == "__main__":
    PAGE.write_text(page_of(run()), encoding="utf-8")
