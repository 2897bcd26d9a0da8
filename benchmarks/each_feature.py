"""What every feature costs beside the plain model of the same stations: one row each."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import Row, record, side_by_side

import scr
from scr.likelihood.problem import build_problem, value_and_gradient

sys.path.append(str(Path(__file__).resolve().parents[1] / "docs"))

from features import DETECTORS, FEATURES, mask_of

PLAIN = "proximity"
SECONDS, CALLS = 0.5, 3


def called(name: str) -> Callable[[], object]:
    """Value and gradient of a simulated survey at the truth."""
    feature = FEATURES[name]
    plan = feature.plan()
    mask = mask_of(plan)
    truth = dict(FEATURES[PLAIN].truth) if feature.simulated else {}
    survey, _ = scr.simulate_survey(
        plan, mask, feature.simulated or feature.spec, seed=1, unknown_sex=0.2,
        coefficients=truth | dict(feature.truth),
    )  # fmt: skip
    survey = feature.after(survey, np.random.default_rng(1))
    problem = build_problem(survey, mask, feature.spec)
    theta = np.array([feature.truth[name] for name in problem.design.coefficient_names])
    return lambda: value_and_gradient(problem, theta)


def main() -> None:
    plain = called(PLAIN)
    rows, figures = [], {}
    for name in FEATURES:
        if name == PLAIN:
            continue
        best = side_by_side({"this": called(name), "plain": plain}, seconds=SECONDS, calls=CALLS)
        ratio = best["this"] / best["plain"]
        figures[name] = {**best, "ratio": ratio}
        what = f"{name}{', the detector' if name in DETECTORS else ''}"
        rows.append(
            Row(
                what=f"value and gradient of a survey of docs/feature_recovery.md: {what}",
                measured=f"{best['this'] * 1e3:.2f} ms: {ratio:.1f} x the plain model "
                f"({best['plain'] * 1e3:.2f} ms)",
                reach="",
                holds=None,
            )
        )
    record("each_feature", rows, figures)


if __name__ == "__main__":
    main()
