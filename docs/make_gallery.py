"""Write gallery.md and its figures. ``python docs/make_gallery.py [FOLDER]``.

FOLDER is one that ``scr demo`` has filled; the demo is fitted anew if it is left out. The code that
the page shows is the code that made the figure above it.
"""

import subprocess
import sys
import tempfile
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import scr
from scr.maps.figures.plots import save_figure
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

HERE = Path(__file__).parent
PAGE = HERE / "gallery.md"
FIGURES = HERE / "images" / "gallery"
DPI = 150
YEARLY = -0.2
"""Log rate of the years that are simulated."""

START = """\
import scr

fit = scr.load_fit("results/private/fit.nc")
reserve = scr.read_reserve("reserve.gpkg")
(session,) = fit.survey.sessions
look = scr.load_project("survey.toml").map_look  # layers of [maps]: relief, rivers, towns ...
years = scr.load_fit("years.nc")  # three years, with density = "~ scale(elevation) + year"
column = {"banner": "SIMULATED", "width_mm": 85}
page = {"banner": "SIMULATED", "width_mm": 174}
"""


@dataclass(frozen=True)
class Entry:
    """One figure: what it shows, and the code that makes ``figure``."""

    name: str
    title: str
    text: str
    code: str


ENTRIES = (
    Entry(
        "map_to_print",
        "A map to print",
        "Relief, water, rivers, roads, borders and towns are your own layers, named under `[maps]` "
        "in survey.toml; names are written where there is room, and a small map shows where the "
        "large one lies. Colours end at the outline of the reserve. This is the map that `scr fit` "
        "writes into `public/`. With `traps=` the stations are drawn, and the map is private.",
        """\
expected = scr.density_surface(fit)
layers = {"layers": look.layers, "margin": look.margin}
style = scr.MapStyle(**layers, clip=True, **column)
figure = scr.plot_surface(expected, regions=[reserve], style=style)
""",
    ),
    Entry(
        "not_sampled",
        "Where the model only guesses",
        "Cells whose covariates were sampled nowhere near a station are hatched. They do not rule "
        "the scale of colours: where they, or a few others, lie far above the rest, the bar ends "
        "in an arrow. Private: they show what was sampled.",
        """\
style = scr.MapStyle(**column)
figure = scr.plot_surface(expected, column="q97.5", regions=[reserve], style=style)
""",
    ),
    Entry(
        "expected_density",
        "A plain map",
        "Without layers.",
        """\
figure = scr.plot_surface(expected, regions=[reserve], style=scr.MapStyle(**column))
""",
    ),
    Entry(
        "with_uncertainty",
        "An estimate beside its uncertainty",
        "One scale bar, north arrow and legend for both. At column width the maps stand one below "
        "the other. Private: the coefficient of variation is least where stations stood.",
        """\
figure = scr.plot_with_uncertainty(
    expected, regions=[reserve], traps=session.traps.xy, style=scr.MapStyle(**page)
)
""",
    ),
    Entry(
        "with_limits",
        "The limits on one scale",
        "The same colours mean the same density on all three maps. `scr fit` writes it into "
        "`public/figures/`.",
        """\
style = scr.MapStyle(clip=True, **page)
figure = scr.plot_with_uncertainty(expected, show="limits", regions=[reserve], style=style)
""",
    ),
    Entry(
        "common_scale",
        "Several surfaces on a common scale",
        "Sessions, models or estimands. Expected density is what such habitat holds; realised "
        "density is where the animals of this survey were, and is private.",
        """\
realised = scr.realised_density(fit, n_draws=300)
figure = scr.plot_surfaces([expected, realised], regions=[reserve], style=scr.MapStyle(**page))
""",
    ),
    Entry(
        "detection_function",
        "The detection function and the home-range radius",
        "The 95 % home-range radius is that of the circle which holds 95 % of an animal's use of "
        "space, if that falls off as detection does. It holds no place.",
        """\
from scr.posterior.detectability import detection_curve
from scr.posterior.home_range import home_range_radius

curve, radius = detection_curve(fit), home_range_radius(fit)
figure = scr.plot_detection(curve, radius=radius, **column)
""",
    ),
    Entry(
        "density_by_covariate",
        "Density against its covariates",
        "The marks show the covariate over the mask, and above these in the cells near stations: "
        "right of the last of them the curve is extrapolated. With `rug=False` there are none, and "
        "the figure can be shared.",
        """\
figure = scr.plot_covariate_response(fit, "density", **page)
""",
    ),
    Entry(
        "sigma_by_sex",
        "A detection parameter by class",
        "Levels are points with bars.",
        """\
figure = scr.plot_covariate_response(fit, "sigma", **column)
""",
    ),
    Entry(
        "prior_and_posterior",
        "Prior and posterior of each coefficient",
        "Where the two are alike the survey said little, and the prior matters: here the effect of "
        "lying beyond the border comes nearest to it.",
        """\
from scr.maps.figures.prior_posterior import plot_prior_posterior

figure = plot_prior_posterior(fit, **page)
""",
    ),
    Entry(
        "sampling_area_by_buffer",
        "Whether the mask was wide enough",
        "The effective sampling area no longer grows at the buffer used. Were the curve still "
        "rising there, density would be too high.",
        """\
from scr.maps.figures.buffers import plot_esa_by_buffer

figure = plot_esa_by_buffer(fit, **column)
""",
    ),
    Entry(
        "animals_by_session",
        "Animals by session",
        "Expected and realised numbers with their intervals, density on the right, and the yearly "
        "rate of expected numbers, as `scr.trend` gives it. `scr fit` draws a panel for each zone.",
        """\
from scr.maps.figures.sessions_chart import plot_sessions
from scr.maps.trend_numbers import trend_numbers

table = scr.abundance(years, reserve)
figure = plot_sessions(table, trend_numbers(years, reserve, None, seed=1), **column)
""",
    ),
    Entry(
        "density_change",
        "A map of change",
        "Expected density of the last session less that of the first. Colours reach as far to both "
        "sides.",
        """\
from scr.posterior.change import change_surface

change = change_surface(years, first="2022", last="2024")
figure = scr.plot_surface(change, regions=[reserve], style=scr.MapStyle(**column))
""",
    ),
    Entry(
        "movements",
        "Movements between stations",
        "A line from the mean place of each animal's detections to each station that detected it. "
        "Colours only tell neighbours apart. Private.",
        """\
from scr.maps.figures.movements import plot_movements

style = scr.MapStyle(layers=look.layers, **column)
figure = plot_movements(session, regions=[reserve], style=style)
""",
    ),
    Entry(
        "effort",
        "Effort by station and day",
        "In the order in which work began and ended. It needs the session alone, so it can be "
        "looked at before any fit. Private: it names the stations.",
        """\
from scr.maps.figures.effort_chart import plot_effort

figure = plot_effort(session, **page)
""",
    ),
)


