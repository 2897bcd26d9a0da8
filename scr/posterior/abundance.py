"""Abundance of named regions: expected and realised N, with joint draws."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scr.errors import MaskWarning
from scr.fit.comparison import Comparison, draws_of_each, members_of
from scr.fit.plug_in import plug_in_log_se, plug_in_of
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.model.novelty import ANY, JOINTLY
from scr.model.tables import density_table
from scr.posterior.averaging import averaged_estimate, summarise_averaged, summarise_mixture
from scr.posterior.belief import require_countable
from scr.posterior.extrapolation import extrapolation_of, warn_of_extrapolation
from scr.posterior.footprint import footprint
from scr.posterior.ground import (
    Ground,
    cells_beyond_mask,
    expected_cells,
    expected_number,
    facts_of,
    ground_of,
    plug_in_number,
)
from scr.posterior.place import places_to_report
from scr.posterior.placing import animals_in_zones
from scr.posterior.prediction import predicted_number
from scr.posterior.realised import RealisedDraws, realised_draws
from scr.posterior.sexes import expected_of_sex, require_sexes, share_of_sex
from scr.posterior.surface import summarise_draws, summarise_log_normal
from scr.posterior.thinning import density_block, of_density
from scr.posterior.zones import Regions

SHARE_UNSAMPLED = "share_unsampled_jointly"
"""Column of the share of expected animals where covariates of density were not sampled."""

_COLUMNS = {"median": "median", "mean": "mean", "sd": "sd", "q2.5": "lower", "q97.5": "upper"}


@dataclass(frozen=True, eq=False)
class AbundanceDraws:
    """Animals living in each region, draw by draw, so that sums and differences are right.

    Parameters
    ----------
    expected, realised
        One row per draw, one column per region. Row for row the same draws of the coefficients.
    facts
        One row per region: session, area_km2 (habitat counted), n_detected (animals detected by
        traps that stand in it), share_extrapolated and share_not_covered (of its habitat),
        overlaps (names of the regions that it overlaps, parted by commas), share_unsampled and
        share_unsampled_jointly (of its expected animals), as in ``abundance``.
    """

    expected: pd.DataFrame
    realised: pd.DataFrame
    facts: pd.DataFrame


def abundance(
    fit: Fit | Comparison,
    region: Regions | None = None,
    *,
    session: str | None = None,
    by_sex: bool = False,
    seed: int = 1,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
) -> pd.DataFrame:
    r"""Number of animals whose activity centres lie in a region, expected and realised.

    Expected :math:`N(B) = a \sum_B D_m` is what the model says of habitat like this. Realised N
    counts the animals caught, by where their centres may be, and those missed. Of cells that the
    boundary cuts, expected N takes the share of their area; their animals are each given a place
    within the cell, and realised N counts those that lie inside.

    Parameters
    ----------
    fit
        A fitted model; or models compared by ``compare``, which are averaged by their weights.
    region
        A region, cells with the covariates of the model (extrapolation), or several by name; the
        whole mask if left out.
    session
        Session. Left out, all sessions in turn, or all together where they lie apart.
    by_sex
        Whether to count each sex of the model by itself, in a further column ``sex``. Animals of
        unknown sex are shared out, draw by draw; n_detected are those of known sex.
    seed
        Seed of the draws.
    max_draws
        Draws used, evenly spaced among those of the fit.
    draws
        Joint draws of all animals made before, to be used instead; of models compared for the one
        whose coefficients they have.

    Returns
    -------
    DataFrame
        Rows: session, region and estimand (``"expected N"``, ``"realised N"``). Columns:
        median (the plug-in value for maximum likelihood), mean, sd, lower and upper (95 %),
        area_km2 (habitat counted), n_detected (animals detected by traps that stand in the
        region), share_extrapolated and share_not_covered (of its habitat: beyond the mask, and
        left out), overlaps (names of the regions that it overlaps; an animal living in both counts
        in both), share_unsampled and share_unsampled_jointly (of its expected animals: where a
        covariate of density, or the combination of all, has values that no cell within reach of
        the stations has; ``extrapolation`` gives each covariate).

        For a maximum likelihood fit, expected N has the delta method's sd and a log-normal
        interval. The variance of realised N is that of its prediction: by the delta method for
        the coefficients, and of centres and animals missed given them. Its interval is that of
        whole animals, drawn with coefficients from the likelihood (``fit.draws``): where few
        animals are missed, that none was is among what it holds. By sex, realised N is
        told from such draws altogether.

    Raises
    ------
    FitError
        If the model has no sexes and they are asked for; if the coefficients put more animals into
        a cell or a region than can be counted.
    MaskError
        If a region has no habitat that can be counted.
    FormulaError
        If cells given for a region lack a covariate.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask, with its share; where a quarter or more of the
        expected animals rests on covariate values that were not sampled.

    References
    ----------
    Efford & Fewster (2013) Oikos 122:918-928.
    """
    tables = []
    members = members_of(fit)
    for (weight, one), n_draws in zip(members, draws_of_each(members, max_draws), strict=True):
        made = draws
        if isinstance(fit, Comparison) and draws is not None:
            is_own = np.array_equal(draws.thetas, one.draws)
            made = draws.thinned(n_draws) if is_own else None
        if made is None:
            thetas = thinned(one.draws, n_draws)
            made = realised_draws(one, thetas, np.random.default_rng(seed))
        tables.append((weight, _counted(one, region, session, made, by_sex=by_sex, seed=seed)))
    first = tables[0][1]
    if len(tables) > 1:
        weights = [weight for weight, _ in tables]
        first = [
            _averaged(weights, [parts[place] for _, parts in tables]) for place in range(len(first))
        ]
    return pd.concat([part.table for part in first], ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Counted:
    """Animals of one place, and one sex: the table, and the draws that it is made from."""

    table: pd.DataFrame
    drawn: AbundanceDraws
    is_plug_in: bool
    sex: str | None


def _counted(
    fit: Fit,
    region: Regions | None,
    session: str | None,
    draws: RealisedDraws,
    *,
    by_sex: bool,
    seed: int,
) -> list[_Counted]:
    labels = places_to_report(fit) if session is None else (session,)
    sexes: tuple[str | None, ...] = require_sexes(fit) if by_sex else (None,)
    found = []
    for label in labels:
        ground = ground_of(fit, region, label)
        for number, sex in enumerate(sexes):
            index = None if sex is None else number
            drawn = _draws_on(fit, ground, draws, seed=seed, sex=index)
            whole = fit.point is None
            told = (
                summarise_abundance(drawn) if whole else _plug_in_table(fit, ground, drawn, index)
            )
            found.append(_Counted(_with_sex(told, sex), drawn, not whole, sex))
    return found


def _with_sex(table: pd.DataFrame, sex: str | None) -> pd.DataFrame:
    if sex is not None:
        table.insert(2, "sex", sex)
    return table


def _averaged(weights: list[float], parts: list[_Counted]) -> _Counted:
    """The same averaged over models."""
    drawn = [part.drawn for part in parts]
    facts = drawn[0].facts.copy()
    for name in ("share_unsampled", SHARE_UNSAMPLED):
        facts[name] = sum(w * of.facts[name] for w, of in zip(weights, drawn, strict=True))
    expected = summarise_mixture([of.expected.to_numpy() for of in drawn], weights)
    realised = summarise_mixture([of.realised.to_numpy() for of in drawn], weights)
    if parts[0].is_plug_in:
        values, errors = (
            {
                estimand: [part.table.query("estimand == @estimand")[name].to_numpy()
                           for part in parts]
                for estimand in ("expected N", "realised N")
            }
            for name in ("mean", "sd")
        )  # fmt: skip
        expected = summarise_averaged(values["expected N"], errors["expected N"], weights)
        mean, sd = averaged_estimate(values["realised N"], errors["realised N"], weights)
        realised = realised.assign(mean=mean, median=mean, sd=sd)
    table = _with_sex(_table(facts, expected, realised), parts[0].sex)
    return _Counted(table, drawn[0], parts[0].is_plug_in, parts[0].sex)


def sexes_counted(
    fit: Fit, region: Regions | None, *, seed: int, draws: RealisedDraws | None
) -> pd.DataFrame | None:
    """The table of ``abundance`` by sex; None where the model tells none apart.

    Parameters
    ----------
    fit, region, seed, draws
        As for ``abundance``.
    """
    if not fit.spec.has_sexes:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MaskWarning)  # said with the numbers of all
        return abundance(fit, region, by_sex=True, seed=seed, draws=draws)


def abundance_draws(
    fit: Fit,
    region: Regions | None = None,
    *,
    session: str | None = None,
    seed: int = 1,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
) -> AbundanceDraws:
    """Joint draws of the animals in each region, for sums, differences and shares of regions.

    Parameters
    ----------
    fit, region, session, seed, max_draws
        As for ``abundance``; a session has to be chosen where sessions share ground.
    draws
        Joint draws of all animals made before, to be used instead.

    Returns
    -------
    AbundanceDraws
        ``draws.realised["north"] - draws.realised["south"]`` has the right distribution. After
        maximum likelihood the coefficients are drawn from the likelihood, with flat priors.

    Raises
    ------
    FitError
        If a session has to be chosen.
    MaskError
        If a region has no habitat that can be counted.
    """
    ground = ground_of(fit, region, session)
    if draws is None:
        draws = realised_draws(fit, thinned(fit.draws, max_draws), np.random.default_rng(seed))
    return _draws_on(fit, ground, draws, seed=seed)


def _draws_on(
    fit: Fit, ground: Ground, draws: RealisedDraws, *, seed: int, sex: int | None = None
) -> AbundanceDraws:
    counts = np.concatenate([draws.counts(s, sex) for s in ground.place.sessions], axis=1)
    outlines = [zone.ground for zone in ground.zones]
    rng = np.random.default_rng([seed, 2, ground.place.sessions[0]])
    within = animals_in_zones(counts, ground.place.mask, ground.share, outlines, rng=rng)
    cells = expected_cells(fit, ground)
    if sex is None:
        number = expected_number(cells, of_density(fit, draws.thetas))
    else:
        number = expected_of_sex(fit, ground, cells, draws.thetas, sex=sex)
    realised = within + _reached(fit, ground, draws.thetas, seed=seed, sex=sex)
    return AbundanceDraws(
        expected=pd.DataFrame(number, columns=ground.names),
        realised=pd.DataFrame(realised, columns=ground.names),
        facts=_facts(fit, ground, sex),
    )


def _facts(fit: Fit, ground: Ground, sex: int | None) -> pd.DataFrame:
    """Facts of the regions, with the share of their animals that rests on no sample."""
    label = None if sex is None else fit.problem.design.classes.sexes[sex]
    facts, table = facts_of(fit, ground, label), extrapolation_of(fit, ground)
    warn_of_extrapolation(table, fit.labels)
    shares = table.set_index(["covariate", "region"])["share"] if len(table) else None
    for column, rows in (("share_unsampled", ANY), (SHARE_UNSAMPLED, JOINTLY)):
        facts[column] = 0.0 if shares is None else shares[rows].reindex(facts.index).to_numpy()
    return facts


def _reached(
    fit: Fit, ground: Ground, thetas: NDArray[np.float64], *, seed: int, sex: int | None
) -> NDArray[np.float64]:
    """Animals of each draw that live in each region beyond the mask."""
    beyond, cells = cells_beyond_mask(fit, ground), ground.beyond.cells
    if cells is None:
        return np.zeros((len(thetas), len(ground.zones)))
    beta, session = of_density(fit, thetas), ground.place.sessions[0]
    rng = np.random.default_rng([seed, 1, session, 0 if sex is None else 1 + sex])
    with np.errstate(over="ignore"):
        means = np.exp(beta @ beyond.columns.T) * beyond.area_km2
    if sex is not None:
        design = fit.problem.design
        columns = design.columns("share")[session : session + 1]
        if design.ratio is not None:
            table = density_table(cells, np.arange(len(cells)), fit.survey, session)
            columns = design.ratio.on(table)
        means = means * share_of_sex(fit, thetas, sex, columns=columns).T
    require_countable(fit, float(means.max()), where="one cell beyond the mask")
    counts = rng.poisson(means).astype(np.int32)
    mask = footprint(ground.place.mask)
    outlines = [shapely.difference(zone.ground, mask) for zone in ground.zones]
    return animals_in_zones(counts, cells, ground.beyond.share, outlines, rng=rng)


def summarise_abundance(draws: AbundanceDraws) -> pd.DataFrame:
    """The table of ``abundance`` from joint draws.

    Parameters
    ----------
    draws
        Joint draws of the animals in each region.
    """
    expected = summarise_draws(draws.expected.to_numpy())
    return _table(draws.facts, expected, summarise_draws(draws.realised.to_numpy()))


def _plug_in_table(
    fit: Fit, ground: Ground, drawn: AbundanceDraws, sex: int | None
) -> pd.DataFrame:
    if sex is not None:
        return _plug_in_of_sex(fit, ground, drawn, sex)
    point, vcov_root = plug_in_of(fit)
    block = density_block(fit)
    cells = expected_cells(fit, ground)
    with np.errstate(over="ignore", invalid="ignore"):
        number, log_se = plug_in_number(cells, point[block], vcov_root[block])
    require_countable(fit, float(number.max()), where="one region")
    expected = summarise_log_normal(number, log_se)
    limits = summarise_draws(drawn.realised.to_numpy())[["q2.5", "q97.5"]]
    return _table(drawn.facts, expected, predicted_number(fit, ground).join(limits))


def _plug_in_of_sex(fit: Fit, ground: Ground, drawn: AbundanceDraws, sex: int) -> pd.DataFrame:
    cells = expected_cells(fit, ground)

    def number(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(expected_of_sex(fit, ground, cells, theta[None], sex=sex)[0])

    expected = summarise_log_normal(*plug_in_log_se(number, *plug_in_of(fit)))
    return _table(drawn.facts, expected, summarise_draws(drawn.realised.to_numpy()))


def _table(facts: pd.DataFrame, expected: pd.DataFrame, realised: pd.DataFrame) -> pd.DataFrame:
    facts = facts.reset_index(names="region")
    tables = [
        facts[["session", "region"]]
        .assign(estimand=estimand)
        .join(summary[list(_COLUMNS)].rename(columns=_COLUMNS))
        .join(facts.drop(columns=["session", "region"]))
        for estimand, summary in (("expected N", expected), ("realised N", realised))
    ]
    return pd.concat(tables).sort_index(kind="stable").reset_index(drop=True)
