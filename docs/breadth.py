"""140 models recorded for 13 simulated surveys by another program, and how near ours come.

Used by the tests; run as a script with the folder of the records it writes ``breadth.md``.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.stats import poisson
from shapely import GeometryCollection, LineString, Polygon

import scr
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import Detector
from scr.survey.fixes import Fixes
from scr.survey.mixed import with_detectors
from scr.survey.parts import places_of
from scr.survey.survey import Session
from scr.survey.usage import Usage

PAGE = Path(__file__).parent / "breadth.md"

FOLDERS: dict[str, Detector] = {
    "proximity": "proximity",
    "multi": "multi",
    "removed": "multi",
    "poisson_count": "count",
    "mixed": "mixed",
    "sessions": "proximity",
    "polygon": "polygon",
    "polygonX": "polygon_exclusive",
    "transect": "transect",
    "transectX": "transect_exclusive",
    "telemetry_independent": "proximity",
    "telemetry_concurrent": "proximity",
    "telemetry_dependent": "proximity",
}
"""Folders, and their detectors."""

FORMS: dict[str, Any] = {
    "HN": "half_normal",
    "EX": "exponential",
    "HR": "hazard_rate",
    "HHN": "hazard_half_normal",
    "HEX": "hazard_exponential",
    "HVP": "hazard_variable_power",
    "HHR": "hazard_hazard_rate",
    "ANN": "annular_normal",
    "HAN": "hazard_annular_normal",
    "WEX": "w_exponential",
    "CLN": "cumulative_lognormal",
    "CG": "cumulative_gamma",
    "HCG": "hazard_cumulative_gamma",
    "CHN": "compound_half_normal",
}
"""Our names of their detection functions."""

RESPONSES = {"k": "k_secr", "K": "K_secr"}
"""Responses that the records take by the rule of secr: ours of these names are exact."""

TERMS = {
    **RESPONSES,
    "bkTRUE": "bk",
    "BkTRUE": "Bk",
    "h22": "h2[T.2]",
    "trail[road]": "trail[T.road]",
    "Session": "trend",
    "session2023": "session[T.2023]",
    "session2024": "session[T.2024]",
} | {f"t{t}": f"t[T.{t}]" for t in range(2, 7)}
"""Our names of their terms, where they differ."""

HECTARES = {"density": 100.0, "a0": 0.01, "sigmak": 0.01}
"""What theirs are multiplied by, of animals per ha or areas in ha."""

SEARCHES = frozenset({"polygon", "polygonX", "transect", "transectX"})
"""Folders whose recorded integrals stop at a relative 1e-6."""


@dataclass(frozen=True)
class Recorded:
    """One model with its recorded log-likelihoods.

    Parameters
    ----------
    folder, label
        Where it stands.
    detection
        Name of the detection function, as recorded.
    formulas
        As recorded.
    number
        What is said of the number of animals.
    survey, mask
        The data.
    spec
        The model on our terms.
    points
        Coefficients on our terms, and the log-likelihood recorded there.
    constant
        Multinomial constant of the record, which ours is without.
    by_sex
        Whether the record counts n by the harmonic mean of the probabilities of detection.
    """

    folder: str
    label: str
    detection: str
    formulas: tuple[str, ...]
    number: str
    survey: scr.Survey
    mask: scr.HabitatMask
    spec: scr.ModelSpec
    points: tuple[tuple[dict[str, float], float], ...]
    constant: float
    by_sex: bool

    def differences(self) -> list[tuple[float, float]]:
        """Ours less theirs at each point, and theirs."""
        found = []
        for values, recorded in self.points:
            ours = scr.log_likelihood(self.survey, self.mask, self.spec, coefficients=values)
            ours += self.constant + (self._other_n(values) if self.by_sex else 0.0)
            found.append((ours - recorded, recorded))
        return found

    def _other_n(self, values: Mapping[str, float]) -> float:
        """Log probability of n as recorded by sex, less ours.

        The record takes n to be Poisson with N p, p the harmonic mean n / sum 1 / p_i over the
        animals of known sex by their own p_F or p_M and the others by the mean of the two. Ours is
        the Poisson process of both sexes, where n has the mean N (psi_F p_F + psi_M p_M).
        """
        session = self.survey.sessions[0]
        sex = session.captures.covariates["sex"]
        away = np.hypot(*(self.mask.xy[:, None] - session.traps.xy).transpose(2, 0, 1))
        effort = session.usage.effort.sum(axis=1)
        p = []
        for male in (0.0, 1.0):
            log_rate, log_scale = (
                values[f"{name}.Intercept"] + male * values[f"{name}.sex[T.M]"]
                for name in ("lambda0", "sigma")
            )
            k = np.exp(-(away**2) / (2 * np.exp(2 * log_scale)))
            p.append(float(np.mean(1 - np.exp(-np.exp(log_rate) * k @ effort))))
        males = 1 / (1 + np.exp(-values["share.Intercept"]))
        mean = (1 - males) * p[0] + males * p[1]
        of_animals = sex.map({"F": p[0], "M": p[1]}).astype(float).fillna(mean)
        n, animals = len(sex), np.exp(values["density.Intercept"]) * self.mask.area
        theirs = poisson.logpmf(n, animals * n / (1 / of_animals).sum())
        return float(theirs - poisson.logpmf(n, animals * mean))


def recorded_breadth(root: Path) -> Iterator[Recorded]:
    """Every model of the records.

    Parameters
    ----------
    root
        Folder of the records.
    """
    for folder in FOLDERS:
        yield from recorded_in(root / folder)


def recorded_in(folder: Path) -> Iterator[Recorded]:
    """Every model of one folder.

    Parameters
    ----------
    folder
        One of ``FOLDERS``.
    """
    record = json.loads((folder / "secr_reference.json").read_text(encoding="utf-8"))
    table = pd.read_csv(folder / "mask.csv")
    area = table["area_ha"].iloc[0] / 100
    mask = scr.read_mask(table.drop(columns="area_ha"), crs="local", area_km2=area)
    for label, model in record["models"].items():
        options = model["options"]
        by_sex = options.get("hcov") == "sex"
        fixed = options.get("details", {}).get("distribution", "poisson")
        number: Any = "conditional" if options.get("CL") else fixed
        formulas = dict(text.split(" ~ ") for text in model["model"])
        if by_sex:
            formulas = {name: text.replace("h2", "sex") for name, text in formulas.items()}
        density = formulas.pop("D", "1").replace("Session", "trend")
        yield Recorded(
            folder=folder.name,
            label=label,
            detection=model["detectfn"],
            formulas=tuple(model["model"]),
            number=number,
            survey=_read_survey(folder, record, options),
            mask=mask,
            spec=scr.ModelSpec(
                density=f"~ {density}",
                detection=FORMS[model["detectfn"]],
                number=number,
                **_given(formulas),
            ),
            points=tuple(
                (_on_our_terms(model["beta_names"], point, by_sex=by_sex), recorded)
                for point, recorded in zip(model["points"], model["logLik"], strict=True)
            ),
            constant=model["logmultinom"],
            by_sex=by_sex,
        )


def _given(formulas: Mapping[str, str]) -> dict[str, Any]:
    return {name: f"~ {RESPONSES.get(text, text)}" for name, text in formulas.items()}


def _on_our_terms(names: list[str], point: list[float], *, by_sex: bool) -> dict[str, float]:
    values = {}
    for name, value in zip(names, point, strict=True):
        parameter, _, term = name.split(" ")[0].partition(".")
        ours = "density" if parameter == "D" else parameter
        term = "" if parameter == "pmix" else TERMS.get(term, term)
        if by_sex:
            ours, term = ours.replace("pmix", "share"), term.replace("h2M", "sex[T.M]")
        values[f"{ours}.{term or 'Intercept'}"] = value
    for ours, hectares in HECTARES.items():
        if f"{ours}.Intercept" in values:
            values[f"{ours}.Intercept"] += np.log(hectares)
    return values


def _read_survey(folder: Path, record: Any, options: Any) -> scr.Survey:
    detector = FOLDERS[folder.name]
    table = pd.read_csv(folder / "traps.csv", dtype={"session": str})
    found = pd.read_csv(
        folder / "detections.csv", dtype={"session": str, "individual": str, "part": str}
    )
    if "session" not in table:
        table, found = table.assign(session="1"), found.assign(session="1")
    fixes = _fixes(folder)
    usage = table.filter(regex=r"^u\d$").to_numpy(dtype=float)
    traps = _parts(table, detector) if "part" in table else _points(table)
    sessions = []
    for label in traps.sessions:
        of = traps.of_session(label)
        rows = (table["session"] == label).to_numpy()
        effort = usage[rows] if usage.size else np.ones((len(of), record["occasions"]))
        sessions.append(
            Session(
                label,
                of,
                Usage(effort),
                _captures(of, found[found["session"] == label]),
                pd.DataFrame(options.get("timecov", {})),
                fixes=fixes,
            )
        )
    covariates = pd.DataFrame({"trend": np.arange(len(sessions), dtype=float)})
    for name, values in options.get("sessioncov", {}).items():
        covariates[name] = np.array(values, dtype=float)
    if detector == "mixed":
        counts = scr.Survey(tuple(sessions), detector="count", covariates=covariates)
        return with_detectors(counts, record["detector"])
    return scr.Survey(tuple(sessions), detector=detector, covariates=covariates)


def _points(table: pd.DataFrame) -> scr.Traps:
    columns = table.columns.intersection(["session", "trap", "x", "y", "trail", "slope"])
    return scr.read_traps(table[columns], crs="local")


def _parts(table: pd.DataFrame, detector: Detector) -> scr.Traps:
    shape: Any = Polygon if detector.startswith("polygon") else LineString
    corners = {name: rows[["x", "y"]].to_numpy() for name, rows in table.groupby("part")}
    parts = GeometryCollection([shape(xy) for xy in corners.values()])
    names = np.array(list(corners), dtype=object)
    session = np.full(len(names), "1", dtype=object)
    return scr.Traps(names, places_of(parts), crs="local", parts=parts, session=session)


def _captures(traps: scr.Traps, found: pd.DataFrame) -> CaptureHistory:
    if traps.parts is not None:  # two rows of polygonX name the part in which they do not lie
        away = shapely.distance(
            np.array(traps.parts.geoms)[None, :],
            shapely.points(found[["x", "y"]].to_numpy())[:, None],
        )
        found = found.assign(trap=traps.names[away.argmin(axis=1)])
    found = found.sort_values(["individual", "occasion", "trap"], kind="stable")
    names = sorted(found["individual"].unique(), key=int)
    keys = ["individual", "occasion", "trap"]
    records = found.groupby(keys, sort=False).agg(count=("alive", "size")).reset_index()
    dead = set(found.loc[~found["alive"], "individual"])
    first = found.drop_duplicates("individual").set_index("individual").loc[names]
    where = list(traps.names)
    return CaptureHistory(
        individuals=np.array(names, dtype=object),
        individual=np.array([names.index(name) for name in records["individual"]]),
        occasion=records["occasion"].to_numpy() - 1,
        trap=np.array([where.index(name) for name in records["trap"]]),
        count=records["count"].to_numpy(),
        covariates=first[first.columns.intersection(["sex", "weight"])].reset_index(drop=True),
        removed=np.array([name in dead for name in names]),
        xy=np.zeros((0, 2)) if traps.parts is None else found[["x", "y"]].to_numpy(),
    )


def _fixes(folder: Path) -> Fixes | None:
    if not (folder / "fixes.csv").exists():
        return None
    table = pd.read_csv(folder / "fixes.csv")
    xy = table[["x", "y"]].to_numpy()
    telemetry: Any = folder.name.removeprefix("telemetry_")
    return Fixes(table["individual"].to_numpy(), xy, telemetry)


def page_of(root: Path) -> str:
    """The page: one row a model.

    Parameters
    ----------
    root
        Folder of the records.
    """
    rows, worst = [], {True: 0.0, False: 0.0}
    for model in recorded_breadth(root):
        off = model.differences()
        most = max(abs(difference) for difference, _ in off)
        relative = max(abs(difference / recorded) for difference, recorded in off)
        searched = model.folder in SEARCHES
        worst[searched] = max(worst[searched], most if searched else relative)
        formulas = ", ".join(model.formulas)
        number = "" if model.number == "poisson" else model.number
        rows.append(
            f"| {model.folder} | {model.label} | {model.detection} | {formulas} | {number} |"
            f" {relative:.1e} |"
        )
    return "\n".join(
        [
            "# Models recorded by another program",
            "",
            "Made by `docs/breadth.py`. Thirteen surveys were simulated with secr 5.5.0, which gave"
            " its log-likelihood of each model at three stated sets of coefficients; no optimiser"
            f" took part. Of {len(rows)} models ours differs by a relative {worst[False]:.1e} at"
            f" most, and where areas or lines are searched by {worst[True]:.1e} units: there secr's"
            " own integrals stop at a relative 1e-6. Its multinomial constant is added. With"
            " `hcov sex` it counts n by a harmonic mean of the probabilities of detection, which is"
            " put in place of our Poisson process of both sexes.",
            "",
            "| survey | model | detection function | formulas | number of animals | largest"
            " relative difference |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page_of(Path(sys.argv[1])), encoding="utf-8")
