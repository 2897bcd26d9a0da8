"""The table of numbers: what each is, what it means, and the present layout beside the first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

from trap_layouts.monitoring import Monitoring

PENDING = "being worked out"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _tenths(value: float) -> str:
    return f"{value:,.1f}"


def _per_cent(value: float) -> str:
    return f"{100 * value:.1f} %" if np.isfinite(value) else "cannot be estimated"


@dataclass(frozen=True)
class Number:
    """One row of the table.

    Parameters
    ----------
    label
        What it is called.
    shown
        How its value is written.
    meaning
        What stands behind the question mark.
    """

    label: str
    shown: Callable[[float], str]
    meaning: str


NUMBERS: Mapping[str, Number] = {
    "stations": Number("Stations", _whole, "Places with cameras."),
    "cameras": Number("Cameras", _whole, "Cameras at all stations together."),
    "animals": Number(
        "Animals photographed, E[n]",
        _tenths,
        "How many different animals you can expect to photograph at least once. One survey will "
        "have more or fewer by chance. Below about 20, estimates are poor whatever is done.",
    ),
    "recaptures": Number(
        "Recaptures, E[r]",
        _tenths,
        "Detections of animals that were detected before. They tell how far animals move and how "
        "often they are missed. Aim for as many recaptures as animals, or more.",
    ),
    "moves": Number(
        "Recaptures elsewhere, E[m]",
        _tenths,
        "Recaptures at another station than the time before. Only these show how far animals "
        "range; with few of them sigma is poorly estimated.",
    ),
    "at_two": Number(
        "Animals at two or more stations, E[n2]",
        _tenths,
        "How many animals you can expect at two or more different stations.",
    ),
    "q_p": Number(
        "Share of animals photographed, Qp",
        _per_cent,
        "Of all animals living on the ground considered (the reserve and what lies round it), "
        "the share that is photographed at least once.",
    ),
    "q_pm": Number(
        "Share at two or more stations, Qpm",
        _per_cent,
        "Of all animals living on the ground considered, the share photographed at two or more "
        "stations.",
    ),
    "rule_rse": Number(
        "Standard error of density, rule of thumb",
        _per_cent,
        "A quick guide: 1 / root of the smaller of E[n] and E[r]. The line below is more exact. "
        "20 % or less is usually wanted.",
    ),
    "mean_p": Number(
        "Coverage",
        _per_cent,
        "The chance that an animal living anywhere in the reserve is photographed at least once.",
    ),
    "gaps": Number(
        "Gaps",
        _per_cent,
        "Share of the reserve where an animal would be photographed with a chance below 10 %.",
    ),
    "route_km": Number(
        "Length of a round, km",
        _tenths,
        "A short way round all stations and back. Roads and slopes make it longer.",
    ),
    "cost": Number("Cost", _whole, "By the prices of the plan, in its currency."),
    "rse": Number(
        "Standard error of the number of animals",
        _per_cent,
        "How far off the estimated number of animals in the reserve will typically be, as a share "
        "of it (RSE by expected information). The figure behind the sign ± is what is left of "
        "chance in working it out. 20 % or less is usually wanted.",
    ),
    "power": Number(
        "Chance to notice the change",
        _per_cent,
        "The chance (power) that surveys of this layout show the change that the plan names, if it "
        "happens. Surveys of several years are fitted together, with the same stations every year; "
        "the interval is what to expect of the change. 80 % or more is usually wanted.",
    ),
}
"""Rows in their order; ``gradient.<covariate>`` comes after ``gaps``."""

SLOW = ("rse", "power")
"""Rows that are worked out in the background."""

STYLE = """
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .5rem .22rem 0; border-bottom: 1px solid #d9d6cf; text-align: right;
  vertical-align: top; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; width: 99%; }
