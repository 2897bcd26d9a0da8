"""What coefficients say on natural scales: density, animals, lambda0 or g0, sigma, shares."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.derived import derived_density
from scr.fit.plug_in import Z_95, logit_limits, plug_in_log_se
from scr.fit.thinned import thinned
from scr.model.arrays import ModelArrays
from scr.model.effect_scales import EffectScale
from scr.model.known_sides import KNOWN
from scr.model.latent_names import INDIVIDUAL
from scr.model.links import expit
from scr.model.pool_names import GROUP
from scr.model.spec import ModelSpec
from scr.model.within_session import OF_OTHERS, responses_in
from scr.shown import Shown, counted
from scr.survey.summary import animals_seen
from scr.survey.totals import totals_of
from scr.units import REPORTED_DENSITY, per_100_km2

if TYPE_CHECKING:
    from scr.fit.result import Fit

_MAX_DRAWS = 1000
_NAIVE, _UNCAUGHT = ", before any capture", ", of an animal never caught"
_STAND_INS = {"a0": "km2", "sigmak": "1"}
_ENGINES = {
    "mle": "maximum likelihood",
    "laplace": "Laplace importance sampling",
    "nuts": "the No-U-Turn sampler",
}


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of the detection parameters at the traps of one session and class.

    Parameters
    ----------
    intensity, shape
        Level of each trap, shape (n_exposures,).
    effort
        Days of work, shape (n_exposures,).
    """

    intensity: NDArray[np.int64]
    shape: NDArray[np.int64]
    effort: NDArray[np.float64]


def levels_of(fit: "Fit", session: int, class_: int) -> Levels:
    """Where each level of the detection parameters was used, and for how long.

    Levels are those of an animal that was never caught, over all occasions.

    Parameters
    ----------
    fit
        A fitted model.
    session, class_
        Index of the session and of the class.
    """
    exposures = fit.problem.sessions[session].exposures
    totals = (exposures.pattern == 0) & (exposures.group < 0)
    used = totals & (exposures.class_ == class_)
    return Levels(exposures.intensity[used], exposures.shape[used], exposures.effort[used])


def detection_keys(fit: "Fit") -> tuple[list[tuple[str, str, str]], list[str]]:
    """Parameter, class and session of each of ``detection_values``, and their units.

    What is of all sessions together has none.

    Parameters
    ----------
    fit
        A fitted model.
    """
    family, classes = fit.spec.family, fit.problem.design.classes
    unit_of = {family.intensity_name: f"per {family.period}", "sigma": "m"}
    if family.has_z:
        unit_of["z"] = "m" if family.z_in_metres else "1"
    unit_of |= {name: unit for name, unit in _STAND_INS.items() if name in fit.spec.formulas}
    for parameter in unit_of:
        if responses := responses_in(_variables(fit.spec, parameter)):
            unit_of[parameter] += _NAIVE if not set(responses) & set(OF_OTHERS) else _UNCAUGHT
    if len(classes.labels) > 1:
        unit_of["share"] = "1"
    keys = [
        (parameter, label, session.name)
        for session in fit.survey.sessions
        for label in classes.labels
        for parameter in unit_of
    ]
    units = [unit_of[parameter] for parameter, _, _ in keys]
    for name in _of_sides(fit):
        keys.append((name, "", ""))
        units.append("1")
    if fit.spec.has_individual:
        keys.append((INDIVIDUAL, "", fit.survey.sessions[0].name))
        units.append("1")
    for pool in fit.problem.design.pools:
        link = "logit" if pool.parameter in {"g0", "share"} else "log"
        of = "among sessions" if pool.term == GROUP else f"by {pool.term}"
        keys.append((f"standard deviation of {link} {pool.parameter} {of}", "", ""))
        units.append("1")
        if pool.length is not None:
            keys.append((f"length of {pool.term}", "", ""))
            units.append("m" if pool.in_metres else "1")
    for scale in _scales(fit):
        keys.append((f"scale of effect of {scale.text.covariate} on density", "", ""))
        units.append("m")
    return keys, units


def _scales(fit: "Fit") -> tuple[EffectScale, ...]:
    """Scales of effect on density."""
    design = fit.problem.design
    return design.density.scales if "density" in design.blocks else ()


def _variables(spec: ModelSpec, parameter: str) -> frozenset[str]:
    """Names that a parameter depends on, by formulas of its own or of those it follows from."""
    of = {"lambda0": {"a0", spec.scale_name}} if spec.a0 is not None else {}
    named = of.get(parameter, {spec.scale_name if parameter == "sigma" else parameter})
    return frozenset[str]().union(*(spec.variables(name) for name in named))


