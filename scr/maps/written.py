"""What results were asked for, and what was worked out and written."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scr.maps.surface_set import Surfaces
from scr.posterior.realised import RealisedDraws
from scr.posterior.zones import Regions


@dataclass(frozen=True, eq=False)
class Asked:
    """What results are asked for, beside the fit.

    Parameters
    ----------
    folder
        Folder of results.
    region
        Where the number of animals is reported, as in ``abundance``.
    title
        Name of the survey.
    banner
        Text stamped on everything, such as ``"SIMULATED"``.
    seed
        Seed of the draws of realised density.
    max_draws
        Draws used, evenly spaced among those of the fit.
    doubts, public_doubts
        Warnings of the fit as text, for the project and for the public.
    """

    folder: Path
    region: Regions | None = None
    title: str | None = None
    banner: str | None = None
    seed: int = 1
    max_draws: int = 1000
    doubts: tuple[str, ...] = ()
    public_doubts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Outputs:
    """What was worked out of a fit, and the files that hold it.

    Parameters
    ----------
    files
        Tables, rasters and layers, and the fit as the last.
    drawn
        Files of figures, once they are drawn.
    table
        Numbers of animals, as ``abundance`` gives them.
    summary
        Estimates in plain units, as ``summary_table`` gives them.
    draws
        Draws of realised density, or None after maximum likelihood.
    surfaces
        Surfaces by the name of their files.
    """

    files: list[Path]
    drawn: list[Future[list[Path]]]
    table: pd.DataFrame
    summary: pd.DataFrame
    draws: RealisedDraws | None
    surfaces: Surfaces

    def all_files(self) -> tuple[Path, ...]:
        """All files, the fit as the last; waits for the figures."""
        *files, kept = self.files
        return (*(path for job in self.drawn for path in job.result()), *files, kept)
