"""A small plan, its page served by a process of its own, and a browser that looks at it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from trap_layouts.files import read_layout, write_layout
from trap_layouts.layout import make_layout

PLAN = """\
title = "Small park"
reserve = "reserve.gpkg"
reserve_name = "Park"
crs = "EPSG:32652"
exclude = ["lake.gpkg"]

[mask]
buffer = 9_000
spacing = 1_500

[parameters]
density = 6.0                        # animals per 100 km2
lambda0 = { normal = [-3.2, 0.2] }
sigma = 2_500

[survey]
n_occasions = 30

[stations]
least = 800
fixed = "old.csv"

[prices]
station = 40
camera = 60
km = 1

[study]
change = -0.3
"""
CORNER = np.array([500_000.0, 4_800_000.0])
SIDE = 18_000.0


def write_plan(folder: Path) -> Path:
    """The plan, its reserve with a lake, sixteen stations of which one stands already."""
    west, south = CORNER
    for name, box in (
        ("reserve", (west, south, west + SIDE, south + SIDE)),
        ("lake", (west + 8000, south + 8000, west + 9500, south + 9500)),
    ):
        frame = gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.box(*box)], crs="EPSG:32652")
        frame.to_file(folder / f"{name}.gpkg", driver="GPKG")
    axis = np.array([3000.0, 7000.0, 11_000.0, 15_000.0])
    x, y = np.meshgrid(axis, axis)
    xy = CORNER + np.stack([x.ravel(), y.ravel()], axis=1)
    layout = make_layout("grid", xy, crs="EPSG:32652")
    write_layout(layout, folder / "grid.csv")
    write_layout(layout.take(np.array([0])), folder / "old.csv")
    path = folder / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def plan_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    write_plan(folder)
    return folder


@pytest.fixture
def plan_path(tmp_path):
    return write_plan(tmp_path)


@pytest.fixture
def grid(plan_path):
    return read_layout(plan_path.parent / "grid.csv", to_crs="EPSG:32652")


@pytest.fixture(scope="module")
def address(plan_folder):
    """Address of a page that a process of its own serves."""
    command = [sys.executable, "-m", "scr.cli.main", "layouts", "page", "plan.toml", "grid.csv"]
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen(
        [*command, "--no-open"],
        cwd=plan_folder,
        env={**os.environ, "PYTHONPATH": root, "NUMBA_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        first = server.stdout.readline()
        yield first.split()[-1]
        server.terminate()
        for _ in range(100):
            if server.poll() is not None:
                break
            time.sleep(0.1)
        assert "Traceback" not in server.stderr.read()