def detection_values(fit: "Fit", theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Detection parameters and shares of the classes, averaged over traps and occasions by effort.

    Where formulas name responses they are those of an animal that was never caught, and where
    animals have an effect of their own those of an animal without effect; its standard deviation
    stands last, and so do those of pooled sessions and smooths, with their lengths, and scales of
    effect. Where they name covariates of individuals, averages over the animals detected.

    Parameters
    ----------
    fit
        A fitted model.
    theta
        Coefficients, shape (n_coefficients,).
    """
    n_groups = len(fit.problem.sessions)
    design = fit.problem.design
    arrays = design.arrays(theta)
    stand_ins = {
        name: np.exp(design.parameter(name, theta)) for name in _STAND_INS if name in design.blocks
    }
    by_group = np.array([_of_group(fit, group, arrays, stand_ins) for group in range(n_groups)])
    if n_groups != len(fit.survey.sessions):
        n = np.array([data.n_animals for data in fit.problem.sessions], dtype=np.float64)
        by_group = np.array(
            [
                np.average(by_group[of], axis=0, weights=n[of])
                for session in range(len(fit.survey.sessions))
                for of in [fit.problem.session_of == session]
            ]
        )
    effect: list[float] = []
    if fit.spec.has_individual:
        effect = [abs(theta[_effect(fit)])]
    pooled: list[float] = []
    for pool in design.pools:
        pooled.append(float(theta[pool.sd]))
        if pool.length is not None:
            pooled.append(float(np.exp(theta[pool.length])))
    for scale in _scales(fit):
        place = design.blocks["density"].start + scale.place + 1
        pooled.append(float(scale.metres(theta[place])))
    known = [float(expit(design.parameter(name, theta))[0]) for name in _of_sides(fit)]
    return np.concatenate([by_group.ravel(), known, effect, pooled])


def _of_sides(fit: "Fit") -> list[str]:
    return [name for name in KNOWN if name in fit.problem.design.blocks]


def _of_group(
    fit: "Fit", session: int, arrays: ModelArrays, stand_ins: dict[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Detection parameters and shares of each class in one session, or group of animals alike."""
    found: list[float] = []
    classes = fit.problem.design.classes
    area = fit.problem.sessions[session].cell_area
    shares = classes.share_of_kinds(arrays.mean_shares(session, area))
    for class_, share in zip(classes.middle, shares, strict=True):
        levels = levels_of(fit, session, class_)
        found.append(np.average(arrays.intensity[levels.intensity], weights=levels.effort))
        found.append(np.average(arrays.sigma[levels.shape], weights=levels.effort))
        if fit.spec.family.has_z:
            found.append(np.average(arrays.z[levels.shape], weights=levels.effort))
        for name, of_level in stand_ins.items():
            level = levels.shape if name == "sigmak" else levels.intensity
            found.append(np.average(of_level[level], weights=levels.effort))
        if len(classes.labels) > 1:
            found.append(share)
    return np.array(found)


def detection_limits(
    fit: "Fit", value: NDArray[np.float64], log_se: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of 95 % intervals of ``detection_values`` by maximum likelihood.

    They are log-normal, those of shares logit-normal; that of the standard deviation of an effect
    of animals, which may be 0, normal above 0.

    Parameters
    ----------
    fit
        A fit by maximum likelihood.
    value, log_se
        The values and standard errors of their logarithm, shape (n_values,).
    """
    keys, _ = detection_keys(fit)
    with np.errstate(over="ignore"):
        low, high = value * np.exp(-Z_95 * log_se), value * np.exp(Z_95 * log_se)
    shares = [number for number, key in enumerate(keys) if key[0] in {"share", *KNOWN}]
    low[shares], high[shares] = logit_limits(value[shares], log_se[shares])
    if fit.spec.has_individual and fit.vcov_root is not None:
        se = float(np.linalg.norm(fit.vcov_root[_effect(fit)]))
        low[-1], high[-1] = max(value[-1] - Z_95 * se, 0.0), value[-1] + Z_95 * se
    return low, high


def _effect(fit: "Fit") -> int:
    return fit.coefficient_names.index(fit.spec.effect_name)


def plain_estimates(fit: "Fit") -> pd.DataFrame:
    """Density and animals over the mask of each session, and the detection parameters.

    Parameters
    ----------
    fit
        A fitted model.

    Returns
    -------
    DataFrame
        Columns quantity, session (empty where all are alike), estimate (the median of draws; for
        maximum likelihood the plug-in value), lower, upper (95 %; log-normal by the delta method
        for maximum likelihood, shares logit-normal), unit.
    """
    keys, units = detection_keys(fit)
    names = [session.name for session in fit.survey.sessions]
    has_density = fit.spec.number != "conditional"

    def values(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        of_detection = detection_values(fit, theta)
        return np.concatenate([_density(fit, theta), of_detection]) if has_density else of_detection

    if fit.point is not None and fit.vcov_root is not None:
        value, log_se = plug_in_log_se(values, fit.point, fit.vcov_root)
        with np.errstate(over="ignore"):  # of what the data cannot tell
            limits = value * np.exp(np.multiply.outer([-Z_95, 0.0, Z_95], log_se))
        of_detection = slice(2 * len(names) if has_density else 0, None)
        limits[[0, 2], of_detection] = detection_limits(
            fit, value[of_detection], log_se[of_detection]
        )
    else:
        drawn = [values(theta) for theta in thinned(fit.draws, _MAX_DRAWS)]
        limits = np.quantile(drawn, [0.025, 0.5, 0.975], axis=0)
    if not has_density:
        limits = np.concatenate([_derived(fit), limits], axis=1)
    table = pd.DataFrame(
        {
            "quantity": [
                *["density" if has_density else "derived density"] * len(names),
                *["expected animals in the mask" if has_density else "animals in the mask"]
                * len(names),
                *[f"{parameter}, {label}" if label else parameter for parameter, label, _ in keys],
            ],
            "session": [*names, *names, *[session for _, _, session in keys]],
            "estimate": limits[1],
            "lower": limits[0],
            "upper": limits[2],
            "unit": [*[REPORTED_DENSITY] * len(names), *["animals"] * len(names), *units],
        }
    )
    alike = table.groupby("quantity")["estimate"].transform(
        lambda of: np.ptp(of) <= 1e-9 * of.max()
    )
    table["session"] = table["session"].where(~alike, "")
    return table.drop_duplicates(["quantity", "session"]).reset_index(drop=True)


def _density(fit: "Fit", theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density per 100 km2 of each session, and its animals over the mask."""
    areas = np.array([data.cell_area.sum() for data in fit.problem.sessions])
    design = fit.problem.design
    with np.errstate(over="ignore"):  # a fit that cannot be believed is shown too
        animals = np.array(
            [
                np.exp(design.log_density(theta, session)) @ data.cell_area
                for session, data in enumerate(fit.problem.sessions)
            ]
        )
    return np.concatenate([per_100_km2(1.0) * animals / areas, animals])


def _derived(fit: "Fit") -> NDArray[np.float64]:
    """Limits and estimate of what ``_density`` gives, derived; shape (3, n_values)."""
    table = derived_density(fit)
    density = table[["lower", "estimate", "upper"]].to_numpy().T
    animals = table[["n_mask_lower", "n_mask", "n_mask_upper"]].to_numpy().T
    return np.concatenate([density, animals], axis=1)


def fit_shown(fit: "Fit") -> Shown:
    """A fit in a few lines: what was estimated, in plain units, and what there is to doubt.

    Parameters
    ----------
    fit
        A fitted model.
    """
    totals = totals_of(fit.survey)
    facts = {}
    for row in plain_estimates(fit).to_dict("records"):
        session = f", session {row['session']}" if row["session"] else ""
        facts[f"{row['quantity']}{session}"] = _in_plain_units(row)
    heading = (
        f"Fit by {_ENGINES[fit.engine]}: {animals_seen(fit.survey.sessions)} in "
        f"{counted(totals.n_detections, 'detection')}, {fit.mask.area:,.0f} km2 of mask"
    )
    remarks = [f"! {check.message}" for check in fit.checks if check.is_told]
    return Shown(heading, facts | _quality(fit), tuple(remarks))


def _quality(fit: "Fit") -> dict[str, str]:
    """AIC, or how many independent draws the sample is worth."""
    if fit.aic is not None:
        n = counted(len(fit.coefficient_names), "coefficient")
        return {"AIC": f"{fit.aic:,.1f}; log-likelihood {fit.log_likelihood:,.1f}, {n}"}
    if "ess_bulk" not in fit.coefficients:
        return {}
    least = fit.coefficients["ess_bulk"].min()
    return {"effective draws": f"{least:,.0f} or more of {len(fit.draws):,} for each coefficient"}


def _in_plain_units(row: dict[Hashable, Any]) -> str:
    unit, comma, state = str(row["unit"]).partition(", ")
    scale, shown = {"m": (1e-3, " km"), "1": (1.0, "")}.get(unit, (1.0, f" {unit}"))
    middle, low, high = (three_digits(scale * row[n]) for n in ("estimate", "lower", "upper"))
    return f"{middle}{shown}{comma}{state} ({low} to {high})"


def three_digits(number: float) -> str:
    """A number to three significant digits, without an exponent.

    Parameters
    ----------
    number
        Any number.

    Examples
    --------
    >>> three_digits(0.011634), three_digits(3.8), three_digits(12345.0)
    ('0.0116', '3.80', '12,300')
    """
    if not np.isfinite(number) or number == 0:
        return f"{number:g}"
    places = 2 - int(np.floor(np.log10(abs(number))))
    return f"{round(number, places):,.{max(0, places)}f}"
