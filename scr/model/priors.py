"""Priors: plain records, and the default ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import gammaln

from scr.errors import FormulaError
from scr.units import M2_PER_KM2

if TYPE_CHECKING:
    from scr.model.design import Design
    from scr.survey.survey import Survey


def _check(label: str, mean: float, scales: Sequence[float]) -> None:
    if not (np.isfinite([mean, *scales]).all() and min(scales) > 0):
        msg = (
            f"{label} is not a prior: it needs a finite mean and sd (and df) above 0, on the link "
            "scale of the coefficient."
        )
        raise FormulaError(msg)


@dataclass(frozen=True)
class Normal:
    """A normal prior on one coefficient, on its link scale.

    Parameters
    ----------
    mean, sd
        Location and scale, on the link scale of the coefficient.

    Raises
    ------
    FormulaError
        If the scale is not above 0.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _check(repr(self), self.mean, [self.sd])

    def log_density(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, normalised.

        Parameters
        ----------
        value
            The coefficient, any shape.

        Examples
        --------
        >>> float(Normal(0.0, 1.0).log_density(np.array(0.0)))
        -0.9189...
        """
        u = (value - self.mean) / self.sd
        return np.asarray(-0.5 * u * u - np.log(self.sd) - 0.5 * np.log(2 * np.pi))

    def slope(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivative of the log density.

        Parameters
        ----------
        value
            The coefficient, any shape.
        """
        return -(value - self.mean) / self.sd**2


@dataclass(frozen=True)
class StudentT:
    """A Student t prior on one coefficient, on its link scale.

    Parameters
    ----------
    mean, sd
        Location and scale, on the link scale of the coefficient. ``sd`` is the scale of the t,
        smaller than its standard deviation.
    df
        Degrees of freedom.

    Raises
    ------
    FormulaError
        If the scale or the degrees of freedom are not above 0.
    """

    mean: float
    sd: float
    df: float = 4.0

    def __post_init__(self) -> None:
        _check(repr(self), self.mean, [self.sd, self.df])

    def log_density(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, normalised.

        Parameters
        ----------
        value
            The coefficient, any shape.
        """
        u = (value - self.mean) / self.sd
        constant = gammaln((self.df + 1) / 2) - gammaln(self.df / 2)
        constant -= 0.5 * np.log(self.df * np.pi) + np.log(self.sd)
        return np.asarray(constant - (self.df + 1) / 2 * np.log1p(u * u / self.df))

    def slope(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivative of the log density.

        Parameters
        ----------
        value
            The coefficient, any shape.
        """
        u = (value - self.mean) / self.sd
        return -(self.df + 1) * u / (self.df + u * u) / self.sd


Prior = Normal | StudentT
"""Families a prior can have."""

_SD_LOG_SIGMA = 1.0
_SD_LOG_DENSITY = 2.0
_SD_LOG_INTENSITY = 2.0
_SD_LOGIT_SHARE = 1.5
_LOG_Z = Normal(float(np.log(4.0)), 0.5)


def log_prior(priors: Sequence[Prior], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log density of the prior.

    Parameters
    ----------
    priors
        One per coefficient.
    theta
        Coefficients, shape (..., n_coefficients).

    Returns
    -------
    NDArray
        Shape (...,).

    Examples
    --------
    >>> float(log_prior([Normal(0.0, 1.0), Normal(1.0, 2.0)], np.array([0.0, 1.0])))
    -2.5310...
    """
    terms = [prior.log_density(theta[..., j]) for j, prior in enumerate(priors)]
    return np.sum(terms, axis=0, dtype=np.float64)


def log_prior_gradient(priors: Sequence[Prior], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gradient of ``log_prior``.

    Parameters
    ----------
    priors
        One per coefficient.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    NDArray
        Shape (n_coefficients,).
    """
    return np.array([prior.slope(theta[j]) for j, prior in enumerate(priors)], dtype=np.float64)


def model_priors(design: "Design") -> dict[str, Prior]:
    """The priors of a model: its own where it names them, else the default ones.

    Parameters
    ----------
    design
        The model and its data.

    Raises
    ------
    FormulaError
        If the model names a prior for a coefficient that it does not have.
    """
    own: Mapping[str, Prior] = design.spec.priors
    unknown = sorted(set(own) - set(design.coefficient_names))
    if unknown:
        msg = (
            f"The model has priors for {', '.join(map(repr, unknown))}, which are not coefficients "
            f"of it. It has {', '.join(map(repr, design.coefficient_names))}. Correct the names."
        )
        raise FormulaError(msg)
    if set(own) == set(design.coefficient_names):
        return {name: own[name] for name in design.coefficient_names}
    return {name: own.get(name, prior) for name, prior in default_priors(design).items()}


def default_priors(design: "Design") -> dict[str, Prior]:
    r"""Weakly informative priors that follow from the layout of the traps alone.

    With s the median distance from a trap to its nearest neighbour, and T the median over traps
    of total effort: log sigma ~ N(log s, 1), log D per km2 ~ N(log(0.25 / s_km^2), 2),
    log lambda0 (logit g0) ~ N(-log T, 2), log z ~ N(log 4, 0.5), logit share ~ N(0, 1.5); a slope
    ~ N(0, 1) per standard deviation of its column over the mask cells, or over the distinct rows
    of a detection formula.

    These hold for ``Intercept``, the value where all other columns are 0: centre covariates, as
    ``scale()`` does. In a formula without intercept they hold for its columns of zeros and ones.

    Parameters
    ----------
    design
        The model and its data.

    Returns
    -------
    dict
        Prior by coefficient name, in the order of the coefficients.

    Raises
    ------
    FormulaError
        If all traps stand in one place, so that there is no distance to go by.
    """
    spacing = _trap_spacing(design.survey)
    totals = np.concatenate([s.usage.effort.sum(axis=1) for s in design.survey.sessions])
    effort = float(np.median(totals[totals > 0]))
    intensity = Normal(-float(np.log(effort)), _SD_LOG_INTENSITY)
    centre: dict[str, Prior] = {
        "density": Normal(float(np.log(0.25 * M2_PER_KM2 / spacing**2)), _SD_LOG_DENSITY),
        "lambda0": intensity,
        "g0": intensity,
        "sigma": Normal(float(np.log(spacing)), _SD_LOG_SIGMA),
        "z": _LOG_Z,
        "share": Normal(0.0, _SD_LOGIT_SHARE),
    }
    priors: dict[str, Prior] = {}
    for parameter, block in design.blocks.items():
        names = design.coefficient_names[block]
        columns = columns_of(design, parameter)
        level = _is_level(columns, names, parameter)
        for j, name in enumerate(names):
            slope = Normal(0.0, 1.0 / _spread(columns[:, j]))
            priors[name] = centre[parameter] if level[j] else slope
    return priors


def columns_of(design: "Design", parameter: str) -> NDArray[np.float64]:
    """Design matrix of a parameter.

    Parameters
    ----------
    design
        The model and its data.
    parameter
        A name in ``design.blocks``.

    Returns
    -------
    NDArray
        For density one row per cell of each session; for lambda0, g0, sigma and z one per level;
        for share one per session.
    """
    n_sigma = design.blocks["sigma"].stop - design.blocks["sigma"].start
    if parameter == "density":
        return design.density_columns
    if parameter == "sigma":
        return design.shape.columns[:, :n_sigma]
    if parameter == "z":
        return design.shape.columns[:, n_sigma:]
    if parameter == "share" and design.share is not None:
        return design.share
    return design.intensity.columns


def _is_level(
    columns: NDArray[np.float64], names: Sequence[str], parameter: str
) -> NDArray[np.bool_]:
    intercept = np.array([name == f"{parameter}.Intercept" for name in names])
    if intercept.any():
        return intercept
    return np.asarray(((columns == 0) | (columns == 1)).all(axis=0))


def _spread(column: NDArray[np.float64]) -> float:
    spread = float(np.std(column, ddof=1)) if len(column) > 1 else 0.0
    return spread if spread > 0 else 1.0


def _trap_spacing(survey: "Survey") -> float:
    nearest = []
    for session in survey.sessions:
        places = np.unique(session.traps.xy, axis=0)
        if len(places) > 1:
            nearest.append(cKDTree(places).query(places, k=2)[0][:, 1])
    if not nearest:
        msg = (
            "All traps of a session stand in one place, so the default priors have no distance "
            "between traps to go by. Give a prior for every coefficient with ModelSpec(priors=...)."
        )
        raise FormulaError(msg)
    return float(np.median(np.concatenate(nearest)))
