"""Fits as ArviZ reads them: a DataTree of posterior, pointwise log-likelihood and data."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from scr.fit.pointwise import AnimalTerms, distinct_terms
from scr.likelihood.problem import Problem, log_factorials
from scr.model.design import Design
from scr.survey.survey import Survey


def inference_data(
    problem: Problem,
    draws: NDArray[np.float64],
    *,
    n_chains: int,
    sample_stats: xr.Dataset,
    engine: str,
    terms: AnimalTerms | None = None,
) -> xr.DataTree:
    """All that ArviZ can use of a fit.

    Parameters
    ----------
    problem
        Model and data.
    draws
        Coefficients, one chain after the other, shape (n_draws, n_coefficients).
    n_chains
        Number of chains.
    sample_stats
        What the engine says of the draws.
    engine
        ``"mle"``, ``"laplace"`` or ``"nuts"``.
    terms
        Parts of the log-likelihood at each draw where they are at hand; worked out if None.

    Returns
    -------
    DataTree
        Groups posterior, sample_stats, log_likelihood (not for maximum likelihood),
        observed_data and constant_data.
    """
    posterior = posterior_dataset(problem.design, draws, n_chains)
    groups = {
        "posterior": posterior.assign_attrs(engine=engine),
        "sample_stats": sample_stats,
        "observed_data": observed_data(problem.design.survey),
        "constant_data": constant_data(problem),
    }
    if engine != "mle":
        groups["log_likelihood"] = pointwise_log_likelihood(
            problem, terms or distinct_terms(problem, draws), n_chains
        )
    return xr.DataTree.from_dict({f"/{name}": group for name, group in groups.items()})


def posterior_dataset(design: Design, draws: NDArray[np.float64], n_chains: int) -> xr.Dataset:
    """Draws with one variable for each parameter.

    Parameters
    ----------
    design
        The model.
    draws
        One chain after the other, shape (n_draws, n_coefficients).
    n_chains
        Number of chains.

    Returns
    -------
    Dataset
        Variables ``density``, ``lambda0`` and so on, dims (chain, draw, ``<parameter>_term``).
    """
    by_chain = draws.reshape(n_chains, -1, draws.shape[1])
    variables: dict[str, tuple[list[str], NDArray[np.float64]]] = {}
    coords: dict[str, NDArray[np.int64] | list[str]] = {
        "chain": np.arange(n_chains),
        "draw": np.arange(by_chain.shape[1]),
    }
    for parameter, block in design.blocks.items():
        names = design.coefficient_names[block]
        variables[parameter] = (["chain", "draw", f"{parameter}_term"], by_chain[:, :, block])
        coords[f"{parameter}_term"] = [name.removeprefix(f"{parameter}.") for name in names]
    return xr.Dataset(variables, coords)


def pointwise_log_likelihood(problem: Problem, terms: AnimalTerms, n_chains: int) -> xr.Dataset:
    r"""Log-likelihood of each animal's history and of each session's number of animals.

    .. math:: \log L = \sum_i (\log L_i - \log \Lambda) + \log \mathrm{Poisson}(n; \Lambda)

    summed over sessions; with the binomial probability of n out of N where N is fixed, and no term
    of n where that is conditional. Leaving an animal out means: its history unknown, n known.

    Parameters
    ----------
    problem
        Model and data.
    terms
        Parts of the log-likelihood at each draw, one chain after the other.
    n_chains
        Number of chains.

    Returns
    -------
    Dataset
        ``history`` (chain, draw, individual) and ``n_animals`` (chain, draw, session).
    """
    sizes = [data.n_animals for data in problem.sessions]
    n_seen = np.array(sizes, dtype=np.float64)
    of_session = np.repeat(np.arange(len(sizes)), sizes)
    # Where sigma is far below the distance of cells Lambda is 0, and no animal is detected.
    log_expected = np.log(np.maximum(terms.expected, np.finfo(np.float64).tiny))
    history = terms.log_animal - log_expected[:, of_session]
    number = n_seen * log_expected + terms.number
    number -= log_factorials(problem.sessions, problem.packed.number)
    n_draws = len(number) // n_chains
    return xr.Dataset(
        {
            "history": (["chain", "draw", "individual"], history.reshape(n_chains, n_draws, -1)),
            "n_animals": (["chain", "draw", "session"], number.reshape(n_chains, n_draws, -1)),
        },
        {
            "chain": np.arange(n_chains),
            "draw": np.arange(n_draws),
            **_labels(problem.design.survey),
        },
    )


def observed_data(survey: Survey) -> xr.Dataset:
    """Detections, one row for each animal, occasion and trap, and the number of animals.

    Parameters
    ----------
    survey
        The data.
    """
    rows: dict[str, list[NDArray[np.int64]]] = {
        name: [] for name in ("individual", "occasion", "trap", "count")
    }
    first_individual = first_trap = 0
    for session in survey.sessions:
        captures = session.captures
        rows["individual"].append(captures.individual + first_individual)
        rows["occasion"].append(captures.occasion)
        rows["trap"].append(captures.trap + first_trap)
        rows["count"].append(captures.count)
        first_individual += captures.n_individuals
        first_trap += len(session.traps)
    counts = [session.captures.n_individuals for session in survey.sessions]
    return xr.Dataset(
        {
            **{f"detection_{name}": ("detection", np.concatenate(v)) for name, v in rows.items()},
            "n_animals": ("session", np.array(counts, dtype=np.int64)),
        },
        _labels(survey),
    )


def constant_data(problem: Problem) -> xr.Dataset:
    """Traps with their total effort, and cells with their area.

    Parameters
    ----------
    problem
        Model and data.
    """
    design = problem.design
    survey, mask = design.survey, design.mask
    xy = np.concatenate([session.traps.xy for session in survey.sessions])
    effort = [session.usage.effort.sum(axis=1) for session in survey.sessions]
    traps = [f"{s.name}/{trap}" for s in survey.sessions for trap in s.traps.names]
    return xr.Dataset(
        {
            "trap_x": ("trap", xy[:, 0], {"units": "m"}),
            "trap_y": ("trap", xy[:, 1], {"units": "m"}),
            "trap_effort": ("trap", np.concatenate(effort), {"units": "days"}),
            "cell_x": ("cell", mask.xy[:, 0], {"units": "m"}),
            "cell_y": ("cell", mask.xy[:, 1], {"units": "m"}),
            "cell_area": ("cell", mask.cell_area, {"units": "km2"}),
        },
        {"trap": traps},
        {"crs": mask.crs},
    )


def _labels(survey: Survey) -> Mapping[str, list[str]]:
    return {
        "individual": [
            f"{session.name}/{individual}"
            for session in survey.sessions
            for individual in session.captures.individuals
        ],
        "session": [session.name for session in survey.sessions],
    }
