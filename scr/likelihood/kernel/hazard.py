"""Total hazard of detection in every cell, and the way back from it to the parameters."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_loop
from scr.likelihood.kernel.curves import Curves
from scr.likelihood.kernel.exponential import logarithm
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import Gradient

LARGEST_PROBABILITY = 1.0 - 1e-15
"""g is held below 1, where its hazard is infinite."""


@compiled_loop
def total_hazard(
    data: Packed,
    curves: Curves,
    intensity: NDArray[np.float64],
    field: int,
    hazard: NDArray[np.float64],
) -> None:
    """H(m) = sum_k T_k h_k(m) of one field, into ``hazard``.

    Parameters
    ----------
    data, curves
        The data, and k over the cells.
    intensity
        lambda0 or g0 by level.
    field
        Which field.
    hazard
        Result for the cells of the field's session, shape (n_cells,).
    """
    first = data.session_cell[data.field_session[field]]
    hazard[:] = 0.0
    for e in range(data.field_start[field], data.field_start[field + 1]):
        effort, level = data.exposure_effort[e], intensity[data.exposure_intensity[e]]
        curve = data.exposure_curve[e]
        for run in range(curves.run_start[curve], curves.run_start[curve + 1]):
            cell, n, at = (
                curves.run_cell[run] - first,
                curves.run_length[run],
                curves.run_value[run],
            )
            h, k = hazard[cell : cell + n], curves.k[at : at + n]
            if data.is_hazard.item():
                weight = effort * level
                for i in range(n):
                    h[i] += weight * k[i]
            else:
                for i in range(n):
                    h[i] -= effort * logarithm(1.0 - min(level * k[i], LARGEST_PROBABILITY))


@compiled_loop
def hazard_gradient(
    data: Packed,
    curves: Curves,
    intensity: NDArray[np.float64],
    field: int,
    to: Gradient,
) -> None:
    """Add to the gradients what comes through the total hazard of one field.

    Parameters
    ----------
    data, curves, intensity, field
        As in ``total_hazard``.
    to
        Gradient: that to H is read, those to intensity, log sigma and z are added to.
    """
    first = data.session_cell[data.field_session[field]]
    weight = to.hazard[field]
    for e in range(data.field_start[field], data.field_start[field + 1]):
        effort, level = data.exposure_effort[e], intensity[data.exposure_intensity[e]]
        curve = data.exposure_curve[e]
        by_k, by_sigma, by_z = 0.0, 0.0, 0.0
        for run in range(curves.run_start[curve], curves.run_start[curve + 1]):
            cell, n, at = (
                curves.run_cell[run] - first,
                curves.run_length[run],
                curves.run_value[run],
            )
            w, k = weight[cell : cell + n], curves.k[at : at + n]
            slope = curves.by_log_sigma[at : at + n]
            if data.is_hazard.item():
                for i in range(n):
                    by_k += w[i] * k[i]
                    by_sigma += w[i] * slope[i]
                if len(curves.by_z):
                    for i in range(n):
                        by_z += w[i] * curves.by_z[at + i]
            else:
                for i in range(n):
                    inside = w[i] / (1.0 - min(level * k[i], LARGEST_PROBABILITY))
                    by_k += inside * k[i]
                    by_sigma += inside * slope[i]
                if len(curves.by_z):
                    for i in range(n):
                        by_z += (
                            w[i]
                            * curves.by_z[at + i]
                            / (1.0 - min(level * k[i], LARGEST_PROBABILITY))
                        )
        to.intensity[data.exposure_intensity[e]] += effort * by_k
        shape = data.curve_shape[curve]
        to.log_sigma[shape] += effort * level * by_sigma
        to.z[shape] += effort * level * by_z
