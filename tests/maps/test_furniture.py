import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from scr.habitat.region import Region
from scr.maps.figures.furniture import add_outlines, outline_handles


def region(name, *bounds):
    return Region(name, shapely.box(*bounds), crs="local")


PARK = region("park", 1, 1, 9, 9)
ZONES = [region("north", 1, 5, 9, 9), region("south", 1, 1, 9, 5)]


def colours_drawn(regions, rows, columns):
    """Pixels of a part of a map of the regions on grey."""
    figure = Figure(figsize=(4, 4), dpi=200)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 10), ylim=(0, 10), facecolor="#808080")
    add_outlines(axes, regions)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3] / 255
    part = pixels[rows, columns].reshape(-1, 3)
    return {tuple(np.round(colour, 2)) for colour in part}


def has(colours, name):
    return any(np.abs(np.array(colour) - to_rgb(name)).max() < 0.05 for colour in colours)


def test_add_outlines__along_a_common_border_every_region_is_seen():
    handles = outline_handles([PARK, *ZONES])
    park, north, south = (handle.get_color() for handle in handles)
    assert len({park, north, south}) == 3
    top = slice(60, 100), slice(200, 600)  # the park's northern border is the zone's, too
    between = slice(380, 420), slice(200, 600)
    for order in ([PARK, *ZONES], [*ZONES, PARK], [ZONES[1], PARK, ZONES[0]]):
        given = dict(zip((r.name for r in order), outline_handles(order), strict=True))
        colours = {name: handle.get_color() for name, handle in given.items()}
        drawn = colours_drawn(order, *top)
        assert has(drawn, colours["park"])
        assert has(drawn, colours["north"])
        drawn = colours_drawn(order, *between)
        assert has(drawn, colours["north"])
        assert has(drawn, colours["south"])


def test_outline_handles__a_region_alone_is_a_thin_line():
    (handle,) = outline_handles([PARK])
    assert handle.get_linewidth() < 1
    assert handle.get_label() == "park"
    assert outline_handles([]) == []
