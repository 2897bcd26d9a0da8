"""Where the animals detected live: their centres' probabilities, and draws from them."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.animals import open_window
from scr.likelihood.kernel.compiled import compiled, compiled_inside
from scr.likelihood.kernel.evaluate import make_state
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window, allocate_window, total_of


@compiled
def total_hazards(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """H of an animal never caught, of each class, cells of all sessions in their own order.

    Parameters
    ----------
    data
        The data.
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.

    Returns
    -------
    NDArray
        Shape (n_classes, n_cells of all sessions).
    """
    state, _, _ = make_state(data, log_density, intensity, sigma, z, log_share)
    return _hazards(data, state)


@compiled
def _hazards(data: Packed, state: State) -> NDArray[np.float64]:
    n_sessions, n_classes = data.class_field.shape
    result = np.empty((n_classes, data.session_first[-1]))
    for session in range(n_sessions):
        first = data.session_cell[session]
        for class_ in range(n_classes):
            field = data.class_field[session, class_]
            for cell in range(first, data.session_cell[session + 1]):
                if data.cell_order[cell] >= 0:
                    result[class_, data.cell_order[cell]] = state.hazard[field, cell - first]
    return result


@compiled
def draw(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
    uniform: NDArray[np.float64],
) -> NDArray[np.int64]:
    """One cell and class for each animal, from psi_u D_m Pr(y_i | m, u).

    Parameters
    ----------
    data
        The data.
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.
    uniform
        A uniform number for each animal, shape (n_animals,).

    Returns
    -------
    NDArray
        Cell within the session's own cells, and class; shape (n_animals, 2).
    """
    state, _, _ = make_state(data, log_density, intensity, sigma, z, log_share)
    return _drawn(data, state, uniform)


@compiled
def draw_with_hazards(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
    uniform: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What ``draw`` and ``total_hazards`` give, the hazards summed only once.

    Parameters
    ----------
    data
        The data.
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.
    uniform
        A uniform number for each animal, shape (n_animals,).
    """
    state, _, _ = make_state(data, log_density, intensity, sigma, z, log_share)
    return _drawn(data, state, uniform), _hazards(data, state)


@compiled
def _drawn(data: Packed, state: State, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    window = allocate_window(data)
    result = np.empty((len(data.animal_session), 2), dtype=np.int64)
    for animal in range(len(result)):
        open_window(data, state, animal, window)
        piece, cell = _chosen(data, window, uniform[animal])
        result[animal, 0] = data.cell_order[cell] - data.session_first[data.animal_session[animal]]
        result[animal, 1] = data.option_class[window.option[piece]]
    return result


@compiled_inside
def _chosen(data: Packed, window: Window, remaining: float) -> tuple[int, int]:
    """Piece and packed cell where the running sum of the weights passes a number.

    Where rounding keeps the whole sum below it, the last cell looked at that has a weight.
    """
    last = (-1, -1)
    for piece in range(window.n_pieces[0]):
        start, n = window.start[piece], window.length[piece]
        values = window.value[start : start + n]
        in_piece = total_of(values)
        if in_piece <= remaining and last[0] >= 0 and piece < window.n_pieces[0] - 1:
            remaining -= in_piece
            continue
        order = data.cell_order[window.cell[piece] : window.cell[piece] + n]
        for i in range(n):
            if values[i] > 0.0 and order[i] >= 0:
                last = (piece, window.cell[piece] + i)
                remaining -= values[i]
                if remaining < 0.0:
                    return last
    return last


@compiled
def probability(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
    animal: int,
) -> NDArray[np.float64]:
    """Probability of each class and cell for one animal, over its session's own cells.

    Parameters
    ----------
    data
        The data.
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.
    animal
        Which animal, over all sessions.

    Returns
    -------
    NDArray
        Shape (n_classes, n_cells), summing to 1.
    """
    state, _, _ = make_state(data, log_density, intensity, sigma, z, log_share)
    window = allocate_window(data)
    open_window(data, state, animal, window)
    session = data.animal_session[animal]
    first = data.session_first[session]
    result = np.zeros((data.class_field.shape[1], data.session_first[session + 1] - first))
    for piece in range(window.n_pieces[0]):
        class_ = data.option_class[window.option[piece]]
        begin = window.cell[piece]
        for i in range(window.length[piece]):
            cell = data.cell_order[begin + i] - first
            if cell >= 0:
                result[class_, cell] = window.value[window.start[piece] + i]
    return result


@compiled
def summed_probability(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probability of each cell, summed over classes and animals, cells in their own order.

    Parameters
    ----------
    data
        The data.
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.

    Returns
    -------
    NDArray
        Shape (n_cells of all sessions,), summing to the number of animals.
    """
    state, _, _ = make_state(data, log_density, intensity, sigma, z, log_share)
    window = allocate_window(data)
    result = np.zeros(data.session_first[-1])
    for animal in range(len(data.animal_session)):
        open_window(data, state, animal, window)
        for piece in range(window.n_pieces[0]):
            begin = window.cell[piece]
            for i in range(window.length[piece]):
                cell = data.cell_order[begin + i]
                if cell >= 0:
                    result[cell] += window.value[window.start[piece] + i]
    return result


@compiled
def each_probability(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probability of each cell for each animal, summed over classes.

    Parameters
    ----------
    data
        The data.
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.

    Returns
    -------
    NDArray
        Over the cells of the animal's session in their own order, zeros after them, shape
        (n_animals, n_cells of the largest session); rows sum to 1.
    """
    state, _, _ = make_state(data, log_density, intensity, sigma, z, log_share)
    window = allocate_window(data)
    most = np.diff(data.session_first).max()
    result = np.zeros((len(data.animal_session), most))
    for animal in range(len(result)):
        open_window(data, state, animal, window)
        first = data.session_first[data.animal_session[animal]]
        for piece in range(window.n_pieces[0]):
            begin = window.cell[piece]
            for i in range(window.length[piece]):
                cell = data.cell_order[begin + i] - first
                if cell >= 0:
                    result[animal, cell] += window.value[window.start[piece] + i]
    return result
