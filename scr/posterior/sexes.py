"""Sexes of a model: their shares of the population, and the animals of one of them."""

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.model.classes import log_share_in_cells
from scr.model.links import expit
from scr.model.tables import density_table
from scr.posterior.ground import Ground, WeightedCells, expected_number, tables_of
from scr.posterior.thinning import of_density


def sexes_of(fit: Fit) -> tuple[str, ...]:
    """The sexes that a model tells apart; none where it does not.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return fit.problem.design.classes.sexes if fit.spec.has_sexes else ()


def require_sexes(fit: Fit) -> tuple[str, ...]:
    """The same, refusing a model that tells none apart.

    Parameters
    ----------
    fit
        A fitted model.

    Raises
    ------
    FitError
        If it does not.
    """
    found = sexes_of(fit)
    if not found:
        msg = (
            "The model tells no sexes apart, so that numbers by sex cannot be given. Use sex in a "
            "detection formula, as in lambda0 = '~ sex', or classes = 'sex'."
        )
        raise FitError(msg)
    return found


def log_shares_on(
    fit: Fit, theta: NDArray[np.float64], mask: HabitatMask, session: int
) -> NDArray[np.float64]:
    """Log of the share of each class in cells of any mask, shape (n_classes, n_cells or 1).

    Parameters
    ----------
    fit
        A fitted model.
    theta
        Coefficients, shape (n_coefficients,).
    mask
        Cells with the covariates of the share, where it varies between cells.
    session
        Index of the session.
    """
    design = fit.problem.design
    result = np.asarray(design.log_share(theta)[session][:, None])
    if design.ratio is None:
        return result
    table = density_table(mask, np.arange(len(mask)), fit.survey, session)
    logit = design.ratio.on(table) @ theta[design.blocks["share"]]
    return np.asarray(result + log_share_in_cells(design.classes.sex, logit))


def share_of_sex(
    fit: Fit, thetas: NDArray[np.float64], sex: int, *, columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of one sex in rows of the columns of its formula, shape (n_rows, n_draws).

    Parameters
    ----------
    fit
        A fitted model with sexes.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).
    sex
        Index of the sex.
    columns
        Those of sessions or of cells, shape (n_rows, n_terms).
    """
    logit = columns @ thetas[:, fit.problem.design.blocks["share"]].T
    return np.asarray(expit(logit if sex else -logit))


def expected_of_sex(
    fit: Fit, ground: Ground, cells: WeightedCells, thetas: NDArray[np.float64], *, sex: int
) -> NDArray[np.float64]:
    """Expected number of one sex in each region, shape (n_draws, n_regions).

    Parameters
    ----------
    fit
        A fitted model with sexes.
    ground
        The regions.
    cells
        Their cells, from ``expected_cells``.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).
    sex
        Index of the sex.
    """
    design, sessions = fit.problem.design, ground.place.sessions
    beta = of_density(fit, thetas)
    sizes = [len(design.cells[s]) for s in sessions]
    if design.ratio is not None:
        offsets = design.cell_offsets
        by_cell = [design.columns("share")[offsets[s] : offsets[s + 1]] for s in sessions]
        rest = tables_of(fit, ground).iloc[sum(sizes) :]
        by_cell += [design.ratio.on(rest)] if len(rest) else []
        of_cells = share_of_sex(fit, thetas, sex, columns=np.concatenate(by_cell))
        return expected_number(cells, beta, share=of_cells)
    share = share_of_sex(fit, thetas, sex, columns=design.columns("share"))
    # What lies beyond the mask follows the cells of all sessions, with the share of the first.
    parts = [*sessions, sessions[0]]
    edges = np.cumsum(sizes)
    columns = np.split(cells.columns, edges)
    areas = np.split(cells.area_km2, edges, axis=1)
    numbers = [
        expected_number(WeightedCells(own, area), beta) * share[session][:, None]
        for session, own, area in zip(parts, columns, areas, strict=True)
    ]
    return np.asarray(np.sum(numbers, axis=0))
