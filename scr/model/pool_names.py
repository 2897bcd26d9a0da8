"""Names of terms whose effects share a distribution."""

GROUP = "session"
"""What intercepts can be pooled over."""

SD = "session_sd"
"""Name of the term that is the standard deviation of sessions."""

OF_SD, OF_LENGTH = "sd", "log_length"
"""What stands in brackets after a smooth: its standard deviation, and the log of its length."""

OF_SCALE = "logit_scale"
"""What stands in brackets after a scale of effect: its place between the finest and coarsest."""

DENSITY = "density"
"""The parameter whose formula may have smooths."""
