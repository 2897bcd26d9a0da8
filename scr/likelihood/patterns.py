"""Exposures of animals that were never caught, and what other animals have beyond them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.data import Exposures
from scr.model.within_session import state_of_uncaught, states_of
from scr.survey.survey import Session

type Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SessionLevels:
    """Levels of detection and effort of one session.

    Parameters
    ----------
    intensity, shape
        Shape (n_classes, n_traps, n_occasions or 1, n_states or 1), as in ``design.Levels``.
    effort
        T, days, shape (n_traps, n_occasions).
    """

    intensity: Ints
    shape: Ints
    effort: NDArray[np.float64]

    def at(self, class_: Ints, trap: Ints, occasion: Ints, state: Ints) -> tuple[Ints, Ints]:
        """Levels of intensity and shape, whatever varies; a removed animal has those of state 0.

        Parameters
        ----------
        class_, trap, occasion, state
            Of each, in shapes that broadcast.
        """
        when = occasion * (self.intensity.shape[2] > 1)
        known = np.maximum(state, 0) * (self.intensity.shape[3] > 1)
        place = (class_, trap, when, known)
        return self.intensity[place], self.shape[place]


@dataclass(frozen=True, eq=False)
class Patterns:
    """Distinct courses of states that the animals of a session went through.

    Parameters
    ----------
    of_animal
        Pattern of each animal, 0 where its state never differed from that of one never caught.
    uncaught
        Course of pattern 0, as ``state_of_uncaught`` gives it.
    states
        Course of each pattern from 1, as ``states_of`` gives it.
    """

    of_animal: Ints
    uncaught: Ints
    states: tuple[Ints, ...]

    def at(self, animal: Ints, trap: Ints, occasion: Ints) -> Ints:
        """State of animals at traps before occasions, shape (n,).

        Parameters
        ----------
        animal, trap, occasion
            Each of shape (n,).
        """
        result = np.zeros(len(animal), dtype=np.int64)
        for pattern, states in enumerate((self.uncaught, *self.states)):
            mine = self.of_animal[animal] == pattern
            result[mine] = states[trap[mine], occasion[mine]]
        return result


def patterns_of(session: Session, responses: tuple[str, ...]) -> Patterns:
    """The courses of states of the animals of a session.

    Parameters
    ----------
    session
        The session with its captures.
    responses
        Names of the responses that formulas use.
    """
    captures, used = session.captures, session.usage.effort > 0
    found: dict[bytes, int] = {}
    states: list[Ints] = []
    of_animal = np.zeros(captures.n_individuals, dtype=np.int64)
    uncaught = np.where(used, state_of_uncaught(session, responses), 0)
    if not responses and not captures.removed.any():
        return Patterns(of_animal, uncaught, ())
    for animal, state in enumerate(states_of(session, responses)):
        course = np.where(used, state, 0)
        if np.array_equal(course, uncaught):
            continue
        key = course.tobytes()
        if key not in found:
            states.append(course)
            found[key] = len(states)
        of_animal[animal] = found[key]
    return Patterns(of_animal, uncaught, tuple(states))


def groups_of(session: Session, levels: SessionLevels, patterns: Patterns) -> Ints:
    """Group of each occasion in which animals were caught, else -1, where traps compete.

    Occasions of one group have equal efforts and levels, and animals equal states in them.

    Parameters
    ----------
    session
        The session with its captures.
    levels, patterns
        Its levels and patterns.
    """
    n_occasions = levels.effort.shape[1]
    groups = np.full(n_occasions, -1, dtype=np.int64)
    found: dict[tuple[bytes, ...], int] = {}
    for s in np.unique(session.captures.occasion).tolist():
        when = s if levels.intensity.shape[2] > 1 else 0
        parts = [levels.effort[:, s], levels.intensity[:, :, when], levels.shape[:, :, when]]
        parts += [states[:, s] for states in (patterns.uncaught, *patterns.states)]
        key = tuple(part.tobytes() for part in parts)
        groups[s] = found.setdefault(key, len(found))
    return groups


def exposures_of(levels: SessionLevels, patterns: Patterns, groups: Ints | None) -> Exposures:
    """Effort of each pattern, class, trap and level, merged over occasions.

    Parameters
    ----------
    levels, patterns
        Of one session.
    groups
        Group of each occasion, where traps compete.
    """
    n_occasions = levels.effort.shape[1]
    parts = [(np.arange(n_occasions), -1)]
    if groups is not None:
        firsts = np.unique(groups, return_index=True)
        parts += [(np.array([s]), int(g)) for g, s in zip(*firsts, strict=True) if g >= 0]
    tables = [
        table
        for occasions, group in parts
        for class_ in range(len(levels.intensity))
        for table in _of_class(levels, patterns, occasions, class_, group)
    ]
    pattern, class_, point, intensity, shape, group = (
        np.concatenate([table[0][j] for table in tables]) for j in range(6)
    )
    effort = np.concatenate([table[1] for table in tables])
    return Exposures(pattern, class_, point, effort, intensity, shape, group)


type _Table = tuple[NDArray[np.int64], NDArray[np.float64]]


def _of_class(
    levels: SessionLevels, patterns: Patterns, occasions: Ints, class_: int, group: int
) -> list[_Table]:
    """Exposures of one class in some occasions: of pattern 0, and what others have beyond it."""
    trap, index = np.nonzero(levels.effort[:, occasions] > 0)
    occasion = occasions[index]
    effort = levels.effort[trap, occasion]
    of_class = np.full(len(trap), class_)
    before = levels.at(of_class, trap, occasion, patterns.uncaught[trap, occasion])
    result = [_merged(0, class_, trap, before, effort, group)]
    for pattern, states in enumerate(patterns.states, start=1):
        state = states[trap, occasion]
        after = levels.at(of_class, trap, occasion, state)
        gone = state < 0
        differs = gone | (after[0] != before[0]) | (after[1] != before[1])
        there = differs & ~gone
        result.append(
            _merged(
                pattern,
                class_,
                np.concatenate([trap[differs], trap[there]]),
                (
                    np.concatenate([before[0][differs], after[0][there]]),
                    np.concatenate([before[1][differs], after[1][there]]),
                ),
                np.concatenate([-effort[differs], effort[there]]),
                group,
            )
        )
    return result


def _merged(
    pattern: int,
    class_: int,
    trap: Ints,
    level: tuple[Ints, Ints],
    effort: NDArray[np.float64],
    group: int,
) -> _Table:
    """Efforts of one trap and level added."""
    keys = np.stack([trap, *level])
    sizes = keys.max(axis=1, initial=0) + 1
    code, number = np.unique(np.ravel_multi_index(tuple(keys), sizes), return_inverse=True)
    total = np.bincount(number.reshape(-1), weights=effort, minlength=len(code))
    kept = np.abs(total) > 0
    rows = np.unravel_index(code[kept], sizes)
    same = [np.full(int(kept.sum()), value) for value in (pattern, class_)]
    table = np.stack([*same, *rows, np.full(int(kept.sum()), group)]).astype(np.int64)
    return table, total[kept]
