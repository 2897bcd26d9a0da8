"""One simulated survey, or those of several years, fitted: what a study repeats many times."""

import warnings
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

import scr
from scr.errors import LayoutError, ScrError, ScrWarning
from scr.fit.derived import derived_density
from scr.fit.laplace import fit_laplace
from scr.fit.mle import fit_mle
from scr.fit.result import Fit
from scr.habitat.region import Region
from scr.simulate.surveys import simulate_survey
from scr.survey.survey import Survey
from scr.units import per_100_km2
from trap_layouts.assumptions import Assumptions
from trap_layouts.coverage import reserve_share
from trap_layouts.exposure import planned_design, planned_survey
from trap_layouts.layout import Layout
from trap_layouts.monitoring import YEARLY, Monitoring, check_trend, over_years, yearly_survey
from trap_layouts.sided_plan import plan_sides

StudyEngine = Literal["mle", "laplace", "nuts"]
"""How simulated surveys are fitted."""

OF_CHANGE = ("change", "change_log_se", "change_lower", "change_upper")
"""What a row tells of the change over several years."""

_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Scenario:
    """A layout under one set of assumptions.

    Parameters
    ----------
    name
        Unique within a study.
    layout
        The stations.
    assumptions
        One set of coefficients.
    reserve
        Where N is estimated; the whole mask if left out.
    true_n
        Expected N in the reserve, of several years in the first.
    monitoring
        Surveys in several years, fitted together; one survey if left out.
    others
        Layouts that stand in turn with ``layout`` in these years.

    Raises
    ------
    LayoutError
        If there are several sets of coefficients, or the model has no trend of density.
    """

    name: str
    layout: Layout
    assumptions: Assumptions
    reserve: Region | None = None
    true_n: float = field(init=False, default=float("nan"))
    monitoring: Monitoring | None = None
    others: tuple[Layout, ...] = ()

    def __post_init__(self) -> None:
        if self.assumptions.n_draws != 1:
            msg = (
                f"Scenario {self.name!r}: a study needs single values of the parameters. Give one "
                "value for each, or one scenario for each set."
            )
            raise LayoutError(msg)
        if self.monitoring is not None:
            check_trend(self.assumptions)
        object.__setattr__(self, "true_n", _true_n(self))

    @property
    def simulated(self) -> tuple[Survey, Assumptions]:
        """The survey without captures, and the model and coefficients of all its years."""
        given, years = self.assumptions, self.monitoring
        if given.flank is not None and years is None:
            sided = plan_sides(self.layout, given)
            single = {name: np.array([value]) for name, value in sided.coefficients.items()}
            return sided.survey, replace(given, coefficients=single)
        if years is None:
            return planned_survey(self.layout, given, detector=given.detector), given
        together = yearly_survey([self.layout, *self.others], given, years)
        return together, over_years(given, years)


