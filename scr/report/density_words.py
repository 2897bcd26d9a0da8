"""How density varies over ground, as a Methods text tells it."""

from scr.model.spec import ModelSpec


def smooths_in_words(spec: ModelSpec) -> str:
    """Of what smooth terms were made, and what was estimated of them.

    Parameters
    ----------
    spec
        The model.
    """
    told = []
    for smooth in spec.smooths:
        of = " and ".join(smooth.covariates)
        if smooth.kind == "s":
            told.append(
                f"a low-rank thin plate spline of {of} with {smooth.size} knots, {smooth.name}, "
                "whose wiggly part is a random effect with an estimated standard deviation, so "
                "that its smoothness was estimated (Ruppert, Wand & Carroll 2003)"
            )
        else:
            told.append(
                f"a Gaussian process of {of}, {smooth.name}, with a Matern covariance (5/2) in the "
                f"Hilbert space approximation with {smooth.size} basis functions, whose standard "
                "deviation and length were estimated (Solin & Sarkka 2020; Riutort-Mayol et al. "
                "2023)"
            )
    return f" The logarithm of density has {', and '.join(told)}." if told else ""


def scales_in_words(spec: ModelSpec) -> str:
    """How scales of effect were estimated.

    Parameters
    ----------
    spec
        The model.
    """
    return "".join(
        f" The scale at which {scale.covariate} acts on density was estimated between "
        f"{scale.metres[0]:,.0f} and {scale.metres[-1]:,.0f} m, with the covariate at a scale "
        f"interpolated in its logarithm among {len(scale.metres)} standardised layers (Chandler & "
        "Hepinstall-Cymerman 2016)."
        for scale in spec.scales
    )
