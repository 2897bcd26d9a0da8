"""What the draws of a fit are of."""

from scr.fit.result import Fit


def density_block(fit: Fit) -> slice:
    """Where the coefficients of density stand.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return fit.problem.design.blocks["density"]


def method_of(fit: Fit) -> str:
    """How headlines were estimated, in words.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return "maximum likelihood, plug-in" if fit.point is not None else "posterior"
