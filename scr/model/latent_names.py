"""Names in formulas of what differs between animals and nobody sees."""

MIXTURES = {"h2": 2, "h3": 3}
"""Names of latent groups in formulas of detection, and how many there are."""

INDIVIDUAL = "individual"
"""Name of the effect of each animal on the intensity of detection; its coefficient is the sd."""

LATENT = (*MIXTURES, INDIVIDUAL)
"""All of them."""
