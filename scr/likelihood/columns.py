"""The design matrices of a model as the compiled likelihood takes them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.model.design import Design
from scr.model.effect_scales import EffectScale, density_coefficients, density_slopes
from scr.model.known_sides import KNOWN


class Columns(NamedTuple):
    """Design matrices with a row for each term, and where their coefficients are.

    Parameters
    ----------
    density
        Shape (n_columns, n_cells of all sessions), to go with ``of_density``.
    density_ends
        First and last cell, less one, outside of which a column is 0: those of single sessions;
        shape (n_terms, 2).
    intensity, sigma, z
        Shape (n_terms, n_levels); no row of z where the detection function has none.
    share
        Shape (n_terms, n_sessions), or (n_terms, n_cells of all sessions) where it varies between
        cells; no row where sex is no class.
    pmix
        Shape (n_terms, n_sessions * (n_groups - 1)); no row where there are no latent groups.
    distance
        Shape (n_terms, n_cells of all sessions); no row where resistance has no formula.
    start
        First coefficient of density, intensity, sigma, z, share, pmix and distance, shape (7,).
    scale_of
        Where intensity is a0, the level of sigma that each level goes with; else empty.
    session_of
        Where sigma is sigmak, the session of each level; else empty.
    area_share
        Share of each cell in the area of its session, shape (n_cells of all sessions,).
    cell_start
        First cell of each session.
    is_compound
        Whether levels of g0 and z go together, as parameters of a compound detection function.
    sex, group, log_weight
        Of each class, as ``Classes.shares``, shape (n_classes,).
    known
        Coefficients of the logits of ``Parameters.known``, -1 where there is none, shape (2,).
    scales
        Scales of effect on density, whose columns are the last of ``density``.
    in_cells
        Whether the share varies between cells: log density then is that of each class.
    """

    density: Floats
    density_ends: Ints
    intensity: Floats
    sigma: Floats
    z: Floats
    share: Floats
    pmix: Floats
    distance: Floats
    start: Ints
    scale_of: Ints
    session_of: Ints
    area_share: Floats
    cell_start: Ints
    is_compound: bool
    sex: Ints
    group: Ints
    log_weight: Floats
    known: Ints
    scales: tuple[EffectScale, ...]
    in_cells: bool

    def of_density(self, theta: Floats) -> Floats:
        """Coefficients of the columns of density."""
        beta = self._beta(theta)
        return np.asarray(density_coefficients(self.scales, beta)) if self.scales else beta

    def to_density(self, theta: Floats, to_columns: Floats) -> Floats:
        """Gradient to the coefficients of density from that to those of its columns."""
        if not self.scales:
            return to_columns
        return np.asarray(to_columns @ density_slopes(self.scales, self._beta(theta)))

    @property
    def of_numbers(self) -> "Columns":
        """The same without scales, as compiled code takes it."""
        return self._replace(scales=()) if self.scales else self

    def _beta(self, theta: Floats) -> Floats:
        n_columns = len(self.density) - sum(len(scale.rise) for scale in self.scales)
        return theta[self.start[0] : self.start[0] + n_columns]


def columns_of(design: Design) -> Columns:
    """The matrices of a design.

    Parameters
    ----------
    design
        The model with its data.
    """
    blocks, spec = design.blocks, design.spec
    names = ("density", spec.intensity_name, spec.scale_name, "z", "share", "pmix", "distance")
    sex, group, log_weight = design.classes.shares
    return Columns(
        density=_by_term(design.density_columns),
        density_ends=_ends(design.density_columns),
        intensity=_by_term(design.intensity.columns),
        sigma=_by_term(design.columns(spec.scale_name)),
        z=_by_term(design.columns("z")),
        share=_by_term(design.columns("share")),
        pmix=_by_term(design.columns("pmix")),
        distance=_by_term(design.columns("distance")),
        start=np.array([blocks[name].start if name in blocks else 0 for name in names]),
        scale_of=_or_none(design.intensity.within if spec.a0 is not None else None),
        session_of=_or_none(design.shape.within),
        area_share=design.area_share,
        cell_start=design.cell_offsets[:-1],
        is_compound=spec.family.is_compound,
        sex=sex,
        group=group,
        log_weight=log_weight,
        known=np.array([blocks[name].start if name in blocks else -1 for name in KNOWN]),
        scales=design.density.scales,
        in_cells=design.ratio is not None,
    )


def _or_none(within: Ints | None) -> Ints:
    return np.empty(0, dtype=np.int64) if within is None else within


def _ends(columns: NDArray[np.float64]) -> Ints:
    """First row of each column that is not 0, and the one after the last."""
    found = [np.flatnonzero(column) for column in columns.T]
    ends = [(rows[0], rows[-1] + 1) if len(rows) else (0, 0) for rows in found]
    return np.array(ends, dtype=np.int64).reshape(len(ends), 2)


def _by_term(columns: NDArray[np.float64]) -> Floats:
    return np.ascontiguousarray(columns.T, dtype=np.float64)
