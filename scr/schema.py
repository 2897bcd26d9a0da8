"""The data dictionary: every column that the readers accept."""

import re
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from scr.record_arrays import ARRAYS


@dataclass(frozen=True)
class Column:
    """A column of an input table.

    Parameters
    ----------
    name
        The name used inside; names are compared without regard to case, spaces and punctuation.
    meaning
        What it holds.
    unit
        Unit, or "text".
    allowed
        Values allowed.
    required
        "yes", "no", or the condition under which it is needed.
    aliases
        Other names that are read as this column, the first present taken.
    """

    name: str
    meaning: str
    unit: str
    allowed: str
    required: str
    aliases: tuple[str, ...] = ()


_SESSION = Column(
    "session",
    "Closed survey (season, area) the row belongs to",
    "text",
    "any label",
    "with several sessions",
    ("session id", "session name"),
)
_CRS = Column("crs", "System of the row, where several are used", "EPSG code", "", "no", ("epsg",))
_TRAP = Column(
    "trap",
    "Name of the trap (camera station), matched exactly, case included",
    "text",
    "unique within a session of the trap table",
    "yes",
    ("station", "trap id", "station id", "trap name", "station name", "detector", "detector id"),
)

_OCCASION = (
    Column(
        "occasion",
        "Occasion that the row is of",
        "whole number",
        "1 to the number of occasions",
        "unless date",
        ("occ",),
    ),
    Column(
        "date",
        "In place of occasion: a day of it",
        "date, camera clock",
        "one format per file; other days are left out, with a note",
        "unless occasion",
    ),
)

_PLACE = (
    Column(
        "x",
        "Easting",
        "metres (degrees if the crs given is geographic)",
        "finite",
        "unless lon",
        ("easting", "utm x", "x utm", "x coord", "coord x", "utm e"),
    ),
    Column(
        "y",
        "Northing",
        "metres (degrees if the crs given is geographic)",
        "finite",
        "unless lat",
        ("northing", "utm y", "y utm", "y coord", "coord y", "utm n"),
    ),
    Column(
        "lon",
        "Longitude, WGS 84 unless crs says otherwise",
        "degrees",
        "-180 to 180",
        "unless x",
        ("longitude", "long", "lng", "decimal longitude"),
    ),
    Column(
        "lat",
        "Latitude, WGS 84 unless crs says otherwise",
        "degrees",
        "-90 to 90",
        "unless y",
        ("latitude", "decimal latitude"),
    ),
)

