"""Surveys of both flanks: what they will bring, and what a second camera at a station buys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.likelihood.matching.gibbs import walk
from scr.likelihood.matching.whole import usable_weights
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import build_problem
from scr.simulate.surveys import simulate_survey
from scr.survey.sides import by_type
from scr.survey.survey import Survey
from trap_layouts.assumptions import Assumptions
from trap_layouts.caught import N_ANIMALS, Caught
from trap_layouts.exposure import exposure
from trap_layouts.information import Information, information_of
from trap_layouts.layout import Layout
from trap_layouts.sided_plan import SidedPlan, plan_sides

_N_MATCHINGS, _WARM_UP, _SWEEPS = 400, 50, 3
_STEP = 1e-4
_GROUPS = 10
_ANIMALS_A_SURVEY = 100


@dataclass(frozen=True, eq=False)
class FlankInformation:
    """Expected information of a survey of both flanks, and its bounds.

    Parameters
    ----------
    matched
        If somebody knew which left and right animals are one.
    one_flank
        Of the left flank alone.
    lost
        Information lost by not knowing that, of each simulated survey, in the coordinates of
        ``matched``, shape (n_surveys, n_coefficients, n_coefficients).
    """

    matched: Information
    one_flank: Information
    lost: NDArray[np.float64]

    @property
    def unknown(self) -> Information:
        """Expected information where the pairs are not known."""
        return replace(self.matched, matrix=self.matched.matrix - self.lost.mean(axis=0))

    @property
    def rse(self) -> float:
        """Relative standard error of expected N in the reserve."""
        return self.unknown.rse

    @property
    def rse_error(self) -> float:
        """Monte Carlo standard error of ``rse``, of animals and of surveys."""
        values = []
        for group in range(_GROUPS):
            kept = np.arange(len(self.lost)) % _GROUPS != group
            matrix = self.matched.matrix - self.lost[kept].mean(axis=0)
            values.append(replace(self.matched, matrix=matrix).rse)
        of_surveys = (_GROUPS - 1) * np.var(values)
        return float(np.sqrt(of_surveys + self.matched.rse_error**2))


def flank_information(
    layout: Layout,
    assumptions: Assumptions,
    *,
    reserve: Region | None = None,
    n_animals: int = N_ANIMALS,
    seed: int = 1,
) -> FlankInformation:
    r"""Expected information of a survey of both flanks, whose pairs of sides are not known.

    If the matching M of left and right animals were known, the score would be that of complete
    animals, S(M), and the information that of a marked Poisson process, :math:`\Lambda E[g g']`,
    as in ``expected_information``. What is observed has the mean of S over M for its score, so that

    .. math:: I = I_\text{matched} - E\big[\mathrm{Var}(S(M) \mid \text{survey})\big], \qquad
        S(M) = \text{const} + \sum_{ij \in M} \partial \log w_{ij} / \partial \theta

    The variance is over matchings drawn by their weights, and its mean over simulated surveys.

    Parameters
    ----------
    layout
        Stations, with one or two cameras each.
    assumptions
        With ``flank="both"``; one set of coefficients (the first is used), as ``plan_sides`` takes
        them.
    reserve
        Where N is estimated; the whole mask if left out.
    n_animals
        Animals to simulate, about, for what complete animals would tell. What is lost by not
        knowing the pairs is averaged over a survey for every 100 of them, at least 10.
    seed
        Seed of all random numbers.

    Raises
    ------
    LayoutError
        As ``plan_sides``.
    FormulaError
        If the model does not go with both flanks.

    References
    ----------
    Louis (1982) J. R. Stat. Soc. B 44:226-233, for the information that is missing.
    """
    plan = plan_sides(layout, assumptions)
    typed = by_type(plan.survey)
    matched = _of_complete(typed, plan, reserve, n_animals=n_animals, seed=seed)
    one_flank = _of_complete(_without_right(typed), plan, reserve, n_animals=n_animals, seed=seed)
    to = matched.to_coefficients
    n_surveys = max(n_animals // _ANIMALS_A_SURVEY, _GROUPS)
    seeds = range(seed * n_surveys, (seed + 1) * n_surveys)
    lost = np.array([to.T @ _lost(plan, one) @ to for one in seeds])
    return FlankInformation(matched, one_flank, lost)


def _without_right(typed: Survey) -> Survey:
    """The survey by type without detections of the right alone."""
    session = typed.sessions[0]
    kept = np.flatnonzero(session.traps.covariates["flank"] != "right")
    traps, n = session.traps, session.usage.effort.shape[1]
    fewer = replace(
        traps,
        names=traps.names[kept],
        xy=traps.xy[kept],
        session=traps.session[kept],
        covariates=traps.covariates.iloc[kept].reset_index(drop=True),
        rows=traps.rows[kept],
    )
    rows = (kept[:, None] * n + np.arange(n)).reshape(-1)
    changed = replace(
        session,
        traps=fewer,
        usage=replace(session.usage, effort=session.usage.effort[kept]),
        by_occasion=session.by_occasion.iloc[rows].reset_index(drop=True),
    )
    return replace(typed, sessions=(changed,))


def _of_complete(
    typed: Survey, plan: SidedPlan, reserve: Region | None, *, n_animals: int, seed: int
) -> Information:
    """Information of the survey by type, were all animals complete."""
    design = plan.design_of(typed)
    theta = plan.theta_of(design)
    n_occasions = typed.sessions[0].usage.effort.shape[1]
    expected = exposure(design, theta, n_occasions=n_occasions).expected
    if expected <= 0:
        return information_of(design, theta, None, reserve=reserve)
    coefficients = dict(zip(design.coefficient_names, theta.tolist(), strict=True))
    survey = _simulated(typed, plan, coefficients, seed=seed, times=n_animals / expected)
    problem = build_problem(survey, plan.mask, plan.spec)
    weights = np.full(problem.n_animals, expected / problem.n_animals)
    return information_of(design, theta, Caught(problem, weights), reserve=reserve)


def _simulated(
    survey: Survey,
    plan: SidedPlan,
    coefficients: Mapping[str, float],
    *,
    seed: int,
    times: float = 1.0,
) -> Survey:
    """A survey of so many times the animals."""
    return simulate_survey(
        survey,
        replace(plan.mask, cell_area=plan.mask.cell_area * times),
        plan.spec,
        coefficients=coefficients,
        seed=seed,
        unknown_sex=plan.unknown_sex,
        centres="cell_centre",
    )[0]


def _lost(plan: SidedPlan, seed: int) -> NDArray[np.float64]:
    """Variance of the score over matchings of one simulated survey, to the coefficients."""
    survey = _simulated(plan.survey, plan, plan.coefficients, seed=seed)
    problem = build_problem(survey, plan.mask, plan.spec)
    theta = plan.theta_of(problem.design)
    n = len(theta)
    found = pairs_of(problem, theta)
    if not found or min(found[0].log_weight.shape) == 0:
        return np.zeros((n, n))
    steps = _STEP * np.eye(n)
    above, below = (
        np.array([pairs_of(problem, theta + sign * step)[0].log_weight for step in steps])
        for sign in (1.0, -1.0)
    )
    with np.errstate(invalid="ignore"):
        slope = np.nan_to_num((above - below) / (2 * _STEP))  # of pairs that may be one
    scores = _scores(usable_weights(found[0].log_weight), slope, np.random.default_rng(seed))
    return np.asarray(np.cov(scores, rowvar=False)).reshape(n, n)


def _scores(
    weight: NDArray[np.float64], slope: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Sum of the slopes of the pairs in each of many matchings, shape (n_matchings, n)."""
    n_left = len(weight)
    partner = np.full(n_left, -1, dtype=np.int64)
    walk(weight, rng.random((_WARM_UP, 3, n_left)), partner)
    scores = np.empty((_N_MATCHINGS, len(slope)))
    for k in range(_N_MATCHINGS):
        walk(weight, rng.random((_SWEEPS, 3, n_left)), partner)
        row = np.flatnonzero(partner >= 0)
        scores[k] = slope[:, row, partner[row]].sum(axis=1)
    return scores
