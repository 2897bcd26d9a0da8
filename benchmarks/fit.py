"""Fits of leopard_like, density ~ elevation: time, evaluations, effective draws."""

import json
from pathlib import Path

from timing import Row, record, seconds_of

import scr

DATA = Path(__file__).resolve().parents[1] / "tests" / "golden" / "leopard_like"
MOST_SECONDS_LAPLACE = 10.0
LEAST_EFFECTIVE_DRAWS = 1000


def leopard_like() -> tuple[scr.Survey, scr.HabitatMask]:
    """100 stations, 10 occasions of 10 days, from the files kept for the tests."""
    traps = scr.read_traps(DATA / "traps.csv", crs="local")
    survey = scr.read_survey(DATA / "detections.csv", traps, usage=DATA / "traps.csv")
    return survey, scr.read_mask(DATA / "mask.csv", crs="local")


def recorded_seconds() -> dict[str, float]:
    """Seconds that secr took for this model, by its approximate default and exactly."""
    recorded = json.loads((DATA / "secr_reference.json").read_text(encoding="utf-8"))
    return {
        kind: float(model["elapsed"])
        for kind in ("default", "general")
        for model in recorded[kind]
        if model["label"].removesuffix("_general") == "HHN_Delev"
    }


def main() -> None:
    of_secr = recorded_seconds()
    survey, mask = leopard_like()
    spec = scr.ModelSpec(density="~ elev")
    fits: dict[str, scr.Fit] = {}

    def mle() -> None:
        fits["mle"] = scr.fit_mle(survey, mask, spec, progress=False)

    def laplace() -> None:
        fits["laplace"] = scr.fit_laplace(survey, mask, spec, seed=1, progress=False)

    first = {"mle": seconds_of(mle, times=1), "laplace": seconds_of(laplace, times=1)}
    warm = {"mle": seconds_of(mle), "laplace": seconds_of(laplace)}
    effective = float(fits["laplace"].sample_stats["effective_draws"])
    rows = [
        Row(
            what="fit_mle, leopard_like, density ~ elevation",
            measured=f"{warm['mle']:.2f} s warm, {first['mle']:.2f} s the first time",
            reach=f"secr 5.4.1 as recorded: {of_secr['default']:.1f} s by its default, "
            f"{of_secr['general']:.1f} s exact",
            holds=warm["mle"] < of_secr["default"],
        ),
        Row(
            what="fit_laplace, leopard_like, density ~ elevation",
            measured=f"{warm['laplace']:.2f} s warm, {first['laplace']:.2f} s the first time, "
            f"{effective:,.0f} effective draws",
            reach=f"{LEAST_EFFECTIVE_DRAWS:,} effective draws in {MOST_SECONDS_LAPLACE:g} s",
            holds=warm["laplace"] <= MOST_SECONDS_LAPLACE and effective >= LEAST_EFFECTIVE_DRAWS,
        ),
    ]
    record(
        "fit", rows, {"first": first, "warm": warm, "effective_draws": effective, "secr": of_secr}
    )


if __name__ == "__main__":
    main()
