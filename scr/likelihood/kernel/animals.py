"""Each animal's L_i and its gradient, by whichever evaluator suits the data."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.choosing import choose_blocks
from scr.likelihood.kernel.compiled import compiled_inside
from scr.likelihood.kernel.histories import history_gradient
from scr.likelihood.kernel.lattice_gradient import lattice_history_gradient
from scr.likelihood.kernel.lattice_histories import open_lattice_window
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import Window, largest, share_out


@compiled_inside
def sum_animals(
    data: Packed,
    state: State,
    window: Window,
    with_gradient: bool,
    log_animal: NDArray[np.float64],
    to: Gradient,
) -> None:
    """Log L_i of every animal, and the gradient of their sum.

    Parameters
    ----------
    data, state
        The data and parameters.
    window
        Working memory.
    with_gradient
        Whether to work out the gradient.
    log_animal
        Result, shape (n_animals,).
    to
        Gradient, added to.
    """
    for animal in range(len(log_animal)):
        log_animal[animal] = open_window(data, state, animal, window)
        if with_gradient:
            animal_gradient(data, state, window, to)


@compiled_inside
def open_window(data: Packed, state: State, animal: int, window: Window) -> float:
    """Fill the window of an animal; returns log L_i and leaves each cell's share of it.

    L_i = sum over classes u and cells m of psi_u D_m a Pr(y_i | m, u).

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    window
        Result.
    """
    if data.is_separable.item():
        return open_lattice_window(data, state, animal, window)
    n_values, near_most, is_near = choose_blocks(data, state, animal, window)
    values = window.value[:n_values]
    return share_out(values, near_most if is_near else largest(values))


@compiled_inside
def animal_gradient(data: Packed, state: State, window: Window, to: Gradient) -> None:
    """Add the gradient of log L_i of the animal whose window is open.

    Parameters
    ----------
    data, state
        The data and parameters.
    window
        From ``open_window``: each cell's share of L_i.
    to
        Gradient, added to.
    """
    if data.is_separable.item():
        lattice_history_gradient(data, state, window, to)
    else:
        history_gradient(data, state, window, to)
