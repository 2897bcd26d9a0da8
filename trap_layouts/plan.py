"""The plan of a survey, from a TOML file: place, model, parameters, work and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

import scr
from scr.errors import LayoutError
from scr.fit.result import Fit
from scr.habitat.build import build_mask
from scr.habitat.checks import warn_far_layer
from scr.habitat.covariates import sample_raster
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region, read_reserve
from scr.io.crs import planar_crs
from scr.io.toml_text import read_toml
from scr.io.vectors import read_polygon
from scr.model.priors import Normal, Prior
from scr.model.spec import ModelSpec
from scr.survey.traps import Traps
from trap_layouts.assumptions import (
    Assumptions,
    Equipment,
    PlannedDetector,
    assume,
    check_planned,
    middle_of,
)
from trap_layouts.cost import Prices
from trap_layouts.files import read_layout
from trap_layouts.layout import Layout, check_near
from trap_layouts.monitoring import Monitoring
from trap_layouts.patterns import square_grid
from trap_layouts.placement import allowed_area, warn_lost
from trap_layouts.plan_keys import check_keys, is_number, is_prior, is_whole
from trap_layouts.power import Scenario

_MANY_DRAWS = 1000
_OF_SURVEY = ("n_occasions", "occasion_days", "unknown_sex")


@dataclass(frozen=True, eq=False)
class Plan:
    """What layouts of one place are judged by.

    Parameters
    ----------
    title
        Of figures.
    reserve
        Where stations may stand and N is estimated.
    exclude
        Polygons where no station may stand.
    spec
        The model.
    tables
        The file's tables, as read.
    folder
        Folder that names of files are relative to.
    """

    title: str
    reserve: Region
    exclude: tuple[BaseGeometry, ...]
    spec: ModelSpec
    tables: Mapping[str, Any]
    folder: Path

    @property
    def crs(self) -> str:
        """Coordinate system of everything."""
        return self.reserve.crs

    @property
    def detector(self) -> PlannedDetector:
        """What a trap records, or which search it is.

        Raises
        ------
        LayoutError
            If the file names another.
        """
        name: PlannedDetector = self.tables.get("survey", {}).get("detector", "proximity")
        check_planned(name)
        return name

    @property
    def prices(self) -> Prices | None:
        """Prices, where the file has them."""
        return Prices(**self.tables["prices"]) if "prices" in self.tables else None

    @property
    def stations(self) -> Mapping[str, Any]:
        """What the file says of where stations may stand."""
        given: Mapping[str, Any] = self.tables.get("stations", {})
        return given

    @property
    def change(self) -> Monitoring | float | None:
        """What surveys are to detect, where the file names it.

        Between two surveys a relative change of N; over several years the years with it.

        Raises
        ------
        LayoutError
            If there are years and no change, or numbers are out of their range.
        """
        study = self.tables.get("study", {})
        if "years" not in study:
            given: float | None = study.get("change")
            return given
        if "change" not in study:
            msg = (
                "There are years of surveys and no change to detect. Add change to [study], from "
                "the first survey to the last: change = -0.2 is a loss of 20 %."
            )
            raise LayoutError(msg)
        return Monitoring(tuple(int(year) for year in study["years"]), study["change"])

    def studying(self, **values: Any) -> "Plan":
        """The same plan with other values in [study].

        Parameters
        ----------
        values
            ``change``, ``years`` or ``stations``; None leaves what the file says.
        """
        given = {key: value for key, value in values.items() if value is not None}
        study = {**self.tables.get("study", {}), **given}
        return replace(self, tables={**self.tables, "study": study})

    @property
    def cameras(self) -> Sequence[int]:
        """Numbers of cameras that every station is to have in turn; none: those of the files."""
        given: Sequence[int] = self.tables.get("study", {}).get("cameras", ())
        return given

    def places(self, key: str) -> Layout | None:
        """Stations of a file that [stations] names, or None where it names none.

        Parameters
        ----------
        key
            ``"candidates"`` or ``"fixed"``.

        Raises
        ------
        LayoutError
            If the file cannot be read, or cannot be meant for the reserve.
        """
        if key not in self.stations:
            return None
        path = self.folder / self.stations[key]
        found = read_layout(path, to_crs=self.crs, detector=self.detector)
        check_near(found, self.reserve)
        return found

    def values(self) -> dict[str, float]:
        """Parameters as single numbers, on their own scale: where there are priors, the median.

        Empty where they are those of a fit.
        """
        given = self.tables.get("parameters", {})
        if "fit" in given:
            return {}
        return {key: middle_of(key, _value(key, value)) for key, value in given.items()}

    def mask_round(self, layouts: Sequence[Layout]) -> HabitatMask:
        """One mask for all layouts, so that they are judged by the same animals.

        Parameters
        ----------
        layouts
            Layouts, or the candidates. Where the file has ``around = "reserve"`` in [mask] they do
            not matter: the mask is then round all ground where a station may stand, and layouts
            that were judged at different times are comparable.
        """
        given = self.tables.get("mask", {})
        missing = [key for key in ("buffer", "spacing") if key not in given]
        if missing:
            msg = (
                f"The plan's [mask] needs {' and '.join(missing)}, in metres: the mask reaches "
                "buffer (four sigma or more) beyond every station, in cells of spacing."
            )
            raise LayoutError(msg)
        if given.get("around") == "reserve":
            xy = _ground_of(allowed_area(self.reserve, exclude=self.exclude), given)
        else:
            xy = np.unique(np.concatenate([layout.traps.ground for layout in layouts]), axis=0)
        names = np.array([str(i) for i in range(len(xy))], dtype=object)
        everything = Traps(names, xy, self.crs, source="the layouts")
        files = {
            key: [self.folder / name for name in given[key]]
            for key in ("exclude", "habitat")
            if given.get(key)
        }
        mask = build_mask(everything, buffer=given["buffer"], spacing=given["spacing"], **files)
        for name, entry in self.tables.get("covariates", {}).items():
            how = {key: value for key, value in entry.items() if key != "raster"}
            mask = sample_raster(mask, self.folder / entry["raster"], name=name, **how)
        return mask

    def assume(
        self, mask: HabitatMask, *, n_draws: int = 50, changes: Mapping[str, float] | None = None
    ) -> Assumptions:
        """Assumptions of the plan.

        Parameters
        ----------
        mask
            From ``mask_round``.
        n_draws
            Sets of coefficients, where parameters have priors or are from a fit.
        changes
            Parameters, or entries of [survey], that replace those of the file.

        Raises
        ------
        LayoutError
            If a parameter is out of its range, or given beside the fit that tells all of them.
        """
        changes = dict(changes or {})
        survey = dict(self.tables.get("survey", {}))
        survey |= {key: changes.pop(key) for key in _OF_SURVEY if key in changes}
        n_occasions = survey.get("n_occasions", 1)
        if not is_whole(n_occasions):
            msg = f"n_occasions = {n_occasions!r}, but a whole number of occasions is needed."
            raise LayoutError(msg)
        survey["n_occasions"] = int(n_occasions)
        given = dict(self.tables.get("parameters", {}))
        parameters: Fit | Mapping[str, float | Prior]
        if "fit" in given:
            _check_alone(given, changes)
            fit: Fit = scr.load_fit(self.folder / given["fit"])
            mask, spec, parameters = fit.mask, fit.spec, fit
        else:
            spec, parameters = self.spec, {key: _value(key, v) for key, v in given.items()}
            parameters |= changes
        return assume(
            mask,
            spec,
            parameters,
            equipment=Equipment(**self.tables.get("equipment", {})),
            n_draws=n_draws,
            **survey,
        )

    def scenarios(self, layouts: Sequence[Layout]) -> list[Scenario]:
        """Every layout under every combination of [study.grid].

        Where parameters have priors or are from a fit, at the median of each coefficient. With
        ``stations = "other"`` in [study] the layouts stand in turn, year by year, as one.

        Parameters
        ----------
        layouts
            The layouts.

        Raises
        ------
        LayoutError
            If layouts are to stand in turn, and there is one, or there are no years.
        """
        mask = self.mask_round(layouts)
        grid: Mapping[str, Sequence[float]] = self.tables.get("study", {}).get("grid", {})
        change = self.change
        monitoring = change if isinstance(change, Monitoring) else None
        found = []
        for together in self._in_turn(layouts, monitoring):
            label = ", then ".join(layout.name for layout in together)
            for values in product(*grid.values()):
                changes = dict(zip(grid, values, strict=True))
                name = ", ".join([label, *(f"{k} = {v:g}" for k, v in changes.items())])
                assumptions = self.assume(mask, n_draws=_MANY_DRAWS, changes=changes).centre()
                found.append(
                    Scenario(
                        name,
                        together[0],
                        assumptions,
                        self.reserve,
                        monitoring=monitoring,
                        others=together[1:],
                    )
                )
        return found

    def _in_turn(
        self, layouts: Sequence[Layout], monitoring: Monitoring | None
    ) -> list[tuple[Layout, ...]]:
        """Layouts that stand in turn, for each scenario."""
        if self.tables.get("study", {}).get("stations", "same") == "same":
            return [(layout,) for layout in layouts]
        if monitoring is None or len(layouts) < 2:
            lacking = "there are no years" if monitoring is None else "there is one layout"
            msg = (
                f'stations = "other" lets layouts stand in turn, year by year, and {lacking}. '
                "Give years in [study], and two layouts or more."
            )
            raise LayoutError(msg)
        return [tuple(layouts)]


def read_plan(path: str | Path) -> Plan:
    """Read the plan of a survey.

    Parameters
    ----------
    path
        A TOML file with ``reserve`` (a polygon file), ``crs``, ``exclude``, and the tables
        [mask], [covariates], [model], [parameters], [survey], [equipment], [prices], [stations],
        [maps] and [study.grid]. Names of files are relative to its folder.

    Raises
    ------
    LayoutError
        If the file is absent or no TOML, lacks the reserve, or has keys that are not known or
        values of the wrong kind.

    Warns
    -----
    MaskWarning
        If what is excluded lies more than 100 km from the reserve, or beyond the mask's buffer.

    Examples
    --------
    >>> read_plan("nowhere.toml")
    Traceback (most recent call last):
    scr.errors.LayoutError: nowhere.toml does not exist, or is no file. ...
    """
    path = Path(path)
    if not path.is_file():
        msg = f"{path} does not exist, or is no file. Name the plan of the survey, a TOML file."
        raise LayoutError(msg)
    try:
        tables = read_toml(path)
    except ValueError as error:
        msg = f"{path.name} is no valid TOML: {error}. Correct that line."
        raise LayoutError(msg) from error
    check_keys(tables, path.name)
    if "reserve" not in tables:
        msg = f'{path.name} names no reserve. Add: reserve = "reserve.gpkg".'
        raise LayoutError(msg)
    folder = path.parent
    crs = planar_crs(tables["crs"], source=path.name) if "crs" in tables else None
    reserve = read_reserve(folder / tables["reserve"], crs=crs, name=tables.get("reserve_name"))
    exclude = tuple(
        read_polygon(folder / name, crs=reserve.crs) for name in tables.get("exclude", [])
    )
    for name, polygon in zip(tables.get("exclude", []), exclude, strict=True):
        warn_far_layer(polygon, reserve.geometry, source=f"exclude = {name!r}", of=reserve.name)
        buffer = tables.get("mask", {}).get("buffer", np.inf)
        warn_lost(polygon, reserve, source=f"exclude = {name!r}", buffer=buffer)
    return Plan(
        title=tables.get("title", path.stem),
        reserve=reserve,
        exclude=exclude,
        spec=ModelSpec(**tables.get("model", {})),
        tables=tables,
        folder=folder,
    )


def _ground_of(area: BaseGeometry, given: Mapping[str, Any]) -> NDArray[np.float64]:
    """Places of which none in an area is far: its edge, and a grid within."""
    edge = shapely.simplify(shapely.boundary(area), given["spacing"] / 10)
    ring = shapely.get_coordinates(shapely.segmentize(edge, given["spacing"]))
    return np.unique(np.concatenate([ring, square_grid(area, spacing=given["buffer"])]), axis=0)


def _check_alone(given: Mapping[str, Any], changes: Mapping[str, float]) -> None:
    beside = [key for key in (*given, *changes) if key != "fit"]
    if beside:
        msg = (
            f"The plan has the parameters of a fit, and {', '.join(beside)} beside them. "
            "Take out fit and give every parameter, or take out the others."
        )
        raise LayoutError(msg)


def _value(key: str, given: Any) -> float | Prior:
    if is_prior(given):
        mean, sd = given["normal"]
        return Normal(float(mean), float(sd))
    if is_number(given):
        return float(given)
    msg = (
        f"parameters.{key} = {given!r} is neither a number nor a prior. Write a number, or "
        "{ normal = [mean, sd] } on the link scale."
    )
    raise LayoutError(msg)
