"""Animals that a survey of a layout would catch, simulated in large numbers and weighted."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.likelihood.problem import Problem, build_problem
from scr.model.within_session import to_any_animal
from scr.simulate.surveys import simulate_survey
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import Assumptions
from trap_layouts.criteria import Counts
from trap_layouts.exposure import Exposure, planned_survey
from trap_layouts.layout import Layout

N_ANIMALS = 4000
"""Caught animals simulated, unless another number is asked for."""

_LARGEST_BOOST = 30.0


@dataclass(frozen=True, eq=False)
class Caught:
    """Simulated caught animals.

    Parameters
    ----------
    problem
        Model and data of a survey with many times the animals.
    weights
        Weight of each animal, summing to E[n], shape (n_animals,).
    """

    problem: Problem
    weights: NDArray[np.float64]


def catch_animals(
    layout: Layout, assumptions: Assumptions, exposed: Exposure, *, n_animals: int, seed: int
) -> Caught | None:
    """Animals of one simulated survey of many times the density, each weighted back.

    Animals are detected independently of each other, whatever is said of their number. None where
    none can be detected.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        One set of coefficients (the first is used).
    exposed
        Cells and hazards.
    n_animals
        Caught animals to simulate, about.
    seed
        Seed of the simulation.

    Raises
    ------
    LayoutError
        If detection responds to captures of other animals.
    """
    of_others = to_any_animal(assumptions.changing)
    if of_others:
        msg = (
            f"The formulas of detection name {', '.join(of_others)}: an animal then depends on "
            "those caught before it, and what a layout will bring is worked out for animals that "
            "are caught independently. Use bk or Bk, or a study, which simulates and fits whole "
            "surveys (run_study; scr layouts power)."
        )
        raise LayoutError(msg)
    if exposed.expected <= 0:
        return None
    mask, spec = assumptions.mask, assumptions.planned_spec
    rate = (exposed.animals * exposed.detectability).sum(axis=0)  # caught animals by cell
    boost = _boost(rate, n_animals)
    plan = planned_survey(layout, assumptions, detector=assumptions.detector)
    survey, truth = simulate_survey(
        plan,
        replace(mask, cell_area=mask.cell_area * boost),
        spec,
        coefficients={name: float(v[0]) for name, v in assumptions.coefficients.items()},
        seed=seed,
        unknown_sex=assumptions.unknown_sex,
        centres="cell_centre",
    )
    cell = truth.animals.dropna(subset=["individual"]).set_index("individual")["cell"]
    caught = cell.loc[survey.sessions[0].captures.individuals.tolist()].to_numpy()
    weights = 1 / boost[caught]
    return Caught(build_problem(survey, mask, spec), weights * rate.sum() / weights.sum())


def _boost(rate: NDArray[np.float64], n_animals: int) -> NDArray[np.float64]:
    """How many times the animals to simulate in each cell: more where few are caught.

    Coefficients that follow from few animals (those beyond a border, say) would otherwise have a
    large Monte Carlo error. The number caught is then as the root of the rate, at most thirty
    times the boost of the best cell, and about ``n_animals`` in all. Larger cells hold more
    animals; the likelihood is that of the mask as it is.
    """
    boost = np.minimum(np.sqrt(rate.max() / np.maximum(rate, 1e-300)), _LARGEST_BOOST)
    return np.asarray(boost * n_animals / (boost @ rate))


def simulated_counts(caught: Caught | None, exposed: Exposure, *, seed: int = 1) -> Counts:
    """What a survey can be expected to bring, where detection changes within it.

    E[n] is exact; the other counts are means over simulated caught animals.

    Parameters
    ----------
    caught
        From ``catch_animals``; None where no animal can be detected.
    exposed
        Cells and hazards.
    seed
        Seed of the order of detections within an occasion.
    """
    living = float(exposed.animals.sum())
    if caught is None:
        return Counts(0.0, 0.0, 0.0, 0.0, living)
    survey = caught.problem.design.survey
    each = _of_animals(
        survey.sessions[0].captures,
        searched=bool(DETECTORS[survey.detector].searched),
        rng=np.random.default_rng(seed),
    )
    detections, moves, at_two = (float(caught.weights @ number) for number in each)
    return Counts(exposed.expected, detections, moves, at_two, living)


def _of_animals(
    captures: CaptureHistory, *, searched: bool, rng: np.random.Generator
) -> tuple[NDArray[np.float64], ...]:
    """Detections, moves, and whether at two places, of each animal.

    Within an occasion they are in any order. Each find of a search is at a place of its own.
    """
    n = captures.n_individuals
    found = np.bincount(captures.individual, captures.count, minlength=n).astype(np.float64)
    if searched:
        return found, found - 1, (found > 1).astype(np.float64)
    animal, trap, when = (
        np.repeat(of, captures.count)
        for of in (captures.individual, captures.trap, captures.occasion)
    )
    order = np.lexsort((rng.random(len(trap)), when, animal))
    animal, trap = animal[order], trap[order]
    moved = (np.diff(animal) == 0) & (np.diff(trap) != 0)
    moves = np.bincount(animal[1:][moved], minlength=n).astype(np.float64)
    return found, moves, (moves > 0).astype(np.float64)
