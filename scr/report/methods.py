"""A Methods paragraph ready to paste, with what SCR reporting checklists ask for, and citations."""

import platform
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from scr.checking.scrutiny import Scrutiny
from scr.fit.labellings import parameters_by_class
from scr.fit.result import Fit
from scr.maps.results.prior_words import priors_in_words
from scr.maps.results.written import Numbers
from scr.maps.trend_numbers import TrendNumbers
from scr.maps.trend_words import change_in_words, yearly_rates
from scr.model.detection import DetectionFunction
from scr.model.labels import covariate_in_words
from scr.model.number import IN_WORDS
from scr.model.spec import ModelSpec
from scr.model.within_session import (
    AS_SECR,
    OCCASION,
    OF_OTHERS,
    RESPONSES,
    TREND,
    responses_in,
)
from scr.report.density_words import scales_in_words, smooths_in_words
from scr.report.flank_words import flanks_in_words
from scr.report.models import models_in_methods
from scr.report.references import REFERENCES
from scr.report.scrutiny_shown import checks_in_methods
from scr.shown import counted
from scr.survey.detectors import DETECTORS, MIXED, Detector
from scr.survey.fixes import TELEMETRY
from scr.survey.summary import animals_seen, data_summary, sexes_in_words
from scr.survey.totals import totals_of


@dataclass(frozen=True)
class MethodsText:
    """Text to paste.

    Parameters
    ----------
    paragraphs
        The answers, the survey, the model, the fit, the estimates.
    references
        Those that the text cites, in alphabetical order.
    """

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]


def methods_of(
    fit: Fit, numbers: Numbers, *, scrutiny: Scrutiny | None = None, public: bool = False
) -> MethodsText:
    """Put the survey, the model and the fit into words.

    Parameters
    ----------
    fit
        A fitted model.
    numbers
        Its numbers of animals, and the answers that the text opens with.
    scrutiny
        What checks of the fit found; None where it was not checked.
    public
        Whether to leave out the extent of the mask, which follows from the outer stations.

    Returns
    -------
    MethodsText
        Paragraphs and references; no place of a station or an animal is named.
    """
    opening = (" ".join(numbers.answers),) if numbers.answers else ()
    paragraphs = (
        *opening,
        _survey(fit),
        _model(fit, public=public),
        _engine(fit) + _software(fit),
        _estimates(numbers.table),
        *checks_in_methods(scrutiny),
        *models_in_methods(numbers),
        *_trend(numbers.trend),
    )
    text = " ".join(paragraphs)
    cited = [reference for key, reference in REFERENCES.items() if key in text]
    cited.sort(key=str.casefold)
    return MethodsText(paragraphs, tuple(cited))


def _survey(fit: Fit) -> str:
    data, totals = data_summary(fit.survey), totals_of(fit.survey)
    stations, effort = totals.n_stations, totals.effort_days
    seen = animals_seen(fit.survey.sessions)
    n_occasions, days = data["occasions"], data["days in an occasion"]
    sessions = "" if len(data) == 1 else f" in {len(data)} sessions"
    dates = f", {data['dates'].iloc[0]}" if "dates" in data and len(data) == 1 else ""
    kind = DETECTORS[fit.survey.detector]
    worked = f"{_traps(fit)} at {stations:,} stations{sessions} worked for {effort:,.0f} "
    worked += f"station-days{dates}. "
    if kind.searched:
        worked = (
            f"{counted(stations, kind.noun).capitalize()}{sessions} "
            f"{'was' if stations == 1 else 'were'} searched{dates}, with a total effort of "
            f"{effort:,.0f}. "
        )
    text = (
        f"{worked}"
        f"Detections were assigned to {_range(n_occasions)} occasions of {_range(days)} "
        f"day{'' if days.max() == 1 else 's'}, with the effort of each {kind.noun} in each "
        "occasion taken into account (Efford et al. 2013). "
        f"{seen} {'was' if seen == '1 animal' else 'were'} identified in {totals.n_detections} "
        "detections"
    )
    if flanks := flanks_in_words(fit.survey):
        text += f".{flanks}"
    else:
        text += (
            f"; {totals.n_at_two} of them were detected at two or more {kind.seen_at}"
            f"{'' if len(data) == 1 else f' within a session, and {totals.n_again} in several'}."
        )
    if "sex" in data:
        text += f" By sex: {sexes_in_words(totals)}."
    removed = sum(int(session.captures.removed.sum()) for session in fit.survey.sessions)
    if removed:
        text += (
            f" {counted(removed, 'animal')} {'was' if removed == 1 else 'were'} removed at the "
            "last capture and not exposed to detection after it; removed animals count among those "
            "that lived there when the survey began."
        )
    return text


