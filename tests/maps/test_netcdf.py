from dataclasses import replace

import numpy as np
import pytest
import rasterio
import xarray as xr

from scr.maps.results.netcdf import write_netcdf
from scr.posterior.density import density_surface, realised_density
from scr.posterior.footprint import take_cells


@pytest.fixture
def surfaces(make_fit):
    fit = make_fit()
    return {
        "expected_density": density_surface(fit, threshold=2),
        "realised_density": realised_density(fit, n_draws=20),
    }


def test_write_netcdf__values_stand_at_their_cells(surfaces, tmp_path):
    path = write_netcdf(surfaces, tmp_path / "surfaces.nc", title="Far Valley", banner="SIMULATED")
    with xr.open_dataset(path) as data:
        for name, surface in surfaces.items():
            x, y = (xr.DataArray(axis, dims="cell") for axis in surface.mask.xy.T)
            for column in surface.table.columns:
                values = data[f"{name}_{column.replace('.', '_')}"]
                np.testing.assert_array_equal(values.sel(x=x, y=y), surface.table[column])
                assert int(values.notnull().sum()) == len(surface.mask)
        assert data.attrs["title"] == "Far Valley"
        assert data.attrs["comment"] == "SIMULATED"
    assert [p.name for p in tmp_path.iterdir()] == ["surfaces.nc"]


def test_write_netcdf__follows_the_cf_conventions(surfaces, tmp_path):
    path = write_netcdf(surfaces, tmp_path / "surfaces.nc")
    with xr.open_dataset(path) as data:
        assert data.attrs["Conventions"] == "CF-1.10"
        assert data["x"].attrs["standard_name"] == "projection_x_coordinate"
        assert data["y"].attrs["units"] == "m"
        assert data["crs"].attrs["grid_mapping_name"] == "transverse_mercator"
        for name, variable in data.data_vars.items():
            if name == "crs":
                continue
            assert {**variable.attrs, **variable.encoding}["grid_mapping"] == "crs"
            assert variable.attrs["long_name"].startswith(variable.attrs["estimand"])
            assert name.isidentifier()
        units = {name: v.attrs.get("units") for name, v in data.data_vars.items()}
    assert units["expected_density_median"] == "0.01 km-2"
    for name in ("expected_density_cv", "expected_density_p_dot", "expected_density_p_above_2"):
        assert units[name] == "1"


def test_write_netcdf__gdal_finds_its_place(surfaces, tmp_path):
    path = write_netcdf(surfaces, tmp_path / "surfaces.nc")
    surface = surfaces["expected_density"]
    try:
        dataset = rasterio.open(f'NETCDF:"{path}":expected_density_median')
    except rasterio.errors.RasterioIOError:
        # A build of GDAL without netCDF: the attributes that it would read are those of CF.
        with xr.open_dataset(path) as data:
            west = float(data["crs"].attrs["GeoTransform"].split()[0])
            assert west == surface.mask.xy[:, 0].min() - 500
        return
    with dataset:
        assert dataset.crs.to_epsg() == 32652
        found = np.array(list(dataset.sample(surface.mask.xy)))[:, 0]
    np.testing.assert_allclose(found, surface.summary["median"])


def test_write_netcdf__cells_of_one_surface_alone_are_missing_in_the_other(surfaces, tmp_path):
    whole = surfaces["expected_density"]
    rows = np.arange(0, len(whole.mask), 3)
    part = replace(
        whole,
        mask=take_cells(whole.mask, rows),
        summary=whole.summary.iloc[rows].reset_index(drop=True),
        support=None,
    )
    path = write_netcdf({"whole": whole, "part": part}, tmp_path / "x.nc", columns=("median",))
    with xr.open_dataset(path) as data:
        assert set(data.data_vars) == {"crs", "whole_median", "part_median"}
        assert int(data["part_median"].notnull().sum()) == len(rows)


def test_write_netcdf__cells_on_no_lattice_are_a_list(surfaces, tmp_path):
    surface = surfaces["expected_density"]
    loose = replace(surface, mask=replace(surface.mask, spacing=None, crs="local"))
    path = write_netcdf({"density": loose}, tmp_path / "x.nc", columns=("mean",))
    with xr.open_dataset(path) as data:
        assert data["density_mean"].dims == ("cell",)
        order = np.lexsort(surface.mask.xy.T[::-1])
        np.testing.assert_array_equal(data["density_mean"], surface.summary["mean"].iloc[order])
        assert "standard_name" not in data["x"].attrs
