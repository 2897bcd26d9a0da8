"""What the Methods of a paper say of animals with another pattern on each side."""

import pandas as pd

from scr.fit.result import Fit
from scr.posterior.flank_pairs import animals_photographed, flank_pairs, uses_both_flanks
from scr.shown import counted
from scr.survey.survey import Session, Survey

_MOST_PAIRS = 30


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
        f"{_known_in_words(every)}"
    )


def _known_in_words(sessions: list[Session]) -> str:
    """How many sides were joined by other means, and what was assumed of that."""
    each = [session.sides.n_known for session in sessions if session.sides is not None]
    confirmed, library = (sum(of) for of in zip(*each, strict=True))
    text = ""
    if confirmed:
        text += (
            f" The sides of {counted(confirmed, 'animal')} were joined by other means; the share "
            "of such pairs that are recognised was estimated, alike for all animals, and the "
            "others weighted by what is left of it."
        )
    if library:
        text += (
            f" {counted(library, 'animal')} were known from both sides before the survey; their "
            "share in the population was estimated, the same everywhere."
        )
    return text


def flank_tables(fit: Fit, *, public: bool) -> dict[str, pd.DataFrame]:
    """How many animals were photographed, and, in private, the likeliest pairs of sides.

    Parameters
    ----------
    fit
        A fitted model.
    public
        Whether no animal may be named.

    Returns
    -------
    dict
        ``photographed`` and ``flank_pairs``; without rows where one flank was used.
    """
    tables = {"photographed": pd.DataFrame(), "flank_pairs": pd.DataFrame()}
    if uses_both_flanks(fit):
        tables["photographed"] = animals_photographed(fit)
        if not public:
            pairs = flank_pairs(fit).head(_MOST_PAIRS)
            shown = pairs.assign(distance_m=pairs["distance_m"] / 1000)
            tables["flank_pairs"] = shown.rename(columns={"distance_m": "stations apart, km"})
    return tables
