"""What a report states: data, model, priors, estimates, diagnostics, versions and digests."""

import platform
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from scr.fit.digests import digest_of_fit, digest_of_mask, digest_of_survey
from scr.fit.result import Fit
from scr.maps.figures.furniture import crs_name
from scr.maps.public import names_the_hidden
from scr.maps.results.prior_words import prior_in_words, priors_in_words
from scr.model.labels import coefficient_in_words
from scr.model.priors import Normal
from scr.survey.detectors import worded
from scr.survey.summary import data_summary, number_seen, sexes_in_words
from scr.survey.survey import Survey
from scr.survey.totals import totals_of

_PACKAGES = (
    "scr-density",
    "numpy",
    "scipy",
    "numba",
    "pymc",
    "pytensor",
    "nutpie",
    "arviz",
    "pandas",
    "geopandas",
    "formulaic",
)
_NAME = "coefficient"
_CHECKS_FOR_ALL = ["check", "passed"]
_HEADINGS = {
    "rhat": "R-hat",
    "ess_bulk": "effective draws",
    "ess_tail": "effective draws, tails",
}


@dataclass(frozen=True, eq=False)
class Facts:
    """Tables of a report, each with the headings it is shown with.

    Parameters
    ----------
    data
        One row per session: stations, occasions, effort and animals.
    model
        What was fitted, by name.
    coefficients
        One row per coefficient: estimate, se, limits, prior, how much narrower than it the
        posterior is (where the prior is normal), and diagnostics; None where their
        names would name stations or animals to the public.
    checks
        One row per check: what was checked, the number found, its limit, whether it passed.
    reproduction
        Seed, digests of the data and versions of the software, by name.
    """

    data: pd.DataFrame
    model: dict[str, str]
    coefficients: pd.DataFrame | None
    checks: pd.DataFrame
    reproduction: dict[str, str]


def facts_of_fit(fit: Fit, *, public: bool = False) -> Facts:
    """Gather what a report states. No place of a station or an animal is in it.

    Parameters
    ----------
    fit
        A fitted model.
    public
        Whether to leave out what could confirm a guess of where stations stood: digests of the
        data alone, the extent of the mask, what checks found, and coefficients named by stations
        or animals.
    """
    columns = ["check", "found", "limit", "passed", "meaning"]
    checks = [
        (
            check.name.replace("_", " "),
            check.value,
            check.limit,
            "yes" if check.passed else "no",
            check.message,
        )
        for check in fit.every_check
    ]
    return Facts(
        data=_with_all(data_summary(fit.survey), fit.survey),
        model=_model(fit, public=public),
        coefficients=None
        if public and names_the_hidden(fit)
        else _coefficients(fit, public=public),
        checks=pd.DataFrame(checks, columns=columns)[_CHECKS_FOR_ALL if public else columns],
        reproduction=_reproduction(fit, public=public),
    )


def _with_all(table: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """A last row for all sessions together, where there are several."""
    if len(table) == 1:
        return table
    totals, searched = totals_of(survey), survey.sessions[0].traps.searched
    row: dict[str, object] = dict.fromkeys(table.columns, "")
    of_all = {
        "session": worded("all, each animal and station once", searched),
        "stations": totals.n_stations,
        "effort, station-days": round(totals.effort_days, 1),
        "animals identified": number_seen(survey.sessions),
        "detections": totals.n_detections,
        "recaptures": totals.n_recaptures,
        "at 2 or more stations": totals.n_at_two,
    }
    row |= {worded(name, searched): value for name, value in of_all.items()}
    if "sex" in table:
        row["sex"] = sexes_in_words(totals)
    return pd.concat([table.astype(object), pd.DataFrame([row])], ignore_index=True)


def _model(fit: Fit, *, public: bool) -> dict[str, str]:
    mask, spec = fit.mask, fit.spec
    facts = {
        "detector": fit.survey.detector.replace("_", " "),
        "detection function": spec.detection.replace("_", " "),
        **spec.formulas,
        "number of animals": "Poisson",
    }
    if not public:  # how far the mask reaches follows from the outer stations
        facts["habitat mask"] = f"{len(mask):,} cells, {mask.area:,.0f} km²"
    if mask.spacing is not None:
        facts["cell of the mask"] = f"{mask.spacing:,.0f} m"
    if mask.extent is not None and not public:
        name = worded("buffer about the stations", fit.survey.sessions[0].traps.searched)
        facts[name] = f"{mask.extent.buffer:,.0f} m"
    if mask.barrier is not None:
        facts["distances"] = "shortest path round the barrier, else straight"
    facts |= {"coordinate system": crs_name(mask.crs), "engine": engine_in_words(fit)}
    return facts | {f"prior of {name}": text for name, text in priors_in_words(fit).items()}


def engine_in_words(fit: Fit) -> str:
    """How the fit was made, with the number of draws.

    Parameters
    ----------
    fit
        A fitted model.
    """
    n = f"{len(fit.draws):,}"
    return {
        "mle": "maximum likelihood",
        "laplace": f"Laplace importance sampling, {n} draws",
        "nuts": f"No-U-Turn sampler, {fit.n_chains} chains, {n} draws",
    }[fit.engine]


def _coefficients(fit: Fit, *, public: bool) -> pd.DataFrame:
    table = fit.coefficients.reset_index(names=_NAME).rename(columns=_HEADINGS)
    if fit.prior is not None:
        table = table.rename(columns={"se": "sd"})
        priors = fit.priors
        table["prior"] = [
            prior_in_words(priors[name]) if name in priors else "follows from others"
            for name in table[_NAME]
        ]
        if not public:  # priors follow from stations: their ratio has more digits than they show
            table["sd, share of the prior's"] = [
                sd / priors[name].sd if isinstance(priors.get(name), Normal) else float("nan")
                for name, sd in zip(table[_NAME], table["sd"], strict=True)
            ]
    words = [coefficient_in_words(name, fit.labels) for name in table[_NAME]]
    return table.assign(**{_NAME: words})


def _reproduction(fit: Fit, *, public: bool) -> dict[str, str]:
    # A digest would tell whether a guess of coordinates is right: of the fit too, as its seed
    # gives the same draws to whoever guesses.
    digests = {
        "digest of survey, mask and draws": digest_of_fit(fit),
        "digest of the survey": digest_of_survey(fit.survey),
        "digest of the habitat mask": digest_of_mask(fit.mask),
    }
    return {
        "seed": "none" if fit.seed is None else str(fit.seed),
        **({} if public else digests),
        "Python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
