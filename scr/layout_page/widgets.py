"""Buttons, sliders and texts of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bokeh.models import (
    Button,
    Div,
    InlineStyleSheet,
    RadioButtonGroup,
    Select,
    Slider,
    Spinner,
    TextInput,
    Toggle,
)

from scr.layout_page.desk import Desk
from scr.layout_page.map_view import DENSITY, SEEN, layers_of
from scr.layout_page.numbers import STYLE
from scr.model.priors import Normal
from trap_layouts.assumptions import middle_of
from trap_layouts.pattern_names import GRIDS
from trap_layouts.plan_keys import is_prior

SLIDERS: Mapping[str, str] = {
    "density": "Density, animals per 100 km²",
    "sigma": "Sigma, m",
    "sigmak": "Sigma times root of density, km",
    "lambda0": "Detections per day at the activity centre, lambda0",
    "g0": "Chance of detection per day at the activity centre, g0",
    "a0": "Single-station sampling area a0, km²",
    "n_occasions": "Occasions",
}
"""Assumptions that have a slider where the plan gives them, and their titles."""

CRITERIA = [
    ("rse", "standard error (minutes)"),
    ("min_nr", "rule of thumb (seconds)"),
    ("animals", "animals photographed"),
    ("moves", "recaptures elsewhere"),
]
"""What stations can be improved for."""

_WIDE, _STEPS, _TIMES = 2.0, 100, 3.0
_PLACES = 600
_TABLES = """
table { border-collapse: collapse; font-size: .85rem; } th, td { padding: .2rem .6rem .2rem 0;
  border-bottom: 1px solid #d9d6cf; text-align: right; } th:first-child { text-align: left; }
div { overflow-x: auto; } img { max-width: 100%; } pre { background: #f4f3f0; padding: .5rem;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; }
"""


@dataclass(frozen=True, eq=False)
class Widgets:
    """All that people press, move and read, by name.

    Parameters
    ----------
    by_name
        Bokeh models; the page places those that are roots.
    sliders
        Sliders by assumption.
    """

    by_name: Mapping[str, Any]
    sliders: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name]


def build_widgets(desk: Desk, values: Mapping[str, float]) -> Widgets:
    """The widgets of a tab.

    Parameters
    ----------
    desk
        Plan and ground.
    values
        Assumptions other than the plan's.
    """
    sliders = {
        key: _slider(desk, key, values)
        for key in SLIDERS
        if key in desk.plan.values() or key == "n_occasions"
    }
    wide = {"sizing_mode": "stretch_width"}
    patterns = [*GRIDS, *(["lines"] if desk.rules.network is not None else [])]
    spacing = 2 * desk.plan.values().get("sigma", 2500.0)
    places = max(100.0, round(float(desk.rules.area.area / _PLACES) ** 0.5, -2))
    made: dict[str, Any] = {
        "message": Div(text=desk.rules.in_words(), **wide),
        "numbers": Div(text="", stylesheets=[InlineStyleSheet(css=STYLE)], **wide),
        "layer": Select(
            title="Colours show", value=SEEN, options=[SEEN, DENSITY, *layers_of(desk)], **wide
        ),
        "add": Toggle(label="Add stations", width=105),
        "undo": Button(label="Undo", width=70),
        "redo": Button(label="Redo", width=70),
        "delete": Button(label="Delete", width=80),
        "lock": Button(label="Lock, unlock", width=105),
        "names": Toggle(label="Names", width=80),
        "cameras": RadioButtonGroup(labels=["1 camera", "2 cameras"], width=170),
        "plan_values": Button(label="Back to the plan's values", width=190),
        "keep_name": TextInput(title="Name of the present layout", **wide),
        "keep": Button(label="Keep it", width=80),
        "kept": Select(title="Kept layouts", options=[], value="", **wide),
        "go_back": Button(label="Go back to it", width=120),
        "forget": Button(label="Forget it", width=90),
        "compare": Button(label="Compare with start and kept layouts", width=270),
        "compared": Div(text="", stylesheets=[InlineStyleSheet(css=_TABLES)], **wide),
        "pattern": Select(title="Pattern", value="square", options=patterns, width=140),
        "spacing": Spinner(title="Spacing, m", value=round(spacing), low=1, step=100, width=120),
        "gap": Spinner(title="Between groups, m", value=round(3 * spacing), low=1, step=100,
                       width=140),
        "lay": Button(label="Lay the pattern", width=140),
        "criterion": Select(title="Improve for", value="rse", options=CRITERIA, width=200),
        "places": Spinner(title="Grid of places, m", value=places, low=1, step=100, width=140),
        "improve": Button(label="Improve from here", width=150),
        "stop": Button(label="Stop", width=70, disabled=True),
        "progress": Div(text="", **wide),
        "csv": Button(label="CSV", width=70),
        "gpkg": Button(label="GeoPackage", width=110),
        "gpx": Button(label="GPX", width=70),
        "all_csv": Button(label="All layouts, CSV", width=140),
        "summary": Button(label="Summary of the comparison, HTML", width=250),
        "plan": Button(label="Plan with these values", width=180),
        "commands": Div(text="", stylesheets=[InlineStyleSheet(css=_TABLES)], **wide),
        "command": TextInput(value="", visible=False),
        "download": TextInput(value="", visible=False),
    }  # fmt: skip
    return Widgets(made, sliders)


def _slider(desk: Desk, key: str, values: Mapping[str, float]) -> Slider:
    """A slider about the plan's value: over its prior, where it has one."""
    survey = desk.plan.tables.get("survey", {})
    if key == "n_occasions":
        now = int(survey.get("n_occasions", 1))
        days = float(survey.get("occasion_days", 1.0))
        title = "Days" if days == 1 else f"Occasions of {days:g} days"
        occasions = int(values.get(key, now))
        return Slider(
            title=title, start=1, end=max(3 * now, occasions, 2), step=1, value=occasions,
            name=key,
            sizing_mode="stretch_width",
        )  # fmt: skip
    middle = desk.plan.values()[key]
    given = desk.plan.tables["parameters"][key]
    low, high = middle / _TIMES, middle * _TIMES
    if is_prior(given):
        mean, sd = given["normal"]
        low, high = (middle_of(key, Normal(mean + side * sd, sd)) for side in (-_WIDE, _WIDE))
    if key == "g0":
        high = min(high, 0.99)
    value = float(values.get(key, middle))
    low, high = min(low, value), max(high, value)
    step = (high - low) / _STEPS
    return Slider(
        title=SLIDERS[key], start=low, end=high, step=step, value=value, name=key,
        format="0.0000" if high < 0.1 else "0.00" if high < 100 else "0,0",
        sizing_mode="stretch_width",
    )  # fmt: skip
