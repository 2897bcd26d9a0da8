"""Reference surveys read by the public readers, and the figures other programs recorded for them.

Used by the tests and by ``validation.py``. The files are in ../shared/reference beside the
checkout; leopard_like is also in tests/golden.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln

import scr

PROJECT = Path(__file__).resolve().parents[1]
REFERENCE = PROJECT.parent / "shared" / "reference"
GOLDEN = PROJECT / "tests" / "golden"

HECTARES_PER_KM2 = 100.0

DETECTION = {
    "HN": "half_normal",
    "EX": "exponential",
    "HR": "hazard_rate",
    "HHN": "hazard_half_normal",
    "HEX": "hazard_exponential",
}
"""Our names of the other program's detection functions."""

COEFFICIENT = {
    "D": "density.Intercept",
    "D.x": "density.scale(x)",
    "D.y": "density.scale(y)",
    "D.elev": "density.elev",
    "D.z": "density.z",
    "D.std_elev": "density.std_elev",
    "lambda0": "lambda0.Intercept",
    "lambda0.h2M": "lambda0.sex[T.M]",
    "g0": "g0.Intercept",
    "sigma": "sigma.Intercept",
    "sigma.h2M": "sigma.sex[T.M]",
    "pmix.h2M": "share.Intercept",
}
"""Our names of the other program's coefficients."""


@dataclass(frozen=True)
class RecordedModel:
    """A model that another program fitted, on our terms.

    Parameters
    ----------
    survey
        Name of the survey.
    label
        Name of the model in the record.
    spec
        The model.
    detector
        Detector type.
    estimates
        Estimate and standard error by our coefficient name; density per km2.
    log_likelihood
        At the maximum, as recorded.
    points
        Coefficients and the recorded log-likelihood there.
    """

    survey: str
    label: str
    spec: scr.ModelSpec
    detector: str
    estimates: dict[str, tuple[float, float]]
    log_likelihood: float
    points: tuple[tuple[dict[str, float], float], ...] = ()


def read_reference(
    name: str, *, detector: str | None = None, root: Path = REFERENCE
) -> tuple[scr.Survey, scr.HabitatMask]:
    """A reference survey and its mask, from their files.

    Parameters
    ----------
    name
        Folder, or ``"phinda"``.
    detector
        Detector type, where a survey is read as another than its usual one.
    root
        Where the folder is.
    """
    usual, reader = READERS[name]
    return reader(root, detector or usual)


def recorded_models(name: str, *, root: Path = REFERENCE) -> tuple[RecordedModel, ...]:
    """Models recorded for a survey that this package can fit.

    Parameters
    ----------
    name
        As in ``read_reference``.
    root
        Where the folder is.
    """
    return RECORDS[name](root)


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


def by_name(rows: list[str], values: list[float]) -> dict[str, float]:
    """Coefficients on our scale and by our names.

    Parameters
    ----------
    rows, values
        The other program's names and values; density per hectare.
    """
    named = {COEFFICIENT[row]: float(value) for row, value in zip(rows, values, strict=True)}
    named["density.Intercept"] += np.log(HECTARES_PER_KM2)
    return named


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


def _read_stoats(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "stoat_prox", detector, crs="local")


def _read_tigers(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "tiger_nagarahole", detector, crs="EPSG:32643")


def _read_tiger_counts(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "tiger_nagarahole_count", detector, crs="EPSG:32643")


