"""Metres and square kilometres inside; animals per 100 km2 at the edge."""

M2_PER_KM2 = 1e6
"""Square metres in one square kilometre."""

M_PER_KM = 1e3
"""Metres in one kilometre."""

KM2_PER_REPORTED_AREA = 100.0
"""Density is reported as animals per this many square kilometres."""

REPORTED_DENSITY = "animals per 100 km2"
"""The unit of every density that leaves the package."""


def per_100_km2(density_per_km2: float) -> float:
    """Density in animals per 100 km2.

    Parameters
    ----------
    density_per_km2
        Animals per km2.

    Examples
    --------
    >>> per_100_km2(0.01)
    1.0
    """
    return density_per_km2 * KM2_PER_REPORTED_AREA
