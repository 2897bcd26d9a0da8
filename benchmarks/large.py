"""The simulated survey of 1,000 traps, 30,258 cells, 355 animals: values, fits, peak memory.

Each fit runs in a fresh process, so that its peak memory is its own; a small survey is fitted
first so that compiled code is loaded before the clock starts.
"""

import contextlib
import json
import math
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import REFERENCE, Row, Taken, absent, in_fresh_process, peak_memory_mb, record, taken_by

import scr
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage

DATA = REFERENCE / "large"
WHAT = "large: 1,000 traps, 30,258 cells, 355 animals, density ~ z"
SPEC = scr.ModelSpec(density="~ z")
MOST_SECONDS = {"mle": 2.0, "laplace": 15.0, "nuts": 120.0}
LEAST_EFFECTIVE = {"laplace": 1000, "nuts": 400}
MOST_MEMORY_MB = 1024.0
MOST_DIFFERENCE = 1e-8
HECTARES = 100.0
OTHERS = "secr 2,542 s, 2.3 GB"


def large() -> tuple[scr.Survey, scr.HabitatMask]:
    traps = scr.read_traps(DATA / "traps.csv", crs="local")
    survey = scr.read_survey(DATA / "detections.csv", traps, usage=10)
    return survey, scr.read_mask(DATA / "mask.csv", crs="local")


def small() -> tuple[scr.Survey, scr.HabitatMask]:
    """A few traps of the same survey with simulated captures, to load compiled code by."""
    survey, mask = large()
    session = survey.sessions[0]
    near = session.traps.xy[:, 0].argsort()[:40]
    traps = scr.Traps(names=session.traps.names[near], xy=session.traps.xy[near], crs="local")
    plan = plan_survey(traps, Usage(session.usage.effort[near]))
    truth = {
        "density.Intercept": math.log(0.06),
        "density.z": 0.5,
        "lambda0.Intercept": math.log(0.05),
        "sigma.Intercept": math.log(4000.0),
    }
    return simulate_survey(plan, mask, SPEC, coefficients=truth, seed=1)[0], mask


def fit(engine: str, data: tuple[scr.Survey, scr.HabitatMask], *, brief: bool = False) -> scr.Fit:
    """A fit without refits of other masks; briefly to load compiled code."""
    fitted: scr.Fit
    if engine == "mle":
        fitted = scr.fit_mle(*data, SPEC, check_mask=False)
    elif engine == "laplace":
        fitted = scr.fit_laplace(*data, SPEC, check_mask=False, draws=200 if brief else 1300)
    else:
        length = {"draws": 10, "tune": 10} if brief else {"draws": 150, "tune": 150}
        fitted = scr.fit_nuts(*data, SPEC, check_mask=False, progress=False, **length)
    return fitted


def values() -> dict[str, Any]:
    """Largest relative difference from the recorded log-likelihoods."""
    recorded = json.loads((DATA / "secr_reference.json").read_text(encoding="utf-8"))
    problem = build_problem(*large(), SPEC)
    differences = []
    for point in recorded["points"]:
        log_density, *rest = point["beta"]
        theta = np.array([log_density + math.log(HECTARES), *rest])
        value = value_and_gradient(problem, theta)[0]
        differences.append(abs(value / point["exact_core"] - 1.0))
    return {"difference": max(differences), "points": len(differences)}


def one(engine: str) -> dict[str, Any]:
    """Time, memory and quality of one fit."""
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(sys.stderr):
        fit(engine, small(), brief=True)
        data = large()
        fits: list[scr.Fit] = []
        taken = taken_by(lambda: fits.append(fit(engine, data)))
    fitted = fits[0]
    answer = {**taken._asdict(), "peak_mb": peak_memory_mb()}
    stats = fitted.sample_stats
    if engine == "mle":
        answer |= {"evaluations": stats.attrs["n_evaluations"], "value": fitted.log_likelihood}
    elif engine == "laplace":
        answer |= {"effective": float(stats["effective_draws"]), "k_hat": float(stats["k_hat"])}
    else:
        checks = {check.name: check.value for check in fitted.checks}
        answer |= {"effective": checks["ess_bulk"], "rhat": checks["rhat"]}
    return answer


def rows_of(answers: dict[str, dict[str, Any]]) -> list[Row]:
    mle, laplace, nuts = (answers[engine] for engine in ("mle", "laplace", "nuts"))
    told = {
        "mle": f"{mle['evaluations']} evaluations ({OTHERS}, as recorded)",
        "laplace": f"{laplace['effective']:,.0f} effective draws, k-hat {laplace['k_hat']:.2f}",
        "nuts": f"min bulk ESS {nuts['effective']:,.0f}, R-hat {nuts['rhat']:.3f}",
    }
    rows = []
    for engine, most in MOST_SECONDS.items():
        least = LEAST_EFFECTIVE.get(engine, 0)
        taken = Taken(answers[engine]["wall"], answers[engine]["cpu"])
        enough = answers[engine].get("effective", 0) >= least
        rows.append(
            Row(
                what=f"fit_{engine}, {WHAT}",
                measured=f"{taken}, {told[engine]}",
                reach=f"{most:g} s" + (f", {least:,} effective" if least else ""),
                holds=taken.wall <= most and enough,
            )
        )
    peak = {engine: answer["peak_mb"] for engine, answer in answers.items() if engine != "values"}
    difference = answers["values"]["difference"]
    return [
        *rows,
        Row(
            what=f"peak memory, {WHAT}",
            measured=", ".join(f"fit_{name} {size:.0f} MB" for name, size in peak.items()),
            reach=f"{MOST_MEMORY_MB:.0f} MB",
            holds=max(peak.values()) <= MOST_MEMORY_MB,
        ),
        Row(
            what=f"log-likelihood at {answers['values']['points']} recorded points, {WHAT}",
            measured=f"largest relative difference {difference:.0e}",
            reach=f"{MOST_DIFFERENCE:g}",
            holds=difference <= MOST_DIFFERENCE,
        ),
    ]


def main() -> None:
    if not DATA.is_dir():
        record("large", [absent(WHAT)], {})
        return
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        name: (lambda name=name: in_fresh_process("large.py", name))
        for name in ("values", "mle", "laplace", "nuts")
    }
    answers = {name: part() for name, part in parts.items()}
    record("large", rows_of(answers), answers)


if __name__ == "__main__":
    part = sys.argv[1:]
    if not part:
        main()
    else:
        print(json.dumps(values() if part == ["values"] else one(part[0])))
