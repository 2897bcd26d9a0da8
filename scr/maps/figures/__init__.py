"""Figures and interactive maps: what draws."""
