"""An interactive map: layers to choose from, cells that tell their numbers, no network needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import shapely
from bokeh.embed import components
from bokeh.layouts import column
from bokeh.models import (
    BoxZoomTool,
    ColorBar,
    ColumnDataSource,
    CustomJS,
    CustomJSTickFormatter,
    FixedTicker,
    GlyphRenderer,
    HoverTool,
    LinearColorMapper,
    PanTool,
    ResetTool,
    Select,
    WheelZoomTool,
    ZoomInTool,
    ZoomOutTool,
)
from bokeh.plotting import figure
from bokeh.resources import Resources
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scr.habitat.cells import cell_side
from scr.habitat.region import Region
from scr.io.crs import LOCAL
from scr.maps.figures.hatching import NOT_SAMPLED, not_sampled
from scr.maps.figures.map_tips import columns_of_place, draw_stations, tip
from scr.maps.figures.scales import Limits, colours_of, common_limits, scale_for
from scr.posterior.surface import Surface

LAYER, SHOWN = "layer", "shown"
"""Names, in the page, of the choice of layers and of the column that is drawn."""

_HEIGHT, _BACKGROUND, _INK = 560, "#f4f3f0", "#1a1a1a"
_OUTLINES = ("#1a1a1a", "#f0e442", "#56b4e9", "#e69f00", "#cc79a7")
_N_COLOURS, _TRIFLE = 256, 1e-6


@dataclass(frozen=True, eq=False)
class Layer:
    """One map to choose: a column of a surface.

    Parameters
    ----------
    label
        What the reader chooses by, such as ``"Expected density, median"``.
    surface
        Cells and numbers.
    column
        Column of its table.
    unit
        Unit of the column, shown with each number.
    limits
        Of the colours of each quantity, from ``common_limits``; those of the layers if None.
    """

    label: str
    surface: Surface
    column: str
    unit: str
    limits: Mapping[str, Limits] | None = None

    @property
    def values(self) -> NDArray[np.float32]:
        """Numbers of the cells, shape (n_cells,)."""
        return self.surface.table[self.column].to_numpy(dtype=np.float32)


def interactive_map(
    layers: Sequence[Layer],
    *,
    regions: Sequence[Region] = (),
    stations: pd.DataFrame | None = None,
) -> tuple[str, str]:
    """A map of layers, for a page that holds ``inline_scripts``.

    Parameters
    ----------
    layers
        At least one, the first is shown first. Those of one surface share their hover text.
    regions
        Outlines to draw.
    stations
        Columns x and y, metres, station and effort. A map with stations is not for the public.

    Returns
    -------
    tuple
        Two pieces of HTML: the data with its script, and the place where the map appears.
    """
    crs = layers[0].surface.mask.crs
    plot = empty_map(crs)
    limits = common_limits(layer.surface for layer in layers)
    mapper = LinearColorMapper(palette=palette_of("viridis"), nan_color="rgba(0,0,0,0)")
    renderers: list[GlyphRenderer] = []
    facts = []
    regions = [region.in_crs(crs) for region in regions]
    tips = []
    for members in _by_surface(layers):
        renderers.append(_draw_cells(plot, members, mapper))
        tips.append(_tip_of_cells(renderers[-1], members, regions))
        facts += [_facts(layer, len(renderers) - 1, f"layer{i}", limits) for i, layer in members]
    facts.sort(key=lambda fact: int(fact["column"].removeprefix("layer")))
    _hatch(plot, layers)
    draw_outlines(plot, regions)
    plot.add_tools(*tips)
    if stations is not None:
        draw_stations(plot, stations, crs, regions, tips=tips)
    if plot.legend:
        plot.legend.location, plot.legend.background_fill_alpha = "top_left", 0.8
        plot.legend.click_policy = "hide"
    bars = [_bar(mapper, fact) for fact in facts]
    for bar in bars:
        plot.add_layout(bar, "below")
    choice = _choice(facts, renderers, mapper, bars)
    _show(facts[0], renderers, mapper)
    script, place = components(column(choice, plot, sizing_mode="stretch_width"))
    return script, place


def inline_scripts() -> str:
    """What the pages' scripts need, as HTML: no file is fetched from anywhere."""
    return str(Resources(mode="inline", components=["bokeh", "bokeh-widgets"]).render())


