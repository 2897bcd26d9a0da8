"""Reference surveys, read from their files by the public readers.

Used by the tests and by ``validation.py``; ``recorded_figures.py`` holds what other programs
made of them. The files are in ../shared/reference beside the
checkout; leopard_like is also in tests/golden.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln

import scr
from scr.fit.derived import derived_density
from scr.likelihood.problem import animal_terms, build_problem

PROJECT = Path(__file__).resolve().parents[1]
REFERENCE = PROJECT.parent / "shared" / "reference"
GOLDEN = PROJECT / "tests" / "golden"

RESERVES = {
    "phinda": "Phinda_2016",
    "timbavati": "Timbavati_2016",
    "welgevonden": "Welgevonden_2016",
    "lajuma": "Lajuma_2016",
    "tembe": "Tembe_2016",
    "kpgr": "KPGR_2015",
}
"""Sessions of the South African reserves with figures of their own."""


def read_reference(
    name: str, *, detector: str | None = None, root: Path = REFERENCE
) -> tuple[scr.Survey, scr.HabitatMask]:
    """A reference survey and its mask, from their files.

    Parameters
    ----------
    name
        Folder, or a reserve of ``RESERVES``.
    detector
        Detector type, where a survey is read as another than its usual one.
    root
        Where the folder is.
    """
    usual, reader = READERS[name]
    return reader(root, detector or usual)


def constants(survey: scr.Survey) -> float:
    """What recorded log-likelihoods include and ours does not.

    The logarithm of the multinomial coefficient n! / prod n_c! over distinct histories of each
    session, and of the binomial coefficients of counts.

    Parameters
    ----------
    survey
        The data.
    """
    total = 0.0
    for session in survey.sessions:
        captures = session.captures
        shape = (captures.n_individuals, session.usage.effort.size)
        histories = np.zeros(shape, dtype=np.int64)
        place = captures.trap * session.usage.effort.shape[1] + captures.occasion
        histories[captures.individual, place] = captures.count
        if len(histories):
            _, times = np.unique(histories, axis=0, return_counts=True)
            total += gammaln(len(histories) + 1) - gammaln(times + 1).sum()
        if survey.detector == "binomial_count":
            size = session.usage.effort[captures.trap, captures.occasion]
            y = captures.count
            total += (gammaln(size + 1) - gammaln(y + 1) - gammaln(size - y + 1)).sum()
    return float(total)


def _read_plain(
    folder: Path, detector: str, *, crs: str, usage: Any = None
) -> tuple[scr.Survey, scr.HabitatMask]:
    traps = scr.read_traps(folder / "traps.csv", crs=crs)
    survey = scr.read_survey(
        folder / "detections.csv",
        traps,
        usage=folder / "traps.csv" if usage is None else usage,
        detector=detector,
    )
    return survey, scr.read_mask(folder / "mask.csv", crs=crs)


def _local(folder: str) -> "Reader":
    def read(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
        return _read_plain(root / folder, detector, crs="local")

    return read


def _read_tigers(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "tiger_nagarahole", detector, crs="EPSG:32643")


def _read_tiger_counts(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "tiger_nagarahole_count", detector, crs="EPSG:32643")


def _read_large(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "large", detector, crs="local", usage=10)


def _read_snow_leopards(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    folder, crs = root / "snowleopard_secr_workflow", "EPSG:32643"
    traps = scr.read_traps(folder / "traps.csv", crs=crs)
    # The file of the traps also has dates of set-up and removal, which would count as deployments.
    usage = pd.read_csv(folder / "traps.csv", dtype=str)[["session", "trap", "o1"]]
    survey = scr.read_survey(folder / "detections.csv", traps, usage=usage, detector=detector)
    return survey, scr.read_mask(folder / "mask.csv", crs=crs, area_km2=4.0)


def snow_leopard_region(root: Path = REFERENCE) -> scr.HabitatMask:
    """Cells of the region that snow leopards are extrapolated to, 88,592 km2.

    Parameters
    ----------
    root
        Where the folder is.
    """
    path = root / "snowleopard_secr_workflow" / "region_mask.csv"
    return scr.read_mask(path, crs="EPSG:32643", area_km2=4.0)


def region_raster_path(root: Path = REFERENCE) -> Path:
    """Raster of elevation for snow leopards and their region.

    Parameters
    ----------
    root
        Where the folder is.
    """
    return root / "snowleopard_secr_workflow" / "example-elev.tif"


def log_mean_density(fit: scr.Fit) -> tuple[Any, float]:
    """Log of the mean density over a place, with its uncertainty.

    The place is the region of snow leopards where there are covariates of density, else the mask.

    Parameters
    ----------
    fit
        Any fit.

    Returns
    -------
    tuple
        For maximum likelihood the estimate and its standard error by the delta method; else one
        value per draw, and their standard deviation.
    """
    design = fit.problem.design
    place = snow_leopard_region() if "std_elev" in fit.spec.density else fit.mask

    def of(theta: Any) -> Any:
        return np.log(np.exp(design.predict_log_density(theta, place)).mean(axis=-1))

    if fit.point is None or fit.vcov_root is None:
        values = np.concatenate([of(part) for part in np.array_split(fit.draws, 20)])
        return values, float(values.std())
    steps = 1e-4 * fit.vcov_root.T
    slope = np.array([of(fit.point + step) - of(fit.point - step) for step in steps]) / 2e-4
    return float(of(fit.point)), float(np.linalg.norm(slope))


def expected_n(fit: scr.Fit) -> float:
    """Animals expected on the mask, at the maximum.

    Parameters
    ----------
    fit
        Fit by maximum likelihood.
    """
    if fit.spec.number == "conditional":
        return float(derived_density(fit)["n_mask"].sum())
    log_density = fit.problem.design.predict_log_density(fit.point, fit.mask)
    return float(np.exp(log_density) @ fit.mask.cell_area)


def effective_area(fit: scr.Fit) -> float:
    """Area times the probability of detection summed over the mask, km2, at the maximum.

    Parameters
    ----------
    fit
        Fit of one session by maximum likelihood.
    """
    one_animal_per_km2 = replace(fit.spec, density="~ 1", number="poisson", priors={})
    problem = build_problem(fit.survey, fit.mask, one_animal_per_km2)
    found = dict(fit.coefficients["estimate"]) | {"density.Intercept": 0.0}
    theta = np.array([found[name] for name in problem.design.coefficient_names])
    return float(animal_terms(problem, theta)[1].sum())


def _read_tiger_bayes(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    folder, crs = root / "tiger_bayes", "EPSG:32643"
    survey = scr.read_survey(
        folder / "tiger_detections.csv",
        scr.read_traps(folder / "tiger_traps.csv", crs=crs),
        usage=folder / "tiger_traps.csv",
        detector=detector,
    )
    return survey, scr.read_mask(folder / "tiger_mask.csv", crs=crs, bounded=True)


def _reserve(session: str) -> "Reader":
    def read(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
        folder, crs = root / "leopard_south_africa", "local"

        def of_reserve(file: str) -> pd.DataFrame:
            table = pd.read_csv(folder / file, dtype={"trap": str, "individual": str})
            return table[table["session"] == session].reset_index(drop=True)

        traps, found = of_reserve("traps.csv"), of_reserve("detections.csv")
        survey = scr.read_survey(
            found, scr.read_traps(traps, crs=crs), usage=traps, detector=detector
        )
        return survey, scr.read_mask(of_reserve("mask.csv"), crs=crs)

    return read


Reader = Callable[[Path, str], tuple[scr.Survey, scr.HabitatMask]]

READERS: dict[str, tuple[str, Reader]] = {
    "captdata": ("multi", _local("captdata")),
    "stoat": ("multi", _local("stoat")),
    "stoat_prox": ("proximity", _local("stoat_prox")),
    "tiger_nagarahole": ("proximity", _read_tigers),
    "tiger_nagarahole_count": ("count", _read_tiger_counts),
    "tiger_bayes": ("binomial_count", _read_tiger_bayes),
    "leopard_like": ("proximity", _local("leopard_like")),
    "large": ("proximity", _read_large),
    "snow_leopards": ("count", _read_snow_leopards),
} | {reserve: ("count", _reserve(session)) for reserve, session in RESERVES.items()}
"""Detector type and reader of each survey."""
