"""One page for those who decide: layouts compared, as HTML that opens from disk."""

from collections.abc import Mapping
from html import escape

from scr.layout_page.desk import Desk
from scr.layout_page.numbers import NUMBERS
from scr.layout_page.outputs import commands, comparison_picture, comparison_table
from trap_layouts.comparison import Comparison

_STYLE = """
body { margin: 0 auto; max-width: 62rem; padding: 1rem; color: #1a1a1a;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 1.6rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .88rem; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d9d6cf; text-align: right;
  vertical-align: bottom; } th:first-child { text-align: left; }
img { max-width: 100%; height: auto; }
pre { background: #f4f3f0; padding: .6rem; overflow-x: auto; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; color: #5f5f5f; }
"""
_UNITS = {
    "density": "animals per 100 km²",
    "sigma": "m",
    "lambda0": "detections per day at the activity centre",
    "n_occasions": "occasions",
}


def summary_page(desk: Desk, found: Comparison, values: Mapping[str, float]) -> str:
    """The summary of a comparison.

    Parameters
    ----------
    desk
        The plan.
    found
        From ``compare``.
    values
        Values of the page other than the plan's.
    """
    title = escape(desk.plan.title)
    picture = comparison_picture(found, "")
    shell, python = commands(desk, found.layouts)
    told = {**desk.plan.values(), **values}
    assumed = "".join(
        f"<li>{escape(name)}: {value:.4g} {_UNITS.get(name, '')}</li>"
        for name, value in told.items()
    )
    means = "".join(
        f"<dt>{escape(NUMBERS[name].label)}</dt><dd>{escape(NUMBERS[name].meaning)}</dd>"
        for name in NUMBERS
        if name in found.table.columns
    )
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: layouts compared</title><link rel="icon" href="data:,">
<style>{_STYLE}</style></head>
<body>
<h1>{title}: layouts compared</h1>
<p>{escape(found.conclusion())}</p>
<div class="scroll">{comparison_table(found)}</div>
<figure><img alt="Maps of the layouts and their precision" src="{picture}"></figure>
<h2>What was assumed</h2>
<p>{escape(desk.rules.in_words())} {found.assumptions.n_days:g} days of survey.</p>
<p>The numbers hold only as far as these do:</p>
<ul>{assumed}</ul>
<h2>What the numbers mean</h2>
<dl>{means}</dl>
<h2>Reproducibility</h2>
<p>With the plan and the layouts that the page saved, in one folder:</p>
<pre>{escape(shell)}</pre>
<pre>{escape(python)}</pre>
</body>
</html>
"""