def empty_map(crs: str, *, by_finger: bool = True) -> Any:
    """A map without content: axes in kilometres, tools, and the wheel for zooming with Ctrl.

    Parameters
    ----------
    crs
        Coordinate system of what will be drawn.
    by_finger
        Whether one finger scrolls the page; else it does what a mouse does.
    """
    plot = figure(
        height=_HEIGHT,
        sizing_mode="stretch_width",
        match_aspect=True,
        x_axis_label="Easting, km" if crs != LOCAL else "x, km",
        y_axis_label="Northing, km" if crs != LOCAL else "y, km",
        background_fill_color=_BACKGROUND,
        tools=[
            PanTool(),
            BoxZoomTool(match_aspect=True),
            ZoomInTool(),
            ZoomOutTool(),
            ResetTool(),
        ],
        output_backend="canvas",
    )
    wheel = WheelZoomTool(modifiers="ctrl")  # the wheel alone scrolls the page
    plot.add_tools(wheel)
    plot.toolbar.active_scroll = wheel
    if by_finger:
        gestures = files("scr.maps.figures").joinpath("gestures.js").read_text(encoding="utf-8")
        plot.js_on_change("inner_width", CustomJS(code=gestures))  # known once the map is there
    plot.toolbar.logo = None
    kilometres = CustomJSTickFormatter(code="return (tick / 1000).toLocaleString('en')")
    plot.xaxis.formatter = plot.yaxis.formatter = kilometres
    plot.grid.grid_line_color = None
    return plot


def _by_surface(layers: Sequence[Layer]) -> list[list[tuple[int, Layer]]]:
    """Layers, each with its number, by the surface they are of."""
    groups: dict[int, list[tuple[int, Layer]]] = {}
    for i, layer in enumerate(layers):
        groups.setdefault(id(layer.surface), []).append((i, layer))
    return list(groups.values())


def _draw_cells(
    plot: Any, members: list[tuple[int, Layer]], mapper: LinearColorMapper
) -> GlyphRenderer:
    mask = members[0][1].surface.mask
    columns = {f"layer{i}": layer.values for i, layer in members}
    source = ColumnDataSource(
        {
            "x": mask.xy[:, 0].astype(np.float32),
            "y": mask.xy[:, 1].astype(np.float32),
            SHOWN: next(iter(columns.values())),
            **columns,
        }
    )
    side = float(cell_side(mask).mean())
    return plot.rect(
        "x",
        "y",
        width=side,
        height=side,
        source=source,
        fill_color={"field": SHOWN, "transform": mapper},
        # The edge has the colour of the cell, or the background would show between neighbours.
        line_color={"field": SHOWN, "transform": mapper},
        line_width=1,
    )


def _tip_of_cells(
    renderer: GlyphRenderer, members: list[tuple[int, Layer]], regions: Sequence[Region]
) -> HoverTool:
    mask = members[0][1].surface.mask
    columns, zones = columns_of_place(mask.xy, mask.crs, regions)
    for name, values in columns.items():
        renderer.data_source.add(values, name)
    numbers = [
        (layer.label, f"@layer{i}{{0.000}} {_unit_of(layer)}".strip()) for i, layer in members
    ]
    return tip(renderer, numbers, zones)


def _hatch(plot: Any, layers: Sequence[Layer]) -> None:
    """Hatch the cells whose covariates were not sampled, whichever layer is shown."""
    surfaces = {id(layer.surface): layer.surface for layer in layers}.values()
    beyond = [surface.mask.xy[not_sampled(surface)] for surface in surfaces]
    x, y = np.unique(np.concatenate(beyond), axis=0).astype(np.float32).T
    if not len(x):
        return
    side = float(cell_side(layers[0].surface.mask).mean())
    plot.rect(
        x,
        y,
        width=side,
        height=side,
        fill_color=None,
        line_color=None,
        hatch_pattern="/",
        hatch_color="#8c8c8c",
        hatch_scale=6,
        legend_label=NOT_SAMPLED.lower(),
    )


def _bar(mapper: LinearColorMapper, fact: dict[str, Any]) -> ColorBar:
    """The bar of a layer, shown with it: one whose ticks change warns on the console."""
    return ColorBar(
        color_mapper=mapper,
        title=fact["title"],
        height=10,
        padding=8,
        ticker=FixedTicker(ticks=fact["ticks"]),
        major_label_overrides=dict(zip(fact["ticks"], fact["words"], strict=True)),
        visible=fact["column"] == "layer0",
    )


def _unit_of(layer: Layer) -> str:
    return layer.unit.replace("km2", "km²")


