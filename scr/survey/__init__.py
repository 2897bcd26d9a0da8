"""Traps, effort, capture histories, and the survey they make."""
