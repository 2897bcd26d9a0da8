"""What a model of a survey of two flanks may be."""

from typing import TYPE_CHECKING

from scr.errors import FormulaError
from scr.model.within_session import RESPONSES
from scr.survey.sides import COVARIATES, by_type

if TYPE_CHECKING:
    from scr.model.design import Design


def check_sides(design: "Design") -> None:
    """Raise where a model does not go with a survey of two flanks.

    Parameters
    ----------
    design
        The model with its data.

    Raises
    ------
    FormulaError
        If the number of animals is not Poisson, detection changes with what an animal met, or
        types of detection have one rate.
    """
    survey, spec = design.survey, design.spec
    if all(session.sides is None for session in survey.sessions):
        return
    if spec.number != "poisson":
        msg = (
            f"number={spec.number!r} does not go with a survey of both flanks: the sum over the "
            "ways in which left and right animals can be one is known where the number of animals "
            "is Poisson. Use number='poisson'."
        )
        raise FormulaError(msg)
    if any(s.fixes is not None or s.captures.removed.any() for s in survey.sessions):
        msg = (
            "A survey of both flanks cannot yet have fixes of transmitters or animals that were "
            'removed. Leave these out, or read the survey with flank="left" or "right".'
        )
        raise FormulaError(msg)
    if spec.random_terms:
        msg = (
            f"The model has {spec.random_terms[0]}, which cannot yet be fitted to a survey of both "
            'flanks. Leave the term out, or read the survey with flank="left" or "right".'
        )
        raise FormulaError(msg)
    responses = sorted(spec.detection_variables & set(RESPONSES))
    if responses:
        msg = (
            f"The formulas of detection name {', '.join(responses)}, but what an animal met before "
            "is not known where it may be a left and a right animal. Leave that out, or read the "
            'survey with flank="left" or "right".'
        )
        raise FormulaError(msg)
    name = spec.intensity_name
    types = {
        side for session in by_type(survey).sessions for side in session.traps.covariates["side"]
    }
    if len(types) > 1 and not spec.variables(name) & set(COVARIATES):
        msg = (
            f"The formula of {name}, {spec.formulas[name]!r}, does not name side, so that both "
            "sides at once, one side of two cameras and one side of a single camera would be "
            f'equally frequent. Use {name} = "~ side", or "~ side + " and its other terms.'
        )
        raise FormulaError(msg)
