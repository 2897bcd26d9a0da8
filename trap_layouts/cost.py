"""What a layout costs: stations, cameras, kilometres, visits and batteries."""

from dataclasses import dataclass, fields

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from scr.errors import LayoutError
from trap_layouts.layout import Layout

_M_PER_KM = 1000.0


@dataclass(frozen=True)
class Prices:
    """Prices, in any one currency, and how the work is done.

    Parameters
    ----------
    station
        Setting up and taking down one station.
    camera
        Buying, or a season's wear of, one camera.
    km
        One kilometre travelled.
    battery
        One set of batteries for one camera.
    visits
        Rounds over all stations, setting up and taking down included, at least 2.
    battery_days
        Days that a set of batteries lasts.
    detour
        Kilometres travelled for each in a straight line, at least 1.

    Raises
    ------
    LayoutError
        If a price is negative, or a number below its least value.

    Examples
    --------
    >>> Prices(station=50.0, camera=120.0).camera
    120.0
    """

    station: float = 0.0
    camera: float = 0.0
    km: float = 0.0
    battery: float = 0.0
    visits: int = 2
    battery_days: float = 60.0
    detour: float = 1.3

    def __post_init__(self) -> None:
        bad = [
            f"{field.name} = {getattr(self, field.name):g}"
            for field in fields(self)
            if not np.isfinite(getattr(self, field.name)) or getattr(self, field.name) < 0
        ]
        if bad or self.visits < 2 or self.battery_days <= 0 or self.detour < 1:
            listed = ", ".join(bad) or (
                f"visits = {self.visits}, battery_days = {self.battery_days:g}, "
                f"detour = {self.detour:g}"
            )
            msg = (
                f"Prices out of range: {listed}. Prices must not be negative, visits be 2 or more, "
                "battery_days above 0 and detour at least 1."
            )
            raise LayoutError(msg)


@dataclass(frozen=True)
class Cost:
    """What one survey of a layout takes.

    Parameters
    ----------
    stations, cameras
        Numbers.
    route_km
        Length of one round, on the ground.
    total_km
        Of all rounds.
    batteries
        Sets of batteries.
    total
        In the currency of the prices.
    """

    stations: int
    cameras: int
    route_km: float
    total_km: float
    batteries: int
    total: float


def cost_of(layout: Layout, prices: Prices, *, n_days: float) -> Cost:
    """What a layout costs.

    Parameters
    ----------
    layout
        The stations.
    prices
        Prices and rounds.
    n_days
        Length of the survey.
    """
    route = route_km(layout.xy) * prices.detour
    sets = int(np.ceil(n_days / prices.battery_days - 1e-9)) * layout.n_cameras
    total = (
        prices.station * len(layout)
        + prices.camera * layout.n_cameras
        + prices.km * route * prices.visits
        + prices.battery * sets
    )
    return Cost(len(layout), layout.n_cameras, route, route * prices.visits, sets, total)


def route_km(xy: NDArray[np.float64]) -> float:
    """Length of a short closed round through all stations, straight lines, km.

    The nearest station next, then improved by reversing stretches (2-opt) until none shortens it;
    usually within a twentieth of the shortest.

    Parameters
    ----------
    xy
        Metres, shape (n_stations, 2).

    References
    ----------
    Croes (1958) Operations Research 6:791-812.

    Examples
    --------
    >>> route_km(np.array([[0.0, 0.0], [3000.0, 3000.0], [3000.0, 0.0], [0.0, 3000.0]]))
    12.0
    """
    if len(xy) < 2:
        return 0.0
    return float(_tour_length(cdist(xy, xy))) / _M_PER_KM


@njit(cache=True)
def _tour_length(distance: NDArray[np.float64]) -> float:
    n = len(distance)
    tour = np.zeros(n, dtype=np.int64)
    free = np.ones(n, dtype=np.bool_)
    free[0] = False
    for i in range(1, n):
        best = -1
        for j in range(n):
            if free[j] and (best < 0 or distance[tour[i - 1], j] < distance[tour[i - 1], best]):
                best = j
        tour[i] = best
        free[best] = False
    improved = True
    while improved:
        improved = False
        for i in range(n - 1):
            for j in range(i + 2, n):
                a, b, c, d = tour[i], tour[i + 1], tour[j], tour[(j + 1) % n]
                if a == d:
                    continue
                gain = distance[a, b] + distance[c, d] - distance[a, c] - distance[b, d]
                if gain > 1e-6:
                    tour[i + 1 : j + 1] = tour[i + 1 : j + 1][::-1].copy()
                    improved = True
    length = 0.0
    for i in range(n):
        length += distance[tour[i], tour[(i + 1) % n]]
    return length
