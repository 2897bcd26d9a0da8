"""All results of a fit: maps, tables, figures and reports, in two folders."""

from pathlib import Path

import numpy as np

from scr.fit.result import Fit
from scr.maps.outputs import write_outputs
from scr.posterior.realised import realised_draws
from scr.posterior.thinning import thinned
from scr.posterior.zones import Regions
from scr.report.page import write_reports


def write_results(
    fit: Fit,
    folder: str | Path,
    *,
    region: Regions | None = None,
    title: str | None = None,
    banner: str | None = None,
    seed: int = 1,
    max_draws: int = 1000,
) -> tuple[Path, ...]:
    """Write everything into ``public`` and ``private``: ``write_outputs``, and a report in each.

    Parameters
    ----------
    fit
        A fitted model.
    folder
        Folder of results, made if need be. Each file is written whole or not at all.
    region
        Where the number of animals is reported, as in ``abundance``.
    title
        Name of the survey.
    banner
        Text stamped on everything, such as ``"SIMULATED"``.
    seed
        Seed of the draws of realised density, which maps, tables and reports share.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    tuple
        The files; the last two are ``public/report.html`` and ``private/report.html``.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    draws = None
    if fit.point is None:
        thetas = thinned(fit.draws, max_draws)
        draws = realised_draws(fit, thetas, np.random.default_rng(seed))
    outputs = write_outputs(
        fit,
        folder,
        region=region,
        title=title,
        banner=banner,
        seed=seed,
        max_draws=max_draws,
        draws=draws,
    )
    reports = write_reports(
        fit, folder, region=region, title=title, banner=banner, seed=seed, draws=draws
    )
    return (*outputs, *reports)
