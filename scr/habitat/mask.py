"""The habitat mask: the cells in which activity centres can lie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.habitat.barrier import read_barrier
from scr.io.vectors import VectorInput
from scr.shown import Shown, counted
from scr.units import M2_PER_KM2


@dataclass(frozen=True, eq=False)
class MaskExtent:
    """How a mask was cut out, so that a wider or finer one can be built for the checks.

    Parameters
    ----------
    buffer
        Distance kept round every trap, metres.
    habitat
        Polygon that clips the mask, or None.
    exclude
        Polygon cut out of the mask, or None.
    """

    buffer: float
    habitat: BaseGeometry | None = None
    exclude: BaseGeometry | None = None


@dataclass(frozen=True, eq=False, repr=False)
class HabitatMask:
    """Cells with their area and covariates.

    Parameters
    ----------
    xy
        Cell centres, metres, shape (n_cells, 2).
    cell_area
        Area of each cell, km2, more than 0, shape (n_cells,).
    crs
        Coordinate system, as in ``Traps``.
    spacing
        Side of a square cell, metres, where cells lie on a lattice along the axes; else None.
    covariates
        One row per cell, no missing values.
    session
        Session of each cell, shape (n_cells,), or None where all sessions share the mask.
    bounded
        True where the edge of the mask is a real limit (a coast).
    extent
        How the mask was built, or None where it was read.
    source
        Name of the file the mask came from, used in messages.
    constants
        Mean and standard deviation by which a covariate was standardised when it was sampled.
    unusable
        Columns of the file that miss values, with the message to show where a model names one.
    notes
        What a reader of the results should know about how the mask was made.
    barrier
        Area that no animal crosses: distances lead round it. None for straight distances.

    Raises
    ------
    MaskError
        If shapes disagree, a coordinate or area is not finite, a cell occurs twice, or a
        covariate is missing in some cells.
    """

    xy: NDArray[np.float64]
    cell_area: NDArray[np.float64]
    crs: str
    spacing: float | None = None
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame)
    session: NDArray[np.object_] | None = None
    bounded: bool = False
    extent: MaskExtent | None = None
    source: str = "mask"
    constants: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    barrier: BaseGeometry | None = None

    def __post_init__(self) -> None:
        xy = np.array(self.xy, dtype=np.float64).reshape(-1, 2)
        area = np.array(self.cell_area, dtype=np.float64)
        area = np.full(len(xy), float(area)) if area.ndim == 0 else area
        covariates = self.covariates
        if covariates.empty:
            covariates = pd.DataFrame(index=range(len(xy)))
        object.__setattr__(self, "covariates", covariates.reset_index(drop=True))
        for name, value in (("xy", xy), ("cell_area", area)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        if self.session is not None:
            labels = np.array([str(label) for label in self.session], dtype=object)
            object.__setattr__(self, "session", labels)
        self._check()

    def _check(self) -> None:
        n = len(self.xy)
        if n == 0:
            msg = (
                f"{self.source} has no cells. Check that traps, habitat and exclusions overlap "
                "and use one coordinate system, or widen the buffer."
            )
            raise MaskError(msg)
        lengths = {len(self.cell_area), len(self.covariates), n}
        if self.session is not None:
            lengths.add(len(self.session))
        if lengths != {n}:
            msg = (
                f"{self.source} has {n} cells but columns of lengths {sorted(lengths)}. "
                "Give one area, one session and one row of covariates per cell."
            )
            raise MaskError(msg)
        for label, bad in (
            ("coordinates that are not finite", ~np.isfinite(self.xy).all(axis=1)),
            ("an area that is not above 0", ~(np.isfinite(self.cell_area) & (self.cell_area > 0))),
        ):
            if bad.any():
                msg = (
                    f"{self.source}: {bad.sum()} of {n} cells have {label}, the first in row "
                    f"{int(np.flatnonzero(bad)[0]) + 1}. Give x and y in metres and area in km2."
                )
                raise MaskError(msg)
        missing = self.covariates.isna().sum()
        if missing.any():
            listed = ", ".join(f"{name} in {count}" for name, count in missing[missing > 0].items())
            msg = (
                f"{self.source}: covariates are missing in some of its {n} cells: {listed}. "
                "Cut these cells out, use a raster that covers them, or declare a fill value."
            )
            raise MaskError(msg)
        keys = pd.DataFrame({"x": self.xy[:, 0], "y": self.xy[:, 1]})
        keys["session"] = "" if self.session is None else self.session
        if keys.duplicated().any():
            rows = np.flatnonzero(keys.duplicated()) + 2
            listed = ", ".join(map(str, rows[:10]))
            msg = (
                f"{self.source}: {len(rows)} cells occur twice, again in row {listed}"
                f"{f' and {len(rows) - 10} more' if len(rows) > 10 else ''}. Remove the repeated "
                "rows, or name the session of each cell."
            )
            raise MaskError(msg, kind="cell twice", source=self.source, rows=rows)

    def __len__(self) -> int:
        return len(self.xy)

    def __repr__(self) -> str:
        return str(self._shown())

    def _repr_html_(self) -> str:
        return self._shown().html()

    def _shown(self) -> Shown:
        """The mask in a few lines."""
        side = "" if self.spacing is None else f" of {self.spacing:,.0f} m"
        heading = f"Habitat mask: {counted(len(self), 'cell')}{side}, {self.area:,.0f} km2"
        facts = {}
        if self.extent is not None:
            cut = [name for name in ("habitat", "exclude") if getattr(self.extent, name)]
            facts["buffer"] = f"{self.extent.buffer:,.0f} m" + "".join(f", {c} given" for c in cut)
        if self.session is not None:
            names, n_cells = np.unique(self.session.astype(str), return_counts=True)
            each = zip(names, n_cells, strict=True)
            facts["sessions"] = ", ".join(f"{name} ({n:,} cells)" for name, n in each)
        if self.barrier is not None:
            facts["barrier"] = f"{self.barrier.area / M2_PER_KM2:,.1f} km2, which paths lead round"
        for name, values in self.covariates.items():
            facts[f"covariate {name}"] = _range_of(values)
        return Shown(heading, facts | {"coordinates": self.crs})

    @property
    def area(self) -> float:
        """Area of all cells, km2."""
        return float(self.cell_area.sum())

    def cells_of(self, session: str) -> NDArray[np.int64]:
        """Indices of the cells that a session uses, in mask order.

        Parameters
        ----------
        session
            A session label.

        Raises
        ------
        MaskError
            If the mask names sessions and this is not one of them.
        """
        if self.session is None:
            return np.arange(len(self), dtype=np.int64)
        cells = np.flatnonzero(self.session == session).astype(np.int64)
        if len(cells) == 0:
            known = ", ".join(map(repr, dict.fromkeys(self.session)))
            msg = (
                f"{self.source} has no cells for session {session!r}; it has {known}. "
                "Add its cells, or leave the session column out to share one mask."
            )
            raise MaskError(msg)
        return cells

    def with_covariate(
        self, name: str, values: NDArray[np.float64] | NDArray[np.object_]
    ) -> "HabitatMask":
        """The same mask with one more covariate, or with one replaced.

        Parameters
        ----------
        name
            Column name, used in formulas.
        values
            One value per cell, numbers or text, shape (n_cells,).
        """
        return replace(
            self,
            covariates=self.covariates.assign(**{name: np.asarray(values)}),
            constants={key: value for key, value in self.constants.items() if key != name},
            unusable={key: value for key, value in self.unusable.items() if key != name},
        )

    def with_barrier(self, given: VectorInput) -> "HabitatMask":
        """The same mask with ground that no animal crosses: the sea, a lake, a fence.

        Distances from stations are then those of the shortest path that stays out of the barrier,
        in the likelihood, in simulation and in all that follows from a fit. Between places that
        see each other they are straight, as without it (``scr.habitat.barrier.path_lengths``).

        Parameters
        ----------
        given
            Vector file, GeoPandas table, or geometry in the mask's coordinate system: polygons and
            lines. It is added to a barrier that is there already. It has to reach as far as paths
            may lead round it, beyond the mask perhaps.

        Returns
        -------
        HabitatMask
            Without the cells whose centre lies in the barrier.

        Raises
        ------
        MaskError
            If it cannot be read, holds points, or no cell is left.

        Examples
        --------
        >>> mask = HabitatMask(np.array([[0.0, 0.0], [2000.0, 0.0]]), np.array(1.0), crs="local")
        >>> len(mask.with_barrier(shapely.box(1500, -500, 2500, 500)))
        1
        """
        barrier = read_barrier(given, crs=self.crs)
        if self.barrier is not None:
            barrier = shapely.union(self.barrier, barrier)
        shapely.prepare(barrier)
        keep = ~shapely.contains_xy(barrier, self.xy[:, 0], self.xy[:, 1])
        n_out = int((~keep).sum())
        out = f"{counted(n_out, 'cell')} whose centre lies in the barrier left out"
        return replace(
            self,
            xy=self.xy[keep],
            cell_area=self.cell_area[keep],
            covariates=self.covariates.loc[keep],
            session=None if self.session is None else self.session[keep],
            notes=(*self.notes, f"{self.source}: {out}.") if n_out else self.notes,
            barrier=barrier,
        )

    def require_covariates(self, names: Iterable[str]) -> None:
        """Raise where a model names a column that misses values.

        Parameters
        ----------
        names
            Columns that a formula uses; those that the mask does not have at all pass.

        Raises
        ------
        MaskError
            If one was left out when the mask was read because cells miss it.
        """
        for name in names:
            if name in self.unusable:
                raise MaskError(
                    self.unusable[name], kind="covariate not usable", source=self.source
                )


def _range_of(values: "pd.Series[float]") -> str:
    """Smallest, mean and largest number, or the levels of a class."""
    if values.dtype.kind in "fiu":
        return f"{values.min():.4g} to {values.max():.4g}, mean {values.mean():.4g}"
    levels = sorted(map(str, values.unique()))
    return ", ".join(levels[:5]) + (f" and {len(levels) - 5} more" if len(levels) > 5 else "")
