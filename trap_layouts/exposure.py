"""How exposed the cells are to the stations of a layout: hazards, and the animals living there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.likelihood.centres import total_hazard
from scr.likelihood.problem import build_problem
from scr.model.design import Design, build_design
from scr.model.travel import away_from_traps
from scr.simulate.surveys import naming_sexes, plan_survey, sexes_named
from scr.survey.detectors import Detector
from scr.survey.survey import Survey
from scr.survey.usage import Usage
from trap_layouts.assumptions import Assumptions
from trap_layouts.layout import Layout


@dataclass(frozen=True, eq=False)
class Exposure:
    """Cells, what is in them and what sees it.

    Parameters
    ----------
    hazard
        Cumulative hazard h T of each station in one occasion, shape
        (n_classes, n_stations, n_cells). Searches are taken together as one station; so is all
        that can detect an animal for the first time where that changes between occasions, as one
        station in one occasion.
    animals
        Expected animals of each class and cell, psi a D, shape (n_classes, n_cells).
    n_occasions
        Occasions, all alike.
    """

    hazard: NDArray[np.float64]
    animals: NDArray[np.float64]
    n_occasions: int

    @property
    def expected(self) -> float:
        """E[n], animals detected."""
        return float((self.animals * self.detectability).sum())

    @property
    def detectability(self) -> NDArray[np.float64]:
        """Probability that an animal is detected at all, shape (n_classes, n_cells)."""
        return np.asarray(-np.expm1(-self.n_occasions * self.hazard.sum(axis=1)))


def planned_survey(layout: Layout, assumptions: Assumptions, *, detector: Detector) -> Survey:
    """The survey that a layout plans, without captures.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        For effort: occasions, and what one or two cameras are worth.
    detector
        What a trap records.

    Raises
    ------
    LayoutError
        If both flanks are to be used: then a station is several detectors.
    """
    if assumptions.flank is not None:
        msg = (
            'With flank = "both", layouts can be compared and their surveys simulated '
            "(compare and power of scr layouts). Leave flank out, and set one_flank in its stead."
        )
        raise LayoutError(msg)
    per_day = assumptions.equipment.effort(np.asarray(layout.cameras))
    effort = np.repeat(
        (per_day * assumptions.occasion_days)[:, None], assumptions.n_occasions, axis=1
    )
    return plan_survey(layout.traps, Usage(effort, source=layout.name), detector=detector)


def planned_design(layout: Layout, assumptions: Assumptions) -> Design:
    """The model for a layout.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        Model and mask.

    Raises
    ------
    MaskError
        If the mask does not reach the stations.
    FormulaError
        If a formula names what there is not.
    """
    survey = planned_survey(layout, assumptions, detector=assumptions.detector)
    spec = assumptions.planned_spec
    sexes = sexes_named(survey) if spec.has_sexes else ()
    return build_design(naming_sexes(survey, sexes), assumptions.mask, spec)


def exposure(design: Design, theta: NDArray[np.float64], *, n_occasions: int) -> Exposure:
    r"""Hazards of all stations in all cells, for an animal that was not yet detected.

    .. math:: h_{kmu} T_k, \qquad \psi_u a_m D_m

    Parameters
    ----------
    design
        The model for a layout, from ``planned_design``.
    theta
        Coefficients, shape (n_coefficients,).
    n_occasions
        Occasions of the survey.
    """
    traps, living = design.survey.sessions[0].traps, living_animals(design, theta)
    every = np.arange(len(traps))
    changes = any(of.of_session[0].shape[2:] != (1, 1) for of in (design.intensity, design.shape))
    if traps.parts is not None:
        total = total_hazard(build_problem(design.survey, design.mask, design.spec), theta)[0]
    elif changes:
        one = (_hazard_in(design, theta, every, occasion=s) for s in range(n_occasions))
        total = sum((hazard.sum(axis=1) for hazard in one), start=np.zeros_like(living))
    else:
        return Exposure(hazard_at(design, theta, every), living, n_occasions=n_occasions)
    n_alike = 1 if changes else n_occasions
    return Exposure(total[:, None, :] / n_alike, living, n_occasions=n_alike)


def hazard_at(
    design: Design, theta: NDArray[np.float64], stations: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Hazard h T of some stations in one occasion, shape (n_classes, n_stations, n_cells).

    Parameters
    ----------
    design
        The model for a layout.
    theta
        Coefficients, shape (n_coefficients,).
    stations
        Which stations, indices from 0.

    Raises
    ------
    FormulaError
        If detection is not the same in all occasions, before and after a capture.
    """
    for of in (design.intensity, design.shape):
        of.by_trap(0, what="a choice of stations")
    return _hazard_in(design, theta, stations, occasion=0)


def _hazard_in(
    design: Design, theta: NDArray[np.float64], stations: NDArray[np.int64], *, occasion: int
) -> NDArray[np.float64]:
    """Hazard h T in an occasion of an animal that was not yet detected."""
    arrays = design.arrays(theta)
    session = design.survey.sessions[0]
    of_intensity, shape = (
        of.of_session[0][:, stations, min(occasion, of.of_session[0].shape[2] - 1), 0]
        for of in (design.intensity, design.shape)
    )  # (n_classes, n_stations)
    intensity = arrays.intensity[of_intensity]
    every = np.arange(len(design.cells[0]))
    distance = away_from_traps(design, arrays, 0, every).T[stations]  # (n_stations, n_cells)
    with np.errstate(divide="ignore"):  # hazard_rate divides by distance; its limit is right
        hazard = design.spec.family.hazard(
            distance,
            intensity[:, :, None],
            arrays.sigma[shape][:, :, None],
            arrays.z[shape][:, :, None],
        )
    return np.asarray(hazard * session.usage.effort[stations, occasion][:, None])


def living_animals(design: Design, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected animals of each class and cell, psi a D, shape (n_classes, n_cells).

    Parameters
    ----------
    design
        The model for a layout.
    theta
        Coefficients, shape (n_coefficients,).
    """
    arrays = design.arrays(theta)
    density = np.exp(arrays.log_density[0])
    share = np.exp(arrays.log_share[0])[:, None]
    return np.asarray(share * design.mask.cell_area[design.cells[0]] * density)
