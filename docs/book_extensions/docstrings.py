"""Docstrings of the package as numpydoc expects them.

In the code types stand in the signature alone, and functions that need a whole survey have no
example of their own. Both are added here: types beside the parameters, and examples from
``reference/examples.md``, which the tests run.
"""

import ast
import inspect
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

EXAMPLES = Path(__file__).parents[1] / "reference" / "examples.md"
_NAMES = re.compile(r"\*{0,2}\w+(, \*{0,2}\w+)*")
_HEADING = re.compile(r"^## `([\w.]+)`$", re.MULTILINE)
_BLOCK = re.compile(r"```pycon\n(.*?)```", re.DOTALL)


def setup(app: Sphinx) -> dict[str, bool]:
    """Change docstrings before numpydoc reads them, which it does at 500."""
    app.connect("autodoc-process-docstring", _complete, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def examples() -> dict[str, str]:
    """The examples of ``reference/examples.md`` by the public name that they show."""
    parts = _HEADING.split(EXAMPLES.read_text(encoding="utf-8"))
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {name: "\n".join(_BLOCK.findall(text)) for name, text in pairs}


def _complete(
    app: Sphinx,  # noqa: ARG001 (Sphinx hands it over)
    what: str,
    name: str,
    given: Any,
    options: Any,  # noqa: ARG001
    lines: list[str],
) -> None:
    if what in {"function", "class", "method", "exception"}:
        lines[:] = with_types(lines, annotations(given))
    if name in examples() and "Examples" not in lines:
        shown = textwrap.dedent(examples()[name]).strip().splitlines()
        link = ":doc:`The survey of the examples </reference/example_survey>` makes what is used."
        lines += ["", "Examples", "--------", link, "", *shown, ""]


def annotations(given: Any) -> dict[str, str]:
    """Types of the parameters of a function, or of the fields of a record, as they are written."""
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(given))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}
    if isinstance(node, ast.ClassDef):
        return {
            item.target.id: ast.unparse(item.annotation)
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
    if not isinstance(node, ast.FunctionDef):
        return {}
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return {item.arg: ast.unparse(item.annotation) for item in arguments if item.annotation}


def with_types(lines: list[str], types: dict[str, str]) -> list[str]:
    """Lines of a docstring with the type of each parameter after its name."""
    result, within = [], False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            within = line == "Parameters"
        if within and _NAMES.fullmatch(line):
            names = [name.lstrip("*") for name in line.split(", ")]
            told = list(dict.fromkeys(types[name] for name in names if name in types))
            result.append(f"{line} : ``{', '.join(told)}``" if told else line)
        else:
            result.append(line)
    return result
