"""Simulated populations and surveys, independent of the likelihood."""