def _traps(fit: Fit) -> str:
    hold = [DETECTORS[kind].records == "multi" for kind in _kinds(fit)]
    return "Traps" if all(hold) else "Traps and cameras" if any(hold) else "Camera traps"


def _kinds(fit: Fit) -> list[Detector]:
    """Types of detectors, each once."""
    survey = fit.survey
    return sorted({kind for session in survey.sessions for kind in session.kinds(survey.detector)})


def _detectors(fit: Fit) -> str:
    """What detectors record; of several types each."""
    words = [DETECTORS[kind].in_words for kind in _kinds(fit)]
    if len(words) == 1:
        return words[0]
    return f"{DETECTORS[MIXED].in_words}, by station or by occasion. {'. '.join(words)}"


def _range(values: pd.Series) -> str:
    low, high = values.min(), values.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _model(fit: Fit, *, public: bool) -> str:
    spec, mask, kind = fit.spec, fit.mask, DETECTORS[fit.survey.detector]
    words = spec.family.in_words
    curve = f"a{'n' if words[0] in 'aeiou' else ''} {words} detection function"
    formulas = "; ".join(f"{name} {formula}" for name, formula in spec.formulas.items())
    named = "".join(
        f"; {name} is {covariate_in_words(name, fit.labels)}"
        for name in sorted({v for parameter in spec.formulas for v in spec.variables(parameter)})
        if name in fit.labels
    )
    cells = "" if mask.spacing is None else f" of {mask.spacing:,.0f} m"
    buffer = (
        ""
        if mask.extent is None
        else f" within {mask.extent.buffer / 1000:,.1f} km of the {kind.noun}s"
    )
    extent = f"{len(mask):,} cells{cells}{buffer} ({mask.area:,.0f} km²)"
    if public:
        extent = f"cells{cells}"
    removals = any(session.captures.removed.any() for session in fit.survey.sessions)
    apart = ", apart from these removals" if removals else ""
    text = (
        "We fitted a spatial capture-recapture model (Efford 2004; Borchers & Efford 2008; "
        "Royle et al. 2014). "
        f"{_detectors(fit)}. Detection {_fell(spec.family, kind.seen_at[:-1])} by {curve}. "
        f"Activity centres were summed out over a habitat mask of {extent}, in which "
        f"{IN_WORDS[spec.number]}. The parameters were modelled as: {formulas} "
        "(density by a log link; rates and sigma by a log link; probabilities and shares by a "
        f"logit link{named}). The population is taken to be closed{apart}, and animals to be "
        "detected independently of each other, during the survey."
    )
    text += _stand_ins(spec) + _paths(fit) + _within_session(fit) + _telemetry(fit)
    if spec.has_sexes:
        text += (
            " The sexes have a share of the population that was estimated. Where the sex of an "
            "animal was unknown, the likelihood was summed over both, which takes the sex to be "
            "missing independently of sex given the detections."
        )
        if fit.problem.design.ratio is not None:
            first, second = fit.problem.design.classes.sexes
            text += (
                f" The log of the ratio of the density of {second} to that of {first} varied over "
                f"ground ({spec.share})."
            )
    return text + _pooled(spec) + smooths_in_words(spec) + scales_in_words(spec) + _latent(fit)


