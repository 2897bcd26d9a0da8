"""Models of the same data compared, by what they cost and by what they predict."""

import os
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError, ScrError, ScrWarning
from scr.fit.comparison import WEIGHT_COLUMNS, Comparison, Weighting, criterion_weights
from scr.fit.leave_one_out import K_DOUBTFUL, leave_one_out, stacking_weights
from scr.fit.mle import fit_mle
from scr.fit.result import Fit
from scr.fit.same_data import what_differs
from scr.model.tables import session_table

_FEW = 4.0
"""Differences of elpd below which models predict alike."""


def compare(fits: Mapping[str, Fit], *, weights: Weighting | None = None) -> Comparison:
    r"""Fits of the same data side by side: AIC, AICc, and leaving one animal out.

    AIC, :math:`-2\log L + 2p`, is of the maximum of the likelihood; for a fit with priors the
    maximum is looked for here. LOO is of the posterior, and is given where all fits have one: the
    sum over animals of the log density of a history given all others and the number of animals
    (:math:`\log L_i - \log \Lambda` is what each adds to the log-likelihood).

    Parameters
    ----------
    fits
        Fits by name, all by ``fit_mle``, or all by ``fit_laplace`` and ``fit_nuts``; what
        ``fit_all`` gives. All must be of the same survey, mask, assumption on the number of
        animals, and class term.
    weights
        By what models are averaged: ``"stacking"`` (the default where all fits have a posterior
        and no animal is known from one flank alone), ``"aic"`` (else the default) or ``"aicc"``.

    Returns
    -------
    Comparison
        Its ``table`` has one row a model, the one that weighs most first: ``n_coefficients``,
        ``log_likelihood`` (its maximum), ``aic``, ``aicc`` (corrected for the number of animals n,
        NaN where n is too small), ``delta_aic``, ``weight_aic``, ``weight_aicc``; and with LOO
        ``elpd_loo``, ``se``, ``p_loo`` (effective number of coefficients), ``elpd_difference``
        from the best and ``se_difference``, ``largest_k``, ``n_high_k`` (animals whose Pareto k is
        above 0.7) and ``weight_stacking``.

    Raises
    ------
    FitError
        If data or what is estimated differ, naming what; if fits with and without a posterior are
        mixed; if weights are asked for that these fits do not have.

    References
    ----------
    Burnham & Anderson (2002) Model selection and multimodel inference; Vehtari, Gelman & Gabry
    (2017) Stat. Comput. 27:1413-1432; Yao et al. (2018) Bayesian Analysis 13:917-1007.
    """
    weighting = _check(fits, weights)
    _check_same_data(fits)
    maxima = _maxima(fits)
    table = _criteria(maxima, fits)
    left_out = {name: leave_one_out(fit) for name, fit in fits.items()} if _predicts(fits) else {}
    if left_out:
        table = table.join(_loo(left_out))
    by = WEIGHT_COLUMNS[weighting]
    if not np.isfinite(table[by]).all():
        msg = (
            f"There are no weights by {weighting!r}: with {_n(fits)} animals it is defined for no "
            "model of these. Use weights='aic', or weights='stacking' with fits that have a "
            "posterior."
        )
        raise FitError(msg)
    # Of two that weigh nothing the one that costs less stands first.
    table = table.sort_values([by, "aic"], ascending=[False, True])
    names = [str(name) for name in table.index]
    return Comparison(
        fits={name: fits[name] for name in names},
        table=table,
        weighted_by=weighting,
        left_out={name: left_out[name] for name in names if left_out},
        notes=_notes(fits, table, maxima, weighting),
        failures=dict(getattr(fits, "failures", {})),
        saved=getattr(fits, "saved", {}),
    )


def _check(fits: Mapping[str, Fit], weights: Weighting | None) -> Weighting:
    if not fits:
        failed = "; ".join(f"{n!r}: {why}" for n, why in getattr(fits, "failures", {}).items())
        msg = f"There are no fits to compare. Give one or more by name. {failed}".strip()
        raise FitError(msg)
    by_likelihood = [name for name, fit in fits.items() if fit.engine == "mle"]
    if 0 < len(by_likelihood) < len(fits):
        listed = ", ".join(map(repr, by_likelihood[:10]))
        msg = (
            f"{len(by_likelihood)} of {len(fits)} fits are by maximum likelihood ({listed}) and "
            "have no posterior to leave animals out of, the others have one. Fit all by fit_mle, "
            "or all by fit_laplace or fit_nuts."
        )
        raise FitError(msg)
    predicts = _predicts(fits)
    weighting: Weighting = weights or ("stacking" if predicts else "aic")
    if weighting not in WEIGHT_COLUMNS:
        msg = f"weights={weighting!r} is not known. Use 'stacking', 'aic' or 'aicc'."
        raise FitError(msg)
    if weighting == "stacking" and not predicts:
        why = "a posterior, and these fits are by maximum likelihood"
        if not by_likelihood:
            why = "animals that can be left out one by one, and here some are known from one flank"
        msg = f"weights='stacking' needs {why}. Use weights='aic', or fits that have what it needs."
        raise FitError(msg)
    return weighting


def _predicts(fits: Mapping[str, Fit]) -> bool:
    """Whether animals can be left out: of a posterior, and where each is known as one animal."""
    first = next(iter(fits.values()))
    has_sides = any(session.sides is not None for session in first.survey.sessions)
    return first.engine != "mle" and not has_sides


