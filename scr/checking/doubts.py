"""What there is to doubt in a fit: the estimates themselves, what they rest on, and the data."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from scr.errors import MaskError, MaskWarning
from scr.fit.influence import influence, influence_troubles
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.model.advice import guess_sigma
from scr.model.design import build_design
from scr.model.mask_advice import mask_troubles
from scr.model.sampled_ground import covariate_troubles
from scr.model.spec import ModelSpec
from scr.posterior.belief import unbelievable
from scr.posterior.extrapolation import extrapolation, extrapolation_troubles, shares_in_words
from scr.posterior.zones import Regions
from scr.survey.bearing import bearing_troubles
from scr.survey.survey import Survey
from scr.survey.troubles import Trouble


@dataclass(frozen=True, eq=False)
class Doubts:
    """Warnings of a fit, for its terminal output and both of its reports.

    Parameters
    ----------
    unbelievable
        Why the estimates cannot be believed; none for a sound fit.
    rests_on
        Animals and records on which the estimates rest.
    not_sampled
        Regions whose number rests on covariates that were not sampled.
    of_data
        What ``scr check`` warns of: few data, an array or a mask that does not suit, and what
        looked wrong when the tables were read.
    shares
        For each region the share of its expected animals where covariates of density were not
        sampled. Private.
    public_shares
        The same to the next tenth.
    """

    unbelievable: tuple[Trouble, ...]
    rests_on: tuple[Trouble, ...]
    not_sampled: tuple[Trouble, ...]
    of_data: tuple[Trouble, ...]
    shares: tuple[str, ...] = ()
    public_shares: tuple[str, ...] = ()

    def lines(self, *, public: bool) -> list[str]:
        """All of them as text, the worst first.

        Parameters
        ----------
        public
            Whether no station, no animal and no row may be named.
        """
        return sentences(
            (*self.unbelievable, *self.rests_on, *self.not_sampled, *self.of_data), public=public
        )


def sentences(troubles: Iterable[Trouble], *, public: bool) -> list[str]:
    """Warnings as text, each once, the kind of each first.

    Parameters
    ----------
    troubles
        The warnings.
    public
        Whether no station, no animal and no row may be named.
    """
    lines = [trouble.public_line if public else trouble.private_line for trouble in troubles]
    return list(dict.fromkeys(f"{line[:1].upper()}{line[1:]}" for line in lines))


def doubts_of(fit: Fit, region: Regions | None = None) -> Doubts:
    """What there is to doubt in a fit.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported, as in ``abundance``.
    """
    read = [Trouble("warning", kind, "", (), text) for kind, text in fit.survey.doubts.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MaskWarning)  # of ground beyond the mask: abundance warns
        not_believed = unbelievable(fit, region)
        shares = extrapolation(fit, region)
    return Doubts(
        unbelievable=not_believed,
        rests_on=influence_troubles(influence(fit)),
        not_sampled=extrapolation_troubles(shares, fit.labels),
        of_data=(*data_troubles(fit.survey, fit.mask, fit.spec), *read),
        shares=tuple(shares_in_words(shares, fit.labels)),
        public_shares=tuple(shares_in_words(shares, fit.labels, public=True)),
    )


def doubts_before(
    survey: Survey, mask: HabitatMask, spec: ModelSpec, *, region: Region | None = None
) -> tuple[Trouble, ...]:
    """What ``check_survey`` warns of in data, mask and model, beyond what reading has warned of.

    Parameters
    ----------
    survey, mask, spec
        Data and model.
    region
        Where the number of animals will be reported; the mask if left out.

    Returns
    -------
    tuple of Trouble
        Few data, an array or a mask that does not suit, covariates that were not sampled.

    Raises
    ------
    FormulaError, MaskError
        If model, mask and survey do not fit each other.
    """
    design = build_design(survey, mask, spec)
    return (*data_troubles(survey, mask, spec), *covariate_troubles(design, region))


def data_troubles(survey: Survey, mask: HabitatMask, spec: ModelSpec) -> tuple[Trouble, ...]:
    """Whether the data and the mask can support a model, as ``check_survey`` asks.

    Parameters
    ----------
    survey, mask, spec
        Data and model.
    """
    try:
        sigma = guess_sigma(survey)
    except MaskError:
        return ()
    return (
        *bearing_troubles(survey, sigma, by_sex=spec.has_sexes),
        *mask_troubles(survey, mask, detection=spec.detection),
    )
