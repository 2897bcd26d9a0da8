"""What a page says of the models that were compared."""

from dataclasses import dataclass

import pandas as pd

from scr.fit.comparison import Comparison
from scr.maps.results.models_table import criteria_shown, models_table, names_to_share
from scr.maps.results.written import Numbers

_HEADINGS = {
    "n_coefficients": "coefficients",
    "log_likelihood": "log-likelihood",
    "aic": "AIC",
    "aicc": "AICc",
    "delta_aic": "delta AIC",
    "weight_aic": "AIC weight",
    "elpd_loo": "elpd (LOO)",
    "se": "se",
    "p_loo": "p (LOO)",
    "elpd_difference": "elpd difference",
    "se_difference": "se of it",
    "largest_k": "largest Pareto k",
    "n_high_k": "animals with k > 0.7",
    "weight": "weight",
}
_BY = {
    "stacking": (
        "Weights are stacking weights: the shares with which the models together predict best the "
        "history of an animal left out. They are no probabilities that a model is true, and a "
        "model much like a better one may weigh nothing"
    ),
    "aic": (
        "Weights follow from AIC: relative support for each model among those that were tried, "
        "given that one of them is near the truth. They say nothing of models that were not tried"
    ),
    "aicc": (
        "Weights follow from AICc: relative support for each model among those that were tried, "
        "with a correction for few animals. They say nothing of models that were not tried"
    ),
}


_HOW = {
    "stacking": (
        "by how well they predict the capture history of an animal left out (leave-one-out "
        "cross-validation by Pareto-smoothed importance sampling, Vehtari et al. 2017), and "
        "weighed by stacking (Yao et al. 2018)"
    ),
    "aic": "and weighed by Akaike's criterion (Burnham & Anderson 2002)",
    "aicc": "and weighed by Akaike's criterion for small samples (Burnham & Anderson 2002)",
}


@dataclass(frozen=True)
class ModelsShown:
    """Models compared, for one kind of reader.

    Parameters
    ----------
    table
        With headings, numbers as text.
    sentences
        What the table means, and what to know of it.
    """

    table: pd.DataFrame
    sentences: tuple[str, ...]

    @property
    def numbers(self) -> list[str]:
        """Columns that hold numbers as text."""
        return [str(name) for name in self.table][2:]


def models_in_methods(numbers: Numbers) -> list[str]:
    """How models were compared, as a paragraph to paste; nothing where there is one alone.

    Parameters
    ----------
    numbers
        Numbers of animals and models, of the reader that the page is for.
    """
    models, averaged = numbers.models, numbers.averaged
    if models is None or averaged is None:
        return []
    rows = models.to_dict("records")
    named = "; ".join(
        f"{row['model']}{f' ({text})' if (text := row['formulas']) else ''}, {row['weight']:.2f}"
        for row in rows
    )
    expected = averaged[averaged["estimand"] == "expected N"].to_dict("records")
    told = "; ".join(
        f"{row['region']} {row['median']:.1f} ({row['lower']:.1f} to {row['upper']:.1f})"
        for row in expected
    )
    text = (
        f"{len(rows)} models of the same data were compared {_HOW[models.attrs['weighted_by']]}. "
        f"Models and their weights: {named}. The estimates above are of one of them."
    )
    return [f"{text} Expected abundance averaged over the models: {told}." if told else text]


def models_shown(comparison: Comparison, *, public: bool) -> ModelsShown:
    """Models compared in a table, and what that means.

    Parameters
    ----------
    comparison
        From ``compare``.
    public
        Whether likelihoods, Pareto k and names of stations and animals are left out.
    """
    table = criteria_shown(models_table(comparison, public=public))
    names = names_to_share(comparison)
    failed = [
        f"{names[name]} could not be fitted." if public else f"{name} could not be fitted: {why}"
        for name, why in comparison.failures.items()
    ]
    chosen = names[next(iter(comparison.fits))] if public else next(iter(comparison.fits))
    sentences = (
        f"{_BY[comparison.weighted_by]}. Unless it says that it is averaged, what this page tells "
        "is of the model described above alone, whose intervals do not hold the uncertainty of "
        "having chosen it.",
        f"The model that weighs most is {chosen}.",
        *(() if public else comparison.notes),
        *failed,
    )
    shown = table.rename(columns=_HEADINGS)
    kept = ["model", "formulas", *(name for name in _HEADINGS.values() if name in shown)]
    return ModelsShown(shown[kept], sentences)
