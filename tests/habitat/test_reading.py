from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.build import build_mask
from scr.habitat.reading import lattice_spacing, read_mask
from scr.habitat.region import Region
from scr.survey.traps import Traps

CASES = Path(__file__).parent / "cases"
UTM = "EPSG:32652"


def table(n_x=4, n_y=3, *, step=500.0, turn=0.0, **columns):
    x, y = np.meshgrid(np.arange(n_x) * step, np.arange(n_y) * step)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    x, y = x.ravel(), y.ravel()
    return pd.DataFrame({"x": 6e5 + cos * x - sin * y, "y": 4.7e6 + sin * x + cos * y} | columns)


def test_read_mask__spacing_and_area_follow_from_the_lattice():
    mask = read_mask(table(), crs=UTM)
    assert mask.spacing == 500.0
    assert mask.area == pytest.approx(12 * 0.25)
    assert mask.crs == UTM
    assert mask.session is None
    assert not mask.bounded
    assert mask.extent is None


def test_read_mask__gaps_in_the_lattice_do_not_matter():
    cells = table(10, 10).drop(index=[3, 44, 45, 46, 55, 91])
    assert read_mask(cells, crs=UTM).spacing == 500.0


def test_read_mask__hectares_and_square_kilometres():
    assert read_mask(table(area_ha=25.0), crs=UTM).area == pytest.approx(3.0)
    assert read_mask(table(area_km2=0.25), crs=UTM).area == pytest.approx(3.0)
    assert read_mask(table(), crs=UTM, area_km2=0.25).area == pytest.approx(3.0)


def test_read_mask__cells_cut_by_a_coast_keep_their_own_area():
    area = np.array([25.0] * 11 + [4.0])
    mask = read_mask(table(area_ha=area), crs=UTM)
    assert mask.spacing == 500.0
    assert mask.area == pytest.approx(area.sum() / 100)


@pytest.mark.parametrize("columns", [{"area_ha": 0.25}, {"area_km2": 25.0}])
def test_read_mask__hectares_taken_for_square_kilometres_are_noticed(columns):
    with pytest.raises(MaskError, match=r"column area.*lattice of 500 m.*100 ha"):
        read_mask(table(**columns), crs=UTM)


def test_read_mask__a_rotated_lattice_has_no_spacing_and_needs_areas():
    with pytest.raises(MaskError, match=r"says nothing of the area.*area_km2="):
        read_mask(table(turn=0.2), crs=UTM)
    mask = read_mask(table(turn=0.2, area_ha=25.0), crs=UTM)
    assert mask.spacing is None
    assert mask.area == pytest.approx(3.0)
    assert read_mask(table(turn=0.2), crs=UTM, area_km2=0.25).area == pytest.approx(3.0)


def test_read_mask__spacing_given_must_be_that_of_the_cells():
    assert read_mask(table(), crs=UTM, spacing=500.0).spacing == 500.0
    with pytest.raises(MaskError, match="1000 m, but its cells are 500 m apart"):
        read_mask(table(), crs=UTM, spacing=1000.0)
    with pytest.raises(MaskError, match="no such lattice"):
        read_mask(table(turn=10.0), crs=UTM, spacing=500.0)
    with pytest.raises(MaskError, match="above 0"):
        read_mask(table(), crs=UTM, spacing=-1.0)


def test_read_mask__all_means_that_sessions_share_the_mask():
    assert read_mask(table(session="all"), crs=UTM).session is None
    mask = read_mask(table(session=["01"] * 6 + ["02"] * 6), crs=UTM)
    assert mask.cells_of("02").tolist() == list(range(6, 12))


def test_read_mask__a_session_that_is_missing_in_some_rows_is_an_error():
    with pytest.raises(MaskError, match="1 of 12 cells have no session, in row 5"):
        read_mask(table(session=["A"] * 3 + [None] + ["A"] * 8), crs=UTM)


def test_read_mask__other_columns_are_covariates_text_or_numbers():
    mask = read_mask(table(elev=np.arange(12), cover=["wood"] * 12, area_ha=25), crs=UTM)
    assert list(mask.covariates) == ["elev", "cover"]
    assert mask.covariates["elev"].tolist() == list(range(12))