def simulate_and_fit(
    scenario: Scenario, repeat: int, *, seed: int, engine: StudyEngine
) -> dict[str, Any]:
    """One row of a study's results; depends on its arguments alone, not on where it runs.

    Parameters
    ----------
    scenario
        What to simulate.
    repeat
        Number of the repeat, from 0.
    seed
        Seed of this repeat.
    engine
        How to fit.

    Returns
    -------
    dict
        ``scenario``, ``repeat``, ``seed``, ``fitted`` (False where the fit failed or did not
        converge, with the reason in ``problem``), ``animals``, ``detections``, ``true_n``
        (expected N in the reserve), ``n`` (its estimate: maximum likelihood or posterior median),
        ``log_se`` (standard error of its log), ``lower``, ``upper`` (95 %). Of several years N is
        that of the first, and ``true_change``, ``change``, ``change_log_se``, ``change_lower`` and
        ``change_upper`` tell the relative change from the first year to the last.
    """
    plan, assumptions = scenario.simulated
    coefficients = {name: float(v[0]) for name, v in assumptions.coefficients.items()}
    is_fixed = assumptions.spec.number == "binomial"
    survey, _ = simulate_survey(
        plan,
        assumptions.mask,
        assumptions.spec if is_fixed else assumptions.planned_spec,
        coefficients=coefficients,
        seed=seed,
        unknown_sex=assumptions.unknown_sex,
        centres="within_cell" if assumptions.mask.spacing is not None else "cell_centre",
    )
    row: dict[str, Any] = {
        "scenario": scenario.name,
        "repeat": repeat,
        "seed": seed,
        "fitted": False,
        "problem": "",
        "animals": survey.n_individuals,
        "detections": sum(session.captures.n_detections for session in survey.sessions),
        "true_n": scenario.true_n,
    }
    row |= dict.fromkeys(("n", "log_se", "lower", "upper"), float("nan"))
    if scenario.monitoring is not None:
        row["true_change"] = scenario.monitoring.change
        row |= dict.fromkeys(OF_CHANGE, float("nan"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)
        try:
            fit = _fit(survey, assumptions, engine, seed=seed, starting=coefficients)
        except (ScrError, np.linalg.LinAlgError) as error:
            return row | {"problem": f"{type(error).__name__}: {str(error)[:200]}"}
    failed = [check.name for check in fit.checks if not check.passed]
    row |= _estimates(fit, scenario)
    if scenario.monitoring is not None:
        row |= _change(fit, scenario.monitoring)
    return row | {"fitted": not failed, "problem": ", ".join(failed)}


def _fit(
    survey: Any,
    assumptions: Assumptions,
    engine: StudyEngine,
    *,
    seed: int,
    starting: dict[str, float],
) -> Fit:
    mask, spec = assumptions.mask, assumptions.spec
    if spec.number == "conditional":
        starting = {k: v for k, v in starting.items() if not k.startswith("density.")}
    if engine == "mle":
        return fit_mle(survey, mask, spec, seed=seed, starting=starting, check_mask=False)
    if engine == "laplace":
        return fit_laplace(
            survey, mask, spec, seed=seed, starting=starting, check_mask=False, cores=1
        )
    if engine == "nuts":
        fit: Fit = scr.fit_nuts(
            survey, mask, spec, seed=seed, check_mask=False, progress=False, cores=1
        )
        return fit
    msg = (
        f"engine={engine!r} is not known. Use one of {', '.join(map(repr, get_args(StudyEngine)))}."
    )
    raise LayoutError(msg)


def _true_n(scenario: Scenario) -> float:
    assumptions = scenario.assumptions
    if assumptions.flank is not None:
        sided = plan_sides(scenario.layout, assumptions)
        design = sided.design_of(sided.survey)
        theta = sided.theta_of(design)
    else:
        design = planned_design(scenario.layout, assumptions)
        theta = assumptions.thetas(design)[0]
    weight = reserve_share(assumptions.mask, scenario.reserve) * assumptions.mask.cell_area
    return float(weight @ np.exp(design.log_density(theta, 0)))


def _estimates(fit: Fit, scenario: Scenario) -> dict[str, float]:
    """Expected N in the reserve with its interval: log-normal, or quantiles of the posterior."""
    design = fit.problem.design
    weight = reserve_share(fit.mask, scenario.reserve) * fit.mask.cell_area
    if fit.spec.number == "conditional":
        derived = derived_density(fit).iloc[0]
        area = weight.sum() / per_100_km2(1.0)
        limits = {name: area * derived[name] for name in ("lower", "upper")}
        log_se = np.sqrt(np.log1p((derived["sd"] / derived["estimate"]) ** 2))
        return {"n": area * derived["estimate"], "log_se": float(log_se), **limits}

    def log_n(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log(np.exp(design.log_density(theta, 0)) @ weight)

    if fit.point is not None and fit.vcov_root is not None:
        middle = float(log_n(fit.point))
        density = weight * np.exp(design.log_density(fit.point, 0))
        block = design.blocks["density"]
        slope = density @ design.density_columns[: len(density)] / density.sum()
        se = float(np.linalg.norm(slope @ fit.vcov_root[block]))
        z = norm.isf((1 - _LEVEL) / 2)
        lower, upper = middle - z * se, middle + z * se
    else:
        draws = log_n(fit.draws)
        lower, middle, upper = (float(q) for q in np.quantile(draws, [0.025, 0.5, 0.975]))
        se = float(draws.std(ddof=1))
    return {
        "n": float(np.exp(middle)),
        "log_se": se,
        "lower": float(np.exp(lower)),
        "upper": float(np.exp(upper)),
    }


def _change(fit: Fit, monitoring: Monitoring) -> dict[str, float]:
    """Change from the first year to the last with its interval: log-normal, or quantiles."""
    column = fit.coefficient_names.index(YEARLY)
    span = float(monitoring.since_first[-1])
    if fit.point is not None and fit.vcov_root is not None:
        middle = span * float(fit.point[column])
        se = span * float(np.linalg.norm(fit.vcov_root[column]))
        z = norm.isf((1 - _LEVEL) / 2)
        found = (middle - z * se, middle, middle + z * se)
    else:
        draws = span * fit.draws[:, column]
        found = tuple(np.quantile(draws, [0.025, 0.5, 0.975]))
        se = float(draws.std(ddof=1))
    lower, change, upper = (float(np.expm1(value)) for value in found)
    return dict(zip(OF_CHANGE, (change, se, lower, upper), strict=True))
