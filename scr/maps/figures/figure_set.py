"""All figures of a fit but the maps, written into folders for the public and for the project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scr.fit.result import Fit
from scr.habitat.region import Region
from scr.io.map_layers import MapLayers
from scr.io.results_folder import PRIVATE, PUBLIC
from scr.io.whole_files import file_name
from scr.maps.figures.buffers import plot_esa_by_buffer
from scr.maps.figures.curves import plot_detection
from scr.maps.figures.effort_chart import plot_effort
from scr.maps.figures.layout import COLUMN_WIDTH_MM, PAGE_WIDTH_MM
from scr.maps.figures.movements import plot_movements
from scr.maps.figures.plots import save_figure
from scr.maps.figures.prior_posterior import plot_prior_posterior
from scr.maps.figures.responses import plot_covariate_response
from scr.maps.figures.sessions_chart import plot_sessions, width_for
from scr.maps.figures.style import MapStyle
from scr.maps.public import names_the_hidden
from scr.maps.trend_numbers import TrendNumbers
from scr.model.labels import class_in_words
from scr.posterior.detectability import detection_curve
from scr.posterior.home_range import home_range_radius
from scr.posterior.responses import parameters_with_covariates

FORMATS = ("png", "pdf", "svg")
"""Formats of the figures."""

_DPI = {PUBLIC: 300, PRIVATE: 200}
_BY_SESSION = "animals_by_session"
_MANY_COEFFICIENTS = 6


@dataclass(frozen=True)
class _Set:
    """What all figures share."""

    fit: Fit
    folder: Path
    subject: str | None
    banner: str | None
    formats: Sequence[str] | None
    layers: MapLayers | None

    def public(self, figure: Figure, name: str) -> list[Path]:
        return _save(figure, self.folder, PUBLIC, name, formats=self.formats)

    def private(self, figure: Figure, name: str) -> list[Path]:
        return _save(figure, self.folder, PRIVATE, name, formats=self.formats)


def _save(
    figure: Figure, folder: Path, where: str, name: str, *, formats: Sequence[str] | None
) -> list[Path]:
    return [
        save_figure(figure, folder / where / "figures" / f"{name}.{ending}", dpi=_DPI[where])
        for ending in formats or FORMATS
    ]


def write_figures(
    fit: Fit,
    folder: str | Path,
    *,
    regions: Sequence[Region] = (),
    subject: str | None = None,
    banner: str | None = None,
    formats: Sequence[str] | None = None,
    layers: MapLayers | None = None,
) -> list[Path]:
    """Write the figures of a fit into ``public/figures`` and ``private/figures``.

    Parameters
    ----------
    fit
        A fitted model.
    folder
        Folder of results, made if need be. Each file is written whole or not at all.
    regions
        Outlines for the map of movements, such as the reserve.
    subject
        What the survey is called.
    banner
        Text stamped on every figure, such as ``"SIMULATED"``.
    formats
        Endings of the files; those of ``FORMATS`` if left out.
    layers
        What the map of movements shows beside them.

    Returns
    -------
    list
        The files. Public: the detection function, density against its covariates without marks of
        where stations stood, and prior and posterior, unless coefficients are named by stations
        or animals. Private: effort, movements, responses with
        marks, and effective sampling area by buffer, which are named by station or follow from
        where stations stood. Sessions and parameters have figures of their own.
    """
    figures = _Set(fit, Path(folder), subject, banner, formats, layers)
    files = _write_parameters(figures)
    for session in fit.survey.sessions:
        label = f"_{file_name(session.name)}" if len(fit.survey.sessions) > 1 else ""
        files += _write_session(figures, session.name, label, regions)
    return files


def write_sessions(
    folder: str | Path,
    told: Mapping[str, tuple[pd.DataFrame, TrendNumbers | None]],
    *,
    subject: str | None = None,
    banner: str | None = None,
    formats: Sequence[str] | None = None,
) -> list[Path]:
    """Write the figure of animals by session, where there are several.

    Parameters
    ----------
    folder
        Folder of results, made if need be.
    told
        For ``public`` and ``private``: numbers of animals, and their change over sessions.
    subject, banner, formats
        As for ``write_figures``.
    """
    files: list[Path] = []
    for where, (table, trend) in told.items():
        if len(set(table["session"])) < 2:
            continue
        figure = plot_sessions(
            table, trend, subject=subject, banner=banner, width_mm=width_for(table)
        )
        files += _save(figure, Path(folder), where, _BY_SESSION, formats=formats)
    return files


def _write_parameters(figures: _Set) -> list[Path]:
    """What holds for all sessions: priors, and responses to covariates."""
    fit = figures.fit
    shared: dict[str, Any] = {"subject": figures.subject, "banner": figures.banner}
    files: list[Path] = []
    if fit.prior is not None and fit.engine != "mle":
        many = len(fit.coefficient_names) > _MANY_COEFFICIENTS
        width = PAGE_WIDTH_MM if many else COLUMN_WIDTH_MM
        figure = plot_prior_posterior(fit, width_mm=width, **shared)
        save = figures.private if names_the_hidden(fit) else figures.public
        files += save(figure, "prior_and_posterior")
    for parameter in parameters_with_covariates(fit):
        name = f"{parameter}_by_covariate"
        if parameter == "density" and not _names_places(fit):
            plain = plot_covariate_response(fit, parameter, rug=False, **shared)
            files += figures.public(plain, name)
        files += figures.private(plot_covariate_response(fit, parameter, **shared), name)
    return files


def _names_places(fit: Fit) -> bool:
    """Whether density follows coordinates, whose range is that of the stations with the buffer."""
    return bool({"x", "y"} & fit.spec.variables("density"))


def _classes_named(table: pd.DataFrame, fit: Fit) -> pd.DataFrame:
    """A table with its classes in words."""
    return table.assign(**{"class": [class_in_words(c, fit.labels) for c in table["class"]]})


def _write_session(figures: _Set, name: str, label: str, regions: Sequence[Region]) -> list[Path]:
    fit, subject, banner = figures.fit, figures.subject, figures.banner
    session = next(item for item in fit.survey.sessions if item.name == name)
    curve = detection_curve(fit, session=name)
    curve = replace(curve, table=_classes_named(curve.table, fit))
    radius = _classes_named(home_range_radius(fit), fit)
    detection = plot_detection(curve, radius=radius, banner=banner)
    effort = plot_effort(session, subject=subject, banner=banner, width_mm=PAGE_WIDTH_MM)
    style = MapStyle(subject, banner, PAGE_WIDTH_MM, layers=figures.layers)
    buffers = plot_esa_by_buffer(fit, session=name, subject=subject, banner=banner)
    return [
        *figures.public(detection, f"detection_function{label}"),
        *figures.private(effort, f"effort{label}"),
        *figures.private(
            plot_movements(session, regions=regions, style=style), f"movements{label}"
        ),
        *figures.private(buffers, f"sampling_area_by_buffer{label}"),
    ]