def test_read_mask__a_csv_with_other_names_and_semicolons(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("Easting;Northing;elev\n0,5;0;1\n1,5;0;2\n0,5;1;3\n", encoding="utf-8-sig")
    mask = read_mask(path, crs="local")
    assert mask.xy.tolist() == [[0.5, 0], [1.5, 0], [0.5, 1]]
    assert mask.spacing == 1.0
    assert mask.source == "cells.csv"


def test_read_mask__points_of_a_vector_file_are_converted(tmp_path):
    cells = table()
    points = gpd.points_from_xy(cells["x"], cells["y"])
    path = tmp_path / "cells.gpkg"
    gpd.GeoDataFrame({"elev": 3.5}, geometry=points, crs=UTM, index=cells.index).to_file(path)
    mask = read_mask(path, crs=UTM)
    assert mask.xy == pytest.approx(cells[["x", "y"]].to_numpy())
    assert mask.covariates["elev"].tolist() == [3.5] * 12
    other = read_mask(path, crs="EPSG:32651", area_km2=0.25)
    assert other.crs == "EPSG:32651"
    assert other.spacing is None


def test_read_mask__missing_coordinates_and_columns_are_named():
    cells = table()
    cells.loc[4, "x"] = np.nan
    with pytest.raises(MaskError, match="1 of 12 cells without x or y, in row 6"):
        read_mask(cells, crs=UTM)
    with pytest.raises(MaskError, match="no column 'y'"):
        read_mask(cells.drop(columns="y"), crs=UTM)
    with pytest.raises(MaskError, match="no cell"):
        read_mask(cells.iloc[:0], crs=UTM)


def test_read_mask__area_must_be_above_0():
    with pytest.raises(MaskError, match=r"1 of 12 cells have no area above 0.*row 3"):
        read_mask(table(area_ha=[25.0, 0.0] + [25.0] * 10), crs=UTM)


def test_read_mask__no_coordinate_system_and_degrees_are_refused():
    with pytest.raises(MaskError, match="no coordinate system"):
        read_mask(table(), crs="")
    with pytest.raises(MaskError, match="longitude and latitude"):
        read_mask(table(), crs="EPSG:4326")


def test_read_mask__a_covariate_with_gaps_is_an_error_only_where_a_model_names_it():
    forest = np.where(np.arange(1485) < 97, np.nan, 50.0)
    mask = read_mask(table(45, 33, forest=forest, elev=1.0), crs=UTM)
    assert len(mask) == 1485
    assert list(mask.covariates) == ["elev"]
    mask.require_covariates(["elev"])
    with pytest.raises(MaskError) as error:
        mask.require_covariates(["forest"])
    for words in ("forest", "97 of 1485", "6.53 %", "nearest", "x 600000"):
        assert words in str(error.value)


def test_read_mask__gaps_are_filled_only_where_declared():
    cells = table(elev=[1.0, np.nan, *range(3, 13)], soil=[np.nan, *range(2, 13)])
    mask = read_mask(cells, crs=UTM, fill={"elev": "nearest", "soil": 0.5})
    assert mask.covariates["elev"][1] in (1.0, 3.0, 6.0)
    assert mask.covariates["soil"][0] == 0.5
    assert mask.notes == ("elev: 1 of 12 cells were filled.", "soil: 1 of 12 cells were filled.")
    with pytest.raises(MaskError, match="no column 'forest' to fill; it has 'elev', 'soil'"):
        read_mask(cells, crs=UTM, fill={"forest": 0.0})


def test_read_mask__a_code_for_no_data_is_not_a_value():
    mask = read_mask(table(elev=[-9999.0, *range(300, 311)]), crs=UTM)
    with pytest.raises(MaskError, match="-9999 in 1 of 12 cells"):
        mask.require_covariates(["elev"])


def test_lattice_spacing__sessions_may_be_shifted_against_each_other():
    first = table(step=2000.0)[["x", "y"]].to_numpy()
    assert lattice_spacing([first, first + 777.7]) == 2000.0
    assert lattice_spacing([np.concatenate([first, first + 777.7])]) is None


def test_lattice_spacing__one_cell_or_oblong_cells_tell_nothing():
    x, y = np.meshgrid(np.arange(5) * 500.0, np.arange(5) * 700.0)
    assert lattice_spacing([np.zeros((1, 2))]) is None
    assert lattice_spacing([np.column_stack([x.ravel(), y.ravel()])]) is None


@pytest.mark.parametrize(
    ("file", "n_cells", "spacing", "area_km2"),
    [
        ("captdata/mask.csv", 3936, 7.34375, 3936 * 0.00539306640625 / 100),
        ("large/mask.csv", 30_258, 700.0, 30_258 * 0.49),
        ("leopard_like/mask.csv", 4153, 1000.0, 4153.0),
        ("leopard_south_africa/mask.csv", 21_252, 1000.0, 21_252.0),
        ("snowleopard_secr_workflow/mask.csv", 8572, 2000.0, 8572 * 4.0),
        ("snowleopard_secr_workflow/region_mask.csv", 22_148, 2000.0, 88_592.0),
        ("stoat_prox/mask.csv", 3960, 78.125, 3960 * 0.006103515625),
        ("tiger_nagarahole/mask.csv", 4810, None, 4810 * 0.336),
    ],
)
def test_read_mask__published_masks(reference, file, n_cells, spacing, area_km2):
    mask = read_mask(reference / file, crs="local")
    assert len(mask) == n_cells
    assert mask.spacing == spacing
    assert mask.area == pytest.approx(area_km2)
    assert mask.unusable == {}


def test_build_mask__inside_a_reserve_with_a_lagoon_has_the_cells_counted_by_hand():
    # Within 6 km of 25 stations, inside the reserve and outside its hole: 1365 cells of 500 m.
    stations = pd.read_csv(CASES / "stations.csv")
    traps = Traps(
        names=stations["station"].to_numpy(dtype=object),
        xy=stations[["x", "y"]].to_numpy(dtype=float),
        crs=UTM,
    )
    whole = shapely.Polygon(
        gpd.read_file(CASES / "lagoon.geojson").to_crs(UTM).geometry.iloc[0].exterior
    )
    dry = build_mask(traps, buffer=6000, spacing=500, habitat=CASES / "lagoon.geojson")
    wet = build_mask(traps, buffer=6000, spacing=500, habitat=Region("R", whole, crs=UTM))
    assert (len(dry), len(wet)) == (1365, 1485)
