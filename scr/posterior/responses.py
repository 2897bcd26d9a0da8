"""How a parameter answers to each covariate of its formula."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.stats import norm

from scr.errors import FitError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.model.formula import Terms, make_terms
from scr.model.latent_names import INDIVIDUAL
from scr.model.links import expit
from scr.model.parameterisation import OF_CELLS
from scr.model.pool_names import GROUP
from scr.model.tables import density_table, detection_table, session_table
from scr.posterior.detectability import largest_sigma
from scr.posterior.thinning import method_of
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY

_N_VALUES = 81
_UNITS = {
    "density": REPORTED_DENSITY,
    "lambda0": "detections per day {}",
    "g0": "probability of detection per day {}",
    "a0": "single-trap sampling area a0, km2",
    "sigma": "km",
    "sigmak": "sigma times the root of density",
    "z": "shape z of the detection function",
    "share": "share of the second sex",
    "pmix": "share of the second group",
    "distance": "resistance, 1 where its covariates are 0",
}
_FACTORS = {"density": KM2_PER_REPORTED_AREA, "sigma": 1e-3}
_KM = "km"
_LOGIT = ("g0", "share", "pmix")
_OF_SESSIONS = ("share", "pmix")


@dataclass(frozen=True, eq=False)
class Response:
    """A parameter against one covariate.

    Parameters
    ----------
    covariate
        Its name.
    is_factor
        Whether it has levels, or two values only, so that no line joins them.
    table
        Columns value, median (plug-in for maximum likelihood), lower and upper (95 %).
    values
        The covariate over the mask, or over the traps and classes of a detection parameter.
    near
        The covariate in the cells within sigma of a trap; all of ``values`` for a detection
        parameter. They tell how stations were placed, and are private.
    held
        Values at which the other covariates of the formula are held: the median, or the most
        frequent level.
    """

    covariate: str
    is_factor: bool
    table: pd.DataFrame
    values: pd.Series
    near: pd.Series
    held: dict[str, object]


@dataclass(frozen=True, eq=False)
class Responses:
    """A parameter against each covariate of its formula.

    Parameters
    ----------
    parameter
        ``"density"``, ``"share"`` or a parameter of detection.
    unit
        Unit of the tables.
    of
        One for each covariate, in alphabetical order.
    method
        How it was estimated, in words.
    """

    parameter: str
    unit: str
    of: tuple[Response, ...]
    method: str


@dataclass(frozen=True, eq=False)
class _Source:
    """The terms of a formula and the table that they were made from."""

    terms: Terms
    rows: pd.DataFrame
    near: NDArray[np.bool_]


def covariate_responses(
    fit: Fit, parameter: str, *, max_draws: int = 1000, public: bool = False
) -> Responses:
    r"""A parameter against each covariate of its formula, the others held, with its 95 % band.

    Parameters
    ----------
    fit
        A fitted model.
    parameter
        ``"density"``, or a detection parameter of the model.
    max_draws
        Draws used, evenly spaced among those of the fit.
    public
        Whether values run over the middle nine tenths of the data alone, to two digits, and others
        are held at as many: the ends of the range are those of single cells at the edge of the
        mask, or of single stations.

    Returns
    -------
    Responses
        Density per 100 km2, sigma in km, so too z where it is a distance; the others in their own
        unit. Values run from the
        smallest to the largest of the covariate in the data. For a maximum likelihood fit the
        interval is normal on the scale of the link.

    Raises
    ------
    FitError
        If the model has no such parameter, or its formula no covariate.
    """
    formulas = fit.spec.formulas
    if parameter not in formulas:
        msg = f"The model has no {parameter!r}. Name one of {', '.join(map(repr, formulas))}."
        raise FitError(msg)
    names = _covariates_of(fit, parameter)
    if not names:
        msg = (
            f"{parameter} is the same everywhere in this model ({formulas[parameter]!r}), so that "
            "it answers to no covariate. Name a parameter with covariates in its formula."
        )
        raise FitError(msg)
    source = _source(fit, parameter)
    predict = _predictor(fit, parameter, max_draws)
    found = []
    every = names + _on_maps_alone(fit, parameter)
    for name in names:
        rows = source.rows
        held = {other: _typical(rows[other], public=public) for other in every if other != name}
        if INDIVIDUAL in fit.spec.variables(parameter):
            held[INDIVIDUAL] = 0.0
        is_factor = _is_factor(rows[name])
        values = _values(rows[name], is_factor=is_factor, public=public)
        table = predict(source.terms.on(pd.DataFrame({name: values, **held})))
        table.insert(0, "value", values)
        found.append(
            Response(name, is_factor, table, rows[name], rows.loc[source.near, name], held)
        )
    return Responses(parameter, _unit(fit, parameter), tuple(found), method_of(fit))


def _unit(fit: Fit, parameter: str) -> str:
    if _is_distance(fit, parameter):
        return _KM
    return _UNITS[parameter].format(fit.spec.family.where_highest)


def _is_distance(fit: Fit, parameter: str) -> bool:
    return parameter == "z" and fit.spec.family.z_in_metres


def parameters_with_covariates(fit: Fit) -> tuple[str, ...]:
    """Parameters whose formula has a covariate, in the order of the model.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return tuple(name for name in fit.spec.formulas if _covariates_of(fit, name))


