"""How the effective sampling area grows with the buffer of the mask."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.errors import FitError
from scr.fit.mask_check import all_traps
from scr.fit.result import Fit
from scr.habitat.build import wider_mask
from scr.likelihood.centres import detectability
from scr.likelihood.problem import Problem, build_problem
from scr.posterior.detectability import summarised
from scr.posterior.place import session_names

_FACTOR = 1.5
_N_BUFFERS = 40


@dataclass(frozen=True, eq=False)
class BufferCurve:
    """Effective sampling area of one session against the buffer.

    Parameters
    ----------
    table
        Columns buffer_m, median (plug-in for maximum likelihood), lower and upper (95 %), km2.
    used
        Buffer of the mask that was fitted, metres; for a mask that was read, the largest distance
        from a cell to the nearest trap.
    session
        Its label.
    wider
        Whether the table goes beyond the mask that was fitted. It cannot where the mask is
        bounded, has no lattice, or fills its habitat.
    """

    table: pd.DataFrame
    used: float
    session: str
    wider: bool


def esa_by_buffer(fit: Fit, *, session: str | None = None, max_draws: int = 100) -> BufferCurve:
    r"""Effective sampling area of the cells within a distance w of a trap, for w up to 1.5 buffers.

    .. math:: a(w) = \sum_u \psi_u \sum_{m:\, d_m \le w} a_m \, p_{\cdot u}(m)

    Where the curve is still rising at the buffer that was used, the mask is too narrow.

    Parameters
    ----------
    fit
        A fitted model. Its coefficients are held: nothing is fitted again.
    session
        Session; the first if left out.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    BufferCurve
        Areas in km2.

    Raises
    ------
    FitError
        If there is no such session.

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385; the plot is that of ``esaPlot`` in secr.
    """
    names = session_names(fit)
    if session is not None and session not in names:
        msg = (
            f"The fit has no session {session!r}; it has {', '.join(map(repr, names))}. "
            "Give session= one of these."
        )
        raise FitError(msg)
    index = names.index(session) if session is not None else 0
    wider = wider_mask(fit.mask, all_traps(fit.survey), factor=_FACTOR)
    problem = fit.problem if wider is None else build_problem(fit.survey, wider, fit.spec)
    traps = cKDTree(fit.survey.sessions[index].traps.ground)
    mask = problem.design.mask
    distance, _ = traps.query(mask.xy[problem.design.cells[index]])
    used = _buffer_used(fit, index, traps)
    widths = np.linspace(0.0, max(float(distance.max()), used), _N_BUFFERS)
    inside = np.searchsorted(widths * (1 + 1e-9), distance)
    area = problem.sessions[index].cell_area

    def areas(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        seen = _p_dot(problem, theta, index) * area
        return np.cumsum(np.bincount(inside, weights=seen, minlength=_N_BUFFERS + 1)[:_N_BUFFERS])

    summary = summarised(fit, areas, max_draws)
    table = pd.DataFrame(
        {
            "buffer_m": widths,
            "median": summary["median"],
            "lower": summary["q2.5"],
            "upper": summary["q97.5"],
        }
    )
    return BufferCurve(table, used, names[index], wider is not None)


def _buffer_used(fit: Fit, index: int, traps: cKDTree) -> float:
    if fit.mask.extent is not None:
        return float(fit.mask.extent.buffer)
    distance, _ = traps.query(fit.mask.xy[fit.problem.design.cells[index]])
    return float(distance.max())


def _p_dot(problem: Problem, theta: NDArray[np.float64], index: int) -> NDArray[np.float64]:
    share = problem.design.arrays(theta).shares_in_cells(index)
    return np.asarray((share * detectability(problem, theta)[index]).sum(axis=0))
