"""What other programs recorded of the reference surveys, on our terms."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from reference_surveys import REFERENCE, RESERVES

import scr

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
    "g0.bTRUE": "g0.b",
    "g0.h22": "g0.h2[T.2]",
    "g0.T": "g0.T",
    "sigma": "sigma.Intercept",
    "sigma.h2M": "sigma.sex[T.M]",
    "pmix.h2M": "share.Intercept",
    "pmix.h22": "pmix.Intercept",
    "z": "z.Intercept",
}
"""Our names of the other program's coefficients."""

FORMULA = {"D": "density"}
"""Our names of the other program's formulas."""

FORMULAS = {"~x + y": "~ scale(x) + scale(y)"}
"""Our words for the other program's formulas."""


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
    expected_n
        Animals expected on the mask.
    esa
        Effective sampling area, in km2.
    """

    survey: str
    label: str
    spec: scr.ModelSpec
    detector: str
    estimates: dict[str, tuple[float, float]]
    log_likelihood: float
    points: tuple[tuple[dict[str, float], float], ...] = ()
    expected_n: float | None = None
    esa: float | None = None


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


def by_name(rows: list[str], values: list[float]) -> dict[str, float]:
    """Coefficients on our scale and by our names.

    Parameters
    ----------
    rows, values
        The other program's names and values; density per hectare.
    """
    named = {COEFFICIENT[row]: float(value) for row, value in zip(rows, values, strict=True)}
    if "density.Intercept" in named:
        named["density.Intercept"] += np.log(HECTARES_PER_KM2)
    return named


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
        return tuple(_from_spec(name, label, model) for label, model in found.items())

    return records


def _from_spec(name: str, label: str, model: dict[str, Any]) -> RecordedModel:
    spec = model["spec"]
    rows = [row["row"] for row in model["beta"]]
    detector = spec["detector"]
    if detector == "count" and spec["binomN"] == 1:
        detector = "binomial_count"
    formulas = spec["formula"]
    if isinstance(formulas, list):  # in the order of the coefficients, without names
        names = dict.fromkeys(row.split(".")[0] for row in rows)
        formulas = dict(zip(names, formulas, strict=True))
    formulas = {
        FORMULA.get(key, key): FORMULAS.get(text, text)
        for key, text in formulas.items()
        if key != "pmix"
    }
    number = "conditional" if spec["CL"] else spec["distribution_n"]
    whole, derived = model["region_N_mask"][0]["est"], model["derived"][0]["est"]
    return RecordedModel(
        survey=name,
        label=label,
        spec=scr.ModelSpec(detection=DETECTION[spec["detectfn"]], number=number, **formulas),
        detector=detector,
        estimates=_estimates(model["beta"], key="row"),
        log_likelihood=model["logLik"],
        points=tuple(
            (by_name(rows, point["beta"]), point["logLik"]) for point in model["logLik_at_points"]
        ),
        expected_n=next(row["estimate"] for row in whole if row["row"] == "E.N"),
        esa=next(row["estimate"] for row in derived if row["row"] == "esa") / HECTARES_PER_KM2,
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


def _tiger_bayes_records(root: Path) -> tuple[RecordedModel, ...]:
    model = _json(root / "tiger_bayes" / "tiger_secr.json")
    return (
        RecordedModel(
            survey="tiger_bayes",
            label="HN_binom_usage",
            spec=scr.ModelSpec(detection="half_normal"),
            detector="binomial_count",
            estimates=_estimates(model["beta"], key="par"),
            log_likelihood=model["logLik"],
        ),
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


def _reserve_records(reserve: str) -> Callable[[Path], tuple[RecordedModel, ...]]:
    def records(root: Path) -> tuple[RecordedModel, ...]:
        models = _json(root / "leopard_south_africa" / "secr_reference.json")
        of = [model for model in models if model["label"].startswith(RESERVES[reserve])]
        specs = {
            "pooled": scr.ModelSpec(),
            "by sex": scr.ModelSpec(lambda0="~ sex", sigma="~ sex"),
        }
        return tuple(
            RecordedModel(
                survey=reserve,
                label=label,
                spec=spec,
                detector="count",
                estimates=_estimates(model["beta"], key="_row"),
                log_likelihood=model["logLik"],
            )
            for (label, spec), model in zip(specs.items(), of, strict=True)
        )

    return records


RECORDS: dict[str, Callable[[Path], tuple[RecordedModel, ...]]] = {
    "captdata": _records_with_spec("captdata"),
    "stoat": _records_with_spec("stoat"),
    "stoat_prox": _records_with_spec("stoat_prox"),
    "tiger_nagarahole": _records_with_spec("tiger_nagarahole"),
    "tiger_nagarahole_count": _records_with_spec("tiger_nagarahole_count"),
    "tiger_bayes": _tiger_bayes_records,
    "leopard_like": _leopard_like_records,
    "large": _large_records,
    "snow_leopards": _snow_leopard_records,
} | {reserve: _reserve_records(reserve) for reserve in RESERVES}
"""Recorded models of each survey."""
