"""From a specification to design matrices: coefficients in, the likelihood's arrays out."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scr.habitat.barrier import check_barrier
from scr.habitat.checks import check_mask_covers
from scr.habitat.least_cost import PathGrid
from scr.habitat.mask import HabitatMask
from scr.model.arrays import ModelArrays
from scr.model.cell_terms import (
    density_terms,
    grids_of,
    group_terms,
    resistance_terms,
    share_terms,
)
from scr.model.classes import Classes, log_share, log_share_in_cells
from scr.model.columns import check_covariates
from scr.model.effect_scales import density_coefficients
from scr.model.formula import Terms, make_terms
from scr.model.known_sides import KNOWN, known_of
from scr.model.latent import check_effect
from scr.model.levels import Levels, levels_of, session_of
from scr.model.links import expit
from scr.model.parameterisation import OF_CELLS, SHAPES, log_lambda0, log_mean_density, log_sigma
from scr.model.pooling import Pool, pools_of
from scr.model.tables import class_labels, density_table, detection_table
from scr.model.travel import UNREACHABLE, distances_of
from scr.survey.sides import by_type
from scr.survey.survey import Survey

if TYPE_CHECKING:
    from scr.model.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Design:
    """Design matrices of a model for a survey and a mask.

    Parameters
    ----------
    spec
        The model.
    survey, mask
        The data it is for.
    blocks
        Slice of the coefficient vector that belongs to each parameter; none of density where the
        likelihood is conditional on the number of animals, and log density is 0.
    coefficient_names
        ``<parameter>.<term>``, in order.
    classes
        Sexes, latent groups and nodes of the animals' effect.
    cells
        Rows of the mask that each session uses.
    density
        Terms of log density for the cells of all sessions, one session after the other. Their
        columns go with ``of_density``.
    intensity
        Levels of lambda0, g0 or a0.
    shape
        Levels of sigma or sigmak, with z in the columns after those.
    share
        Columns of the logit share of the second sex, shape (n_sessions, n_terms), or None.
    ratio
        Its terms where it varies between cells, and ``share`` has their columns; else None.
    pmix
        Columns of the log ratios of the latent groups' shares to that of the first, session by
        session, shape (n_sessions * (n_groups - 1), n_terms), or None.
    resistance
        Terms of log resistance, without intercept, or None where distance has no formula.
    distance_columns
        Their columns for the cells of all sessions, shape (n_cells, n_terms).
    """

    spec: "ModelSpec"
    survey: Survey
    mask: HabitatMask
    blocks: dict[str, slice]
    coefficient_names: tuple[str, ...]
    classes: Classes
    cells: tuple[NDArray[np.int64], ...]
    density: Terms
    density_columns: NDArray[np.float64]
    intensity: Levels
    shape: Levels
    share: NDArray[np.float64] | None
    ratio: Terms | None
    pmix: NDArray[np.float64] | None
    resistance: Terms | None
    distance_columns: NDArray[np.float64]

    @property
    def n_coefficients(self) -> int:
        """Length of the coefficient vector."""
        return len(self.coefficient_names)

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Where the effects of pooled sessions and of smooths stand; none where there are none."""
        spectra = {smooth.text.name: smooth.spectrum for smooth in self.density.smooths}
        return pools_of(self.blocks, self.coefficient_names, spectra)

    @cached_property
    def distance(self) -> tuple[NDArray[np.float64] | None, ...]:
        """Metres from each trap to each cell of each session; None where all are straight.

        Where resistance has a formula, they are those of resistance 1.
        """
        if self.path_grids:
            ones = [np.ones(len(cells)) for cells in self.cells]
            pairs = zip(self.path_grids, ones, strict=True)
            return tuple(np.minimum(grid.lengths(one), UNREACHABLE) for grid, one in pairs)
        return distances_of(self.mask, by_type(self.survey).sessions, self.cells)

    @cached_property
    def path_grids(self) -> tuple[PathGrid, ...]:
        """Steps of least-cost paths of each session; none where distance has no formula."""
        if self.resistance is None:
            return ()
        return grids_of(self.mask, by_type(self.survey).sessions, self.cells)

    def fixed(self, parameter: str) -> slice:
        """Terms of a parameter, within its block, that are not of pooled sessions or effects.

        Parameters
        ----------
        parameter
            A name in ``blocks``.
        """
        block = self.blocks[parameter]
        scales = self.density.scales if parameter == "density" else ()
        ends = [block.start + scale.place for scale in scales]
        ends += [pool.sd for pool in self.pools if pool.parameter == parameter]
        return slice(0, (ends or [block.stop])[0] - block.start)

    @property
    def cell_offsets(self) -> NDArray[np.int64]:
        """Start of each session's cells among those of all sessions, shape (n_sessions + 1,)."""
        return np.concatenate([[0], np.cumsum([len(cells) for cells in self.cells])]).astype(
            np.int64
        )

    def of_density(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficients of the columns of density: those of its formula, and of scales of effect.

        Parameters
        ----------
        theta
            Coefficients, shape (..., n_coefficients).
        """
        beta = np.asarray(theta)[..., self.blocks.get("density", slice(0, 0))]
        return np.asarray(density_coefficients(self.density.scales, beta))

    @property
    def area_share(self) -> NDArray[np.float64]:
        """Share of each cell in the area of its session, shape (n_cells of all sessions,)."""
        areas = [self.mask.cell_area[cells] for cells in self.cells]
        return np.concatenate([area / area.sum() for area in areas])

    def parameter(self, name: str, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Linear predictor of a parameter of detection or of shares, by level or session.

        Parameters
        ----------
        name
            A parameter other than density.
        theta
            Coefficients, shape (n_coefficients,).
        """
        return np.asarray(self.columns(name) @ theta[self.blocks[name]])

    def columns(self, name: str) -> NDArray[np.float64]:
        """Design matrix of a parameter.

        Parameters
        ----------
        name
            A name in ``blocks``.

        Returns
        -------
        NDArray
            For density, distance and ``ratio`` one row per cell of each session; for share one per
            session;
            for pmix one per session and group but the first; for those of ``KNOWN`` one; for others
            one per level.
        """
        if name in OF_CELLS:
            return self.density_columns if name == "density" else self.distance_columns
        if name == "share":
            return self.share if self.share is not None else np.zeros((len(self.cells), 0))
        if name == "pmix":
            return self.pmix if self.pmix is not None else np.zeros((0, 0))
        if name in KNOWN:
            return np.ones((1, 1))
        if name in SHAPES:
            scale = self.blocks[self.spec.scale_name]
            rest = self.shape.columns[:, scale.stop - scale.start :]
            return rest if name == "z" else self.shape.columns[:, : scale.stop - scale.start]
        return self.intensity.columns

    def stacked(self, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Parameters as the compiled likelihood takes them.

        Parameters
        ----------
        theta
            Coefficients, shape (n_coefficients,).

        Returns
        -------
        tuple
            log density per km2 (1, n_cells of all sessions), intensity, sigma and z by level,
            log share (n_sessions, n_classes); with ``ratio``, log density of each class.
        """
        family = self.spec.family
        log_density = (self.density_columns @ self.of_density(theta))[None, :]
        eta = self.parameter(self.spec.intensity_name, theta)
        scale = self.parameter(self.spec.scale_name, theta)
        if self.shape.within is not None:
            mean = log_mean_density(log_density[0], self.area_share, self.cell_offsets[:-1])
            scale = log_sigma(scale, mean[self.shape.within])
        if self.ratio is not None:
            logit = self.parameter("share", theta)
            log_density = log_density + log_share_in_cells(self.classes.sex, logit)
        if self.spec.a0 is not None:
            eta = log_lambda0(eta, scale[self.intensity.within])
        sigma = np.exp(scale)
        z = np.exp(self.parameter("z", theta)) if family.has_z else np.ones(len(sigma))
        return (
            log_density,
            np.exp(eta) if family.form == "hazard" else expit(eta),
            sigma,
            z,
            self.log_share(theta),
        )

    def log_share(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log of the share of each class, shape (n_sessions, n_classes).

        Parameters
        ----------
        theta
            Coefficients, shape (n_coefficients,).
        """
        n = len(self.cells)
        by_session = self.share is not None and self.ratio is None
        logit = self.parameter("share", theta) if by_session else None
        ratios = None if self.pmix is None else self.parameter("pmix", theta).reshape(n, -1)
        shares = log_share(self.classes.shares, logit, ratios)
        return np.broadcast_to(shares, (n, len(self.classes))).copy()

    def arrays(self, theta: NDArray[np.float64]) -> ModelArrays:
        """Parameters by session and level.

        Parameters
        ----------
        theta
            Coefficients, shape (n_coefficients,).
        """
        log_density, intensity, sigma, z, log_share = self.stacked(theta)
        by_session = np.split(log_density, self.cell_offsets[1:-1], axis=1)
        resistance: tuple[NDArray[np.float64], ...] = ()
        if self.resistance is not None:
            every = np.exp(self.parameter("distance", theta))
            resistance = tuple(np.split(every, self.cell_offsets[1:-1]))
        return ModelArrays(tuple(by_session), intensity, sigma, z, log_share, resistance)

    def log_density(self, theta: NDArray[np.float64], session: int) -> NDArray[np.float64]:
        """Log density per km2 in the cells of a session.

        Parameters
        ----------
        theta
            Coefficients, shape (n_coefficients,) or (n_draws, n_coefficients).
        session
            Index of the session.

        Returns
        -------
        NDArray
            Shape (n_cells,) or (n_draws, n_cells).
        """
        start, stop = self.cell_offsets[session : session + 2]
        return np.asarray(self.of_density(theta) @ self.density_columns[start:stop].T)

    def predict_log_density(
        self, theta: NDArray[np.float64], mask: HabitatMask, session: int = 0
    ) -> NDArray[np.float64]:
        """Log density per km2 in the cells of another mask, constants of ``scale()`` kept.

        Parameters
        ----------
        theta
            Coefficients, shape (n_coefficients,) or (n_draws, n_coefficients).
        mask
            Cells with the model's covariates.
        session
            Index of the session whose covariates hold.

        Returns
        -------
        NDArray
            Shape (n_cells,) or (n_draws, n_cells).

        Raises
        ------
        FormulaError
            If the mask lacks a covariate of the density formula.
        """
        table = density_table(mask, np.arange(len(mask)), self.survey, session)
        return np.asarray(self.of_density(theta) @ self.density.on(table).T)


def build_design(
    survey: Survey, mask: HabitatMask, spec: "ModelSpec", *, like: Terms | None = None
) -> Design:
    """Design matrices of a model.

    Parameters
    ----------
    survey, mask
        The data.
    spec
        The model.
    like
        Terms of density of the same model on another mask, whose smooths are kept.

    Raises
    ------
    FormulaError
        If a formula names what there is not, or classes cannot be told.
    MaskError
        If mask and survey use different coordinate systems, the mask does not reach a trap, a
        trap stands in a barrier, or cells miss a covariate that the model names.
    """
    formulas = spec.formulas
    check_covariates(survey, mask, spec)
    for session in survey.sessions:
        check_mask_covers(mask, session.traps)
        check_barrier(mask.barrier, session.traps)
    classes = Classes(
        class_labels(survey) if spec.has_sexes else ("",),
        n_groups=spec.n_groups,
        n_nodes=spec.nodes if spec.has_individual else 1,
    )
    cells = tuple(mask.cells_of(session.name) for session in survey.sessions)
    density, density_columns = density_terms(spec, survey, mask, cells, like=like)
    table = detection_table(survey, classes, spec.detection_variables)
    terms = {
        name: make_terms(formula, name, table.rows, functions=spec.transforms)
        for name, formula in formulas.items()
        if name not in {*OF_CELLS, "share", "pmix"}
    }
    share, ratio = share_terms(spec, survey, mask, cells)
    pmix = group_terms(spec, survey) if "pmix" in formulas else None
    check_effect(terms[spec.intensity_name])
    shapes = [terms[name].columns for name in (spec.scale_name, "z") if name in terms]
    by_session = None if spec.sigmak is None else session_of(table)
    of_intensity = terms[spec.intensity_name].columns
    beside = of_intensity if spec.family.is_compound else None
    shape, shape_of = levels_of(np.hstack(shapes), table, within=by_session, beside=beside)
    together = spec.a0 is not None or spec.family.is_compound
    intensity, _ = levels_of(of_intensity, table, within=shape_of if together else None)
    every = {"density": density, **terms} if "density" in formulas else terms
    names = {name: block.names for name, block in every.items()}
    names |= {"share": share.names} if share else {}
    names |= {"pmix": pmix[0]} if pmix else {}
    names |= dict.fromkeys(known_of(survey), ("Intercept",))
    resistance, of_cells = resistance_terms(spec, survey, mask, cells)
    names |= {"distance": resistance.names} if resistance else {}
    blocks, start = {}, 0
    for parameter, columns in names.items():
        blocks[parameter] = slice(start, start + len(columns))
        start += len(columns)
    return Design(
        spec=spec,
        survey=survey,
        mask=mask,
        blocks=blocks,
        coefficient_names=tuple(
            f"{parameter}.{name}" for parameter, columns in names.items() for name in columns
        ),
        classes=classes,
        cells=cells,
        density=density,
        density_columns=density_columns,
        intensity=intensity,
        shape=shape,
        share=share.columns if share else None,
        ratio=ratio,
        pmix=pmix[1] if pmix else None,
        resistance=resistance,
        distance_columns=of_cells,
    )
