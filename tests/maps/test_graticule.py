import numpy as np
import pytest
from matplotlib.figure import Figure
from pyproj import Transformer

from scr.maps.figures.graticule import add_graticule

TO_DEGREES = Transformer.from_crs("EPSG:32652", "EPSG:4326", always_xy=True)


def map_of(xlim, ylim, width_mm=70.0):
    figure = Figure(figsize=(width_mm / 25.4, width_mm * np.ptp(ylim) / np.ptp(xlim) / 25.4))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=xlim, ylim=ylim)
    return axes


def marks_on(axis):
    labels = [label.get_text() for label in axis.get_ticklabels()]
    return list(zip(axis.get_ticklocs(), labels, strict=True))


def degrees(text):
    whole, rest = text.rstrip("EWNS").split("°")
    sign = -1 if text[-1] in "WS" else 1
    return sign * (int(whole) + (int(rest.rstrip("′")) / 60 if rest else 0))


def test_add_graticule__labels_stand_where_those_degrees_are():
    axes = map_of((600_000, 720_000), (4_700_000, 4_850_000))
    add_graticule(axes, "EPSG:32652")
    x, y = marks_on(axes.xaxis), marks_on(axes.yaxis)
    assert len(x) >= 2
    assert len(y) >= 2
    for at, text in x:
        assert TO_DEGREES.transform(at, 4_700_000)[0] == pytest.approx(degrees(text), abs=1e-3)
    for at, text in y:
        assert TO_DEGREES.transform(600_000, at)[1] == pytest.approx(degrees(text), abs=1e-3)


def test_add_graticule__lines_keep_their_longitude_or_latitude():
    axes = map_of((600_000, 720_000), (4_700_000, 4_850_000))
    add_graticule(axes, "EPSG:32652")
    for line in axes.lines:
        lon, lat = TO_DEGREES.transform(*line.get_data())
        assert min(np.ptp(lon), np.ptp(lat)) < 1e-6
    assert axes.get_xlim() == (600_000, 720_000)


@pytest.mark.parametrize("size", [2_000, 30_000, 400_000])
def test_add_graticule__has_lines_at_every_scale_with_room_between(size):
    axes = map_of((500_000 - size / 2, 500_000 + size / 2), (4_700_000, 4_700_000 + size))
    add_graticule(axes, "EPSG:32652")
    ticks = axes.get_xticks()
    assert 1 <= len(ticks) <= 6


def test_add_graticule__runs_on_over_the_date_line():
    axes = map_of((200_000, 560_000), (8_000_000, 8_300_000))
    add_graticule(axes, "EPSG:32760")  # from 174 E to 180, and beyond it
    axes = map_of((700_000, 900_000), (8_000_000, 8_200_000))
    add_graticule(axes, "EPSG:32760")
    texts = [label.get_text() for label in axes.get_xticklabels()]
    assert any(text.endswith("W") for text in texts)
