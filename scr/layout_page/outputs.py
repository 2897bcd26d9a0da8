"""What leaves the page: layouts, the plan with other values, a summary, and the commands."""

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO

from scr.io.whole_files import file_name
from scr.layout_page.desk import Desk
from scr.layout_page.kept_state import whole_occasions
from scr.layout_page.numbers import NUMBERS
from trap_layouts.comparison import Comparison
from trap_layouts.figures import draw_comparison
from trap_layouts.layout import Layout
from trap_layouts.plan_text import with_values

MIME = {
    ".csv": "text/csv",
    ".gpkg": "application/geopackage+sqlite3",
    ".gpx": "application/gpx+xml",
    ".html": "text/html",
    ".toml": "application/toml",
}
_IN_SURVEY = frozenset({"n_occasions", "occasion_days", "unknown_sex"})
_COLUMNS = (
    "stations",
    "cameras",
    "animals",
    "recaptures",
    "mean_p",
    "gaps",
    "cost",
    "rse",
    "power",
)


def download(name: str, content: bytes, count: int) -> str:
    """A file for the browser to save, as text that the page understands.

    Parameters
    ----------
    name
        Suggested name.
    content
        All of it.
    count
        Makes this text differ from the last.
    """
    ending = name[name.rindex(".") :]
    told = {
        "name": name,
        "mime": MIME[ending],
        "content": base64.b64encode(content).decode("ascii"),
        "count": count,
    }
    return json.dumps(told)


def plan_name(desk: Desk) -> str:
    """Name of the plan with the page's values.

    Parameters
    ----------
    desk
        The plan.
    """
    return f"{file_name(desk.path.stem)}_page.toml"


def plan_with(desk: Desk, values: Mapping[str, float]) -> str:
    """Text of the plan with the page's values, each a single number, and its mask.

    Parameters
    ----------
    desk
        The plan.
    values
        Parameters or entries of [survey] other than the plan's.

    Raises
    ------
    LayoutError
        If the text cannot be changed line by line.
    """
    own = desk.plan.values()
    new = whole_occasions({**own, **values})
    placed: dict[tuple[str, str], float | str] = {
        ("survey" if key in _IN_SURVEY else "parameters", key): value for key, value in new.items()
    }
    if own:
        placed["mask", "around"] = "reserve"
    return with_values(desk.path.read_text(encoding="utf-8-sig"), placed)


def commands(desk: Desk, layouts: Sequence[Layout]) -> tuple[str, str]:
    """What gives the same numbers on the command line, and in Python.

    Parameters
    ----------
    desk
        The plan.
    layouts
        The layouts that are compared.
    """
    plan = plan_name(desk)
    files = [f"{file_name(layout.name)}.csv" for layout in layouts]
    shell = f"scr layouts compare {plan} {' '.join(files)} --out compared"
    listed = ", ".join(f'"{name}"' for name in files)
    python = f"""\
import trap_layouts as tl

plan = tl.read_plan("{plan}")
layouts = [tl.read_layout(name, to_crs=plan.crs) for name in ({listed},)]
assumptions = plan.assume(plan.mask_round(layouts))
found = tl.compare(
    layouts, assumptions, reserve=plan.reserve, prices=plan.prices, change=plan.change
)
print(found.table.T)
"""
    return shell, python


def comparison_table(found: Comparison) -> str:
    """The table of a comparison, as HTML.

    Parameters
    ----------
    found
        From ``compare``.
    """
    columns = [name for name in _COLUMNS if name in found.table.columns]
    head = "".join(f"<th>{escape(NUMBERS[name].label)}</th>" for name in columns)
    rows = "".join(
        f"<tr><th>{escape(str(layout))}</th>"
        + "".join(f"<td>{escape(NUMBERS[name].shown(row[name]))}</td>" for name in columns)
        + "</tr>"
        for layout, row in zip(found.table.index, found.table.to_dict("records"), strict=True)
    )
    return f"<table><thead><tr><th>Layout</th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def comparison_picture(found: Comparison, title: str) -> str:
    """The figure of a comparison, as an address that holds the picture.

    Parameters
    ----------
    found
        From ``compare``.
    title
        Stands above.
    """
    content = BytesIO()
    draw_comparison(found, title=title).savefig(content, format="png", dpi=130)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"
