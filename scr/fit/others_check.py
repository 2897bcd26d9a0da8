"""Responses to captures of other animals: what their likelihood leaves out."""

from scr.fit.checks import Check
from scr.model.design import Design
from scr.model.within_session import name_in_words

OF_OTHERS = ("k", "K")
"""Responses that stand for captures of others too."""


def others_checks(design: Design) -> tuple[Check, ...]:
    """A doubt where detection answers to captures of other animals; none elsewhere.

    An animal that is never caught meets stations that have caught others, but is taken for one
    that does not (``scr.model.within_session``). Simulated, that puts density too high.

    Parameters
    ----------
    design
        The model and its data.
    """
    named = [name for name in OF_OTHERS if name in design.spec.detection_variables]
    if not named:
        return ()
    told = " and ".join(map(name_in_words, named))
    message = (
        f"Detection answers to captures of other animals: {told}. Its likelihood, that of secr, "
        "takes animals never caught for animals that met no station at which another one had been "
        "caught, so that density and the effect are biased: in simulated surveys (effect 0.5) "
        "density was 32 % too high with k and 6 % with K in the median. Take it as a test of the "
        "effect, and density from a model without it (b, B, bk and Bk are exact)."
    )
    return (Check("captures_of_others", float(len(named)), 0.0, passed=False, message=message),)
