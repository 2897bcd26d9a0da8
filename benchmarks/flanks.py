"""Fits of a survey of both flanks: about 30 left, 30 right and 10 complete animals, sigma 4 km."""

import warnings

import numpy as np
from timing import Row, Taken, record, taken_by

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.sides import n_of_sides
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SPEC = scr.ModelSpec(lambda0="~ side")
MOST_SECONDS = {"laplace": 20.0, "nuts": 240.0}
SIGMA, DAYS, SEED, SHARE_OF_ONE = 4000.0, 60, 26, 0.86
TRUTH = {
    "density.Intercept": np.log(0.035),
    "lambda0.Intercept": np.log(0.0045),
    "lambda0.side[T.both]": np.log(1.6),
    "lambda0.side[T.single]": np.log(0.2),
    "sigma.Intercept": np.log(SIGMA),
}


def two_flanks() -> tuple[scr.Survey, scr.HabitatMask]:
    """Sixty stations over 40 by 20 km, of which one camera in ten station-days has a second."""
    x, y = np.meshgrid(np.linspace(0, 40_000, 10), np.linspace(0, 20_000, 6))
    xy = np.column_stack([x.ravel(), y.ravel()])
    traps = Traps(names=[f"S{k}" for k in range(len(xy))], xy=xy, crs="local")
    mask = scr.build_mask(traps, buffer=4 * SIGMA, spacing=SIGMA / 2)
    rng = np.random.default_rng(SEED)
    two = (rng.random((len(xy), DAYS)) >= SHARE_OF_ONE).astype(np.float64)
    plan = plan_survey(traps, Usage(np.ones_like(two)), two_cameras=[two])
    return scr.simulate_survey(plan, mask, SPEC, coefficients=TRUTH, seed=SEED)[0], mask


def row(name: str, fit: scr.Fit, taken: Taken, sides: tuple[int, ...]) -> Row:
    """What a fit took, and its effective draws."""
    complete, left, right = sides
    effective = float(fit.coefficients["ess_bulk"].min())
    width = "exact sums" if fit.sample_stats.attrs["widest_matching"] else "sums reweighted"
    return Row(
        what=f"fit_{name}, both flanks: {complete} complete, {left} left and {right} right animals",
        measured=f"{taken}, {effective:,.0f} effective draws, {width}",
        reach=f"{MOST_SECONDS[name]:g} s",
        holds=taken.wall <= MOST_SECONDS[name],
    )


def main() -> None:
    """Time both engines, the first call, which may compile, left out."""
    survey, mask = two_flanks()
    sides = n_of_sides(survey.sessions[0])
    fits: dict[str, scr.Fit] = {}

    def laplace() -> None:
        fits["laplace"] = scr.fit_laplace(survey, mask, SPEC)

    def nuts() -> None:
        fits["nuts"] = scr.fit_nuts(survey, mask, SPEC, progress=False)

    with warnings.catch_warnings(action="ignore"):
        scr.fit_laplace(survey, mask, SPEC, draws=200)
        taken = {"laplace": taken_by(laplace), "nuts": taken_by(nuts)}
    rows = [row(name, fits[name], taken[name], sides) for name in taken]
    record("flanks", rows, {"seconds": {name: one._asdict() for name, one in taken.items()}})


if __name__ == "__main__":
    main()
