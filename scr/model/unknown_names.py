"""Names in formulas that no covariate has: what was meant, and what to write."""

import difflib
import re
from collections.abc import Collection
from types import MappingProxyType

from scr.model.within_session import OCCASION, RESPONSES, TREND

_RESPONSE = (
    "stands for a response to being caught, which is not fitted yet: leave it out, and detection "
    "is the same before and after"
)
_DETECTION = (
    "stands for what changes within a session: it is for the formulas of lambda0 or g0, sigma and z"
)
_SHARES = "is a formula of its own beside the others, for the shares of latent groups h2 or h3"
_NOT_YET = MappingProxyType(
    {
        **dict.fromkeys((OCCASION, TREND, *RESPONSES), _DETECTION),
        **dict.fromkeys(("bkc", "Bkc", "bn"), _RESPONSE),
        **dict.fromkeys(("tt", "tcov"), "stands for a covariate of occasions: write its own name"),
        "pmix": _SHARES,
        "Session": "stands for a trend over sessions: write year, or session for one value each",
        "year": "is known where there are several sessions with dates, or named by their years: "
        "else add it to the session covariates",
        "kcov": "stands for a covariate of traps: write its own name",
    }
)
_PLAIN = re.compile(r"[^\W\d][\w.]*")


def explain_unknown(unknown: Collection[str], known: Collection[str]) -> str:
    """Which names are not among the covariates, and what to do.

    Parameters
    ----------
    unknown
        Names that a formula uses.
    known
        Names of the covariates.

    Returns
    -------
    str
        The end of a sentence that begins with the formula.
    """
    names, listed = sorted(unknown), ", ".join(sorted(known)) or "none"
    verb = "which is" if len(names) == 1 else "which are"
    found = f"uses {', '.join(names)}, {verb} not among its covariates: {listed}."
    advice = [f"{name} {_NOT_YET[name]}." for name in names if name in _NOT_YET]
    meant = _meant([name for name in names if name not in _NOT_YET], known)
    if meant:
        advice.append(f"Write {', '.join(meant)} if that is meant.")
    if len(advice) == 0:
        advice.append("Correct the name, or add the covariate.")
    return " ".join([found, *advice])


def _meant(unknown: Collection[str], known: Collection[str]) -> list[str]:
    """Covariates that may be meant, with backticks where their names need them."""
    found: dict[str, None] = {}
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        in_parts = [other for other in known if name in re.split(r"\W+", other) and other != name]
        for other in near or in_parts[:1]:
            found[other if _PLAIN.fullmatch(other) else f"`{other}`"] = None
    return list(found)
