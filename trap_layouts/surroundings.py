"""What figures of layouts show round the stations: ground that is excluded, trails, layers."""

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from scr.io.map_layers import SHAPES, MapLayers, read_map_layers
from scr.io.relief import Bounds
from trap_layouts.placement import read_network
from trap_layouts.plan import Plan


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What figures of layouts show round the stations.

    Parameters
    ----------
    exclude
        Polygons where no station may stand.
    network
        Trails and roads, or None.
    layers
        Relief, water, rivers, roads, borders and towns, or None.
    """

    exclude: tuple[BaseGeometry, ...] = ()
    network: BaseGeometry | None = None
    layers: MapLayers | None = None


def surroundings_of(plan: Plan, around: Bounds) -> Surroundings:
    """What a plan says of the surroundings.

    Parameters
    ----------
    plan
        The plan of the survey.
    around
        West, south, east and north of what figures may show, metres.

    Raises
    ------
    LayoutError
        If the network cannot be used.
    MaskError
        If a layer cannot.
    """
    name = plan.stations.get("network")
    network = None if name is None else read_network(plan.folder / name, crs=plan.crs)
    return Surroundings(plan.exclude, network, layers_of(plan, around))


def layers_of(plan: Plan, around: Bounds) -> MapLayers | None:
    """Layers that a plan's [maps] names; None where it names none.

    Parameters
    ----------
    plan, around
        As in ``surroundings_of``.

    Raises
    ------
    MaskError
        If a layer cannot be used.
    """
    given = plan.tables.get("maps", {})
    files = {kind: plan.folder / given[kind] for kind in SHAPES if kind in given}
    if not files and "relief" not in given:
        return None
    return read_map_layers(
        files,
        crs=plan.crs,
        around=around,
        relief=plan.folder / given["relief"] if "relief" in given else None,
        label=given.get("label", "name"),
    )
