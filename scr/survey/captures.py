"""Capture histories, kept sparse: one row for each animal, occasion and trap with a detection."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError


@dataclass(frozen=True, eq=False)
class CaptureHistory:
    """Detections of one session.

    Parameters
    ----------
    individuals
        Names of the animals detected, text, unique, shape (n_individuals,).
    individual, occasion, trap
        Index of animal, occasion and trap of each record, from 0, shape (n_records,).
    count
        Detections in each record, whole, at least 1, shape (n_records,).
    covariates
        One row per individual, in their order. A missing value (an unknown sex) is None or NaN.
    removed
        True for individuals that were taken away or died at their last capture, shape
        (n_individuals,); none if left out. They cannot be detected in later occasions.
    xy
        Where areas or lines are searched the place of each detection, metres, record after
        record, shape (sum of counts, 2); else empty.

    Raises
    ------
    SurveyError
        If shapes disagree, a place is not finite, an individual is named twice or never detected,
        a count is below 1, or two records name the same animal, occasion and trap.
    """

    individuals: NDArray[np.object_]
    individual: NDArray[np.int64]
    occasion: NDArray[np.int64]
    trap: NDArray[np.int64]
    count: NDArray[np.int64]
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame)
    removed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    xy: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    def __post_init__(self) -> None:
        individuals = np.array([str(name) for name in self.individuals], dtype=object)
        object.__setattr__(self, "individuals", individuals)
        for name in ("individual", "occasion", "trap", "count"):
            value = np.array(getattr(self, name), dtype=np.int64).reshape(-1)
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        covariates = self.covariates
        if not len(covariates.columns):
            covariates = pd.DataFrame(index=range(len(individuals)))
        object.__setattr__(self, "covariates", covariates.reset_index(drop=True))
        removed = np.asarray(self.removed, dtype=np.bool_).reshape(-1)
        removed = removed if len(removed) else np.zeros(len(individuals), dtype=np.bool_)
        object.__setattr__(self, "removed", removed)
        xy = np.array(self.xy, dtype=np.float64).reshape(-1, 2)
        xy.setflags(write=False)
        object.__setattr__(self, "xy", xy)
        self._check()

    def _check(self) -> None:
        n = len(self.individuals)
        lengths = {len(self.individual), len(self.occasion), len(self.trap), len(self.count)}
        if len(lengths) > 1 or len(self.covariates) != n or len(self.removed) != n:
            msg = (
                f"Capture history with {n} individuals has columns of lengths {sorted(lengths)}, "
                f"{len(self.covariates)} rows of covariates and {len(self.removed)} of removed. "
                "Give one individual, occasion, trap and count per record, and one covariate row "
                "and one removed per individual."
            )
            raise SurveyError(msg)
        if len(set(self.individuals)) != n:
            msg = "An individual is named twice in a capture history. Give each name once."
            raise SurveyError(msg)
        if len(self.individual) and (self.individual.min() < 0 or self.individual.max() >= n):
            msg = f"A record names an individual outside 0..{n - 1}. Index from 0."
            raise SurveyError(msg)
        unseen = sorted(set(range(n)) - set(self.individual.tolist()))
        if unseen:
            listed = ", ".join(repr(self.individuals[i]) for i in unseen[:10])
            msg = f"{len(unseen)} individuals have no detection: {listed}. Leave them out."
            raise SurveyError(msg)
        if (self.count < 1).any():
            row = int(np.flatnonzero(self.count < 1)[0])
            msg = (
                f"Record {row + 1} counts {self.count[row]} detections. "
                "Counts are whole numbers of at least 1; leave out records without a detection."
            )
            raise SurveyError(msg)
        keys = np.stack([self.individual, self.occasion, self.trap], axis=1)
        if len(np.unique(keys, axis=0)) != len(keys):
            msg = (
                "Two records name the same animal, occasion and trap. "
                "Sum them into one count (count detectors) or keep one (proximity detectors)."
            )
            raise SurveyError(msg)
        if len(self.xy) and (len(self.xy) != self.count.sum() or not np.isfinite(self.xy).all()):
            msg = (
                f"{self.count.sum()} detections have {len(self.xy)} places, of which "
                f"{np.isfinite(self.xy).all(axis=1).sum()} are finite. Give x and y, metres, of "
                "each detection, record after record."
            )
            raise SurveyError(msg)

    def places_of(self, records: NDArray[np.int64]) -> NDArray[np.float64]:
        """Places of the detections of some records, one after the other.

        Parameters
        ----------
        records
            Numbers of records, in any order and perhaps repeated.

        Returns
        -------
        NDArray
            Metres, shape (n_detections, 2); empty where detections have no places.
        """
        if not len(self.xy):
            return self.xy
        number = np.repeat(np.arange(len(self.count)), self.count)
        rows = [np.flatnonzero(number == record) for record in records.tolist()]
        return np.asarray(self.xy[np.concatenate([np.zeros(0, dtype=np.int64), *rows])])

    @property
    def n_individuals(self) -> int:
        """Number of animals detected."""
        return len(self.individuals)

    @property
    def n_detections(self) -> int:
        """Sum of the counts."""
        return int(self.count.sum())
