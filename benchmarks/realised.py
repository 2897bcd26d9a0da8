"""Realised density: joint draws of all animals, 1,000 draws x 20,000 cells x 500 animals."""

import math
import warnings

import numpy as np
from timing import Row, peak_memory_mb, record, taken_by

import scr
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage

MOST_SECONDS = 10.0
N_ANIMALS = 500
DRAWS = 1000
SPACING = 1000.0
SIGMA = 2000.0
LAMBDA0 = 0.05


def survey_of(
    side: int, n_animals: int, *, seed: int = 1
) -> tuple[scr.Survey, scr.HabitatMask, scr.ModelSpec]:
    """A square of ``side`` x ``side`` cells of 1 km2, a trap each 3 km, many animals caught."""
    axis = np.arange(side) * SPACING
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    mask = scr.HabitatMask(
        xy=np.stack([x, y], axis=1), cell_area=np.full(len(x), 1.0), crs="local", spacing=SPACING
    ).with_covariate("z", np.sin(x / 9e3) + np.cos(y / 7e3))
    axis = np.arange(8e3, axis[-1] - 8e3, 3 * SPACING) + 100.0
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    traps = scr.Traps(
        names=np.array([f"S{i}" for i in range(len(x))], dtype=object),
        xy=np.stack([x, y], axis=1),
        crs="local",
    )
    spec = scr.ModelSpec(density="~ z")
    share_caught = 0.8 * (axis[-1] - axis[0] + 2 * SIGMA) ** 2 / (side * SPACING) ** 2
    truth = {
        "density.Intercept": math.log(n_animals / share_caught / side**2),
        "density.z": 0.3,
        "lambda0.Intercept": math.log(LAMBDA0),
        "sigma.Intercept": math.log(SIGMA),
    }
    plan = plan_survey(traps, Usage(np.ones((len(x), 10))))
    survey, _ = simulate_survey(plan, mask, spec, coefficients=truth, seed=seed)
    return survey, mask, spec


def main() -> None:
    survey, mask, spec = survey_of(142, N_ANIMALS)
    with warnings.catch_warnings(action="ignore"):
        fit = scr.fit_laplace(survey, mask, spec, draws=DRAWS, check_mask=False)
    scr.realised_density(fit, n_draws=20, seed=1)  # compiles
    taken = taken_by(lambda: scr.realised_density(fit, n_draws=DRAWS, seed=1), times=2)
    row = Row(
        what=f"realised density, {DRAWS:,} draws x {len(mask):,} cells x "
        f"{survey.n_individuals} animals",
        measured=f"{taken}, peak memory {peak_memory_mb():.0f} MB",
        reach=f"{MOST_SECONDS:g} s",
        holds=taken.wall <= MOST_SECONDS,
    )
    record("realised", [row], {**taken._asdict(), "peak_mb": peak_memory_mb()})


if __name__ == "__main__":
    main()
