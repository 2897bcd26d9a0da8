"""The same simulated animals for every choice among candidates, to tell choices apart by."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.likelihood.problem import build_problem
from scr.survey.captures import CaptureHistory
from trap_layouts.assumptions import Assumptions
from trap_layouts.caught import Caught, catch_animals
from trap_layouts.exposure import exposure, planned_design, planned_survey
from trap_layouts.information import Information, expected_information, information_by
from trap_layouts.layout import Layout

_MOST_HAZARDS = 40_000_000


@dataclass(frozen=True, eq=False)
class CommonAnimals:
    """Animals simulated once, with what every candidate would record of them.

    Stations of single cameras or counters record independently, so that what some of them record
    is a part of what all would. Two choices then differ by their stations and not by chance.
    Traps that hold animals compete, and of very many candidates and cells the hazards would not
    fit into memory: then each choice is simulated by itself, from the same seed.

    Parameters
    ----------
    candidates
        Every place where a station may stand.
    assumptions
        One set of coefficients.
    reserve
        Where N is estimated; the whole mask if None.
    n_animals
        Animals to simulate that at least one candidate records, about.
    seed
        Seed of the simulation.
    """

    candidates: Layout
    assumptions: Assumptions
    reserve: Region | None
    n_animals: int
    seed: int

    def told_by(self, stations: NDArray[np.int64]) -> Information:
        """What a survey of some of the candidates can be expected to tell.

        Parameters
        ----------
        stations
            Their indices.

        Raises
        ------
        LayoutError
            As ``expected_information``.
        """
        layout = self.candidates.take(stations)
        if self._caught is None:
            return expected_information(
                layout,
                self.assumptions,
                reserve=self.reserve,
                n_animals=self.n_animals,
                seed=self.seed,
            )
        return information_by(
            layout,
            self.assumptions,
            self.reserve,
            lambda exposed: self._recorded(layout, stations, expected=exposed.expected),
        )

    @cached_property
    def _caught(self) -> Caught | None:
        """Animals that the candidates record; None where each choice is simulated by itself."""
        size = len(self.candidates) * len(self.assumptions.mask)
        if self.assumptions.detector == "multi" or size > _MOST_HAZARDS:
            return None
        design = planned_design(self.candidates, self.assumptions)
        theta = self.assumptions.thetas(design)[0]
        exposed = exposure(design, theta, n_occasions=self.assumptions.n_occasions)
        return catch_animals(
            self.candidates,
            self.assumptions,
            exposed,
            n_animals=self.n_animals,
            seed=self.seed,
        )

    def _recorded(
        self, layout: Layout, stations: NDArray[np.int64], *, expected: float
    ) -> Caught | None:
        """What some stations record of the animals; None where that is nothing."""
        if self._caught is None or expected <= 0:
            return None
        captures = self._caught.problem.design.survey.sessions[0].captures
        place = np.full(len(self.candidates), -1)
        place[stations] = np.arange(len(stations))
        at = place[captures.trap]
        kept = at >= 0
        animals, individual = np.unique(captures.individual[kept], return_inverse=True)
        if len(animals) == 0:
            return None
        recorded = CaptureHistory(
            individuals=captures.individuals[animals],
            individual=individual,
            occasion=captures.occasion[kept],
            trap=at[kept],
            count=captures.count[kept],
            covariates=captures.covariates.iloc[animals],
        )
        plan = planned_survey(layout, self.assumptions, detector=self.assumptions.detector)
        survey = replace(plan, sessions=(replace(plan.sessions[0], captures=recorded),))
        weights = self._caught.weights[animals]
        problem = build_problem(survey, self.assumptions.mask, self.assumptions.planned_spec)
        return Caught(problem, weights * expected / weights.sum())
