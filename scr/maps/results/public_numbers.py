"""Numbers of animals by region as they may be shared: of the whole, and of parts that are large."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.public import BLOCK_IN_SIGMA, rounded
from scr.model.sampled_ground import coarse_share
from scr.posterior.detectability import widest_scale
from scr.posterior.footprint import footprint
from scr.posterior.zones import Regions

LEAST_ANIMALS = 5
"""Animals that must live in each part of a region for their number to be shared."""

_SLIVER = 0.01
"""Share of the least area below which what two outlines leave between them is passed over."""

_ALMOST_ALL = 0.999
_REALISED = "realised N"
_OF_MASK = ("share_extrapolated", "share_not_covered")
_OF_SAMPLE = ("share_unsampled", "share_unsampled_jointly")
_ESTIMATES = ("median", "mean", "sd", "lower", "upper")
_M2_PER_KM2 = 1e6


@dataclass(frozen=True, eq=False)
class SharedNumbers:
    """What may be shared of a table of abundance.

    Parameters
    ----------
    table
        The rows that may be shared, without what tells of single stations.
    withheld
        What is left out and what to do about it, for the project; empty where nothing is.
    """

    table: pd.DataFrame
    withheld: tuple[str, ...]


def numbers_to_share(fit: Fit, table: pd.DataFrame, region: Regions | None) -> SharedNumbers:
    """What may be shared of the numbers of a fit.

    Parameters
    ----------
    fit
        A fitted model.
    table
        What ``abundance`` returned for it.
    region
        The regions that it is of.
    """
    grounds = grounds_of(region, fit.mask.crs)
    return shared_numbers(table, grounds, sigma=widest_scale(fit), bounded=fit.mask.bounded)


def grounds_of(region: Regions | None, crs: str) -> dict[str, BaseGeometry]:
    """Outlines of the regions given, none for the mask, whose outline follows the stations.

    Parameters
    ----------
    region
        The regions.
    crs
        Coordinate system of the outlines.
    """
    if region is None:
        return {}
    if isinstance(region, Region | HabitatMask):
        name = region.name if isinstance(region, Region) else region.source
        region = {name: region}
    return {
        name: footprint(item) if isinstance(item, HabitatMask) else item.in_crs(crs).geometry
        for name, item in region.items()
    }


def shared_numbers(
    table: pd.DataFrame, grounds: Mapping[str, BaseGeometry], *, sigma: float, bounded: bool
) -> SharedNumbers:
    """The rows of a table of abundance that tell of no single station or animal.

    Realised N and animals identified follow from where animals were caught: by zones of a
    kilometre they are a map of the stations that caught them. They are shared for the region that
    holds all others, if a circle of radius sigma fits into it; for its parts only if each of them,
    and each piece that their outlines cut one another into, is as large as a square of four sigma,
    holds such a circle and is home to five animals. What can be got by taking one number from
    another is one of these pieces. Expected N is what such habitat holds, and stays; but the mask
    ends at one distance from the stations, so that parts it does not reach whole are left out
    where they are not large.

    Parameters
    ----------
    table
        What ``abundance`` returned.
    grounds
        Outline of each region by its name, metres; none for the whole mask.
    sigma
        The largest sigma, metres.
    bounded
        Whether the edge of the mask is a real limit that may be shown.
    """
    if not grounds:  # the whole mask, whose area follows from the outer stations
        return SharedNumbers(_without(table, set(table["region"]), set(table["region"]), set()), ())
    whole = _whole(grounds)
    parts = [name for name in grounds if name != whole]
    withheld: list[str] = []
    realised = {whole} if whole is not None and _has_room(grounds[whole], sigma) else set()
    if whole is not None and not realised:
        withheld.append(_too_small(whole, grounds[whole]))
    living = table[table["estimand"] == _REALISED].groupby("region")["median"].min()
    doubtful = _not_large(parts, grounds, living, sigma)
    if parts and not doubtful:
        doubtful = _pieces_not_large(grounds, whole, sigma)
    if doubtful:
        withheld.append(_refusal(doubtful, parts, grounds, sigma))
    else:
        realised |= set(parts)
    reached = _reached(table) if not bounded else set(grounds)
    shown = set(grounds)
    if beyond := [name for name in parts if name not in reached]:
        shown -= set(beyond if not doubtful else parts)
        withheld.append(_beyond(beyond, all_parts=bool(doubtful)))
    return SharedNumbers(_without(table, shown, realised, reached), tuple(withheld))


def _whole(grounds: Mapping[str, BaseGeometry]) -> str | None:
    """The region that holds all others."""
    for name, ground in grounds.items():
        others = [other for key, other in grounds.items() if key != name]
        if all(
            shapely.intersection(ground, other).area >= _ALMOST_ALL * other.area for other in others
        ):
            return name
    return None


def _least_area(sigma: float) -> float:
    return (BLOCK_IN_SIGMA * sigma) ** 2


def _is_large(ground: BaseGeometry, sigma: float) -> bool:
    return bool(ground.area >= _least_area(sigma) and _has_room(ground, sigma))


def _has_room(ground: BaseGeometry, sigma: float) -> bool:
    """Whether a circle of radius sigma fits in."""
    return not ground.buffer(-sigma).is_empty


def _not_large(
    parts: Sequence[str],
    grounds: Mapping[str, BaseGeometry],
    living: "pd.Series[float]",
    sigma: float,
) -> list[str]:
    return [
        name
        for name in parts
        if not _is_large(grounds[name], sigma) or living.get(name, 0.0) < LEAST_ANIMALS
    ]


def _pieces_not_large(
    grounds: Mapping[str, BaseGeometry], whole: str | None, sigma: float
) -> list[str]:
    """Regions with an outline that cuts off a piece too small, from one another or the whole."""
    least = _least_area(sigma)
    pieces: list[tuple[BaseGeometry, str]] = []
    if whole is not None:
        pieces.append((grounds[whole], whole))
    for name, ground in grounds.items():
        if name == whole:
            continue
        rest = ground
        cut: list[tuple[BaseGeometry, str]] = []
        for piece, owner in pieces:
            rest = shapely.difference(rest, piece)
            cut += [(shapely.intersection(piece, ground), name), (piece - ground, owner)]
        pieces = [(p, owner) for p, owner in [*cut, (rest, name)] if p.area > _SLIVER * least]
        # Only the last region can show that what it leaves of the whole is too small.
        early = [owner for p, owner in pieces if not _is_large(p, sigma) and owner != whole]
        if early:
            return sorted(set(early))
    return sorted({owner for p, owner in pieces if not _is_large(p, sigma)})


def _reached(table: pd.DataFrame) -> set[str]:
    beyond = table[["share_extrapolated", "share_not_covered"]].fillna(0.0).to_numpy().max(axis=1)
    return set(table["region"]) - set(table.loc[beyond > 0, "region"])


def _without(
    table: pd.DataFrame, shown: set[str], realised: set[str], reached: set[str]
) -> pd.DataFrame:
    of_realised = table["estimand"] == _REALISED
    kept = table[table["region"].isin(shown) & (~of_realised | table["region"].isin(realised))]
    kept = kept.reset_index(drop=True)
    told = kept["region"].isin(realised)
    shared = kept.assign(**{name: rounded(kept[name]) for name in _ESTIMATES})
    shared["n_detected"] = kept["n_detected"].where(told)
    # Whole animals: the mean tells of animals that may have lived in a sliver between outlines.
    whole = kept["estimand"] == _REALISED
    shared.loc[whole, ["mean", "sd"]] = np.nan
    shared.loc[whole, ["median", "lower"]] = np.floor(kept.loc[whole, ["median", "lower"]])
    shared.loc[whole, "upper"] = np.ceil(kept.loc[whole, "upper"])
    # The area counted ends at one distance from the outer stations.
    partly = ~kept["region"].isin(reached)
    shared["area_km2"] = kept["area_km2"].where(~partly, rounded(kept["area_km2"], digits=1))
    for name in _OF_MASK:
        shared[name] = kept[name].map(_share_in_words)
    for name in _OF_SAMPLE:
        if name in kept:
            shared[name] = kept[name].map(coarse_share).where(told, "")
    return shared


def _share_in_words(share: float) -> str:
    return "none" if not share > 0 else "some"


def _km2(ground: BaseGeometry) -> str:
    return f"{ground.area / _M2_PER_KM2:,.0f} km2"


def _too_small(name: str, ground: BaseGeometry) -> str:
    return (
        f"Realised N of {name!r} ({_km2(ground)}) is not in public/: a circle of radius sigma does "
        "not fit into it, so that its numbers would tell of single animals. Name a larger region."
    )


def _refusal(
    doubtful: Sequence[str], parts: Sequence[str], grounds: Mapping[str, BaseGeometry], sigma: float
) -> str:
    merged = "; ".join(_merges(doubtful, parts, grounds))
    return (
        "Realised N and animals identified by zone are not in public/: every zone, and every piece "
        "that their outlines cut one another into, needs "
        f"{_least_area(sigma) / _M2_PER_KM2:,.0f} km2 (a square of four sigma), room for a circle "
        f"of radius sigma and {LEAST_ANIMALS} animals, or else they tell where stations and "
        f"animals are. Too small or with too few: {', '.join(map(repr, doubtful[:10]))}"
        f"{' ...' if len(doubtful) > 10 else ''}. {merged}"
    ).strip()


def _merges(
    doubtful: Sequence[str], parts: Sequence[str], grounds: Mapping[str, BaseGeometry]
) -> Iterator[str]:
    for name in doubtful[:3]:
        others = [other for other in parts if other != name]
        if not others:
            yield f"Leave {name!r} out"
            continue
        shared = [
            shapely.intersection(grounds[name].boundary, grounds[other].boundary).length
            for other in others
        ]
        apart = [shapely.distance(grounds[name], grounds[other]) for other in others]
        best = others[int(np.lexsort((apart, -np.array(shared)))[0])]
        yield f"Merge {name!r} with {best!r}"


def _beyond(beyond: Sequence[str], *, all_parts: bool) -> str:
    named = f"{', '.join(map(repr, beyond[:10]))}{' ...' if len(beyond) > 10 else ''}"
    what = "No zone is" if all_parts else "These are not"
    return (
        f"The mask does not reach all of {named}, and where it ends tells where the outer stations "
        f"stand. {what} in public/. Widen the mask, or leave them out."
    )
