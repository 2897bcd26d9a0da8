"""Fit the demo; put its pictures into docs/images and its numbers into README.md."""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

import scr
from scr.units import per_100_km2

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
WIDTH = 700
BEGIN, END = "<!-- demo: begin -->", "<!-- demo: end -->"

PICTURES = {
    "expected_density.png": "public/expected_density.png",
    "realised_density.png": "private/realised_density.png",
    "expected_density_cv.png": "private/expected_density_cv.png",
    "detection_function.png": "public/figures/detection_function.png",
}

NAMES = {
    "density.Intercept": "density at mean elevation on the home side of the border (log per km²)",
    "density.scale(elevation)": "effect of elevation on log density, per standard deviation",
    "density.beyond_border": "effect of lying beyond the border on log density",
    "lambda0.Intercept": "log detections per night at the centre, females",
    "lambda0.sex[T.M]": "difference of males",
    "sigma.Intercept": "log σ in metres, females",
    "sigma.sex[T.M]": "difference of males",
    "share.Intercept": "logit share of males",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scr.cli.main", "demo", folder]
        subprocess.run(command, check=True)
        results = Path(folder) / "results"
        (HERE / "images").mkdir(exist_ok=True)
        for name, source in PICTURES.items():
            copy_small(results / source, HERE / "images" / name)
        show_page(results / "public" / "report.html", HERE / "images" / "report.png")
        truth = json.loads((Path(folder) / "truth.json").read_text(encoding="utf-8"))
        text = README.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        _, after = rest.split(END)
        block = f"{BEGIN}\n{numbers(results, truth)}\n{lessons(Path(folder), truth)}{END}"
        README.write_text(before + block + after, encoding="utf-8")


def copy_small(source: Path, target: Path) -> None:
    """A picture as wide as the page of a repository shows it."""
    with Image.open(source) as full:
        small = full.convert("RGB")
    small.thumbnail((WIDTH, 2 * WIDTH))
    small.save(target, optimize=True)


def show_page(page: Path, picture: Path) -> None:
    """The top of a page as Debian's Chromium shows it, without a network."""
    with tempfile.TemporaryDirectory() as profile:
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--proxy-server=127.0.0.1:9",
            f"--user-data-dir={profile}",
            "--window-size=1100,1400",
            "--virtual-time-budget=5000",
            f"--screenshot={picture}",
        ]
        command = ["chromium", *options, page.resolve().as_uri()]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def numbers(results: Path, truth: dict[str, Any]) -> str:
    """The sentence and the table of estimates beside the truth."""
    counts, parameters = truth["counts"], truth["parameters"]
    abundance = _table(results / "private" / "abundance.csv")
    coefficients = _table(results / "private" / "coefficients.csv").set_index("coefficient")
    by_estimand = abundance.set_index("estimand")
    true_n = {
        "expected N": parameters["expected_N_reserve"],
        "realised N": parameters["realised_N_reserve"],
    }
    rows = [
        (
            f"{estimand} in the reserve, {parameters['reserve_area_km2']:,.0f} km²",
            f"{by_estimand.loc[estimand, 'median']:.1f}",
            f"{by_estimand.loc[estimand, 'lower']:.1f} to {by_estimand.loc[estimand, 'upper']:.1f}",
            f"{value:.1f}",
        )
        for estimand, value in true_n.items()
    ]
    rows.extend(
        (
            NAMES[name],
            f"{coefficients.loc[name, 'estimate']:.2f}",
            f"{coefficients.loc[name, 'lower']:.2f} to {coefficients.loc[name, 'upper']:.2f}",
            f"{value:.2f}",
        )
        for name, value in truth["coefficients"].items()
    )
    lines = [
        f"{counts['stations']} stations, {counts['nights']} nights, {counts['detections']} "
        f"detections of {counts['animals_identified']} animals, of which "
        f"{counts['animals_identified_living_in_reserve']} have their centre in the reserve.\n\n",
        "| | estimate | 95 % interval | truth |\n|---|---|---|---|\n",
        *(f"| {' | '.join(row)} |\n" for row in rows),
    ]
    return "".join(lines)


def lessons(folder: Path, truth: dict[str, Any]) -> str:
    """What the demo teaches, in figures."""
    full, clipped = (density(folder, habitat=name) for name in (None, "reserve.gpkg"))
    seen = _table(folder / "results" / "private" / "abundance.csv")["n_detected"].iloc[0]
    living = truth["parameters"]["realised_N_reserve"]
    return (
        f"Two things to notice. {seen} animals were photographed in the reserve; {living} lived "
        "in it: it is hardly wider than a leopard's home range, so many of them have their centre "
        "outside. And the cells where centres can lie, the habitat mask, reach 20 km beyond the "
        "stations on all sides, because the animals do. A mask clipped to the reserve would have "
        f"given {clipped:.1f} animals per 100 km² in place of {full:.1f} (density the same "
        "everywhere, maximum likelihood).\n"
    )


def density(folder: Path, *, habitat: str | None) -> float:
    """Animals per 100 km2 where density is the same everywhere and the mask is clipped."""
    traps = scr.read_traps(folder / "stations.csv", crs="EPSG:32652")
    survey = scr.read_survey(folder / "detections.csv", traps, usage=folder / "deployments.csv")
    mask = scr.build_mask(
        traps,
        buffer=20_000,
        spacing=1_000,
        habitat=None if habitat is None else folder / habitat,
        exclude=folder / "sea.gpkg",
    )
    spec = scr.ModelSpec(lambda0="~ sex", sigma="~ sex")
    fit = scr.fit_mle(survey, mask, spec, check_mask=False)
    return per_100_km2(math.exp(fit.coefficients.loc["density.Intercept", "estimate"]))


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, comment="#")


if __name__ == "__main__":
    main()
