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
from scr.likelihood.problem import Problem, build_problem, value_and_gradient
from scr.model.detection import detection_function
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
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
        value_and_gradient(problem, np.zeros(problem.design.n_coefficients))
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
    regular = build_mask(traps, buffer=2000, spacing=500)
    any_ = HabitatMask(xy=regular.xy, cell_area=regular.cell_area, crs="local")
    spec = ModelSpec(detection=detection_function(name).name)
    problems = [build_problem(survey, mask, spec) for mask in (regular, any_)]
    return [p for p in problems if p.packed.is_lattice or p is problems[1]]
