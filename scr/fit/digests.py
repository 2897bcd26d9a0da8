"""Short digests that are equal for equal data and fits, and for no others."""

from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.survey.parts import edges_of
from scr.survey.survey import Survey

_DIGEST_LENGTH = 16


def digest_of_fit(fit: Fit) -> str:
    """Start of a SHA-256 of survey, mask and draws: equal for equal fits.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return _digest([fit.draws], [digest_of_survey(fit.survey), digest_of_mask(fit.mask)])


def digest_of_survey(survey: Survey) -> str:
    """Start of a SHA-256 of stations, effort, captures and what varies by occasion.

    Parameters
    ----------
    survey
        The data.
    """
    arrays: list[NDArray[np.generic]] = []
    texts: list[str] = []
    for session in survey.sessions:
        captures = session.captures
        arrays += [session.traps.xy, session.usage.effort]
        arrays += [captures.individual, captures.trap, captures.occasion, captures.count]
        arrays.append(captures.removed)
        if session.detectors is not None:
            texts += [str(kind) for kind in session.detectors.ravel()]
        if session.traps.parts is not None:
            arrays += [captures.xy, *edges_of(session.traps.parts)]
        if session.fixes is not None:
            arrays.append(session.fixes.xy)
            texts += [session.fixes.telemetry, *session.fixes.individual.tolist()]
        varying = pd.concat([session.occasions, session.by_occasion], axis=1)
        texts += [f"{name}\n{varying[name].astype(str).to_list()}" for name in varying]
    names = [session.name for session in survey.sessions]
    return _digest(arrays, [survey.detector, survey.crs, *names, *texts])


def digest_of_mask(mask: HabitatMask) -> str:
    """Start of a SHA-256 of cells, areas and covariates: equal for equal masks.

    Parameters
    ----------
    mask
        The cells.
    """
    columns = [mask.covariates[name].astype(str).to_list() for name in mask.covariates]
    texts = [
        "\n".join([str(name), *column])
        for name, column in zip(mask.covariates, columns, strict=True)
    ]
    if mask.barrier is not None:
        texts.append(mask.barrier.wkt)
    return _digest([mask.xy, mask.cell_area], [mask.crs, *texts])


def _digest(arrays: list[NDArray[np.generic]], texts: list[str]) -> str:
    total = sha256()
    for array in arrays:
        total.update(str(array.shape).encode())
        total.update(np.ascontiguousarray(array).tobytes())
    for text in texts:
        total.update(text.encode() + b"\0")
    return total.hexdigest()[:_DIGEST_LENGTH]
