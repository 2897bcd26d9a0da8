"""What searched areas and lines, and fixes, cost beside counts at stations on the same ground."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from shapely import GeometryCollection, LineString, box
from timing import Row, record, side_by_side

import scr
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.detection import DetectionName
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.detectors import Detector
from scr.survey.fixes import Fixes
from scr.survey.parts import places_of
from scr.survey.usage import Usage

SIGMA = {"hazard_half_normal": 1200.0, "hazard_exponential": 700.0}
DENSITY, LAMBDA0, APART, SIDE = 0.5, 1.0, 6000.0, 3000.0
N_FIXES, N_WITH_FIXES = 500, 20

SQUARES = GeometryCollection(
    [box(x, y, x + SIDE, y + SIDE) for x in np.arange(4) * APART for y in np.arange(4) * APART]
)
ROUNDED = GeometryCollection([part.buffer(300.0, quad_segs=25) for part in SQUARES.geoms])
NORTHINGS = np.linspace(0.0, 21_000.0, 43)
LINES = GeometryCollection(
    [LineString([(x, y + 300 * np.sin(y / 700)) for y in NORTHINGS]) for x in np.arange(4) * APART]
)


def survey_of(
    parts: GeometryCollection | None, detector: Detector, detection: DetectionName
) -> tuple[Callable[[], object], scr.Survey, scr.HabitatMask]:
    """Value and gradient of a simulated survey of these parts, or of a station amid each square."""
    outlines = SQUARES if parts is None else parts
    names = np.array([f"p{k}" for k in range(len(outlines.geoms))], dtype=object)
    traps = scr.Traps(names=names, xy=places_of(outlines), crs="local", parts=parts)
    around = replace(traps, parts=SQUARES) if parts is None else traps
    mask = scr.build_mask(around, buffer=6000, spacing=500)
    spec = scr.ModelSpec(detection=detection)
    truth = {
        "density.Intercept": math.log(DENSITY),
        "lambda0.Intercept": math.log(LAMBDA0),
        "sigma.Intercept": math.log(SIGMA[detection]),
    }
    plan = plan_survey(traps, Usage(np.ones((len(traps), 4))), detector=detector)
    survey, _ = simulate_survey(plan, mask, spec, coefficients=truth, seed=1)
    problem, theta = build_problem(survey, mask, spec), np.array(list(truth.values()))
    return lambda: value_and_gradient(problem, theta), survey, mask


def with_fixes(survey: scr.Survey, mask: scr.HabitatMask) -> Callable[[], object]:
    """The survey of stations with fixes of some animals."""
    session, rng = survey.sessions[0], np.random.default_rng(1)
    captures = session.captures
    first = np.unique(captures.individual, return_index=True)[1][:N_WITH_FIXES]
    xy = np.repeat(session.traps.xy[captures.trap[first]], N_FIXES, axis=0)
    xy = xy + rng.normal(0, SIGMA["hazard_half_normal"], xy.shape)
    fixes = Fixes(np.repeat(captures.individuals[:N_WITH_FIXES], N_FIXES), xy)
    told = replace(survey, sessions=(replace(session, fixes=fixes),))
    problem = build_problem(told, mask, scr.ModelSpec())
    theta = np.log([DENSITY, LAMBDA0, SIGMA["hazard_half_normal"]])
    return lambda: value_and_gradient(problem, theta)


def main() -> None:
    plain, survey, mask = survey_of(None, "count", "hazard_half_normal")
    functions = {"plain": plain}
    half_normal, exponential = SIGMA
    functions[f"fixes of {N_WITH_FIXES} animals, {N_FIXES} each"] = with_fixes(survey, mask)
    cases: list[tuple[str, GeometryCollection, Detector, str]] = [
        ("16 squares searched", SQUARES, "polygon", half_normal),
        ("16 squares searched, exclusive", SQUARES, "polygon_exclusive", half_normal),
        ("16 squares searched, hazard_exponential", SQUARES, "polygon", exponential),
        ("16 areas of 104 corners searched", ROUNDED, "polygon", half_normal),
        ("4 lines of 43 corners searched", LINES, "transect", half_normal),
    ]
    for what, parts, detector, detection in cases:
        functions[what] = survey_of(parts, detector, detection)[0]  # type: ignore[arg-type]
    best = side_by_side(functions, seconds=20.0, calls=1)
    rows = [
        Row(
            what=f"value and gradient, {what}, about {len(mask):,} cells",
            measured=f"{best[what] * 1e3:.1f} ms: {best[what] / best['plain']:.1f} x counts at 16 "
            f"stations ({best['plain'] * 1e3:.1f} ms)",
            reach="",
            holds=None,
        )
        for what in functions
        if what != "plain"
    ]
    record("searches", rows, best)


if __name__ == "__main__":
    main()
