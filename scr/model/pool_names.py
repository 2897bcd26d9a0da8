"""Names in formulas that pool sessions."""

GROUP = "session"
"""What intercepts can be pooled over."""

SD = "session_sd"
"""Name of the term that is the standard deviation of sessions."""
