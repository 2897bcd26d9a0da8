"""How much of the number of animals rests on covariate values that were not sampled."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp

from scr.errors import MaskWarning
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.model.labels import Labels
from scr.model.novelty import ANY, JOINTLY, Novelty, novelty
from scr.model.sampled_ground import (
    LARGE_SHARE,
    REMEDY,
    coarse_share,
    sampled_ground,
    share_in_words,
    values_in_words,
)
from scr.posterior.ground import Ground, expected_cells, ground_of, tables_of
from scr.posterior.place import places_to_report
from scr.posterior.thinning import of_density
from scr.posterior.zones import Regions
from scr.survey.troubles import Trouble

_MOST_DRAWS = 100


def extrapolation(
    fit: Fit, region: Regions | None = None, *, session: str | None = None
) -> pd.DataFrame:
    r"""Share of expected N that rests on covariate values not sampled, for each covariate.

    A value is sampled where it lies between the lowest and the highest of the cells within reach
    of the stations, or is a label that one of them has. The share is that of
    :math:`a \sum_B D_m` in cells with other values, averaged over draws of the coefficients (at
    the estimate for maximum likelihood).

    Parameters
    ----------
    fit
        A fitted model.
    region, session
        As for ``abundance``.

    Returns
    -------
    DataFrame
        Rows: session, region and covariate of density; then ``"any"``, cells in which a covariate
        was not sampled, and ``"jointly"``, those and cells in which the combination of values was
        not (Mahalanobis distance). Columns share, sampled (values within reach) and found (values
        in the region). No rows where density depends on no covariate. It tells of the stations
        and is not for the public.

    References
    ----------
    Elith, Kearney & Phillips (2010) Methods Ecol. Evol. 1:330-342; Mesgaran, Cousens & Webber
    (2014) Diversity Distrib. 20:1147-1159.
    """
    labels = places_to_report(fit) if session is None else (session,)
    tables = [extrapolation_of(fit, ground_of(fit, region, label)) for label in labels]
    return pd.concat(tables, ignore_index=True)


def extrapolation_of(fit: Fit, ground: Ground) -> pd.DataFrame:
    """The table of ``extrapolation`` for regions laid over the mask.

    Parameters
    ----------
    fit
        A fitted model.
    ground
        The regions.
    """
    columns = ["session", "region", "covariate", "share", "sampled", "found"]
    sampled = sampled_ground(fit.problem.design)
    if not sampled.names:
        return pd.DataFrame(columns=columns)
    table = tables_of(fit, ground)[list(sampled.names)]
    found = novelty(sampled.near, table)
    shares, weighted = _shares(fit, ground, found), expected_cells(fit, ground).area_km2 > 0
    rows = []
    for i, zone in enumerate(ground.names):
        for name in sampled.names:
            values = values_in_words(sampled.near[name]), values_in_words(table[name][weighted[i]])
            rows.append((ground.label(fit), zone, name, shares[name][i], *values))
        rows += [
            (ground.label(fit), zone, name, shares[name][i], "", "") for name in (ANY, JOINTLY)
        ]
    return pd.DataFrame(rows, columns=columns)


def warn_of_extrapolation(table: pd.DataFrame, labels: Labels) -> None:
    """Warn of regions whose number rests on covariate values not sampled.

    Parameters
    ----------
    table
        From ``extrapolation``.
    labels
        What covariates are called.

    Warns
    -----
    MaskWarning
        For each region of whose expected animals a quarter or more do.
    """
    for trouble in extrapolation_troubles(table, labels):
        warnings.warn(trouble.line, MaskWarning, stacklevel=2)


def extrapolation_troubles(table: pd.DataFrame, labels: Labels) -> tuple[Trouble, ...]:
    """A warning of each region whose number rests on covariate values not sampled.

    Parameters
    ----------
    table
        From ``extrapolation``.
    labels
        What covariates are called.

    Returns
    -------
    tuple of Trouble
        For the public, shares are to the next tenth and values are not told.
    """
    told = []
    for (_, region), rows in table.groupby(["session", "region"], sort=False):
        share = float(rows.loc[rows["covariate"] == JOINTLY, "share"].iloc[0])
        if share < LARGE_SHARE:
            continue
        alone = [
            row
            for row in rows.to_dict("records")
            if row["covariate"] not in (ANY, JOINTLY) and row["share"] > 0
        ]
        listed = "; ".join(
            f"{_called(row['covariate'], labels)} {share_in_words(row['share'])} "
            f"({row['sampled']} within reach, {row['found']} in the region)"
            for row in alone
        )
        where = f": {listed}" if alone else ", in combinations that were not sampled"
        found = (
            f"Region {region!r}: {share_in_words(share)} of its expected animals live where "
            f"covariates of density have values not sampled within reach of the stations{where}. "
            "Their number follows from the formula alone."
        )
        public = (
            f"Region {region!r}: {coarse_share(share)} of its expected animals live where "
            "covariates of density have values not sampled within reach of the stations; their "
            "number follows from the formula alone."
        )
        told.append(Trouble("warning", "covariate not sampled", "", (), found, REMEDY, public))
    return tuple(told)


def shares_in_words(table: pd.DataFrame, labels: Labels, *, public: bool = False) -> list[str]:
    """Shares of the expected animals by covariate and jointly, regions of equal ones together.

    Parameters
    ----------
    table
        From ``extrapolation``.
    labels
        What covariates are called.
    public
        Whether shares are told to the next tenth.
    """
    told = coarse_share if public else share_in_words
    by_session: dict[str, dict[str, str]] = {}
    for (session, region), rows in table.groupby(["session", "region"], sort=False):
        listed = ", ".join(
            f"{_called(row['covariate'], labels)} {told(row['share'])}"
            for row in rows.to_dict("records")
            if row["covariate"] != ANY
        )
        by_session.setdefault(str(region), {})[str(session)] = listed
    regions: dict[str, list[str]] = {}
    for region, lines in by_session.items():
        alike = len(set(lines.values())) == 1
        for session, listed in lines.items():
            name = region if alike else f"{region} ({session})"
            regions.setdefault(listed, []).append(name)
    return [f"{', '.join(dict.fromkeys(of))}: {listed}" for listed, of in regions.items()]


def _called(covariate: str, labels: Labels) -> str:
    return labels[covariate].name if covariate in labels else covariate


def _shares(fit: Fit, ground: Ground, found: Novelty) -> dict[str, NDArray[np.float64]]:
    """Share of expected N of each region, by covariate and jointly."""
    thetas = fit.point[None] if fit.point is not None else thinned(fit.draws, _MOST_DRAWS)
    beta = of_density(fit, thetas)
    cells = expected_cells(fit, ground)
    log_density = beta @ cells.columns.T
    flags = {str(name): found.alone[name].to_numpy() for name in found.alone}
    flags |= {ANY: found.alone.to_numpy(dtype=np.bool_).any(axis=1), JOINTLY: found.jointly}
    with np.errstate(divide="ignore"):
        log_area = np.log(cells.area_km2)
    shares: dict[str, list[float]] = {name: [] for name in flags}
    for area in log_area:
        log_number = log_density + area
        whole = logsumexp(log_number, axis=1)
        for name, flag in flags.items():
            part = (
                logsumexp(log_number[:, flag], axis=1)
                if flag.any()
                else np.full(len(beta), -np.inf)
            )
            shares[name].append(float(np.exp(part - whole).mean()))
    return {name: np.array(values) for name, values in shares.items()}
