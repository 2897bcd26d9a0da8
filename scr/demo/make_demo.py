"""Write the demo's files: real geography, simulated leopards. ``python -m scr.demo.make_demo``.

The seed of the survey is the first one, counting from 1, that is typical in three counts for which
no model need be fitted: animals identified and animals living in the park, each within half a
Poisson standard deviation of what the truth leads to expect, and detections within a tenth of it.
No estimate was looked at to choose it.
"""

import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import box, contains_xy, intersection
from shapely.geometry.base import BaseGeometry

from scr.demo.fieldwork import FIRST_DAY, NIGHTS, days_worked, deploy_cameras, place_stations
from scr.demo.landscape import (
    CRS,
    RESERVE_NAME,
    Landscape,
    read_landscape,
    write_map_layers,
    write_polygons,
)
from scr.demo.landscape import write_rasters as write_landscape
from scr.habitat.barrier import path_lengths
from scr.habitat.build import build_mask
from scr.habitat.covariates import sample_raster
from scr.habitat.mask import HabitatMask
from scr.model.detection import detection_function
from scr.model.spec import ModelSpec
from scr.simulate.captures import DetectionParameters
from scr.simulate.population import Population
from scr.simulate.surveys import Truth, plan_survey, simulate_survey
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage
from scr.units import KM2_PER_REPORTED_AREA

DATA = Path(__file__).parent / "data"

BUFFER, SPACING = 20_000.0, 1_000.0
DENSITY_IN_PARK = 1.0
SHARE_OF_MALES = 0.42
SIGMA = {"F": 3500.0, "M": 6000.0}
LAMBDA0 = {"F": 0.012, "M": 0.015}
BY_ELEVATION, BEYOND_BORDER = 0.4, -0.7
UNKNOWN_SEX = 0.2
SPEC = ModelSpec(density="~ scale(elevation) + beyond_border", lambda0="~ sex", sigma="~ sex")

_LANDSCAPE_SEED = 20_240_201
_NIGHT_STARTS, _NIGHT_HOURS = 18, 12
_DAY = 24 * 60
_WALK_METRES_PER_MINUTE = 40.0


@dataclass(frozen=True)
class Expected:
    """What the truth leads to expect.

    Parameters
    ----------
    identified
        Animals detected, E[n].
    in_park
        Animals with their activity centre in the park, E[N].
    detections
        Detections of all animals, E[C].
    """

    identified: float
    in_park: float
    detections: float


def make_demo(folder: Path = DATA) -> None:
    """Write every file of the demo but ``survey.toml``, attributions and extracts of Natural Earth.

    Parameters
    ----------
    folder
        Where to write; it must exist.
    """
    rng = np.random.default_rng(_LANDSCAPE_SEED)
    landscape = read_landscape()
    write_polygons(landscape, folder)
    write_map_layers(folder)
    write_landscape(landscape, folder, rng=rng)
    stations = place_stations(landscape.reserve, landscape.home.buffer(-300.0), rng=rng)
    deployments = deploy_cameras(stations["station"], rng=rng)
    stations.to_csv(folder / "stations.csv", index=False)
    deployments.to_csv(folder / "deployments.csv", index=False, date_format="%Y-%m-%d")

    plan = _plan(stations, days_worked(deployments))
    mask = _mask(plan.sessions[0].traps, landscape, folder)
    coefficients = true_coefficients(mask, landscape.reserve)
    expected = _expected(plan, mask, coefficients, landscape.reserve)
    survey, truth = _typical(plan, mask, coefficients, expected=expected, reserve=landscape.reserve)
    write_detections(survey, folder / "detections.csv", rng=rng)
    write_truth(survey, truth, folder, expected=expected, reserve=landscape.reserve)


def _plan(stations: pd.DataFrame, effort: NDArray[np.float64]) -> Survey:
    traps = Traps(
        names=stations["station"].to_numpy(),
        xy=stations[["x", "y"]].to_numpy(dtype=np.float64),
        crs=CRS,
        source="stations.csv",
    )
    return plan_survey(traps, Usage(effort, first_day=FIRST_DAY))


