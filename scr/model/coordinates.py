r"""Coordinates of a model that do not depend on how its formulas are written.

A block of columns X with a constant in its span is written anew as

.. math:: X\theta = u_0 + \sum_k q_k u_k

where u_0 is the level at the mean of the columns and the q_k are orthogonal with mean 0 and
standard deviation 1, all over reference rows: for density the cells within reach of the stations,
for other parameters the distinct rows of the formula. Any other coding of the same columns (units,
origin, contrasts of factors, polynomials) gives the same coordinates up to a rotation of the q_k.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, solve_triangular

from scr.model.design import Design
from scr.model.independence import Dependence, constant_direction, dependences
from scr.model.reach import reach_of, within_reach


@dataclass(frozen=True, eq=False)
class BlockCoordinates:
    """Coordinates of the coefficients of one parameter, in the places of its columns.

    Parameters
    ----------
    mean
        Mean of the columns over the reference rows, shape (n_terms,).
    constant
        Coefficients that make the linear predictor 1 everywhere, shape (n_terms,); None where no
        coefficients do.
    level
        Place of the level among the coordinates: that of the intercept, or of the last column
        that carries the constant; None where ``constant`` is None.
    triangle
        R of the other columns, centred: their covariance is R'R. Shape (n_terms, n_terms), the row
        and the column of the level being of no account.
    to_coefficients, of_coefficients
        Matrices from coordinates to coefficients and back, shape (n_terms, n_terms).
    """

    mean: NDArray[np.float64]
    constant: NDArray[np.float64] | None
    level: int | None
    triangle: NDArray[np.float64]
    to_coefficients: NDArray[np.float64]
    of_coefficients: NDArray[np.float64]

    @property
    def slopes(self) -> NDArray[np.int64]:
        """Places of the coordinates that are no level."""
        return np.array([j for j in range(len(self.mean)) if j != self.level], dtype=np.int64)

    def columns(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Columns of the coordinates: ones for the level, the q_k for the others.

        Parameters
        ----------
        raw
            Columns of the formula for any rows, shape (n_rows, n_terms). Columns beyond these,
            of scales of effect, stay as they are.
        """
        slopes = self.slopes
        result = raw.copy()
        if self.level is not None:
            result[:, self.level] = 1.0
        centred = raw[:, slopes] - (0.0 if self.level is None else self.mean[slopes])
        triangle = self.triangle[np.ix_(slopes, slopes)]
        # Solved with centred columns; the matrix to_coefficients would take large numbers apart.
        result[:, slopes] = solve_triangular(triangle.T, centred.T, lower=True).T
        return result


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Coordinates of all coefficients of a model.

    Parameters
    ----------
    blocks
        Those of each parameter.
    to_coefficients, of_coefficients
        Matrices from coordinates to coefficients and back, shape (n, n).
    by_reach
        Whether those of density are by the cells within reach of the stations; else by all cells,
        as columns that differ elsewhere are constant or follow from others within reach.
    """

    blocks: dict[str, BlockCoordinates]
    to_coefficients: NDArray[np.float64]
    of_coefficients: NDArray[np.float64]
    by_reach: bool

    def coefficients(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficients of the formulas as written.

        Parameters
        ----------
        u
            Coordinates, shape (..., n).
        """
        return np.asarray(u @ self.to_coefficients.T)

    def of(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates of coefficients.

        Parameters
        ----------
        theta
            Shape (..., n).
        """
        return np.asarray(theta @ self.of_coefficients.T)


def coordinates_of(design: Design) -> Coordinates:
    """The coordinates of a model.

    Parameters
    ----------
    design
        The model and its data.
    """
    near = within_reach(design)
    by_reach = not _found_within_reach(design, near)
    blocks = {}
    for parameter in design.blocks:
        fixed = design.fixed(parameter)
        columns = design.columns(parameter)[:, fixed]
        if parameter == "density":
            reference = columns[near] if by_reach else columns
        elif parameter == "share" and design.ratio is not None:
            follow = dependences(columns[near], names_of(design, parameter)[fixed])
            reference = columns if follow else columns[near]
        elif parameter == "distance":
            reference = columns
        else:
            reference = np.unique(columns, axis=0)
        names = names_of(design, parameter)
        has_intercept = [name == f"{parameter}.Intercept" for name in names[fixed]]
        of_fixed = _of_block(reference, np.array(has_intercept))
        blocks[parameter] = _with_pooled(of_fixed, len(names) - len(names[fixed]))
    return Coordinates(
        blocks=blocks,
        to_coefficients=block_diag(*(block.to_coefficients for block in blocks.values())),
        of_coefficients=block_diag(*(block.of_coefficients for block in blocks.values())),
        by_reach=by_reach,
    )


def doubt_of_reach(design: Design) -> tuple[int, str] | None:
    """Columns of density of which detections near the stations tell nothing.

    Parameters
    ----------
    design
        The model and its data.

    Returns
    -------
    tuple
        How many, and the fact in words; None where all columns vary, and apart from each other,
        within reach of the stations.
    """
    found = _found_within_reach(design, within_reach(design))
    if not found:
        return None
    reach = reach_of(design.survey) / 1000
    listed = "; ".join(dependence.in_words() for dependence in found)
    columns = " and ".join(dependence.column for dependence in found)
    return len(found), (
        f"In the cells within {reach:.3g} km of the stations (three times the distance between "
        f"them), {listed} in the formula of density, though not elsewhere. The survey cannot tell "
        "their effects, so that density elsewhere rests on the prior, or by maximum likelihood on "
        f"nothing. Leave out {columns}, join levels of a factor, or cut such cells out of the mask."
    )


def _found_within_reach(design: Design, near: NDArray[np.bool_]) -> list[Dependence]:
    if "density" not in design.blocks:
        return []
    fixed = design.fixed("density")
    names = [name.removeprefix("density.") for name in names_of(design, "density")[fixed]]
    return dependences(design.density_columns[near][:, fixed], names)


def names_of(design: Design, parameter: str) -> tuple[str, ...]:
    """Names of the coefficients of a parameter, in order.

    Parameters
    ----------
    design
        The model and its data.
    parameter
        A name in ``design.blocks``.
    """
    return design.coefficient_names[design.blocks[parameter]]


def in_coordinates(design: Design, blocks: dict[str, BlockCoordinates]) -> Design:
    """The same model with columns of other coordinates in place of those of its formulas.

    Parameters
    ----------
    design
        The model and its data.
    blocks
        Coordinates of each parameter.

    Returns
    -------
    Design
        For the likelihood and its starting values; it predicts on no other mask.
    """
    columns = {name: blocks[name].columns(design.columns(name)) for name in blocks}
    return with_columns(design, columns)


def with_columns(design: Design, columns: dict[str, NDArray[np.float64]]) -> Design:
    """A model with other columns.

    Parameters
    ----------
    design
        The model and its data.
    columns
        Of each parameter, as ``design.columns`` gives them.
    """
    shapes = [columns[name] for name in (design.spec.scale_name, "z") if name in columns]
    return replace(
        design,
        density_columns=columns.get("density", design.density_columns),
        intensity=replace(design.intensity, columns=columns[design.spec.intensity_name]),
        shape=replace(design.shape, columns=np.hstack(shapes)),
        share=columns.get("share"),
        pmix=columns.get("pmix"),
        distance_columns=columns.get("distance", design.distance_columns),
    )


def _with_pooled(block: BlockCoordinates, n: int) -> BlockCoordinates:
    """The same with n terms of pooled sessions, whose coordinates are the coefficients."""
    if n == 0:
        return block
    return BlockCoordinates(
        mean=np.append(block.mean, np.zeros(n)),
        constant=None if block.constant is None else np.append(block.constant, np.zeros(n)),
        level=block.level,
        triangle=block_diag(block.triangle, np.eye(n)),
        to_coefficients=block_diag(block.to_coefficients, np.eye(n)),
        of_coefficients=block_diag(block.of_coefficients, np.eye(n)),
    )


def _of_block(reference: NDArray[np.float64], is_intercept: NDArray[np.bool_]) -> BlockCoordinates:
    n, n_terms = reference.shape
    mean = reference.mean(axis=0)
    constant = constant_direction(reference, is_intercept)
    level = None if constant is None else int(np.flatnonzero(np.abs(constant) > 0)[-1])
    slopes = np.array([j for j in range(n_terms) if j != level], dtype=np.int64)
    centred = reference - mean
    spread = np.linalg.norm(centred[:, slopes], axis=0) / np.sqrt(max(n - 1, 1))
    orthogonal, scaled = np.linalg.qr(centred[:, slopes] / spread / np.sqrt(max(n - 1, 1)))
    sign = np.where(np.diag(scaled) < 0, -1.0, 1.0)
    orthogonal, scaled = orthogonal * sign, scaled * sign[:, None]
    triangle, back = np.eye(n_terms), np.zeros((n_terms, n_terms))
    triangle[np.ix_(slopes, slopes)] = scaled * spread
    back[np.ix_(slopes, slopes)] = np.linalg.inv(scaled) / spread[:, None]
    to, of = back.copy(), triangle.copy()
    if constant is not None and level is not None:
        to -= np.outer(constant, mean[slopes] @ back[slopes])
        to[:, level] = constant
        of[slopes, level] = orthogonal.T @ centred[:, level] / np.sqrt(max(n - 1, 1))
        of[level] = mean
    return BlockCoordinates(mean, constant, level, triangle, to, of)
