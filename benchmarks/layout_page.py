"""What a drag of a station on the layout page takes, from the browser's message to new numbers.

Fifty drags each with the demo's plan and with 500 stations and 20,000 cells: rules, the layout, the
criteria and the colours of the map. What the browser takes to draw comes on top.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import shapely
from bokeh.document import Document
from timing import Row, record

from scr.demo import copy_demo
from scr.layout_page.board import Board, History
from scr.layout_page.desk import PRESENT, Desk, open_desk
from scr.layout_page.office import Office
from scr.layout_page.tab import Tab
from trap_layouts.editing import named
from trap_layouts.files import write_layout
from trap_layouts.layout import make_layout

DRAGS, REACH_S = 50, 0.2

LARGE = """\
title = "Large"
reserve = "reserve.gpkg"
reserve_name = "Large"
crs = "EPSG:32652"
[mask]
buffer = 10_000
spacing = 1_000
[parameters]
density = 1.0
lambda0 = 0.02
sigma = 2_500
[survey]
n_occasions = 60
[prices]
station = 40
camera = 60
km = 1
"""


def large(folder: Path) -> Desk:
    """500 stations in a reserve round which there are 20,000 cells."""
    side = 122_500.0
    west, south = 400_000.0, 4_800_000.0
    box = shapely.box(west, south, west + side, south + side)
    frame = gpd.GeoDataFrame({"name": ["Large"]}, geometry=[box], crs="EPSG:32652")
    frame.to_file(folder / "reserve.gpkg", driver="GPKG")
    (folder / "large.toml").write_text(LARGE, encoding="utf-8")
    x, y = np.meshgrid(np.linspace(3000, side - 3000, 25), np.linspace(3000, side - 3000, 20))
    xy = np.stack([west + x.ravel(), south + y.ravel()], axis=1)
    write_layout(make_layout("large", xy, crs="EPSG:32652"), folder / "large.csv")
    return open_desk(folder / "large.toml", folder / "large.csv")


def drags(desk: Desk) -> np.ndarray:
    """Seconds that each of fifty drags takes, by the clock and of CPU time, shape (50, 2)."""
    doc = Document()
    doc.add_timeout_callback = lambda *_: None  # nothing in the background
    board = Board(named(desk.start, PRESENT), desk.fixed)
    tab = Tab(desk, Office(desk), doc, "tab", History(board), {}, {})
    tab.open()
    doc.add_root(tab.view.plot)
    rng = np.random.default_rng(1)
    taken = []
    while len(taken) < DRAGS:
        columns = {key: list(values) for key, values in tab.view.stations.data.items()}
        i = int(rng.integers(len(columns["x"])))
        dx, dy = rng.uniform(-600, 600, 2)
        columns["x"][i] += dx
        columns["y"][i] += dy
        before = tab.board
        started = time.perf_counter(), time.process_time()
        tab.view.stations.data = columns
        seconds = time.perf_counter() - started[0], time.process_time() - started[1]
        if tab.board is not before:  # a move that the rules allow
            taken.append(seconds)
    return np.array(taken)


def main() -> None:
    rows, figures = [], {}
    with TemporaryDirectory() as made:
        layouts = copy_demo(Path(made)).parent / "layouts"
        cases = {
            "demo": open_desk(layouts / "plan.toml", layouts / "grid.csv"),
            "large": large(Path(made)),
        }
        for name, desk in cases.items():
            seconds = drags(desk)
            middle, worst = (float(of) for of in (np.median(seconds[:, 0]), seconds[:, 0].max()))
            cpu = float(np.median(seconds[:, 1]))
            figures[name] = {
                "median_s": middle,
                "worst_s": worst,
                "median_cpu_s": cpu,
                "cells": len(desk.mask),
            }
            what = (
                f"a drag on the layout page, {len(desk.start)} stations, {len(desk.mask):,} cells"
            )
            rows.append(
                Row(
                    what,
                    f"median {1000 * middle:.0f} ms (CPU {1000 * cpu:.0f} ms), worst of {DRAGS} "
                    f"{1000 * worst:.0f} ms",
                    f"worst below {1000 * REACH_S:.0f} ms",
                    worst < REACH_S,
                )
            )
            print(rows[-1])
    record("layout_page", rows, figures)


if __name__ == "__main__":
    main()
