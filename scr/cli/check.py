"""``scr check``: read everything, say what was found in terminal and page, fit nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import scr.checking
import scr.report
from scr.cli.kept_inputs import check_apart
from scr.cli.messages import complain, say, show_table, working
from scr.cli.provenance import inputs_of
from scr.cli.sources import sources_of
from scr.errors import ScrError
from scr.project.configuration import Configuration, read_configuration

if TYPE_CHECKING:
    from scr.checking.examination import Examination

FILE_HELP = "The survey.toml, or the folder that holds it."

_PAGE = "check.html"
_PAGES = (".html", ".htm")
_MOST_COLUMNS = 4
_FAULTY = 1

Data = Annotated[
    Path,
    typer.Argument(
        metavar="SURVEY",
        help=f"{FILE_HELP} Or data in any format that 'scr init --from' reads.",
    ),
]
Html = Annotated[
    Path | None,
    typer.Option(help="Page to write; check.html in the private results if left out."),
]
NoHtml = Annotated[bool, typer.Option("--no-html", help="Write no page.")]
Crs = Annotated[str | None, typer.Option(help="For data without a survey.toml: system of x and y.")]
Species = Annotated[
    str | None, typer.Option(help="For data without a survey.toml: the species meant.")
]


def check(
    data: Data,
    *,
    html: Html = None,
    no_html: NoHtml = False,
    crs: Crs = None,
    species: Species = None,
) -> None:
    """Read everything, and say on one page what was found. Fits nothing.

    Errors are gathered, not only the first: what can be read is looked at all the same. Ends with
    1 where there are errors.
    """
    configuration = None
    if data.suffix == ".toml" or (data / "survey.toml").is_file() or not data.exists():
        configuration = read_configuration(data)
        check_apart(configuration.output, inputs_of(configuration))
    if html is not None and html.suffix.lower() not in _PAGES:
        msg = f"--html {html} is no name of a page. End it with .html."
        raise ScrError(msg, kind="results among inputs", source=html.name)
    with working("Reading the survey"):
        sources = (
            scr.checking.sources_of_project(data, crs=crs, species=species)
            if configuration is None
            else sources_of(configuration)
        )
        found = scr.checking.check_survey(sources)
    _show(found)
    if not no_html:
        page = html or _page_of(configuration)
        with working("Drawing the page"):
            scr.report.write_check_page(found, page)
        say(f"Page with map and charts, private: {page}")
    if found.n_errors:
        raise typer.Exit(_FAULTY)
    say(_next_step(data, configuration), style="green")


def _page_of(configuration: Configuration | None) -> Path:
    if configuration is None:
        return Path(_PAGE)
    return configuration.output / "private" / _PAGE


def _next_step(data: Path, configuration: Configuration | None) -> str:
    if configuration is None:
        return f"Next: scr init --from {data} my_survey"
    return f"Next: scr fit {data}"


def _show(found: "Examination") -> None:
    """The page in the terminal; errors go to standard error."""
    if found.banner:
        say(found.banner, style="bold")
    _show_sessions(found)
    for heading, facts in (
        ("what these data can support", found.scale),
        ("mask and model", found.setting),
    ):
        if facts:
            show_table([heading, ""], list(facts.items()), words=True)
    if found.rows is not None:
        rows = [[what, f"{n:,}", which] for what, n, which in found.row_lines]
        show_table([f"rows of {found.rows.source}", "number", "which"], rows, words=True)
    for trouble in found.of_severity("note"):
        say(f"  note: {trouble.line}")
    for trouble in found.of_severity("warning"):
        say(f"  warning: {trouble.private_line}", style="yellow")
    for trouble in found.of_severity("error"):
        complain(f"  error: {trouble.private_line}")
    if found.n_errors:
        complain(found.verdict)
    else:
        say(found.verdict, style="green" if not found.of_severity("warning") else "yellow")


def _show_sessions(found: "Examination") -> None:
    facts = found.session_facts
    if not facts:
        return
    labels = [fact["session"] for fact in facts]
    names = list(dict.fromkeys(name for fact in facts for name in fact if name != "session"))
    if len(labels) > _MOST_COLUMNS:
        rows = [[label, *(fact.get(name, "0") for name in names)] for label, fact in
                zip(labels, facts, strict=True)]  # fmt: skip
        show_table(["session", *names], rows, title=found.title)
    else:
        rows = [[name, *(fact.get(name, "0") for fact in facts)] for name in names]
        show_table(["session", *labels], rows, title=found.title)
