"""Checks of a fit as files for the project: a table, and a figure of every check."""

from collections.abc import Sequence
from pathlib import Path

from scr.io.results_folder import PRIVATE
from scr.maps.figures.check_plots import plot_fit_checks
from scr.maps.figures.plots import save_figure
from scr.maps.results.tables import write_csv
from scr.posterior.fit_checks import FitChecks

FORMATS = ("png", "pdf", "svg")
"""Formats of the figure."""

_DPI = 200


def write_fit_checks(
    checks: FitChecks,
    folder: str | Path,
    *,
    subject: str | None = None,
    banner: str | None = None,
    formats: Sequence[str] = FORMATS,
    table: bool = True,
) -> list[Path]:
    """Write ``private/fit_checks.csv`` and ``private/figures/fit_checks``.

    Parameters
    ----------
    checks
        From ``check_fit``.
    folder
        Folder of results.
    subject
        What the survey is called.
    banner
        Text stamped on both, such as ``"SIMULATED"``.
    formats
        Endings of the figure's files.
    table
        Whether to write the table.
    """
    private = Path(folder) / PRIVATE
    files = [write_csv(checks.table, private / "fit_checks.csv", banner=banner)] if table else []
    if not checks.checks:
        return files
    figure = plot_fit_checks(checks, subject=subject, banner=banner)
    return files + [
        save_figure(figure, private / "figures" / f"fit_checks.{ending}", dpi=_DPI)
        for ending in formats
    ]
