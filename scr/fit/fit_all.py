"""Several models of the same data fitted side by side, each failure by itself."""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from scr.errors import ConvergenceWarning, FitError, MaskWarning, ScrError, ScrWarning
from scr.fit.digests import digest_of_mask, digest_of_survey
from scr.fit.laplace import fit_laplace
from scr.fit.mle import fit_mle
from scr.fit.nuts import fit_nuts
from scr.fit.progress import progress_line
from scr.fit.result import Fit
from scr.fit.saving import load_fit
from scr.habitat.mask import HabitatMask
from scr.io.whole_files import check_file_names, file_name
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

Fitting = Literal["mle", "laplace", "nuts"]
"""How all of several models are fitted."""

Wanted = Callable[[str], Fit]
"""Fits the model of a name."""

STOPPED = "stopped before it was fitted"
"""What is said of a model that was not reached."""

_OF_MASK = ("mask_wider", "mask_finer", "within_reach")


@dataclass(frozen=True, eq=False, repr=False)
class Fits(Mapping[str, Fit]):
    """Fits by name, in the order of the models, and those that failed. ``compare`` takes it.

    Parameters
    ----------
    fits
        The fits.
    failures
        Why the others were not fitted, by name.
    saved
        Content of the file of each fit that was kept, by name.
    """

    fits: Mapping[str, Fit]
    failures: Mapping[str, str] = field(default_factory=dict)
    saved: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before all models had been tried."""
        return STOPPED in self.failures.values()

    def __getitem__(self, name: str) -> Fit:
        return self.fits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fits)

    def __len__(self) -> int:
        return len(self.fits)

    def __repr__(self) -> str:
        lines = [f"{len(self)} of {len(self) + len(self.failures)} models fitted"]
        lines += [f"  {name}: {len(f.coefficient_names)} coefficients" for name, f in self.items()]
        lines += [f"  {name}: not fitted, {why}" for name, why in self.failures.items()]
        return "\n".join(lines)


def fit_all(
    survey: Survey,
    mask: HabitatMask,
    specs: Mapping[str, ModelSpec] | Sequence[ModelSpec],
    *,
    engine: Fitting = "laplace",
    seed: int = 1,
    check_mask: bool = True,
    keep: str | os.PathLike[str] | None = None,
    cores: int | None = None,
    progress: bool = False,
    **options: Any,
) -> Fits:
    """Fit several models to the same data, as many at once as there are cores.

    A model that cannot be fitted does not stop the others. Ctrl-C lets those that are being fitted
    come to their end, leaves out the rest, and gives what there is; a second one ends at once.

    Parameters
    ----------
    survey, mask
        The data.
    specs
        Models by name; or a list, in which each is named by its formulas.
    engine
        ``"laplace"``, ``"mle"`` or ``"nuts"`` (one model after the other, its chains at once).
    seed
        Seed of each fit, the same for all: a fit does not depend on what is fitted beside it.
    check_mask
        Whether to refit each with a wider and a finer mask.
    keep
        Folder in which each fit is kept as soon as it is there. A model that is in it already,
        with the same data, formulas, engine and seed, is taken from it and not fitted again.
    cores
        Fits at once, as many as there are cores if left out. Results do not depend on it.
    progress
        Whether to show a line on standard error.
    options
        Further arguments of the function of the engine: ``draws`` of ``fit_laplace``, ``draws``,
        ``tune`` and ``chains`` of ``fit_nuts``.

    Returns
    -------
    Fits
        A mapping from names to fits, with ``failures``.

    Raises
    ------
    FitError
        If there is no model, if two have one name, or none could be fitted; with each reason.

    Warns
    -----
    ConvergenceWarning, MaskWarning
        For each model that could not be fitted, and each check that did not pass, with its name.
    """
    named = _named(specs)
    folder = None if keep is None else Path(keep)
    if folder is not None:
        check_file_names(list(named), "models")
        folder.mkdir(parents=True, exist_ok=True)
    at_once = 1 if engine == "nuts" else min(cores or os.cpu_count() or 1, len(named))
    options |= {"seed": seed, "check_mask": check_mask}
    if engine != "mle" and (at_once > 1 or cores is not None):
        options |= {"cores": 1 if at_once > 1 else cores}
    fitting: Callable[..., Fit] = {"mle": fit_mle, "laplace": fit_laplace, "nuts": fit_nuts}[engine]

    def fit_one(name: str) -> Fit:
        path = None if folder is None else folder / f"{file_name(name)}.nc"
        kept = _kept(path, survey, mask, named[name], engine=engine, seed=seed)
        fit = kept or fitting(survey, mask, named[name], **options)
        if path is not None and _is_complete(fit):
            if kept is None:
                fit.save(path)
            saved[name] = path.read_bytes()
        return fit

    saved: dict[str, bytes] = {}

    label = f"Fitting {len(named)} models"
    with warnings.catch_warnings(), progress_line(label, shown=progress) as say:
        warnings.simplefilter("ignore", ScrWarning)  # told below, with the name of the model
        outcomes = _one_by_one(fit_one, named, say) if at_once == 1 else {}
        outcomes = outcomes or _side_by_side(fit_one, named, say, at_once=at_once)
    return replace(_told(outcomes), saved=saved)


def _named(specs: Mapping[str, ModelSpec] | Sequence[ModelSpec]) -> dict[str, ModelSpec]:
    named = dict(specs) if isinstance(specs, Mapping) else {spec.in_words: spec for spec in specs}
    if not named:
        msg = "There are no models to fit. Give specs= one ModelSpec or more, by name."
        raise FitError(msg)
    if len(named) < len(specs):
        msg = (
            f"{len(specs) - len(named)} of {len(specs)} models have the formulas of another one. "
            "Give each once, or name them: specs={'first': ..., 'second': ...}."
        )
        raise FitError(msg)
    return named


def _kept(
    path: Path | None,
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    engine: Fitting,
    seed: int,
) -> Fit | None:
    """The fit of this very model that a file holds; None where it holds another, or none."""
    if path is None or not path.is_file():
        return None
    try:
        fit = load_fit(path, transforms=spec.transforms)
    except ScrError:
        return None
    same = (
        (fit.engine, fit.seed, fit.spec.as_dict()) == (engine, seed, spec.as_dict())
        and digest_of_survey(fit.survey) == digest_of_survey(survey)
        and digest_of_mask(fit.mask) == digest_of_mask(mask)
    )
    return fit if same else None


_Outcomes = dict[str, Fit | str]


def _one_by_one(
    fit_one: Wanted, names: Mapping[str, ModelSpec], say: Callable[[str], None]
) -> _Outcomes:
    outcomes: _Outcomes = dict.fromkeys(names, STOPPED)
    try:
        for done, name in enumerate(names):
            say(f"{done} done, now {name}")
            outcomes[name] = found = _outcome(fit_one, name)
            if isinstance(found, Fit) and not _is_complete(found):
                break  # the sampler was interrupted, and gave what it had
    except KeyboardInterrupt:
        pass
    return outcomes


def _side_by_side(
    fit_one: Wanted,
    names: Mapping[str, ModelSpec],
    say: Callable[[str], None],
    *,
    at_once: int,
) -> _Outcomes:
    pool = ThreadPoolExecutor(at_once)
    jobs: dict[str, Future[Fit | str]] = {}
    try:
        jobs = {name: pool.submit(_outcome, fit_one, name) for name in names}
        waiting = set(jobs.values())
        while waiting:
            say(f"{len(jobs) - len(waiting)} done")
            waiting = wait(waiting, return_when=FIRST_COMPLETED).not_done
    except KeyboardInterrupt:
        say("stopping; those that are being fitted come to their end")
    finally:
        pool.shutdown(cancel_futures=True)
    return {
        name: jobs[name].result() if name in jobs and not jobs[name].cancelled() else STOPPED
        for name in names
    }


def _outcome(fit_one: Wanted, name: str) -> Fit | str:
    """The fit, or why there is none: whatever goes wrong with one model is of that one alone."""
    try:
        return fit_one(name)
    except ScrError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _is_complete(fit: Fit) -> bool:
    """Whether sampling came to its end."""
    return all(check.passed for check in fit.checks if check.name == "complete")


def _told(outcomes: _Outcomes) -> Fits:
    fits = {name: found for name, found in outcomes.items() if isinstance(found, Fit)}
    failures = {name: found for name, found in outcomes.items() if isinstance(found, str)}
    if not fits:
        told = "; ".join(f"{name!r}: {why}" for name, why in failures.items())
        msg = f"None of {len(failures)} models was fitted. {told}"
        raise FitError(msg)
    for name, why in failures.items():
        warnings.warn(f"Model {name!r} was not fitted: {why}", ConvergenceWarning, stacklevel=3)
    for name, fit in fits.items():
        for check in fit.checks:
            if not check.passed:
                kind = MaskWarning if check.name in _OF_MASK else ConvergenceWarning
                warnings.warn(f"Model {name!r}: {check.message}", kind, stacklevel=3)
    return Fits(fits, failures)
