"""Surveys of animals known from one flank: does choosing a flank leave density unbiased?"""

SEEDS = range(4101, 4201)
"""One for each survey of the study."""
