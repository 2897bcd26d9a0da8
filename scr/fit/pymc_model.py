"""The model in PyMC: the same log posterior, open to anyone's own priors and hierarchies."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor
from pytensor.compile.mode import Mode

from scr.errors import FormulaError
from scr.fit.latent_labels import LatentLabels, by_intensity
from scr.fit.log_posterior import LogPosterior
from scr.fit.modes import posterior_modes
from scr.fit.pymc_distribution import Plan, capture_histories
from scr.fit.pymc_priors import random_vector
from scr.fit.sums_over_matchings import with_sum
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import Problem, build_problem, with_design
from scr.model.coordinates import coordinates_of, in_coordinates, with_columns
from scr.model.default_prior import model_prior
from scr.model.design import Design
from scr.model.effect_scales import density_coefficients
from scr.model.joint_prior import JointPrior
from scr.model.known_sides import KNOWN
from scr.model.parameterisation import LOG_AREA, LOG_LENGTH
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

_FAST: Any = Mode(linker="cvm", optimizer="fast_run")
COMPILE_MODE = _FAST.excluding("fusion")
"""Operations round the likelihood are compiled one by one where there is a C compiler, and run by
NumPy where there is none; fusing them would take longer to compile than it saves."""

_ROUNDING = 1e-9
pt: Any = pytensor.tensor
_PYTENSOR: Any = pytensor


def build_pymc_model(survey: Survey, mask: HabitatMask, spec: ModelSpec) -> pm.Model:
    """The model as an ordinary ``pm.Model``.

    Parameters
    ----------
    survey, mask, spec
        Data and model.

    Returns
    -------
    pm.Model
        One vector of coefficients for each parameter (``density``, ``lambda0`` and so on, on its
        link scale, dims ``<parameter>_term``) and the observed histories ``captures``, as of
        ``SpatialCapture``.
        Where the prior is one of contrasts (the level at the mean of the columns, and slopes about
        it), the random vector is ``<parameter>_contrasts`` and the coefficients follow from it.
        Where sessions are pooled, ``<parameter>_session_sd`` and ``<parameter>_session_offset``
        (the effects over the standard deviation) are random too.
        Its log posterior is the one that ``fit_laplace`` and ``fit_nuts`` draw from. Where groups
        of animals are latent, the random vectors may have any labels, and the coefficients that
        follow from them have the groups in the order of lambda0 (g0; sigma or z where lambda0 is
        the same in all), and an effect of animals of 0 or more: R-hat is to be read of these.
        Where left and right animals may be one and the sum over all ways is too wide to be exact,
        it is approximated (Bethe); ``fit_laplace`` and ``fit_nuts`` reweight their draws for that.

    Raises
    ------
    FormulaError, MaskError
        If model, mask and survey do not fit each other.
    """
    problem = with_sum(
        LogPosterior(build_problem(survey, mask, spec)), posterior_modes, None
    ).problem
    return pymc_model(problem, model_prior(problem.design))


def SpatialCapture(  # noqa: N802
    name: str,
    survey: Survey,
    mask: HabitatMask,
    *,
    coefficients: Mapping[str, Any],
    spec: ModelSpec | None = None,
    log_density: Any = None,
    rows: int | None = None,
) -> Any:
    """Capture histories as a variable of the ``pm.Model`` whose context is open.

    Their distribution has activity centres summed out over the mask. The value is an array of
    counts, whole numbers, with a row for each animal and zeros in the rows of animals that were
    not seen; the columns are the traps of the first session, each in all its occasions, then those
    of the next session: ``value.reshape(rows, n_traps, n_occasions)`` where there is one. It is
    observed: the captures of ``survey``. ``pm.sample_prior_predictive`` and
    ``pm.sample_posterior_predictive`` draw surveys of animals whose centres lie at those of the
    cells, and ``pm.logp`` takes other arrays of counts. The log-likelihood is that of the survey,
    and not split by animal. Of a survey of both flanks, sums over the ways in which left and right
    animals can be one are exact while at most 14 of them are open at a time, and else approximated
    (Bethe).

    Parameters
    ----------
    name
        Name of the variable.
    survey, mask
        The data.
    coefficients
        For each parameter of the model (``"density"``; ``"lambda0"``, ``"g0"`` or ``"a0"``;
        ``"sigma"`` or ``"sigmak"``; ``"z"``, ``"share"``, ``"pmix"``, ``"confirmed"``,
        ``"library"``) a vector of the coefficients
        of its formula on the link scale, in the order of ``spec.coefficient_names(survey, mask)``;
        a scalar where there is one. Any PyTensor expression: pooled over sessions, say, with the
        formula ``"~ 0 + session"``. Labels of latent groups may switch; a positive difference
        between them (``pm.HalfNormal``) holds them.
    spec
        Formulas and detection function; constant parameters and hazard_half_normal if left out.
        Its priors are not used.
    log_density
        In place of ``coefficients["density"]``: log density per km2 in each cell of the mask,
        shape (n_cells,), or a list of one such vector per session over the session's own cells.
        A Gaussian process or a smooth goes here.
    rows
        Rows of the value: the most animals that a draw can have detected. Left out, twice those of
        the survey and 50 more.

    Returns
    -------
    TensorVariable
        The capture histories, shape (rows, n_columns).

    Raises
    ------
    FormulaError
        If coefficients are missing, unknown or of the wrong number.
    SurveyError
        If there are fewer rows than animals; of draws, if one has more; of ``pm.logp``, if the
        array does not fit, or animals have a sex or were removed, which it does not tell.

    Examples
    --------
    In a model of one's own, of a survey and a mask that are there::

        with pm.Model():
            log_d = pm.Normal("log_d", -4, 2)
            SpatialCapture(
                "captures",
                survey,
                mask,
                coefficients={
                    "density": log_d,
                    "lambda0": pm.Normal("log_lambda0", -4, 2),
                    "sigma": pm.Normal("log_sigma", 8, 1),
                },
            )
    """
    problem = build_problem(survey, mask, spec or ModelSpec())
    needed = set(problem.design.blocks) - ({"density"} if log_density is not None else set())
    missing, unknown = sorted(needed - set(coefficients)), sorted(set(coefficients) - needed)
    if missing or unknown:
        msg = (
            f"coefficients= of {name!r} lacks {', '.join(missing) or 'none'} and has "
            f"{', '.join(unknown) or 'none'} that the model does not take. "
            f"Give {', '.join(sorted(needed))}."
        )
        raise FormulaError(msg)
    vectors = {
        parameter: _vector(problem.design, parameter, value)
        for parameter, value in coefficients.items()
    }
    cells = None if log_density is None else _over_cells(problem.design, log_density)
    return add_likelihood(name, problem, vectors, log_density=cells, rows=rows)


def pymc_model(problem: Problem, prior: JointPrior) -> pm.Model:
    """The model of a problem with a given prior.

    Parameters
    ----------
    problem
        Model and data.
    prior
        Of its coefficients.
    """
    design = problem.design
    coordinates = coordinates_of(design)
    inside = in_coordinates(design, coordinates.blocks)
    contrasts = prior.under(coordinates.to_coefficients).contrasts
    vectors, columns = {}, {}
    labels = by_intensity(design)
    latent = _latent_blocks(design, labels)
    with pm.Model() as model:
        for parameter, block in design.blocks.items():
            vectors[parameter] = random_vector(
                parameter, prior, block, is_latent=parameter in latent
            )
            raw, n = inside.columns(parameter), block.stop - block.start
            own = raw[:, :n] @ np.linalg.inv(contrasts[block, block])
            columns[parameter] = np.hstack([own, raw[:, n:]])
        if latent:
            _add_labelled(design, prior, vectors, labels, latent)
        add_likelihood("captures", with_design(problem, with_columns(design, columns)), vectors)
    return model


def add_likelihood(
    name: str,
    problem: Problem,
    vectors: Mapping[str, Any],
    *,
    log_density: Any = None,
    rows: int | None = None,
) -> Any:
    """Add observed capture histories to the open model.

    Parameters
    ----------
    name
        Its name.
    problem
        Model and data.
    vectors
        Coefficients of each parameter.
    log_density
        In place of those of density, shape (n_cells of all sessions,).
    rows
        As of ``SpatialCapture``.
    """
    design = problem.design
    family = design.spec.family
    if design.resistance is not None:
        msg = (
            f"The formula of distance, {design.spec.distance!r}, makes paths of least cost, which "
            "this PyMC model does not hold yet. fit_mle, fit_laplace and fit_nuts fit it; or leave "
            "distance out."
        )
        raise FormulaError(msg)

    def predictor(parameter: str) -> Any:
        columns = _PYTENSOR.shared(design.columns(parameter), name=f"{name}::{parameter}")
        vector = vectors[parameter]
        if parameter == "density":
            vector = density_coefficients(design.density.scales, vector, pt)
        return (columns * vector).sum(axis=1)

    if log_density is None:
        n_cells = len(design.density_columns)
        log_density = predictor("density") if "density" in vectors else pt.zeros(n_cells)
    log_scale = predictor(design.spec.scale_name)
    if design.shape.within is not None:
        means = _log_mean_density(design, log_density)
        log_scale = log_scale + LOG_LENGTH - 0.5 * means[design.shape.within]
    eta = predictor(design.spec.intensity_name)
    if design.spec.a0 is not None:
        eta = eta + LOG_AREA - 2.0 * log_scale[design.intensity.within]
    intensity = pt.exp(eta) if family.form == "hazard" else pt.sigmoid(eta)
    sigma = pt.exp(log_scale)
    z = pt.exp(predictor("z")) if family.has_z else pt.ones_like(sigma)
    if family.is_compound:
        intensity, z = z * pt.softplus(eta), intensity
    n_sessions, (sex, group, log_weight) = len(design.cells), design.classes.shares
    log_share: Any = pt.zeros((n_sessions, 1)) + log_weight
    for parameter, number in (("share", sex), ("pmix", group)):
        if parameter in design.blocks and not (parameter == "share" and design.ratio is not None):
            ratios = predictor(parameter).reshape((n_sessions, -1))
            every = pt.concatenate([pt.zeros((n_sessions, 1)), ratios], axis=1)
            log_share = log_share + pt.special.log_softmax(every, axis=1)[:, number]
    known = pt.stack(
        [pt.sigmoid(vectors[name][0]) if name in design.blocks else pt.zeros(()) for name in KNOWN]
    )
    plan = Plan(problem, rows)
    of_classes = log_density[None, :]
    if design.ratio is not None:
        signed = np.where(sex == 1, 1.0, -1.0)[:, None] * predictor("share")[None, :]
        of_classes = of_classes - pt.softplus(-signed)
    histories = capture_histories(plan, of_classes, intensity, sigma, z, log_share, known)
    model = pm.modelcontext(None)
    return model.register_rv(histories, name, observed=plan.observed)


def _log_mean_density(design: Design, log_density: Any) -> Any:
    """Log of the mean density of each session."""
    start = design.cell_offsets.tolist()
    pieces = [slice(*ends) for ends in itertools.pairwise(start)]
    log_share = np.log(design.area_share)
    return pt.stack([pt.logsumexp(log_density[piece] + log_share[piece]) for piece in pieces])


def _latent_blocks(design: Design, labels: LatentLabels) -> list[str]:
    """Parameters whose coefficients change with the labels of latent classes."""
    moved = (np.abs(labels.matrices - np.eye(design.n_coefficients)) > _ROUNDING).any(axis=(0, 2))
    return [parameter for parameter, block in design.blocks.items() if moved[block].any()]


def _add_labelled(
    design: Design,
    prior: JointPrior,
    vectors: Mapping[str, Any],
    labels: LatentLabels,
    latent: Sequence[str],
) -> None:
    """Coefficients with the labels that they should have."""
    theta: Any = pt.concatenate(
        [
            (np.linalg.inv(prior.contrasts[block, block]) * vectors[parameter]).sum(axis=1)
            for parameter, block in design.blocks.items()
        ]
    )
    score: Any = (labels.order * theta).sum(axis=1)
    if labels.effect is not None:
        mirrored = labels.matrices[:, labels.effect, labels.effect] < 0
        score = pt.switch(pt.eq(pt.as_tensor(mirrored), theta[labels.effect] < 0), score, -np.inf)
    given: Any = (pt.as_tensor(labels.matrices)[pt.argmax(score)] * theta).sum(axis=1)
    for parameter in latent:
        pm.Deterministic(parameter, given[design.blocks[parameter]], dims=f"{parameter}_term")


def _vector(design: Design, parameter: str, value: Any) -> Any:
    block = design.blocks[parameter]
    vector = pt.atleast_1d(pt.as_tensor(value))
    length = vector.type.shape[0]
    if vector.ndim != 1 or length not in {None, block.stop - block.start}:
        msg = (
            f"coefficients[{parameter!r}] has shape {vector.type.shape}; its formula has "
            f"{block.stop - block.start} terms: {', '.join(design.coefficient_names[block])}. "
            "Give a vector of that length."
        )
        raise FormulaError(msg)
    return vector


def _over_cells(design: Design, log_density: Any) -> Any:
    if isinstance(log_density, (list, tuple)):
        lengths = [len(cells) for cells in design.cells]
        pieces = [pt.as_tensor(piece) for piece in log_density]
        known = [piece.type.shape[0] for piece in pieces]
        if len(pieces) != len(lengths) or any(
            found not in {None, length} for found, length in zip(known, lengths, strict=True)
        ):
            msg = (
                f"log_density is a list of vectors of lengths {known}; the sessions have "
                f"{lengths} cells. Give one vector per session."
            )
            raise FormulaError(msg)
        return pt.concatenate(pieces)
    tensor = pt.as_tensor(log_density)
    if tensor.ndim != 1 or tensor.type.shape[0] not in {None, len(design.mask)}:
        msg = (
            f"log_density has shape {tensor.type.shape}; the mask has {len(design.mask)} cells. "
            "Give one value per cell, in the order of the mask."
        )
        raise FormulaError(msg)
    rows = _PYTENSOR.shared(np.concatenate(design.cells), name="cells")
    return tensor[rows]
