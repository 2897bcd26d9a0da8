"""Captures of one session: at once where detection stays the same, else occasion by occasion."""

import numpy as np
from numpy.typing import NDArray

from scr.habitat.barrier import path_lengths
from scr.habitat.least_cost import path_grid
from scr.model.arrays import ModelArrays
from scr.model.design import Design
from scr.model.within_session import responses_in
from scr.simulate.captures import DetectionParameters, Records, simulate_kinds
from scr.simulate.population import Population
from scr.simulate.searches import simulate_finds

type _Flags = NDArray[np.bool_]


def simulate_session(
    design: Design,
    arrays: ModelArrays,
    session: int,
    population: Population,
    rng: np.random.Generator,
) -> Records:
    """Detections of a population in one session of a survey.

    Parameters
    ----------
    design
        The model, for a survey whose captures do not matter.
    arrays
        Its parameters.
    session
        Index of the session.
    population
        The animals.
    rng
        Source of random numbers.
    """
    survey, plan = design.survey, design.survey.sessions[session]
    levels = (design.intensity.of_session[session], design.shape.of_session[session])
    effort, n_states = plan.usage.effort, levels[0].shape[3]
    kinds = plan.kinds(survey.detector)
    away = _away(design, arrays, session, population)
    if levels[0].shape[2:] == (1, 1):
        detection = parameters_at(design, arrays, levels, 0, 0)
        if plan.traps.parts is not None:
            return simulate_finds(
                population, plan.traps.parts, detection.of_animals(population), effort,
                detector=survey.detector, rng=rng,
            )  # fmt: skip
        hazard = detection.hazard(population, away)
        return simulate_kinds(hazard, effort, kinds, rng)
    responses = responses_in(design.spec.detection_variables)
    past = _Past(len(population), len(plan.traps))
    found = []
    hazards: list[NDArray[np.float64]] = []
    for occasion in range(effort.shape[1]):
        state, now = past.state(responses), effort[:, [occasion]]
        by_state = [
            parameters_at(design, arrays, levels, occasion, code) for code in range(n_states)
        ]
        if plan.traps.parts is not None:
            shape = by_state[0].family.shape
            every = [detection.of_animals(population) for detection in by_state]
            lambda0 = _in_state(state, [one[1] for one in every])
            sigma = _in_state(state, [one[2] for one in every])
            of_occasion = simulate_finds(
                population, plan.traps.parts, (shape, lambda0, sigma), now,
                detector=survey.detector, rng=rng,
            )  # fmt: skip
        else:
            if not hazards or any(of.shape[2] > 1 for of in levels):
                hazards = [detection.hazard(population, away) for detection in by_state]
            hazard = _in_state(state, hazards)
            of_now = {kind: where[:, [occasion]] for kind, where in kinds.items()}
            of_occasion = simulate_kinds(hazard, now, of_now, rng)
        past.add(of_occasion)
        found.append(of_occasion)
    when = np.repeat(np.arange(len(found)), [len(records.animal) for records in found])
    animal, trap, count = (
        np.concatenate([getattr(records, name) for records in found])
        for name in ("animal", "trap", "count")
    )
    order = np.lexsort((trap, when, animal))
    xy = np.concatenate([records.xy for records in found])
    of_place = (
        np.argsort(np.repeat(np.argsort(order), count), kind="stable") if len(xy) else slice(None)
    )
    return Records(animal[order], when[order], trap[order], count[order], xy[of_place])


def _away(
    design: Design, arrays: ModelArrays, session: int, population: Population
) -> NDArray[np.float64]:
    """Distance of each animal from each trap; by its cell where ground resists movement."""
    mask, traps = design.mask, design.survey.sessions[session].traps
    if not arrays.resistance:
        return path_lengths(mask.barrier, traps.xy, population.xy).T
    cells = design.cells[session]
    grid = path_grid(mask.xy[cells], traps.xy, mask.spacing, mask.barrier)
    position = np.empty(len(mask), dtype=np.int64)
    position[cells] = np.arange(len(cells))
    return grid.lengths(arrays.resistance[session]).T[position[population.cell]]


def _in_state(state: NDArray[np.int64], by_state: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Values in the state of each animal at each trap."""
    return np.asarray(np.take_along_axis(np.stack(by_state), state[None], axis=0)[0])


class _Past:
    """What has happened before an occasion, as flags of animals at traps."""

    def __init__(self, n_animals: int, n_traps: int) -> None:
        self.ever: _Flags = np.zeros((n_animals, n_traps), dtype=np.bool_)
        self.last: _Flags = self.ever.copy()

    def add(self, records: Records) -> None:
        """Take in the detections of the occasion that has passed."""
        self.last = np.zeros_like(self.ever)
        self.last[records.animal, records.trap] = True
        self.ever = self.ever | self.last

    def state(self, responses: tuple[str, ...]) -> NDArray[np.int64]:
        """Sum of 2^j over the responses j that are 1, shape (n_animals, n_traps)."""
        flags = {
            "b": self.ever.any(axis=1, keepdims=True),
            "B": self.last.any(axis=1, keepdims=True),
            "bk": self.ever,
            "Bk": self.last,
            "k": self.ever.any(axis=0, keepdims=True),
            "K": self.last.any(axis=0, keepdims=True),
        }
        flags |= {f"{name}_secr": flags[name] for name in ("k", "K")}
        state = np.zeros(self.ever.shape, dtype=np.int64)
        for j, name in enumerate(responses):
            state += np.broadcast_to(flags[name], state.shape) * 2**j
        return state


def parameters_at(
    design: Design,
    arrays: ModelArrays,
    levels: tuple[NDArray[np.int64], NDArray[np.int64]],
    occasion: int,
    state: int,
) -> DetectionParameters:
    """Parameters of detection in an occasion and state.

    Parameters
    ----------
    design, arrays
        The model and its parameters.
    levels
        Levels of intensity and shape in a session, as in ``Levels.of_session``.
    occasion
        The occasion, from 0.
    state
        Sum of 2^j over the responses j that are 1.
    """
    intensity, shape = (
        of[:, :, occasion if of.shape[2] > 1 else 0, state] for of in levels
    )  # each (n_classes, n_traps); -1, of a trap that does not work, is as good as any
    return DetectionParameters(
        family=design.spec.family,
        intensity=arrays.intensity[intensity],
        sigma=arrays.sigma[shape],
        z=arrays.z[shape],
    )
