"""Compiling the likelihood: once on a machine for each detection function, and said so."""

import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from scr.errors import ScrError
from scr.fit.progress import progress_line
from scr.habitat.build import build_mask
from scr.habitat.mask import HabitatMask
from scr.likelihood.kernel.compiled import config, marker
from scr.likelihood.matching.whole import width_needed
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import Problem, build_problem, value_and_gradient
from scr.model.detection import detection_function
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.sided_records import Sides
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SAYS = "Compiling the likelihood, once on this machine; about half a minute"


def is_ready(problem: Problem) -> bool:
    """Whether the likelihood of a model has been compiled on this machine before.

    Parameters
    ----------
    problem
        Model and data.
    """
    mark = _mark(problem)
    return mark is None or mark.exists()


def make_ready(problem: Problem) -> float | None:
    """Compile the likelihood of a model where that has not been done, and say so on a terminal.

    Parameters
    ----------
    problem
        Model and data.

    Returns
    -------
    float or None
        Seconds that it took; None where it was done before.
    """
    if is_ready(problem):
        return None
    begun = time.monotonic()
    with progress_line(SAYS, shown=not _interpreted()):
        theta = np.zeros(problem.design.n_coefficients)
        value_and_gradient(problem, theta)
        for pairs in pairs_of(problem, theta):
            pairs.probability()
            pairs.partners(np.random.default_rng(1))
            width_needed(pairs.log_weight)
    mark = _mark(problem)
    with suppress(OSError):
        if mark is not None and not _interpreted():
            mark.touch()
    return time.monotonic() - begun


def require_kept() -> None:
    """Raise where nothing that is compiled can be kept for later.

    Raises
    ------
    ScrError
        If no folder for it can be written, or compiling is turned off.
    """
    if _interpreted():
        msg = "NUMBA_DISABLE_JIT is set, so that nothing is compiled. Unset it."
        raise ScrError(msg)
    if marker("any") is None:
        msg = (
            "There is no folder in which what is compiled could be kept: neither that of scr nor "
            "one of the user's own can be written, so that every run compiles anew. Name a folder "
            "that can be written in NUMBA_CACHE_DIR."
        )
        raise ScrError(msg)


def _interpreted() -> bool:
    return bool(config.DISABLE_JIT)


def _mark(problem: Problem) -> Path | None:
    family = problem.design.spec.family
    way = "lattice" if problem.packed.is_lattice else "pairs"
    way += "-searched" if problem.packed.parts.dims else ""
    way += "-sides" if problem.packed.sides is not None else ""
    return marker(f"{family.shape}-{family.form}-{way}")


def small_problems(name: str) -> list[Problem]:
    """A model of a survey of one animal for each way of working out its likelihood.

    Parameters
    ----------
    name
        Of the detection function.
    """
    names = np.array(["A", "B"], dtype=object)
    traps = Traps(names=names, xy=np.array([[0.0, 0.0], [1000.0, 0.0]]), crs="local")
    one, zero = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    captures = CaptureHistory(np.array(["1"], dtype=object), zero, zero, zero, one)
    survey = Survey((Session("1", traps, Usage(np.ones((2, 2))), captures),))
    sided = Survey((_sided(traps),))
    regular = build_mask(traps, buffer=2000, spacing=500)
    any_ = HabitatMask(xy=regular.xy, cell_area=regular.cell_area, crs="local")
    spec = ModelSpec(detection=detection_function(name).name)
    problems = [build_problem(of, mask, spec) for of in (survey, sided) for mask in (regular, any_)]
    return [p for n, p in enumerate(problems) if p.packed.is_lattice or n % 2]


def _sided(traps: Traps) -> Session:
    """Two left animals and two right ones."""
    animal, zero, one = np.arange(4), np.zeros(4, dtype=np.int64), np.ones(4, dtype=np.int64)
    side = np.array([1, 1, 2, 2])
    effort = np.ones((2, 1))
    return Session(
        "1",
        traps,
        Usage(effort),
        CaptureHistory(np.array(list("abcd"), dtype=object), animal, zero, zero, one),
        sides=Sides(side, 0 * effort, effort, animal, zero, zero, side + 2, one),
    )
