"""What a page says of the checks of a fit, of identities and of priors."""

from dataclasses import dataclass

import pandas as pd

from scr.checking.scrutiny import Scrutiny
from scr.units import per_100_km2

_WEAK = (
    "A p-value that is not small does not say that the model is right: with few animals some "
    "checks see little. How often each sees what is measured in docs/fit_checks.md."
)


_PARTS = {
    "Checks against simulated surveys": (
        "Observed and expected are medians over draws. The p-value allows for the estimation of "
        "the coefficients and is uniform where the model is true; the posterior predictive one "
        "does not, and keeps too near a half."
    ),
    "Intervals widened for overdispersion": (
        "Limits stretched on the log scale by the square root of c-hat, the spread of the animals "
        "at each station over that which the model has. A rule of thumb, and not a posterior."
    ),
    "If animals were one animal": (
        "The pairs whose captures are explained best by one animal, and by what factor density and "
        "sigma would change if they were one. Neighbours rank high: the photographs decide."
    ),
    "What the priors expected": (
        "95 % of the prior predictive distribution beside what the survey brought (for density and "
        "sigma the posterior median)."
    ),
    "How much estimates lean on the priors": (
        "Sensitivity to a power of the prior and of the likelihood; above 0.05 it matters."
    ),
}
"""Explanation of each part, by its heading, in the order of the page."""


@dataclass(frozen=True, eq=False)
class ScrutinyShown:
    """What is shown of checks; tables are None where there is nothing to show.

    Parameters
    ----------
    verdict
        Whether the model fits, in words. All that the public is shown.
    sentences
        Further sentences.
    checks
        One row for each check.
    widened
        Expected numbers of animals with intervals widened for overdispersion.
    mergings
        Pairs that look most like one animal, with what their merging would do.
    expected
        What the priors expected.
    leaning
        How much estimates lean on them.
    """

    verdict: str
    sentences: tuple[str, ...] = ()
    checks: pd.DataFrame | None = None
    widened: pd.DataFrame | None = None
    mergings: pd.DataFrame | None = None
    expected: pd.DataFrame | None = None
    leaning: pd.DataFrame | None = None

    @property
    def parts(self) -> list[tuple[str, str, pd.DataFrame]]:
        """Heading, explanation and table of each part that there is."""
        tables = (self.checks, self.widened, self.mergings, self.expected, self.leaning)
        return [
            (name, told, table)
            for (name, told), table in zip(_PARTS.items(), tables, strict=True)
            if table is not None
        ]


def checks_in_methods(scrutiny: Scrutiny | None) -> list[str]:
    """How the fit was checked, as a paragraph to paste; nothing where it was not.

    Parameters
    ----------
    scrutiny
        From ``scrutinise``, or None.
    """
    if scrutiny is None or scrutiny.checks is None:
        return []
    return [
        "The fit was checked against surveys simulated by the model, one for each of some draws of "
        "the coefficients and each of as many animals, with activity centres drawn anew for the "
        "survey and the simulated one alike (Royle et al. 2014). Freeman-Tukey discrepancies and "
        "other counts were compared by p-values that allow for the coefficients having been "
        "estimated from the same captures (Robins, van der Vaart & Ventura 2000). "
        f"{scrutiny.verdict}"
    ]


def scrutiny_shown(
    scrutiny: Scrutiny | None, abundance: pd.DataFrame, *, public: bool
) -> ScrutinyShown | None:
    """What a page says of the checks of a fit; None where none were made.

    Parameters
    ----------
    scrutiny
        What they found.
    abundance
        Numbers of animals, as ``scr.abundance`` gives them.
    public
        Whether to keep to the verdict: what checks found could tell whether a guess of the data
        is right.
    """
    if scrutiny is None:
        return None
    if public:
        return ScrutinyShown(scrutiny.verdict)
    return ScrutinyShown(
        verdict=scrutiny.verdict,
        sentences=(*_sentences(scrutiny), *scrutiny.refused),
        checks=_checks(scrutiny),
        widened=_widened(scrutiny, abundance),
        mergings=_mergings(scrutiny),
        expected=None if scrutiny.expected is None else _expected(scrutiny.expected),
        leaning=scrutiny.leaning,
    )


def _checks(scrutiny: Scrutiny) -> pd.DataFrame | None:
    if scrutiny.checks is None:
        return None
    table = scrutiny.checks.table
    names = {"p_value": "p-value", "posterior_p": "posterior predictive p"}
    return table.drop(columns="sides").rename(columns=names)


def _sentences(scrutiny: Scrutiny) -> list[str]:
    told = [] if scrutiny.checks is None else [_WEAK]
    n, once = scrutiny.n_animals, scrutiny.n_once
    share = f"{100 * once / n:.0f} %" if n else "none"
    told.append(
        f"{once} of {n} animals were detected once ({share}). A photograph given to the wrong "
        "animal mostly makes such an animal, which does not exist."
    )
    twice = scrutiny.twice
    if twice is None:
        return told
    own, other = (_limits(values) for values in (twice.density, twice.density_twice))
    text = (
        f"From animals seen at least twice, density near the stations is {other} animals per 100 "
        f"km², in place of {own} from all of them (difference over its standard error "
        f"{twice.z:+.1f})."
    )
    if twice.z > 1.96:
        text += (
            " There are more animals seen once than the others tell: check the identities of "
            "these, or let animals differ in detection (h2, individual)."
        )
    return [*told, text]


def _limits(values: tuple[float, float, float]) -> str:
    estimate, lower, upper = (f"{per_100_km2(value):.3g}" for value in values)
    return f"{estimate} ({lower} to {upper})"


def _widened(scrutiny: Scrutiny, abundance: pd.DataFrame) -> pd.DataFrame | None:
    checks = scrutiny.checks
    if checks is None or not checks.c_hat > 1:
        return None
    wider = checks.widened(abundance[abundance["estimand"] == "expected N"])
    columns = ["session", "region", "median", "lower", "upper", "c_hat"]
    return wider[[name for name in columns if name in wider]]


def _mergings(scrutiny: Scrutiny) -> pd.DataFrame | None:
    if not scrutiny.mergings:
        return None
    rows = [
        {
            "merged": ", ".join(one.individuals),
            "session": one.session,
            "log ratio": one.log_ratio,
            "density by a factor of": one.density_ratio,
            "sigma by a factor of": one.sigma_ratio,
        }
        for one in scrutiny.mergings
    ]
    return pd.DataFrame(rows)


def _expected(table: pd.DataFrame) -> pd.DataFrame:
    names = {"above": "share of the prior above it", "found": "found"}
    return table.rename(columns=names)
