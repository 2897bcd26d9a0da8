"""What a second camera buys: expected information of surveys of both flanks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.likelihood.matching.gibbs import walk
from scr.likelihood.matching.whole import usable_weights
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import build_problem
from scr.model.design import KNOWN, build_design
from scr.model.spec import ModelSpec
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.sides import by_type
from scr.survey.survey import Survey
from scr.survey.usage import Usage
from trap_layouts.caught import N_ANIMALS, Caught
from trap_layouts.exposure import exposure
from trap_layouts.information import Information, information_of
from trap_layouts.layout import Layout

N_SURVEYS = 40
"""Simulated surveys over which what is lost by not knowing the pairs is averaged."""

_N_MATCHINGS, _WARM_UP, _SWEEPS = 400, 50, 3
_STEP = 1e-4
_GROUPS = 10


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
    mask: HabitatMask,
    spec: ModelSpec,
    coefficients: Mapping[str, float],
    *,
    days: int,
    failure: float = 0.0,
    reserve: Region | None = None,
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
    mask
        Cells.
    spec
        The model, with ``side`` in the formula of detection; with ``"~ 0 + side"`` each type has a
        coefficient of its own, and one camera and two can be given the same ones.
    coefficients
        Of the model, on their link scales, by name; those of types of detection that the layout
        cannot make are passed over.
    days
        Length of the survey.
    failure
        Share of camera nights lost, each camera on its own.
    reserve
        Where N is estimated; the whole mask if left out.
    seed
        Of all random numbers.

    Raises
    ------
    LayoutError
        If the share of failures is not one, or sides are to be joined by other means.
    FormulaError
        If the model does not go with both flanks.

    References
    ----------
    Louis (1982) J. R. Stat. Soc. B 44:226-233, for the information that is missing.
    """
    if not 0 <= failure < 1:
        msg = f"failure={failure:g} must lie in [0, 1). It is the share of camera nights lost."
        raise LayoutError(msg)
    known = sorted({name.partition(".")[0] for name in coefficients} & set(KNOWN))
    if known:
        msg = (
            f"coefficients has {', '.join(known)}, but what a survey tells where sides are joined "
            "by other means is not worked out. Leave them out: with none joined it tells less."
        )
        raise LayoutError(msg)
    plan = _plan(layout, days, failure)
    names = spec.coefficient_names(plan, mask)
    missing = [name for name in names if name not in coefficients]
    if missing:
        msg = f"coefficients lacks {', '.join(missing)}. Give a value for each, on its link scale."
        raise LayoutError(msg)
    world = _World(mask, spec, {name: coefficients[name] for name in names})
    typed = by_type(plan)
    matched = _of_complete(typed, world, reserve=reserve, seed=seed)
    one_flank = _of_complete(_without_right(typed), world, reserve=reserve, seed=seed)
    to = matched.to_coefficients
    seeds = range(seed * N_SURVEYS, (seed + 1) * N_SURVEYS)
    lost = np.array([to.T @ _lost(plan, world, one) @ to for one in seeds])
    return FlankInformation(matched, one_flank, lost)


@dataclass(frozen=True, eq=False)
class _World:
    """Cells, model and truth."""

    mask: HabitatMask
    spec: ModelSpec
    coefficients: Mapping[str, float]

    def simulated(self, plan: Survey, seed: int, *, times: float = 1.0) -> Survey:
        """A survey of so many times the animals."""
        mask = replace(self.mask, cell_area=self.mask.cell_area * times)
        truth = self.coefficients
        return simulate_survey(
            plan, mask, self.spec, coefficients=truth, seed=seed, centres="cell_centre"
        )[0]


def _plan(layout: Layout, days: int, failure: float) -> Survey:
    """The survey, with the mean time of one and of two cameras in every day."""
    cameras, works = np.asarray(layout.cameras), 1.0 - failure
    two = np.where(cameras == 2, works**2, 0.0)
    one = np.where(cameras == 2, 2 * failure * works, works)
    two_cameras, effort = (np.repeat(of[:, None], days, axis=1) for of in (two, two + one))
    return plan_survey(layout.traps, Usage(effort, source=layout.name), two_cameras=[two_cameras])


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


def _of_complete(typed: Survey, world: _World, *, reserve: Region | None, seed: int) -> Information:
    """Information of the survey by type, were all animals complete."""
    design = build_design(typed, world.mask, world.spec)
    theta = _theta(design.coefficient_names, world)
    n_occasions = typed.sessions[0].usage.effort.shape[1]
    expected = exposure(design, theta, n_occasions=n_occasions).expected
    survey = world.simulated(typed, seed, times=N_ANIMALS / expected)
    problem = build_problem(survey, world.mask, world.spec)
    weights = np.full(problem.n_animals, expected / problem.n_animals)
    return information_of(design, theta, Caught(problem, weights), reserve=reserve)


def _theta(names: Sequence[str], world: _World) -> NDArray[np.float64]:
    return np.array([world.coefficients[name] for name in names])


def _lost(plan: Survey, world: _World, seed: int) -> NDArray[np.float64]:
    """Variance of the score over matchings of one simulated survey, to the coefficients."""
    problem = build_problem(world.simulated(plan, seed), world.mask, world.spec)
    theta = _theta(problem.design.coefficient_names, world)
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