def _covariates_of(fit: Fit, parameter: str) -> list[str]:
    """What a parameter can be shown against; shares of three latent groups have no one curve."""
    if parameter == "pmix" and fit.spec.n_groups > 2:
        return []
    hidden = {INDIVIDUAL, *_on_maps_alone(fit, parameter)}
    return sorted(fit.spec.variables(parameter) - hidden)


def _on_maps_alone(fit: Fit, parameter: str) -> list[str]:
    """Covariates of smooths of two, which no curve can show, that stand in no other term."""
    if parameter != "density":
        return []
    text = fit.problem.design.density.text
    curves = set(text.spelling.columns.values())
    curves |= {smooth.covariates[0] for smooth in text.smooths if len(smooth.covariates) == 1}
    return sorted(text.columns - curves - {GROUP})


def _source(fit: Fit, parameter: str) -> _Source:
    design, survey = fit.problem.design, fit.survey
    in_cells = parameter == "share" and design.ratio is not None
    if parameter in OF_CELLS or in_cells:
        reach = largest_sigma(fit)
        tables, near = [], []
        for index, (cells, session) in enumerate(zip(design.cells, survey.sessions, strict=True)):
            tables.append(density_table(fit.mask, cells, survey, index))
            distance, _ = cKDTree(session.traps.ground).query(fit.mask.xy[cells])
            near.append(distance <= reach)
        rows = pd.concat(tables, ignore_index=True)
        by_name = {"density": design.density, "share": design.ratio}
        terms = by_name.get(parameter, design.resistance)
        assert terms is not None
        return _Source(terms, rows, np.concatenate(near))
    rows = (
        session_table(survey)
        if parameter in _OF_SESSIONS
        # All names: what varies by occasion in one formula weighs the rows of scale() in another.
        else detection_table(survey, design.classes, fit.spec.detection_variables).rows
    )
    terms = make_terms(fit.spec.formulas[parameter], parameter, rows, functions=fit.spec.transforms)
    return _Source(terms, rows, np.ones(len(rows), dtype=np.bool_))


def _predictor(
    fit: Fit, parameter: str, max_draws: int
) -> Callable[[NDArray[np.float64]], pd.DataFrame]:
    block = fit.problem.design.blocks[parameter]
    inverse = expit if parameter in _LOGIT else np.exp
    factor = _FACTORS["sigma"] if _is_distance(fit, parameter) else _FACTORS.get(parameter, 1.0)

    def predict(columns: NDArray[np.float64]) -> pd.DataFrame:
        if fit.point is not None and fit.vcov_root is not None:
            middle = columns @ fit.point[block]
            se = np.linalg.norm(columns @ fit.vcov_root[block], axis=1)
            reach = norm.ppf(0.975) * se
            eta = np.array([middle, middle - reach, middle + reach])
        else:
            draws = thinned(fit.draws, max_draws)
            beta = (
                fit.problem.design.of_density(draws) if parameter == "density" else draws[:, block]
            )
            of_draws = beta @ columns.T
            eta = np.quantile(of_draws, [0.5, 0.025, 0.975], axis=0)
        return pd.DataFrame((factor * inverse(eta)).T, columns=["median", "lower", "upper"])

    return predict


def _is_factor(values: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return not is_number or values.nunique() <= 2


def _values(values: pd.Series, *, is_factor: bool, public: bool) -> NDArray[np.float64] | pd.Series:
    if is_factor:
        return values.drop_duplicates().sort_values().reset_index(drop=True)
    low, high = float(values.min()), float(values.max())
    if public:
        low, high = (_coarse(float(values.quantile(share)), values) for share in (0.05, 0.95))
    return np.linspace(low, high, _N_VALUES)


def _coarse(value: float, values: pd.Series) -> float:
    """A value to a twentieth, or so, of the range of all."""
    width = float(values.max() - values.min())
    step = 10.0 ** np.floor(np.log10(width)) / 2 if width > 0 else 1.0
    return float(np.round(value / step) * step)


def _typical(values: pd.Series, *, public: bool) -> object:
    if _is_factor(values):
        return values.mode().iloc[0]
    middle = float(values.median())
    return _coarse(middle, values) if public else middle
