"""Surveys of animals with two flanks, drawn day by day for tests."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.survey.captures import CaptureHistory
from scr.survey.sided_records import Sides
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

type Counts = NDArray[np.int64]


def stations(n_x: int = 4, n_y: int = 3, spacing: float = 2000.0) -> NDArray[np.float64]:
    x, y = np.meshgrid(np.arange(n_x) * spacing, np.arange(n_y) * spacing)
    return np.column_stack([x.ravel(), y.ravel()])


def session_of(
    xy: NDArray[np.float64],
    two: NDArray[np.float64],
    one: NDArray[np.float64],
    counts: list[Counts],
    sexes: list[str | None] | None = None,
    name: str = "1",
) -> Session:
    """A session from counts of each animal, shape (n_types, n_traps, n_occasions)."""
    side, tables = [], []
    for animal, count in enumerate(counts):
        type_, trap, occasion = np.nonzero(count)
        shown = {"blrlr"[t] for t in type_}
        side.append(1 if shown == {"l"} else 2 if shown == {"r"} else 0)
        number = count[type_, trap, occasion]
        tables.append(np.stack([np.full(len(type_), animal), occasion, trap, type_, number]))
    individual, occasion, trap, type_, number = np.concatenate(tables, axis=1)
    pooled = pd.DataFrame({"i": individual, "s": occasion, "k": trap}).drop_duplicates()
    covariates = pd.DataFrame({} if sexes is None else {"sex": sexes})
    return Session(
        name=name,
        traps=Traps(
            names=np.array([f"{name}K{k}" for k in range(len(xy))], dtype=object),
            xy=xy,
            crs="local",
            session=np.full(len(xy), name, dtype=object),
        ),
        usage=Usage(effort=two + one),
        captures=CaptureHistory(
            individuals=np.array([f"{'CLR'[s]}{i}" for i, s in enumerate(side)], dtype=object),
            individual=pooled["i"].to_numpy(),
            occasion=pooled["s"].to_numpy(),
            trap=pooled["k"].to_numpy(),
            count=np.ones(len(pooled), dtype=np.int64),
            covariates=covariates,
        ),
        sides=Sides(np.array(side), two, one, individual, occasion, trap, type_, number),
    )


def drawn_counts(
    rng: np.random.Generator,
    xy: NDArray[np.float64],
    two: NDArray[np.float64],
    one: NDArray[np.float64],
    *,
    centres: NDArray[np.float64],
    rates: tuple[float, float, float] = (0.05, 0.02, 0.04),
    sigma: float = 1500.0,
) -> list[Counts]:
    """Presence of each animal by type, station and day; whole histories, unseen ones left out."""
    both, single, alone = rates
    per_day = np.stack([both * two, single * two, single * two, alone * one, alone * one])
    found = []
    for centre in centres:
        k = np.exp(-((xy - centre) ** 2).sum(axis=1) / (2 * sigma**2))
        seen = rng.random(per_day.shape) < -np.expm1(-per_day * k[:, None])
        found.append(seen.astype(np.int64))
    return [count for count in found if count.any()]


def split(counts: list[Counts]) -> list[Counts]:
    """What a field worker sees: an animal without a record of both sides is two animals."""
    seen = []
    for count in counts:
        left, right = count.copy(), count.copy()
        left[[0, 2, 4]] = 0
        right[[0, 1, 3]] = 0
        seen += [count] if count[0].any() else [part for part in (left, right) if part.any()]
    return seen


def two_camera_days(
    rng: np.random.Generator, n_traps: int, n_days: int, share_of_one: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days of two cameras and of one, for each station and day."""
    alone = (rng.random((n_traps, n_days)) < share_of_one).astype(np.float64)
    return 1.0 - alone, alone


def survey_of(*sessions: Session) -> Survey:
    return Survey(sessions=sessions)


def with_pairs(session: Session, pairs: list[tuple[int, int]]) -> Session:
    """The session in which some left and right animals are one, and all are complete."""
    sides, captures = session.sides, session.captures
    assert sides is not None
    number = np.arange(captures.n_individuals)
    for left, right in pairs:
        number[right] = left
    kept = np.unique(number)
    place = np.searchsorted(kept, number)
    table = pd.DataFrame(
        {"i": place[captures.individual], "s": captures.occasion, "k": captures.trap}
    ).drop_duplicates()
    covariates = captures.covariates.copy()
    for left, right in pairs:
        for column in covariates.columns:
            if covariates[column].isna().iloc[left]:
                covariates.loc[left, column] = covariates.loc[right, column]
    return replace(
        session,
        captures=CaptureHistory(
            individuals=captures.individuals[kept],
            individual=table["i"].to_numpy(),
            occasion=table["s"].to_numpy(),
            trap=table["k"].to_numpy(),
            count=np.ones(len(table), dtype=np.int64),
            covariates=covariates.iloc[kept].reset_index(drop=True),
        ),
        sides=replace(
            sides, side=np.zeros(len(kept), dtype=np.int64), individual=place[sides.individual]
        ),
    )
