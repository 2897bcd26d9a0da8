"""Formulas as MathML, which browsers draw by themselves: no script, no font, no network."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx

_SIZE = re.compile(r"\\[Bb]igg?[lr]?(?![A-Za-z])")
"""MathML lets parentheses grow by themselves."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Make ``mathml`` a renderer of formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer: Any, node: nodes.Element) -> None:
    writer.body.append(latex2mathml.tex2mathml(_SIZE.sub("", node.astext())))
    raise nodes.SkipNode


def _display(writer: Any, node: nodes.Element) -> None:
    text = _SIZE.sub("", node.astext()).strip()
    if "\\\\" in text and "\\begin" not in text:
        text = f"\\begin{{aligned}}{text}\\end{{aligned}}"
    shown = latex2mathml.tex2mathml(text, as_block=True)
    writer.body.append(f'<div class="math-block">{shown}</div>')
    raise nodes.SkipNode
