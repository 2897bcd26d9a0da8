import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from scr.habitat.region import Region
from scr.maps.results.geopackage import centre_layers, trap_layer, write_geopackage, zone_layer
from scr.posterior.abundance import abundance
from scr.posterior.activity_centres import activity_centres
from scr.posterior.contours import contours

ZONES = {
    name: Region(name, shapely.box(*bounds), crs="EPSG:32652")
    for name, bounds in {
        "north": (712_000, 4_716_000, 719_500, 4_719_000),
        "south": (712_000, 4_713_000, 719_500, 4_716_000),
    }.items()
}


def test_zone_layer__has_the_numbers_of_abundance_in_one_row_per_zone(make_fit):
    fit = make_fit(names=("spring", "autumn"), engine="mle")
    table = abundance(fit, ZONES)
    layer = zone_layer(table, {n: z.geometry for n, z in ZONES.items()}, "EPSG:32652")
    assert layer[["session", "zone"]].to_numpy().tolist() == [
        ["spring", "north"], ["spring", "south"], ["autumn", "north"], ["autumn", "south"],
    ]  # fmt: skip
    for row in layer.itertuples():
        of_zone = table[(table["session"] == row.session) & (table["region"] == row.zone)]
        by_estimand = of_zone.set_index("estimand")
        assert row.expected_median == by_estimand.loc["expected N", "median"]
        assert row.realised_upper == by_estimand.loc["realised N", "upper"]
        assert shapely.area(row.geometry) == pytest.approx(1e6 * row.area_km2)


def test_trap_layer__counts_detections_and_animals(make_fit):
    fit = make_fit()
    layer, (session,) = trap_layer(fit), fit.survey.sessions
    np.testing.assert_array_equal(shapely.get_coordinates(layer.geometry), session.traps.xy)
    assert layer["n_detections"].sum() == 4
    first = layer[layer["n_detections"] > 0].iloc[0]
    animals = session.captures.individual[session.captures.trap == first.name]
    assert first["n_animals"] == len(set(animals.tolist()))
    assert (layer["effort_days"] == 20).all()


def test_write_geopackage__layers_come_back_as_they_were(make_fit, tmp_path):
    fit = make_fit()
    centres = activity_centres(fit, "2024", max_draws=3)
    layers = {"traps": trap_layer(fit), **centre_layers(fit, [centres], contours(centres))}
    path = write_geopackage(layers, tmp_path / "survey.gpkg", banner="SIMULATED")
    assert [p.name for p in tmp_path.iterdir()] == ["survey.gpkg"]
    assert pyogrio.list_layers(path)[:, 0].tolist() == [
        "traps", "activity_centres", "activity_centre_contours",
    ]  # fmt: skip
    for name, table in layers.items():
        back = gpd.read_file(path, layer=name)
        assert back.crs.to_epsg() == 32652
        assert (back["note"] == "SIMULATED").all()
        assert back.geometry.geom_equals_exact(table.geometry, 1e-6).all()
        assert back["session"].tolist() == table["session"].tolist()
    back = gpd.read_file(path, layer="activity_centre_contours")
    assert back["share"].tolist() == [0.5, 0.95] * 4
    assert back.is_valid.all()


def test_write_geopackage__takes_layers_without_a_place_on_earth(tmp_path):
    layer = gpd.GeoDataFrame({"zone": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)])
    path = write_geopackage({"zones": layer}, tmp_path / "zones.gpkg")
    assert gpd.read_file(path)["zone"].tolist() == ["a"]


def test_write_geopackage__keeps_the_older_file_where_writing_fails(tmp_path):
    layer = gpd.GeoDataFrame({"zone": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:32652")
    path = write_geopackage({"zones": layer}, tmp_path / "zones.gpkg")
    before = path.read_bytes()
    with pytest.raises(AttributeError):
        write_geopackage({"zones": layer, "no layer": layer.drop(columns="geometry")}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["zones.gpkg"]