def _pooled(spec: ModelSpec) -> str:
    """What sessions share."""
    if not spec.pooled:
        return ""
    *first, last = spec.pooled
    of = f"{', '.join(first)} and {last}" if first else last
    sd = "the standard deviation of each" if first else "its standard deviation"
    return (
        f" Sessions differed in {of} by effects that share a normal distribution on the scale of "
        f"the link, (1 | session); {sd} was estimated, so that sessions with few or no detections "
        "borrow from the others (Gelman & Hill 2007)."
    )


def _latent(fit: Fit) -> str:
    """What was assumed of differences between animals that no data name."""
    spec, text = fit.spec, ""
    if spec.n_groups > 1:
        number = {2: "two", 3: "three"}[spec.n_groups]
        first = parameters_by_class(fit.problem.design, of="group")[0]
        text += (
            f" Animals were taken to belong to {number} latent groups that differ in detection "
            f"(h{spec.n_groups}; Pledger 2000), whose shares (pmix) were estimated; the likelihood "
            "was summed over the groups of each animal. Searches began at several starting points. "
            f"Groups are numbered by {first}, the lowest first, at the best fit."
        )
    if spec.has_individual:
        log = "logit of g0" if spec.family.form != "hazard" else "log of lambda0"
        text += (
            f" Each animal had an effect of its own on the {log} (individual), normal with a "
            "standard deviation that was estimated, over which the likelihood was summed by "
            f"Gauss-Hermite quadrature with {spec.nodes} nodes (Coull & Agresti 1999)."
        )
    return text


def _telemetry(fit: Fit) -> str:
    """What fixes of transmitters were taken to be."""
    every = [session.fixes for session in fit.survey.sessions if session.fixes is not None]
    if not every:
        return ""
    n_fixes = sum(len(fixes.xy) for fixes in every)
    n_animals = sum(len(set(fixes.individual.tolist())) for fixes in every)
    kind = every[0].telemetry
    return (
        f" {n_fixes:,} fixes of {counted(n_animals, 'animal')} with transmitters "
        f"({kind} telemetry: {TELEMETRY[kind]}) entered the likelihood, taken as independent "
        "draws from a bivariate normal distribution about the activity centre with the sigma of "
        "detection."
    )


def _stand_ins(spec: ModelSpec) -> str:
    """What parameters mean that stand for others."""
    text = ""
    if spec.a0 is not None:
        text += " lambda0 is a0 / (2 pi sigma²), a0 in km² (Efford & Mowat 2014)."
    if spec.sigmak is not None:
        text += (
            " sigma, in km, is sigmak divided by the root of the mean density per km² of the "
            "session (Efford et al. 2016)."
        )
    return text


def _paths(fit: Fit) -> str:
    """How distances lead round what animals do not cross, or over ground that is easy to cross."""
    around = "" if fit.mask.barrier is None else ", none of which crosses the barrier"
    if fit.spec.distance is not None:
        return (
            " Distances are those of least-cost paths by steps between neighbouring cells of the "
            f"mask{around} (Royle et al. 2013); log resistance of a cell follows the formula of "
            "distance, and sigma is in metres of ground of resistance 1."
        )
    if fit.mask.barrier is None:
        return ""
    return (
        " Animals were taken not to cross the barrier that the survey names: distances are those "
        "of the shortest path round it, straight wherever nothing is in the way."
    )


def _fell(family: DetectionFunction, place: str) -> str:
    """How detection depended on distance."""
    if family.highest_at_z:
        return (
            f"was highest where a {place} stood at the distance z from the animal's activity "
            "centre, and fell off inside and outside,"
        )
    return f"declined with the distance of a {place} from the animal's activity centre"


def _within_session(fit: Fit) -> str:
    """What the names in the formulas stand for that change within a session."""
    names = fit.spec.detection_variables
    told = [f"{name} is 1 where {RESPONSES[name]}, else 0" for name in responses_in(names)]
    told += ["t is the occasion, with a value for each"] if OCCASION in names else []
    told += ["T is the number of the occasion, from 0"] if TREND in names else []
    tables = [of for s in fit.survey.sessions for of in (s.occasions, s.by_occasion)]
    varying = sorted(names & {str(column) for table in tables for column in table.columns})
    told += [f"{', '.join(varying)} changed between occasions"] if varying else []
    text = f" In the formulas of detection {'; '.join(told)}." if told else ""
    if responses_in(names):
        text += " For animals that were never caught these responses are 0"
        if exact := ", ".join(name for name in OF_OTHERS if name in names):
            text += f", but {exact} is what captures of other animals made of the trap"
        if by_rule := ", ".join(name for name in AS_SECR if name in names):
            text += f", {by_rule} by an approximation that secr makes"
        text += "."
    return text


