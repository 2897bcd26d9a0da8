"""Fits of leopard_like, density ~ elevation: time, evaluations, effective draws.

``python benchmarks/fit.py fresh`` times the first fit_nuts of a process and later ones; the
difference is what compilation costs there.
"""

import contextlib
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from timing import Row, Taken, in_fresh_process, record, taken_by

import scr

DATA = Path(__file__).resolve().parents[1] / "tests" / "golden" / "leopard_like"
SPEC = scr.ModelSpec(density="~ elev")
MOST_SECONDS = {"mle": 0.15, "laplace": 1.0, "nuts": 8.0, "compilation": 2.0}
MOST_EVALUATIONS = 40
LEAST_EFFECTIVE = 1000
MOST_K_HAT = 0.5
MOST_RHAT = 1.01
NUTS_DRAWS = 250
"""Draws of each of four chains: enough for 1,000 effective ones."""

OTHERS = "secr 24.6 s approximate, 161 s exact; openpopscr 97 s"


def leopard_like() -> tuple[scr.Survey, scr.HabitatMask]:
    """100 stations, 10 occasions of 10 days, from the files kept for the tests."""
    traps = scr.read_traps(DATA / "traps.csv", crs="local")
    survey = scr.read_survey(DATA / "detections.csv", traps, usage=DATA / "traps.csv")
    return survey, scr.read_mask(DATA / "mask.csv", crs="local")


def recorded_seconds() -> dict[str, float]:
    """Seconds that secr took for this model in the record kept for the tests."""
    recorded = json.loads((DATA / "secr_reference.json").read_text(encoding="utf-8"))
    return {
        kind: float(model["elapsed"])
        for kind in ("default", "general")
        for model in recorded[kind]
        if model["label"].removesuffix("_general") == "HHN_Delev"
    }


def check_of(fit: scr.Fit, name: str) -> float:
    """The number of one of the fit's checks."""
    return next(check.value for check in fit.checks if check.name == name)


def nuts(
    survey: scr.Survey, mask: scr.HabitatMask, *, draws: int = NUTS_DRAWS, tune: int = 300
) -> scr.Fit:
    """Four chains, without the checks of the mask."""
    fitted: scr.Fit = scr.fit_nuts(
        survey, mask, SPEC, draws=draws, tune=tune, seed=1, check_mask=False, progress=False
    )
    return fitted


def fresh() -> None:
    """Print the seconds of the first and of later fits of this process, all of few draws."""
    data = leopard_like()

    def brief() -> scr.Fit:
        return nuts(*data, draws=5, tune=5)

    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
        first, later = taken_by(brief), taken_by(brief, times=3)
    print(json.dumps({"first": first, "later": later}))


def row_of_mle(fit: scr.Fit, taken: Taken, *, with_checks: bool) -> Row:
    evaluations = int(fit.sample_stats.attrs["n_evaluations"])
    return Row(
        what="fit_mle, leopard_like, density ~ elevation"
        + (", with its refits of two other masks" if with_checks else ", check_mask=False"),
        measured=f"{taken}, {evaluations} evaluations ({OTHERS}, as recorded)",
        reach=f"{MOST_SECONDS['mle']} s warm, {MOST_EVALUATIONS} evaluations",
        holds=taken.wall <= MOST_SECONDS["mle"] and evaluations <= MOST_EVALUATIONS,
    )


def row_of_laplace(fit: scr.Fit, taken: Taken, *, with_checks: bool) -> Row:
    effective = float(fit.sample_stats["effective_draws"])
    k_hat = float(fit.sample_stats["k_hat"])
    drawn = int(fit.sample_stats.attrs["n_values"])
    good = effective >= LEAST_EFFECTIVE and k_hat < MOST_K_HAT
    return Row(
        what="fit_laplace, leopard_like, density ~ elevation"
        + (", 4,000 draws and refits of two other masks" if with_checks else ""),
        measured=f"{taken}, {effective:,.0f} effective draws of {drawn:,}, k-hat {k_hat:.2f}",
        reach=f"{MOST_SECONDS['laplace']:g} s warm, {LEAST_EFFECTIVE:,} effective, "
        f"k-hat < {MOST_K_HAT}",
        holds=taken.wall <= MOST_SECONDS["laplace"] and good,
    )


def row_of_nuts(fit: scr.Fit, taken: Taken) -> Row:
    effective, rhat = check_of(fit, "ess_bulk"), check_of(fit, "rhat")
    good = effective >= LEAST_EFFECTIVE and rhat <= MOST_RHAT
    return Row(
        what="fit_nuts, leopard_like, density ~ elevation, 4 chains",
        measured=f"{taken}, min bulk ESS {effective:,.0f}, R-hat {rhat:.3f}",
        reach=f"{MOST_SECONDS['nuts']:g} s warm, ESS {LEAST_EFFECTIVE:,}, R-hat {MOST_RHAT}",
        holds=taken.wall <= MOST_SECONDS["nuts"] and good,
    )


def timed(fits: dict[str, scr.Fit], name: str, call: Callable[[], scr.Fit], times: int) -> Taken:
    def once() -> None:
        fits[name] = call()

    once()
    return taken_by(once, times=times)


def main() -> None:
    survey, mask = leopard_like()
    fits: dict[str, scr.Fit] = {}
    calls: dict[str, tuple[Callable[[], scr.Fit], int]] = {
        "mle": (lambda: scr.fit_mle(survey, mask, SPEC, check_mask=False), 7),
        "mle, masks": (lambda: scr.fit_mle(survey, mask, SPEC), 5),
        "laplace": (
            lambda: scr.fit_laplace(survey, mask, SPEC, draws=1500, check_mask=False, seed=1),
            3,
        ),
        "laplace, masks": (lambda: scr.fit_laplace(survey, mask, SPEC, seed=1), 3),
        "nuts": (lambda: nuts(survey, mask), 2),
    }
    with warnings.catch_warnings(action="ignore"):
        taken = {name: timed(fits, name, *call) for name, call in calls.items()}
    in_fresh_process("fit.py", "fresh")  # the first on this machine may compile for its cache
    runs = [in_fresh_process("fit.py", "fresh") for _ in range(2)]
    first, later = (
        Taken(*map(min, zip(*(run[k] for run in runs), strict=True))) for k in ("first", "later")
    )
    compilation = Taken(first.wall - later.wall, first.cpu - later.cpu)
    rows = [
        row_of_mle(fits["mle"], taken["mle"], with_checks=False),
        row_of_mle(fits["mle, masks"], taken["mle, masks"], with_checks=True),
        row_of_laplace(fits["laplace"], taken["laplace"], with_checks=False),
        row_of_laplace(fits["laplace, masks"], taken["laplace, masks"], with_checks=True),
        row_of_nuts(fits["nuts"], taken["nuts"]),
        Row(
            what="fit_nuts, compilation in a fresh process, not the first on the machine",
            measured=f"{compilation}, first call less a later one",
            reach=f"{MOST_SECONDS['compilation']:g} s",
            holds=compilation.wall <= MOST_SECONDS["compilation"],
        ),
    ]
    figures = {
        "seconds": {name: one._asdict() for name, one in taken.items()},
        "compilation": runs,
        "secr_of_the_golden_record": recorded_seconds(),
    }
    record("fit", rows, figures)


if __name__ == "__main__":
    fresh() if sys.argv[1:] == ["fresh"] else main()
