"""Parameters of what is known of the two sides of animals by other means."""

from scr.survey.survey import Survey

KNOWN = ("confirmed", "library")
"""Parameters of surveys of both flanks in which sides are known by other means: the probabilities
that the two sides of an animal without a record of both are joined, and that they were known before
the survey. Each is one coefficient, on the logit scale."""


def known_of(survey: Survey) -> list[str]:
    """Those of ``KNOWN`` of which the survey has animals.

    Parameters
    ----------
    survey
        The data.
    """
    found = [session.sides.n_known for session in survey.sessions if session.sides is not None]
    return [name for name, of in zip(KNOWN, zip(*found, strict=True), strict=False) if any(of)]
