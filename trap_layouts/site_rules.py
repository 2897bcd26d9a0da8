"""Where a single station may stand, by the rules of the plan, with the reason where it may not."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import LayoutError
from scr.habitat.region import Region
from trap_layouts.layout import Layout
from trap_layouts.placement import allowed_area, read_network
from trap_layouts.plan import Plan

_TOGETHER = 1.0
_DIGITS = 1


@dataclass(frozen=True, eq=False)
class SiteRules:
    """Where stations may stand.

    Parameters
    ----------
    reserve
        They stand in it.
    area
        The reserve less what the plan excludes.
    least
        Least distance between stations, metres.
    network
        Trails and roads, or None.
    reach
        Furthest from these, metres.
    candidates
        The only places where a station may stand, or None where any will do.
    fixed
        Stations that stand already, or None.
    """

    reserve: Region
    area: BaseGeometry
    least: float = 0.0
    network: BaseGeometry | None = None
    reach: float = float("inf")
    candidates: Layout | None = None
    fixed: Layout | None = None

    def in_words(self) -> str:
        """The rules, for people."""
        parts = [f"Stations stand in {self.reserve.name}"]
        if self.least > _TOGETHER:
            parts.append(f"at least {self.least:,.0f} m apart")
        if self.network is not None and np.isfinite(self.reach):
            parts.append(f"at most {self.reach:,.0f} m from a trail or road")
        if self.candidates is not None:
            parts.append(f"at one of {len(self.candidates):,} places")
        return ", ".join(parts) + "."


def rules_of(plan: Plan) -> SiteRules:
    """The rules of a plan's [stations].

    Parameters
    ----------
    plan
        The plan of the survey.

    Raises
    ------
    LayoutError
        If a file it names cannot be used, or no place is left where a station may stand.
    """
    given = plan.stations
    network = given.get("network")
    return SiteRules(
        reserve=plan.reserve,
        area=allowed_area(plan.reserve, exclude=plan.exclude),
        least=float(given.get("least", 0.0)),
        network=None if network is None else read_network(plan.folder / network, crs=plan.crs),
        reach=float(given.get("reach", np.inf)),
        candidates=plan.places("candidates"),
        fixed=plan.places("fixed"),
    )


def settled(
    rules: SiteRules, xy: NDArray[np.float64], others: Layout | None
) -> NDArray[np.float64]:
    """Where a station set down at a place comes to stand: there, or at the nearest candidate.

    Parameters
    ----------
    rules
        Where stations may stand.
    xy
        Where it was set down, metres, shape (2,).
    others
        The other stations.

    Returns
    -------
    NDArray
        Metres, to a tenth, as files of layouts hold them, shape (2,).

    Raises
    ------
    LayoutError
        If it may not stand there: the reason.
    """
    place = np.round(np.asarray(xy, dtype=np.float64), _DIGITS)
    if rules.candidates is not None:
        away = np.hypot(*(rules.candidates.xy - place).T)
        place = np.round(rules.candidates.xy[int(away.argmin())], _DIGITS)
    point = shapely.Point(place)
    if not shapely.intersects(rules.area, point):
        outside = shapely.distance(rules.reserve.geometry, point)
        if outside > 0:
            msg = f"A station cannot stand {outside:,.0f} m outside {rules.reserve.name}."
        else:
            msg = "A station cannot stand there: the plan excludes that ground."
        raise LayoutError(msg)
    if rules.network is not None:
        walk = float(shapely.distance(rules.network, point))
        if walk > rules.reach:
            msg = (
                f"A station cannot stand {walk:,.0f} m from the nearest trail or road: the plan "
                f"allows {rules.reach:,.0f} m."
            )
            raise LayoutError(msg)
    if others is None:
        return place
    apart = np.hypot(*(others.xy - place).T)
    nearest = int(apart.argmin())
    if apart[nearest] < max(rules.least * (1 - 1e-9), _TOGETHER):
        name = others.traps.names[nearest]
        if apart[nearest] < _TOGETHER:
            msg = f"Station {name} stands there already."
        else:
            msg = (
                f"A station cannot stand {apart[nearest]:,.0f} m from station {name}: the plan "
                f"keeps stations {rules.least:,.0f} m apart."
            )
        raise LayoutError(msg)
    return place


def allowed_places(rules: SiteRules, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places at which a station may stand, whatever else stands where.

    Parameters
    ----------
    rules
        Where stations may stand.
    xy
        Places, metres, shape (n, 2).
    """
    keep = shapely.intersects_xy(rules.area, xy[:, 0], xy[:, 1])
    if rules.network is not None:
        keep &= shapely.distance(rules.network, shapely.points(xy)) <= rules.reach
    return np.asarray(np.round(xy[keep], _DIGITS))
