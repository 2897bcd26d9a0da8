"""Layouts of traps: patterns, criteria, comparison and choice."""