def _read_leopard_like(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    return _read_plain(root / "leopard_like", detector, crs="local")


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


def recorded_region_n(label: str, *, root: Path = REFERENCE) -> float:
    """Plug-in expected N of snow leopards in the region, as recorded.

    Parameters
    ----------
    label
        Name of the model.
    root
        Where the folder is.
    """
    models = _json(root / "snowleopard_secr_workflow" / "secr_reference.json")
    return float(models[label]["regionN"][0]["estimate"])


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

    if fit.point is None or fit.vcov is None:
        values = np.concatenate([of(part) for part in np.array_split(fit.draws, 20)])
        return values, float(values.std())
    steps = 1e-4 * np.eye(len(fit.point))
    slope = np.array([of(fit.point + step) - of(fit.point - step) for step in steps]) / 2e-4
    return float(of(fit.point)), float(np.sqrt(slope @ fit.vcov @ slope))


def _read_phinda(root: Path, detector: str) -> tuple[scr.Survey, scr.HabitatMask]:
    folder, crs = root / "leopard_south_africa", "local"

    def of_phinda(file: str) -> pd.DataFrame:
        table = pd.read_csv(folder / file, dtype={"trap": str, "individual": str})
        return table[table["session"] == "Phinda_2016"].reset_index(drop=True)

    traps = of_phinda("traps.csv")
    survey = scr.read_survey(
        of_phinda("detections.csv"), scr.read_traps(traps, crs=crs), usage=traps, detector=detector
    )
    return survey, scr.read_mask(of_phinda("mask.csv"), crs=crs)


Reader = Callable[[Path, str], tuple[scr.Survey, scr.HabitatMask]]

READERS: dict[str, tuple[str, Reader]] = {
    "stoat_prox": ("proximity", _read_stoats),
    "tiger_nagarahole": ("proximity", _read_tigers),
    "tiger_nagarahole_count": ("count", _read_tiger_counts),
    "leopard_like": ("proximity", _read_leopard_like),
    "large": ("proximity", _read_large),
    "snow_leopards": ("count", _read_snow_leopards),
    "phinda": ("count", _read_phinda),
}
"""Detector type and reader of each survey."""


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _estimates(rows: list[dict[str, Any]], *, key: str) -> dict[str, tuple[float, float]]:
    names = [row[key] for row in rows]
    estimates = by_name(names, [row["beta"] for row in rows])
    return {
        COEFFICIENT[row[key]]: (estimates[COEFFICIENT[row[key]]], float(row["SE.beta"]))
        for row in rows
    }


def _records_with_spec(name: str) -> Callable[[Path], tuple[RecordedModel, ...]]:
    """Models of a survey whose record holds the other program's model specifications."""

    def records(root: Path) -> tuple[RecordedModel, ...]:
        found = _json(root / name / "secr_reference.json")["models"]
        return tuple(
            _from_spec(name, label, model)
            for label, model in found.items()
            if not model["spec"]["CL"] and model["spec"]["distribution_n"] == "poisson"
        )

    return records


def _from_spec(name: str, label: str, model: dict[str, Any]) -> RecordedModel:
    spec = model["spec"]
    rows = [row["row"] for row in model["beta"]]
    detector = spec["detector"]
    if detector == "count" and spec["binomN"] == 1:
        detector = "binomial_count"
    density = {"~1": "~ 1", "~x + y": "~ scale(x) + scale(y)"}[spec["formula"]["D"]]
    return RecordedModel(
        survey=name,
        label=label,
        spec=scr.ModelSpec(density=density, detection=DETECTION[spec["detectfn"]]),
        detector=detector,
        estimates=_estimates(model["beta"], key="row"),
        log_likelihood=model["logLik"],
        points=tuple(
            (by_name(rows, point["beta"]), point["logLik"]) for point in model["logLik_at_points"]
        ),
    )


def _leopard_like_records(root: Path) -> tuple[RecordedModel, ...]:
    models = _json(root / "leopard_like" / "secr_reference.json")["general"]
    return tuple(
        RecordedModel(
            survey="leopard_like",
            label=model["label"],
            spec=scr.ModelSpec(density="~ elev" if "elev" in model["label"] else "~ 1"),
            detector="proximity",
            estimates=_estimates(model["beta"], key="_row"),
            log_likelihood=model["logLik"],
            points=tuple(
                (by_name([row["_row"] for row in model["beta"]], beta), value)
                for beta, value in zip(*model["logLik_at_points"].values(), strict=True)
            ),
        )
        for model in models
    )


def _large_records(root: Path) -> tuple[RecordedModel, ...]:
    record = _json(root / "large" / "secr_reference.json")
    rows = ["D", "D.z", "lambda0", "sigma"]
    included = record["logmultinom_binary"]
    estimates = by_name(rows, record["fit"]["beta"])
    return (
        RecordedModel(
            survey="large",
            label="D ~ z",
            spec=scr.ModelSpec(density="~ z"),
            detector="proximity",
            estimates={
                name: (value, se)
                for (name, value), se in zip(estimates.items(), record["fit"]["SE"], strict=True)
            },
            log_likelihood=record["points"][-1]["exact_core"] + included,
            points=tuple(
                (by_name(rows, point["beta"]), point["exact_core"] + included)
                for point in record["points"]
            ),
        ),
    )


def _snow_leopard_records(root: Path) -> tuple[RecordedModel, ...]:
    models = _json(root / "snowleopard_secr_workflow" / "secr_reference.json")
    return tuple(
        RecordedModel(
            survey="snow_leopards",
            label=label,
            spec=scr.ModelSpec(density=density),
            detector="count",
            estimates=_estimates(models[label]["beta"], key="_row"),
            log_likelihood=models[label]["logLik"],
        )
        for label, density in (("m0", "~ 1"), ("m1", "~ std_elev"))
    )


def _phinda_records(root: Path) -> tuple[RecordedModel, ...]:
    models = _json(root / "leopard_south_africa" / "secr_reference.json")
    pooled, by_sex = (model for model in models if model["label"].startswith("Phinda"))
    return (
        RecordedModel(
            survey="phinda",
            label="pooled",
            spec=scr.ModelSpec(),
            detector="count",
            estimates=_estimates(pooled["beta"], key="_row"),
            log_likelihood=pooled["logLik"],
        ),
        RecordedModel(
            survey="phinda",
            label="by sex",
            spec=scr.ModelSpec(lambda0="~ sex", sigma="~ sex"),
            detector="count",
            estimates=_estimates(by_sex["beta"], key="_row"),
            log_likelihood=by_sex["logLik"],
        ),
    )


RECORDS: dict[str, Callable[[Path], tuple[RecordedModel, ...]]] = {
    "stoat_prox": _records_with_spec("stoat_prox"),
    "tiger_nagarahole": _records_with_spec("tiger_nagarahole"),
    "tiger_nagarahole_count": _records_with_spec("tiger_nagarahole_count"),
    "leopard_like": _leopard_like_records,
    "large": _large_records,
    "snow_leopards": _snow_leopard_records,
    "phinda": _phinda_records,
}
"""Recorded models of each survey."""
