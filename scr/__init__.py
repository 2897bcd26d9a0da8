"""Spatial capture-recapture with activity centres summed out over the habitat mask."""
