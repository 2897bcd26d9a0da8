"""Capture histories as a random variable of PyMC: a log probability, and draws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pytensor.tensor
from numpy.typing import NDArray
from pymc.logprob.abstract import _logprob
from pytensor.graph.basic import Constant
from pytensor.tensor.random.op import RandomVariable

from scr.errors import SurveyError
from scr.fit.pymc_op import SpatialCaptureOp
from scr.likelihood.problem import Problem, build_problem
from scr.model.arrays import ModelArrays
from scr.simulate.occasions import simulate_session
from scr.simulate.population import simulate_population
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Session

type Histories = NDArray[np.int32]
"""Counts, one row an animal, one column a session's trap in an occasion, as ``Plan`` says."""

LEAST_SPARE = 50
"""Rows at least that draws have beyond the animals of the survey."""

_LOGPROB: Any = _logprob
pt: Any = pytensor.tensor


@dataclass(frozen=True, eq=False)
class Plan:
    """How a survey is written as one array, and read back.

    Parameters
    ----------
    problem
        Model and data.
    rows
        Rows of the array; twice the animals of the survey and ``LEAST_SPARE`` more if None.
    """

    problem: Problem
    rows: int | None = None

    def __repr__(self) -> str:
        return f"<{self.shape[0]} rows of {self.shape[1]} traps in occasions>"

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """First column of each session, and one past the last."""
        sizes = [session.usage.effort.size for session in self.problem.design.survey.sessions]
        return np.cumsum([0, *sizes])

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the array."""
        n = self.problem.design.survey.n_individuals
        return self.rows if self.rows is not None else 2 * n + LEAST_SPARE, int(self.edges[-1])

    @cached_property
    def observed(self) -> Histories:
        """The survey's own histories, session after session, and rows of zeros.

        Raises
        ------
        SurveyError
            If there are fewer rows than animals.
        """
        sessions = self.problem.design.survey.sessions
        self._check_rows(self.problem.design.survey.n_individuals, "The survey has")
        value, first = np.zeros(self.shape, dtype=np.int32), 0
        for s, session in enumerate(sessions):
            found = session.captures
            column = self._column(s, found.trap, found.occasion)
            value[first + found.individual, column] = found.count
            first += found.n_individuals
        return value

    def _column(
        self, session: int, trap: NDArray[np.int64], occasion: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        n_occasions = self.problem.design.survey.sessions[session].usage.effort.shape[1]
        found: NDArray[np.int64] = self.edges[session] + n_occasions * trap + occasion
        return found

    def _check_rows(self, n: int, who: str) -> None:
        if n > self.shape[0]:
            msg = (
                f"{who} {n:,} animals detected, and the array of histories {self.shape[0]:,} rows. "
                "Give a larger rows= to SpatialCapture; or, if so many animals cannot be, priors "
                "that say so."
            )
            raise SurveyError(msg)

    def _check_it_can_vary(self) -> None:
        survey = self.problem.design.survey
        if DETECTORS[survey.detector].searched or any(s.fixes is not None for s in survey.sessions):
            msg = (
                "An array of capture histories does not hold the places of what is found in "
                "searches, nor fixes of transmitters. Its log probability is known for the "
                "survey's own histories only; simulate_survey draws such surveys."
            )
            raise SurveyError(msg)
        if any(session.sides is not None for session in survey.sessions):
            msg = (
                "An array of capture histories does not tell the side of an animal. Its log "
                'probability is known for the survey\'s own histories only; read with flank="left" '
                'or "right" for others.'
            )
            raise SurveyError(msg)
        if self.problem.design.spec.number == "conditional":
            msg = (
                "number='conditional' says nothing of how many animals are detected, so that no "
                "survey can be drawn, nor another be given a probability. Use 'poisson'."
            )
            raise SurveyError(msg)

    def draw(self, rng: np.random.Generator, arrays: ModelArrays) -> Histories:
        """Histories of the animals detected in one simulated survey, and rows of zeros.

        Parameters
        ----------
        rng
            Source of random numbers.
        arrays
            Parameters of the model.

        Raises
        ------
        SurveyError
            If more animals are detected than there are rows, detections have places, or the model
            has no density.
        """
        design = self.problem.design
        self._check_it_can_vary()
        value, first = np.zeros(self.shape, dtype=np.int32), 0
        for s in range(len(design.cells)):
            population = simulate_population(
                design.mask,
                arrays.log_density[s],
                share=np.exp(arrays.log_share[s]),
                rng=rng,
                cells=design.cells[s],
                centres="cell_centre",
                is_fixed=design.spec.number == "binomial",
            )
            found = simulate_session(design, arrays, s, population, rng)
            animals, row = np.unique(found.animal, return_inverse=True)
            self._check_rows(first + len(animals), "A simulated survey has")
            value[first + row, self._column(s, found.trap, found.occasion)] = found.count
            first += len(animals)
        return value

    def problem_of(self, value: NDArray[Any]) -> Problem:
        """The same model with other histories.

        Parameters
        ----------
        value
            Counts, in the columns of this plan; any number of rows, those of zeros left out.

        Raises
        ------
        SurveyError
            If the columns are not those of the survey, a value is no count, a row has detections
            in two sessions, or animals have a sex, were removed or were found at places that the
            array does not tell.
        """
        if value.shape == self.shape and np.array_equal(value, self.observed):
            return self.problem
        self._check_it_can_vary()
        design = self.problem.design
        sessions = design.survey.sessions
        if value.ndim != 2 or value.shape[1] != self.shape[1]:
            msg = (
                f"Capture histories have shape {value.shape}; one row for each animal and "
                f"{self.shape[1]:,} columns, one for each trap and occasion, are needed."
            )
            raise SurveyError(msg)
        if any(s.captures.removed.any() or len(s.captures.covariates.columns) for s in sessions):
            msg = (
                "Animals of this survey have a sex or other covariates, or were removed, which an "
                "array of capture histories does not tell. Its log probability is known for the "
                "survey's own histories only."
            )
            raise SurveyError(msg)
        odd = np.argwhere((value < 0) | (value != np.rint(value)))
        if len(odd):
            r, c = odd[0]
            msg = (
                f"Capture histories have {len(odd)} values that are no counts, the first "
                f"{value[r, c]:g} in row {r + 1}, column {c + 1}. Give whole numbers, 0 or more."
            )
            raise SurveyError(msg)
        row, column = np.nonzero(value)
        session = np.searchsorted(self.edges, column, side="right") - 1
        in_two = [r for r in np.unique(row) if len(np.unique(session[row == r])) > 1]
        if in_two:
            msg = (
                f"Row {in_two[0] + 1} of the capture histories has detections in two sessions. "
                "Give an animal a row of its own in each session."
            )
            raise SurveyError(msg)
        changed = []
        for s, old in enumerate(sessions):
            mine = session == s
            captures = self._captures(s, row[mine], column[mine], value)
            changed.append(replace(old, captures=captures))
        survey = replace(design.survey, sessions=tuple(changed))
        return build_problem(survey, design.mask, design.spec)

    def _captures(
        self, s: int, row: NDArray[np.int64], column: NDArray[np.int64], value: NDArray[Any]
    ) -> CaptureHistory:
        session: Session = self.problem.design.survey.sessions[s]
        animals, individual = np.unique(row, return_inverse=True)
        trap, occasion = np.divmod(column - self.edges[s], session.usage.effort.shape[1])
        return CaptureHistory(
            individuals=np.array([f"row {r + 1}" for r in animals], dtype=object),
            individual=individual,
            occasion=occasion,
            trap=trap,
            count=value[row, column],
            covariates=pd.DataFrame(),
        )


class SpatialCaptureRV(RandomVariable):
    """Capture histories of all animals detected, given the parameters of the cells and traps.

    Parameters are those of ``SpatialCaptureOp``; the value is an array as ``Plan`` says.

    Parameters
    ----------
    plan
        Model, data and the layout of the value.
    **options
        What PyTensor gives where it makes the operation again.
    """

    name = "spatial_capture"
    signature = "(d,c),(i),(l),(l),(s,u),(k)->(m,n)"
    dtype = "int32"
    _print_name = ("SpatialCapture", "\\operatorname{SpatialCapture}")
    __props__ = ("name", "signature", "dtype", "inplace", "plan")  # type: ignore[assignment]

    def __init__(self, plan: Plan, **options: Any) -> None:
        self.plan = plan
        super().__init__(**options)

    def __str__(self) -> str:
        return "SpatialCapture"

    def _supp_shape_from_params(
        self,
        dist_params: Any,  # noqa: ARG002
        param_shapes: Any = None,  # noqa: ARG002
    ) -> tuple[int, int]:
        return self.plan.shape

    def rng_fn(self, rng: np.random.Generator, *args: Any, **kwargs: Any) -> NDArray[Any]:
        """One simulated survey, or several of the same parameters.

        Parameters
        ----------
        rng
            Source of random numbers.
        *args
            Log density, intensity, sigma, z, log share, what is known of sides, and the size.
        **kwargs
            None.
        """
        *parameters, size = args
        del kwargs
        arrays = self._arrays(*parameters)
        if size is None or len(size) == 0:
            return self.plan.draw(rng, arrays)
        drawn = [self.plan.draw(rng, arrays) for _ in range(int(np.prod(size)))]
        return np.array(drawn, dtype=np.int32).reshape(*size, *self.plan.shape)

    def _arrays(
        self,
        log_density: NDArray[np.float64],
        intensity: NDArray[np.float64],
        sigma: NDArray[np.float64],
        z: NDArray[np.float64],
        log_share: NDArray[np.float64],
        known: NDArray[np.float64],
    ) -> ModelArrays:
        del known  # of surveys with sides, which are not drawn
        starts = self.plan.problem.design.cell_offsets[1:-1]
        if self.plan.problem.design.spec.family.is_compound:  # -z log(1 - g0), and g0
            intensity, z = z, intensity / -np.log1p(-z)
        return ModelArrays(
            tuple(np.split(log_density, starts, axis=1)), intensity, sigma, z, log_share
        )


@_LOGPROB.register(SpatialCaptureRV)  # type: ignore[untyped-decorator]
def _log_probability(op: SpatialCaptureRV, values: tuple[Any, ...], *inputs: Any, **_: Any) -> Any:
    (value,) = values
    if not isinstance(value, Constant):
        msg = (
            "The log probability of capture histories is worked out for given counts, not for a "
            "variable. Give the array itself."
        )
        raise SurveyError(msg)
    problem = op.plan.problem_of(np.asarray(value.data))
    outputs: Any = SpatialCaptureOp(problem.packed)(*inputs[2:])  # after rng and size
    return outputs[0] + problem.constant + _only_fixed(problem, inputs[2:])


def _only_fixed(problem: Problem, parameters: Sequence[Any]) -> Any:
    """Log probability of the fixes of animals that have nothing else: a mean over the mask."""
    if problem.only_fixed is None:
        return 0.0
    outputs: Any = SpatialCaptureOp(problem.only_fixed)(*parameters)
    value, starts = outputs[0], problem.design.cell_offsets
    number = np.bincount(problem.only_fixed.animals.session, minlength=len(problem.sessions))
    for s, data in enumerate(problem.sessions):
        log_density = parameters[0][:, int(starts[s]) : int(starts[s + 1])]
        sex = np.unique(problem.design.classes.sex, return_index=True)[1]
        if problem.design.ratio is not None:  # of each class, not of all together
            log_density = pt.logsumexp(log_density[sex], axis=0)
        value = value - int(number[s]) * pt.logsumexp(log_density + np.log(data.cell_area))
    return value


def capture_histories(plan: Plan, *parameters: Any) -> Any:
    """A random variable of the histories of a survey.

    Parameters
    ----------
    plan
        Model, data and the layout of the value.
    *parameters
        As ``SpatialCaptureOp`` takes them.
    """
    given = [pt.cast(pt.as_tensor(value), "float64") for value in parameters]
    variable: Any = SpatialCaptureRV(plan)
    _, histories = variable(*given, rng=pt.random.shared_rng(seed=None), return_next_rng=True)
    return histories