def draw_outlines(plot: Any, regions: Sequence[Region]) -> None:
    """The largest broad and below, the others dashed on it: common borders show both.

    Parameters
    ----------
    plot
        The map.
    regions
        In its coordinates.
    """
    largest = max(regions, key=lambda region: region.area_km2, default=None)
    for region in sorted(regions, key=lambda region: -region.area_km2):
        colour = _OUTLINES[regions.index(region) % len(_OUTLINES)]
        below = region is largest and len(regions) > 1
        dashed = region is not largest
        _draw_outline(
            plot, region, colour, width=4.0 if below else 1.5, dash="dashed" if dashed else "solid"
        )


def _draw_outline(plot: Any, region: Region, colour: str, *, width: float, dash: str) -> None:
    parts = shapely.get_parts(shapely.boundary(region.geometry))
    tolerance = max(shapely.length(region.geometry) / 20_000, 1.0)
    lines = [shapely.get_coordinates(shapely.simplify(part, tolerance)) for part in parts]
    plot.multi_line(
        [line[:, 0] for line in lines],
        [line[:, 1] for line in lines],
        line_color=colour,
        line_width=width,
        line_dash=dash,
        legend_label=region.name,
    )


def _facts(layer: Layer, renderer: int, name: str, limits: Mapping[str, Limits]) -> dict[str, Any]:
    """What the page needs to show a layer: its column, limits, colours and title."""
    norm = scale_for(layer.surface, layer.column, layer.limits or limits)
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    values = layer.values[np.isfinite(layer.values)]
    above = bool(len(values)) and float(values.max()) > high + _TRIFLE * (high - low)
    below = bool(len(values)) and float(values.min()) < low - _TRIFLE * (high - low)
    return {
        "label": layer.label,
        "column": name,
        "renderer": renderer,
        "low": low,
        "high": high,
        "palette": colours_of(layer.surface, layer.column),
        "title": _unit_of(layer) or layer.label,
        **_ticks(low, high, above=above, below=below),
    }


def _ticks(low: float, high: float, *, above: bool, below: bool) -> dict[str, Any]:
    """Numbers of the bar of colours; an arrow where cells lie beyond its end."""
    step = (high - low) / 5
    inner = [
        float(at)
        for at in MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        if low + (step if below else 0) <= at <= high - (step if above else 0)
    ]
    ends = [*([low] if below else []), *([high] if above else [])]
    words = {low: f"\u25c0 under {low:.3g}", high: f"over {high:.3g} \u25b6"}
    ticks = sorted({*inner, *ends})
    return {
        "ticks": ticks,
        "words": [words[at] if at in ends else f"{at:.6g}" for at in ticks],
    }


def palette_of(name: str) -> list[str]:
    """Colours of a palette of matplotlib, as Bokeh takes them.

    Parameters
    ----------
    name
        Name of the palette.
    """
    return [to_hex(colour) for colour in colormaps[name](np.linspace(0.0, 1.0, _N_COLOURS))]


def _show(
    fact: dict[str, Any], renderers: Sequence[GlyphRenderer], mapper: LinearColorMapper
) -> None:
    mapper.low, mapper.high = fact["low"], fact["high"]
    mapper.palette = palette_of(fact["palette"])
    for i, renderer in enumerate(renderers):
        renderer.visible = i == fact["renderer"]


def _choice(
    facts: list[dict[str, Any]],
    renderers: list[GlyphRenderer],
    mapper: LinearColorMapper,
    bars: list[ColorBar],
) -> Select:
    labels = [fact["label"] for fact in facts]
    choice = Select(
        title="Show", value=labels[0], options=labels, name=LAYER, sizing_mode="stretch_width"
    )
    palettes = {name: palette_of(name) for name in sorted({fact["palette"] for fact in facts})}
    code = f"""
        const fact = facts.find((item) => item.label === cb_obj.value);
        renderers.forEach((renderer, i) => {{ renderer.visible = i === fact.renderer; }});
        const source = renderers[fact.renderer].data_source;
        source.data = {{...source.data, {SHOWN}: source.data[fact.column]}};
        mapper.palette = palettes[fact.palette];
        mapper.low = fact.low;
        mapper.high = fact.high;
        bars.forEach((bar, i) => {{ bar.visible = facts[i] === fact; }});
    """
    given = {
        "facts": facts,
        "renderers": renderers,
        "mapper": mapper,
        "bars": bars,
        "palettes": palettes,
    }
    choice.js_on_change("value", CustomJS(args=given, code=code))
    return choice