def _mask(traps: Traps, landscape: Landscape, folder: Path) -> HabitatMask:
    mask = build_mask(traps, buffer=BUFFER, spacing=SPACING, exclude=landscape.sea)
    for name in ("elevation", "beyond_border"):
        mask = sample_raster(mask, folder / f"{name}.tif", name=name)
    return mask


def true_coefficients(mask: HabitatMask, reserve: BaseGeometry) -> dict[str, float]:
    """The truth as coefficients, with the intercept that gives the park its density.

    Parameters
    ----------
    mask
        Cells with ``elevation`` and ``beyond_border``.
    reserve
        The park.
    """
    elevation = mask.covariates["elevation"].to_numpy()
    effect = (
        BY_ELEVATION * (elevation - elevation.mean()) / elevation.std(ddof=1)
        + BEYOND_BORDER * mask.covariates["beyond_border"].to_numpy()
    )
    share = _share_inside(mask, reserve)
    mean_effect = np.average(np.exp(effect), weights=share * mask.cell_area)
    density = DENSITY_IN_PARK / KM2_PER_REPORTED_AREA / mean_effect
    return {
        "density.Intercept": float(np.log(density)),
        "density.scale(elevation)": BY_ELEVATION,
        "density.beyond_border": BEYOND_BORDER,
        "lambda0.Intercept": float(np.log(LAMBDA0["F"])),
        "lambda0.sex[T.M]": float(np.log(LAMBDA0["M"] / LAMBDA0["F"])),
        "sigma.Intercept": float(np.log(SIGMA["F"])),
        "sigma.sex[T.M]": float(np.log(SIGMA["M"] / SIGMA["F"])),
        "share.Intercept": float(np.log(SHARE_OF_MALES / (1 - SHARE_OF_MALES))),
    }


def _share_inside(mask: HabitatMask, reserve: BaseGeometry) -> NDArray[np.float64]:
    corner = mask.xy - SPACING / 2
    squares = box(corner[:, 0], corner[:, 1], corner[:, 0] + SPACING, corner[:, 1] + SPACING)
    inside: NDArray[np.float64] = np.array([cell.area for cell in intersection(squares, reserve)])
    return inside / SPACING**2


def _expected(
    plan: Survey,
    mask: HabitatMask,
    coefficients: dict[str, float],
    reserve: BaseGeometry,
) -> Expected:
    elevation = mask.covariates["elevation"].to_numpy()
    density = np.exp(
        coefficients["density.Intercept"]
        + BY_ELEVATION * (elevation - elevation.mean()) / elevation.std(ddof=1)
        + BEYOND_BORDER * mask.covariates["beyond_border"].to_numpy()
    )
    session = plan.sessions[0]
    ones = np.ones((1, len(session.traps)))
    identified, detections = 0.0, 0.0
    away = path_lengths(mask.barrier, session.traps.xy, mask.xy).T
    for sex, share in (("F", 1 - SHARE_OF_MALES), ("M", SHARE_OF_MALES)):
        detection = DetectionParameters(
            detection_function("hazard_half_normal"), LAMBDA0[sex] * ones, SIGMA[sex] * ones, ones
        )
        everywhere = Population(mask.xy, np.arange(len(mask)), np.zeros(len(mask), dtype=np.int64))
        hazard = detection.hazard(everywhere, away) @ session.usage.effort.sum(axis=1)
        animals = share * mask.cell_area * density
        identified += float(animals @ -np.expm1(-hazard))
        detections += float(animals @ hazard)
    in_park = float(np.sum(mask.cell_area * density * _share_inside(mask, reserve)))
    return Expected(identified, in_park, detections)


def _typical(
    plan: Survey,
    mask: HabitatMask,
    coefficients: dict[str, float],
    *,
    expected: Expected,
    reserve: BaseGeometry,
) -> tuple[Survey, Truth]:
    """The survey of the first seed that is typical, as described at the top."""
    for seed in count(1):
        survey, truth = simulate_survey(
            plan, mask, SPEC, coefficients=coefficients, seed=seed, unknown_sex=UNKNOWN_SEX
        )
        in_park = int(_lives_inside(truth, reserve).sum())
        detections = survey.sessions[0].captures.n_detections
        if (
            abs(survey.n_individuals - expected.identified) <= np.sqrt(expected.identified) / 2
            and abs(in_park - expected.in_park) <= np.sqrt(expected.in_park) / 2
            and abs(detections - expected.detections) <= expected.detections / 10
        ):
            break
    return survey, truth