def _engine(fit: Fit) -> str:
    if fit.engine == "mle":
        return (
            "The model was fitted by maximum likelihood with exact gradients; standard errors are "
            "from the observed information, and intervals of density and expected abundance are "
            "log-normal. Intervals of realised abundance are those of whole animals, drawn with "
            "coefficients from the likelihood."
        )
    priors = ". ".join(f"{name}, {text}" for name, text in priors_in_words(fit).items())
    if fit.engine == "laplace":
        how = (
            f"by importance sampling from a {_proposal(fit.spec)} about the mode, with "
            f"Pareto smoothing (Vehtari et al. 2024; k-hat {fit.k_hat:.2f}), from which "
            f"{len(fit.draws):,} draws of equal weight were taken"
        )
    else:
        how = (
            f"by the No-U-Turn sampler (Hoffman & Gelman 2014), {fit.n_chains} chains and "
            f"{len(fit.draws):,} draws after warm-up; the largest R-hat was "
            f"{fit.coefficients['rhat'].max():.3f} and the least bulk effective sample size "
            f"{fit.coefficients['ess_bulk'].min():,.0f} (Vehtari et al. 2021)"
        )
    return (
        f"The posterior was sampled {how}. Priors: {priors.replace('km2', 'km²')}. "
        "Estimates are posterior medians with 95 % credible intervals."
    )


def _proposal(spec: ModelSpec) -> str:
    """What draws were proposed from."""
    if spec.random_terms:
        of = "sessions" if not spec.smooths else "effects"
        return (
            f"distribution that is t in the standard deviations of {of} and normal in all else, "
            f"effects{' of sessions' if not spec.smooths else ''} being standardised given these,"
        )
    return "multivariate t distribution"


def _software(fit: Fit) -> str:
    sampler = [str(fit.sample_stats.attrs.get("sampler", "nutpie"))] if fit.engine == "nuts" else []
    used = ["scr-density", "numpy", "numba", *sampler]
    named = ", ".join(f"{name} {version(name)}" for name in used)
    pymc = " (Abril-Pla et al. 2023)" if "pymc" in sampler else ""
    seed = "" if fit.seed is None else f", seed {fit.seed}"
    return f" Software: {named}{pymc}, Python {platform.python_version()}{seed}."


def _trend(trend: TrendNumbers | None) -> list[str]:
    """How the yearly rate was told, and what it is; nothing where there is none."""
    rates = [] if trend is None else yearly_rates(trend.table)
    if not rates:
        return []
    told = "; ".join(f"{row['region']}: {change_in_words(row)}" for row in rates)
    return [
        "The yearly rate of change is that of a log-linear Poisson model of the numbers of all "
        "sessions (ter Braak et al. 1994), from coefficients that are the same in every session "
        f"of a draw. Yearly rate of expected abundance, {told}."
    ]


def _estimates(table: pd.DataFrame) -> str:
    rows = []
    for row in table.to_dict("records"):
        name = "expected" if row["estimand"] == "expected N" else "realised"
        session = f", session {row['session']}" if len(table["session"].unique()) > 1 else ""
        rows.append(
            f"{name} in {row['region']}{session} ({row['area_km2']:,.0f} km²): "
            f"{row['median']:.1f} ({row['lower']:.1f} to {row['upper']:.1f})"
        )
    return (
        "Expected abundance is the sum of expected density over a region; realised abundance is "
        "the number of activity centres that were there during the survey, animals that were "
        f"not detected included (Efford & Fewster 2013). Number of animals, {'; '.join(rows)}."
    )
