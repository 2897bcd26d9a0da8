"""tiger_bayes: effective draws per second for density against nimbleSCR as recorded."""

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from arviz_stats.base.array import array_stats
from timing import REFERENCE, Row, absent, record, taken_by

import scr

DATA = REFERENCE / "tiger_bayes"
CRS = "EPSG:32643"
SPEC = scr.ModelSpec(detection="half_normal")
LEAST_RATIO = {"laplace": 500.0, "nuts": 100.0}
DRAWS = 4000
REPEATS = 2
"""Enough, as a run takes seconds."""

type Engine = Callable[..., float]


def tigers() -> tuple[scr.Survey, scr.HabitatMask]:
    traps = scr.read_traps(DATA / "tiger_traps.csv", crs=CRS)
    survey = scr.read_survey(
        DATA / "tiger_detections.csv",
        traps,
        usage=DATA / "tiger_traps.csv",
        detector="binomial_count",
    )
    return survey, scr.read_mask(DATA / "tiger_mask.csv", crs=CRS, bounded=True)


def laplace(survey: scr.Survey, mask: scr.HabitatMask, draws: int = DRAWS) -> float:
    """Effective draws of density."""
    fitted = scr.fit_laplace(survey, mask, SPEC, draws=draws, check_mask=False)
    return float(fitted.coefficients["ess_bulk"]["density.Intercept"])


def nuts(survey: scr.Survey, mask: scr.HabitatMask, draws: int = DRAWS) -> float:
    """Bulk effective draws of D itself, from four chains."""
    length = {"draws": draws // 4, "tune": min(draws // 4, 300)}
    fitted = scr.fit_nuts(survey, mask, SPEC, check_mask=False, progress=False, **length)
    density = np.exp(fitted.draws[:, 0]).reshape(fitted.n_chains, -1)
    effective: Any = array_stats.ess(density, method="bulk", chain_axis=0, draw_axis=1)
    return float(effective)


def main() -> None:
    what = "tiger_bayes, effective draws of density per second"
    if not DATA.is_dir():
        record("tigers", [absent(what)], {})
        return
    theirs = json.loads((DATA / "tiger_nimbleSCR.json").read_text(encoding="utf-8"))
    recorded = float(theirs["ess_per_s_total_sampling"]["D_100km2"])
    data = tigers()
    rows: list[Row] = []
    figures: dict[str, Any] = {"recorded": recorded}
    for name, engine in (("laplace", laplace), ("nuts", nuts)):
        effective: list[float] = []

        def once(engine: Engine = engine, effective: list[float] = effective) -> None:
            effective.append(engine(*data))

        with warnings.catch_warnings(action="ignore"):
            engine(*data, 100)  # compiles
            taken = taken_by(once, times=REPEATS)
        per_second = effective[0] / taken.wall
        ratio = per_second / recorded
        figures[name] = {"effective": effective[0], **taken._asdict(), "per_second": per_second}
        rows.append(
            Row(
                what=f"{what}, fit_{name}",
                measured=f"{per_second:,.0f} ({effective[0]:,.0f} in {taken}), {ratio:,.0f} x "
                f"nimbleSCR's recorded {recorded:.2f}",
                reach=f"{LEAST_RATIO[name]:g} x",
                holds=ratio >= LEAST_RATIO[name],
            )
        )
    record("tigers", rows, figures)


if __name__ == "__main__":
    main()
