"""Write docs/data_dictionary.md from the tables, arrays and columns that scr names."""

import sys
from pathlib import Path

from scr.record_arrays import ARRAYS
from scr.schema import TABLES
from scr.written_columns import WRITTEN

TARGET = Path(__file__).parent / "data_dictionary.md"

FILES = {
    "traps": "`[survey] traps`, `scr.read_traps`",
    "deployments": "`[survey] deployments`, `scr.read_survey(usage=)`",
    "usage": "`[survey] usage`, `scr.read_survey(usage=)`",
    "detections": "`[survey] detections`, `scr.read_survey`",
    "places": "columns of `[survey] detections` where areas or lines are searched",
    "fixes": "`[survey] fixes`, `scr.read_survey(fixes=)`",
    "identities": "`[survey] identities`, `scr.read_survey(identities=)`",
    "session covariates": "`[survey] session_covariates`, `scr.read_survey(session_covariates=)`",
    "occasion covariates": "`[survey] occasion_covariates`, "
    "`scr.read_survey(occasion_covariates=)`",
    "trap occasion covariates": "`[survey] trap_occasion_covariates`, "
    "`scr.read_survey(trap_occasion_covariates=)`",
    "mask": "`[mask] cells`, `scr.read_mask`",
}

OPENING = """# Data dictionary

Every column that is read, every array that is kept and every column that is written. Made from
`scr/schema.py`, `scr/record_arrays.py` and `scr/written_columns.py` by
`docs/make_data_dictionary.py`.

Tables are CSV in UTF-8, separated by commas, semicolons or tabs. Names of columns are compared
without regard to case, spaces and punctuation; names of stations, animals and sessions are text and
are matched exactly: `001` is not `1`.

A spreadsheet takes a cell that begins with = + - or @ for a formula, and runs it. So that a name
from someone's table cannot do that, every CSV that is written has an apostrophe before a text that
begins so and is no number: `'=SUM(A1)`. A table that is read loses it again: one apostrophe before
= + - or @ is taken off, and the name is the same as before. Layers (`.gpkg`, `.geojson`) and GPX
hold names as they are.
"""

WRITTEN_OPENING = """
## What is written

Surfaces are a GeoTIFF (a band for each column but x, y and area_km2), a table of cells, and
variables of `surfaces.nc`; `zones`, `traps`, `activity_centres` and `activity_centre_contours` are
layers of `survey.gpkg`, and `zones` of the public `zones.gpkg` too. The others are CSV. In Python,
`threshold=` adds `p_above_<threshold>` to a surface: the probability of more animals per 100 km2.
"""


def dictionary() -> str:
    """The page."""
    parts = [OPENING]
    for table, columns in TABLES.items():
        parts.append(f"\n## Table of {table}\n\n{FILES[table]}\n")
        parts.append(_row("column", "meaning", "unit", "allowed", "needed", "also read as"))
        parts.append(_row(*["---"] * 6))
        parts.extend(
            _row(f"`{c.name}`", c.meaning, c.unit, c.allowed, c.required, ", ".join(c.aliases))
            for c in columns
        )
    parts.append("\n## Arrays of the records\n\n")
    parts.append(_row("array", "dimensions", "unit", "range", "meaning"))
    parts.append(_row(*["---"] * 5))
    parts.extend(
        _row(f"`{a.name}`", ", ".join(a.dims), a.unit, a.allowed, a.meaning) for a in ARRAYS
    )
    parts.append(WRITTEN_OPENING)
    for table, written in WRITTEN.items():
        parts.append(f"\n### {table}\n\n")
        parts.append(_row("column", "meaning", "unit", "public"))
        parts.append(_row(*["---"] * 4))
        parts.extend(
            _row(f"`{c.name}`", c.meaning, c.unit, "yes" if c.public else "") for c in written
        )
    return "".join(parts)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    TARGET.write_text(dictionary(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET}\n")
