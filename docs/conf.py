"""How Sphinx builds the book from docs/: ``make book``."""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
_PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "scr"
author = "the scr project"
project_copyright = "MIT licence"
version = release = _PROJECT["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "book_extensions.docstrings",
    "numpydoc",
    "book_extensions.made_pages",
    "book_extensions.mathml",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["*.template.md", "reference/examples.md"]
nitpicky = True

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4

autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_title = "scr"
html_theme = "pydata_sphinx_theme"
html_static_path = ["book_extensions/static"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_search_summary = False  # a browser fetches no pages from disk for it
html_show_sourcelink = False
html_math_renderer = "mathml"
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 8,
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "papers": []}