def _check_same_data(fits: Mapping[str, Fit]) -> None:
    (first, of_first), *others = fits.items()
    different = {name: found for name, fit in others if (found := what_differs(fit, of_first))}
    if different:
        told = "; ".join(f"{name!r}: {', '.join(found)}" for name, found in different.items())
        msg = (
            f"{len(different)} of {len(fits)} fits are of other data than {first!r}, or estimate "
            f"something else, so that no criterion can compare them. What differs: {told}. Fit all "
            "models to the same survey and mask, with the same number=, and with classes='sex' in "
            "all or none."
        )
        raise FitError(msg)


def _maxima(fits: Mapping[str, Fit]) -> dict[str, Fit | None]:
    """Maximum likelihood fits of the same models, side by side; None where there is none."""
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore", ScrWarning)
        return dict(zip(fits, pool.map(_maximum, fits.values()), strict=True))


def _maximum(fit: Fit) -> Fit | None:
    if fit.engine == "mle":
        return fit
    try:
        return fit_mle(fit.survey, fit.mask, fit.spec, check_mask=False)
    except (ScrError, np.linalg.LinAlgError):
        return None


def _n(fits: Mapping[str, Fit]) -> int:
    return next(iter(fits.values())).survey.n_individuals


def _criteria(maxima: Mapping[str, Fit | None], fits: Mapping[str, Fit]) -> pd.DataFrame:
    highest = [np.nan if fit is None else fit.log_likelihood for fit in maxima.values()]
    table = pd.DataFrame(
        {
            "n_coefficients": [len(fit.coefficient_names) for fit in fits.values()],
            "log_likelihood": highest,
        },
        index=pd.Index(list(fits), name="model"),
    )
    k, n = table["n_coefficients"], _n(fits)
    table["aic"] = -2 * table["log_likelihood"] + 2 * k
    table["aicc"] = table["aic"] + 2 * k * (k + 1) / (n - k - 1).where(n - k - 1 > 0)
    table["delta_aic"] = table["aic"] - table["aic"].min()
    for name in ("aic", "aicc"):
        table[f"weight_{name}"] = criterion_weights(table[name].to_numpy(dtype=np.float64))
    return table


def _loo(left_out: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    first = next(iter(left_out.values()))
    tables = [table.reindex(first.index) for table in left_out.values()]
    elpd = np.stack([table["elpd"].to_numpy(dtype=np.float64) for table in tables], axis=1)
    total, n = elpd.sum(axis=0), len(elpd)
    apart = elpd - elpd[:, [int(total.argmax())]]
    return pd.DataFrame(
        {
            "elpd_loo": total,
            "se": _se_of_sum(elpd),
            "p_loo": [table["p_loo"].sum() for table in tables],
            "elpd_difference": apart.sum(axis=0),
            "se_difference": _se_of_sum(apart),
            "largest_k": [table["pareto_k"].max() for table in tables],
            "n_high_k": [int((table["pareto_k"] > K_DOUBTFUL).sum()) for table in tables],
            "weight_stacking": stacking_weights(elpd) if n else 1.0 / elpd.shape[1],
        },
        index=pd.Index(list(left_out), name="model"),
    )


def _se_of_sum(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(parts)
    return np.sqrt(n * parts.var(axis=0, ddof=1)) if n > 1 else np.full(parts.shape[1], np.nan)


def _notes(
    fits: Mapping[str, Fit],
    table: pd.DataFrame,
    maxima: Mapping[str, Fit | None],
    weighting: Weighting,
) -> tuple[str, ...]:
    notes = []
    lost = [name for name, fit in maxima.items() if fit is None]
    if lost:
        notes.append(f"{_listed(lost)}: not fitted by maximum likelihood, so there is no AIC.")
    doubtful = [name for name, fit in maxima.items() if fit is not None and not _is_sound(fit)]
    if doubtful:
        notes.append(
            f"{_listed(doubtful)}: the likelihood is flat in some coefficients, or its maximum "
            "was not reached. AIC counts coefficients that nothing was learnt of."
        )
    if "n_high_k" in table and table["n_high_k"].any():
        high = [str(name) for name in table.index[table["n_high_k"] > 0]]
        notes.append(
            f"{_listed(high)}: Pareto k is above {K_DOUBTFUL} for some animals, so that elpd_loo "
            "and its weights cannot be relied on. Fit by fit_nuts, and look at those animals."
        )
    weak = [name for name, fit in fits.items() if fit.k_hat > K_DOUBTFUL]
    if weak:
        notes.append(
            f"{_listed(weak)}: importance sampling did not reach the tails of the posterior "
            f"(k-hat above {K_DOUBTFUL}). Fit by fit_nuts."
        )
    if weighting == "stacking" and len({_by_session(fit) for fit in fits.values()}) > 1:
        notes.append(
            "Density varies by session in some of the models. Leaving an animal out keeps the "
            "number of animals of each session, and so cannot tell whether density differs "
            "between sessions. Choose by AIC, weights='aic'."
        )
    if weighting == "stacking" and len(table) > 1:
        close = table["elpd_difference"].abs().sort_values().iloc[1]
        if close < _FEW:
            notes.append(
                f"The two best differ by {close:.1f} in elpd_loo: below {_FEW:.0f} models predict "
                "alike."
            )
    return tuple(notes)


def _is_sound(fit: Fit) -> bool:
    return all(check.passed for check in fit.checks if check.name in {"convergence", "boundary"})


def _by_session(fit: Fit) -> frozenset[str]:
    """Names of sessions and of what is known of them in the formula of density."""
    of_sessions = set(map(str, session_table(fit.survey).columns))
    of_sessions -= set(map(str, fit.mask.covariates.columns))
    return frozenset(fit.spec.variables("density") & of_sessions)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:10]))
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
