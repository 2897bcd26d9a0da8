"""Whole surveys: from a plan, a mask and a model with coefficients to captures and their truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FormulaError, SurveyError
from scr.habitat.mask import HabitatMask
from scr.model.classes import Classes
from scr.model.design import Design, build_design
from scr.model.known_sides import KNOWN
from scr.model.links import expit
from scr.model.spec import CLASS_COVARIATE, ModelSpec
from scr.simulate.captures import Records
from scr.simulate.occasions import simulate_session
from scr.simulate.population import Centres, Population, simulate_population
from scr.simulate.session_effects import with_effects_of_sessions
from scr.simulate.sides import Recognised, by_station
from scr.simulate.telemetry import simulate_fixes
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import Detector
from scr.survey.sides import by_type, sides_planned
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SEXES = ("F", "M")
"""Sexes of simulated animals, where the survey names no others."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What a simulated survey came from.

    Parameters
    ----------
    animals
        One row for every animal, detected or not: ``session``, ``x`` and ``y`` of its activity
        centre in metres, ``cell`` (mask row), ``sex``, ``group`` (from 1) and ``effect`` (what
        the animal adds to log lambda0 or logit g0) where the model has them,
        ``individual`` (its name, missing where it was not detected) and ``n_detections``.
    coefficients
        Coefficients by name, on their link scales.
    seed
        Seed of the random numbers.
    """

    animals: pd.DataFrame
    coefficients: Mapping[str, float]
    seed: int


def plan_survey(
    traps: Traps,
    usage: Usage | Sequence[Usage],
    *,
    detector: Detector = "proximity",
    session_covariates: pd.DataFrame | None = None,
    two_cameras: Sequence[NDArray[np.float64]] | None = None,
) -> Survey:
    """A survey without captures: where and how long traps will work.

    Parameters
    ----------
    traps
        Traps of one or more sessions.
    usage
        Effort, one for each session in the order of ``traps.sessions``.
    detector
        What a trap records.
    session_covariates
        One row per session, in order.
    two_cameras
        For animals with another pattern on each side: the days of that effort in which two
        cameras of a station work, one array for each session.

    Raises
    ------
    SurveyError
        If there is not one usage per session, or effort and traps differ in number.

    Examples
    --------
    >>> traps = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [3000.0, 0.0]]), crs="local")
    >>> plan_survey(traps, Usage(np.ones((2, 30)))).n_individuals
    0
    """
    usages = [usage] if isinstance(usage, Usage) else list(usage)
    if len(usages) != len(traps.sessions):
        msg = (
            f"{traps.source} has {len(traps.sessions)} sessions "
            f"({', '.join(map(repr, traps.sessions))}) but usage was given for {len(usages)}. "
            "Give one Usage per session, in this order."
        )
        raise SurveyError(msg)
    twos: Sequence[NDArray[np.float64] | None] = two_cameras or [None] * len(usages)
    nobody = CaptureHistory(np.array([], dtype=object), *(np.zeros(0, dtype=np.int64),) * 4)
    sessions = tuple(
        Session(
            name=name,
            traps=traps.of_session(name),
            usage=effort,
            captures=nobody,
            sides=None if two is None else sides_planned(effort.effort, two),
        )
        for name, effort, two in zip(traps.sessions, usages, twos, strict=True)
    )
    covariates = pd.DataFrame() if session_covariates is None else session_covariates
    return Survey(sessions=sessions, detector=detector, covariates=covariates)


def simulate_survey(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    coefficients: Mapping[str, float],
    seed: int,
    unknown_sex: float = 0.0,
    centres: Centres = "within_cell",
) -> tuple[Survey, Truth]:
    """Captures that a survey would bring if the model and its coefficients were true.

    Parameters
    ----------
    survey
        Traps, effort, detector and session covariates, from ``plan_survey`` or from data, whose
        captures are replaced.
    mask
        Cells in which activity centres lie, with the covariates of the density formula.
    spec
        The model.
    coefficients
        Value of each coefficient, on its link scale, by name as in
        ``spec.coefficient_names``. Of a survey of both flanks also ``confirmed.Intercept`` and
        ``library.Intercept``, where sides are to be joined by other means. Effects of pooled
        sessions may be left out: they are drawn from their distribution, and
        ``truth.coefficients`` has them.
    seed
        Seed of the random numbers; the same seed gives the same survey.
    unknown_sex
        Probability that the sex of a detected animal is not recorded, whatever its history.
    centres
        ``"within_cell"`` spreads activity centres over their cells; ``"cell_centre"`` puts them
        where the likelihood does.

    Returns
    -------
    survey
        The same survey with simulated captures. Animals of different sessions are different; of
        a survey of both flanks, an animal without a detection of both sides at once is a left
        animal, a right one, or one of each.
    truth
        Every animal, detected or not.

    Raises
    ------
    FormulaError
        If a coefficient is missing or unknown, or the model has no density (``number``).
    SurveyError
        If binomial counts are asked for and effort is not whole.
    MaskError
        If centres are to lie within cells but the mask has no spacing.
    """
    if any(session.sides is not None for session in survey.sessions):
        known = {name: coefficients.get(f"{name}.Intercept", -np.inf) for name in KNOWN}
        others = {n: v for n, v in coefficients.items() if n.partition(".")[0] not in KNOWN}
        typed, truth = simulate_survey(
            by_type(survey), mask, spec,
            coefficients=others, seed=seed, unknown_sex=unknown_sex, centres=centres,
        )  # fmt: skip
        recognised = Recognised(**{name: float(expit(np.array(at))) for name, at in known.items()})
        rng = np.random.default_rng([seed, 2])
        seen = by_station(survey, typed, recognised, rng)
        return seen, replace(truth, coefficients=dict(coefficients))
    _check_trials(survey)
    if spec.number == "conditional":
        msg = (
            "number='conditional' has no density from which animals could be simulated. Simulate "
            "with number='poisson' or 'binomial', and fit the captures with 'conditional'."
        )
        raise FormulaError(msg)
    sexes = sexes_named(survey) if spec.has_sexes else ()
    design = build_design(naming_sexes(survey, sexes), mask, spec)
    coefficients = with_effects_of_sessions(
        design.pools, design.coefficient_names, coefficients, seed=seed
    )
    arrays = design.arrays(_theta(design, coefficients))
    rng = np.random.default_rng(seed)
    sessions: list[Session] = []
    tables: list[pd.DataFrame] = []
    n_named = 0
    for index, session in enumerate(survey.sessions):
        population = simulate_population(
            mask,
            design.classes.of_kinds(arrays.log_density[index]),
            share=design.classes.share_of_kinds(np.exp(arrays.log_share[index])),
            rng=rng,
            cells=design.cells[index],
            centres=centres,
            is_fixed=spec.number == "binomial",
        )
        population = _with_effects(population, design, coefficients, rng)
        records = simulate_session(design, arrays, index, population, rng)
        captures, table = _named(population, records, classes=design.classes, n_before=n_named)
        n_named += captures.n_individuals
        captures = _with_unknown_sexes(captures, unknown_sex, rng)
        fixes = session.fixes
        if fixes is not None:
            sigma = arrays.sigma[design.shape.of_session[index].max(axis=(1, 2, 3))]
            names = table["individual"].to_numpy()
            fixes = simulate_fixes(fixes, population, sigma, names, rng)
        sessions.append(replace(session, captures=captures, fixes=fixes))
        tables.append(table.assign(session=session.name))
    notes = (f"SIMULATED with seed {seed}: no animal in this survey is real.",)
    truth = Truth(pd.concat(tables, ignore_index=True), dict(coefficients), seed)
    return replace(survey, sessions=tuple(sessions), notes=notes), truth


def _check_trials(survey: Survey) -> None:
    for session in survey.sessions:
        effort, kinds = session.usage.effort, session.kinds(survey.detector)
        bad = np.argwhere(kinds.get("binomial_count", False) & (effort != np.rint(effort)))
        if len(bad):
            trap, occasion = bad[0]
            msg = (
                f"Session {session.name!r}: {len(bad)} values of effort are not whole, the first "
                f"{effort[trap, occasion]:g} at trap {session.traps.names[trap]!r}, occasion "
                f"{occasion + 1}. Binomial counts need a whole number of trials; "
                "use detector='count' otherwise."
            )
            raise SurveyError(msg)


def sexes_named(survey: Survey) -> tuple[str, ...]:
    """The two sexes that a survey's animals have, or ``SEXES`` where it names no two.

    Parameters
    ----------
    survey
        Any survey.
    """
    columns = [session.captures.covariates.get(CLASS_COVARIATE) for session in survey.sessions]
    found = {str(sex) for column in columns if column is not None for sex in column.dropna()}
    return tuple(sorted(found)) if len(found) == len(SEXES) else SEXES


def naming_sexes(survey: Survey, sexes: tuple[str, ...]) -> Survey:
    """The survey with one animal of each sex as its captures, from which a design is built.

    Parameters
    ----------
    survey
        A survey whose captures do not matter.
    sexes
        Names of the sexes; none gives a survey of no animals.
    """
    first = survey.sessions[0]
    trap, occasion = np.argwhere(first.usage.effort > 0)[0]
    n = len(sexes)
    captures = CaptureHistory(
        individuals=np.array(sexes, dtype=object),
        individual=np.arange(n),
        occasion=np.full(n, occasion),
        trap=np.full(n, trap),
        count=np.ones(n, dtype=np.int64),
        covariates=pd.DataFrame({CLASS_COVARIATE: sexes}),
        xy=first.traps.xy[np.full(n if first.traps.parts is not None else 0, trap)],
    )
    return replace(survey, sessions=(replace(first, captures=captures), *survey.sessions[1:]))


def _theta(design: Design, coefficients: Mapping[str, float]) -> NDArray[np.float64]:
    names = design.coefficient_names
    missing = [name for name in names if name not in coefficients]
    unknown = [name for name in coefficients if name not in names]
    if missing or unknown:
        msg = (
            f"The coefficients do not fit the model: missing {', '.join(missing) or 'none'}; "
            f"unknown {', '.join(unknown) or 'none'}. Give a value for each of "
            f"{', '.join(names)}, on its link scale."
        )
        raise FormulaError(msg)
    return np.array([coefficients[name] for name in names], dtype=np.float64)


def _with_effects(
    population: Population,
    design: Design,
    coefficients: Mapping[str, float],
    rng: np.random.Generator,
) -> Population:
    """Each animal with a normal effect of its own, where the model has one."""
    class_ = design.classes.middle[population.class_]
    if not design.spec.has_individual:
        return replace(population, class_=class_)
    sd = coefficients[design.spec.effect_name]
    effect = sd * rng.standard_normal(len(population))
    return replace(population, class_=class_, effect=effect)


def _named(
    population: Population, records: Records, *, classes: Classes, n_before: int
) -> tuple[CaptureHistory, pd.DataFrame]:
    """Captures with animals named by first detection, and the table of all animals."""
    first = np.lexsort((records.animal, records.trap, records.occasion))
    order = list(dict.fromkeys(records.animal[first].tolist()))
    number = {animal: index for index, animal in enumerate(order)}
    who = np.array([number[animal] for animal in records.animal.tolist()], dtype=np.int64)
    rows = np.lexsort((records.trap, records.occasion, who))
    names = np.array([f"A{n_before + index + 1:03d}" for index in range(len(order))], dtype=object)
    table = pd.DataFrame(
        {
            "session": "",
            "x": population.xy[:, 0],
            "y": population.xy[:, 1],
            "cell": population.cell,
        }
    )
    covariates = pd.DataFrame(index=range(len(order)))
    if classes.n_groups > 1:
        table["group"] = classes.group[population.class_] + 1
    if population.effect is not None:
        table["effect"] = population.effect
    if classes.has_sexes:
        sex = np.array(classes.sexes, dtype=object)[classes.sex[population.class_]]
        table[CLASS_COVARIATE] = sex
        covariates[CLASS_COVARIATE] = pd.Series(sex[order], dtype=object)
    individual = np.full(len(population), None, dtype=object)
    individual[order] = names
    detections = np.bincount(records.animal, records.count, minlength=len(population))
    place = np.argsort(np.repeat(np.argsort(rows), records.count), kind="stable")
    captures = CaptureHistory(
        individuals=names,
        individual=who[rows],
        occasion=records.occasion[rows],
        trap=records.trap[rows],
        count=records.count[rows],
        covariates=covariates,
        xy=records.xy[place] if len(records.xy) else records.xy,
    )
    return captures, table.assign(individual=individual, n_detections=detections.astype(np.int64))


def _with_unknown_sexes(
    captures: CaptureHistory, rate: float, rng: np.random.Generator
) -> CaptureHistory:
    if CLASS_COVARIATE not in captures.covariates.columns:
        return captures
    sex = captures.covariates[CLASS_COVARIATE].to_numpy(dtype=object).copy()
    sex[rng.random(len(sex)) < rate] = None
    return replace(captures, covariates=pd.DataFrame({CLASS_COVARIATE: sex}, dtype=object))
