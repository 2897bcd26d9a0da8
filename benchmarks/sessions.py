"""27 reserves in one model: one gradient against the sum of the 27 alone.

Masks are those recorded for 12 reserves, and for the others cells of 1 km within 15 km of a
station. Reserves without a detection are in all sums.
"""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from timing import REFERENCE, Row, absent, record, side_by_side

import scr
from scr.likelihood.problem import Problem, build_problem, value_and_gradient

DATA = REFERENCE / "leopard_south_africa"
CRS = "local"
BUFFER, SPACING = 15_000.0, 1000.0
SPEC = scr.ModelSpec()
THETA = np.array([math.log(0.05), math.log(0.01), math.log(2500.0)])
WHAT = "27 reserves of leopard_south_africa, value and gradient"
MOST_RATIO = 1.0
NOISE = 0.02
"""What two equal times may differ by."""


def tables() -> dict[str, pd.DataFrame]:
    names = {"session": str, "trap": str, "individual": str}
    traps, detections, mask = (
        pd.read_csv(DATA / f"{name}.csv", dtype=names) for name in ("traps", "detections", "mask")
    )
    others = traps[~traps["session"].isin(mask["session"])].reset_index(drop=True)
    built = scr.build_mask(scr.read_traps(others, crs=CRS), buffer=BUFFER, spacing=SPACING)
    cells = pd.DataFrame({"session": built.session, "x": built.xy[:, 0], "y": built.xy[:, 1]})
    mask = pd.concat([mask, cells.assign(area_ha=100.0)], ignore_index=True)
    return {"traps": traps, "detections": detections, "mask": mask}


def problem_of(parts: Mapping[str, pd.DataFrame], sessions: list[str]) -> Problem:
    """The reserves named, together."""
    of_them = {
        name: table[table["session"].isin(sessions)].reset_index(drop=True)
        for name, table in parts.items()
    }
    survey = scr.read_survey(
        of_them["detections"],
        scr.read_traps(of_them["traps"], crs=CRS),
        usage=of_them["traps"],
        detector="count",
    )
    return build_problem(survey, scr.read_mask(of_them["mask"], crs=CRS), SPEC)


def main() -> None:
    if not DATA.is_dir():
        record("sessions", [absent(WHAT)], {})
        return
    parts = tables()
    sessions = list(dict.fromkeys(parts["traps"]["session"]))
    together = problem_of(parts, sessions)
    alone = [problem_of(parts, [session]) for session in sessions]
    total = sum(value_and_gradient(problem, THETA)[0] for problem in alone)
    np.testing.assert_allclose(value_and_gradient(together, THETA)[0], total, rtol=1e-9)
    best = side_by_side(
        {
            "together": lambda: value_and_gradient(together, THETA),
            "alone": lambda: [value_and_gradient(problem, THETA) for problem in alone],
        },
        calls=1,
        seconds=10.0,
    )
    ratio = best["together"] / best["alone"]
    row = Row(
        what=WHAT,
        measured=f"{best['together'] * 1e3:.1f} ms, {ratio:.2f} x the sum of {len(alone)} alone "
        f"({best['alone'] * 1e3:.1f} ms)",
        reach=f"{MOST_RATIO:g} x",
        holds=ratio <= MOST_RATIO + NOISE,
    )
    record("sessions", [row], {"seconds": best, "ratio": ratio})


if __name__ == "__main__":
    main()