td.better { color: #1b6e3c; } td.worse { color: #9b2c1f; }
tr.stale td { color: #8a8a8a; font-style: italic; white-space: normal; }
details { display: inline; } summary { display: inline-block; width: 1.25em; height: 1.25em;
  margin-left: .3em; border: 1px solid #20547a; border-radius: 50%; color: #20547a;
  text-align: center; line-height: 1.2em; font-size: .8em; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
details p { margin: .2rem 0 .3rem; color: #5f5f5f; font-style: normal; max-width: 24rem; }
caption { text-align: left; color: #5f5f5f; padding-bottom: .3rem; }
"""

_LESS_IS_BETTER = frozenset({"rule_rse", "gaps", "route_km", "cost", "rse"})
_NEITHER = frozenset({"stations", "cameras"})
_TRIFLE = 5e-4


def table_of(
    now: Mapping[str, float],
    start: Mapping[str, float],
    *,
    stale: bool,
    change: Monitoring | float | None,
    trouble: str = "",
) -> str:
    """The table, as HTML.

    Parameters
    ----------
    now, start
        Criteria of the present layout and of the one started from; those of ``SLOW``, with
        ``rse_error``, may be those of a layout before, or absent.
    stale
        Whether those of ``SLOW`` are of a layout before.
    change
        Change that power is to detect, by two surveys or over years, or None.
    trouble
        Why those of ``SLOW`` cannot be worked out.

    Returns
    -------
    str
        Each number stands in a cell with ``data-key`` and, in full, ``data-value``.
    """
    rows = [_row(key, number, now, start, stale) for key, number in _wanted(now, change)]
    told = f'<p role="alert">{escape(trouble)}</p>' if trouble else ""
    return (
        "<table><thead><tr><th>What to expect</th><th>now</th><th>at start</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>{told}"
    )


def _wanted(
    now: Mapping[str, float], change: Monitoring | float | None
) -> list[tuple[str, Number]]:
    found = []
    for key, number in NUMBERS.items():
        if key == "power" and change is not None:
            found.append((key, Number(_noticing(change), number.shown, number.meaning)))
        elif key in now or key == "rse":
            found.append((key, number))
        if key == "gaps":
            found += [(name, _gradient(name)) for name in now if name.startswith("gradient.")]
    return found


def _noticing(change: Monitoring | float) -> str:
    if not isinstance(change, Monitoring):
        return f"Chance to notice a change of {100 * change:+.0f} %"
    return (
        f"Chance to notice {100 * change.change:+.0f} % by {len(change.years)} surveys, "
        f"{change.years[0]} to {change.years[-1]}"
    )


def _gradient(key: str) -> Number:
    name = key.removeprefix("gradient.")
    return Number(
        f"Range of {name} sampled",
        _per_cent,
        f"How well {name} where animals are photographed is like {name} over the reserve: 100 % "
        "where the survey sees all of the range, near 0 where it sees one end of it.",
    )


def _row(
    key: str, number: Number, now: Mapping[str, float], start: Mapping[str, float], stale: bool
) -> str:
    old = key in SLOW and stale
    error = f" ± {100 * now['rse_error']:.1f}" if key == "rse" and "rse_error" in now else ""
    if key == "power" and "change_lower" in now:
        error = f", interval {100 * now['change_lower']:+.0f} to {100 * now['change_upper']:+.0f} %"
    told = number.shown(now[key]) + error if key in now else ""
    if old:
        told = f"{told} ({PENDING})" if told else PENDING
    first = number.shown(start[key]) if key in start else ""
    how = "" if old else _how(key, now, start)
    full = f' data-value="{now[key]!r}"' if key in now else ""
    begun = f' data-value="{start[key]!r}"' if key in start else ""
    mark = (
        '<details><summary aria-label="What this means">?</summary>'
        f"<p>{escape(number.meaning)}</p></details>"
    )
    return (
        f"<tr{' class=stale' if old else ''}><td>{escape(number.label)}{mark}</td>"
        f'<td data-key="{escape(key)}"{full} class="{how}">{escape(told)}</td>'
        f'<td data-start="{escape(key)}"{begun}>{escape(first)}</td></tr>'
    )


def _how(key: str, now: Mapping[str, float], start: Mapping[str, float]) -> str:
    """Whether a number is better or worse than at the start."""
    if key in _NEITHER or key not in now or key not in start:
        return ""
    gain = (now[key] - start[key]) * (-1 if key in _LESS_IS_BETTER else 1)
    if not np.isfinite(gain) or abs(gain) <= _TRIFLE * abs(start[key]):
        return ""
    return "better" if gain > 0 else "worse"
