"""Sexes of a model: their shares of the population, and the animals of one of them."""

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.model.links import expit
from scr.posterior.ground import WeightedCells, expected_number
from scr.posterior.place import Place
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


def share_of_sex(fit: Fit, thetas: NDArray[np.float64], sex: int) -> NDArray[np.float64]:
    """Share of the population that one sex has in each session, shape (n_sessions, n_draws).

    Parameters
    ----------
    fit
        A fitted model with sexes.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).
    sex
        Index of the sex.
    """
    design = fit.problem.design
    logit = design.columns("share") @ thetas[:, design.blocks["share"]].T
    return np.asarray(expit(logit if sex else -logit))


def expected_of_sex(
    fit: Fit, place: Place, cells: WeightedCells, thetas: NDArray[np.float64], *, sex: int
) -> NDArray[np.float64]:
    """Expected number of one sex in each region, shape (n_draws, n_regions).

    Parameters
    ----------
    fit
        A fitted model with sexes.
    place
        Sessions and cells of the fit.
    cells
        The cells of the regions, from ``expected_cells``.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).
    sex
        Index of the sex.
    """
    sessions = place.sessions
    beta, share = of_density(fit, thetas), share_of_sex(fit, thetas, sex)
    sizes = [len(fit.problem.design.cells[s]) for s in sessions]
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
