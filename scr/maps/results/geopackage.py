"""Zones, stations and animals as layers of a GeoPackage."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from scr.fit.result import Fit
from scr.io.crs import LOCAL
from scr.io.whole_files import write_bytes
from scr.posterior.activity_centres import ActivityCentres, animals_detected

_VERSION = "1.3"  # programs of some years ago read it without a warning
_NUMBERS = ("median", "mean", "sd", "lower", "upper")


def write_geopackage(
    layers: Mapping[str, gpd.GeoDataFrame], path: str | Path, *, banner: str | None = None
) -> Path:
    """Layers as one GeoPackage, written whole or not at all.

    Parameters
    ----------
    layers
        Tables with a geometry by name of the layer.
    path
        File to write.
    banner
        Text repeated in a last column ``note``, such as ``"SIMULATED"``.
    """
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        draft = Path(folder, "layers.gpkg")
        # A layer without a place on earth is meant to have no coordinate system.
        warnings.filterwarnings("ignore", message=".*crs.*was not provided")
        for name, table in layers.items():
            stamped = table if banner is None else table.assign(note=banner)
            stamped.to_file(
                draft,
                layer=name,
                driver="GPKG",
                engine="pyogrio",
                dataset_options={"VERSION": _VERSION} if name == next(iter(layers)) else None,
            )
        return write_bytes(path, draft.read_bytes())


def zone_layer(
    table: pd.DataFrame, grounds: Mapping[str, shapely.Geometry], crs: str
) -> gpd.GeoDataFrame:
    """One feature per zone and session, with the animals living in it.

    Parameters
    ----------
    table
        What ``abundance`` returned for the zones.
    grounds
        Outline of each zone by name.
    crs
        Coordinate system of the outlines.

    Returns
    -------
    GeoDataFrame
        Columns session, zone, ``expected_median`` and so on, ``realised_median`` and so on, and
        the facts of the zone.
    """
    facts = [c for c in table.columns if c not in {"estimand", *_NUMBERS}]
    rows = table.loc[table["estimand"] == "expected N", facts].reset_index(drop=True)
    zone = ["session", "region"]
    for estimand in ("expected", "realised"):
        numbers = table.loc[table["estimand"] == f"{estimand} N"].set_index(zone)[list(_NUMBERS)]
        rows = rows.join(numbers.add_prefix(f"{estimand}_"), on=zone)
    rows = rows[rows["region"].isin(list(grounds))].rename(columns={"region": "zone"})
    outlines = [_multi(grounds[name]) for name in rows["zone"]]
    return _layer(rows, outlines, crs)


def trap_layer(fit: Fit) -> gpd.GeoDataFrame:
    """One point per station and session, or its outline, with its effort and what it detected.

    Parameters
    ----------
    fit
        A fitted model.

    Returns
    -------
    GeoDataFrame
        Columns session, trap, effort_days, n_detections, n_animals. Not for the public.
    """
    tables, points = [], []
    for session in fit.survey.sessions:
        captures, n_traps = session.captures, len(session.traps)
        pairs = np.unique(np.column_stack([captures.trap, captures.individual]), axis=0)
        detections = np.bincount(captures.trap, weights=captures.count, minlength=n_traps)
        tables.append(
            pd.DataFrame(
                {
                    "session": session.name,
                    "trap": [str(name) for name in session.traps.names],
                    "effort_days": session.usage.effort.sum(axis=1),
                    "n_detections": detections.astype(np.int64),
                    "n_animals": np.bincount(pairs[:, 0], minlength=n_traps),
                }
            )
        )
        parts = session.traps.parts
        points += list(shapely.points(session.traps.xy) if parts is None else parts.geoms)
    return _layer(pd.concat(tables, ignore_index=True), points, fit.survey.crs)


def centre_layers(
    fit: Fit, centres: Sequence[ActivityCentres], edges: pd.DataFrame
) -> dict[str, gpd.GeoDataFrame]:
    """Mean places of activity centres, and the ground that holds them at 50 % and 95 %.

    Parameters
    ----------
    fit
        A fitted model.
    centres
        Of each session, from ``activity_centres``.
    edges
        Their ``contours``, those of all sessions in one table.

    Returns
    -------
    dict
        ``activity_centres``, points with session, individual, detections and spread_m, and
        ``activity_centre_contours``, polygons with share and area_km2. Not for the public.
    """
    tables = [item.table for item in centres if item.individuals]
    if not tables:
        return {}
    table = pd.concat(tables, ignore_index=True)
    seen = animals_detected(fit).assign(individual=lambda t: t["individual"].astype(str))
    table = table.merge(seen, on=["session", "individual"], how="left")
    points = list(shapely.points(table[["x", "y"]].to_numpy()))
    outlines = [_multi(geometry) for geometry in edges["geometry"]]
    crs = centres[0].mask.crs
    return {
        "activity_centres": _layer(table.drop(columns=["x", "y"]), points, crs),
        "activity_centre_contours": _layer(edges.drop(columns="geometry"), outlines, crs),
    }


def _layer(table: pd.DataFrame, geometry: list[shapely.Geometry], crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table, geometry=geometry, crs=None if crs == LOCAL else crs)


def _multi(geometry: shapely.Geometry) -> shapely.Geometry:
    """Every outline as a MultiPolygon, so that a layer has one kind of geometry."""
    return shapely.MultiPolygon(
        [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon"]
    )
