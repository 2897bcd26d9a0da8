"""The page of a check: one HTML file with the troubles, the map, the effort and the counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from scr.checking.examination import (
    EXPLAINED,
    WORDS,
    Examination,
    row_text,
)
from scr.checking.keys_in_words import as_keys
from scr.errors import ScrError
from scr.io.tables import COUNTING
from scr.io.whole_files import write_text
from scr.maps.figures.effort_chart import plot_effort
from scr.maps.figures.inline import png_address
from scr.maps.figures.movements import plot_movements
from scr.maps.figures.style import MapStyle
from scr.maps.figures.survey_map import plot_survey
from scr.survey.troubles import SEVERITIES, Trouble

_MOST_SESSIONS = 8
_MOST_STATIONS = 1500
_FEW_SESSIONS = 3
_MAP = (
    "Stations, the habitat mask and the reserve. Stations that an error or a warning names are "
    "ringed in red."
)
_EFFORT = (
    "Which station worked on which day, and where animals were detected. Grey is a day without a "
    "camera at work, which is not counted as absence."
)
_MOVEMENTS = (
    "Each animal's mean place of detection, with lines to its stations. A line across the whole "
    "map may be a wrong name or a wrong station."
)


@dataclass(frozen=True)
class _Card:
    """A trouble as it is shown."""

    kind: str
    where: str
    found: str
    remedy: str


def write_check_page(examination: Examination, path: str | Path) -> Path:
    """Write what a check found as one HTML file that opens from disk without a network.

    Parameters
    ----------
    examination
        From ``check_survey``.
    path
        File to write, whole or not at all. It is private: it shows stations.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ScrError
        If ``path`` is a folder.
    """
    path = Path(path)
    if path.is_dir():
        msg = f"{path} is a folder; the page needs a file. Give a name such as check.html."
        raise ScrError(msg)
    return write_text(path, _html(examination))


def _html(examination: Examination) -> str:
    here = files("scr.report")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        here.joinpath("check_page.html.j2").read_text(encoding="utf-8")
    )
    css = [here.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "check.css")]
    content: dict[str, Any] = {
        "css": "\n".join(css),
        "title": examination.title or "Survey",
        "banner": examination.banner,
        "verdict": examination.verdict,
        "worst": _worst(examination),
        "partial": examination.partial,
        "groups": [
            {
                "severity": severity,
                "name": WORDS[severity],
                "meaning": EXPLAINED[severity],
                "cards": [_card(t) for t in examination.of_severity(severity)],
            }
            for severity in SEVERITIES
        ],
        "figures": list(_figures(examination)),
        "undrawn": _undrawn(examination),
        "sessions": _sessions(examination),
        "rows": _rows(examination),
        "rows_of": "" if examination.rows is None else examination.rows.source,
        "scale": examination.scale,
        "mask": examination.setting,
    }
    return str(template.render(**content))


def _worst(examination: Examination) -> str:
    found = [s for s in SEVERITIES[:2] if examination.of_severity(s)]
    return found[0] if found else "sound"


def _card(trouble: Trouble) -> _Card:
    where = ", ".join(filter(None, [trouble.source, row_text(trouble.rows)]))
    found = trouble.found.removeprefix(f"{trouble.source}: ") if trouble.source else trouble.found
    found, remedy = (text.replace(COUNTING, "").strip() for text in (found, trouble.remedy))
    return _Card(trouble.kind, where, as_keys(found[:1].upper() + found[1:]), as_keys(remedy))


def _figures(examination: Examination) -> Iterator[dict[str, str]]:
    """Pictures with their captions, drawn one after the other."""
    traps, survey = examination.traps, examination.survey
    if traps is None:
        return
    regions = [] if examination.reserve is None else [examination.reserve]
    banner = examination.banner or None
    style = MapStyle(banner=banner)
    marked = _in_trouble(examination)
    where = plot_survey(traps, examination.mask, regions=regions, marked=marked, style=style)
    yield {"source": png_address(where), "caption": _MAP}
    for session in survey.sessions[:_MOST_SESSIONS] if survey is not None else ():
        if len(session.traps) > _MOST_STATIONS:
            continue
        of = f" Session {session.name}." if survey and len(survey.sessions) > 1 else ""
        if session.captures.n_individuals:
            lines = plot_movements(session, regions=regions, style=style)
            yield {"source": png_address(lines), "caption": _MOVEMENTS + of}
        chart = plot_effort(session, banner=banner)
        yield {"source": png_address(chart), "caption": _EFFORT + of}


def _undrawn(examination: Examination) -> str:
    survey = examination.survey
    if survey is None:
        return "" if examination.traps is not None else "No map: the stations could not be read."
    told = []
    if len(survey.sessions) > _MOST_SESSIONS:
        told.append(f"Charts are drawn of the first {_MOST_SESSIONS} sessions.")
    if any(len(session.traps) > _MOST_STATIONS for session in survey.sessions):
        told.append(f"Charts of more than {_MOST_STATIONS:,} stations are not drawn.")
    return " ".join(told)


def _in_trouble(examination: Examination) -> set[str]:
    """Names of stations that an error or a warning names in quotation marks."""
    text = " ".join(t.found for s in SEVERITIES[:2] for t in examination.of_severity(s))
    names = set() if examination.traps is None else {str(n) for n in examination.traps.names}
    return {name for name in names if f"'{name}'" in text}


def _sessions(examination: Examination) -> dict[str, Any] | None:
    """Counts: facts as rows for a few sessions, sessions as rows for many."""
    facts = examination.session_facts
    if not facts:
        return None
    names = list(dict.fromkeys(name for fact in facts for name in fact if name != "session"))
    if len(facts) > _FEW_SESSIONS:
        rows = [[fact["session"], *(fact.get(name, "0") for name in names)] for fact in facts]
        return {"headings": ["session", *names], "rows": rows}
    labels = [f"session {f['session']}" for f in facts] if len(facts) > 1 else ["number"]
    rows = [[name, *(fact.get(name, "0") for fact in facts)] for name in names]
    return {"headings": ["", *labels], "rows": rows}


def _rows(examination: Examination) -> dict[str, Any] | None:
    lines = examination.row_lines
    if not lines:
        return None
    rows = [[what, f"{n:,}", which] for what, n, which in lines]
    return {"headings": ["", "number", "which"], "rows": rows}