def _lives_inside(truth: Truth, reserve: BaseGeometry) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = contains_xy(reserve, truth.animals["x"], truth.animals["y"])
    return inside


def write_detections(survey: Survey, path: Path, *, rng: np.random.Generator) -> None:
    """Write one row per detection, at a random minute of the day's dark hours.

    Minutes are drawn again where an animal would have had to run from station to station.

    Parameters
    ----------
    survey
        The simulated survey, its occasions days from midnight.
    path
        The file.
    rng
        Source of the minutes.
    """
    captures, traps = survey.sessions[0].captures, survey.sessions[0].traps
    minute = np.zeros(len(captures.trap), dtype=np.int64)
    again = np.ones(len(minute), dtype=np.bool_)
    while again.any():
        drawn = 60 * _NIGHT_STARTS + rng.integers(0, 60 * _NIGHT_HOURS, size=int(again.sum()))
        minute[again] = captures.occasion[again] * _DAY + drawn % _DAY
        again = _hurried(captures, traps, minute)
    moment = FIRST_DAY + minute.astype("timedelta64[m]")
    sex = captures.covariates["sex"].fillna("unknown").to_numpy()
    table = pd.DataFrame(
        {
            "individual": captures.individuals[captures.individual],
            "station": traps.names[captures.trap],
            "datetime": pd.Series(moment).dt.strftime("%Y-%m-%d %H:%M"),
            "sex": sex[captures.individual],
        }
    )
    table.sort_values(["datetime", "station"]).to_csv(path, index=False)


def _hurried(
    captures: CaptureHistory, traps: Traps, minute: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Records that an animal reached from its record before faster than at a walk."""
    order = np.lexsort((minute, captures.individual))
    before, after = order[:-1], order[1:]
    same = captures.individual[before] == captures.individual[after]
    step = traps.xy[captures.trap[after]] - traps.xy[captures.trap[before]]
    allowed = (minute[after] - minute[before]) * _WALK_METRES_PER_MINUTE
    hurried = np.zeros(len(minute), dtype=np.bool_)
    hurried[after] = same & (np.hypot(step[:, 0], step[:, 1]) > allowed)
    return hurried


def write_truth(
    survey: Survey, truth: Truth, folder: Path, *, expected: Expected, reserve: BaseGeometry
) -> None:
    """Write ``truth.json`` (parameters and counts) and ``truth.csv`` (every animal).

    Parameters
    ----------
    survey, truth
        The simulated survey.
    folder
        Where.
    expected
        What the truth leads to expect.
    reserve
        The park.
    """
    inside = _lives_inside(truth, reserve)
    captures = survey.sessions[0].captures
    animals = truth.animals.assign(in_reserve=inside).drop(columns=["session", "cell"]).round(0)
    animals = animals.sort_values(["individual", "y"], ascending=[True, False])
    animals.astype({"x": int, "y": int}).to_csv(folder / "truth.csv", index=False)
    facts = {
        "banner": "SIMULATED",
        "reserve": RESERVE_NAME,
        "seed": truth.seed,
        "coefficients": dict(truth.coefficients),
        "parameters": {
            "reserve_area_km2": round(reserve.area / 1e6, 1),
            "D_per_100_km2_reserve": DENSITY_IN_PARK,
            "expected_N_reserve": round(expected.in_park, 2),
            "realised_N_reserve": int(inside.sum()),
            "share_males": SHARE_OF_MALES,
            "sigma_m": SIGMA,
            "lambda0_per_night": LAMBDA0,
        },
        "counts": {
            "stations": len(survey.sessions[0].traps),
            "nights": NIGHTS,
            "animals_identified": captures.n_individuals,
            "animals_identified_living_in_reserve": int(
                (inside & truth.animals["individual"].notna()).sum()
            ),
            "detections": captures.n_detections,
            "sexes_unknown": int(captures.covariates["sex"].isna().sum()),
        },
    }
    (folder / "truth.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make_demo()
