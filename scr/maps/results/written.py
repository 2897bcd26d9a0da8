"""What results were asked for, and what was worked out and written."""

import warnings
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from scr.errors import MaskWarning
from scr.fit.comparison import Comparison
from scr.fit.result import Fit
from scr.io.map_layers import MapLook
from scr.maps.results.answers import answers_of
from scr.maps.results.models_table import models_table
from scr.maps.results.public_numbers import numbers_to_share
from scr.maps.results.surface_set import Surfaces
from scr.maps.results.tables import public_summary, rows_of_detection, summary_table
from scr.maps.trend_numbers import TrendNumbers, shared_trend
from scr.maps.trend_words import trend_sentences
from scr.posterior.abundance import abundance
from scr.posterior.belief import NOT_CREDIBLE
from scr.posterior.realised import RealisedDraws
from scr.posterior.zones import Regions
from scr.survey.wanted_trend import WantedTrend

ANIMALS = "animals"
"""What the animals are called where nothing else is said."""


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
    animals
        What the animals are called, in the plural.
    trend
        What is asked of a trend; None where nobody asked.
    look
        Layers and size of the maps.
    models
        Models of the same data, from ``compare``, or None.
    """

    folder: Path
    region: Regions | None = None
    title: str | None = None
    banner: str | None = None
    seed: int = 1
    max_draws: int = 1000
    doubts: tuple[str, ...] = ()
    public_doubts: tuple[str, ...] = ()
    animals: str = ANIMALS
    trend: WantedTrend | None = None
    look: MapLook = field(default_factory=MapLook)
    models: Comparison | None = None


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of animals and estimates, for one kind of reader.

    Parameters
    ----------
    table
        Numbers of animals, as ``abundance`` gives them.
    summary
        Estimates in plain units, as ``summary_table`` gives them.
    answers
        What they say in one sentence each; none where the estimates cannot be believed.
    withheld
        What is left out for this reader and what to do about it.
    trend
        Change over sessions; None where there is one, or nothing to share.
    by_sex
        Numbers of animals of each sex; None where the model has none.
    models
        The models that were compared; None where there is one alone.
    averaged
        Numbers of animals averaged over them.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    answers: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    trend: TrendNumbers | None = None
    by_sex: pd.DataFrame | None = None
    models: pd.DataFrame | None = None
    averaged: pd.DataFrame | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by their names in summary.json; those of sexes and a trend where there are."""
        told = {"summary": self.summary, "abundance": self.table}
        if self.by_sex is not None:
            told["abundance_by_sex"] = self.by_sex
        if self.trend is not None:
            told |= {"trend": self.trend.table, "trend_power": self.trend.power}
        if self.models is not None and self.averaged is not None:
            told |= {"models": self.models, "averaged_abundance": self.averaged}
        return told


def numbers_of(
    fit: Fit,
    table: pd.DataFrame,
    region: Regions | None,
    *,
    banner: str | None = None,
    animals: str = ANIMALS,
    trend: TrendNumbers | None = None,
    by_sex: pd.DataFrame | None = None,
    models: Comparison | None = None,
    averaged: pd.DataFrame | None = None,
) -> tuple[Numbers, Numbers]:
    """Numbers for the project, and those that may be shared.

    Parameters
    ----------
    fit
        A fitted model.
    table
        What ``abundance`` returned for it.
    region
        The regions that it is of.
    banner, animals
        As in ``Asked``.
    trend
        Change over its sessions.
    by_sex
        What ``abundance`` returned by sex; None where the model has none.
    models, averaged
        Models that were compared, and what ``abundance`` returned for them.
    """
    shared = numbers_to_share(fit, table, region)
    detection = rows_of_detection(fit)
    summary = public_summary(summary_table(fit, shared.table, detection=detection))
    believed = banner is None or not banner.startswith(NOT_CREDIBLE)
    change = shared_trend(trend, shared.table)
    ours, theirs = (
        (*answers_of(fit, rows, animals=animals), *_change_in_sentences(told, animals=animals))
        if believed
        else ()
        for rows, told in ((table, trend), (shared.table, change))
    )
    by_model = {
        public: None if models is None else models_table(models, public=public)
        for public in (True, False)
    }
    return (
        Numbers(
            table,
            summary_table(fit, table, detection=detection),
            ours,
            trend=trend,
            by_sex=by_sex,
            models=by_model[False],
            averaged=averaged,
        ),
        Numbers(
            shared.table,
            summary,
            theirs,
            shared.withheld,
            change,
            None if by_sex is None else numbers_to_share(fit, by_sex, region).table,
            by_model[True],
            None if averaged is None else numbers_to_share(fit, averaged, region).table,
        ),
    )


def averaged_with(
    models: Comparison | None, fit: Fit, draws: RealisedDraws | None
) -> Comparison | None:
    """Models to average, the one that is reported by the draws that its own numbers rest on.

    Parameters
    ----------
    models
        From ``compare``, or None.
    fit
        The fit that is reported.
    draws
        Joint draws of all animals under it; None after maximum likelihood.
    """
    return models if models is None or draws is None else models.drawn_from(fit, draws.thetas)


def averaged_numbers(
    models: Comparison | None,
    region: Regions | None,
    *,
    seed: int,
    max_draws: int,
    draws: RealisedDraws | None = None,
) -> pd.DataFrame | None:
    """Numbers of animals averaged over the models that were compared; None where there are none.

    Parameters
    ----------
    models
        From ``compare``.
    region, seed, max_draws
        As in ``Asked``.
    draws
        Joint draws of all animals under one of the models, made before.
    """
    if models is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MaskWarning)  # said with the numbers of the one reported
        return abundance(models, region, seed=seed, max_draws=max_draws, draws=draws)


def _change_in_sentences(trend: TrendNumbers | None, *, animals: str) -> tuple[str, ...]:
    return () if trend is None else trend_sentences(trend.table, animals=animals)


@dataclass(frozen=True, eq=False)
class Outputs:
    """What was worked out of a fit, and the files that hold it.

    Parameters
    ----------
    files
        Tables, rasters and layers, and the fit as the last.
    drawn
        Files of figures, once they are drawn.
    numbers, shared
        Numbers of animals and estimates, for the project and for the public.
    draws
        Draws of realised density, or None after maximum likelihood.
    surfaces
        Surfaces by the name of their files.
    """

    files: list[Path]
    drawn: list[Future[list[Path]]]
    numbers: Numbers
    shared: Numbers
    draws: RealisedDraws | None
    surfaces: Surfaces

    def all_files(self) -> tuple[Path, ...]:
        """All files, the fit as the last; waits for the figures."""
        *files, kept = self.files
        return (*(path for job in self.drawn for path in job.result()), *files, kept)
