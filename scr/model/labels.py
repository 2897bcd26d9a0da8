"""What covariates and coefficients are called where people read of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real

from scr.model.latent_names import INDIVIDUAL, MIXTURES
from scr.model.pool_names import OF_LENGTH, OF_SCALE, OF_SD, SD

PARAMETERS = {
    "density": "Density",
    "lambda0": "Detection rate (lambda0)",
    "g0": "Detection probability (g0)",
    "a0": "Single-trap sampling area (a0)",
    "sigma": "Scale of movement (sigma)",
    "sigmak": "Scale of movement by density (sigmak)",
    "z": "Shape of the detection function (z)",
    "share": "Share of the second class (share)",
    "pmix": "Share of latent groups (pmix)",
    "confirmed": "Pairs of sides joined by other means (confirmed)",
    "library": "Animals known from both sides before (library)",
    "distance": "Resistance of ground to movement (distance)",
    INDIVIDUAL: "Differences between animals in detection (standard deviation of the log rate)",
}
"""Parameters in words."""

_TERMS = {
    "Intercept": "intercept",
    INDIVIDUAL: "standard deviation among animals",
    SD: "sd among sessions",
}
_LEVEL = re.compile(r"(?:C\()?(\w+)\)?\[(?:T\.)?(.*)\]")
_SMOOTH = re.compile(r"((?:s|gp)\((.+)\))\[(.+)\]")
_SCALE_OF = re.compile(rf"scale_of\((.+?)\)(\[{OF_SCALE}\])?")
_SCALED = re.compile(r"scale\((\w+)\)")


@dataclass(frozen=True)
class Label:
    """What a covariate is called.

    Parameters
    ----------
    name
        In words, such as ``"Forest cover"``.
    unit
        Its unit, such as ``"%"``; none if left out.
    levels
        Of a factor: what each of its levels is called, such as ``{"F": "females"}``.
    """

    name: str
    unit: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)


type Labels = Mapping[str, Label]
"""Labels by the name of the covariate; one without a label keeps its name."""


def covariate_in_words(name: str, labels: Labels) -> str:
    """A covariate with its unit.

    Parameters
    ----------
    name
        Its name in formulas.
    labels
        Labels of covariates.

    Examples
    --------
    >>> covariate_in_words("forest", {"forest": Label("Forest cover", "%")})
    'Forest cover (%)'
    >>> covariate_in_words("forest", {})
    'forest'
    """
    label = labels.get(name, Label(name))
    return f"{label.name} ({label.unit})" if label.unit else label.name


def value_in_words(name: str, value: object, labels: Labels) -> str:
    """A covariate with one of its values, or of its levels.

    Parameters
    ----------
    name
        Its name in formulas.
    value
        A number, or a level in the data.
    labels
        Labels of covariates.

    Examples
    --------
    >>> value_in_words("forest", 31.25, {"forest": Label("Forest cover", "%")})
    'Forest cover 31.25 %'
    """
    label = labels.get(name, Label(name))
    if isinstance(value, Real):
        return f"{label.name} {float(value):.4g} {label.unit}".strip()
    return f"{label.name} {level_in_words(name, value, labels)}"


def level_in_words(name: str, level: object, labels: Labels) -> str:
    """A level of a factor.

    Parameters
    ----------
    name
        Name of the factor in formulas.
    level
        The level in the data.
    labels
        Labels of covariates.

    Examples
    --------
    >>> level_in_words("sex", "F", {"sex": Label("Sex", levels={"F": "females"})})
    'females'
    >>> level_in_words("h2", "2", {})
    'group 2'
    """
    label = labels.get(name)
    if label is None and name in MIXTURES:
        return f"group {level}"
    return str(level) if label is None else label.levels.get(str(level), str(level))


def class_in_words(label: str, labels: Labels) -> str:
    """A class by its sex and latent group.

    Parameters
    ----------
    label
        As ``Classes.labels`` has it.
    labels
        Labels of covariates.

    Examples
    --------
    >>> class_in_words("F, group 2", {"sex": Label("Sex", levels={"F": "females"})})
    'females, group 2'
    """
    return ", ".join(level_in_words("sex", part, labels) for part in label.split(", "))


def coefficient_in_words(coefficient: str, labels: Labels) -> str:
    """A coefficient by its parameter and the covariates of its term.

    Parameters
    ----------
    coefficient
        Its name, ``<parameter>.<term of the formula>``.
    labels
        Labels of covariates.

    Examples
    --------
    >>> coefficient_in_words("lambda0.sex[T.M]", {"sex": Label("Sex", levels={"M": "males"})})
    'Detection rate (lambda0): Sex, males'
    >>> coefficient_in_words("density.scale(forest)", {"forest": Label("Forest cover", "%")})
    'Density: Forest cover, per standard deviation'
    >>> coefficient_in_words("density.Intercept", {})
    'Density: intercept'
    >>> coefficient_in_words("sigma.h2[T.2]", {})
    'Scale of movement (sigma): latent group, group 2'
    >>> coefficient_in_words("lambda0.individual", {})
    'Detection rate (lambda0): standard deviation among animals'
    >>> coefficient_in_words("density.session_sd", {})
    'Density: sd among sessions'
    >>> coefficient_in_words("density.s(x, y)[sd]", {})
    'Density: sd of s(x, y)'
    >>> coefficient_in_words("density.scale_of(forest)", {})
    'Density: forest at its scale of effect, per standard deviation'
    """
    parameter, _, term = coefficient.partition(".")
    return f"{PARAMETERS.get(parameter, parameter)}: {term_in_words(term, labels)}"


def term_in_words(term: str, labels: Labels) -> str:
    """A term of a formula by its covariates.

    Parameters
    ----------
    term
        The term, as in the name of its coefficient.
    labels
        Labels of covariates.

    Examples
    --------
    >>> term_in_words("forest:sex[T.M]", {"forest": Label("Forest cover", "%")})
    'Forest cover (%) × sex, M'
    """
    return " × ".join(_factor_in_words(part, labels) for part in _factors(term))


def _factors(term: str) -> list[str]:
    """The parts of an interaction; a colon inside brackets parts nothing."""
    parts, depth = [""], 0
    for letter in term:
        depth += (letter in "([") - (letter in ")]")
        if letter == ":" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _of_smooth(parts: tuple[str, ...], labels: Labels) -> str:
    smooth, covariates, what = parts
    if what in covariates.split(", "):
        return f"{labels.get(what, Label(what)).name}, straight part of {smooth}"
    known = {OF_SD: f"sd of {smooth}", OF_LENGTH: f"log length of {smooth}"}
    return known.get(what, f"{smooth}, {what}")


def _of_scale(covariate: str, labels: Labels, *, is_place: bool) -> str:
    name = labels.get(covariate, Label(covariate)).name
    if is_place:
        return f"{name}, place of its scale of effect (logit)"
    return f"{name} at its scale of effect, per standard deviation"


def _factor_in_words(factor: str, labels: Labels) -> str:
    if (found := _SMOOTH.fullmatch(factor)) is not None:
        return _of_smooth(found.groups(), labels)
    if (found := _SCALE_OF.fullmatch(factor)) is not None:
        return _of_scale(found[1], labels, is_place=found[2] is not None)
    if (found := _LEVEL.fullmatch(factor)) is not None:
        name, level = found.groups()
        if name in MIXTURES and name not in labels:
            return f"latent group, {level_in_words(name, level, labels)}"
        return f"{covariate_in_words(name, labels)}, {level_in_words(name, level, labels)}"
    if (found := _SCALED.fullmatch(factor)) is not None:
        return f"{labels.get(found[1], Label(found[1])).name}, per standard deviation"
    return _TERMS.get(factor) or covariate_in_words(factor, labels)
