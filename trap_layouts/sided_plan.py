"""A planned survey of both flanks: its detections of three types, and the model for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.mask import HabitatMask
from scr.model.design import Design, build_design
from scr.model.known_sides import KNOWN
from scr.model.spec import ModelSpec
from scr.simulate.surveys import naming_sexes, plan_survey, sexes_named
from scr.survey.sides import by_type, kept_types
from scr.survey.survey import Survey
from scr.survey.usage import Usage
from trap_layouts.assumptions import Assumptions, Equipment
from trap_layouts.exposure import Exposure, exposure, planned_design
from trap_layouts.layout import Layout

_DETECTORS = ("proximity", "count")


@dataclass(frozen=True, eq=False)
class SidedPlan:
    """A survey of both flanks before any animal is caught.

    Parameters
    ----------
    survey
        With the mean time of two cameras and of one at each station in every occasion.
    mask, spec
        Cells and model.
    coefficients
        Of the detections that the layout can make, on their link scales.
    unknown_sex
        Probability that the sex of a detected animal is not recorded.
    """

    survey: Survey
    mask: HabitatMask
    spec: ModelSpec
    coefficients: Mapping[str, float]
    unknown_sex: float

    def design_of(self, survey: Survey) -> Design:
        """The model for the survey, or for a part of it.

        Parameters
        ----------
        survey
            By station, or by type.
        """
        return _design(survey, self.mask, self.spec)

    def theta_of(self, design: Design) -> NDArray[np.float64]:
        """Coefficients in the order of a design, shape (n_coefficients,).

        Parameters
        ----------
        design
            From ``design_of``.
        """
        return np.array([self.coefficients[name] for name in design.coefficient_names])

    def exposure(self) -> Exposure:
        """Hazards of the stations in all cells, of all types of detection together."""
        typed = by_type(self.survey)
        design = self.design_of(typed)
        n_occasions = typed.sessions[0].usage.effort.shape[1]
        found = exposure(design, self.theta_of(design), n_occasions=n_occasions)
        session = self.survey.sessions[0]
        assert session.sides is not None  # as plan_sides makes it
        station, _ = kept_types(session.sides, len(session.traps))
        n_classes, _, n_cells = found.hazard.shape
        hazard = np.zeros((n_classes, len(session.traps), n_cells))
        for k, of_type in zip(station, found.hazard.transpose(1, 0, 2), strict=True):
            hazard[:, k] += of_type
        return replace(found, hazard=hazard)


def plan_sides(layout: Layout, assumptions: Assumptions) -> SidedPlan:
    """The survey that a layout plans, in which both flanks are used.

    With a share f of camera nights lost, each camera on its own, two cameras of a station work
    :math:`(1-f)^2` of the time and one :math:`2f(1-f)`.

    Parameters
    ----------
    layout
        Stations, with one or two cameras each.
    assumptions
        With ``flank="both"``; one set of coefficients (the first is used), of all three sides. The
        model has ``side`` in the formula of lambda0; as ``"~ 0 + side"`` each side has a
        coefficient of its own, and layouts that cannot make all three take the same ones.

    Raises
    ------
    LayoutError
        If the equipment says what one flank is worth, the model is not one of both flanks,
        coefficients are missing or unknown, or they are measured from a side that this layout
        cannot make.
    """
    _check(assumptions)
    survey = _survey(layout, assumptions)
    mask, spec = assumptions.mask, assumptions.spec
    always = replace(assumptions, equipment=Equipment(failure=0.5))
    pairs = Layout(layout.name, layout.traps)
    whole = _design(_survey(pairs, always), mask, spec)
    values = dict(zip(whole.coefficient_names, assumptions.thetas(whole)[0].tolist(), strict=True))
    names = _design(survey, mask, spec).coefficient_names
    relative = [name for name in values if name not in names and "[T." in name]
    if relative:
        msg = (
            f"{layout.name}: its cameras do not make all of the sides both, single and alone, and "
            f"{', '.join(relative)} is measured from another side. Give each side a coefficient of "
            'its own: lambda0 = "~ 0 + side", with lambda0.side[alone] (one camera works), '
            "lambda0.side[both] and lambda0.side[single] (two work)."
        )
        raise LayoutError(msg)
    coefficients = {name: values[name] for name in names}
    return SidedPlan(survey, mask, spec, coefficients, assumptions.unknown_sex)


def exposure_of(layout: Layout, assumptions: Assumptions) -> Exposure:
    """Hazards of the stations of a layout, of one flank or of both.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        One set of coefficients (the first is used).
    """
    if assumptions.flank is not None:
        return plan_sides(layout, assumptions).exposure()
    design = planned_design(layout, assumptions)
    theta = assumptions.thetas(design)[0]
    return exposure(design, theta, n_occasions=assumptions.n_occasions)


def _check(assumptions: Assumptions) -> None:
    spec = assumptions.spec
    known = sorted({name.partition(".")[0] for name in assumptions.coefficients} & set(KNOWN))
    if known:
        msg = (
            f"The parameters have {', '.join(known)}, but what a survey tells where sides are "
            "joined by other means is not worked out. Leave them out: with none joined it tells "
            "less."
        )
        raise LayoutError(msg)
    if assumptions.equipment.one_flank != 1:
        msg = (
            f'one_flank = {assumptions.equipment.one_flank:g} beside flank = "both": what one '
            "camera is worth then follows from the model, whose lambda0 has the term side. Leave "
            "one_flank out."
        )
        raise LayoutError(msg)
    if spec.number != "poisson" or assumptions.changing or assumptions.detector not in _DETECTORS:
        said = [f"number = {spec.number!r}", f"detector = {assumptions.detector!r}"]
        said += [f"{name} in the formulas of detection" for name in assumptions.changing]
        msg = (
            f'With flank = "both" a plan has {", ".join(said)}. It needs number = "poisson", '
            'detector = "proximity" or "count", and formulas without occasions and responses.'
        )
        raise LayoutError(msg)


def _survey(layout: Layout, assumptions: Assumptions) -> Survey:
    cameras, failure = np.asarray(layout.cameras), assumptions.equipment.failure
    works, days = 1.0 - failure, assumptions.occasion_days
    two = np.where(cameras == 2, works**2, 0.0)
    one = np.where(cameras == 2, 2 * failure * works, works)
    two_cameras, effort = (
        np.repeat(days * of[:, None], assumptions.n_occasions, axis=1) for of in (two, two + one)
    )
    usage = Usage(effort, source=layout.name)
    return plan_survey(
        layout.traps, usage, detector=assumptions.detector, two_cameras=[two_cameras]
    )


def _design(survey: Survey, mask: HabitatMask, spec: ModelSpec) -> Design:
    typed = by_type(survey)
    sexes = sexes_named(typed) if spec.has_sexes else ()
    return build_design(naming_sexes(typed, sexes), mask, spec)
