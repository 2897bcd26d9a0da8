"""Every feature of the likelihood as a small survey to be simulated: plan, mask, model, truth.

Used by ``feature_recovery.py`` and the slow tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import GeometryCollection, LineString, box

import scr
from scr.fit.mask_check import all_traps
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import Detector
from scr.survey.fixes import Fixes
from scr.survey.mixed import with_detectors
from scr.survey.parts import places_of
from scr.survey.survey import Survey
from scr.survey.usage import Usage

SIDE, SPACING_M, N_OCCASIONS = 7, 1500.0, 6
DENSITY, LAMBDA0, SIGMA = np.log(0.35), np.log(0.06), np.log(1200.0)
G0 = float(np.log(0.06 / 0.94))
"""Log D per km2, log lambda0 and logit g0 per day, log sigma in metres."""

MANY = np.log(1.4)
"""Log D per km2 of features that need about 200 animals to be told."""


@dataclass(frozen=True)
class Feature:
    """What is simulated and fitted.

    Parameters
    ----------
    spec
        The model that is fitted.
    truth
        Its coefficients.
    plan
        Makes the survey without captures.
    simulated
        The model that is simulated, where it is another.
    after
        Changes the simulated survey; its random numbers are those of the second argument.
    left_out
        Coefficients that the model does not claim to find.
    """

    spec: scr.ModelSpec
    truth: Mapping[str, float]
    plan: Callable[[], Survey]
    simulated: scr.ModelSpec | None = None
    after: Callable[[Survey, np.random.Generator], Survey] = lambda survey, _: survey
    left_out: tuple[str, ...] = field(default=())


def array_of_traps(n_sessions: int = 1) -> scr.Traps:
    """49 traps, 1.5 km apart, with a covariate; those of other sessions lie 60 km away."""
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    xy = np.stack([x, y], axis=1) * SPACING_M
    trail = (x + 2 * y) % 3 == 0
    return scr.Traps(
        names=[f"T{k + 1}" for k in range(len(x))] * n_sessions,
        xy=np.concatenate([xy + np.array([60_000.0 * k, 0.0]) for k in range(n_sessions)]),
        crs="local",
        session=np.repeat([f"S{k + 1}" for k in range(n_sessions)], len(x)),
        covariates=pd.DataFrame({"trail": np.tile(trail.astype(float), n_sessions)}),
    )


def effort_of(n_traps: int) -> NDArray[np.float64]:
    """Whole days, 2 to 4 an occasion, one trap in ten at rest."""
    rng = np.random.default_rng(71)
    days = rng.integers(2, 5, (n_traps, N_OCCASIONS)).astype(float)
    return np.where(rng.random(days.shape) < 0.1, 0.0, days)


def stations(detector: Detector = "proximity", n_sessions: int = 1) -> Survey:
    """A survey at points, with covariates of occasions and of traps that change in time."""
    traps = array_of_traps(n_sessions)
    usage = [Usage(effort_of(SIDE**2))] * n_sessions
    plan = plan_survey(
        traps, usage, detector=detector,
        session_covariates=pd.DataFrame({"year": np.arange(n_sessions) - (n_sessions - 1) / 2}),
    )  # fmt: skip
    rain = pd.DataFrame({"rain": np.sin(np.arange(N_OCCASIONS))})
    bait = np.random.default_rng(72).random(SIDE**2 * N_OCCASIONS) < 0.4
    return replace(
        plan,
        sessions=tuple(
            replace(one, occasions=rain, by_occasion=pd.DataFrame({"bait": bait.astype(float)}))
            for one in plan.sessions
        ),
    )


def mixed_types() -> Survey:
    """A third of the traps cameras, a third counters, a third trials of hair snares."""
    kinds: list[Detector] = ["proximity", "count", "binomial_count"]
    return with_detectors(stations("count"), {f"T{k + 1}": kinds[k % 3] for k in range(SIDE**2)})


def searched(detector: Detector, telemetry: str | None = None) -> Survey:
    """16 squares, or four lines, searched on six days."""
    parts = (
        GeometryCollection(
            [LineString([(0, y), (4500, y + 900), (9000, y)]) for y in np.arange(4) * 2700.0]
        )
        if detector.startswith("transect")
        else GeometryCollection(
            [box(x, y, x + 900, y + 900) for x in np.arange(4) * 2700.0
             for y in np.arange(4) * 2700.0]
        )
    )  # fmt: skip
    traps = scr.Traps(
        [f"P{k + 1}" for k in range(len(parts.geoms))], places_of(parts), crs="local", parts=parts
    )
    plan = plan_survey(traps, Usage(np.ones((len(traps), N_OCCASIONS))), detector=detector)
    return plan if telemetry is None else with_fixes(plan, telemetry)


def with_fixes(plan: Survey, telemetry: str) -> Survey:
    """Six animals that carry transmitters, ten fixes of each."""
    who = np.repeat([f"x{k}" for k in range(6)], 10)
    fixes = Fixes(who, np.zeros((60, 2)), telemetry)  # type: ignore[arg-type]
    return replace(plan, sessions=(replace(plan.sessions[0], fixes=fixes),))


def take_away(survey: Survey, rng: np.random.Generator) -> Survey:
    """Each animal that is caught is kept with probability 0.3, and caught no more."""
    session = survey.sessions[0]
    old = session.captures
    last = np.full(old.n_individuals, np.inf)
    for animal in range(old.n_individuals):
        for occasion in np.unique(old.occasion[old.individual == animal]):
            if rng.random() < 0.3:
                last[animal] = occasion
                break
    keep = old.occasion <= last[old.individual]
    captures = CaptureHistory(
        individuals=old.individuals,
        individual=old.individual[keep],
        occasion=old.occasion[keep],
        trap=old.trap[keep],
        count=old.count[keep],
        covariates=old.covariates,
        removed=np.isfinite(last),
    )
    return replace(survey, sessions=(replace(session, captures=captures),))


def mask_of(survey: Survey) -> scr.HabitatMask:
    """Cells of 750 m to 6 km from the traps, with a covariate that waves over them."""
    mask = scr.build_mask(all_traps(survey), buffer=6000, spacing=750)
    return mask.with_covariate("elev", np.sin(mask.xy[:, 0] / 3000) + np.cos(mask.xy[:, 1] / 4000))


def _of(truth: Mapping[str, float] | None = None, /, detector: Detector = "proximity",
        n_sessions: int = 1, **formulas: object) -> Feature:  # fmt: skip
    """A feature of points: the coefficients that differ from the usual, and the formulas."""
    spec = scr.ModelSpec(**formulas)  # type: ignore[arg-type]
    intensity = "lambda0" if "lambda0" in spec.formulas else next(
        name for name in ("g0", "a0") if name in spec.formulas
    )  # fmt: skip
    usual = {
        "density.Intercept": DENSITY,
        f"{intensity}.Intercept": G0 if intensity == "g0" else LAMBDA0,
        "sigma.Intercept": SIGMA,
    }
    usual = {name: value for name, value in usual.items() if _has(spec, name)}
    return Feature(spec, usual | dict(truth or {}), lambda: stations(detector, n_sessions))


def _has(spec: scr.ModelSpec, coefficient: str) -> bool:
    return coefficient.partition(".")[0] in spec.formulas


DETECTORS: dict[str, Feature] = {
    name: _of(detector=name)
    for name in ("proximity", "count", "binomial_count", "multi")  # type: ignore[misc]
} | {
    "single": replace(_of(detector="single"), left_out=("lambda0.Intercept",)),
    "types mixed between traps": replace(_of(), plan=mixed_types),
    "animals removed at a capture": replace(
        _of({"lambda0.b": 0.5}, detector="multi", lambda0="~ b"), after=take_away
    ),
}
"""What records at points."""

SEARCHES: dict[str, Feature] = {
    detector: Feature(
        scr.ModelSpec(),
        {"density.Intercept": MANY, "lambda0.Intercept": 1.0, "sigma.Intercept": 6.7},
        lambda detector=detector: searched(detector),  # type: ignore[misc]
    )
    for detector in ("polygon", "polygon_exclusive", "transect", "transect_exclusive")
} | {
    f"fixes of transmitters, {telemetry}": replace(
        _of(detector="count"),
        plan=lambda telemetry=telemetry: with_fixes(stations("count"), telemetry),  # type: ignore[misc]
    )
    for telemetry in ("independent", "concurrent")
} | {
    "fixes of transmitters, dependent": Feature(
        scr.ModelSpec(),
        {"density.Intercept": MANY, "lambda0.Intercept": 1.0, "sigma.Intercept": 6.7},
        lambda: searched("polygon", "dependent"),
    )
}  # fmt: skip
"""Areas and lines that are searched, and places by transmitters."""

_OF_SHAPE: dict[str, dict[str, float]] = {
    "hazard_hazard_rate": {"sigma.Intercept": 7.0, "z.Intercept": np.log(4.0)},
    "hazard_rate": {"sigma.Intercept": 7.0, "z.Intercept": np.log(4.0)},
    "hazard_exponential": {"sigma.Intercept": 6.7},
    "exponential": {"sigma.Intercept": 6.7},
    "compound_half_normal": {"g0.Intercept": 2.0, "z.Intercept": np.log(0.2)},
    "hazard_variable_power": {"z.Intercept": np.log(2.5)},
    "annular_normal": {"sigma.Intercept": 6.5, "z.Intercept": np.log(1400.0)},
    "hazard_annular_normal": {"sigma.Intercept": 6.5, "z.Intercept": np.log(1400.0)},
    "w_exponential": {"sigma.Intercept": 6.5, "z.Intercept": np.log(1200.0)},
    "hazard_w_exponential": {"sigma.Intercept": 6.5, "z.Intercept": np.log(1200.0)},
    "cumulative_lognormal": {"sigma.Intercept": 7.4, "z.Intercept": np.log(700.0)},
    "hazard_cumulative_lognormal": {"sigma.Intercept": 7.4, "z.Intercept": np.log(700.0)},
    "cumulative_gamma": {"sigma.Intercept": 7.4, "z.Intercept": np.log(6.0)},
    "hazard_cumulative_gamma": {"sigma.Intercept": 7.4, "z.Intercept": np.log(6.0)},
}
SHAPES: dict[str, Feature] = {
    name: _of(
        ({"density.Intercept": MANY} if "z.Intercept" in of_shape else {}) | of_shape,
        detection=name,  # type: ignore[arg-type]
    )
    for name, of_shape in ({"half_normal": {}} | _OF_SHAPE).items()
}
"""Detection functions."""

PREDICTORS: dict[str, Feature] = {
    "density ~ elev": _of({"density.elev": 0.5}, density="~ elev"),
    "lambda0 ~ t": _of(
        {f"lambda0.t[T.{k}]": 0.3 * (-1) ** k for k in range(2, N_OCCASIONS + 1)}, lambda0="~ t"
    ),
    "lambda0 ~ T": _of({"lambda0.T": -0.15}, lambda0="~ T"),
    "lambda0 ~ rain, of occasions": _of({"lambda0.rain": -0.5}, lambda0="~ rain"),
    "lambda0 ~ trail, of traps": _of({"lambda0.trail": 0.7}, lambda0="~ trail"),
    "lambda0 ~ bait, of traps in time": _of({"lambda0.bait": 0.6}, lambda0="~ bait"),
    "sigma ~ T": _of({"sigma.T": 0.05}, sigma="~ T"),
    "lambda0 and sigma ~ sex, one in five unknown": _of(
        {"lambda0.sex[T.M]": 0.3, "sigma.sex[T.M]": 0.4, "share.Intercept": -0.4},
        lambda0="~ sex", sigma="~ sex",
    ),
    **{
        f"lambda0 ~ {name}": _of({f"lambda0.{name}": effect}, lambda0=f"~ {name}")
        for name, effect in
        {
            "b": 0.6, "B": 0.6, "bk": 0.8, "Bk": 0.8,
            "k": 0.5, "K": 0.5, "k_secr": 0.5, "K_secr": 0.5,
        }.items()
    },
    "lambda0 ~ b, multi-catch": _of({"lambda0.b": -0.6}, detector="multi", lambda0="~ b"),
    "lambda0 ~ h2": _of(
        {"lambda0.h2[T.2]": 1.8, "pmix.Intercept": -0.5}, detector="count", lambda0="~ h2"
    ),
    "lambda0 ~ h3": _of(
        {"density.Intercept": MANY, "lambda0.Intercept": np.log(0.01),
         "lambda0.h3[T.2]": 2.2, "lambda0.h3[T.3]": 4.0,
         "pmix.h3[2]": 0.0, "pmix.h3[3]": -0.5},
        detector="count", lambda0="~ h3",
    ),
    "lambda0 ~ individual": _of(
        {"lambda0.individual": 0.7}, detector="count", lambda0="~ individual"
    ),
}  # fmt: skip
"""What parameters depend on."""

NUMBERS: dict[str, Feature] = {
    "a0": _of({"a0.Intercept": np.log(2 * np.pi * 0.06 * 1.44)}, a0="~ 1"),
    "sigmak": _of({"sigmak.Intercept": np.log(1.2 * np.sqrt(0.35))}, sigmak="~ 1"),
    "number, binomial": _of(number="binomial"),
    "number, conditional": replace(_of(number="conditional"), simulated=scr.ModelSpec()),
    "sessions apart": _of(
        {"density.session[T.S2]": 0.4, "sigma.session[T.S2]": -0.2}, n_sessions=2,
        density="~ session", sigma="~ session",
    ),
    "trend over sessions": _of(
        {"density.year": -0.2, "lambda0.year": 0.1}, n_sessions=3,
        density="~ year", lambda0="~ year",
    ),
}  # fmt: skip
"""Parameterisations, the number of animals, and sessions."""

FEATURES = DETECTORS | SEARCHES | SHAPES | PREDICTORS | NUMBERS
"""All of them, by name."""
