"""Figures as part of a page."""

from base64 import b64encode
from io import BytesIO

from matplotlib.figure import Figure


def png_address(figure: Figure, *, dpi: int = 200) -> str:
    """A figure as a data address of a PNG, the same each time.

    Parameters
    ----------
    figure
        The figure.
    dpi
        Dots per inch.
    """
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return f"data:image/png;base64,{b64encode(stream.getvalue()).decode('ascii')}"
