r"""Intercepts of sessions that share a normal distribution: ``(1 | session)`` in a formula.

The linear predictor of session j has :math:`b_j \sim N(0, \tau^2)` added. The b are coefficients
with a column each, 1 in their session; :math:`\tau` stands before them with a column of zeros, as
the likelihood depends on it by way of the b alone.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.model.added_terms import taken_out
from scr.model.formula_tokens import Refusal, Token
from scr.model.independence import constant_direction
from scr.model.latent_names import LATENT
from scr.model.pool_names import DENSITY, GROUP, OF_SD, SD
from scr.model.spectrum import Spectrum

_WRITE = f'Write it as in "~ forest + (1 | {GROUP})".'
_SPANS = 1e-9
_NAME = re.compile(r"[\w.]+")


@dataclass(frozen=True)
class Pool:
    r"""Where coefficients that share a normal distribution about 0 stand among all.

    Effect j has the standard deviation :math:`\tau`, or with a spectrum
    :math:`\tau \sqrt{S_j(\ell)}`, where :math:`\ell` is a length.

    Parameters
    ----------
    parameter
        The parameter whose formula has them.
    sd
        Place of :math:`\tau`.
    effects
        Places of the effects.
    length
        Place of :math:`\log \ell`; None where there is none.
    spectrum
        Variances relative to that of the whole, as they depend on the length.
    term
        The term of the formula: ``"session"``, or a smooth such as ``"s(x, y)"``.
    """

    parameter: str
    sd: int
    effects: slice
    length: int | None = None
    spectrum: Spectrum | None = None
    term: str = GROUP

    @property
    def in_metres(self) -> bool:
        """Whether the length is one on the ground."""
        return set(_NAME.findall(self.term.partition("(")[2])) <= {"x", "y"}

    @property
    def spread(self) -> tuple[int, ...]:
        """Places of what the effects depend on: the standard deviation, and the length."""
        return (self.sd,) if self.length is None else (self.sd, self.length)

    def log_relative(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log standard deviation of each effect over that of the whole.

        Parameters
        ----------
        x
            Coefficients, or coordinates in their places, shape (..., n).

        Returns
        -------
        NDArray
            Shape (..., n_effects).
        """
        if self.spectrum is None or self.length is None:
            return np.zeros((*x.shape[:-1], self.effects.stop - self.effects.start))
        return 0.5 * self.spectrum.log_variance(x[..., self.length])

    def slope(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivative of ``log_relative`` to the log length, shape (n_effects,).

        Parameters
        ----------
        x
            Shape (n,).
        """
        if self.spectrum is None or self.length is None:
            return np.zeros(self.effects.stop - self.effects.start)
        return 0.5 * self.spectrum.slope(x[self.length])


def pools_of(
    blocks: Mapping[str, slice],
    names: Sequence[str],
    spectra: Mapping[str, Spectrum | None] | None = None,
) -> tuple[Pool, ...]:
    """The pools of a model, in the order of its coefficients.

    Parameters
    ----------
    blocks
        Slice of each parameter among the coefficients.
    names
        Names of the coefficients.
    spectra
        Smooths of density by term, with the spectrum of those that have a length.
    """
    place = {name: j for j, name in enumerate(names)}
    found = []
    for parameter in blocks:
        sd = place.get(f"{parameter}.{SD}")
        if sd is not None:
            start = f"{parameter}.{GROUP}["
            n = sum(name.startswith(start) for name in names[sd + 1 :])
            found.append(Pool(parameter, sd, slice(sd + 1, sd + 1 + n)))
        for term, spectrum in (spectra or {}).items() if parameter == DENSITY else ():
            sd = place[f"{parameter}.{term}[{OF_SD}]"]
            n = sum(name.startswith(f"{parameter}.{term}[") for name in names[sd:])
            length = None if spectrum is None else sd + 1
            first = sd + 1 if spectrum is None else sd + 2
            found.append(Pool(parameter, sd, slice(first, sd + n), length, spectrum, term))
    return tuple(found)


def check_beside(terms: Collection[str], named: Collection[str]) -> None:
    """Raise where effects share a distribution in a model with latent groups or effects of animals.

    Parameters
    ----------
    terms
        Terms of formulas whose effects do, in words.
    named
        Names in the formulas of detection and shares.

    Raises
    ------
    FormulaError
        If both occur, or shares of latent groups are pooled.
    """
    latent = sorted(set(LATENT) & set(named))
    if terms and latent:
        msg = (
            f"The model has {next(iter(terms))}, and formulas of detection name "
            f"{', '.join(latent)}, which nobody can see. The two cannot be fitted together yet: "
            "leave out one of them."
        )
        raise FormulaError(msg)


def without_pool(tokens: Sequence[Token], refuse: Refusal) -> tuple[list[Token], bool]:
    """A formula without ``(1 | session)``, and whether it was there.

    Parameters
    ----------
    tokens
        Words of the formula.
    refuse
        The error of the formula.
    """
    bars = [at for at, token in enumerate(tokens) if token.text == "|"]
    if not bars:
        return list(tokens), False
    if len(bars) > 1:
        refuse(f"has more than one |. Sessions are pooled by one term (1 | {GROUP}).")
    first, last = bars[0] - 2, bars[0] + 2
    words = [token.text for token in tokens[max(first, 0) : last + 1]]
    if words != ["(", "1", "|", GROUP, ")"]:
        refuse(
            f"has a | that is not that of (1 | {GROUP}): intercepts can be pooled over sessions, "
            f"slopes and other groups cannot. {_WRITE}"
        )
    within = f"has (1 | {GROUP}) within another term. It is added to the others. {_WRITE}"
    return taken_out(tokens, first, last + 1, refuse, within), True


def levels_of_pool(table: pd.DataFrame) -> tuple[str, ...]:
    """Sessions in a table, sorted.

    Parameters
    ----------
    table
        With a column ``session``.
    """
    return tuple(sorted({str(label) for label in table[GROUP]}))


def pooled_names(levels: Sequence[str]) -> tuple[str, ...]:
    """Terms of pooled sessions: the standard deviation, and the effect of each.

    Parameters
    ----------
    levels
        The sessions.

    Examples
    --------
    >>> pooled_names(["Phinda", "Timbavati"])
    ('session_sd', 'session[Phinda]', 'session[Timbavati]')
    """
    return (SD, *(f"{GROUP}[{level}]" for level in levels))


def pooled_columns(
    table: pd.DataFrame, levels: Sequence[str], refuse: Refusal
) -> NDArray[np.float64]:
    """Columns of the terms of pooled sessions, that of the standard deviation all zeros.

    Parameters
    ----------
    table
        With a column ``session``.
    levels
        The sessions of the fit.
    refuse
        The error of the formula.
    """
    labels = table[GROUP].astype(str).to_numpy(dtype=object)
    unknown = sorted(set(labels.tolist()) - set(levels))
    if unknown:
        refuse(
            f"pools sessions, and {', '.join(map(repr, unknown[:10]))} "
            f"{'is' if len(unknown) == 1 else 'are'} not among those of the fit. Predict for a "
            "session of the survey."
        )
    columns = np.zeros((len(table), 1 + len(levels)))
    for number, level in enumerate(levels):
        columns[:, 1 + number] = labels == level
    return columns


def check_pool(
    fixed: NDArray[np.float64],
    names: Sequence[str],
    pooled: NDArray[np.float64],
    refuse: Refusal,
) -> None:
    """Raise where sessions cannot be pooled beside the other terms of the formula.

    Parameters
    ----------
    fixed, names
        Columns of the other terms and their names.
    pooled
        From ``pooled_columns``.
    refuse
        The error of the formula.
    """
    taken = sorted(name for name in names if name == SD or name.partition("[")[0] == GROUP)
    if taken:
        refuse(
            f"has (1 | {GROUP}) and {taken[0]}. Sessions have values of their own or values that "
            f"share a distribution: leave out one of the two (a covariate named {SD} needs "
            "another name)."
        )
    n_sessions = pooled.shape[1] - 1
    if n_sessions == 1:
        refuse(f"has (1 | {GROUP}), and there is one session. Leave the term out.")
    is_intercept = np.array([name == "Intercept" for name in names])
    if constant_direction(fixed, is_intercept) is None:
        refuse(
            f"has (1 | {GROUP}) without a constant that sessions could lie about. Leave out 0 + "
            "and - 1."
        )
    size = np.linalg.norm(fixed, axis=0)
    scaled = fixed / np.where(size > 0, size, 1.0)
    within = np.linalg.lstsq(scaled, pooled[:, 1:], rcond=None)[0]
    if np.abs(scaled @ within - pooled[:, 1:]).max() <= _SPANS:
        refuse(
            f"has (1 | {GROUP}), and its other terms already give every session a value of its "
            f"own. Leave out (1 | {GROUP}), or terms that are the same throughout a session."
        )
