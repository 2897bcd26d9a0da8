"""Parts of pages that are made when the book is built, so that nobody has to remember them.

``<!-- made: survey keys -->`` in a page is replaced by what the function of that name gives.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from book_extensions import toml_keys
from book_extensions.docstrings import EXAMPLES
from scr.record_arrays import ARRAYS

DOCS = Path(__file__).resolve().parents[1]
PACKAGES = ("trap_layouts", "scr")
_MARK = re.compile(r"^<!-- made: (\w[\w ]*?)(?:: (.*?))? -->$", re.MULTILINE)
_EXPORT = re.compile(r"^from \.([\w.]*) import (\w+) as \w+$", re.MULTILINE)
_LINK = re.compile(r"^(?:.*<)?/?([\w/]+)(?:\.md)?>?$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Fill pages in before they are read."""
    app.connect("source-read", _fill)
    app.connect("doctree-read", _link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def filled(text: str) -> str:
    """A page with its made parts."""
    return _MARK.sub(lambda found: PARTS[found[1]](found[2] or ""), text)


def _fill(app: Sphinx, page: str, source: list[str]) -> None:  # noqa: ARG001 (Sphinx calls it so)
    source[0] = filled(source[0])


def _link_names(app: Sphinx, doctree: nodes.document) -> None:  # noqa: ARG001
    """Let a public name in code type lead to its place in the reference."""
    known = {f"{p}.{name}": f"{p}.{name}" for p in PACKAGES for name in exports(p)}
    # A bare name links where it cannot be taken for a word.
    bare = {full.rpartition(".")[2]: full for full in known}
    known |= {name: full for name, full in bare.items() if "_" in name or name[0].isupper()}
    for node in list(doctree.findall(nodes.literal)):
        target = known.get(node.astext().removesuffix("()"))
        if target and isinstance(node.parent, nodes.paragraph | nodes.entry):
            link = addnodes.pending_xref(
                "", refdomain="py", reftype="obj", reftarget=target, refexplicit=True
            )
            node.replace_self(link)
            link += node


def exports(package: str) -> dict[str, str]:
    """Public names of a package, and the module in which each lives."""
    stub = Path(importlib.import_module(package).__file__ or "").with_suffix(".pyi")
    text = stub.read_text(encoding="utf-8")
    return {name: module or package for module, name in _EXPORT.findall(text)}


def functions(wanted: str) -> str:
    """Docstrings of the public names of parts of a package: ``scr: survey, simulate``."""
    package, _, folders = wanted.partition(" ")
    parts = {part.strip() for part in folders.split(",")} - {""}
    names = [
        name
        for name, module in exports(package).items()
        if not parts or module.split(".")[0] in parts
    ]
    return "\n".join(f"## {name}\n\n{_autodoc(f'{package}.{name}')}" for name in names)


def of_modules(wanted: str) -> str:
    """Docstrings of names that are imported from their modules, each by its full name."""
    names = wanted.split(", ")
    return "\n".join(f"## {n.rpartition('.')[2]}\n\n{_autodoc(n)}" for n in names)


def _autodoc(full: str) -> str:
    module, _, name = full.rpartition(".")
    given = getattr(importlib.import_module(module), name)
    if not isinstance(given, type):
        kind = "autofunction" if callable(given) else "automodule"
        more = "" if callable(given) else "\n   :members:\n   :show-inheritance:"
    else:
        kind = "autoexception" if issubclass(given, BaseException) else "autoclass"
        more = "" if kind == "autoexception" else "\n   :members:"
    return f"```{{eval-rst}}\n.. {kind}:: {full}{more}\n```\n"


def survey_keys(_: str) -> str:
    """survey.toml, key by key."""
    return "\n".join(_tables(toml_keys.survey_tables()))


def plan_keys(_: str) -> str:
    """plan.toml, key by key."""
    return "\n".join(_tables(toml_keys.plan_tables()))


def _tables(tables: dict[str, list[toml_keys.Key]]) -> Iterator[str]:
    for table, entries in tables.items():
        yield f"## `[{table}]`\n" if table else "## Above the first table\n"
        yield _row("key", "kind", "if left out", "what it is")
        yield _row(*["---"] * 4)
        for key in entries:
            yield _row(f"`{key.name}`", key.kind, key.default, _cell(key.meaning))
        yield ""


def _cell(text: str) -> str:
    plain = re.sub(r"``?([^`]+)``?", r"`\1`", re.sub(r":math:`([^`]*)`", r"*\1*", text))
    return plain[:1].upper() + plain[1:]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def command_line(_: str) -> str:
    """Every command, from its own help."""
    import typer  # noqa: PLC0415 (slow, and of this part alone)
    from typer.testing import CliRunner  # noqa: PLC0415

    from scr.cli.main import app  # noqa: PLC0415

    runner, parts = CliRunner(), []
    waiting = [((), typer.main.get_command(app))]
    while waiting:
        path, command = waiting.pop(0)
        name = " ".join(("scr", *path))
        shown = runner.invoke(
            app, [*path, "--help"], prog_name="scr", terminal_width=88, env={"NO_COLOR": "1"}
        )
        parts.append(f"## `{name}`\n\n```text\n{shown.stdout.strip()}\n```\n")
        below = getattr(command, "commands", {})
        waiting[:0] = [((*path, key), one) for key, one in below.items()]
    return "\n".join(parts)


def other_pages(_: str) -> str:
    """A list of the pages in docs/ that no other page lists, so that a new page has a place."""
    listed = {"index"}
    for page in DOCS.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            listed |= {Path(link).name for link in _LINK.findall(block)}
    pages = sorted(p.stem for p in DOCS.glob("*.md") if ".template" not in p.name)
    found = [f"/{page}" for page in pages if page not in listed]
    return "\n".join(["```{toctree}", ":maxdepth: 1", "", *found, "```"]) if found else ""


def waist(_: str) -> str:
    """The arrays of the likelihood's data, from the data dictionary."""
    records = ("LikelihoodData", "Exposures", "Detections", "Animals", "Parts", "Fixes")
    rows = [_row("array", "dimensions", "unit", "range", "meaning"), _row(*["---"] * 5)]
    rows += [
        _row(f"`{a.name}`", ", ".join(a.dims), a.unit, a.allowed, a.meaning)
        for record in records
        for a in ARRAYS
        if a.name.split(".")[0] == record
    ]
    return "\n".join(rows)


def example_survey(_: str) -> str:
    """What stands above the first example: how the survey of the others is made."""
    text = EXAMPLES.read_text(encoding="utf-8")
    return text.split("\n## ")[0].partition("\n\n")[2]


PARTS: dict[str, Callable[[str], str]] = {
    "functions": functions,
    "functions of modules": of_modules,
    "survey keys": survey_keys,
    "plan keys": plan_keys,
    "command line": command_line,
    "other pages": other_pages,
    "waist": waist,
    "example survey": example_survey,
}
"""What can stand after ``made:``."""
