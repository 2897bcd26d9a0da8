"""Scales of effect in a formula, ``scale_of(forest_500, forest_1000)``, read as text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scr.model.added_terms import calls_taken_out, require_once
from scr.model.formula_tokens import SCALE_OF, Refusal, Token, as_written, shown
from scr.model.pool_names import DENSITY

_LAYER = re.compile(r"(.*[^\d_])_(\d{1,6})")
_MOST_LAYERS = 12
_WRITE = (
    f'Write it as in "~ {SCALE_OF}(forest_500, forest_1000, forest_2000)", with columns of the '
    "mask that end in their scale in metres (sample_raster makes them, with scales=)."
)


@dataclass(frozen=True)
class ScaleText:
    """A scale of effect as it was written.

    Parameters
    ----------
    covariate
        What the columns are of: their names without the scales.
    columns
        Names of the columns, from the finest scale to the coarsest.
    metres
        Their scales.
    """

    covariate: str
    columns: tuple[str, ...]
    metres: tuple[float, ...]

    @property
    def name(self) -> str:
        """The term, as coefficients are named by it.

        Examples
        --------
        >>> ScaleText("forest", ("forest_500", "forest_1000"), (500.0, 1000.0)).name
        'scale_of(forest)'
        """
        return f"{SCALE_OF}({self.covariate})"


def without_scales(
    tokens: Sequence[Token], parameter: str, refuse: Refusal
) -> tuple[list[Token], tuple[ScaleText, ...]]:
    """A formula without its scales of effect, and these.

    Parameters
    ----------
    tokens
        Words of the formula.
    parameter
        The parameter it belongs to.
    refuse
        The error of the formula.
    """
    rest, calls = calls_taken_out(tokens, frozenset({SCALE_OF}), refuse, _WRITE)
    if calls and parameter != DENSITY:
        refuse(
            f"has {as_written(calls[0])}. Scales of effect are of density alone; name one of the "
            "columns instead."
        )
    found = [_read(words, refuse) for words in calls]
    require_once([scale.name for scale in found], refuse)
    return rest, tuple(found)


def _read(words: Sequence[Token], refuse: Refusal) -> ScaleText:
    written = shown(as_written(words))
    inside = words[2:-1]
    of_names, between = inside[::2], inside[1::2]
    if any(token.kind not in {"name", "quoted"} for token in of_names) or any(
        token.text != "," for token in between
    ):
        refuse(f"has {written}, which takes names of columns alone. {_WRITE}")
    layers = [_LAYER.fullmatch(token.name) for token in of_names]
    found = {float(layer[2]): layer[0] for layer in layers if layer is not None}
    covariates = {layer[1] for layer in layers if layer is not None}
    if None in layers or len(covariates) != 1 or len(found) < len(layers) or min(found) <= 0:
        refuse(
            f"has {written}. Its columns are one covariate at different scales, more than 0 m. "
            f"{_WRITE}"
        )
    if not 2 <= len(found) <= _MOST_LAYERS:
        refuse(f"has {written}. It takes from 2 to {_MOST_LAYERS} scales. {_WRITE}")
    metres = sorted(found)
    return ScaleText(covariates.pop(), tuple(found[scale] for scale in metres), tuple(metres))
