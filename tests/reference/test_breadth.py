"""Log-likelihoods recorded for simulated surveys, one model for each feature of the engine."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

import scr
from scr.survey.captures import CaptureHistory
from scr.survey.mixed import with_detectors
from scr.survey.survey import Session
from scr.survey.usage import Usage

FORMS = {"HN": "half_normal", "EX": "exponential", "HR": "hazard_rate",
         "HHN": "hazard_half_normal", "HEX": "hazard_exponential",
         "HVP": "hazard_variable_power", "HHR": "hazard_hazard_rate", "ANN": "annular_normal",
         "HAN": "hazard_annular_normal", "WEX": "w_exponential",
         "CLN": "cumulative_lognormal", "CG": "cumulative_gamma",
         "HCG": "hazard_cumulative_gamma", "CHN": "compound_half_normal"}  # fmt: skip
COEFFICIENTS = {
    "(ha)": "", "(logit)": "", "(log)": "", "(0-based occasion)": "", "bkTRUE": "bk",
    "BkTRUE": "Bk", "trail[road]": "trail[T.road]", "pmix.h22": "pmix", ".h22": ".h2[T.2]",
    "D.session2023": "D.session[T.2023]", "D.session2024": "D.session[T.2024]",
    "lambda0.session2023": "lambda0.session[T.2023]",
    "lambda0.session2024": "lambda0.session[T.2024]", "D.Session": "D.trend",
} | {f"lambda0.t{t}": f"lambda0.t[T.{t}]" for t in range(2, 7)}  # fmt: skip
HECTARES = {"density": 100.0, "a0": 0.01, "sigmak": 0.01}
"""What theirs are multiplied by, of animals per ha or areas in ha."""
SURVEYS = {
    "proximity": 36,
    "multi": 36,
    "removed": 21,
    "poisson_count": 21,
    "sessions": 4,
    "mixed": 1,
}
"""Folders, and how many of their models can be fitted so far."""


def read(folder, detector, rain, hunting):
    traps = pd.read_csv(folder / "traps.csv", dtype={"session": str})
    usage = traps.filter(regex=r"^u\d$").to_numpy(dtype=float)
    found = pd.read_csv(folder / "detections.csv", dtype={"session": str, "individual": str})
    places = scr.read_traps(traps[["session", "trap", "x", "y", "trail", "slope"]], crs="local")
    sessions = []
    for label in places.sessions:
        of = places.of_session(label)
        mine = found[found["session"] == label]
        effort = usage[(traps["session"] == label).to_numpy()] if usage.size else None
        sessions.append(session_of(label, of, effort, mine, rain))
    covariates = pd.DataFrame({"trend": np.arange(len(sessions), dtype=float)})
    if hunting:
        covariates["hunting"] = np.array(hunting, dtype=float)
    if isinstance(detector, list):
        counts = scr.Survey(tuple(sessions), detector="count", covariates=covariates)
        return with_detectors(counts, detector)
    return scr.Survey(tuple(sessions), detector=detector, covariates=covariates)


def session_of(label, traps, effort, found, rain):
    effort = np.ones((len(traps), 6)) if effort is None else effort
    names = sorted(found["individual"].unique(), key=int)
    keys = ["individual", "occasion", "trap"]
    records = found.groupby(keys, sort=False).agg(count=("alive", "size")).reset_index()
    dead = set(found.loc[~found["alive"], "individual"])
    first = found.drop_duplicates("individual").set_index("individual").loc[names]
    covariates = first[first.columns.intersection(["sex", "weight"])].reset_index(drop=True)
    captures = CaptureHistory(
        individuals=np.array(names, dtype=object),
        individual=np.array([names.index(name) for name in records["individual"]]),
        occasion=records["occasion"].to_numpy() - 1,
        trap=np.array([list(traps.names).index(name) for name in records["trap"]]),
        count=records["count"].to_numpy(),
        covariates=covariates,
        removed=np.array([name in dead for name in names]),
    )
    occasions = pd.DataFrame({"rain": rain}) if rain else pd.DataFrame()
    usage = Usage(effort)
    return Session(label, traps, usage, captures, occasions)


def named(name):
    for theirs, ours in COEFFICIENTS.items():
        if name == theirs or name.endswith(theirs) or theirs.startswith("("):
            name = name.replace(theirs, ours)
    name = name.strip().replace("D", "density", 1) if name[0] == "D" else name.strip()
    return name if "." in name else f"{name}.Intercept"


def spec_of(model):
    formulas = dict(text.split(" ~ ") for text in model["model"])
    density = formulas.pop("D", "1").replace("Session", "trend")
    formulas = {name: f"~ {text}" for name, text in formulas.items()}
    options = model["options"]
    fixed = options.get("details", {}).get("distribution", "poisson")
    number = "conditional" if options.get("CL") else fixed
    return scr.ModelSpec(
        density=f"~ {density}", detection=FORMS[model["detectfn"]], number=number, **formulas
    )


def can_be_fitted(model):
    """Not yet: fixed or conditional n, other parameters; with hcov n is that of another model."""
    options = model["options"]
    return (
        model["detectfn"] in FORMS
        and options.get("details", {}).get("param", 0) in {0, 3, 4}
        and not options.get("hcov")
    )


@pytest.mark.parametrize("name", SURVEYS)
def test_log_likelihood__equals_the_points_recorded_for_each_feature(reference, name):
    folder = reference / "breadth" / name
    record = json.loads((folder / "secr_reference.json").read_text(encoding="utf-8"))
    mask = read_mask(folder)
    n_models = 0
    for label, model in record["models"].items():
        if not can_be_fitted(model):
            continue
        n_models += 1
        rain = model["options"].get("timecov", {}).get("rain")
        hunting = model["options"].get("sessioncov", {}).get("hunting")
        survey = read(folder, record["detector"], rain, hunting)
        for point, recorded in zip(model["points"], model["logLik"], strict=True):
            values = {
                named(their): value for their, value in zip(model["beta_names"], point, strict=True)
            }
            for stated, hectares in HECTARES.items():
                if f"{stated}.Intercept" in values:
                    values[f"{stated}.Intercept"] += np.log(hectares)
            found = scr.log_likelihood(survey, mask, spec_of(model), coefficients=values)
            constant = model["logmultinom"]
            assert found + constant == pytest.approx(recorded, rel=1e-9), (name, label)
    assert n_models == SURVEYS[name]


def read_mask(folder):
    table = pd.read_csv(folder / "mask.csv")
    area = table["area_ha"].iloc[0] / 100
    return scr.read_mask(table.drop(columns="area_ha"), crs="local", area_km2=area)


def test_log_likelihood__by_sex_is_the_recorded_one_with_n_counted_otherwise(reference):
    # The record (hcov) takes n to be Poisson with N p, p the harmonic mean n / sum 1 / p_i over the
    # animals of known sex by their own p_F or p_M and the others by the mean of the two. Ours is
    # the Poisson process of both sexes, where n has the mean N (psi_F p_F + psi_M p_M). All else is
    # the same: the two differ by the probabilities of n alone.
    folder = reference / "breadth" / "proximity"
    record = json.loads((folder / "secr_reference.json").read_text(encoding="utf-8"))
    model = record["models"]["hcov sex"]
    survey, mask = read(folder, record["detector"], None, None), read_mask(folder)
    session = survey.sessions[0]
    spec = scr.ModelSpec(lambda0="~ sex", sigma="~ sex")
    names = ["density.Intercept", "lambda0.Intercept", "lambda0.sex[T.M]", "sigma.Intercept",
             "sigma.sex[T.M]", "share.Intercept"]  # fmt: skip
    sex = session.captures.covariates["sex"]
    assert sex.isna().any()
    away = np.hypot(*(mask.xy[:, None] - session.traps.xy).transpose(2, 0, 1))
    for point, recorded in zip(model["points"], model["logLik"], strict=True):
        values = dict(zip(names, point, strict=True))
        values["density.Intercept"] += np.log(100.0)
        found = scr.log_likelihood(survey, mask, spec, coefficients=values)
        p = []
        for lambda0, sigma in ((point[1], point[3]), (point[1] + point[2], point[3] + point[4])):
            k = np.exp(-(away**2) / (2 * np.exp(2 * sigma)))
            p.append(np.mean(1 - np.exp(-np.exp(lambda0) * k @ session.usage.effort.sum(axis=1))))
        males = 1 / (1 + np.exp(-point[5]))
        mean = (1 - males) * p[0] + males * p[1]
        of_animals = sex.map({"F": p[0], "M": p[1]}).astype(float).fillna(mean)
        n, animals = len(sex), np.exp(values["density.Intercept"]) * mask.area
        theirs = poisson.logpmf(n, animals * n / (1 / of_animals).sum())
        ours = poisson.logpmf(n, animals * mean)
        assert found + model["logmultinom"] + theirs - ours == pytest.approx(recorded, rel=1e-9)
