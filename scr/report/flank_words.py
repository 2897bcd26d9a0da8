"""What the Methods of a paper say of animals with another pattern on each side."""

from scr.survey.survey import Survey


def flanks_in_words(survey: Survey) -> str:
    """How left and right sides entered the likelihood; nothing where one flank was used.

    Parameters
    ----------
    survey
        The data.
    """
    every = [session for session in survey.sessions if session.sides is not None]
    if not every:
        return ""
    several = len(survey.sessions) > 1
    counts = "; ".join(
        f"{f'session {session.name}: ' if several else ''}{session.sides.photographed.in_words()}"
        for session in every
        if session.sides is not None
    )
    return (
        f" These are sides of animals whose two flanks differ ({counts}). Photographs of both "
        "flanks were used: detections of both sides at once, of one side by two cameras and of one "
        "side by a single camera had their own rates and one sigma, and the likelihood summed over "
        "all ways in which animals known from the left alone and from the right alone could be the "
        "same. Where that sum was too wide to be exact it was approximated (Bethe), and posterior "
        "draws were reweighted by unbiased estimates of it (Andrieu & Roberts 2009)."
    )
