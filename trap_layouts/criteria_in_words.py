"""Criteria in words, and what they say of a survey: how they are written, and when to take care."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trap_layouts.layout import Layout

IN_PER_CENT = frozenset({"rse", "rule_rse", "power", "gaps", "mean_p", "q_p", "q_pm"})
"""Criteria that are written in per cent."""

_WORDS = {
    "stations": "stations",
    "cameras": "cameras",
    "animals": "animals photographed, E[n]",
    "recaptures": "recaptures, E[r]",
    "moves": "recaptures elsewhere, E[m]",
    "at_two": "animals at two or more stations, E[n2]",
    "rse": "RSE of N in the reserve, %",
    "rule_rse": "RSE of density by the rule of thumb, %",
    "power": "power to detect the change, %",
    "gaps": "reserve with little chance of detection, %",
    "mean_p": "mean chance of detection in the reserve, %",
    "cost": "cost",
    "route_km": "length of a round, km",
}
_FEW, _VERY_FEW = 20.0, 10.0
_GOOD_RSE, _POOR_RSE = 0.2, 0.3
_NARROW = 0.1


def words_of(criterion: str) -> str:
    """A criterion in words, with its unit.

    Parameters
    ----------
    criterion
        A key of ``criteria_of``.
    """
    return _WORDS.get(criterion, criterion)


def shown_value(criterion: str, value: float) -> str:
    """A criterion as it is written, in per cent where it is a share.

    Parameters
    ----------
    criterion
        A key of ``criteria_of``.
    value
        Its value.

    Examples
    --------
    >>> shown_value("rse", 0.2834)
    '28.3'
    >>> shown_value("cost", 11946.0)
    '11,946'
    """
    if not np.isfinite(value):
        return "-"
    if criterion in IN_PER_CENT:
        return f"{100 * value:.1f}"
    if criterion in {"animals", "recaptures", "moves", "at_two", "route_km"}:
        return f"{value:,.1f}"
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:,.3g}"


def remarks(layout: Layout, found: Mapping[str, float]) -> list[str]:
    """What to think of a layout, in words: a light, green, amber or red, and the reason.

    Parameters
    ----------
    layout
        The stations.
    found
        Its criteria, from ``criteria_of``.

    Returns
    -------
    list
        One sentence each; the light of the whole, which is that of the worst, stands in the first.
    """
    few = _of_number(found["animals"], "animals expected to be photographed", _ANIMALS)
    again = _of_number(found["recaptures"], "recaptures expected", _RECAPTURES)
    told = [few, again]
    if "rse" in found:
        told.append(_of_rse(found["rse"]))
    if in_a_line(layout.xy):
        told.append((1, _LINE))
    worst = max(light for light, _ in told)
    told.sort(key=lambda one: -one[0])
    reasons = [text for light, text in told if light or not worst]
    return [f"{('Green', 'Amber', 'Red')[worst]}: {reasons[0]}", *reasons[1:]]


_ANIMALS = (
    "estimates of so few are poor whatever is done",
    "many such surveys cannot be fitted at all",
)
_RECAPTURES = (
    "how far animals range, and so density, is poorly estimated",
    "how far animals range can hardly be estimated",
)
_LINE = (
    "Stations stand nearly in a line: what lies beside it is judged by how far animals range along "
    "it, so that density hangs on home ranges being round."
)


def _of_number(value: float, of: str, why: tuple[str, str]) -> tuple[int, str]:
    light = 2 if value < _VERY_FEW else 1 if value < _FEW else 0
    reason = f", fewer than {_VERY_FEW if light == 2 else _FEW:.0f}: {why[light - 1]}"
    return light, f"{value:.1f} {of}{reason if light else ''}."


def _of_rse(rse: float) -> tuple[int, str]:
    if not np.isfinite(rse):
        return 2, "The number of animals cannot be estimated by this layout."
    light = 0 if rse <= _GOOD_RSE else 1 if rse <= _POOR_RSE else 2
    least, most = (100 * np.exp(sign * 1.96 * rse) for sign in (-1, 1))
    return light, (
        f"The number of animals is estimated with an RSE of {100 * rse:.1f} %: where 100 live, the "
        f"95 % interval is about {least:.0f} to {most:.0f}."
    )


def in_a_line(xy: NDArray[np.float64]) -> bool:
    """Whether stations stand nearly in a line: their spread across is a tenth of that along.

    Parameters
    ----------
    xy
        Metres, shape (n, 2).
    """
    if len(xy) < 3:
        return True
    along, across = np.linalg.svd(xy - xy.mean(axis=0), compute_uv=False)
    return bool(across < _NARROW * along)
