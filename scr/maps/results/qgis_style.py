"""QGIS styles: a raster opens with the colours and limits of its figure."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Normalize, to_hex

from scr.io.whole_files import write_text
from scr.maps.figures.scales import Limits, colours_of, scale_for
from scr.maps.figures.shading import label_of
from scr.posterior.surface import Surface

_N_COLOURS = 64
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def write_surface_style(
    surface: Surface,
    raster: Path,
    *,
    band: int,
    column: str | None = None,
    limits: Mapping[str, Limits] | None = None,
) -> Path:
    """The style of a raster of a surface, with the colours of ``plot_surface``.

    Parameters
    ----------
    surface
        What the raster holds.
    raster
        The raster; the style stands beside it, with the ending ``.qml``, where QGIS looks for it.
    band
        Number of the band to show, from 1.
    column
        Column of the summary in that band; the headline if left out.
    limits
        Of each quantity, from ``common_limits``; those of this surface alone if left out.

    Returns
    -------
    Path
        The file, written whole or not at all.
    """
    column = column or surface.headline
    return write_style(
        raster.with_suffix(".qml"),
        band=band,
        colours=colours_of(surface, column),
        norm=scale_for(surface, column, limits),
        label=label_of(surface, column),
    )


def write_style(path: Path, *, band: int, colours: str, norm: Normalize, label: str) -> Path:
    """A style of one band of a raster in colours that run on between their limits.

    Parameters
    ----------
    path
        File to write.
    band
        Number of the band, from 1.
    colours
        Name of a matplotlib colour map.
    norm
        The values that the ends of the colours stand for.
    label
        What the colours mean.
    """
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    root = ET.Element("qgis", version="3.28.0", styleCategories="LayerConfiguration|Symbology")
    pipe = ET.SubElement(root, "pipe")
    renderer = ET.SubElement(
        pipe,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band=str(band),
        opacity="1",
        alphaBand="-1",
        classificationMin=f"{low:.10g}",
        classificationMax=f"{high:.10g}",
    )
    ET.SubElement(renderer, "rasterTransparency")
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="INTERPOLATED",
        classificationMode="2",
        clip="0",
        minimumValue=f"{low:.10g}",
        maximumValue=f"{high:.10g}",
    )
    palette = colormaps[colours]
    for position in np.linspace(0.0, 1.0, _N_COLOURS):
        value = low + position * (high - low)
        ET.SubElement(
            shader,
            "item",
            value=f"{value:.10g}",
            label=f"{value:.3g}",
            color=to_hex(palette(position)),
            alpha="255",
        )
    ET.SubElement(pipe, "brightnesscontrast", brightness="0", contrast="0")
    ET.SubElement(pipe, "huesaturation", saturation="0", grayscaleMode="0")
    ET.SubElement(pipe, "rasterresampler", maxOversampling="2")
    ET.SubElement(root, "layerTitle").text = label
    ET.SubElement(root, "blendMode").text = "0"
    ET.indent(root)
    return write_text(path, _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n")