def main() -> None:
    FIGURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(made)
        if len(sys.argv) == 1:
            command = [sys.executable, "-m", "scr.cli.main", "demo", str(folder)]
            subprocess.run(command, check=True)
        with chdir(folder):
            save_years(Path("years.nc"))
            draw_all(FIGURES)
    PAGE.write_text(page(), encoding="utf-8")


def save_years(path: Path) -> None:
    """Simulate the demo's stations in three years of a decline, and fit them."""
    fit = scr.load_fit("results/private/fit.nc")
    (session,) = fit.survey.sessions
    n, labels = len(session.traps), ("2022", "2023", "2024")
    traps = scr.Traps(
        names=[*session.traps.names] * len(labels),
        xy=np.tile(session.traps.xy, (len(labels), 1)),
        session=[label for label in labels for _ in range(n)],
        crs=session.traps.crs,
    )
    plan = plan_survey(traps, [Usage(session.usage.effort) for _ in labels])
    spec = scr.ModelSpec(density="~ scale(elevation) + year")
    found = fit.coefficients["estimate"]
    names = ("density.Intercept", "density.scale(elevation)")
    coefficients = {name: float(found[name]) for name in (*names, "lambda0.Intercept")}
    coefficients |= {"sigma.Intercept": float(found["sigma.Intercept"]), "density.year": YEARLY}
    coefficients["density.Intercept"] -= YEARLY * float(labels[0])
    survey, _ = scr.simulate_survey(plan, fit.mask, spec, coefficients=coefficients, seed=7)
    scr.fit_mle(survey, fit.mask, spec, seed=7, check_mask=False).save(path)


def draw_all(folder: Path) -> None:
    """Run the code of each entry, in order, in one namespace; the current folder is the demo's."""
    names: dict[str, Any] = {}
    exec(START, names)
    for entry in ENTRIES:
        exec(entry.code, names)
        picture = save_figure(names["figure"], folder / f"{entry.name}.png", dpi=DPI)
        Image.open(picture).convert("RGB").save(picture, optimize=True)


def page() -> str:
    """The text of the page."""
    parts = [
        "# Gallery\n",
        "Each figure with the code that made it, from the simulated survey of `scr demo "
        "leopard_demo`. Figures are 85 mm (a column) or 174 mm (a page) wide; any width will do. "
        "`scr fit` writes most of them: what can be shared into `public/figures/`, the rest into "
        "`private/figures/`. `make docs` makes this page.\n",
        "In the folder `leopard_demo`, with the fit that is kept there:\n",
        f"```python\n{START}```\n",
    ]
    for entry in ENTRIES:
        parts += [
            f"## {entry.title}\n",
            f"![{entry.title}](images/gallery/{entry.name}.png)\n",
            f"{entry.text}\n",
            f"```python\n{entry.code}```\n",
        ]
    parts += [
        "## The layout page\n",
        "![The layout page](images/gallery/layout_page_1200.png)\n",
        "`scr layouts page plan.toml grid.csv` opens it in the browser: move a station, and the "
        "numbers beside the map follow ([how](layout_page.md)). `docs/make_layout_page.py` takes "
        "these pictures.\n",
        "![The layout page on a phone](images/gallery/layout_page_390.png)\n",
        "## On disk\n",
        '`save_figure(figure, "figure.svg")` writes PNG, PDF or SVG, by the ending of the name, '
        'and with `paper="A4"` on such a page (`width_mm=180` fills it). '
        "Text in PDF and SVG stays text, and the same figure gives the same file.\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    main()