TABLES: MappingProxyType[str, tuple[Column, ...]] = MappingProxyType(
    {
        "traps": (
            _SESSION,
            Column(
                _TRAP.name,
                _TRAP.meaning,
                _TRAP.unit,
                _TRAP.allowed,
                _TRAP.required,
                (*_TRAP.aliases, "name", "id"),
            ),
            *_PLACE,
            _CRS,
            Column(
                "(any other)",
                "Trap covariate, numbers where every cell is a number; usage columns are left out",
                "as given",
                "not missing where a formula uses it",
                "no",
            ),
        ),
        "deployments": (
            _SESSION,
            _TRAP,
            Column(
                "start",
                "Set-up of a camera; without a time the whole day counts",
                "date or date-time, camera clock",
                "one format per file",
                "yes; blank with end where never set up",
                (
                    "start date",
                    "start time",
                    "setup",
                    "setup date",
                    "deployment start",
                    "date start",
                    "from",
                ),
            ),
            Column(
                "end",
                "Retrieval of the camera; without a time the whole day counts",
                "date or date-time, camera clock",
                "not before start",
                "yes; blank with start where never set up",
                (
                    "end date",
                    "end time",
                    "retrieval",
                    "retrieval date",
                    "deployment end",
                    "date end",
                    "to",
                ),
            ),
            Column(
                "camera",
                "Camera of the station, where each has a row: tells when two of them worked",
                "text",
                "any; blank where it does not matter",
                'for flank = "both"',
            ),
            Column(
                "problem<n>_from, problem<n>_to",
                "Time in which this camera did not work, n = 1, 2, ...",
                "date or date-time, camera clock",
                "within the deployment; both blank where there was none",
                "no",
            ),
        ),
        "usage": (
            _SESSION,
            _TRAP,
            Column(
                "u1, u2, ... or o1, o2, ... or 1, 2, ... or dates",
                "Effort of each occasion; columns blank for all traps of a session are no "
                "occasions of it",
                "days",
                ">= 0, 0 where not working",
                "yes",
                ("usage", "effort"),
            ),
        ),
        "detections": (
            _SESSION,
            Column(
                "individual",
                "Name of the animal",
                "text",
                "not blank",
                "yes",
                ("individual id", "individual name", "animal", "animal id", "id"),
            ),
            _TRAP,
            Column(
                "occasion",
                "Occasion of the detection",
                "whole number",
                "1 to the number of occasions",
                "unless there is a date-time, or only one occasion",
                ("occ",),
            ),
            Column(
                "datetime",
                "Moment of the detection",
                "date-time, camera clock",
                "one format per file; within a deployment of the trap",
                "unless date or occasion",
                ("timestamp", "date time original"),
            ),
            Column("date", "Day of the detection", "date, camera clock", "as datetime", "no"),
            Column("time", "Time of day, with date", "time of day", "as datetime", "no"),
            Column("am_pm", "Half of the day, with time", "AM or PM", "", "no", ("meridiem",)),
            Column("count", "Detections in this row", "whole number", ">= 1", "no", ("n",)),
            Column(
                "sex",
                "Sex of the animal, F and M (female and male are read as these)",
                "text",
                "one value for an animal, or unknown (blank, U, unknown, ...)",
                "no",
                ("gender",),
            ),
            Column(
                "life_stage",
                "Age of the animal; cubs and other young are left out, with a note",
                "text",
                "adult, subadult, juvenile, cub, ...",
                "no",
                ("age class", "age category"),
            ),
            Column(
                "flank",
                "Side of the animal in the photograph",
                "text",
                "left, right, both",
                "no",
                ("side",),
            ),
            Column(
                "known_before", "Sides known before the survey", "text", "as flank, or blank", "no"
            ),
            Column(
                "species",
                "Species of the animal; of several one has to be chosen",
                "text",
                "any",
                "no",
                ("species name", "scientific name", "taxon", "especie", "common name"),
            ),
            Column(
                "alive",
                "FALSE where the animal was removed at that capture (dead, or taken away)",
                "TRUE or FALSE",
                "FALSE at the last capture of an animal in a session only",
                "no",
            ),
            Column(
                "(any other)",
                "Individual covariate, if it has one value for each animal; else not used",
                "as given",
                "",
                "no",
            ),
        ),
        "places": _PLACE,
        "fixes": (
            _SESSION,
            Column(
                "individual",
                "Animal with the transmitter",
                "text",
                "not blank",
                "yes",
                ("individual id", "individual name", "animal", "animal id", "id"),
            ),
            *_PLACE,
            Column("(any other)", "Not used, the time of a fix neither", "as given", "", "no"),
        ),
        "identities": (
            Column("individual", "Name as in the detections", "text", "not blank", "yes"),
            Column("becomes", "Name that it shall have", "text", "not blank", "yes"),
            Column(
                "row", "The one row meant, to split an animal; blank: all", "row number", "", "no"
            ),
        ),
        "session covariates": (
            _SESSION,
            Column("(any other)", "Session covariate", "as given", "not missing", "no"),
        ),
        "occasion covariates": (
            _SESSION,
            *_OCCASION,
            Column(
                "(any other)",
                "Covariate of occasions, the same for all stations, as rain",
                "as given",
                "not missing where a station worked",
                "no",
            ),
        ),
        "trap occasion covariates": (
            _SESSION,
            _TRAP,
            *_OCCASION,
            Column(
                "(any other)",
                "Covariate of a station that changes with the occasion, as bait",
                "as given",
                "not missing where the station worked",
                "no",
            ),
        ),
        "mask": (
            _SESSION,
            Column("x", "Centre of the cell, easting", "metres", "finite", "yes"),
            Column("y", "Centre of the cell, northing", "metres", "finite", "yes"),
            Column("area_km2", "Area of the cell", "km2", "> 0", "unless spacing or area_ha"),
            Column("area_ha", "Area of the cell", "hectares", "> 0", "unless spacing or area_km2"),
            Column("(any other)", "Density covariate", "as given", "not missing", "no"),
        ),
    }
)
"""Columns of each input table."""


def plain(name: str) -> str:
    """A column name without case, spaces and punctuation, as names are compared.

    Parameters
    ----------
    name
        Any text.

    Examples
    --------
    >>> plain("Setup_Date"), plain("setup date")
    ('setupdate', 'setupdate')
    """
    return re.sub(r"[^0-9a-z]", "", name.lower())


def aliases(table: str) -> dict[str, tuple[str, ...]]:
    """Names under which each column of a table is accepted.

    Parameters
    ----------
    table
        A key of ``TABLES``.

    Returns
    -------
    dict
        Name used inside to all accepted names, itself first.

    Examples
    --------
    >>> aliases("detections")["occasion"]
    ('occasion', 'occ')
    """
    return {
        column.name: (column.name, *column.aliases)
        for column in TABLES[table]
        if re.fullmatch(r"\w+", column.name)
    }


def data_dictionary() -> pd.DataFrame:
    """All columns and arrays as one table, for documentation.

    Returns
    -------
    DataFrame
        Columns where, name, dims, unit, allowed, required, also read as, meaning.
    """
    columns = [
        (table, c.name, "row", c.unit, c.allowed, c.required, ", ".join(c.aliases), c.meaning)
        for table, listed in TABLES.items()
        for c in listed
    ]
    arrays = [
        (a.name.split(".")[0], a.name.split(".")[1], ", ".join(a.dims), a.unit, a.allowed, "", "",
         a.meaning)
        for a in ARRAYS
    ]  # fmt: skip
    names = ["where", "name", "dims", "unit", "allowed", "required", "also read as", "meaning"]
    return pd.DataFrame(columns + arrays, columns=names)
